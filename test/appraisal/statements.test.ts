/**
 * Signatures that do not tell their signer, keys that a card goes by, batches, sets and notes: what
 * the appraisal makes of them, from proofs made by hand.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/appraisal/facts.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/hex.ts';
import type { Proof } from '../../src/families/family.ts';
import { setName } from '../../src/families/set.ts';
import { Registry } from '../../src/trust/registry.ts';
import type { FamilyEntry } from '../../src/trust/registry-schema.ts';
import type { Statement } from '../../src/trust/signature.ts';
import {
  factsFrom,
  overlay,
  packagedRegistry,
  pinnedLayer,
  rootEntry,
  testNow,
} from '../support/registry.ts';
import { goodProof as good, goodKeys, keyPair, newWanted, said } from '../support/tap-cards.ts';

const maker = keyPair('statement maker');
const stranger = keyPair('statement stranger');
const makerHex = toHex(maker.publicKey);

function signed(by: { privateKey: Uint8Array }, text: string): Statement {
  const message = utf8(text);
  return { message, signature: secp256k1.sign(message, by.privateKey, { lowS: false }) };
}

/** The packaged registry with fields of its Coinkite entry replaced, as if it had come so. */
function pinning(change: Partial<FamilyEntry>): Registry {
  const { file } = pinnedLayer;
  const entry = file.families['coinkite-tap'];
  if (entry === undefined) throw new Error('no Coinkite entry');
  const families = { ...file.families, 'coinkite-tap': { ...entry, ...change } };
  return new Registry([{ ...pinnedLayer, file: { ...file, families } }]);
}

const root = (role: 'maker' | 'development') => ({
  id: 'a-root',
  role,
  key: makerHex,
  exceptions: [],
  name: 'a root',
  source: 'this test',
});
const makerPinned = pinning({ roots: [root('maker')] });
const overlaid = (role: string) =>
  new Registry([pinnedLayer, overlay({ roots: [rootEntry(makerHex, role)] })]);

const factsOf = (change: Partial<Proof>, registry: Registry) =>
  factsFrom({ ...good, ...change }, registry, newWanted, testNow);

describe('a chain that ends at a signature', () => {
  const topSignature = signed(maker, 'issuer key');
  const chain = { issuers: [goodKeys.batch], topSignature };

  it.each([
    ['a pinned root', makerPinned, 'pinned'],
    ['a root of the user', overlaid('maker'), 'overlay'],
    ['a development root', pinning({ roots: [root('development')] }), 'test'],
    ['nobody that is listed', packagedRegistry, 'elsewhere'],
    ['nobody, where more roots may exist', pinning({ rootsAreComplete: false }), 'unknown-issuer'],
  ] as const)('by %s', (_, registry, expected) => {
    expect(factsOf(chain, registry).chain).toBe(expected);
  });

  it('counts by the signature, not by the key below it', () => {
    const toRoot = { issuers: [goodKeys.root], topSignature: signed(stranger, 'issuer key') };
    expect(factsOf(toRoot, packagedRegistry).chain).toBe('elsewhere');
  });

  it.each([
    ['another message', { ...topSignature, message: utf8('another key') }],
    ['a bit of it altered', { ...topSignature, signature: flip(topSignature.signature) }],
    ['a byte less', { ...topSignature, signature: topSignature.signature.subarray(1) }],
  ])('is by nobody with %s', (_, altered) => {
    expect(factsOf({ ...chain, topSignature: altered }, makerPinned).chain).toBe('elsewhere');
  });

  it('is nothing without an issuer, or where the walk did not hold', () => {
    expect(factsOf({ issuers: [], topSignature }, makerPinned).chain).toBe('missing');
    const { issuers: _, ...without } = { ...good, topSignature };
    expect(factsFrom(without, makerPinned, newWanted, testNow).chain).toBe('missing');
  });

  it('is revoked with its root, its issuer, or a key that the card names', () => {
    const revoking = (key: Uint8Array) =>
      pinning({
        roots: [root('maker')],
        revoked: [{ key: toHex(key), reason: 'stolen', source: 'this test' }],
      });
    const named = keyPair('named').publicKey;
    for (const key of [maker.publicKey, goodKeys.batch, named]) {
      expect(factsOf({ ...chain, namedKeys: [named] }, revoking(key)).revoked).toBe(true);
    }
    expect(factsOf(chain, revoking(stranger.publicKey)).revoked).toBe(false);
  });

  it('is told with the root that made it, or the last key below it', () => {
    expect(said('model', { proof: { ...good, ...chain }, registry: makerPinned })).toEqual([
      'affirmed model-pinned maker',
    ]);
    const facts = { chain: 'elsewhere' } as const;
    expect(said('model', { proof: { ...good, ...chain }, facts })).toEqual([
      'failed model-foreign-signer -',
    ]);
    expect(
      said('model', { proof: { ...good, ...chain }, facts: { chain: 'unknown-issuer' } }),
    ).toEqual(['skipped model-unknown-signer -']);
  });
});

describe('a signed number', () => {
  const numberSignature = signed(maker, 'number');
  const proof = { ...good, numberSignature };

  it('by the maker says that it was issued, and no more than that', () => {
    const registry = overlaid('maker');
    expect(factsOf({ numberSignature }, registry)).toEqual(factsOf({}, registry));
    expect(said('number', { proof, registry: makerPinned })).toContain(
      'affirmed number-issued maker',
    );
    expect(said('number', { proof, registry: overlaid('maker') })).toContain(
      'affirmed number-issued-overlay -',
    );
  });

  it('never makes up for a missing chain', () => {
    const { issuers: _, ...without } = proof;
    expect(factsFrom(without, makerPinned, newWanted, testNow).chain).toBe('missing');
  });

  it('by nobody that is listed warns: nobody knows every key that signs numbers', () => {
    expect(factsOf({ numberSignature }, packagedRegistry).consistency).toBe('unvouched');
    expect(said('number', { proof })).toContain('warned number-signer-unknown -');
    const checks = [
      ...good.checks,
      { id: 'x', role: 'side', result: 'missing', detail: '' },
    ] as const;
    expect(factsOf({ numberSignature, checks }, packagedRegistry).consistency).toBe('incomplete');
  });

  it('by a published key makes the card one that anybody can make', () => {
    const registry = overlaid('development');
    expect(factsOf({ numberSignature }, registry).chain).toBe('test');
    expect(said('model', { proof, registry })).toContain('failed model-test-key -');
  });
});

describe('a key that the card goes by', () => {
  const named = { namedKeys: [maker.publicKey] };

  it('makes it a test card where it is a published one, whatever its chain', () => {
    expect(factsOf(named, overlaid('development')).chain).toBe('test');
    const unattached = {
      ...named,
      checks: [...good.checks.slice(0, 1), { ...good.checks[1], result: 'unattached' }],
    };
    expect(factsOf(unattached as Partial<Proof>, overlaid('test')).chain).toBe('test');
  });

  it('gives it nothing where it is a root', () => {
    const { issuers: _, ...without } = { ...good, ...named };
    expect(factsFrom(without, makerPinned, newWanted, testNow).chain).toBe('missing');
  });
});

describe('a batch in place of a product', () => {
  const registry = pinning({
    products: [product('first', ['AC05']), product('second', ['AC*', 'B1'])],
  });
  const { product: _, ...without } = good;
  const of = (batch: string): Proof => ({
    ...without,
    batch: { value: batch, authority: 'reported' },
  });

  it.each([
    ['AC05', 'first'],
    ['AC07', 'second'],
    ['AC', 'second'],
    ['B1', 'second'],
    ['B12', undefined],
    ['XAC05', undefined],
    ['', undefined],
  ])('%s is %s', (batch, expected) => {
    expect(registry.product('coinkite-tap', undefined, batch)?.id).toBe(expected);
  });

  it('decides what the card should be like; an unknown one decides nothing', () => {
    expect(factsFrom(of('AC05'), registry, newWanted, testNow).usage).toBe('expected');
    expect(factsFrom(of('ZZ'), registry, newWanted, testNow).usage).toBe('unknown');
    expect(said('product', { proof: of('AC05'), registry })).toEqual([
      'affirmed product-known reported',
    ]);
    expect(said('product', { proof: of('ZZ'), registry })).toEqual([
      'warned product-unknown-batch reported',
    ]);
  });
});

describe('a set', () => {
  const set = [goodKeys.card, stranger.publicKey];

  it('is shown by its name for a genuine card alone', () => {
    expect(said('unit', { proof: { ...good, set } })).toContain('affirmed set live');
    const facts = { chain: 'unattached' } as const;
    expect(said('unit', { proof: { ...good, set }, facts })).not.toContain('affirmed set live');
  });

  it('has a name of all its keys', () => {
    expect(setName(set)).toMatch(/^SET-[0-9a-f]{10}$/);
    expect(setName(set)).not.toBe(setName([goodKeys.card]));
  });
});

describe('an advisory that is a note', () => {
  const [firmware] = packagedRegistry.layers[0]?.file.families['coinkite-tap']?.firmware ?? [];
  const registry = pinning({
    firmware: firmware === undefined ? [] : [{ ...firmware, id: '1.0.3', advisories: ['a-note'] }],
    advisories: [
      {
        id: 'a-note',
        advice: 'note',
        title: 'Title',
        meaning: 'Meaning.',
        action: 'Action.',
        source: 'this test',
      },
    ],
  });

  it('lowers no verdict and is told of a genuine card', () => {
    expect(factsOf({}, registry).firmware).toBe('approved');
    expect(said('note', { registry })).toEqual(['affirmed advisory -']);
    const against: Partial<Facts>[] = [
      { live: 'missing' },
      { chain: 'unknown-issuer' },
      { usage: 'unexpected' },
      { consistency: 'contradicted' },
    ];
    for (const facts of against) {
      expect(said('note', { registry, facts }), JSON.stringify(facts)).toEqual([]);
    }
    const mild: Partial<Facts>[] = [{ usage: 'in-use' }, { usage: 'set-up' }];
    for (const facts of mild) {
      expect(said('note', { registry, facts })).toEqual(['affirmed advisory -']);
    }
  });
});

function product(id: string, batches: string[]): FamilyEntry['products'][number] {
  return {
    id,
    name: id,
    batches,
    expectedAtSale: { usage: ['new'], unusual: [], attestableWhen: 'always', note: 'new' },
    printedNumber: 'On the card.',
    source: 'this test',
  };
}

function flip(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[20] = (copy[20] ?? 0) ^ 1;
  return copy;
}
