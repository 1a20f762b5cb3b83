/** Where the maker's signatures come from, and what is done when they do not come. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { TouchstoneError } from '../../src/errors/error.ts';
import type { Endorsements } from '../../src/evidence/endorsements.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { encodeEvidence, parseEvidence } from '../../src/evidence/file.ts';
import { coinkiteTap } from '../../src/families/coinkite-tap/index.ts';
import type { CardFamily } from '../../src/families/family.ts';
import type { HttpReply } from '../../src/net/http.ts';
import type { EndorsementCache } from '../../src/state/endorsement-cache.ts';
import {
  bareEvidence,
  cardOf,
  endorsementsOf,
  judge,
  kindsOf,
  room,
  serverUrl,
  signaturesOf,
  threeKinds,
} from '../support/endorsing.ts';
import { always, makerOf } from '../support/maker.ts';
import { simulateEvidence } from '../support/tap-evidence.ts';

const genuine = cardOf('genuine');
const evidence = await bareEvidence(genuine);
const signatures = await signaturesOf(genuine);

describe('the sources', () => {
  it('are asked in this order: the file, the cache, the server', async () => {
    const full = room({ maker: makerOf(genuine), attached: endorsementsOf(evidence, signatures) });
    await full.cache.keep('tangem', full.keyOf(evidence), [...signatures].reverse());
    const fromFile = await full.endorse(evidence);
    expect(fromFile.attachments).toEqual(signatures);

    const cached = room({ maker: makerOf(genuine) });
    await cached.cache.keep('tangem', cached.keyOf(evidence), [...signatures].reverse());
    expect((await cached.endorse(evidence)).attachments).toEqual([...signatures].reverse());
    expect([full.asked, cached.asked]).toEqual([[], []]);
    expect([full.permissions, cached.permissions, full.steps, cached.steps]).toEqual(
      Array(4).fill([]),
    );

    const online = room({ maker: makerOf(genuine) });
    const complete = await online.endorse(evidence);
    expect(judge(complete)).toMatchObject({ word: 'genuine' });
    expect(online.asked).toHaveLength(1);
    expect(online.permissions).toEqual([serverUrl]);
    expect(online.steps).toEqual(['maker']);
  });

  it('are named, with the time, in what is attached', async () => {
    const { attachments } = await room({ maker: makerOf(genuine) }).endorse(evidence);
    expect(attachments.map(({ data: _, ...rest }) => rest)).toEqual(
      ['tangem-issuer-signature', 'tangem-manufacturer-signature'].map((kind) => ({
        kind,
        source: serverUrl,
        fetchedAt: '2026-11-26T12:00:00.000Z',
      })),
    );
  });

  it('change nothing but the attachments', async () => {
    const before = encodeEvidence(evidence);
    const complete = await room({ maker: makerOf(genuine) }).endorse(evidence);
    expect(encodeEvidence({ ...complete, attachments: [] })).toBe(before);
    expect(encodeEvidence(evidence)).toBe(before);
  });

  it('go on to the server where the file lacks this card', async () => {
    const other = await bareEvidence(cardOf('genuine', 'ben'));
    const attached = endorsementsOf(other, signatures);
    const there = room({ maker: makerOf(genuine), attached });
    expect(judge(await there.endorse(evidence)).word).toBe('genuine');
    expect(there.asked).toHaveLength(1);
  });
});

describe('nothing is asked', () => {
  const quiet = async (about: CardEvidence, family?: CardFamily) => {
    const here = room({ maker: makerOf(genuine) });
    const after = await here.endorse(about, family);
    expect(after).toEqual(about);
    expect([here.asked, here.permissions, here.steps]).toEqual([[], [], []]);
  };

  it('when the chain is there', async () => {
    await quiet(await room({ maker: makerOf(genuine) }).endorse(evidence));
  });

  it.each([
    'lying-key',
    'replayed',
    'hidden-backup',
    'refuses',
    'garbage',
    'oversized',
    'code-set',
  ])('when the card did not prove its key: %s', async (id) => {
    await quiet(await bareEvidence(cardOf(id)));
  });

  it('when the card goes by a published key: it is judged already', async () => {
    await quiet(await bareEvidence(cardOf('sdk-key')));
  });

  it('when a key of the card is revoked: it is judged already', async () => {
    const revokedKey = toHex(room({ maker: always(404) }).keyOf(evidence));
    const here = room({ maker: makerOf(genuine), revokedKey });
    expect(await here.endorse(evidence)).toBe(evidence);
    expect([here.asked, here.permissions]).toEqual([[], []]);
  });

  it('when the answers are for another check', async () => {
    await quiet({ ...evidence, nonce: new Uint8Array(32) });
  });

  it('when the family has no endorser', async () => {
    await quiet(await simulateEvidence('genuine'), coinkiteTap);
  });

  it('when nobody says yes', async () => {
    const here = room({ maker: makerOf(genuine), yes: false });
    expect(await here.endorse(evidence)).toBe(evidence);
    expect(here.permissions).toEqual([serverUrl]);
    expect([here.asked, here.steps]).toEqual([[], []]);
    expect(judge(evidence)).toMatchObject({ word: 'not decided', row: 'chain-unattached' });
  });

  it('when the registry names no server: then not even the person', async () => {
    const here = room({ maker: makerOf(genuine), server: undefined });
    expect(await here.endorse(evidence)).toBe(evidence);
    expect([here.asked, here.permissions]).toEqual([[], []]);
  });
});

describe('a refusal', () => {
  const failed = (why: Extract<HttpReply, { kind: 'failed' }>['why']): HttpReply => ({
    kind: 'failed',
    why,
  });

  it.each<[string, HttpReply | ReturnType<typeof always>, RegExp]>([
    ['http-403', always(403), /403: it refuses to say/],
    ['http-404', always(404, '{}'), /404: it does not know this card/],
    ['http-503', always(503, 'down'), /answered 503/],
    ['http-204', always(204), /answered 204/],
    ['empty', always(200), /an empty answer/],
    ['malformed', always(200, 'null'), /cannot be read/],
    ['timeout', failed('timeout'), /did not answer in time/],
    ['unreachable', failed('unreachable'), /could not be reached/],
    ['redirected', failed('redirected'), /sent us elsewhere/],
    ['too-large', failed('too-large'), /far too long/],
    ['refused-address', failed('refused-address'), /may be called/],
  ])('%s is attached, and the card is not decided for that', async (why, maker, words) => {
    const here = room({ maker });
    const complete = await here.endorse(evidence);
    expect(complete.attachments).toEqual([
      {
        kind: 'tangem-refusal',
        source: serverUrl,
        fetchedAt: '2026-11-26T12:00:00.000Z',
        data: utf8(why),
      },
    ]);
    const { word, row, advice, detail } = judge(complete);
    const expected = /^http-40[34]$/.test(why) ? 'chain-withheld' : 'chain-unattached';
    expect([word, row, advice]).toEqual(['not decided', expected, 'fetch']);
    expect(detail).toMatch(words);
    expect(here.asked).toHaveLength(1);
    expect(await here.cache.find('tangem', here.keyOf(evidence))).toBeUndefined();
    expect(parseEvidence(encodeEvidence(complete))).toMatchObject({
      attachments: [{ kind: 'tangem-refusal' }],
    });
  });

  it.each([
    ['the person says no', { yes: false }],
    ['there is no server', { server: undefined }],
  ])('not-in-file is attached where %s', async (_, how) => {
    const attached = endorsementsOf(await bareEvidence(cardOf('genuine', 'ben')), signatures);
    const here = room({ maker: makerOf(genuine), attached, ...how });
    const complete = await here.endorse(evidence);
    expect(complete.attachments).toMatchObject([
      { kind: 'tangem-refusal', source: 'the attached file', data: utf8('not-in-file') },
    ]);
    const { word, row, detail } = judge(complete);
    expect([word, row]).toEqual(['not decided', 'chain-unattached']);
    expect(detail).toBe('the attached file holds nothing about this card');
    expect(here.asked).toEqual([]);
  });

  it('of a file of another family is the same', async () => {
    const attached = { ...endorsementsOf(evidence, signatures), family: 'coinkite-tap' };
    const here = room({ maker: makerOf(genuine), attached, yes: false });
    expect(judge(await here.endorse(evidence)).detail).toMatch(/attached file holds nothing/);
  });

  it('gives way to what is known later', async () => {
    const refused = await room({ maker: always(404) }).endorse(evidence);
    const again = await room({ maker: always(503) }).endorse(refused);
    expect(kindsOf(again)).toEqual(['tangem-refusal']);
    expect(judge(again).detail).toMatch(/503/);
    const complete = await room({ maker: makerOf(genuine) }).endorse(again);
    expect(kindsOf(complete)).toEqual(['tangem-issuer-signature', 'tangem-manufacturer-signature']);
    expect(judge(complete).word).toBe('genuine');
  });

  it('stays where nobody says yes to asking again', async () => {
    const refused = await room({ maker: always(404) }).endorse(evidence);
    expect(await room({ maker: makerOf(genuine), yes: false }).endorse(refused)).toBe(refused);
  });

  it('from before does not keep the cache from being used', async () => {
    const refused = await room({ maker: always(404) }).endorse(evidence);
    const here = room({ maker: always(404) });
    await here.cache.keep('tangem', here.keyOf(evidence), signatures);
    expect(judge(await here.endorse(refused)).word).toBe('genuine');
  });
});

describe('a good answer', () => {
  it('is kept, and the next check asks nobody', async () => {
    const here = room({ maker: makerOf(genuine) });
    const first = await here.endorse(evidence);
    const next = await bareEvidence(genuine, 'the next check');
    const second = await here.endorse(next);
    expect([here.asked.length, here.permissions.length]).toEqual([1, 1]);
    expect(second.attachments).toEqual(first.attachments);
    expect(judge(second).word).toBe('genuine');
  });

  it('is not used for another card', async () => {
    const here = room({ maker: makerOf(genuine) });
    await here.endorse(evidence);
    const ben = await here.endorse(await bareEvidence(cardOf('genuine', 'ben')));
    expect(here.asked).toHaveLength(2);
    expect(judge(ben).row).toBe('chain-withheld');
  });

  it.each(threeKinds)('counts for a card of %s', async (id) => {
    const card = cardOf(id);
    const here = room({ maker: makerOf(card) });
    const complete = await here.endorse(await bareEvidence(card));
    expect(judge(complete).chain).toBe('overlay');
    const next = await here.endorse(await bareEvidence(card, 'the next check'));
    expect([here.asked.length, judge(next).chain]).toEqual([1, 'overlay']);
  });

  it('may hold more than it must', async () => {
    const reply = makerOf(genuine)(room({ maker: always(404) }).headersOf(evidence));
    const body = reply.kind === 'reply' ? JSON.parse(reply.body) : {};
    const more = always(200, JSON.stringify({ ...body, passed: false, error: null }));
    expect(judge(await room({ maker: more }).endorse(evidence)).word).toBe('genuine');
  });
});

describe('a wrong answer', () => {
  const wrong = cardOf('endpoint-wrong');

  it('makes the card not genuine and is not kept', async () => {
    const about = await bareEvidence(wrong);
    const here = room({ maker: makerOf(wrong) });
    const complete = await here.endorse(about);
    expect(judge(complete)).toMatchObject({ word: 'not genuine', row: 'chain-wrong' });
    expect(await here.cache.find('tangem', here.keyOf(about))).toBeUndefined();
    await here.endorse(about);
    expect(here.asked).toHaveLength(2);
  });

  it('is not worth more from a file', async () => {
    const other = await signaturesOf(cardOf('genuine', 'ben'));
    const attached = endorsementsOf(evidence, other);
    const here = room({ maker: makerOf(genuine), attached, yes: false });
    expect(judge(await here.endorse(evidence)).row).toBe('chain-wrong');
    expect(await here.cache.find('tangem', here.keyOf(evidence))).toBeUndefined();
  });

  it('of a maker of its own is one too', async () => {
    const foreign = cardOf('wrong-issuer');
    const complete = await room({ maker: makerOf(foreign) }).endorse(await bareEvidence(foreign));
    expect(judge(complete)).toMatchObject({ word: 'not genuine', row: 'foreign-root' });
  });
});

describe('a cache', () => {
  const broken = (error: Error): EndorsementCache => ({
    find: async () => undefined,
    keep: () => Promise.reject(error),
  });
  const full = new TouchstoneError('STATE_UNUSABLE', 'The disk is full.');

  it('that cannot be written costs no verdict', async () => {
    const here = room({ maker: makerOf(genuine), cache: broken(full) });
    expect(judge(await here.endorse(evidence)).word).toBe('genuine');
    expect(here.steps).toEqual(['maker', 'not-kept']);
  });

  it('with a fault of ours is not passed over', async () => {
    const here = room({ maker: makerOf(genuine), cache: broken(new RangeError('kaputt')) });
    await expect(here.endorse(evidence)).rejects.toThrow('kaputt');
  });
});

describe('an attached file', () => {
  it('is not put into the cache: it is there the next time too', async () => {
    const attached: Endorsements = endorsementsOf(evidence, signatures);
    const here = room({ maker: makerOf(genuine), attached });
    await here.endorse(evidence);
    expect(await here.cache.find('tangem', here.keyOf(evidence))).toBeUndefined();
  });
});
