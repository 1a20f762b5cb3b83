/**
 * The owner key of this computer's user, in the state folder: `owner.key`, for this user alone (0600).
 *
 * It is made once and never written over. Who lost it is another owner, to whom every own card looks like
 * one that somebody else activated; so a file that cannot be read is an error, and no new key is made in
 * its place. The text of the file is that of activation/owner.ts.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOwner, type OwnerKey, parseOwner } from '../activation/owner.ts';
import { utf8 } from '../bytes/bytes.ts';
import { codeOf } from '../errors/cause.ts';
import { TouchstoneError } from '../errors/error.ts';
import { writeDurably, writeOnceFiles } from './durable.ts';
import { makeStateFolder, stateUnusable } from './folder.ts';
import { readSmallFile } from './small-file.ts';

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
    const text = utf8(encodeOwner(random(32)));
    await writeDurably(path, text, { mode: 0o600, files: writeOnceFiles });
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw stateUnusable(folder, cause);
  }
  // What stands there counts, be it ours or that of a process that was faster.
  const owner = await findOwner(folder);
  if (owner === undefined) throw unusable(join(folder, ownerFile), 'it was taken away at once');
  return owner;
}

/** @returns undefined when there is no such file */
async function readSecret(path: string): Promise<string | undefined> {
  // A symbolic link could lead anywhere.
  const found = await readSmallFile(path, maxFileBytes, { follow: false });
  if (found.kind === 'missing') return undefined;
  if (found.kind === 'unfit') throw unusable(path, found.why, found.cause);
  if (found.isPrivate) return found.text;
  throw unusable(path, 'others than you may read or write it: take that from them (mode 0600)');
}

function unusable(path: string, why: string, cause?: unknown): TouchstoneError {
  return new TouchstoneError(
    'STATE_UNUSABLE',
    `Your owner key, ${path}, cannot be used: ${why}. No new one was made in its place.`,
    { cause },
  );
}
