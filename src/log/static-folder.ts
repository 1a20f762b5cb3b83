/**
 * A log as a folder of plain files: an export, a copy of a web server's folder, a mirror. The folder may be
 * anybody's, so links that lead out of it are not followed, and nothing but regular files is read.
 *
 * Beside the files of C2SP tlog-tiles, `checkpoint.<size>` are earlier checkpoints that somebody kept.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { codeOf } from '../errors/cause.ts';
import { LogError } from '../errors/error.ts';
import { maxSize } from '../tlog/merkle.ts';
import { maxNoteBytes } from '../tlog/note.ts';
import type { LogSource, OlderCheckpoint } from './source.ts';
import { noteText, staticSource } from './static-source.ts';

/** Earlier checkpoints in one folder. */
const maxOlder = 10_000;

/**
 * @param folder may itself be a symbolic link
 * @throws LogError LOG_UNSUITABLE when there is no such folder, LOG_UNAVAILABLE when it cannot be read.
 *   Whether it holds a log shows when its checkpoint is asked for
 */
export async function openStaticFolder(folder: string): Promise<LogSource> {
  const root = await requireFolder(folder);
  const read = (path: string, maxBytes: number) => readInside(root, path, maxBytes);
  return staticSource({
    place: folder,
    read,
    signedAfter: async (size, limit) => {
      const sizes = (await olderSizes(root)).filter((older) => older > size).slice(0, limit);
      const found: OlderCheckpoint[] = [];
      for (const older of sizes) {
        const bytes = await read(`checkpoint.${older}`, maxNoteBytes);
        if (bytes === undefined) continue;
        found.push({ size: older, note: noteText(bytes, join(folder, `checkpoint.${older}`)) });
      }
      return found;
    },
  });
}

async function requireFolder(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) return root;
  } catch (cause) {
    if (!isMissing(cause)) throw unreadable(folder, cause);
  }
  throw new LogError('LOG_UNSUITABLE', `There is no folder ${folder}.`);
}

/** Their sizes, ascending. */
async function olderSizes(root: string): Promise<bigint[]> {
  const names = await readdir(root).catch((cause: unknown) => {
    throw unreadable(root, cause);
  });
  const sizes = names
    .map((name) => /^checkpoint\.(0|[1-9]\d{0,18})$/.exec(name)?.[1])
    .flatMap((digits) => (digits === undefined ? [] : [BigInt(digits)]))
    .filter((size) => size <= maxSize);
  if (sizes.length > maxOlder) {
    throw new LogError('LOG_MALFORMED', `${root} has more than ${maxOlder} earlier checkpoints.`);
  }
  return sizes.sort((a, b) => (a < b ? -1 : 1));
}

/**
 * The bytes of a file of a folder.
 *
 * @param root as `realpath` gives it
 * @returns undefined when there is none, or a link leads out of the folder
 * @throws LogError LOG_MALFORMED when it is longer than `maxBytes` or no regular file, LOG_UNAVAILABLE
 */
export async function readInside(
  root: string,
  path: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const shown = join(root, path);
  let file: FileHandle;
  try {
    const real = await realpath(shown);
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    // Opening a FIFO would wait for its writer.
    const flags = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    file = await open(real, constants.O_RDONLY | flags);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw unreadable(shown, cause);
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new LogError('LOG_MALFORMED', `${shown} is no regular file.`);
    if (found.size > maxBytes) throw tooLong(shown, maxBytes);
    // One byte more than it had: a file that grows meanwhile is noticed.
    const buffer = new Uint8Array(found.size + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (length > found.size) throw tooLong(shown, found.size);
      if (bytesRead === 0) return buffer.subarray(0, length);
    }
  } catch (cause) {
    throw cause instanceof LogError ? cause : unreadable(shown, cause);
  } finally {
    await file.close();
  }
}

function tooLong(path: string, maxBytes: number): LogError {
  return new LogError('LOG_MALFORMED', `${path} is longer than ${maxBytes} bytes.`);
}

function isMissing(cause: unknown): boolean {
  const code = codeOf(cause);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}

function unreadable(path: string, cause: unknown): LogError {
  return new LogError('LOG_UNAVAILABLE', `${path} cannot be read.`, { cause });
}
