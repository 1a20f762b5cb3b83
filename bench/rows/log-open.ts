/**
 * `log.open`: how long a log of a million entries takes to open for writing, all checks of the start
 * included, against one of a thousand.
 */
import { openLogFolder } from '../../src/log/folder.ts';
import type { Row, Sides } from '../harness/row.ts';
import { type FilledLog, sharedLog } from '../subjects/log-fill.ts';
import { benchWorld, sqliteMissing } from '../subjects/log-room.ts';

export const logOpen: Row = {
  name: 'log.open',
  unit: 'ms',
  measures: 'opening a log of 1000000 entries for writing',
  against: 'opening one of 1000',
  target: { direction: 'at most', of: 'value', number: 1000 },
  effort: { warmUps: 3, rounds: 31, items: 1_000_000 },
  missing: sqliteMissing,
  prepare,
};

/** @param count entries of the large log */
async function prepare(count: number): Promise<Sides> {
  const large = await sharedLog(count);
  const small = await sharedLog(Math.ceil(count / 1000));
  return { measured: () => millisecondsToOpen(large), baseline: () => millisecondsToOpen(small) };
}

/** @throws Error when it opens as read-only: then there is a step that was not taken */
async function millisecondsToOpen({ folder }: FilledLog): Promise<number> {
  const start = performance.now();
  const log = await openLogFolder(folder, benchWorld);
  const millis = performance.now() - start;
  const { mode } = await log.status();
  await log.close();
  if (mode !== 'open') throw new Error(`the log opened as ${mode}`);
  return millis;
}
