/** Each fact from proofs made by hand: one case a branch, one a severity. */
import { describe, expect, it } from 'vitest';
import { type Facts, normalNumber, type Policy } from '../../src/appraisal/facts.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import type { CheckResult, CheckRole, Proof, UsageSignal } from '../../src/families/family.ts';
import { Registry } from '../../src/trust/registry.ts';
import {
  factsFrom,
  overlay,
  packagedRegistry,
  pinnedLayer,
  rootEntry,
  testNow,
} from '../support/registry.ts';
import {
  newWanted as asked,
  goodProof as good,
  goodFacts,
  goodKeys,
  keyPair,
  lacking,
  line,
} from '../support/tap-cards.ts';

const development = fromHex('027722ef208e681bac05f1b4b3cc478d6bf353ac9a09ff0c843430138f65c27bab');
const { publicKey: own } = keyPair('own root');
const { card, batch, root: production } = goodKeys;
const signal = (weight: UsageSignal['weight']): UsageSignal => ({
  code: 'x',
  params: {},
  authority: 'reported',
  weight,
});

const factsOf = (change: Partial<Proof>, registry = packagedRegistry, wish: Partial<Policy> = {}) =>
  factsFrom({ ...good, ...change }, registry, { ...asked, ...wish }, testNow);

const factsWithout = (...parts: Parameters<typeof lacking>) =>
  factsFrom(lacking(...parts), packagedRegistry, asked, testNow);

const others = (role: CheckRole) => good.checks.filter((entry) => entry.role !== role);
const withChecks = (role: CheckRole, results: readonly CheckResult[]) => ({
  checks: [...others(role), ...results.map((result) => line(role, result))],
});

describe('a genuine new card', () => {
  it('has every fact good', () => {
    expect(factsOf({})).toEqual(goodFacts);
  });

  it('takes freshness and log from the policy, age from the clock', () => {
    expect(
      factsOf({}, packagedRegistry, { freshness: 'beacon', log: 'other-owner' }),
    ).toMatchObject({ freshness: 'beacon', log: 'other-owner' });
    expect(factsFrom(good, packagedRegistry, asked, 0).registry).toBe('early');
  });

  it('of another family is unknown', () => {
    expect(factsOf({ family: 'other' })).toMatchObject({ family: 'unknown' });
  });
});

/** Results of one role, worst first, and the fact that each makes when it is the worst. */
type Order = readonly (readonly [CheckResult, string])[];

const liveOrder: Order = [
  ['refuted', 'refuted'],
  ['foreign', 'foreign'],
  ['unreadable', 'unreadable'],
  ['contradicted', 'unreadable'],
  ['unfit', 'missing'],
  ['missing', 'missing'],
  ['withheld', 'missing'],
  ['unattached', 'missing'],
  ['replayable', 'replayable'],
  ['not-yet', 'not-yet'],
  ['locked', 'locked'],
  ['held', 'proven'],
];
const chainOrder: Order = [
  ['refuted', 'refuted'],
  ['foreign', 'missing'],
  ['unreadable', 'missing'],
  ['contradicted', 'missing'],
  ['unfit', 'unfit'],
  ['missing', 'missing'],
  ['withheld', 'withheld'],
  ['unattached', 'unattached'],
  ['replayable', 'missing'],
  ['not-yet', 'missing'],
  ['locked', 'missing'],
  ['held', 'pinned'],
];
const sideOrder: Order = [
  ['refuted', 'refuted'],
  ['foreign', 'unreadable'],
  ['unreadable', 'unreadable'],
  ['contradicted', 'contradicted'],
  ['unfit', 'incomplete'],
  ['missing', 'incomplete'],
  ['withheld', 'incomplete'],
  ['unattached', 'incomplete'],
  ['replayable', 'incomplete'],
  ['not-yet', 'incomplete'],
  ['locked', 'incomplete'],
  ['held', 'held'],
];

describe.each([
  ['live', 'live', liveOrder, 'missing'],
  ['chain', 'chain', chainOrder, 'missing'],
  ['side', 'consistency', sideOrder, 'held'],
] as const)('the worst %s check decides', (role, fact, order, none) => {
  const pairs = order.flatMap(([result, expected], index) =>
    order.slice(index).map(([milder]) => ({ result, milder, expected })),
  );
  it.each(pairs)('$result beside $milder is $expected', ({ result, milder, expected }) => {
    expect(factsOf(withChecks(role, [result, milder]))[fact]).toBe(expected);
    expect(factsOf(withChecks(role, [milder, result]))[fact]).toBe(expected);
  });

  it(`no check is ${none}`, () => {
    expect(factsOf(withChecks(role, []))[fact]).toBe(none);
  });

  it.each((['live', 'chain', 'side'] as const).filter((other) => other !== role))(
    'not what a %s check says',
    (other) => {
      const expected = order.at(-1)?.[1];
      expect(factsOf({ checks: [...good.checks, line(other, 'refuted')] })[fact]).toBe(expected);
    },
  );
});

describe('live and unit', () => {
  it('held without a key is missing', () => {
    expect(factsWithout('key')).toMatchObject({ live: 'missing', unit: 'per-card' });
  });

  it('a key that a batch shares proves the model alone', () => {
    const key = { curve: 'secp256k1', publicKey: card, perCard: false } as const;
    expect(factsOf({ key })).toMatchObject({ live: 'proven', unit: 'model-only' });
  });
});

describe('the chain', () => {
  const withOwn = (role: string) =>
    new Registry([pinnedLayer, overlay({ roots: [rootEntry(toHex(own), role)] })]);
  const { families, ...head } = pinnedLayer.file;
  const [entry] = Object.values(families);
  const open = new Registry([
    {
      ...pinnedLayer,
      file: {
        ...head,
        families: entry ? { 'coinkite-tap': { ...entry, rootsAreComplete: false } } : {},
      },
    },
  ]);

  it.each<[string, Partial<Proof>, Registry, Facts['chain']]>([
    ['the pinned root', {}, packagedRegistry, 'pinned'],
    ['the development root', { issuers: [batch, development] }, packagedRegistry, 'test'],
    ['a root pinned by overlay', { issuers: [batch, own] }, withOwn('maker'), 'overlay'],
    ['a test root of an overlay', { issuers: [batch, own] }, withOwn('test'), 'test'],
    ['a development root of one', { issuers: [batch, own] }, withOwn('development'), 'test'],
    ['a key that is not listed', { issuers: [batch, own] }, packagedRegistry, 'elsewhere'],
    ['one, where more roots may exist', { issuers: [batch, own] }, open, 'unknown-issuer'],
    ['the root, then another key', { issuers: [production, own] }, packagedRegistry, 'elsewhere'],
    ['no issuer at all', { issuers: [] }, packagedRegistry, 'missing'],
    ['a root of another family', { family: 'other' }, packagedRegistry, 'unknown-issuer'],
    ['the pinned root, refuted', withChecks('chain', ['refuted']), packagedRegistry, 'refuted'],
    ['the pinned root, unread', withChecks('chain', ['missing']), packagedRegistry, 'missing'],
  ])('that ends at %s', (_, change, registry, expected) => {
    expect(factsOf(change, registry).chain).toBe(expected);
  });

  it('held without issuers is missing', () => {
    expect(factsWithout('issuers').chain).toBe('missing');
  });
});

describe('revoked', () => {
  const revoking = (key: Uint8Array) =>
    new Registry([
      pinnedLayer,
      overlay({ revoked: [{ key: toHex(key), reason: 'stolen', source: 'this test' }] }),
    ]);

  it.each<[string, Uint8Array, Proof, boolean]>([
    ['the proven key', card, lacking('shownKey'), true],
    ['the shown key alone', card, lacking('key'), true],
    ['the nearest issuer', batch, good, true],
    ['the root', production, good, true],
    ['an issuer of a card without key', batch, lacking('key', 'shownKey'), true],
    ['a key of another card', own, good, false],
    ['a key, of a card that shows none', card, lacking('key', 'shownKey', 'issuers'), false],
  ])('%s', (_, key, proof, expected) => {
    expect(factsFrom(proof, revoking(key), asked, testNow).revoked).toBe(expected);
  });
});

describe('the number', () => {
  const reported = { number: { value: 'ABCDE-FGHIJ', authority: 'reported' } } as const;
  const byMaker = { number: { value: 'ABCDE-FGHIJ', authority: 'maker' } } as const;
  it.each<[string, Partial<Proof>, string | undefined, Facts['number']]>([
    ['not asked for', {}, undefined, 'not-asked'],
    ['not asked for and not proven', reported, undefined, 'not-asked'],
    ['the same', {}, 'ABCDE-FGHIJ', 'matches'],
    ['the same without dashes, in lower case', {}, 'abcdefghij', 'matches'],
    ['the same with spaces about', {}, ' ABCDE FGHIJ\t', 'matches'],
    ['another', {}, 'ABCDE-FGHIK', 'differs'],
    ['a part of it', {}, 'ABCDE', 'differs'],
    ['empty', {}, '', 'differs'],
    ['the same, not proven', reported, 'ABCDE-FGHIJ', 'not-comparable'],
    ['another, not proven', reported, 'X', 'differs'],
    ['vouched for by the maker alone', byMaker, 'ABCDE-FGHIJ', 'not-comparable'],
  ])('%s', (_, change, expectedNumber, expected) => {
    const policy = expectedNumber === undefined ? {} : { expectedNumber };
    expect(factsOf(change, packagedRegistry, policy).number).toBe(expected);
  });

  it('of a card that gives none is not comparable', () => {
    const policy = { ...asked, expectedNumber: 'X' };
    const facts = factsFrom(lacking('number'), packagedRegistry, policy, testNow);
    expect(facts.number).toBe('not-comparable');
  });

  it('is compared without what people add', () => {
    expect(normalNumber(' ab-c d\n')).toBe('ABCD');
  });
});

describe('firmware', () => {
  const note = { title: 't', meaning: 'm', action: 'a', source: 's' };
  const registry = new Registry([
    pinnedLayer,
    overlay({
      advisories: [
        { id: 'stops', advice: 'stop', ...note },
        { id: 'cares', ...note },
        { id: 'satscards', advice: 'stop', products: ['satscard'], ...note },
      ],
      firmware: [
        { id: 'refused', status: 'refused', source: 's' },
        { id: 'refused-cares', status: 'refused', advisories: ['cares'], source: 's' },
        { id: 'approved-stops', status: 'approved', advisories: ['stops', 'cares'], source: 's' },
        { id: 'superseded-stops', status: 'superseded', advisories: ['stops'], source: 's' },
        { id: 'approved-cares', status: 'approved', advisories: ['cares'], source: 's' },
        { id: 'superseded-cares', status: 'superseded', advisories: ['cares'], source: 's' },
        { id: 'others-stop', status: 'approved', advisories: ['satscards'], source: 's' },
        { id: 'superseded', status: 'superseded', source: 's' },
      ],
    }),
  ]);
  it.each<[string, Facts['firmware']]>([
    ['1.0.3', 'approved'],
    ['refused', 'refused'],
    ['refused-cares', 'refused'],
    ['approved-stops', 'refused'],
    ['superseded-stops', 'refused'],
    ['approved-cares', 'advised'],
    ['superseded-cares', 'advised'],
    ['others-stop', 'approved'],
    ['superseded', 'superseded'],
    ['7.7.7', 'unknown'],
  ])('%s is %s', (value, expected) => {
    const firmware = { value, authority: 'reported' } as const;
    expect(factsOf({ firmware }, registry).firmware).toBe(expected);
  });

  it('of an unknown product is under every advisory', () => {
    const firmware = { value: 'others-stop', authority: 'reported' } as const;
    const proof = { ...lacking('product'), firmware };
    expect(factsFrom(proof, registry, asked, testNow).firmware).toBe('refused');
  });

  it('that the card does not tell is unread', () => {
    expect(factsWithout('firmware').firmware).toBe('unread');
  });
});

describe('usage', () => {
  const satscard = { value: 'satscard', authority: 'live' } as const;
  const usage = (value: string, ...signals: UsageSignal[]) =>
    ({ value, authority: 'reported', signals }) as const;

  it.each<[string, Partial<Proof>, Facts['usage'], boolean]>([
    ['as sold', { usage: usage('new', signal('neutral')) }, 'expected', false],
    ['as sold but with a sign of use', { usage: usage('new', signal('use')) }, 'unusual', false],
    ['another than at sale', { usage: usage('set-up') }, 'unexpected', false],
    ['as sold in trouble', { usage: usage('new', signal('trouble')) }, 'unexpected', true],
    ['uncommon', { product: satscard, usage: usage('blank') }, 'unusual', false],
    [
      'uncommon in trouble',
      { product: satscard, usage: usage('blank', signal('use'), signal('trouble')) },
      'unexpected',
      true,
    ],
    ['of another product', { product: satscard, usage: usage('new') }, 'unexpected', false],
    ['of no known product', { product: { ...satscard, value: 'x' } }, 'unknown', false],
    [
      'of no known product, used',
      { product: { ...satscard, value: 'x' }, usage: usage('new', signal('use')) },
      'unexpected',
      false,
    ],
    [
      'of no known product, in trouble',
      { product: { ...satscard, value: 'x' }, usage: usage('new', signal('trouble')) },
      'unexpected',
      true,
    ],
  ])('%s', (_, change, expected, trouble) => {
    expect(factsOf(change)).toMatchObject({ usage: expected, trouble });
    const unasked = factsOf(change, packagedRegistry, { expectNew: false });
    const seen = expected === 'unexpected' ? 'in-use' : 'not-asked';
    expect(unasked).toMatchObject({ usage: seen, trouble });
  });

  it('of a card that can be checked only when set up tells not who did it', () => {
    const entry = (attestableWhen: string) => ({
      ...{ id: 'later', name: 'LATER', printedNumber: 'p', source: 'this test' },
      expectedAtSale: { usage: ['new', 'pin-set'], unusual: ['odd'], attestableWhen, note: 'n' },
    });
    const later = new Registry([pinnedLayer, overlay({ products: [entry('after-set-up')] })]);
    const product = { value: 'later', authority: 'reported' } as const;
    const seen = (change: Partial<Proof>, registry = later) =>
      factsOf({ product, ...change }, registry).usage;
    expect(seen({ usage: usage('pin-set') })).toBe('set-up');
    expect(seen({ usage: usage('pin-set', signal('neutral')) })).toBe('set-up');
    expect(seen({ usage: usage('pin-set', signal('use')) })).toBe('unusual');
    expect(seen({ usage: usage('odd') })).toBe('unusual');
    expect(seen({ usage: usage('seeded') })).toBe('unexpected');
    const always = new Registry([pinnedLayer, overlay({ products: [entry('always')] })]);
    expect(seen({ usage: usage('pin-set') }, always)).toBe('expected');
    const unasked = factsOf({ product, usage: usage('pin-set') }, later, { expectNew: false });
    expect(unasked.usage).toBe('not-asked');
  });

  it.each(['usage', 'product'] as const)('without %s is unknown', (part) => {
    expect(factsWithout(part)).toMatchObject({ usage: 'unknown', trouble: false });
  });
});
