/** The folder of a log. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogFolder, openLogFolder, openRows, readPolicy } from '../../src/log/folder.ts';
import { KeyType } from '../../src/tlog/key.ts';
import { encodeSecret, parseSecret } from '../../src/tlog/signer.ts';
import { entry, expectProven, fill, temporaryFolder } from '../support/running-logs.ts';
import { testSeed } from '../support/witnessing.ts';

const run = promisify(execFile);

const origin = 'log.example.org/folder';
const seed = testSeed(origin);
const world = {
  now: Date.now,
  post: async () => ({ kind: 'failed', why: 'unreachable' }) as const,
  settings: { checkpointMillis: 5 },
};

async function newFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), 'deep', 'log');
  await createLogFolder({ folder, origin, seed });
  return folder;
}

const unsuitable = (about: RegExp) => ({
  code: 'LOG_UNSUITABLE',
  message: expect.stringMatching(about),
});

describe('making the folder of a log', () => {
  it('writes key, policy and rows, the key for its owner alone', async () => {
    const folder = await newFolder();
    const names = await readdir(folder);
    expect(names.filter((name) => !name.startsWith('log.db-')).sort()).toEqual([
      'key',
      'log.db',
      'policy',
      'signed',
    ]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'key'))).mode & 0o777).toBe(0o600);
    const key = (await readFile(join(folder, 'key'), 'utf8')).trimEnd();
    expect(parseSecret(key)).toEqual({ name: origin, type: KeyType.ed25519, seed });
    expect((await readPolicy(folder)).logs.map((log) => log.origin)).toEqual([origin]);
  });

  it('takes an empty folder, and takes it from all others', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    await createLogFolder({ folder, origin, seed });
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await (await openLogFolder(folder, world)).close();
  });

  it('writes nothing over what is there', async () => {
    const folder = await newFolder();
    const key = await readFile(join(folder, 'key'), 'utf8');
    const again = createLogFolder({ folder, origin, seed: testSeed('another') });
    await expect(again).rejects.toMatchObject(unsuitable(/holds something already/));
    expect(await readFile(join(folder, 'key'), 'utf8')).toBe(key);
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, 'something');
    await expect(createLogFolder({ folder: file, origin, seed })).rejects.toMatchObject(
      unsuitable(/cannot be made or read/),
    );
    expect(await readFile(file, 'utf8')).toBe('something');
  });

  it('that did not come to its end can be tried again', async () => {
    const folder = join(await temporaryFolder(), 'log');
    const database = 'postgres://nobody:secret@127.0.0.1:9/none';
    const failed = createLogFolder({ folder, origin, seed, database });
    await expect(failed).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await expect(failed).rejects.not.toThrow('secret');
    await createLogFolder({ folder, origin, seed });
    await (await openLogFolder(folder, world)).close();
  });
});

describe('opening the folder of a log', () => {
  it('goes on where it was left', async () => {
    const folder = await newFolder();
    const first = await openLogFolder(folder, world);
    await fill(first, 0, 3);
    await first.close();
    expect(await readFile(join(folder, 'signed'), 'utf8')).toMatch(/^3\n/);
    const second = await openLogFolder(folder, world);
    onTestFinished(() => second.close());
    expect(await second.append({ bytes: entry(1) })).toMatchObject({ known: true });
    await fill(second, 3, 5);
    const policy = await readPolicy(folder);
    for (const n of [0, 4]) {
      const { index } = await second.append({ bytes: entry(n) });
      await expectProven(second, index, entry(n), policy);
    }
  });

  it('for reading needs no key, and makes nothing', async () => {
    const folder = await newFolder();
    await chmod(join(folder, 'key'), 0);
    const rows = await openRows(folder);
    expect((await rows.identity()).origin).toBe(origin);
    await rows.close();
    const empty = await temporaryFolder();
    await expect(openRows(empty)).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
    expect(await readdir(empty)).toEqual([]);
  });

  it('by two at once is done by one, and the other touches nothing', async () => {
    for (let round = 0; round < 5; round++) {
      const folder = join(await temporaryFolder(), 'log');
      const make = (seed: number) =>
        createLogFolder({ folder, origin, seed: new Uint8Array(32).fill(seed) });
      const results = await Promise.allSettled([make(1), make(2)]);
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const log = await openLogFolder(folder, world);
      await fill(log, 0, 1);
      await log.close();
    }
  });

  it.each(['key', 'policy'])('without its %s says what is missing', async (name) => {
    const folder = await newFolder();
    const { rm } = await import('node:fs/promises');
    await rm(join(folder, name));
    await expect(openLogFolder(folder, world)).rejects.toMatchObject(
      unsuitable(new RegExp(`it has no ${name}`)),
    );
  });

  it('says so where there is none', async () => {
    const folder = join(await temporaryFolder(), 'none');
    await expect(openLogFolder(folder, world)).rejects.toMatchObject(unsuitable(/not the folder/));
  });

  it.each([
    ['an empty key', 'key', ''],
    ['a key that is cut', 'key', 'PRIVATE+KEY+log.example'],
    ['an empty policy', 'policy', ''],
    ['a policy that is none', 'policy', 'log\n'],
    ['what was signed, damaged', 'signed', '3\n'],
    ['a file that is too large', 'policy', '#'.repeat(1024 * 1024 + 1)],
    ['an empty database', 'log.db', ''],
    ['a database that is none', 'log.db', 'x'.repeat(4096)],
    ['the address of a database that is none', 'database', 'http://example.org\n'],
  ])('refuses %s', async (_, name, content) => {
    const folder = await newFolder();
    await writeFile(join(folder, name), content);
    await expect(openLogFolder(folder, world)).rejects.toMatchObject({
      code: expect.stringMatching(/^LOG_(UNSUITABLE|MALFORMED)$/),
    });
    if (name !== 'log.db') expect(await readFile(join(folder, name), 'utf8')).toBe(content);
  });

  it('refuses the key of a witness, and a key for another log', async () => {
    const folder = await newFolder();
    const path = join(folder, 'key');
    await writeFile(path, `${encodeSecret(origin, KeyType.cosignature, seed)}\n`);
    await expect(openLogFolder(folder, world)).rejects.toMatchObject(unsuitable(/of a witness/));
    await writeFile(path, `${encodeSecret('log.example.org/x', KeyType.ed25519, seed)}\n`);
    await expect(openLogFolder(folder, world)).rejects.toMatchObject(unsuitable(/does not belong/));
  });

  it('refuses a folder in the place of a file', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'database'));
    await expect(openLogFolder(folder, world)).rejects.toMatchObject(unsuitable(/no regular file/));
  });

  it.each(['key', 'database'])('refuses a file %s that others may read', async (name) => {
    const folder = await newFolder();
    await writeFile(join(folder, name), await readFile(join(folder, 'key')));
    await chmod(join(folder, name), 0o644);
    await expect(openLogFolder(folder, world)).rejects.toMatchObject(unsuitable(/others than you/));
  });

  it.each(['policy', 'signed'])('reads no device and no pipe in the place of %s', async (name) => {
    const folder = await newFolder();
    const path = join(folder, name);
    for (const make of [() => symlink('/dev/zero', path), () => run('mkfifo', [path])]) {
      await rm(path, { force: true });
      await make();
      await expect(openLogFolder(folder, world)).rejects.toMatchObject(
        unsuitable(/no regular file/),
      );
    }
  });
});
