/**
 * `log.memory`: the largest resident set of a process that fills a log of a million entries, against one
 * that fills a log of a twentieth of it. What does not grow with the log fits every log.
 *
 * The large log takes minutes and is filled once, so its figure is the same in every round.
 */
import type { Row, Sides } from '../harness/row.ts';
import { dropLog, fillLog, sharedLog } from '../subjects/log-fill.ts';
import { sqliteMissing } from '../subjects/log-room.ts';

export const logMemory: Row = {
  name: 'log.memory',
  unit: 'MB',
  measures: 'peak resident set of a process that appends 1000000 entries to a log',
  against: 'the same of 50000 entries',
  target: { direction: 'at most', of: 'value', number: 300 },
  effort: { warmUps: 1, rounds: 3, items: 1_000_000 },
  missing: sqliteMissing,
  prepare,
};

/** @param count entries of the large log */
async function prepare(count: number): Promise<Sides> {
  const { peakMegabytes } = await sharedLog(count);
  return {
    measured: () => peakMegabytes,
    async baseline() {
      const small = await fillLog(Math.ceil(count / 20));
      dropLog(small);
      return small.peakMegabytes;
    },
  };
}
