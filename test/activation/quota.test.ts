import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import type { Entry } from '../../src/activation/entry-schema.ts';
import { defaultQuotaLimits, quotasOf } from '../../src/activation/quota.ts';
import { toHex } from '../../src/bytes/hex.ts';
import {
  alice,
  bob,
  cardKey,
  entryBy,
  hex,
  noticeEntry,
  registryEntry,
  shop,
} from '../support/receipts.ts';

const names = (entry: Entry) => quotasOf(entry).map(({ key }) => toHex(key));

const expected = (scope: string, ...parts: string[]) =>
  createHash('sha256')
    .update(`touchstone/quota/v1\0${scope}\0`)
    .update(Buffer.from(parts.join(''), 'hex'))
    .digest('hex');

describe('what an entry uses up', () => {
  test.each(['observed', 'activated', 'reverified'] as const)('%s', (type) => {
    const window = '2026-11-26';
    const quotas = quotasOf(entryBy(type, alice));
    expect(quotas.map(({ key, ...rest }) => ({ key: toHex(key), ...rest }))).toEqual([
      { key: expected('card', cardKey), window, limit: defaultQuotaLimits.card },
      {
        key: expected('card-owner', cardKey, alice.hashHex),
        window,
        limit: defaultQuotaLimits.cardAndOwner,
      },
    ]);
  });

  test.each(['retired', 'disputed'] as const)('%s is counted apart', (type) => {
    expect(names(entryBy(type, alice))).toEqual([
      expected('word', cardKey),
      expected('word-owner', cardKey, alice.hashHex),
    ]);
  });

  it('another owner shares the counter of the card and no other', () => {
    const [card, own] = names(entryBy('activated', alice));
    const [sameCard, other] = names(entryBy('activated', bob));
    expect(sameCard).toBe(card);
    expect(other).not.toBe(own);
  });

  it('another card shares none', () => {
    const here = names(entryBy('activated', alice));
    const there = names(entryBy('activated', alice, undefined, hex('another card')));
    expect(here.filter((name) => there.includes(name))).toEqual([]);
  });

  it('entries by nobody share one counter, whoever handed them in', () => {
    expect(names(entryBy('observed'))).toEqual(names(entryBy('observed', undefined, shop)));
    expect(new Set(names(entryBy('observed'))).size).toBe(2);
  });

  it('the limits are as given', () => {
    const limits = { card: 1, cardAndOwner: 2, word: 3, wordAndOwner: 4 };
    const given = (entry: Entry) => quotasOf(entry, limits).map(({ limit }) => limit);
    expect(given(entryBy('observed'))).toEqual([1, 2]);
    expect(given(entryBy('retired', alice))).toEqual([3, 4]);
  });

  test.each([registryEntry, noticeEntry])('$kind: nothing', (entry) => {
    expect(quotasOf(entry)).toEqual([]);
  });

  it('one owner can never use up the day of a card', () => {
    expect(defaultQuotaLimits.cardAndOwner).toBeLessThan(defaultQuotaLimits.card);
    expect(defaultQuotaLimits.wordAndOwner).toBeLessThan(defaultQuotaLimits.word);
  });
});
