/**
 * Fills a log in a process of its own, whose memory is then that of the log alone:
 *
 *   node log-filler.js FOLDER COUNT
 *
 * prints `{"peakBytes":...}` when the entries are published and the log is closed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createLogFolder, openLogFolder, openRows } from '../../src/log/folder.ts';
import { dayOf, itemsPerDay, logItem } from './log-items.ts';
import { appendAll, benchOrigin, benchSeed, benchWorld, requirePublished } from './log-room.ts';

const [folder = '', countText = ''] = process.argv.slice(2);
const count = Number(countText);
await createLogFolder({ folder, origin: benchOrigin, seed: benchSeed });
const log = await openLogFolder(folder, benchWorld);
const rows = await openRows(folder);
for (let from = 0; from < count; from += itemsPerDay) {
  await appendAll(log, dayFrom(from));
  // What an operator does every day; the hours of yesterday may still come in.
  await rows.forgetQuotas(dayOf(from));
}
await log.close();
await requirePublished(rows, count);
await rows.close();
process.stdout.write(`${JSON.stringify({ peakBytes: peakBytes() })}\n`);

function* dayFrom(from: number) {
  const end = Math.min(from + itemsPerDay, count);
  for (let number = from; number < end; number += 1) yield logItem('fill', number);
}

/** The largest resident set of this process. */
function peakBytes(): number {
  // On Linux, getrusage begins with the peak of the process that started this one; VmHWM does not.
  const file = '/proc/self/status';
  const status = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const own = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return Number(own ?? process.resourceUsage().maxRSS) * 1024;
}
