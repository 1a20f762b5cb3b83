import { describe, expect, it, test } from 'vitest';
import { encodeEntry } from '../../src/activation/entry.ts';
import type { CardEntry, Entry } from '../../src/activation/entry-schema.ts';
import {
  type CardHistory,
  cardHistory,
  type HistoryInput,
  hasTakenOver,
  type LoggedEntry,
  logKnowledge,
  maxHistory,
  otherOwners,
} from '../../src/activation/history.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import {
  alice,
  at,
  bob,
  byNobody,
  cardKey,
  entryBy,
  hex,
  noticeEntry,
  registryEntry,
  type SmallLog,
  shop,
  smallLog,
  unwitnessedPolicy,
  witnessedPolicy,
} from '../support/receipts.ts';

const otherCard = entryBy('activated', bob, undefined, hex('another card'));
const leaves: readonly Entry[] = [
  registryEntry,
  entryBy('observed', undefined, shop),
  otherCard,
  entryBy('activated', alice),
  noticeEntry,
  entryBy('reverified', alice),
];
const log = smallLog(leaves);
const own = [1, 3, 5];

function ask(log: SmallLog, indexes: readonly number[], changes: Partial<HistoryInput> = {}) {
  return cardHistory({
    indexKey: fromHex(cardKey),
    entries: indexes.map((index) => log.logged(index)),
    checkpoint: log.checkpoint,
    policy: witnessedPolicy,
    at,
    ...changes,
  });
}

function verified(
  log: SmallLog,
  indexes: readonly number[],
  changes?: Partial<HistoryInput>,
): CardHistory {
  const result = ask(log, indexes, changes);
  if (result.kind === 'refused') throw new Error(`${result.why}: ${result.detail}`);
  return result;
}

/** The history that these entries would make, all of them about the one card. */
const historyOf = (...entries: readonly CardEntry[]) =>
  verified(smallLog(entries), [...entries.keys()]);

describe('the history of a card', () => {
  it('is sorted by index, whatever the order in which it came', () => {
    const history = verified(log, [5, 1, 3]);
    expect(history.items.map(({ index, entry }) => [index, entry.type])).toEqual([
      [1n, 'observed'],
      [3n, 'activated'],
      [5n, 'reverified'],
    ]);
    expect(history).toMatchObject({
      setAside: [],
      witnessed: true,
      checkpoint: { size: 6n },
      cosignatures: [{ name: 'one', time: at - 60n }],
    });
  });

  it('may be empty', () => {
    expect(verified(log, [])).toMatchObject({ items: [], setAside: [], absence: 'reported' });
  });

  const [first] = [log.logged(1)];
  const wrong = fromHex(hex('wrong'));
  const rows: readonly (readonly [string, Partial<HistoryInput>, string])[] = [
    ['an entry of another card', { entries: [log.logged(1), log.logged(2)] }, 'other-card'],
    ['an entry of another kind', { entries: [log.logged(0)] }, 'other-card'],
    ['another card asked for', { indexKey: fromHex(hex('third')) }, 'other-card'],
    ['an entry twice', { entries: [log.logged(1), log.logged(3), log.logged(1)] }, 'twice'],
    ['another index', { entries: [{ ...first, index: 3n }] }, 'not-included'],
    ['an index below zero', { entries: [{ ...first, index: -1n }] }, 'not-included'],
    [
      'a hash altered',
      { entries: [{ ...first, hashes: [wrong, ...first.hashes.slice(1)] }] },
      'not-included',
    ],
    ['a hash less', { entries: [{ ...first, hashes: first.hashes.slice(1) }] }, 'not-included'],
    [
      'an entry never logged',
      { entries: [{ ...first, entry: encodeEntry(entryBy('activated', bob)) }] },
      'not-included',
    ],
    [
      'a checkpoint of another log',
      { checkpoint: smallLog(leaves.slice(1)).checkpoint },
      'not-included',
    ],
    [
      'a checkpoint altered',
      { checkpoint: log.checkpoint.replace('\n6\n', '\n7\n') },
      'wrong-signature',
    ],
    ['no checkpoint', { checkpoint: 'none' }, 'malformed'],
    ['cosigned by nobody', { checkpoint: smallLog(leaves, byNobody).checkpoint }, 'quorum-missing'],
    [
      'cosigned in the future',
      { checkpoint: smallLog(leaves, at + 3600n).checkpoint },
      'future-cosignature',
    ],
    ['a scan of another tree', { scanned: { size: 6n, root: wrong } }, 'other-tree'],
    ['a scan of a part', { scanned: { size: 5n, root: log.root } }, 'other-tree'],
    [
      'too many',
      { entries: Array.from({ length: maxHistory + 1 }, (): LoggedEntry => first) },
      'too-many',
    ],
  ];

  test.each(rows)('is refused with %s', (_name, changes, why) => {
    expect(ask(log, own).kind).toBe('verified');
    expect(ask(log, own, changes)).toMatchObject({
      kind: 'refused',
      why,
      detail: expect.stringMatching(/./),
    });
  });

  it('is refused with bytes that are no entry, though they are logged', () => {
    const text = new TextDecoder().decode(encodeEntry(entryBy('observed')));
    const odd = new TextEncoder().encode(` ${text}`);
    expect(ask(smallLog([odd]), [0])).toMatchObject({ kind: 'refused', why: 'other-card' });
  });
});

describe('what may be said of the absence of others', () => {
  const scanned = { size: log.size, root: log.root };

  it('scanned only where all was read and witnesses saw it', () => {
    expect(verified(log, own).absence).toBe('reported');
    expect(verified(log, own, { scanned }).absence).toBe('scanned');
    expect(verified(log, own, { scanned, policy: unwitnessedPolicy })).toMatchObject({
      absence: 'reported',
      witnessed: false,
    });
  });
});

describe('entries that count for nothing', () => {
  const forged = (entry: CardEntry): CardEntry => ({ ...entry, hour: '2026-11-26T13Z' });

  it('those that nobody signed do not spoil the others', () => {
    const history = historyOf(
      entryBy('activated', alice),
      forged(entryBy('activated', bob)),
      forged(entryBy('observed', undefined, shop)),
    );
    expect(history.items.map(({ index }) => index)).toEqual([0n]);
    expect(history.setAside).toEqual([
      { index: 1n, why: 'owner-signature' },
      { index: 2n, why: 'actor-signature' },
    ]);
    expect(logKnowledge(history, alice.hashHex)).toBe('no-other-owner');
  });

  test.each(['retired', 'disputed'] as const)('%s by somebody who never had the card', (type) => {
    const history = historyOf(entryBy('activated', alice), entryBy(type, bob));
    expect(history.setAside).toEqual([{ index: 1n, why: 'not-the-owner' }]);
    expect(logKnowledge(history, alice.hashHex)).toBe('no-other-owner');
  });

  test.each(['retired', 'disputed'] as const)('%s before the card was taken over', (type) => {
    const history = historyOf(entryBy(type, alice), entryBy('activated', alice));
    expect(history.setAside).toEqual([{ index: 0n, why: 'not-the-owner' }]);
  });

  it('to have looked at a card is not to have taken it over', () => {
    const history = historyOf(entryBy('observed', bob), entryBy('retired', bob));
    expect(history.setAside).toEqual([{ index: 1n, why: 'not-the-owner' }]);
  });

  it('a forged activation gives no right to retire', () => {
    const history = historyOf(forged(entryBy('activated', bob)), entryBy('retired', bob));
    expect(history.items).toEqual([]);
  });
});

describe('other owners', () => {
  const known = (...entries: readonly CardEntry[]) => {
    const history = historyOf(...entries);
    return otherOwners(history, alice.hashHex).map(({ ownerHex, first, retired, disputed }) => ({
      who: ownerHex === bob.hashHex ? 'bob' : ownerHex,
      first: first.index,
      retired,
      disputed,
    }));
  };
  const bobs = { who: 'bob', first: 0n, retired: false, disputed: false };

  it('none', () => {
    expect(known()).toEqual([]);
    expect(known(entryBy('observed', undefined, shop), entryBy('activated', alice))).toEqual([]);
  });

  test.each(['observed', 'activated', 'reverified'] as const)('one who %s it', (type) => {
    expect(known(entryBy(type, bob), entryBy('activated', alice))).toEqual([bobs]);
    expect(logKnowledge(historyOf(entryBy(type, bob)), alice.hashHex)).toBe('other-owner');
    expect(logKnowledge(historyOf(entryBy(type, bob)), bob.hashHex)).toBe('no-other-owner');
    expect(logKnowledge(historyOf(entryBy(type, bob)), undefined)).toBe('other-owner');
  });

  it('one who retired it is another owner all the same', () => {
    const entries = [entryBy('activated', bob), entryBy('retired', bob)];
    expect(known(...entries)).toEqual([{ ...bobs, retired: true }]);
    expect(logKnowledge(historyOf(...entries), alice.hashHex)).toBe('other-owner');
    expect(known(...entries, entryBy('reverified', bob))).toEqual([bobs]);
    expect(known(...entries, entryBy('disputed', bob))).toEqual([
      { ...bobs, retired: true, disputed: true },
    ]);
  });

  it('each once, in the order in which they come up', () => {
    const history = historyOf(
      entryBy('activated', bob),
      entryBy('activated', alice),
      entryBy('reverified', bob),
      entryBy('observed', shop),
    );
    expect(otherOwners(history, alice.hashHex).map(({ first }) => first.index)).toEqual([0n, 3n]);
    expect(otherOwners(history, undefined)).toHaveLength(3);
  });

  it('who may retire', () => {
    const { items } = historyOf(entryBy('observed', bob), entryBy('activated', alice));
    expect(hasTakenOver(items, alice.hashHex)).toBe(true);
    expect(hasTakenOver(items, bob.hashHex)).toBe(false);
    expect(hasTakenOver([], alice.hashHex)).toBe(false);
  });
});
