/** What transactions in PostgreSQL rely on: a COMMIT that was one, a row that is locked, and names of our own. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openPostgresLog } from '../../src/store/log-postgres.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import {
  checkpointOf,
  entriesOf,
  entryOf,
  grownBy,
  hashOf,
  quotaOf,
  testLog,
} from '../support/log-stores.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../support/postgres.ts';
import { describeWith } from '../support/requirements.ts';

await describeWith('postgres', postgresMissing, 'transactions in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  async function open(schema: string, url = server.url) {
    const store = await openPostgresLog(url, { schema });
    onTestFinished(() => store.close());
    return store;
  }

  async function made() {
    const schema = server.schema();
    const store = await open(schema);
    await store.create(testLog);
    return { schema, store };
  }

  test('one that the server rolled back is not taken for committed', async () => {
    const schema = server.schema();
    await server.query(`CREATE SCHEMA "${schema}"; CREATE TABLE "${schema}".told (n integer)`);
    const postgres = await openPostgres(server.url);
    onTestFinished(() => postgres.close());
    const tell = (n: number, last: string) =>
      postgres.transaction(async (query) => {
        await query(`INSERT INTO "${schema}".told VALUES (${n})`);
        await query(last).catch(() => undefined);
        return n;
      });

    // What failed is not heard of: the answer to COMMIT alone tells that the transaction is lost.
    await expect(tell(1, 'SELECT 1 / 0')).rejects.toMatchObject({
      name: 'LogError',
      code: 'LOG_UNAVAILABLE',
      message: expect.stringContaining('did not keep what it was told'),
    });
    expect(await tell(2, 'SELECT 1')).toBe(2);
    expect(await server.query(`SELECT n FROM "${schema}".told`)).toEqual([{ n: 2 }]);
  });

  describe('forgetting quotas', () => {
    const old = quotaOf('owner', 9, '2026-11-24');

    /** Until so many of ours wait for a lock, or there is nothing more to wait for. */
    async function untilWaiting(count: number, isOver = () => false): Promise<void> {
      while (!isOver()) {
        const waiting = await server.query(
          `SELECT pid FROM pg_stat_activity
           WHERE application_name = 'touchstone' AND wait_event_type = 'Lock'`,
        );
        if (waiting.length >= count) return;
        await sleep(10);
      }
    }

    test('waits for a batch that has read a counter, which would bring it back', async () => {
      const { schema, store } = await made();
      const other = await open(schema);
      await store.sequence([entryOf('a', { quotas: [old] })]);
      // A batch stops here between reading its counters and writing them.
      const client = new pg.Client(server.url);
      await client.connect();
      onTestFinished(() => client.end());
      await client.query(`BEGIN; LOCK TABLE "${schema}".entry IN SHARE MODE`);
      const batch = store.sequence([entryOf('b', { quotas: [old] })]);
      await untilWaiting(1);
      let isOver = false;
      const forgotten = other.forgetQuotas('2026-11-25').finally(() => {
        isOver = true;
      });
      await untilWaiting(2, () => isOver);
      await client.query('COMMIT');
      expect(await batch).toEqual([{ kind: 'new', index: 1n }]);
      await forgotten;
      expect(await server.query(`SELECT span, used FROM "${schema}".quota`)).toEqual([]);
    });
  });

  describe('names', () => {
    /** A schema of things that are named as PostgreSQL's own; the first three leave a row when they are used. */
    const traps = (schema: string) => `
      CREATE SCHEMA "${schema}";
      CREATE TABLE "${schema}".used (what text);
      CREATE FUNCTION "${schema}".octet_length(bytea) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO "${schema}".used VALUES ('octet_length'); RETURN pg_catalog.octet_length($1);
      END $$;
      CREATE FUNCTION "${schema}".same(bytea, bytea) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO "${schema}".used VALUES ('='); RETURN $1 OPERATOR(pg_catalog.=) $2;
      END $$;
      CREATE OPERATOR "${schema}".= (
        LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = "${schema}".same);
      CREATE FUNCTION "${schema}".up_to(bigint, double precision) RETURNS boolean
        LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO "${schema}".used VALUES ('<='); RETURN true;
        END $$;
      CREATE OPERATOR "${schema}".<= (
        LEFTARG = bigint, RIGHTARG = double precision, FUNCTION = "${schema}".up_to);
      CREATE VIEW "${schema}".pg_class AS SELECT * FROM pg_catalog.pg_class WHERE false;
    `;

    /** What of the traps is used when a log is, by a user who is named like their schema. */
    async function trapped(trap: string, settings = ''): Promise<unknown[]> {
      const schema = server.schema();
      await server.query(traps(trap));
      await server.query(`CREATE ROLE "${trap}" LOGIN SUPERUSER PASSWORD 'pw'; ${settings}`);
      const address = new URL(server.url);
      address.username = trap;
      address.password = 'pw';

      await server.query(`CREATE SCHEMA "${schema}"; CREATE TABLE "${schema}".people (name text)`);
      const store = await open(schema, address.href);
      await expect(store.create(testLog)).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
      await server.query(`DROP TABLE "${schema}".people`);
      await store.create(testLog);
      expect(await store.identity()).toEqual(testLog);
      await store.sequence([
        ...entriesOf(0, 300),
        entryOf('more', { key: hashOf('k'), quotas: [quotaOf('owner', 1)] }),
      ]);
      const { frontier, tiles } = grownBy(Frontier.empty, 300);
      expect(await store.integrate(Frontier.empty.head, frontier.head, tiles)).toBe(true);
      expect(await store.sign(checkpointOf(frontier.head))).toBe(true);
      expect(await store.publish(checkpointOf(frontier.head))).toBe(true);
      expect(await store.find(entryOf('more').leaf)).toBe(300n);
      expect(await store.byKey(hashOf('k'), 0n, 9)).toEqual([300n]);
      expect(await store.tile({ level: 0, index: 0n, width: 256 })).toHaveLength(8192);
      expect(await store.entries(0n, 300, 20)).toHaveLength(2);
      await store.forgetQuotas('z');
      return server.query(`SELECT DISTINCT what FROM "${trap}".used`);
    }

    test('are PostgreSQL’s own, although the user has another schema before it', async () => {
      const before = 'ALTER ROLE first SET search_path = first, pg_catalog';
      expect(await trapped('first', before)).toEqual([]);
    });

    test('are PostgreSQL’s own, although in another schema there is one that fits better', async () => {
      expect(await trapped('fits')).toEqual([]);
    });
  });
});
