/** PostgreSQL fails while it is used: nothing that was told is lost, and the same again gives the same. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openPostgresLog, type PostgresLogOptions } from '../../src/store/log-postgres.ts';
import type { LogStore, Sequenced } from '../../src/store/log-store.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import {
  checkpointOf,
  entriesOf,
  entryOf,
  grownBy,
  quotaOf,
  testLog,
} from '../support/log-stores.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../support/postgres.ts';
import { describeWith } from '../support/requirements.ts';
import { startProxy } from '../support/tcp-proxy.ts';

const unavailable = { name: 'LogError', code: 'LOG_UNAVAILABLE' };
const unsuitable = { name: 'LogError', code: 'LOG_UNSUITABLE' };

/** As it is sent: the text with its end, so that READ COMMITTED is not taken for it. */
const commit = 'COMMIT\0';

await describeWith('postgres', postgresMissing, 'PostgreSQL fails', () => {
  let server: PostgresServer;
  let stores: LogStore[] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    stores = [];
  });

  async function open(options: PostgresLogOptions, url = server.url): Promise<LogStore> {
    const store = await openPostgresLog(url, options);
    stores.push(store);
    return store;
  }

  async function made(options: PostgresLogOptions = {}) {
    const schema = server.schema();
    const store = await open({ schema, ...options });
    await store.create(testLog);
    return { schema, store };
  }

  /** Locks rows of a table until it is let go, or the test ends. */
  async function lock(schema: string, table: string): Promise<() => Promise<void>> {
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query(`BEGIN; SELECT 1 FROM "${schema}".${table} FOR UPDATE`);
    let held = true;
    const free = async () => {
      if (held) await client.end();
      held = false;
    };
    onTestFinished(free);
    return free;
  }

  const waiting = async () =>
    (
      await server.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
         WHERE application_name = 'touchstone' AND wait_event_type = 'Lock'`,
      )
    ).map(({ pid }) => pid);

  async function untilWaiting(): Promise<number> {
    for (;;) {
      const [pid] = await waiting();
      if (pid !== undefined) return pid;
      await sleep(10);
    }
  }

  async function retried<T>(call: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await call();
      } catch (error) {
        expect(error).toMatchObject(unavailable);
        if (tries === 100) throw error;
        await sleep(50);
      }
    }
  }

  describe('the connection', () => {
    test('is lost in the middle of a batch: nothing of it is there, and it can be sent again', async () => {
      const { schema, store } = await made();
      await store.sequence(entriesOf(0, 3));
      const quotas = [quotaOf('owner', 2)];
      const batch = [entryOf('a', { quotas }), entryOf('b', { quotas }), entryOf('c', { quotas })];
      // The entries are written by then; the next step waits for the row of the counter.
      await server.query(`INSERT INTO "${schema}".quota VALUES ($1, $2, 0)`, [
        quotas[0]?.key,
        quotas[0]?.window,
      ]);
      const free = await lock(schema, 'quota');
      const lost = store.sequence(batch).catch((error: unknown) => error);
      await server.query('SELECT pg_terminate_backend($1)', [await untilWaiting()]);
      expect(await lost).toMatchObject({ ...unavailable, cause: expect.anything() });
      await free();
      expect(await store.sequenced()).toBe(3n);
      expect(await store.find(batch[0]?.leaf ?? new Uint8Array())).toBeUndefined();
      expect(await store.sequence(batch)).toEqual([
        { kind: 'new', index: 3n },
        { kind: 'new', index: 4n },
        { kind: 'over-quota' },
      ]);
    });

    test('is lost during COMMIT: the same again tells what was done', async () => {
      const { schema } = await made();
      const address = new URL(server.url);
      const proxy = await startProxy(Number(address.port));
      onTestFinished(() => proxy.close());
      address.port = `${proxy.port}`;
      const store = await open({ schema }, address.href);
      const quotas = [quotaOf('owner', 3)];
      const batch = ['a', 'b'].map((content) => entryOf(content, { quotas }));

      proxy.cutAfter(commit);
      await expect(store.sequence(batch)).rejects.toMatchObject(unavailable);
      expect(proxy.hasCut).toBe(true);
      expect(await store.sequence(batch)).toEqual([
        { kind: 'known', index: 0n },
        { kind: 'known', index: 1n },
      ]);
      // The quota was used up once.
      const more = ['c', 'd'].map((content) => entryOf(content, { quotas }));
      expect(await store.sequence(more)).toEqual([
        { kind: 'new', index: 2n },
        { kind: 'over-quota' },
      ]);

      const { frontier, tiles } = grownBy(Frontier.empty, 2);
      proxy.cutAfter(commit);
      await expect(
        store.integrate(Frontier.empty.head, frontier.head, tiles),
      ).rejects.toMatchObject(unavailable);
      expect(await store.integrate(Frontier.empty.head, frontier.head, tiles)).toBe(false);
      expect(await store.head()).toEqual(frontier.head);

      proxy.cutAfter(commit);
      await expect(store.sign(checkpointOf(frontier.head))).rejects.toMatchObject(unavailable);
      expect(await store.sign(checkpointOf(frontier.head))).toBe(true);
    });

    test('is lost while nobody uses it', async () => {
      const { store } = await made();
      await store.sequence(entriesOf(0, 3));
      await server.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'touchstone'`,
      );
      expect(await retried(() => store.sequenced())).toBe(3n);
      expect(await retried(() => store.sequence(entriesOf(2, 4)))).toEqual([
        { kind: 'known', index: 2n },
        { kind: 'new', index: 3n },
      ]);
    });

    test('goes silent: it is given up, and the place in the pool is free again', async () => {
      const { schema } = await made();
      const address = new URL(server.url);
      const proxy = await startProxy(Number(address.port));
      onTestFinished(() => proxy.close());
      address.port = `${proxy.port}`;
      const store = await open(
        { schema, statementTimeoutMs: 100, connectTimeoutMs: 300 },
        address.href,
      );
      proxy.freeze();
      for (let call = 0; call < 2; call++) {
        await expect(store.head()).rejects.toMatchObject(unavailable);
      }
    });
  });

  test('the server crashes under load: what was told is there, and the rest can be sent again', async () => {
    const { schema, store } = await made();
    const other = await open({ schema });
    const told = new Map<number, bigint>();
    const unknown: number[] = [];
    let crashed = false;
    let next = 0;
    const work = async (handle: LogStore) => {
      while (!crashed) {
        const from = next;
        next += 20;
        await handle
          .sequence(entriesOf(from, from + 20))
          .then((results) => note(from, results))
          .catch((error: unknown) => {
            expect(error).toMatchObject(unavailable);
            unknown.push(from);
          });
      }
    };
    const note = (from: number, results: readonly Sequenced[]) => {
      for (const [at, result] of results.entries()) {
        if (result.kind === 'over-quota') throw new Error('there is no quota');
        told.set(from + at, result.index);
      }
    };
    const workers = [store, other, store, other].map(work);
    while (told.size < 1000) await sleep(5);
    const killed = server.kill();
    crashed = true;
    await Promise.all(workers);
    await killed;
    expect(unknown.length).toBeGreaterThan(0);
    await server.restart();

    const stored = new Map(
      (await retried(() => store.entries(0n, 100_000))).map(({ index, bytes }) => [
        String.fromCharCode(...bytes),
        index,
      ]),
    );
    for (const [entry, index] of told) expect(stored.get(`entry ${entry}`)).toBe(index);
    // What nobody was told about is there as a whole batch or not at all, and keeps its index.
    for (const from of unknown) {
      const batch = entriesOf(from, from + 20);
      const results = await retried(() => other.sequence(batch));
      const before = batch.map((_, at) => stored.get(`entry ${from + at}`));
      expect(results).toEqual(
        results.map((_, at) =>
          before[0] === undefined
            ? { kind: 'new', index: expect.anything() }
            : { kind: 'known', index: before[at] },
        ),
      );
      note(from, results);
    }
    const indexes = [...told.values()].sort((a, b) => Number(a - b));
    expect(indexes).toEqual(indexes.map((_, at) => BigInt(at)));
    expect(await store.sequenced()).toBe(BigInt(indexes.length));
    expect(await store.identity()).toEqual(testLog);
  });

  test('the server is not there: nothing hangs, and it goes on when it is back', async () => {
    const { schema, store } = await made({ connectTimeoutMs: 2000 });
    await server.kill();
    await expect(store.sequence(entriesOf(0, 1))).rejects.toMatchObject(unavailable);
    await expect(store.head()).rejects.toMatchObject(unavailable);
    await expect(open({ schema })).rejects.toMatchObject(unavailable);
    await server.restart();
    expect(await retried(() => store.sequence(entriesOf(0, 1)))).toEqual([
      { kind: 'new', index: 0n },
    ]);
  });

  describe('time-outs', () => {
    test.each([
      ['a lock', { lockTimeoutMs: 100 }, '55P03'],
      ['a statement', { statementTimeoutMs: 100, lockTimeoutMs: 20_000 }, '57014'],
    ])('of %s: unavailable, and free again afterwards', async (_, options, code) => {
      const { schema, store } = await made(options);
      for (const [table, call] of [
        ['log', () => store.sequence(entriesOf(0, 1))],
        ['tree', () => store.sign(checkpointOf(Frontier.empty.head))],
      ] as const) {
        const free = await lock(schema, table);
        // More often than there are connections: none of them may stay taken.
        for (let tries = 0; tries < 8; tries++) {
          await expect(call()).rejects.toMatchObject({ ...unavailable, cause: { code } });
        }
        await free();
        await call();
      }
      expect(await store.sequenced()).toBe(1n);
      expect(await store.latestSigned()).toMatchObject({ size: 0n });
    });

    test('of a server that never answers', async () => {
      const silent = createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void silent.close());
      const address = silent.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const url = `postgres://u:secret@127.0.0.1:${address.port}/db`;
      await expect(open({ connectTimeoutMs: 200 }, url)).rejects.toMatchObject(unavailable);
    });

    test('of a process that stops within a transaction: the others need not wait for it', async () => {
      const { schema, store } = await made();
      const address = new URL(server.url);
      const proxy = await startProxy(Number(address.port));
      onTestFinished(() => proxy.close());
      address.port = `${proxy.port}`;
      const stopped = await open({ schema, statementTimeoutMs: 300 }, address.href);
      // Its row is locked, and it never says what comes next.
      proxy.freezeAfter('FOR UPDATE');
      const lost = stopped.sequence(entriesOf(0, 2)).catch((error: unknown) => error);
      while (!proxy.isFrozen) await sleep(5);
      expect(await store.sequence(entriesOf(1, 2))).toEqual([{ kind: 'new', index: 0n }]);
      expect(await lost).toMatchObject(unavailable);
      expect(await store.sequenced()).toBe(1n);
    });
  });

  describe('what the server is set to', () => {
    test('transactions wait for the disk although the user is set not to', async () => {
      const { schema, store } = await made();
      await server.query(`
        CREATE TABLE "${schema}_seen" (setting text, isolation text);
        CREATE FUNCTION "${schema}_see"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO public."${schema}_seen" VALUES (
            current_setting('synchronous_commit'), current_setting('transaction_isolation'));
          RETURN NULL;
        END $$;
      `);
      for (const table of ['entry', 'tree', 'signed', 'published', 'quota']) {
        await server.query(
          `CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON "${schema}".${table}
           EXECUTE FUNCTION "${schema}_see"()`,
        );
      }
      await server.query(`ALTER ROLE postgres SET synchronous_commit = off`);
      await server.query(`ALTER ROLE postgres SET default_transaction_isolation = serializable`);
      onTestFinished(() => server.query('ALTER ROLE postgres RESET ALL').then(() => undefined));
      const later = await open({ schema });
      expect(later.place).toBe(store.place);
      await later.sequence([entryOf('entry 0', { quotas: [quotaOf('owner', 1)] })]);
      const { frontier, tiles } = grownBy(Frontier.empty, 1);
      expect(await later.integrate(Frontier.empty.head, frontier.head, tiles)).toBe(true);
      expect(await later.sign(checkpointOf(frontier.head))).toBe(true);
      expect(await later.publish(checkpointOf(frontier.head))).toBe(true);
      await later.forgetQuotas('z');
      const seen = await server.query(`SELECT * FROM "${schema}_seen"`);
      expect(seen.length).toBeGreaterThanOrEqual(6);
      expect(seen).toEqual(seen.map(() => ({ setting: 'on', isolation: 'read committed' })));
    });

    test('a server that does not wait for the disk is refused', async () => {
      const { schema } = await made();
      const set = async (fsync: string) => {
        await server.query(`ALTER SYSTEM SET fsync = ${fsync}`);
        await server.query('SELECT pg_reload_conf()');
        for (;;) {
          const [row] = await server.query<{ fsync: string }>('SHOW fsync');
          if (row?.fsync === fsync) return;
          await sleep(10);
        }
      };
      onTestFinished(() => set('on'));
      await set('off');
      await expect(open({ schema })).rejects.toMatchObject(unsuitable);
      await set('on');
      expect(await (await open({ schema })).identity()).toEqual(testLog);
    });

    test('a user who may only read, or nothing, writes nothing', async () => {
      const { schema } = await made();
      await server.query(`
        CREATE ROLE reader LOGIN PASSWORD 'pw'; CREATE ROLE stranger LOGIN PASSWORD 'pw';
        GRANT USAGE ON SCHEMA "${schema}" TO reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO reader;
        CREATE ROLE writer LOGIN PASSWORD 'pw' IN ROLE postgres;
        ALTER ROLE writer SET default_transaction_read_only = on;
      `);
      const as = (user: string) => {
        const address = new URL(server.url);
        address.username = user;
        address.password = 'pw';
        return open({ schema }, address.href);
      };
      const [reader, stranger, writer] = [
        await as('reader'),
        await as('stranger'),
        await as('writer'),
      ];
      expect(await reader.identity()).toEqual(testLog);
      await expect(stranger.identity()).rejects.toMatchObject(unavailable);
      for (const store of [reader, stranger, writer]) {
        await expect(store.sequence(entriesOf(0, 1))).rejects.toMatchObject(unavailable);
      }
      expect(await reader.sequenced()).toBe(0n);
    });

    test('a schema without a log, and one with something else in it', async () => {
      const schema = server.schema();
      const store = await open({ schema });
      await expect(store.identity()).rejects.toMatchObject(unsuitable);
      await expect(store.sequence(entriesOf(0, 1))).rejects.toMatchObject(unsuitable);
      await server.query(`CREATE SCHEMA "${schema}"`);
      await expect(store.identity()).rejects.toMatchObject(unsuitable);
      await server.query(`CREATE TABLE "${schema}".people (name text)`);
      await expect(store.create(testLog)).rejects.toMatchObject(unsuitable);
      await server.query(`DROP TABLE "${schema}".people`);
      await store.create(testLog);
      expect(await store.identity()).toEqual(testLog);
    });
  });

  describe('the address', () => {
    const secret = 'Tr0ub4dor-secret';
    /** All that a log file could show of it. */
    async function refusal(url: string, options: PostgresLogOptions = {}): Promise<string> {
      const error = await open(options, url).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ name: 'LogError' });
      return inspect(error, { depth: 20, showHidden: true });
    }

    test('with a wrong password does not show it', async () => {
      const address = new URL(server.url);
      address.password = secret;
      const shown = await refusal(address.href);
      expect(shown).toContain('LOG_UNAVAILABLE');
      expect(shown).not.toContain(secret);
    });

    test.each([
      `postgres://user:${secret}@127.0.0.1:99999/db`,
      `postgres://user:${secret}@[::1/db`,
      `postgres://user:${secret}@127.0.0.1/db?port=99999`,
      `postgres://user:${secret}@127.0.0.1:1/db`,
      `postgres://user:${secret}@127.0.0.1:1/db?sslrootcert=/none`,
      `postgres://127.0.0.1:1/db?user=user&password=${secret}`,
      `postgres://user:${secret}@/db?host=/none`,
      `mysql://user:${secret}@127.0.0.1/db`,
      `user:${secret}@127.0.0.1/db`,
      secret,
    ])('%s is not shown with its password', async (url) => {
      expect(await refusal(url, { connectTimeoutMs: 1000 })).not.toContain(secret);
    });

    test.each([
      `postgres://user:12/${secret}@127.0.0.1:1/db`,
      `postgres://user:12/${secret}@127.0.0.1`,
      `postgres://user:12/${secret}/34`,
      `postgres://user:12/${secret}:34`,
      `postgres://${secret}@user:12@127.0.0.1:1/db`,
      `postgres://user%3A${secret}@127.0.0.1:1/db`,
      `postgres://user%2F${secret}@127.0.0.1:1/db`,
    ])('%s, in which a password is read as something else, is refused', async (url) => {
      await expect(open({ connectTimeoutMs: 1000 }, url)).rejects.toMatchObject(unsuitable);
      expect(await refusal(url, { connectTimeoutMs: 1000 })).not.toContain(secret);
    });

    test('with such a password is taken when it is escaped', async () => {
      const url = `postgres://user:12%2F${secret}%40%3A@127.0.0.1:1/db`;
      const shown = await refusal(url, { connectTimeoutMs: 1000 });
      expect(shown).toContain('LOG_UNAVAILABLE');
      expect(shown).toContain('postgres://user@127.0.0.1:1/db');
      expect(shown).not.toContain(secret);
    });

    test('is shown without password and parameters', async () => {
      const { port } = new URL(server.url);
      const store = await open({}, `${server.url}?application_name=${secret}`);
      expect(store.place).toBe(`postgres://postgres@127.0.0.1:${port}/postgres`);
    });

    test('names a database that is not there', async () => {
      const address = new URL(server.url);
      address.pathname = '/none';
      await expect(open({}, address.href)).rejects.toMatchObject(unsuitable);
    });

    test.each([
      '',
      'A',
      '1a',
      'a-b',
      'a"b',
      'a.b',
      'a b',
      'pg_log',
      'information_schema',
      'é',
      'a'.repeat(64),
    ])('and the schema %j is refused', async (schema) => {
      await expect(open({ schema })).rejects.toMatchObject(unsuitable);
    });

    test('and the longest schema is taken', async () => {
      const { store } = await made({ schema: `_${'z9'.repeat(31)}` });
      expect(await store.identity()).toEqual(testLog);
    });
  });
});
