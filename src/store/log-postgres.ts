/**
 * The rows of a log in a PostgreSQL database, for any number of processes on any number of machines.
 *
 * Three rows make the steps exact, each locked by those that change what hangs on it, until they commit:
 *
 *   log        which indexes are given, which entries are there, and the quotas
 *   tree       the head, the tiles and what is signed
 *   published  itself
 *
 * A transaction locks one of them, so none waits for another in a circle. Whatever it decides by, it reads
 * in statements after the lock: at READ COMMITTED each sees all that was committed before it began.
 */
import { equal } from '../bytes/bytes.ts';
import { codeOf } from '../errors/cause.ts';
import { LogError } from '../errors/error.ts';
import type { FilledTile } from '../tlog/frontier.ts';
import { emptyRoot, type TreeHead } from '../tlog/merkle.ts';
import { hashLength, type TileId, tileWidth } from '../tlog/tile.ts';
import type { LogStore, NewEntry, Sequenced, StoredCheckpoint, StoredEntry } from './log-store.ts';
import { openPostgres, type Postgres, type PostgresTimes, type Query } from './postgres.ts';
import { format, schemaName, soundOf, tablesOf } from './postgres-schema.ts';
import { sequenceBatch } from './postgres-sequence.ts';

export interface PostgresLogOptions extends PostgresTimes {
  /** The PostgreSQL schema that holds the tables: 1 to 63 of a-z, 0-9, _. Default `touchstone`. */
  readonly schema?: string | undefined;
}

/** SQLSTATE of a schema, table, type or row that is there already. */
const thereAlready = new Set(['42P06', '42P07', '42710', '23505']);

/**
 * Opens the rows of a log; the log itself is made by `create`.
 *
 * @param url postgres://user:password@host:port/database
 * @throws LogError LOG_NO_DRIVER, LOG_UNSUITABLE, LOG_UNAVAILABLE
 */
export async function openPostgresLog(
  url: string,
  options: PostgresLogOptions = {},
): Promise<LogStore> {
  const schema = schemaName(options.schema ?? 'touchstone');
  return new PostgresLog(await openPostgres(url, options), schema);
}

class PostgresLog implements LogStore {
  readonly place: string;
  readonly #postgres: Postgres;
  readonly #schema: string;

  constructor(postgres: Postgres, schema: string) {
    this.place = postgres.place;
    this.#postgres = postgres;
    this.#schema = schema;
  }

  async create({ origin, key }: { origin: string; key: string }): Promise<void> {
    const there = () =>
      new LogError('LOG_UNSUITABLE', `There is something in ${this.#schemaPlace} already.`);
    try {
      await this.#postgres.transaction(async (query) => {
        if (await this.#hasTables(query)) throw there();
        await query(tablesOf(this.#schema));
        await query(this.#sql('INSERT INTO @.log VALUES (1, $1, $2, $3, 0)'), [
          format,
          origin,
          key,
        ]);
        await query(this.#sql('INSERT INTO @.tree VALUES (1, 0, $1)'), [emptyRoot]);
      });
    } catch (error) {
      // Two may begin at once, and PostgreSQL stops the one that comes second.
      const raced = codeOf(error instanceof LogError ? error.cause : error) ?? '';
      throw thereAlready.has(raced) ? there() : error;
    }
  }

  async identity(): Promise<{ origin: string; key: string }> {
    const rows = await this.#read<{ format: bigint; origin: string; key: string }>(
      'SELECT format, origin, key FROM @.log',
    );
    const { format: found, origin, key } = this.#one(rows);
    if (found !== format) throw this.#unsuitable('its log has another format');
    const sound = await this.#postgres.read<{ sound: number }>(soundOf(this.#schema));
    if (sound.length !== 1) throw this.#unsuitable('its rows contradict each other');
    return { origin, key };
  }

  async sequence(entries: readonly NewEntry[]): Promise<Sequenced[]> {
    if (entries.length === 0) return [];
    return this.#postgres.transaction(async (query) => {
      const start = await this.#lockLog(query);
      return sequenceBatch(query, this.#schema, start, entries);
    });
  }

  async sequenced(): Promise<bigint> {
    return this.#one(await this.#read<{ next: bigint }>('SELECT next FROM @.log')).next;
  }

  async head(): Promise<TreeHead> {
    return this.#one(await this.#read<TreeHead>('SELECT size, root FROM @.tree'));
  }

  async integrate(from: TreeHead, to: TreeHead, tiles: readonly FilledTile[]): Promise<boolean> {
    return this.#postgres.transaction(async (query) => {
      const grown = await query(
        this.#sql(
          'UPDATE @.tree SET size = $1, root = $2 WHERE size = $3 AND root = $4 RETURNING size',
        ),
        [to.size, to.root, from.size, from.root],
      );
      if (grown.length === 0) return false;
      const { next } = this.#one(
        await query<{ next: bigint }>(this.#sql('SELECT next FROM @.log')),
      );
      if (to.size > next) throw new RangeError('integrated before it was sequenced');
      await this.#putTiles(query, tiles);
      return true;
    });
  }

  async sign({ size, root, note }: StoredCheckpoint): Promise<boolean> {
    return this.#postgres.transaction(async (query) => {
      const head = this.#one(
        await query<TreeHead>(this.#sql('SELECT size, root FROM @.tree FOR UPDATE')),
      );
      if (head.size < size) return false;
      const [latest] = await query<StoredCheckpoint>(this.#sql(latestSigned));
      if (latest !== undefined && latest.size >= size) {
        return latest.size === size && equal(latest.root, root);
      }
      await query(this.#sql('INSERT INTO @.signed VALUES ($1, $2, $3)'), [size, root, note]);
      return true;
    });
  }

  async latestSigned(): Promise<StoredCheckpoint | undefined> {
    return (await this.#read<StoredCheckpoint>(latestSigned))[0];
  }

  async signedAt(size: bigint): Promise<StoredCheckpoint | undefined> {
    const sql = 'SELECT size, root, note FROM @.signed WHERE size = $1';
    return (await this.#read<StoredCheckpoint>(sql, [size]))[0];
  }

  async signedAfter(size: bigint, limit: number): Promise<StoredCheckpoint[]> {
    return this.#read<StoredCheckpoint>(
      'SELECT size, root, note FROM @.signed WHERE size > $1 ORDER BY size LIMIT $2',
      [size, limit],
    );
  }

  async publish({ size, root, note }: StoredCheckpoint): Promise<boolean> {
    // One statement: what is signed never changes, and the row that is there is locked before it is compared.
    const published = await this.#postgres.transaction((query) =>
      query(
        this.#sql(
          `INSERT INTO @.published AS had (one, size, root, note)
           SELECT 1, size, root, $3 FROM @.signed WHERE size = $1 AND root = $2
           ON CONFLICT (one) DO UPDATE
           SET size = excluded.size, root = excluded.root, note = excluded.note
           WHERE excluded.size >= had.size
           RETURNING one`,
        ),
        [size, root, note],
      ),
    );
    return published.length === 1;
  }

  async published(): Promise<StoredCheckpoint | undefined> {
    return (await this.#read<StoredCheckpoint>('SELECT size, root, note FROM @.published'))[0];
  }

  async entries(from: bigint, limit: number, maxBytes?: number): Promise<StoredEntry[]> {
    return this.#read<StoredEntry & Record<string, unknown>>(
      `SELECT idx AS index, leaf, bytes FROM (
         SELECT idx, leaf, bytes, row_number() OVER up AS place,
           sum(octet_length(bytes)) OVER up AS total
         FROM (SELECT idx, leaf, bytes FROM @.entry WHERE idx >= $1 ORDER BY idx LIMIT $2) AS near
         WINDOW up AS (ORDER BY idx ROWS UNBOUNDED PRECEDING)
       ) AS summed
       WHERE place = 1 OR $3::double precision IS NULL OR total <= $3 ORDER BY idx`,
      [from, limit, maxBytes ?? null],
    );
  }

  async find(leaf: Uint8Array): Promise<bigint | undefined> {
    const sql = 'SELECT idx FROM @.entry WHERE leaf = $1';
    return (await this.#read<{ idx: bigint }>(sql, [leaf]))[0]?.idx;
  }

  async byKey(key: Uint8Array, from: bigint, limit: number): Promise<bigint[]> {
    const rows = await this.#read<{ idx: bigint }>(
      'SELECT idx FROM @.entry WHERE key = $1 AND idx >= $2 ORDER BY idx LIMIT $3',
      [key, from, limit],
    );
    return rows.map(({ idx }) => idx);
  }

  async tile({ level, index, width }: TileId): Promise<Uint8Array | undefined> {
    if (level === 'entries') throw new RangeError('bundles are made from entries');
    const rows = await this.#read<{ bytes: Uint8Array }>(
      'SELECT bytes FROM @.tile WHERE level = $1 AND idx = $2 AND octet_length(bytes) >= $3',
      [level, index, width * hashLength],
    );
    return rows[0]?.bytes;
  }

  async forgetQuotas(before: string): Promise<void> {
    await this.#postgres.transaction(async (query) => {
      // A batch that has read a counter is about to write it.
      await this.#lockLog(query);
      await query(this.#sql('DELETE FROM @.quota WHERE span < $1'), [before]);
    });
  }

  async close(): Promise<void> {
    await this.#postgres.close();
  }

  /** Makes the schema where it is not there, and says whether anything is in it. */
  async #hasTables(query: Query): Promise<boolean> {
    const schemas = await query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [this.#schema]);
    if (schemas.length === 0) {
      await query(`CREATE SCHEMA "${this.#schema}"`);
      return false;
    }
    const tables = await query(
      `SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE nspname = $1 LIMIT 1`,
      [this.#schema],
    );
    return tables.length > 0;
  }

  /** @returns how many entries have an index */
  async #lockLog(query: Query): Promise<bigint> {
    const rows = await query<{ next: bigint }>(this.#sql('SELECT next FROM @.log FOR UPDATE'));
    return this.#one(rows).next;
  }

  async #putTiles(query: Query, tiles: readonly FilledTile[]): Promise<void> {
    const put = await query<{ level: number; idx: bigint }>(
      this.#sql(
        `INSERT INTO @.tile AS had (level, idx, bytes)
         SELECT level, idx, bytes FROM unnest($1::integer[], $2::bigint[], $3::bytea[])
           AS given (level, idx, bytes)
         ON CONFLICT (level, idx) DO UPDATE SET bytes = excluded.bytes
         WHERE octet_length(had.bytes) < $4 OR had.bytes = excluded.bytes
         RETURNING level, idx`,
      ),
      [
        tiles.map(({ level }) => level),
        tiles.map(({ index }) => index),
        tiles.map(({ bytes }) => bytes),
        tileWidth * hashLength,
      ],
    );
    const done = new Set(put.map(({ level, idx }) => `${level}/${idx}`));
    const other = tiles.find(({ level, index }) => !done.has(`${level}/${index}`));
    if (other === undefined) return;
    // A full tile never changes: other bytes here mean that two trees share one log.
    throw new LogError(
      'LOG_WRONG',
      `Tile ${other.level}/${other.index} of ${this.#schemaPlace} is another already.`,
    );
  }

  get #schemaPlace(): string {
    return `${this.place} (schema ${this.#schema})`;
  }

  /** `@.` is the place of the schema. */
  #sql(text: string): string {
    return text.replaceAll('@.', `"${this.#schema}".`);
  }

  #read: Query = (text, values) => this.#postgres.read(this.#sql(text), values);

  #one<T>(rows: readonly T[]): T {
    const [row] = rows;
    if (row === undefined) throw this.#unsuitable('a row of its log is missing');
    return row;
  }

  #unsuitable(why: string): LogError {
    return new LogError('LOG_UNSUITABLE', `${this.#schemaPlace} cannot be used as a log: ${why}.`);
  }
}

const latestSigned = 'SELECT size, root, note FROM @.signed ORDER BY size DESC LIMIT 1';
