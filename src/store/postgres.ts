/**
 * A few connections to one PostgreSQL database.
 *
 * Transactions run at READ COMMITTED and take row locks themselves. Each turns synchronous_commit on: its
 * commit is on the disk when it returns, whatever the server or the role is set to. A server with fsync
 * off cannot promise that, and is refused.
 *
 * After any error the connection is thrown away. One that failed may hold a transaction, a lock or a late
 * answer, and the next user must not inherit them. Where the connection is lost during COMMIT, nobody
 * knows whether it was done: the caller gets LOG_UNAVAILABLE, as for every loss.
 */
import type { Pool, PoolClient, PoolConfig, QueryResultRow } from 'pg';
import { LogError } from '../errors/error.ts';
import { asLogError } from './postgres-errors.ts';

/** Milliseconds, 1 or more. */
export interface PostgresTimes {
  /** Until there is a connection. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** For one statement, waiting included. Default 30,000. */
  readonly statementTimeoutMs?: number | undefined;
  /** Waiting for what another transaction has locked. Default 10,000. */
  readonly lockTimeoutMs?: number | undefined;
}

/** Runs one statement, and gives its rows; int8 is bigint, bytea is Uint8Array. */
export type Query = <Row extends QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;

export interface Postgres {
  /** The address without its password. */
  readonly place: string;
  /** One statement that only reads. */
  readonly read: Query;
  /** Commits what `work` did, durably, or nothing of it where `work` throws. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const maxConnections = 5;
/** The server gives up first; this is for one that does not answer at all. */
const answerGraceMs = 1000;
const int8 = 20;
const bytea = 17;

/**
 * Connects once, to see that the database is there and keeps what it is told.
 *
 * @param url postgres://user:password@host:port/database
 * @throws LogError LOG_NO_DRIVER, LOG_UNSUITABLE for another address or a server with fsync off,
 *   LOG_UNAVAILABLE
 */
export async function openPostgres(url: string, times: PostgresTimes = {}): Promise<Postgres> {
  const driver = await loadDriver();
  const place = placeOf(driver, url);
  const { statementTimeoutMs = 30_000 } = times;
  const config: PoolConfig = {
    connectionString: url,
    connectionTimeoutMillis: times.connectTimeoutMs ?? 10_000,
    query_timeout: statementTimeoutMs + answerGraceMs,
    max: maxConnections,
    keepAlive: true,
    application_name: 'touchstone',
    types: { getTypeParser: (oid: number) => parserOf(driver, oid) },
    // Awaited by the pool: a connection that is not set up is never handed out.
    onConnect: (client) => setUp(place, client, statementTimeoutMs, times.lockTimeoutMs ?? 10_000),
  };
  const pool = new driver.Pool(config);
  // A connection that breaks while nobody uses it: the pool drops it, and there is nobody to tell.
  pool.on('error', () => undefined);
  const postgres = new PooledPostgres(place, pool);
  try {
    await postgres.read('SELECT 1');
    return postgres;
  } catch (error) {
    await postgres.close();
    throw error;
  }
}

class PooledPostgres implements Postgres {
  readonly place: string;
  readonly #pool: Pool;

  constructor(place: string, pool: Pool) {
    this.place = place;
    this.#pool = pool;
  }

  readonly read: Query = (sql, values) => this.#use((client) => rowsOf(client, sql, values));

  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#use(async (client) => {
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on');
      const result = await work((sql, values) => rowsOf(client, sql, values));
      // COMMIT of a transaction that failed is a rollback, which PostgreSQL reports as a success.
      const { command } = await client.query('COMMIT');
      if (command === 'COMMIT') return result;
      throw new LogError('LOG_UNAVAILABLE', `${this.place} did not keep what it was told.`);
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #use<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    let good = false;
    // Without a listener the loss of a connection in use would end the process.
    const lost = () => undefined;
    try {
      client = await this.#pool.connect();
      client.on('error', lost);
      const result = await work(client);
      good = true;
      return result;
    } catch (cause) {
      throw asLogError(this.place, cause);
    } finally {
      if (good) client?.off('error', lost);
      client?.release(!good);
    }
  }
}

async function rowsOf<Row extends QueryResultRow>(
  client: PoolClient,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await client.query<Row>(sql, values)).rows;
}

/**
 * Names are looked up among PostgreSQL's own only; ours are written with their schema. Otherwise a function
 * or operator that another user left in a schema on the path could take the place of a built-in one.
 * A process that stops within a transaction loses it, so that the others need not wait for it.
 */
async function setUp(
  place: string,
  client: Pick<PoolClient, 'query'>,
  statementTimeoutMs: number,
  lockTimeoutMs: number,
): Promise<void> {
  const { rows } = await client.query<{ fsync: string }>(
    `SELECT pg_catalog.current_setting('fsync') AS fsync,
      pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false),
      pg_catalog.set_config('statement_timeout', $1, false),
      pg_catalog.set_config('lock_timeout', $2, false),
      pg_catalog.set_config('idle_in_transaction_session_timeout', $1, false)`,
    [`${statementTimeoutMs}ms`, `${lockTimeoutMs}ms`],
  );
  if (rows[0]?.fsync === 'on') return;
  throw new LogError(
    'LOG_UNSUITABLE',
    `${place} cannot be used for a log: its server does not wait for the disk (fsync is off).`,
  );
}

type Driver = typeof import('pg')['default'];

async function loadDriver(): Promise<Driver> {
  try {
    return (await import('pg')).default;
  } catch (cause) {
    throw new LogError('LOG_NO_DRIVER', 'The database driver (pg) is not installed.', { cause });
  }
}

function parserOf({ types }: Driver, oid: number): (text: string) => unknown {
  if (oid === int8) return BigInt;
  const parse: (text: string) => unknown = types.getTypeParser(oid, 'text');
  if (oid !== bytea) return parse;
  return (text) => {
    const bytes = parse(text);
    if (!(bytes instanceof Uint8Array)) throw new TypeError('bytea is not bytes');
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

/** The driver's own reading of the address, written without password and parameters. */
function placeOf({ Client }: Driver, url: string): string {
  // The cause is left out: it may hold the whole address.
  const unreadable = new LogError(
    'LOG_UNSUITABLE',
    'The address of the database cannot be read: postgres://user:password@host:port/database.',
  );
  if (!/^postgres(?:ql)?:\/\//.test(url)) throw unreadable;
  try {
    const { user = '', host, port, database = '' } = new Client({ connectionString: url });
    if (!(port >= 1 && port <= 65_535)) throw unreadable;
    // A password with a bare "/" or "@" is read as host, port or database, and would be shown.
    if (/[/@:]/.test(`${user}${database}`)) throw unreadable;
    const at = host.includes('/') ? encodeURIComponent(host) : host;
    const authority = `${encodeURIComponent(user)}@${at.includes(':') ? `[${at}]` : at}:${port}`;
    return `postgres://${authority}/${encodeURIComponent(database)}`;
  } catch {
    throw unreadable;
  }
}
