/**
 * Files that survive a crash: afterwards there is the old file or the new one, whole, never a part.
 *
 * The calls that must reach the system, in this order:
 *
 *   openat(temporary, O_WRONLY | O_CREAT | O_EXCL, mode)   beside the target: rename needs one disk
 *   write(file, ...)
 *   fsync(file)                 before the rename, or a crash could leave the new name on no content
 *   close(file)
 *   rename(temporary, target)   replaces at once, also a symbolic link; never follows it
 *   openat(folder, O_RDONLY)
 *   fsync(folder)               or a crash could bring back the old name
 *   close(folder)
 *
 * (On macOS Node's fsync is F_FULLFSYNC, which reaches the disk. Windows has no fsync of a folder.)
 */
import { randomBytes } from 'node:crypto';
import { link, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toHex } from '../bytes/hex.ts';

/** The system calls that a durable write is made of. A test gives some that fail. */
export interface FileCalls {
  readonly open: typeof open;
  readonly rename: typeof rename;
  readonly unlink: typeof unlink;
}

/**
 * Writes a file, replacing an older one. A failure before the rename leaves the older one and no
 * temporary file; a crash may leave `<name>.<suffix>.tmp`, which nobody reads.
 *
 * @param path in a folder that exists
 * @param options.mode permissions of the file, such as 0o600, less what the umask takes
 * @param options.suffix of the temporary file, one that no other writer uses; 16 random hex digits
 * @throws the error of the system call that failed, unchanged. After a failure of the last three
 *   the new file is there but may not survive a crash
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array,
  options: { readonly mode: number; readonly suffix?: string; readonly files?: FileCalls },
): Promise<void> {
  const { mode, suffix = toHex(randomBytes(8)), files = { open, rename, unlink } } = options;
  const folder = dirname(path);
  const temporary = join(folder, `${basename(path)}.${suffix}.tmp`);
  // "wx" refuses what is there already, a planted symbolic link too; it is not ours to remove.
  const file = await files.open(temporary, 'wx', mode);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder, files);
}

/**
 * In place of the rename, for a file that is made once: it fails with EEXIST where a rename would put these
 * bytes over those of somebody who was faster.
 */
export const writeOnceFiles: FileCalls = {
  open,
  unlink,
  rename: async (temporary, path) => {
    await link(temporary, path);
    await unlink(temporary);
  },
};

/** What was made in a folder, or found there after a crash, keeps its name. */
export async function syncFolder(
  path: string,
  files: Pick<FileCalls, 'open'> = { open },
): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await files.open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
