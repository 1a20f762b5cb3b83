/**
 * `log.receipt.*`: how long somebody waits for a receipt, from handing in an entry to the proof by a
 * published checkpoint, at 100 entries a second and with the settings that a log has by itself. A
 * receipt waits for the next checkpoint; what is held against it is that wait alone, for the next tick of a
 * bare timer of the same interval, of arrivals at the same times.
 *
 * Counted from when an entry was due, so that a log that holds up the arrivals gains nothing by it.
 */
import { defaultSettings } from '../../src/log/settings.ts';
import type { Row, Sides } from '../harness/row.ts';
import { logItem } from '../subjects/log-items.ts';
import { type LogRoom, sqliteMissing, sqliteRows, startLog } from '../subjects/log-room.ts';

const interval = defaultSettings.checkpointMillis;

const row = (percent: number, target: Row['target']): Row => ({
  name: `log.receipt.p${percent}`,
  unit: 'ms',
  measures: `time by which ${percent} of 100 entries have their receipt, at 100 entries a second`,
  against: `the wait for the next tick of a timer of ${interval} ms`,
  target,
  effort: { warmUps: 1, rounds: 3, items: 500 },
  missing: sqliteMissing,
  prepare: (items) => prepare(percent, items),
});

export const logReceiptHalf = row(50, { direction: 'at most', of: 'ratio', number: 1.5 });
export const logReceiptSlow = row(99, {
  direction: 'at most',
  of: 'value',
  number: 2 * interval,
});

/** Between two arrivals, milliseconds. */
const gap = 10;

/** @param count entries in one round: whole intervals, or some would wait less than the others */
async function prepare(percent: number, count: number): Promise<Sides> {
  const rows = sqliteRows();
  const { log } = await startLog(rows).catch(async (error) => {
    await rows.remove();
    throw error;
  });
  let round = 0;
  return {
    async measured() {
      round += 1;
      const label = `receipt ${round}`;
      return percentile(percent, await waits(count, (number) => receipt(log, label, number)));
    },
    async baseline() {
      const ticks = startTicks();
      const waited = await waits(count, () => ticks.next()).finally(() => ticks.stop());
      return percentile(percent, waited);
    },
    async close() {
      await log.close();
      await rows.remove();
    },
  };
}

/** Everything between handing in an entry and having its proof. */
async function receipt(log: LogRoom['log'], label: string, number: number): Promise<void> {
  const { index } = await log.append(logItem(label, number));
  await log.published(index);
  if ((await log.prove(index)) === undefined) throw new Error('published, but not to be proven');
}

/** Lets `count` arrive, one after the other, and says how long each waited; milliseconds. */
async function waits(
  count: number,
  arrive: (number: number) => Promise<void>,
): Promise<readonly number[]> {
  const start = performance.now();
  return Promise.all(
    Array.from({ length: count }, async (_, number) => {
      await new Promise((resolve) => setTimeout(resolve, number * gap));
      await arrive(number);
      return performance.now() - (start + number * gap);
    }),
  );
}

function startTicks(): { next(): Promise<void>; stop(): void } {
  let waiting: (() => void)[] = [];
  const timer = setInterval(() => {
    for (const resolve of waiting.splice(0)) resolve();
  }, interval);
  return {
    next: () => new Promise((resolve) => waiting.push(resolve)),
    stop: () => {
      clearInterval(timer);
      waiting = [];
    },
  };
}

/** The smallest one that so many of a hundred do not exceed (nearest rank). */
function percentile(percent: number, numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}
