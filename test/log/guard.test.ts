/** The file that says what was signed last. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openGuard } from '../../src/log/guard.ts';
import { temporaryFolder } from '../support/running-logs.ts';

const root = (byte: number) => new Uint8Array(32).fill(byte);
const lineOf = (byte: number) => Buffer.from(root(byte)).toString('base64');

const newPath = async () => join(await temporaryFolder(), 'signed');

describe('a guard', () => {
  it('remembers the largest head over openings, for its owner alone', async () => {
    const path = await newPath();
    const guard = await openGuard(path);
    expect(await guard.last()).toBeUndefined();
    await guard.remember({ size: 5n, root: root(5) });
    expect(await readFile(path, 'utf8')).toBe(`5\n${lineOf(5)}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await guard.remember({ size: 4n, root: root(4) });
    expect(await guard.last()).toEqual({ size: 5n, root: root(5) });
    expect(await (await openGuard(path)).last()).toEqual({ size: 5n, root: root(5) });
  });

  it('holds the largest size that there can be', async () => {
    const path = await newPath();
    const head = { size: 2n ** 63n - 1n, root: root(1) };
    await (await openGuard(path)).remember(head);
    expect(await (await openGuard(path)).last()).toEqual(head);
  });

  it('never goes back, also when another process remembered more', async () => {
    const path = await newPath();
    const [slow, fast] = [await openGuard(path), await openGuard(path)];
    await fast.remember({ size: 20n, root: root(20) });
    await slow.remember({ size: 15n, root: root(15) }).catch(() => undefined);
    expect(await readFile(path, 'utf8')).toBe(`20\n${lineOf(20)}\n`);
  });

  it.each([
    ['empty', ''],
    ['cut', `5\n${lineOf(5).slice(0, 20)}`],
    ['without its last line feed', `5\n${lineOf(5)}`],
    ['with more behind it', `5\n${lineOf(5)}\n\n`],
    ['with a leading zero', `05\n${lineOf(5)}\n`],
    ['negative', `-5\n${lineOf(5)}\n`],
    ['with a size above 2^63-1', `9223372036854775808\n${lineOf(5)}\n`],
    ['with a root of 31 bytes', `5\n${Buffer.alloc(31).toString('base64')}\n`],
    ['with bits behind its root', `5\n${lineOf(0).slice(0, 42)}B=\n`],
    ['of zeros, as after a crash of the machine', '\0'.repeat(48)],
  ])('%s is not taken for "nothing was signed"', async (_, text) => {
    const path = await newPath();
    await writeFile(path, text);
    await expect(openGuard(path)).rejects.toMatchObject({
      code: 'LOG_UNSUITABLE',
      message: expect.stringContaining(path),
    });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('that cannot be read is an error', async () => {
    const path = await newPath();
    await mkdir(path);
    await expect(openGuard(path)).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
  });

  it('does not believe what it could not write', async () => {
    const folder = await temporaryFolder();
    const guard = await openGuard(join(folder, 'gone', 'signed'));
    await expect(guard.remember({ size: 1n, root: root(1) })).rejects.toThrow();
    expect(await guard.last()).toBeUndefined();
    await mkdir(join(folder, 'gone'));
    await guard.remember({ size: 1n, root: root(1) });
    expect(await readdir(join(folder, 'gone'))).toEqual(['signed']);
  });
});
