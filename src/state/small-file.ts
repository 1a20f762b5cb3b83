/**
 * Reads a small file of ours that somebody may have put something else in place of: a FIFO, which would be
 * waited for, a device without an end, a folder, a large file.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf } from '../errors/cause.ts';

export type SmallFile =
  | { readonly kind: 'read'; readonly text: string; readonly isPrivate: boolean }
  | { readonly kind: 'missing' }
  /** `why` is the end of a sentence. */
  | { readonly kind: 'unfit'; readonly why: string; readonly cause?: unknown };

/**
 * @param maxBytes a longer file is not read
 * @param options.follow whether a symbolic link may stand for it
 * @returns `isPrivate`: nobody but its owner may read or write it. Windows has no such bits: always true
 */
export async function readSmallFile(
  path: string,
  maxBytes: number,
  { follow }: { readonly follow: boolean },
): Promise<SmallFile> {
  let file: FileHandle;
  try {
    const link = follow ? 0 : (constants.O_NOFOLLOW ?? 0);
    file = await open(path, constants.O_RDONLY | link | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'unfit', why: 'you may not read it, or it is no regular file', cause };
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) return { kind: 'unfit', why: 'it is no regular file' };
    if (found.size > maxBytes) return { kind: 'unfit', why: 'it is too large' };
    const buffer = new Uint8Array(maxBytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      // It grew since it was measured.
      if (length > maxBytes) return { kind: 'unfit', why: 'it is too large' };
      if (bytesRead === 0) break;
    }
    const isPrivate = process.platform === 'win32' || (found.mode & 0o077) === 0;
    return { kind: 'read', text: new TextDecoder().decode(buffer.subarray(0, length)), isPrivate };
  } catch (cause) {
    return { kind: 'unfit', why: 'it cannot be read', cause };
  } finally {
    await file.close();
  }
}
