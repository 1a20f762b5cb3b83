/**
 * What a log takes. A log of activations holds entries of one format, signed where they name somebody, and
 * about now; what it held before decides the rest.
 *
 *   hour               of now, the one before or the next: every day of the past would be a fresh quota
 *   registry, notice   carry no signature, so they come from whoever runs the log alone
 *   demo               about demo cards only in a log with a demo origin, and nothing else there
 *   retired, disputed  rest on an owner's word: only on that of one who had taken the card over. Anybody
 *                      can read a card's index key in the log. What that activation rested on is not asked here
 */

import { parseEntry, verifyEntry } from '../activation/entry.ts';
import { type CardEntry, hourOf } from '../activation/entry-schema.ts';
import { type HistoryItem, hasTakenOver } from '../activation/history.ts';
import { quotasOf } from '../activation/quota.ts';
import { fromHex } from '../bytes/hex.ts';
import { LogError } from '../errors/error.ts';
import type { LogStore } from '../store/log-store.ts';
import type { LogItem } from './item.ts';

/** What the origin of a log for demo cards begins with. */
export const demoOrigin = 'demo.touchstone.invalid/';

const hourMillis = 3_600_000;

/** The log that is asked. */
interface Asked {
  readonly origin: string;
  /** What is recorded already. */
  readonly rows: Pick<LogStore, 'byKey' | 'entries'>;
}

/** Entries of one card that are looked through for its owners. */
const page = 256;

/**
 * @param from who hands it in: the operator of the log, or anybody
 * @param now milliseconds since 1970, UTC
 * @returns what the log is to be handed
 * @throws LogError ENTRY_INVALID with the reason
 */
export async function admit(
  bytes: Uint8Array,
  from: 'operator' | 'anybody',
  { origin, rows }: Asked,
  now: number,
): Promise<LogItem> {
  const entry = parseEntry(bytes);
  const check = verifyEntry(entry);
  if (!check.ok) throw refused(`it is not signed as it must be (${check.why})`);
  const hours = [-1, 0, 1].map((step) => hourOf(now + step * hourMillis));
  if (!hours.includes(entry.hour)) {
    throw refused(`it is of the hour ${entry.hour}, and now it is ${hours[1]}`);
  }
  if ((entry.demo === true) !== origin.startsWith(demoOrigin)) {
    throw refused(
      entry.demo
        ? 'it is about a demo card, and this is no demo log'
        : 'it is about no demo card, and this is a demo log',
    );
  }
  if (entry.kind !== 'card') {
    if (from === 'anybody') throw refused('only who runs the log may write this kind');
    return { bytes };
  }
  if (entry.type === 'retired' || entry.type === 'disputed') {
    if (!(await isOwner(entry, rows))) {
      throw refused('its owner never activated this card in this log');
    }
  }
  return { bytes, key: fromHex(entry.card.key), quotas: quotasOf(entry) };
}

async function isOwner(entry: CardEntry, rows: Asked['rows']): Promise<boolean> {
  const key = fromHex(entry.card.key);
  const { owner } = entry;
  if (owner === undefined) return false;
  for (let from = 0n; ; ) {
    const indexes = await rows.byKey(key, from, page);
    const last = indexes.at(-1);
    if (last === undefined) return false;
    const items: HistoryItem[] = [];
    for (const index of indexes) {
      const [row] = await rows.entries(index, 1);
      const earlier = row === undefined ? undefined : parseEntry(row.bytes);
      if (earlier?.kind === 'card') items.push({ index, entry: earlier });
    }
    if (hasTakenOver(items, owner)) return true;
    from = last + 1n;
  }
}

function refused(why: string): LogError {
  return new LogError('ENTRY_INVALID', `The log does not take this entry: ${why}.`);
}
