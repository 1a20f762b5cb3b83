/**
 * `log.prove`: inclusion proofs a second from a log, of entries anywhere in it. Each proof is made from
 * tiles and verified against the root before it is handed out, as for a receipt.
 *
 * The baseline hashes what verifying the same proofs hashes: an entry, and one node for each hash of the
 * proof. Reading tiles and entries from the database, and the nodes within tiles, come on top of it.
 */
import { randomInt } from 'node:crypto';
import { openRows } from '../../src/log/folder.ts';
import { createReader } from '../../src/log/reader.ts';
import { leafHash, nodeHash } from '../../src/tlog/merkle.ts';
import { millisecondsOfAsync, perSecond } from '../harness/measure.ts';
import type { Row, Sides } from '../harness/row.ts';
import { sharedLog } from '../subjects/log-fill.ts';
import { logItem } from '../subjects/log-items.ts';
import { requirePublished, sqliteMissing } from '../subjects/log-room.ts';

export const logProve: Row = {
  name: 'log.prove',
  unit: 'proofs/s',
  measures: 'inclusion proofs of random entries made from a log of 100000 and verified',
  against: 'the bare hashing of their verification',
  target: { direction: 'at least', of: 'ratio', number: 0.1 },
  effort: { warmUps: 3, rounds: 21, items: 100_000 },
  missing: sqliteMissing,
  prepare,
};

/** Proofs in one round. */
const portion = 1000;

/** @param count entries in the log */
async function prepare(count: number): Promise<Sides> {
  const { folder } = await sharedLog(count);
  const rows = await openRows(folder);
  const close = () => rows.close();
  const head = await requirePublished(rows, count).catch(async (error) => {
    await close();
    throw error;
  });
  const reader = createReader(rows);
  const { bytes } = logItem('prove', 0);
  let lengths: number[] = [];
  return {
    async measured() {
      lengths = [];
      const indexes = Array.from({ length: portion }, () => BigInt(randomInt(count)));
      const millis = await millisecondsOfAsync(async () => {
        for (const index of indexes) lengths.push((await reader.inclusion(index, head)).length);
      });
      return (portion * 1000) / millis;
    },
    baseline: () =>
      perSecond(portion, () => {
        for (const length of lengths) {
          let hash = leafHash(bytes);
          for (let node = 0; node < length; node += 1) hash = nodeHash(hash, hash);
        }
      }),
    close,
  };
}
