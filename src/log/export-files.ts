/**
 * Files of an export: made once, durable, never replaced.
 *
 * A file that is there already is read and compared. Other bytes under the same name mean that two trees
 * share one folder: that stops the export, and the file stays as it is. Where it is the same, and a crash
 * came between its making and the fsync of its folder, that is made up for.
 */
import { lstat, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { equal } from '../bytes/bytes.ts';
import { codeOf } from '../errors/cause.ts';
import { LogError, TouchstoneError } from '../errors/error.ts';
import { syncFolder, writeDurably, writeOnceFiles } from '../state/durable.ts';
import { readInside } from './static-folder.ts';

/** An export is for everybody to read, as by a web server. */
const folderMode = 0o755;
const fileMode = 0o644;

/** True for the name of a file that a crash within a durable write left behind; nobody reads it. */
export function isLeftover(name: string): boolean {
  return /^[a-z0-9]+\.[0-9a-f]{16}\.tmp$/.test(name);
}

/** Folders and files below one root. */
export class ExportFiles {
  /** As `realpath` gives it. */
  readonly root: string;
  readonly #made = new Set<string>();

  private constructor(root: string) {
    this.root = root;
  }

  /** Opens a folder, which is made where there is none. @throws LogError LOG_UNSUITABLE, LOG_UNAVAILABLE */
  static async open(folder: string): Promise<ExportFiles> {
    return unavailable(folder, async () => {
      const made = await mkdir(folder, { recursive: true, mode: folderMode });
      const root = await realpath(folder);
      if (!(await stat(root)).isDirectory()) throw notFolder(folder);
      if (made !== undefined) await syncFolder(dirname(root));
      return new ExportFiles(root);
    });
  }

  /** Names of all that lies in the root. */
  async names(): Promise<readonly string[]> {
    return unavailable(this.root, () => readdir(this.root));
  }

  /** @returns undefined when there is none */
  async read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return readInside(this.root, path, maxBytes);
  }

  /**
   * Makes a file, durably.
   *
   * @param path below the root, parts by `/`
   * @returns false when it was there already with the same bytes
   * @throws LogError LOG_WRONG when it is there with other bytes; LOG_UNSUITABLE when a link or a file
   *   stands in the place of a folder; LOG_UNAVAILABLE
   */
  async putOnce(path: string, bytes: Uint8Array): Promise<boolean> {
    await this.#makeFolders(path.split('/').slice(0, -1));
    const target = join(this.root, path);
    return unavailable(target, async () => {
      if (await this.#isThere(path, bytes)) {
        await syncFolder(dirname(target));
        return false;
      }
      try {
        await writeDurably(target, bytes, { mode: fileMode, files: writeOnceFiles });
        return true;
      } catch (cause) {
        if (codeOf(cause) === 'EEXIST' && (await this.#isThere(path, bytes))) return false;
        throw cause;
      }
    });
  }

  /** Makes a file or replaces an older one, durably. */
  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.root, path);
    await unavailable(target, () => writeDurably(target, bytes, { mode: fileMode }));
  }

  async #isThere(path: string, bytes: Uint8Array): Promise<boolean> {
    const target = join(this.root, path);
    const found = await lstat(target).catch((cause: unknown) => {
      if (codeOf(cause) === 'ENOENT') return undefined;
      throw cause;
    });
    if (found === undefined) return false;
    const there = found.isFile()
      ? await this.read(path, bytes.length + 1).catch(longer)
      : undefined;
    if (there !== undefined && equal(there, bytes)) return true;
    throw new LogError(
      'LOG_WRONG',
      `${target} is there already and is another: two logs share this folder, or it was altered.`,
    );
  }

  async #makeFolders(names: readonly string[]): Promise<void> {
    let path = this.root;
    for (const name of names) {
      const parent = path;
      path = join(parent, name);
      if (this.#made.has(path)) continue;
      await unavailable(path, async () => {
        const made = await mkdir(path, { mode: folderMode }).then(
          () => true,
          (cause: unknown) => {
            if (codeOf(cause) === 'EEXIST') return false;
            throw cause;
          },
        );
        // Through a link the files would land elsewhere.
        if (!made && !(await lstat(path)).isDirectory()) throw notFolder(path);
        await syncFolder(parent);
      });
      this.#made.add(path);
    }
  }
}

/** A longer file is another one, and need not be read. */
function longer(error: unknown): undefined {
  if (error instanceof LogError && error.code === 'LOG_MALFORMED') return undefined;
  throw error;
}

async function unavailable<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof TouchstoneError) throw cause;
    if (codeOf(cause) === 'EEXIST' || codeOf(cause) === 'ENOTDIR') throw notFolder(path);
    throw new LogError('LOG_UNAVAILABLE', `${path} cannot be written: ${reason(cause)}.`, {
      cause,
    });
  }
}

function notFolder(path: string): LogError {
  return new LogError('LOG_UNSUITABLE', `${path} is no folder, and a log cannot be written there.`);
}

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'you may not';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    default:
      return codeOf(error) ?? 'the system refused';
  }
}
