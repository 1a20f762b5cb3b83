import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { encodeOwner } from '../../src/activation/owner.ts';
import { TouchstoneError } from '../../src/errors/error.ts';
import { findOwner, loadOwner, ownerFile } from '../../src/state/owner.ts';
import { temporaryFolder, unusableFolder } from '../support/cli.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const never = () => {
  throw new Error('no key may be made here');
};

/** A state folder with an owner, and where its file stands. */
async function made() {
  const folder = join(temporaryFolder(), 'state');
  const owner = await loadOwner(folder, random);
  return { folder, owner, path: join(folder, ownerFile) };
}

async function expectUnusable(act: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await act.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TouchstoneError);
  expect(error).toMatchObject({ code: 'STATE_UNUSABLE', message: expect.stringMatching(message) });
}

describe('the owner key', () => {
  it('is made once, and found ever after', async () => {
    const { folder, owner, path } = await made();
    expect(readdirSync(folder)).toEqual([ownerFile]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(path).nlink).toBe(1);
    expect((await loadOwner(folder, never)).hashHex).toBe(owner.hashHex);
    expect((await findOwner(folder))?.hashHex).toBe(owner.hashHex);
    const message = Uint8Array.of(1);
    expect((await loadOwner(folder, never)).sign(message)).toEqual(owner.sign(message));
  });

  it('is another one on another computer', async () => {
    expect((await made()).owner.hashHex).not.toBe((await made()).owner.hashHex);
  });

  it('is not made by looking for it', async () => {
    const folder = join(temporaryFolder(), 'state');
    expect(await findOwner(folder)).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
  });

  it('is one, though many ask for it at once', async () => {
    const folder = join(temporaryFolder(), 'state');
    const owners = await Promise.all(Array.from({ length: 12 }, () => loadOwner(folder, random)));
    expect(new Set(owners.map(({ hashHex }) => hashHex)).size).toBe(1);
    expect(readdirSync(folder)).toEqual([ownerFile]);
  });

  it('a copy put back from elsewhere counts', async () => {
    const { folder, path } = await made();
    const seed = new Uint8Array(32).fill(9);
    rmSync(path);
    writeFileSync(path, encodeOwner(seed), { mode: 0o600 });
    expect(readFileSync(path, 'utf8')).toBe(encodeOwner(seed));
    expect((await loadOwner(folder, never)).publicKey).toHaveLength(32);
  });
});

describe('an owner key that cannot be used', () => {
  test.each<readonly [string, (path: string) => void, RegExp]>([
    [
      'is cut off',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, -2)),
      /is damaged/,
    ],
    ['is empty', (path) => writeFileSync(path, ''), /is damaged/],
    [
      'has a byte more',
      (path) => writeFileSync(path, `${readFileSync(path, 'utf8')}\n`),
      /is damaged/,
    ],
    ['is of zeros', (path) => writeFileSync(path, Buffer.alloc(158)), /is damaged/],
    ['is large', (path) => writeFileSync(path, 'x'.repeat(100_000)), /is too large/],
    [
      'has an altered seed',
      (path) =>
        writeFileSync(
          path,
          readFileSync(path, 'utf8').replace(
            /secret (.)/,
            (_, digit) => `secret ${digit === '0' ? '1' : '0'}`,
          ),
        ),
      /is damaged/,
    ],
    ['can be read by others', (path) => chmodSync(path, 0o640), /others than you/],
    ['can be written by all', (path) => chmodSync(path, 0o602), /others than you/],
    [
      'is a folder',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
      /no regular file/,
    ],
    [
      'is a link to another',
      (path) => {
        linkSync(path, `${path}.real`);
        rmSync(path);
        symlinkSync(`${path}.real`, path);
      },
      /no regular file/,
    ],
    [
      'is a pipe',
      (path) => {
        rmSync(path);
        execFileSync('mkfifo', ['-m', '600', path]);
      },
      /no regular file/,
    ],
  ])('%s', async (_name, damage, why) => {
    const { folder, path } = await made();
    damage(path);
    const before = readdirSync(folder);
    const kept = statSync(path).isFile() ? readFileSync(path) : undefined;
    for (const act of [() => findOwner(folder), () => loadOwner(folder, never)]) {
      await expectUnusable(act(), why);
      await expectUnusable(act(), new RegExp(path));
    }
    expect(readdirSync(folder)).toEqual(before);
    if (kept !== undefined) expect(readFileSync(path)).toEqual(kept);
  });

  it('has no place to be', async () => {
    await expectUnusable(loadOwner(unusableFolder, random), /cannot be used/);
  });

  it('every user of the computer may write there', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    await expectUnusable(loadOwner(folder, random), /every user/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
