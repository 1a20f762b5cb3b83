/**
 * `log.append.*`: how many entries a second one process takes into a log, from the first handed in to
 * the last one published: acknowledged, integrated, signed, each step on the disk. A few hundred are under
 * way at once, and the log forms its batches itself.
 *
 * The baseline puts the bytes of the same entries, and nothing else, into a bare table, in transactions of the mean
 * size that the batches had.
 */
import type { LogItem } from '../../src/log/item.ts';
import { openPostgresLog } from '../../src/store/log-postgres.ts';
import { millisecondsOfAsync } from '../harness/measure.ts';
import type { Row, Sides } from '../harness/row.ts';
import { type PutRows, withBarePostgres, withBareSqlite } from '../subjects/bare-rows.ts';
import { logItems } from '../subjects/log-items.ts';
import {
  appendAll,
  type Rows,
  requirePublished,
  sqliteMissing,
  sqliteRows,
  startLog,
} from '../subjects/log-room.ts';
import { postgresMissing, startPostgres } from '../subjects/postgres.ts';

const common = {
  unit: 'entries/s',
  measures: 'entries of a card each appended to a log, until the last one is published',
  effort: { warmUps: 1, rounds: 5, items: 20_000 },
} as const;

export const logAppendSqlite: Row = {
  ...common,
  name: 'log.append.sqlite',
  against: 'their bytes alone in a bare SQLite table, as durable, in batches of the same size',
  target: { direction: 'at least', of: 'value', number: 10_000 },
  missing: sqliteMissing,
  prepare: (items) => prepare(items, { rows: sqliteRows, withBare: withBareSqlite }),
};

export const logAppendPostgres: Row = {
  ...common,
  name: 'log.append.postgres',
  against: 'their bytes alone in a bare PostgreSQL table, in batches of the same size',
  target: { direction: 'at least', of: 'value', number: 3000 },
  missing: postgresMissing,
  prepare: preparePostgres,
};

interface Place {
  /** Empty ones, each time. */
  rows(): Rows;
  withBare(use: (put: PutRows) => Promise<number>): Promise<number>;
  close?(): Promise<void>;
}

async function preparePostgres(items: number): Promise<Sides> {
  const server = await startPostgres();
  return prepare(items, {
    rows: () => {
      const schema = server.schema();
      return {
        open: () => openPostgresLog(server.url, { schema }),
        remove: async () => void (await server.query(`DROP SCHEMA "${schema}" CASCADE`)),
      };
    },
    withBare: (use) => withBarePostgres(server.url, use),
    close: () => server.stop(),
  });
}

/** @param count entries in one round, each round's in a new log */
function prepare(count: number, place: Place): Sides {
  let round = 0;
  let items: readonly LogItem[] = [];
  let batch = count;
  return {
    async measured() {
      round += 1;
      items = [...logItems(`append ${round}`, count)];
      const rows = place.rows();
      try {
        const room = await startLog(rows);
        const millis = await millisecondsOfAsync(async () => {
          await appendAll(room.log, items);
          // Publishes what is not yet, without the pause between two checkpoints.
          await room.log.close();
        });
        batch = Math.ceil(count / room.batches);
        const store = await rows.open();
        await requirePublished(store, count).finally(() => store.close());
        return (count * 1000) / millis;
      } finally {
        await rows.remove();
      }
    },
    baseline: () =>
      place.withBare(async (put) => {
        const bytes = items.map((item) => item.bytes);
        return (count * 1000) / (await millisecondsOfAsync(() => put(bytes, batch)));
      }),
    ...(place.close && { close: place.close }),
  };
}
