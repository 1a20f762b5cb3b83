import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FileCalls, writeDurably } from '../../src/state/durable.ts';
import { temporaryFolder } from '../support/cli.ts';

const older = 'the older content';
const newer = new TextEncoder().encode('the newer content, which is longer');

/** A folder with an older file in it. */
function place(): { folder: string; path: string } {
  const folder = temporaryFolder();
  const path = join(folder, 'file.json');
  writeFileSync(path, older);
  return { folder, path };
}

/**
 * The real calls, until the one with the given number, which fails. After that either all work
 * again (`error`), or nothing has any effect any more (`crash`: the process is gone).
 */
function failingCalls(failAt: number, how: 'error' | 'crash'): FileCalls & { calls: string[] } {
  const calls: string[] = [];
  let dead = false;
  async function call<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
    if (dead) throw new Error('dead');
    calls.push(name);
    if (calls.length - 1 !== failAt) return run();
    dead = how === 'crash';
    // A write that fails has written some of it.
    if (name.startsWith('write')) await run();
    throw new Error(`${name} failed`);
  }
  function wrap(file: FileHandle, name: string): FileHandle {
    const wrapped = {
      writeFile: (bytes: Uint8Array) => {
        const part = calls.length === failAt ? bytes.subarray(0, bytes.length / 2) : bytes;
        return call(`write ${name}`, () => file.writeFile(part));
      },
      sync: () => call(`fsync ${name}`, () => file.sync()),
      // Closed in any case: the system does so when a process ends.
      close: () => call(`close ${name}`, async () => {}).finally(() => file.close()),
    };
    return wrapped as unknown as FileHandle;
  }
  return {
    calls,
    open: (path, flags, mode) => {
      const name = basename(String(path)).replace(/^touchstone-.*/, 'folder');
      return call(`open ${name} ${flags}`, async () => wrap(await open(path, flags, mode), name));
    },
    rename: (from, to) =>
      call(`rename ${basename(String(from))} ${basename(String(to))}`, () => rename(from, to)),
    unlink: (path) => call(`unlink ${basename(String(path))}`, () => unlink(path)),
  };
}

const order = [
  'open file.json.s.tmp wx',
  'write file.json.s.tmp',
  'fsync file.json.s.tmp',
  'close file.json.s.tmp',
  'rename file.json.s.tmp file.json',
  'open folder r',
  'fsync folder',
  'close folder',
];
const renamed = order.findIndex((call) => call.startsWith('rename'));
const options = { mode: 0o600, suffix: 's' };

describe('a durable write', () => {
  it('replaces the file and leaves nothing beside it', async () => {
    const { folder, path } = place();
    await writeDurably(path, newer, { mode: 0o600 });
    expect(new Uint8Array(readFileSync(path))).toEqual(newer);
    expect(readdirSync(folder)).toEqual(['file.json']);
  });

  it('makes a file that is not there', async () => {
    const folder = temporaryFolder();
    await writeDurably(join(folder, 'new'), new Uint8Array(), { mode: 0o600 });
    expect(readdirSync(folder)).toEqual(['new']);
  });

  it('makes its calls in the order that makes it durable', async () => {
    const { path } = place();
    const files = failingCalls(-1, 'error');
    await writeDurably(path, newer, { ...options, files });
    expect(files.calls).toEqual(order);
  });

  it.each([0o600, 0o640])('gives the permissions %o, whatever the older file had', async (mode) => {
    const { path } = place();
    await writeDurably(path, newer, { mode });
    expect(statSync(path).mode & 0o777).toBe(mode & ~process.umask());
  });

  it('uses another temporary file each time', async () => {
    const names = new Set<string>();
    for (let time = 0; time < 3; time++) {
      const { path } = place();
      const files = failingCalls(-1, 'error');
      await writeDurably(path, newer, { mode: 0o600, files });
      names.add(files.calls[0] ?? '');
    }
    expect(names.size).toBe(3);
    for (const name of names) expect(name).toMatch(/^open file\.json\.[0-9a-f]{16}\.tmp wx$/);
  });

  it('of many at once leaves one of them whole', async () => {
    const { folder, path } = place();
    const contents = Array.from({ length: 20 }, (_, n) => new Uint8Array(5000).fill(n));
    await Promise.all(contents.map((bytes) => writeDurably(path, bytes, { mode: 0o600 })));
    expect(contents).toContainEqual(new Uint8Array(readFileSync(path)));
    expect(readdirSync(folder)).toEqual(['file.json']);
  });
});

describe('a durable write that fails', () => {
  it.each(order.map((call, step) => [call, step] as const))(
    'at "%s" leaves one whole file and no temporary one',
    async (call, step) => {
      const { folder, path } = place();
      const files = failingCalls(step, 'error');
      await expect(writeDurably(path, newer, { ...options, files })).rejects.toThrow(
        `${call.split(' ')[0]}`,
      );
      const expected = step <= renamed ? older : new TextDecoder().decode(newer);
      expect(readFileSync(path, 'utf8')).toBe(expected);
      expect(readdirSync(folder)).toEqual(['file.json']);
    },
  );

  it('leaves a temporary file that it did not make', async () => {
    const { folder, path } = place();
    writeFileSync(join(folder, 'file.json.s.tmp'), 'another writer');
    await expect(writeDurably(path, newer, options)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(join(folder, 'file.json.s.tmp'), 'utf8')).toBe('another writer');
    expect(readFileSync(path, 'utf8')).toBe(older);
  });

  it.each([
    ['the folder is not there', 'ENOENT', (folder: string) => join(folder, 'none', 'file.json')],
    ['the folder is a file', 'ENOTDIR', (folder: string) => join(folder, 'file.json', 'file.json')],
  ])('because %s says so', async (_, code, pathIn) => {
    const { folder } = place();
    await expect(writeDurably(pathIn(folder), newer, options)).rejects.toMatchObject({ code });
  });

  it('because a folder has its name leaves no temporary file', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'file.json'));
    await expect(writeDurably(join(folder, 'file.json'), newer, options)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['file.json']);
  });
});

describe('a crash during a durable write', () => {
  it.each(order.map((call, step) => [call, step] as const))(
    'at "%s" leaves the older file or the newer, and the next write works',
    async (_, step) => {
      const { path } = place();
      const files = failingCalls(step, 'crash');
      await expect(writeDurably(path, newer, { ...options, files })).rejects.toThrow();
      const expected = step <= renamed ? older : new TextDecoder().decode(newer);
      expect(readFileSync(path, 'utf8')).toBe(expected);
      await writeDurably(path, newer, { mode: 0o600 });
      expect(new Uint8Array(readFileSync(path))).toEqual(newer);
    },
  );
});

describe('a planted symbolic link', () => {
  it('in place of the file is replaced, and what it points to stays', async () => {
    const { folder, path } = place();
    symlinkSync(path, join(folder, 'link.json'));
    await writeDurably(join(folder, 'link.json'), newer, { mode: 0o600 });
    expect(readFileSync(path, 'utf8')).toBe(older);
    expect(new Uint8Array(readFileSync(join(folder, 'link.json')))).toEqual(newer);
  });

  it('in place of the temporary file is not followed', async () => {
    const { folder, path } = place();
    symlinkSync(join(folder, 'victim'), join(folder, 'file.json.s.tmp'));
    await expect(writeDurably(path, newer, options)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readdirSync(folder)).not.toContain('victim');
  });
});
