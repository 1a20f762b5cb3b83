import { describe, expect, it, test } from 'vitest';
import { encodeEntry, signEntry } from '../../src/activation/entry.ts';
import type { CardEntry, Entry } from '../../src/activation/entry-schema.ts';
import { quotasOf } from '../../src/activation/quota.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { admit, demoOrigin } from '../../src/log/admission.ts';
import {
  alice,
  bob,
  cardKey,
  entryBy,
  hex,
  noticeEntry,
  registryEntry,
  unsigned,
} from '../support/receipts.ts';

const now = Date.parse('2026-11-26T12:00:00Z');
const hour = 3_600_000;
const demoLog = `${demoOrigin}test`;
const realLog = 'log.example.org/cards';

/** Rows that hold these entries, found by their cards. */
function rowsOf(entries: readonly Entry[]) {
  const asked: bigint[] = [];
  return {
    asked,
    byKey: async (key: Uint8Array, from: bigint, limit: number) => {
      asked.push(from);
      return entries
        .flatMap((entry, at) =>
          entry.kind === 'card' && Buffer.from(key).equals(Buffer.from(fromHex(entry.card.key)))
            ? [BigInt(at)]
            : [],
        )
        .filter((index) => index >= from)
        .slice(0, limit);
    },
    entries: async (first: bigint, count: number) =>
      entries.slice(Number(first), Number(first) + count).map((entry, at) => ({
        index: first + BigInt(at),
        leaf: new Uint8Array(32),
        key: undefined,
        bytes: encodeEntry(entry),
      })),
  };
}

interface Asking {
  readonly origin?: string;
  readonly from?: 'operator' | 'anybody';
  readonly earlier?: readonly Entry[];
  readonly at?: number;
}

function asked(entry: Entry | Uint8Array, asking: Asking = {}) {
  const { origin = demoLog, from = 'anybody', earlier = [], at = now } = asking;
  const bytes = entry instanceof Uint8Array ? entry : encodeEntry(entry);
  return admit(bytes, from, { origin, rows: rowsOf(earlier) }, at);
}

const refused = (why: string): unknown =>
  expect.objectContaining({ code: 'ENTRY_INVALID', message: expect.stringContaining(why) });

/** The same entry about a card that is not of a demo. */
function aboutReal(type: CardEntry['type']): CardEntry {
  const { demo: _, ...entry } = unsigned(type, alice);
  return signEntry(entry, { owner: alice });
}

const activated = entryBy('activated', alice);

describe('an entry about a card', () => {
  test.each(['observed', 'activated', 'reverified'] as const)(
    '%s is taken from anybody, under the key of its card and its quotas',
    async (type) => {
      const entry = entryBy(type, alice, bob);
      expect(await asked(entry)).toEqual({
        bytes: encodeEntry(entry),
        key: fromHex(cardKey),
        quotas: quotasOf(entry),
      });
    },
  );

  it('under no owner is taken when nobody signed it', async () => {
    expect(await asked(entryBy('observed'))).toMatchObject({ key: fromHex(cardKey) });
  });

  test.each<[string, (text: string) => string, string]>([
    ['altered', (text) => text.replace('"state":"new"', '"state":"old"'), 'owner-signature'],
    ['in the name of another', (text) => text.replace(alice.hashHex, bob.hashHex), 'owner-key'],
    ['in another form', (text) => text.replace('{', '{ '), 'canonical'],
    ['without its end', (text) => text.slice(0, -1), 'not one whole JSON value'],
    ['with more behind it', (text) => `${text}\n`, 'canonical'],
  ])('%s is refused', async (_name, change, why) => {
    const text = change(Buffer.from(encodeEntry(activated)).toString());
    await expect(asked(Uint8Array.from(Buffer.from(text)))).rejects.toEqual(refused(why));
  });

  it('whose actor did not sign it is refused', async () => {
    const entry = entryBy('activated', alice, bob);
    const { actor } = entry.signatures;
    if (actor === undefined) throw new Error('no actor');
    const signature = actor.signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    const altered = {
      ...entry,
      signatures: { ...entry.signatures, actor: { ...actor, signature } },
    };
    await expect(asked(altered as Entry)).rejects.toEqual(refused('owner-signature'));
  });
});

describe('the hour', () => {
  test.each([
    ['the hour before, to its first second', now + 2 * hour - 1, true],
    ['two hours before', now + 2 * hour, false],
    ['of now', now, true],
    ['the last millisecond of it', now + hour - 1, true],
    ['the next, from the first second of this one', now - hour, true],
    ['the hour after the next', now - hour - 1, false],
    ['the same of another day', now + 24 * hour, false],
    ['the same of another year', now + 365 * 24 * hour, false],
  ])('%s', async (_name, at, isTaken) => {
    if (isTaken) expect(await asked(activated, { at })).toHaveProperty('bytes');
    else {
      const why = 'it is of the hour 2026-11-26T12Z';
      await expect(asked(activated, { at })).rejects.toEqual(refused(why));
    }
  });

  it('across midnight', async () => {
    const entry = signEntry(
      { ...unsigned('activated', alice), hour: '2026-11-26T23Z' },
      { owner: alice },
    );
    const at = Date.parse('2026-11-27T00:30:00Z');
    const { quotas } = await asked(entry, { at });
    expect(quotas?.map(({ window }) => window)).toEqual(['2026-11-26', '2026-11-26']);
  });
});

describe('demo cards and others', () => {
  it('each in its own log', async () => {
    expect(await asked(aboutReal('activated'), { origin: realLog })).toHaveProperty('bytes');
    await expect(asked(activated, { origin: realLog })).rejects.toEqual(refused('no demo log'));
    await expect(asked(aboutReal('activated'))).rejects.toEqual(refused('this is a demo log'));
    const alike = `x${demoLog}`;
    await expect(asked(activated, { origin: alike })).rejects.toEqual(refused('no demo log'));
  });
});

describe('who runs the log', () => {
  test.each([registryEntry, noticeEntry])('alone writes a $kind', async (entry) => {
    const origin = realLog;
    expect(await asked(entry, { origin, from: 'operator' })).toEqual({ bytes: encodeEntry(entry) });
    await expect(asked(entry, { origin })).rejects.toEqual(refused('only who runs the log'));
  });

  it('is bound by the rest', async () => {
    const from = 'operator';
    await expect(asked(entryBy('retired', alice), { from })).rejects.toEqual(refused('never'));
    await expect(asked(activated, { from, at: 0 })).rejects.toEqual(refused('hour'));
    await expect(asked(noticeEntry, { from })).rejects.toEqual(refused('demo log'));
  });
});

describe.each(['retired', 'disputed'] as const)('%s', (type) => {
  const entry = entryBy(type, alice);
  const why = 'its owner never activated this card in this log';

  it.each(['activated', 'reverified'] as const)('is taken from who %s the card', async (before) => {
    expect(await asked(entry, { earlier: [noticeEntry, entryBy(before, alice)] })).toEqual({
      bytes: encodeEntry(entry),
      key: fromHex(cardKey),
      quotas: quotasOf(entry),
    });
  });

  test.each<[string, Entry[]]>([
    ['nobody', []],
    ['somebody else', [entryBy('activated', bob)]],
    ['the owner, of another card', [entryBy('activated', alice, undefined, hex('another card'))]],
    ['the owner, who only saw it', [entryBy('observed', alice)]],
    ['the owner, by the word alone', [entryBy('disputed', alice), entryBy('retired', alice)]],
  ])('is refused where it was activated by %s', async (_name, earlier) => {
    await expect(asked(entry, { earlier })).rejects.toEqual(refused(why));
  });

  it('is taken from an earlier owner, too', async () => {
    const earlier = [entryBy('activated', alice), entryBy('activated', bob)];
    expect(await asked(entry, { earlier })).toHaveProperty('bytes');
  });

  it('is found behind many entries of others', async () => {
    const many = Array.from({ length: 600 }, () => entryBy('observed'));
    const mine = entryBy('activated', alice);
    expect(await asked(entry, { earlier: [...many, mine] })).toHaveProperty('bytes');
    expect(await asked(entry, { earlier: [mine, ...many] })).toHaveProperty('bytes');
    await expect(asked(entry, { earlier: many })).rejects.toEqual(refused(why));
  });
});
