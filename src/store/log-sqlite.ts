/**
 * The rows of a log in one SQLite file. Several processes may share the file; SQLite lets one of them
 * write at a time.
 *
 *   log        one row: format, origin, key, and how many entries have an index
 *   entry      idx, leaf (unique), key, bytes
 *   tile       level, idx, bytes: full tiles, and the last of each level as far as it goes
 *   tree       one row: the integrated head
 *   signed     size, root, note: rows are added, larger ones only
 *   published  one row: the published checkpoint
 *   quota      key, window, used
 */
import type { Statement } from 'better-sqlite3';
import { equal } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import type { FilledTile } from '../tlog/frontier.ts';
import { emptyRoot, type TreeHead } from '../tlog/merkle.ts';
import { hashLength, type TileId, tileWidth } from '../tlog/tile.ts';
import type { LogStore, NewEntry, Sequenced, StoredCheckpoint, StoredEntry } from './log-store.ts';
import { isDiskFailure, openSqlite, type Sqlite, storeCall } from './sqlite.ts';

/** Written into the row `log`; another number is another program's file. */
const format = 1n;

const schema = `
  CREATE TABLE log (
    one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL, origin TEXT NOT NULL,
    key TEXT NOT NULL, next INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE entry (
    idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE, key BLOB, bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX entry_key ON entry (key, idx) WHERE key IS NOT NULL;
  CREATE TABLE tile (
    level INTEGER NOT NULL, idx INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (level, idx)
  ) STRICT;
  CREATE TABLE tree (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL
  ) STRICT;
  CREATE TABLE signed (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL) STRICT;
  CREATE TABLE published (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL,
    note TEXT NOT NULL
  ) STRICT;
  CREATE TABLE quota (
    key BLOB NOT NULL, window TEXT NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (key, window)
  ) STRICT, WITHOUT ROWID;
`;

/** As SQLite keeps them: the text of each, without what ends it. */
const statements = schema
  .split(';')
  .map((sql) => sql.trim())
  .filter((sql) => sql !== '');

/** One row where the log goes as far as its entries and its tree do. */
const sound = `
  SELECT 1 AS sound FROM log, tree WHERE tree.size BETWEEN 0 AND log.next
    AND NOT EXISTS (SELECT 1 FROM entry WHERE idx >= log.next)
`;

/** SQLite gives rows as plain objects; the schema is STRICT, so the types are those of the columns. */
type Row<T> = T | undefined;

/**
 * Opens the rows of a log.
 *
 * @param mode `create` makes the file where there is none; the log in it is made by `create`
 * @throws LogError LOG_NO_DRIVER, LOG_UNSUITABLE, LOG_UNAVAILABLE
 */
export async function openSqliteLog(path: string, mode: 'create' | 'existing'): Promise<LogStore> {
  return new SqliteLog(path, await openSqlite(path, mode));
}

class SqliteLog implements LogStore {
  readonly place: string;
  readonly #database: Sqlite;
  #failure: LogError | undefined;
  readonly #statements = new Map<string, Statement<unknown[], never>>();

  constructor(place: string, database: Sqlite) {
    this.place = place;
    this.#database = database;
  }

  async create({ origin, key }: { origin: string; key: string }): Promise<void> {
    this.#write(() => {
      if (this.#hasTables()) {
        throw new LogError('LOG_UNSUITABLE', `There is something in ${this.place} already.`);
      }
      this.#database.exec(schema);
      this.#run('INSERT INTO log VALUES (1, ?, ?, ?, 0)', format, origin, key);
      this.#run('INSERT INTO tree VALUES (1, 0, ?)', emptyRoot);
    });
  }

  async identity(): Promise<{ origin: string; key: string }> {
    return this.#read(() => {
      this.#requireOwnTables();
      const row = this.#get<{ format: bigint; origin: string; key: string }>(
        'SELECT format, origin, key FROM log',
      );
      if (row === undefined) throw unsuitable(this.place, 'there is no log in it');
      if (row.format !== format) throw unsuitable(this.place, 'its log has another format');
      const isSound = this.#get<{ sound: bigint }>(sound) !== undefined;
      if (!isSound) throw unsuitable(this.place, 'its log is damaged');
      return { origin: row.origin, key: row.key };
    });
  }

  /**
   * Before any of it is read: the tables are these very ones. In a file from elsewhere a view could stand in
   * the place of one, and its query never end; or a table hold other types than the code believes.
   */
  #requireOwnTables(): void {
    const made = this.#all<{ sql: string }>('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL');
    const found = new Set(made.map(({ sql }) => sql));
    if (![...found].some((sql) => sql.startsWith('CREATE TABLE log ('))) {
      throw unsuitable(this.place, 'there is no log in it');
    }
    if (found.size !== statements.length || !statements.every((sql) => found.has(sql))) {
      throw unsuitable(this.place, 'its tables are not those of a log');
    }
  }

  async sequence(entries: readonly NewEntry[]): Promise<Sequenced[]> {
    return this.#write(() => {
      const start = this.#next();
      let next = start;
      const results = entries.map((entry): Sequenced => {
        const known = this.#indexOf(entry.leaf);
        if (known !== undefined) return { kind: 'known', index: known };
        if (!this.#useQuotas(entry)) return { kind: 'over-quota' };
        const index = next++;
        this.#run(
          'INSERT INTO entry (idx, leaf, key, bytes) VALUES (?, ?, ?, ?)',
          index,
          entry.leaf,
          entry.key ?? null,
          entry.bytes,
        );
        return { kind: 'new', index };
      });
      if (next !== start) this.#run('UPDATE log SET next = ?', next);
      return results;
    });
  }

  async sequenced(): Promise<bigint> {
    return this.#read(() => this.#next());
  }

  async head(): Promise<TreeHead> {
    return this.#read(() => this.#head());
  }

  async integrate(from: TreeHead, to: TreeHead, tiles: readonly FilledTile[]): Promise<boolean> {
    return this.#write(() => {
      const head = this.#head();
      if (head.size !== from.size || !equal(head.root, from.root)) return false;
      if (to.size > this.#next()) throw new RangeError('integrated before it was sequenced');
      for (const tile of tiles) this.#putTile(tile);
      this.#run('UPDATE tree SET size = ?, root = ?', to.size, to.root);
      return true;
    });
  }

  async sign({ size, root, note }: StoredCheckpoint): Promise<boolean> {
    return this.#write(() => {
      if (this.#head().size < size) return false;
      const latest = this.#latestSigned();
      if (latest !== undefined && latest.size >= size) {
        return latest.size === size && equal(latest.root, root);
      }
      this.#run('INSERT INTO signed VALUES (?, ?, ?)', size, root, note);
      return true;
    });
  }

  async latestSigned(): Promise<StoredCheckpoint | undefined> {
    return this.#read(() => this.#latestSigned());
  }

  async signedAt(size: bigint): Promise<StoredCheckpoint | undefined> {
    return this.#read(() =>
      this.#get<StoredCheckpoint>('SELECT size, root, note FROM signed WHERE size = ?', size),
    );
  }

  async signedAfter(size: bigint, limit: number): Promise<StoredCheckpoint[]> {
    return this.#read(() =>
      this.#all<StoredCheckpoint>(
        'SELECT size, root, note FROM signed WHERE size > ? ORDER BY size LIMIT ?',
        size,
        limit,
      ),
    );
  }

  async publish({ size, root, note }: StoredCheckpoint): Promise<boolean> {
    return this.#write(() => {
      const signed = this.#get<{ root: Uint8Array }>(
        'SELECT root FROM signed WHERE size = ?',
        size,
      );
      if (signed === undefined || !equal(signed.root, root)) return false;
      return (
        this.#run(
          `INSERT INTO published VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE
           SET size = excluded.size, root = excluded.root, note = excluded.note
           WHERE excluded.size >= published.size`,
          size,
          root,
          note,
        ) === 1
      );
    });
  }

  async published(): Promise<StoredCheckpoint | undefined> {
    return this.#read(() => this.#get<StoredCheckpoint>('SELECT size, root, note FROM published'));
  }

  async entries(
    from: bigint,
    limit: number,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Promise<StoredEntry[]> {
    return this.#read(() => {
      const rows: StoredEntry[] = [];
      let bytes = 0;
      const statement = this.#prepare<{ idx: bigint; leaf: Uint8Array; bytes: Uint8Array }>(
        'SELECT idx, leaf, bytes FROM entry WHERE idx >= ? ORDER BY idx LIMIT ?',
      );
      for (const row of statement.iterate(from, limit)) {
        bytes += row.bytes.length;
        if (rows.length > 0 && bytes > maxBytes) break;
        rows.push({ index: row.idx, leaf: row.leaf, bytes: row.bytes });
      }
      return rows;
    });
  }

  async find(leaf: Uint8Array): Promise<bigint | undefined> {
    return this.#read(() => this.#indexOf(leaf));
  }

  async byKey(key: Uint8Array, from: bigint, limit: number): Promise<bigint[]> {
    return this.#read(() =>
      this.#all<{ idx: bigint }>(
        'SELECT idx FROM entry WHERE key = ? AND idx >= ? ORDER BY idx LIMIT ?',
        key,
        from,
        limit,
      ).map(({ idx }) => idx),
    );
  }

  async tile({ level, index, width }: TileId): Promise<Uint8Array | undefined> {
    if (level === 'entries') throw new RangeError('bundles are made from entries');
    const bytes = this.#read(() => this.#tile(level, index));
    return bytes === undefined || bytes.length < width * hashLength ? undefined : bytes;
  }

  async forgetQuotas(before: string): Promise<void> {
    this.#write(() => this.#run('DELETE FROM quota WHERE window < ?', before));
  }

  async close(): Promise<void> {
    storeCall(this.place, () => this.#database.close());
  }

  #hasTables(): boolean {
    return (
      this.#database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table'").get() !== undefined
    );
  }

  #next(): bigint {
    return this.#one<{ next: bigint }>('SELECT next FROM log').next;
  }

  #head(): TreeHead {
    return this.#one<TreeHead>('SELECT size, root FROM tree');
  }

  #latestSigned(): StoredCheckpoint | undefined {
    return this.#get<StoredCheckpoint>(
      'SELECT size, root, note FROM signed ORDER BY size DESC LIMIT 1',
    );
  }

  #indexOf(leaf: Uint8Array): bigint | undefined {
    return this.#get<{ idx: bigint }>('SELECT idx FROM entry WHERE leaf = ?', leaf)?.idx;
  }

  #tile(level: number, index: bigint): Uint8Array | undefined {
    return this.#get<{ bytes: Uint8Array }>(
      'SELECT bytes FROM tile WHERE level = ? AND idx = ?',
      level,
      index,
    )?.bytes;
  }

  #putTile({ level, index, bytes }: FilledTile): void {
    const had = this.#tile(level, index);
    // A full tile never changes: other bytes here mean that two trees share one log.
    if (had?.length === tileWidth * hashLength && !equal(had, bytes)) {
      throw new LogError(
        'LOG_WRONG',
        `Tile ${level}/${index} of ${this.place} is another already.`,
      );
    }
    this.#run(
      `INSERT INTO tile VALUES (?, ?, ?)
       ON CONFLICT (level, idx) DO UPDATE SET bytes = excluded.bytes`,
      level,
      index,
      bytes,
    );
  }

  /** Counts an entry against all its quotas, or, where one of them is used up, against none. */
  #useQuotas({ quotas }: NewEntry): boolean {
    const used = ({ key, window }: NewEntry['quotas'][number]) =>
      this.#get<{ used: bigint }>(
        'SELECT used FROM quota WHERE key = ? AND window = ?',
        key,
        window,
      )?.used ?? 0n;
    if (quotas.some((quota) => used(quota) >= BigInt(quota.limit))) return false;
    for (const { key, window } of quotas) {
      this.#run(
        `INSERT INTO quota VALUES (?, ?, 1) ON CONFLICT (key, window) DO UPDATE SET used = used + 1`,
        key,
        window,
      );
    }
    return true;
  }

  /** One durable transaction. It takes the lock at its start: what it reads stays so until it writes. */
  #write<T>(call: () => T): T {
    return this.#read(() => this.#database.transaction(call).immediate());
  }

  /**
   * After the disk failed to read or write, what is in memory may not be what is on the disk, and a second
   * fsync would say that all is well. So nothing more is done until the file is opened anew.
   */
  #read<T>(call: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return storeCall(this.place, call);
    } catch (error) {
      if (isDiskFailure(error)) this.#failure = error;
      throw error;
    }
  }

  #prepare<T>(sql: string): Statement<unknown[], T> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement as Statement<unknown[], T>;
  }

  #get<T>(sql: string, ...values: unknown[]): Row<T> {
    return this.#prepare<T>(sql).get(...values);
  }

  #one<T>(sql: string): T {
    const row = this.#get<T>(sql);
    if (row === undefined) throw unsuitable(this.place, 'a row of its log is missing');
    return row;
  }

  #all<T>(sql: string, ...values: unknown[]): T[] {
    return this.#prepare<T>(sql).all(...values);
  }

  #run(sql: string, ...values: unknown[]): number {
    return this.#prepare(sql).run(...values).changes;
  }
}

function unsuitable(place: string, why: string): LogError {
  return new LogError('LOG_UNSUITABLE', `${place} cannot be used as a log: ${why}.`);
}
