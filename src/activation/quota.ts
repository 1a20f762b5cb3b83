/**
 * What an entry uses up, so that one card or one owner cannot fill a log: counters by day, which the
 * log keeps. Nothing here counts.
 *
 *   key = SHA-256( "touchstone/quota/v1" 00 scope 00 index key [owner] )
 *
 * Entries that rest on evidence and those that rest on an owner's word alone are counted apart: for the
 * latter nobody needs the card, and whoever has read its index key in the log could use up its day.
 */
import { concat, utf8 } from '../bytes/bytes.ts';
import { fromHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';
import type { Entry } from './entry-schema.ts';

/** Entries a day. */
export interface QuotaLimits {
  /** About one card that rest on evidence. */
  readonly card: number;
  /** Of these, by one owner or by nobody. */
  readonly cardAndOwner: number;
  /** About one card on the word of owners alone. */
  readonly word: number;
  /** Of these, by one owner. */
  readonly wordAndOwner: number;
}

/**
 * An honest card is seen a few times a day: by a shop, by its buyer, again after a failed reading. Nobody
 * retires or disputes a card twice a day, but a hand may slip. A card that changes hands on that day needs
 * room beside its first owner.
 */
export const defaultQuotaLimits: QuotaLimits = {
  card: 24,
  cardAndOwner: 12,
  word: 6,
  wordAndOwner: 3,
};

export interface Quota {
  /** Names the counter, 32 bytes. */
  readonly key: Uint8Array;
  /** Day of the entry's hour, UTC, `YYYY-MM-DD`: the counter starts anew with it. */
  readonly window: string;
  /** How many entries it may count. */
  readonly limit: number;
}

/**
 * The counters that an entry uses up, one each. None for entries of kind `registry` and `notice`, which a
 * log takes from its operator alone.
 *
 * The window is that of the entry's own hour: a log has to refuse an entry whose hour is not about now,
 * or each hour of the past would be a fresh quota.
 */
export function quotasOf(entry: Entry, limits: QuotaLimits = defaultQuotaLimits): readonly Quota[] {
  if (entry.kind !== 'card') return [];
  const window = entry.hour.slice(0, 10);
  const card = fromHex(entry.card.key);
  const owner = entry.owner === undefined ? new Uint8Array() : fromHex(entry.owner);
  switch (entry.type) {
    case 'observed':
    case 'activated':
    case 'reverified':
      return [
        { key: counter('card', card), window, limit: limits.card },
        { key: counter('card-owner', card, owner), window, limit: limits.cardAndOwner },
      ];
    case 'retired':
    case 'disputed':
      return [
        { key: counter('word', card), window, limit: limits.word },
        { key: counter('word-owner', card, owner), window, limit: limits.wordAndOwner },
      ];
  }
}

function counter(scope: string, ...names: readonly Uint8Array[]): Uint8Array {
  return sha256(utf8(`touchstone/quota/v1\0${scope}\0`), concat(...names));
}
