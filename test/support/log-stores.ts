/** Both forms of the rows of a log, for suites that hold either to the contract, and what to put into them. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { equal } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { openPostgresLog } from '../../src/store/log-postgres.ts';
import { openSqliteLog } from '../../src/store/log-sqlite.ts';
import type { LogStore, NewEntry, Quota, StoredCheckpoint } from '../../src/store/log-store.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import { leafHash, type TreeHead } from '../../src/tlog/merkle.ts';
import { type PostgresServer, postgresMissing, startPostgres } from './postgres.ts';
import { describeWith } from './requirements.ts';

// A driver may give a subclass of Uint8Array; bytes are compared as bytes.
expect.addEqualityTesters([
  (a: unknown, b: unknown) =>
    a instanceof Uint8Array && b instanceof Uint8Array ? equal(a, b) : undefined,
]);

export const testLog = { origin: 'log.example.org/test', key: 'log.example.org/test+0+AA==' };

/** Where one log is. */
export interface LogPlace {
  /** One more handle, as another process has it; closed after the test. */
  open(): Promise<LogStore>;
  /** Statements past the contract; `@.` stands before each table, and `hex(...)` is a value of bytes. */
  alter(sql: string): Promise<void>;
}

export interface LogForm {
  /** A place where nothing is yet. */
  place(): Promise<LogPlace>;
}

/** Runs a suite on each of the forms. To be awaited at the top level of a test file. */
export async function describeBoth(title: string, suite: (form: LogForm) => void): Promise<void> {
  describe(`${title} in SQLite`, () => suite(sqliteForm()));
  await describeWith('postgres', postgresMissing, `${title} in PostgreSQL`, () =>
    suite(postgresForm()),
  );
}

function sqliteForm(): LogForm {
  let folder = '';
  let made = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'touchstone-log-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const keep = closedAfterEach();
  return {
    async place() {
      made += 1;
      const path = join(folder, `${made}.db`);
      return {
        open: async () => keep(await openSqliteLog(path, 'create')),
        async alter(sql) {
          const database = new Database(path);
          database.exec(sql.replaceAll('@.', '').replace(/hex\((\w*)\)/g, "x'$1'"));
          database.close();
        },
      };
    },
  };
}

function postgresForm(): LogForm {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  const keep = closedAfterEach();
  return {
    async place() {
      if (server === undefined) throw new Error('the server was not started');
      const { url, query } = server;
      const schema = server.schema();
      return {
        open: async () => keep(await openPostgresLog(url, { schema })),
        async alter(sql) {
          const bytes = sql.replace(/hex\((\w*)\)/g, "'\\x$1'::bytea");
          await query.call(server, bytes.replaceAll('@.', `"${schema}".`));
        },
      };
    },
  };
}

function closedAfterEach(): (store: LogStore) => LogStore {
  let stores: LogStore[] = [];
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    stores = [];
  });
  return (store) => {
    stores.push(store);
    return store;
  };
}

/** A handle on a new, empty log. */
export async function emptyLog(form: LogForm): Promise<{ place: LogPlace; store: LogStore }> {
  const place = await form.place();
  const store = await place.open();
  await store.create(testLog);
  return { place, store };
}

/** The SHA-256 of a text. */
export const hashOf = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());

/** An entry with these bytes. */
export function entryOf(
  content: string | Uint8Array,
  more: { readonly key?: Uint8Array; readonly quotas?: readonly Quota[] } = {},
): NewEntry {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { leaf: leafHash(bytes), bytes, quotas: [], ...more };
}

/** Entries `entry <from>` to `entry <to - 1>`. */
export function entriesOf(from: number, to: number): NewEntry[] {
  return Array.from({ length: to - from }, (_, at) => entryOf(`entry ${from + at}`));
}

export const quotaOf = (name: string, limit: number, window = '2026-11-25'): Quota => ({
  key: hashOf(name),
  window,
  limit,
});

/** The tree of the entries `entry 0` to `entry <size - 1>`. */
export function treeOf(size: number, salt = ''): Frontier {
  return grownBy(Frontier.empty, size, salt).frontier;
}

export const headOf = (size: number, salt = ''): TreeHead => treeOf(size, salt).head;

/** A tree with the next entries; with a salt, with other ones. */
export function grownBy(from: Frontier, count: number, salt = '') {
  const first = Number(from.size);
  return from.extend(
    Array.from({ length: count }, (_, at) =>
      leafHash(new TextEncoder().encode(`${salt}entry ${first + at}`)),
    ),
  );
}

/** Sequences and integrates `entry 0` to `entry <size - 1>` into an empty log. */
export async function fill(store: LogStore, size: number): Promise<Frontier> {
  await store.sequence(entriesOf(0, size));
  const { frontier, tiles } = grownBy(Frontier.empty, size);
  if (!(await store.integrate(Frontier.empty.head, frontier.head, tiles))) {
    throw new Error('the log is not empty');
  }
  return frontier;
}

/** A checkpoint over a tree; the rows do not look into the note. */
export function checkpointOf({ size, root }: TreeHead, remark = ''): StoredCheckpoint {
  return { size, root, note: `${testLog.origin}\n${size}\n${toHex(root)}\n\n— ${remark}\n` };
}
