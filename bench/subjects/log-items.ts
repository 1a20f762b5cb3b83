/**
 * What the logs of the benchmark are handed: texts of the length and kind of a card entry, each about
 * another card, with what comes with one: the key that it is found by and two counters of its day.
 */
import { createHash } from 'node:crypto';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/hex.ts';
import type { LogItem } from '../../src/log/item.ts';

/** Entries in one day, after which the counters begin anew. */
export const itemsPerDay = 100_000;

/** One entry; of one label, each number is another. 450 bytes, and 96 that come with it. */
export function logItem(label: string, number: number): LogItem {
  const random = createHash('shake256', { outputLength: 6 * 32 })
    .update(`${label} ${number}`)
    .digest();
  const part = (at: number) => new Uint8Array(random.subarray(at * 32, at * 32 + 32));
  const window = dayOf(number);
  const text = `{"card":{"family":"tangem","key":"${toHex(part(0))}"},"hashes":{"attachments":"${toHex(part(1))}","challenge":"${toHex(part(2))}","proof":"${toHex(part(3))}"},"hour":"${window}T10Z","kind":"card","schema":"touchstone.entry/1","type":"observed","word":"genuine"}`;
  return {
    bytes: utf8(text),
    key: part(0),
    quotas: [
      { key: part(4), window, limit: 24 },
      { key: part(5), window, limit: 12 },
    ],
  };
}

/** The first `count` entries of a label, one after the other. */
export function* logItems(label: string, count: number): Generator<LogItem> {
  for (let number = 0; number < count; number += 1) yield logItem(label, number);
}

/** The day of an entry, `YYYY-MM-DD`. */
export function dayOf(number: number): string {
  const day = Date.UTC(2026, 0, 1) + Math.floor(number / itemsPerDay) * 86_400_000;
  return new Date(day).toISOString().slice(0, 10);
}
