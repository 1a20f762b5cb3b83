/**
 * What a witness cosigned last, by log. The one thing that a witness must never lose: with none, or with
 * an older copy (a backup!), it would cosign a second history.
 *
 * One row a log: its latest checkpoint, as size and root and as the note that was handed out. A file in
 * WAL mode with synchronous=FULL (sqlite.ts), so that what `advance` says is on the disk.
 */
import { LogError } from '../errors/error.ts';
import { maxSize, type TreeHead } from '../tlog/merkle.ts';
import type { StoredCheckpoint } from './log-store.ts';
import { openSqlite, type Sqlite, storeCall } from './sqlite.ts';

/** Calls block: between looking and storing nothing else of this process runs. */
export interface WitnessStore {
  /**
   * The checkpoint of this log that was cosigned last.
   *
   * @throws LogError LOG_UNAVAILABLE, LOG_UNSUITABLE when the row is damaged
   */
  latest(origin: string): StoredCheckpoint | undefined;
  /**
   * Replaces it, if it is still the one that the caller looked at. Durable before it returns.
   *
   * @param from size and root of the latest one, undefined when there is none
   * @param to of at least the same size; at the same size with the same root
   * @returns false, with nothing changed, when another one is there
   * @throws RangeError when `to` is no successor of `from`; LogError LOG_UNAVAILABLE
   */
  advance(origin: string, from: StoredCheckpoint | undefined, to: StoredCheckpoint): boolean;
  /** Lets go of the file; nothing may be called afterwards. */
  close(): void;
}

/** "TsWi", in the head of the file: tells it from the databases of other programs (SQLite, "PRAGMA application_id"). */
const applicationId = 0x54735769n;
const formatVersion = 1n;

const schema = `CREATE TABLE latest (
  origin TEXT PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL
) STRICT, WITHOUT ROWID`;

/**
 * Opens the memory of a witness. Several processes may use one file.
 *
 * @param path in a folder that exists
 * @param mode `create` begins a new one where there is none, and only for a key that never cosigned:
 *   under an older key, a witness without its memory cosigns whatever comes first
 * @throws LogError LOG_NO_DRIVER, LOG_UNAVAILABLE, LOG_UNSUITABLE when it is something else's file, or there
 *   is none
 */
export async function openWitnessStore(
  path: string,
  mode: 'create' | 'existing',
): Promise<WitnessStore> {
  const database = await openSqlite(path, mode);
  try {
    storeCall(path, () => database.transaction(() => prepare(database, path, mode)).immediate());
    return createStore(database, path);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes the table in an empty file, else looks whether it is ours. */
function prepare(database: Sqlite, path: string, mode: 'create' | 'existing'): void {
  const id = database.pragma('application_id', { simple: true });
  const version = database.pragma('user_version', { simple: true });
  const tables = database.prepare('SELECT count(*) FROM sqlite_master').pluck().get();
  if (mode === 'create' && id === 0n && version === 0n && tables === 0n) {
    database.exec(schema);
    database.pragma(`application_id = ${applicationId}`);
    database.pragma(`user_version = ${formatVersion}`);
    return;
  }
  if (id !== applicationId || version !== formatVersion) {
    throw new LogError('LOG_UNSUITABLE', `${path} is not a witness's file of this version.`);
  }
}

function createStore(database: Sqlite, path: string): WitnessStore {
  const find = database.prepare('SELECT size, root, note FROM latest WHERE origin = ?');
  const insert = database.prepare(
    'INSERT INTO latest (origin, size, root, note) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = database.prepare(
    'UPDATE latest SET size = ?, root = ?, note = ? WHERE origin = ? AND size = ? AND root = ? AND note = ?',
  );
  return {
    latest: (origin) => {
      const row = storeCall(path, () => find.get(origin));
      return row === undefined ? undefined : readRow(row, path);
    },
    advance: (origin, from, to) => {
      requireSuccessor(from, to);
      const { size, root, note } = to;
      // One statement is one transaction: nobody comes between the comparison and the change.
      const { changes } = storeCall(path, () =>
        from === undefined
          ? insert.run(origin, size, root, note)
          : update.run(size, root, note, origin, from.size, from.root, from.note),
      );
      return changes === 1;
    },
    close: () => void database.close(),
  };
}

function readRow(row: unknown, path: string): StoredCheckpoint {
  if (typeof row === 'object' && row !== null && 'size' in row && 'root' in row && 'note' in row) {
    const { size, root, note } = row;
    if (typeof size === 'bigint' && root instanceof Uint8Array && typeof note === 'string') {
      return { size, root: new Uint8Array(root), note };
    }
  }
  throw new LogError('LOG_UNSUITABLE', `${path} is damaged.`);
}

/** The last line against a rollback, whatever the caller believes. */
function requireSuccessor(from: TreeHead | undefined, to: StoredCheckpoint): void {
  if (to.size < 0n || to.size > maxSize) throw new RangeError(`size: ${to.size}`);
  if (to.root.length !== 32) throw new RangeError(`root: ${to.root.length} bytes, expected 32`);
  if (from === undefined) return;
  if (to.size < from.size) throw new RangeError(`size: ${to.size}, below ${from.size}`);
  if (to.size === from.size && Buffer.compare(to.root, from.root) !== 0) {
    throw new RangeError(`root: another one at size ${to.size}`);
  }
}
