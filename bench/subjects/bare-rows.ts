/** Rows of the same bytes in a bare table: what the disk and the database cost, and nothing else. */
import { join } from 'node:path';
import Pg from 'pg';
import { removeFolder, temporaryFolder } from './log-room.ts';

/** Puts rows into a table, so many in a transaction, each on the disk before the next. */
export type PutRows = (rows: readonly Uint8Array[], batch: number) => Promise<void>;

/**
 * A table of a new SQLite file, as durable as a log's: WAL, synchronous=FULL.
 *
 * @param use its time is that of the rows alone; making and removing the file are outside
 */
export async function withBareSqlite<T>(use: (put: PutRows) => Promise<T>): Promise<T> {
  const { default: Database } = await import('better-sqlite3');
  const folder = temporaryFolder();
  try {
    const database = new Database(join(folder, 'bare.db'));
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.exec('CREATE TABLE bare (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT');
    const insert = database.prepare('INSERT INTO bare VALUES (?, ?)');
    const putBatch = database.transaction((rows: readonly Uint8Array[], from: number) => {
      for (const [at, bytes] of rows.entries()) insert.run(from + at, bytes);
    });
    return await use(async (rows, batch) => {
      for (let from = 0; from < rows.length; from += batch) {
        putBatch.immediate(rows.slice(from, from + batch), from);
      }
      database.close();
    });
  } finally {
    removeFolder(folder);
  }
}

/** The same in a new table of a PostgreSQL database, one statement a transaction. */
export async function withBarePostgres<T>(
  url: string,
  use: (put: PutRows) => Promise<T>,
): Promise<T> {
  const client = new Pg.Client(url);
  await client.connect();
  try {
    await client.query('CREATE TABLE bare (idx bigint PRIMARY KEY, bytes bytea NOT NULL)');
    return await use(async (rows, batch) => {
      for (let from = 0; from < rows.length; from += batch) {
        await client.query(
          `INSERT INTO bare SELECT $1::bigint + place, bytes
           FROM unnest($2::bytea[]) WITH ORDINALITY AS given (bytes, place)`,
          [from, rows.slice(from, from + batch)],
        );
      }
    });
  } finally {
    await client.query('DROP TABLE IF EXISTS bare');
    await client.end();
  }
}
