/**
 * The folder of a copy of somebody's log:
 *
 *   policy     what the copy is verified by; the same as long as the folder lives
 *   log.db     the rows, in SQLite
 *   fork-*     two checkpoints that one log signed and that do not fit together (evidence; see import.ts)
 *
 * There is no `key`, so nothing can ever be signed in its name; all that reads a log works on a copy, too.
 */
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '../bytes/bytes.ts';
import { codeOf } from '../errors/cause.ts';
import { LogError } from '../errors/error.ts';
import { writeDurably } from '../state/durable.ts';
import { openSqliteLog } from '../store/log-sqlite.ts';
import type { LogStore } from '../store/log-store.ts';
import { encodePolicy, type Policy } from '../tlog/policy.ts';
import { isLeftover } from './export-files.ts';
import { readPolicy } from './folder.ts';

export interface Mirror {
  readonly store: LogStore;
  readonly policy: Policy;
}

/** Whether there is a key in the folder of a log; without one it is a copy. */
export async function hasKey(folder: string): Promise<boolean> {
  return isThere(join(folder, 'key'));
}

/**
 * The policy of a copy.
 *
 * @returns undefined when there is nothing in the folder, or no folder, or a run broke off before its first file
 * @throws LogError LOG_UNSUITABLE for anything else than a copy, such as a log with its own key
 */
export async function mirrorPolicy(folder: string): Promise<Policy | undefined> {
  if ((await namesIn(folder)).every(isLeftover)) return undefined;
  if (await hasKey(folder)) {
    throw new LogError(
      'LOG_UNSUITABLE',
      `${folder} is a log with a key of its own: nothing is copied over it.`,
    );
  }
  return readPolicy(folder);
}

/**
 * Opens a copy, and makes it where there is none.
 *
 * @param log whose copy it is
 * @throws LogError LOG_UNSUITABLE when it is the copy of another log
 */
export async function openMirror(
  folder: string,
  policy: Policy,
  log: { readonly origin: string; readonly key: string },
): Promise<LogStore> {
  await makeFolder(folder, policy);
  // Where the last run broke off before its rows were made, they are made now.
  const rows = join(folder, 'log.db');
  const isNew = !(await isThere(rows));
  const store = await openSqliteLog(rows, isNew ? 'create' : 'existing');
  try {
    // Where another run makes it at the same time, that one's is as good.
    const refusal = isNew ? await store.create(log).catch((error: unknown) => error) : undefined;
    const { origin, key } = await store.identity().catch((error: unknown) => {
      throw refusal ?? error;
    });
    if (origin === log.origin && key === log.key) return store;
    throw new LogError(
      'LOG_UNSUITABLE',
      `${folder} is a copy of the log ${origin} with the key ${key}, not of ${log.origin}.`,
    );
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Keeps a file of evidence; one of the same name is of the same bytes and stays.
 *
 * @returns its path
 * @throws Error of the system
 */
export async function keepEvidence(folder: string, name: string, note: string): Promise<string> {
  const path = join(folder, name);
  if (!(await isThere(path))) await writeDurably(path, utf8(note), { mode: 0o644 });
  return path;
}

async function makeFolder(folder: string, policy: Policy): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (await isThere(join(folder, 'policy'))) return;
    await writeDurably(join(folder, 'policy'), utf8(encodePolicy(policy)), { mode: 0o644 });
  } catch (cause) {
    if (cause instanceof LogError) throw cause;
    throw new LogError('LOG_UNSUITABLE', `${folder} cannot be made or written to.`, { cause });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new LogError('LOG_UNSUITABLE', `${folder} is no folder that can be read.`, { cause });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new LogError('LOG_UNSUITABLE', `${path} cannot be read.`, { cause });
  }
}
