/**
 * `log.check`: how fast all of a log is read and held against its signed checkpoint, from its own rows:
 * every entry, every tile, every checkpoint that was ever signed.
 *
 * The baseline hashes a tree of as many entries of the same length, each entry and each node once, from
 * memory. A check from rows hashes every entry twice: against its row, and against its tile.
 */

import { checkLog } from '../../src/log/check.ts';
import { openRows, readPolicy } from '../../src/log/folder.ts';
import { rowsSource } from '../../src/log/source.ts';
import { leafHash, nodeHash } from '../../src/tlog/merkle.ts';
import { millisecondsOfAsync, perSecond } from '../harness/measure.ts';
import type { Row, Sides } from '../harness/row.ts';
import { sharedLog } from '../subjects/log-fill.ts';
import { logItems } from '../subjects/log-items.ts';
import { sqliteMissing } from '../subjects/log-room.ts';

export const logCheck: Row = {
  name: 'log.check',
  unit: 'entries/s',
  measures: 'checking a log of 100000 entries from its rows',
  against: 'the bare hashing of as many entries and nodes',
  target: { direction: 'at least', of: 'ratio', number: 0.1 },
  effort: { warmUps: 1, rounds: 7, items: 100_000 },
  missing: sqliteMissing,
  prepare,
};

/** @param count entries in the log */
async function prepare(count: number): Promise<Sides> {
  const { folder } = await sharedLog(count);
  const policy = await readPolicy(folder);
  const rows = await openRows(folder);
  const source = rowsSource(rows);
  const entries = Array.from(logItems('fill', count), ({ bytes }) => bytes);
  return {
    async measured() {
      const millis = await millisecondsOfAsync(async () => {
        const at = BigInt(Math.floor(Date.now() / 1000));
        const check = await checkLog({ source, policy, at });
        if (check.kind === 'sound' && check.counts.entries === BigInt(count)) return;
        throw new Error(`the log was found to be ${check.kind}`);
      });
      return (count * 1000) / millis;
    },
    baseline: () => perSecond(count, () => void hashTree(entries)),
    close: () => rows.close(),
  };
}

/** Level by level; the last of an odd number goes up as it is (RFC 6962 section 2.1). */
function hashTree(entries: readonly Uint8Array[]): Uint8Array | undefined {
  let hashes = entries.map(leafHash);
  while (hashes.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < hashes.length; at += 2) {
      const [left, right] = [hashes[at], hashes[at + 1]];
      if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
    }
    hashes = above;
  }
  return hashes[0];
}
