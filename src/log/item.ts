/** An entry on its way into a log. */
import type { NewEntry, Quota } from '../store/log-store.ts';
import { leafHash } from '../tlog/merkle.ts';
import { maxEntryBytes } from '../tlog/tile.ts';

/** What a row can be found by. */
const maxKeyBytes = 64;

/** What a log is handed. */
export interface LogItem {
  /** 0 to 65,535 bytes. */
  readonly bytes: Uint8Array;
  /** What it is found by, such as a card's index key; 1 to 64 bytes. */
  readonly key?: Uint8Array | undefined;
  readonly quotas?: readonly Quota[] | undefined;
}

/** A copy, since it waits in the queue and its caller may use the same buffer again; checked on the way. */
export function ownCopy({ bytes, key, quotas = [] }: LogItem): NewEntry {
  if (bytes.length > maxEntryBytes) throw new RangeError(`entry: ${bytes.length} bytes`);
  if (key !== undefined && (key.length < 1 || key.length > maxKeyBytes)) {
    throw new RangeError(`key: ${key.length} bytes, expected 1 to ${maxKeyBytes}`);
  }
  for (const { limit } of quotas) {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`limit: ${limit}`);
  }
  const copy = Uint8Array.from(bytes);
  return {
    leaf: leafHash(copy),
    bytes: copy,
    key: key && Uint8Array.from(key),
    quotas: quotas.map((quota) => ({ ...quota, key: Uint8Array.from(quota.key) })),
  };
}
