/** Opens a database file of SQLite, durable and shared with other processes. */
import { stat } from 'node:fs/promises';
import type Database from 'better-sqlite3';
import { codeOf } from '../errors/cause.ts';
import { LogError } from '../errors/error.ts';

export type Sqlite = Database.Database;

/** How long a transaction waits for one of another process, milliseconds. */
const busyMillis = 10_000;

/**
 * Opens a database file.
 *
 * WAL with synchronous=FULL: a commit is on the disk when it returns. (NORMAL would lose the last commits
 * with the power, and an index that was told to somebody would be given again.)
 *
 * @param mode `create` makes the file where there is none
 * @throws LogError LOG_NO_DRIVER, LOG_UNSUITABLE when there is no such file or it is no database,
 *   LOG_UNAVAILABLE when the system refuses
 */
export async function openSqlite(path: string, mode: 'create' | 'existing'): Promise<Sqlite> {
  const SqliteDatabase = await loadDriver();
  // SQLite takes an empty file for an empty database: one that was cut to nothing would be filled anew.
  if (mode === 'existing' && !(await isFilled(path))) {
    throw new LogError('LOG_UNSUITABLE', `There is no database at ${path}.`);
  }
  return storeCall(path, () => {
    const database = newDatabase(SqliteDatabase, path, mode);
    try {
      // It answers with the mode that it could set.
      if (database.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
        throw new LogError('LOG_UNAVAILABLE', `${path} cannot be used: it takes no journal (WAL).`);
      }
      database.pragma('synchronous = FULL');
      database.defaultSafeIntegers(true);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Runs what calls SQLite, and says in our words what went wrong with the file at `path`. */
export function storeCall<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw asLogError(path, cause);
  }
}

/** True when the disk failed, as opposed to being full or locked. */
export function isDiskFailure(error: unknown): error is LogError {
  return error instanceof LogError && codeOf(error.cause)?.startsWith('SQLITE_IOERR') === true;
}

async function loadDriver(): Promise<typeof Database> {
  try {
    return (await import('better-sqlite3')).default;
  } catch (cause) {
    throw noDriver(cause);
  }
}

function newDatabase(
  SqliteDatabase: typeof Database,
  path: string,
  mode: 'create' | 'existing',
): Sqlite {
  try {
    return new SqliteDatabase(path, { fileMustExist: mode === 'existing', timeout: busyMillis });
  } catch (cause) {
    if (codeOf(cause)?.startsWith('SQLITE_')) throw cause;
    // The compiled part is loaded here, not with the module; a folder that is not there is a TypeError.
    if (cause instanceof TypeError) {
      throw new LogError('LOG_UNAVAILABLE', `${path} cannot be made: there is no such folder.`, {
        cause,
      });
    }
    throw noDriver(cause);
  }
}

function noDriver(cause: unknown): LogError {
  return new LogError('LOG_NO_DRIVER', 'The database driver (better-sqlite3) is not installed.', {
    cause,
  });
}

async function isFilled(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size > 0;
}

function asLogError(path: string, cause: unknown): unknown {
  const code = codeOf(cause) ?? '';
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return new LogError('LOG_UNSUITABLE', `${path} is no database, or a damaged one.`, { cause });
  }
  if (!code.startsWith('SQLITE_')) return cause;
  return new LogError('LOG_UNAVAILABLE', `${path} cannot be used: ${reason(code)}.`, { cause });
}

function reason(code: string): string {
  if (code === 'SQLITE_FULL') return 'the disk is full';
  if (code.startsWith('SQLITE_IOERR'))
    return 'the disk failed to read or write; it has to be opened anew';
  if (code.startsWith('SQLITE_BUSY')) return 'another program keeps it locked';
  if (code.startsWith('SQLITE_READONLY')) return 'you may not write to it';
  if (code.startsWith('SQLITE_CANTOPEN')) return 'it cannot be opened';
  return code;
}
