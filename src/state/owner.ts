/**
 * The owner key of this computer's user, in the state folder: `owner.key`, for this user alone (0600).
 *
 * It is made once and never written over. Who lost it is another owner, to whom every own card looks like
 * one that somebody else activated; so a file that cannot be read is an error, and no new key is made in
 * its place. The text of the file is that of activation/owner.ts.
 */
import { constants, type PathLike } from 'node:fs';
import { link, open, realpath, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOwner, type OwnerKey, parseOwner } from '../activation/owner.ts';
import { utf8 } from '../bytes/bytes.ts';
import { codeOf } from '../errors/cause.ts';
import { TouchstoneError } from '../errors/error.ts';
import { writeDurably } from './durable.ts';
import { makeStateFolder, stateUnusable } from './folder.ts';

/** Name of the file in the state folder. */
export const ownerFile = 'owner.key';

/** Three lines. */
const maxFileBytes = 1024;

/**
 * The owner key; undefined where none was made yet.
 *
 * @param folder absolute path of the state folder
 * @throws TouchstoneError STATE_UNUSABLE naming the file when it is damaged, others may read it, or it is no
 *   regular file
 */
export async function findOwner(folder: string): Promise<OwnerKey | undefined> {
  const path = join(folder, ownerFile);
  const text = await readSecret(path);
  if (text === undefined) return undefined;
  const owner = parseOwner(text);
  if (owner === undefined) throw unusable(path, 'it is damaged: put a copy of it back');
  return owner;
}

/**
 * The owner key, made where there is none. Of two processes that make it at once, both get the same one.
 *
 * @param folder absolute path of the state folder
 * @param random cryptographically secure random bytes
 * @throws TouchstoneError STATE_UNUSABLE as `findOwner`, and when it cannot be written
 */
export async function loadOwner(
  folder: string,
  random: (length: number) => Uint8Array,
): Promise<OwnerKey> {
  const found = await findOwner(folder);
  if (found !== undefined) return found;
  await makeStateFolder(folder);
  try {
    const path = join(await realpath(folder), ownerFile);
    const files = { open, unlink, rename: linkAnew };
    await writeDurably(path, utf8(encodeOwner(random(32))), { mode: 0o600, files });
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw stateUnusable(folder, cause);
  }
  // What stands there counts, be it ours or that of a process that was faster.
  const owner = await findOwner(folder);
  if (owner === undefined) throw unusable(join(folder, ownerFile), 'it was taken away at once');
  return owner;
}

/** In place of a rename, which would put this key over one that another process made meanwhile. */
async function linkAnew(temporary: PathLike, path: PathLike): Promise<void> {
  await link(temporary, path);
  await unlink(temporary);
}

/** @returns undefined when there is no such file */
async function readSecret(path: string): Promise<string | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    // A symbolic link could lead anywhere, and the opening of a FIFO would wait for its writer.
    const flags = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    file = await open(path, constants.O_RDONLY | flags);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unusable(path, 'you may not read it, or it is no regular file', cause);
  }
  try {
    const { mode, size, isFile } = await statOf(file);
    if (!isFile) throw unusable(path, 'it is no regular file');
    // Whoever reads it is this owner. Windows has no such bits.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw unusable(path, 'others than you may read or write it: take that from them (mode 0600)');
    }
    if (size > maxFileBytes) throw unusable(path, 'it is damaged: put a copy of it back');
    const buffer = new Uint8Array(maxFileBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } catch (cause) {
    if (cause instanceof TouchstoneError) throw cause;
    throw unusable(path, 'it cannot be read', cause);
  } finally {
    await file.close();
  }
}

async function statOf(file: Awaited<ReturnType<typeof open>>) {
  const found = await file.stat();
  return { mode: found.mode, size: found.size, isFile: found.isFile() };
}

function unusable(path: string, why: string, cause?: unknown): TouchstoneError {
  return new TouchstoneError(
    'STATE_UNUSABLE',
    `Your owner key, ${path}, cannot be used: ${why}. No new one was made in its place.`,
    { cause },
  );
}
