/**
 * `log.growth`: what an entry costs in a log of a million entries, against one of ten thousand. Both sides
 * append as many, one log after the other, and the small one anew in each round.
 *
 * Each round begins without counters, as a day does: how many there are says how busy the day is, not how
 * large the log.
 */
import { cpSync } from 'node:fs';
import { openLogFolder, openRows } from '../../src/log/folder.ts';
import type { LogStore } from '../../src/store/log-store.ts';
import { formatNumber } from '../harness/report.ts';
import type { Row, Sides } from '../harness/row.ts';
import { type FilledLog, sharedLog } from '../subjects/log-fill.ts';
import { logItems } from '../subjects/log-items.ts';
import {
  appendAll,
  benchWorld,
  removeFolder,
  requirePublished,
  sqliteMissing,
  temporaryFolder,
} from '../subjects/log-room.ts';

export const logGrowth: Row = {
  name: 'log.growth',
  unit: 'us',
  measures: 'time per entry appended to a log of 1000000',
  against: 'the same around 10000 entries',
  // How much longer the way from leaf to root is: log(10^6) / log(10^4).
  target: { direction: 'at most', of: 'ratio', number: 1.5 },
  effort: { warmUps: 1, rounds: 7, items: 1_000_000 },
  missing: sqliteMissing,
  prepare,
};

/** @param count entries of the large log; each round appends a hundredth of it */
async function prepare(count: number): Promise<Sides> {
  const appended = Math.ceil(count / 100);
  const large = await sharedLog(count);
  const middle = await sharedLog(Math.ceil(count / 10));
  // Half of what is appended, so that the round goes on around 10000.
  const small = await sharedLog(Math.ceil(count / 200));
  let round = 0;
  const onCopy = async ({ folder }: FilledLog) => {
    const copy = temporaryFolder();
    try {
      cpSync(folder, copy, { recursive: true });
      return await microsecondsToAppend(copy, `growth ${round}`, appended);
    } finally {
      removeFolder(copy);
    }
  };
  // The first is slower than the others: it compiles.
  await onCopy(small);
  const between = await onCopy(middle);
  return {
    note: `${formatNumber(between)} us around ${Math.ceil(count / 10)} entries`,
    measured() {
      round += 1;
      return microsecondsToAppend(large.folder, `growth ${round}`, appended);
    },
    baseline: () => onCopy(small),
  };
}

/** Until the last one is published and all of it is in the file; of one entry. */
async function microsecondsToAppend(folder: string, label: string, count: number): Promise<number> {
  const items = [...logItems(label, count)];
  await withRows(folder, (rows) => rows.forgetQuotas('9999-12-31'));
  const log = await openLogFolder(folder, benchWorld);
  const before = (await log.status()).sequenced;
  const start = performance.now();
  await appendAll(log, items);
  await log.close();
  const millis = performance.now() - start;
  await withRows(folder, (rows) => requirePublished(rows, Number(before) + count));
  return (millis * 1000) / count;
}

/** Not while the time runs: who closes a file last does more than others. */
async function withRows(folder: string, use: (rows: LogStore) => Promise<unknown>): Promise<void> {
  const rows = await openRows(folder);
  await use(rows).finally(() => rows.close());
}
