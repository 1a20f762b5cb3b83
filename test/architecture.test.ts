/** The house: imports go downward only, and only the I/O rooms touch the world. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

/** From the ground up. A room may import from itself and from rooms before it. */
const rooms = [
  'src/errors',
  'src/bytes',
  'src/apdu',
  'src/reader',
  'src/trust',
  'src/evidence',
  'src/families',
  'src/appraisal',
  'src/tlog',
  'src/activation',
  'src/net',
  'src/state',
  'src/store',
  'src/log',
  'src/verifier',
  'src/report',
  'src/simulator',
  'src/index.ts',
  'server',
  'cli',
];

const ioRooms = new Set([
  'src/reader',
  'src/net',
  'src/state',
  'src/store',
  'src/log',
  'src/simulator',
  'server',
  'cli',
]);

/** Imports and calls that reach clock, randomness, network, files or devices. */
const world =
  /from 'node:(?:fs|net|http|https|dgram|child_process|os|worker_threads)|\bDate\.now\(|new Date\(\)|\bMath\.random\(|randomBytes|performance\.now|process\.(?:env|argv|exit)|\bfetch\(/;

const files = ['src', 'server', 'cli'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
);

const roomOf = (file: string) =>
  rooms.findIndex((room) => file === room || file.startsWith(`${room}/`));

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) =>
    join(file, '..', match[1] ?? ''),
  );
}

describe('the house', () => {
  it('has a room for every file', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => roomOf(file) === -1)).toEqual([]);
  });

  it.each(files)('%s imports downward only', (file) => {
    const upward = importsOf(file).filter((target) => roomOf(target) > roomOf(file));
    expect(upward).toEqual([]);
  });

  it.each(files.filter((file) => !ioRooms.has(rooms[roomOf(file)] ?? '')))(
    '%s does not touch the world',
    (file) => {
      expect(readFileSync(join(root, file), 'utf8')).not.toMatch(world);
    },
  );

  it('the library entry is the top of src, and nobody imports it', () => {
    expect(files).toContain('src/index.ts');
    expect(files.filter((file) => importsOf(file).includes('src/index.ts'))).toEqual([]);
  });

  it('the library entry brings no virtual cards', () => {
    const simulated = importsOf('src/index.ts').filter((file) => file.includes('simulator'));
    expect(simulated).toEqual([]);
  });

  it('virtual cards share no encoder with the families that they imitate', () => {
    const shared = files
      .filter((file) => file.startsWith('src/simulator/'))
      .flatMap(importsOf)
      .filter((target) => /^src\/(families|apdu|trust|evidence)\//.test(target));
    expect(shared).toEqual([]);
  });

  it('signatures are verified, and keys read, in one room', () => {
    const doors =
      /\b(?:verify|createVerify|createPublicKey|X509Certificate)\b[^;]*from 'node:crypto'|from '@noble\/(?:curves|post-quantum)/;
    const others = files
      .filter((file) => !/^src\/(?:trust|simulator)\//.test(file))
      .filter((file) => doors.test(readFileSync(join(root, file), 'utf8')));
    expect(others).toEqual([]);
    expect(readFileSync(join(root, 'src/trust/secp256k1.ts'), 'utf8')).toMatch(doors);
    expect(readFileSync(join(root, 'src/trust/ml-dsa.ts'), 'utf8')).toMatch(doors);
  });

  it('families know nothing of registry or verdict', () => {
    const known = files
      .filter((file) => file.startsWith('src/families/'))
      .flatMap(importsOf)
      .filter((target) => /registry|appraisal/.test(target));
    expect(known).toEqual([]);
  });

  it('notices an import that goes up, and a look at the clock', () => {
    expect(roomOf('src/appraisal/table.ts')).toBeGreaterThan(roomOf('src/bytes/hex.ts'));
    expect('const at = Date.now();').toMatch(world);
  });
});
