/** From the certificates of a card to a root: which chains hold, which do not, and why. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { describeFault, leafKeyHash } from '../../src/trust/chain.ts';
import { Registry } from '../../src/trust/registry.ts';
import {
  certificates,
  issuerOf,
  keys,
  layer,
  leaf,
  makeRoot,
  makersEntry,
  product,
  registryWith,
  rootName,
  rootOf,
  testEntry,
} from '../support/pki.ts';
import { type Case, ofForeigner, sameKey, told, trace } from './chains.ts';

const pointHex = toHex(keys.card.point);
const keyAlone = new Registry([
  layer({ roots: [{ ...rootOf(certificates.root), certificate: undefined, key: pointHex }] }),
]);
const cardAbove = [leaf({ issuer: 'card 1', subject: 'card 2', signer: keys.card }), leaf()];

describe('a chain that holds', () => {
  it('is told with its path, its issuer and its root', async () => {
    const outcome = await trace({});
    expect(outcome).toMatchObject({
      result: 'held',
      root: { id: 'root', role: 'maker', layer: { role: 'pinned' } },
      issuerName: 'issuer of a',
      bindsProduct: true,
      exceptions: [],
    });
    const names = outcome.result === 'held' ? outcome.path.map((each) => each.subject) : [];
    expect(names.map(({ commonName }) => commonName)).toEqual(['card 1', 'Cards A', rootName]);
  });

  it('binds no product where the issuer may sign any', async () => {
    const issuers = [issuerOf(certificates.a, { products: undefined })];
    const products = [product('card-a')];
    const registry = new Registry([layer({ ...makersEntry, issuers, products })]);
    const outcome = await trace({ registry, product: null });
    expect(outcome).toMatchObject({ result: 'held', bindsProduct: false });
  });

  const otherLeaf = leaf({ issuer: 'Cards B', signer: keys.b });
  const ownRoot = makeRoot({ subject: 'Mine', issuer: 'Mine', ...sameKey(keys.foreign) });
  const asReal = makeRoot({ subject: 'Cards A', issuer: 'Cards A', ...sameKey(keys.foreign) });
  it.each<[string, Case, string]>([
    ['to the pinned root', {}, 'held maker pinned'],
    [
      'to the pinned root where an overlay lists the same',
      { registry: registryWith({}, { ...makersEntry, maker: 'Mine' }) },
      'held maker pinned',
    ],
    [
      'of a card of the other product',
      { shown: [otherLeaf], product: 'card-b' },
      'held maker pinned',
    ],
    [
      'to a root of an overlay',
      {
        shown: [leaf({ issuer: 'Mine', ...ofForeigner })],
        registry: registryWith({}, { roots: [rootOf(ownRoot)] }),
      },
      'held maker overlay',
    ],
    [
      'to a root of an overlay that is called as an issuer of the maker',
      {
        shown: [leaf(ofForeigner)],
        registry: registryWith({}, { roots: [rootOf(asReal)] }),
      },
      'held maker overlay',
    ],
    [
      'to the real issuer of two with one name',
      { registry: registryWith({}, testEntry) },
      'held maker pinned',
    ],
    [
      'by a certificate between that the card shows, where the registry holds none',
      { shown: [leaf(), certificates.a], registry: registryWith({ issuers: undefined }) },
      'held maker pinned',
    ],
  ])('leads %s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });
});

describe('a chain does not hold', () => {
  const exact = Date.parse('2049-12-31T00:00:00Z');
  it.each<[string, Case, string]>([
    ['for a card of another product', { product: 'card-b' }, 'refuted product'],
    ['for a card that tells no product', { product: null }, 'refuted product'],
    ['for a product that nobody knows', { product: 'card-c' }, 'refuted product'],
    ['by an issuer of the same name', { shown: [leaf(ofForeigner)] }, 'refuted key-id'],
    [
      'by an issuer of the same name that does not tell its key',
      { shown: [leaf({ ...ofForeigner, keyIdOf: keys.a })] },
      'refuted signature',
    ],
    ['a second after its end', { at: exact + 1000 }, 'undated validity'],
    [
      'after the end of the certificate',
      { shown: [leaf({ until: '261125' })] },
      'undated validity',
    ],
    [
      'before the begin of the certificate',
      { shown: [leaf({ from: '261127' })] },
      'undated validity',
    ],
    [
      'with the fault of the candidate whose key signed',
      {
        shown: [leaf({ until: '261125' })],
        registry: registryWith({}, testEntry),
      },
      'undated validity',
    ],
    [
      'with that fault in either order',
      {
        shown: [leaf({ signer: keys.testA, until: '261125' })],
        registry: registryWith({}, testEntry),
      },
      'undated validity',
    ],
    ['for a key of another kind', { shown: [leaf({ key: keys.foreign })] }, 'refuted leaf'],
    ['where a card vouches for another one', { shown: cardAbove }, 'refuted basic-constraints'],
    ['without a certificate', { shown: [] }, 'refuted form'],
    ['by garbage', { shown: [Uint8Array.of(0x30, 0)] }, 'refuted form'],
    ['by a byte more', { shown: [Uint8Array.of(...leaf(), 0)] }, 'refuted form'],
    ['by a certificate that is its own issuer', { shown: [selfMade()] }, 'refuted self-signed'],
    ['by a certificate that issues others', { shown: [leaf({ ca: true })] }, 'refuted leaf'],
    [
      'with the fault of the candidate whose key is of the right kind',
      { shown: [leaf({ until: '261125' })], registry: besideAnotherKind() },
      'undated validity',
    ],
  ])('%s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });

  it('not in its last second', async () => {
    expect(await told({ at: exact + 999 })).toBe('held maker pinned');
  });

  it.each([
    ['signed part', 40],
    ['signature', -1],
  ])('by one altered bit in the %s', async (_, index) => {
    const altered = Uint8Array.from(leaf());
    const at = index < 0 ? altered.length + index : index;
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect((await trace({ shown: [altered] })).result).not.toBe('held');
  });

  /** First in the registry: called as the issuer is, with a key that no such signature is by. */
  function besideAnotherKind(): Registry {
    const ed25519 = createPrivateKey({
      key: Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex'),
      ...{ format: 'der', type: 'pkcs8' },
    });
    const spki = createPublicKey(ed25519).export({ format: 'der', type: 'spki' });
    const names = { subject: 'Cards A', issuer: 'Cards A', ...sameKey(keys.foreign) };
    const other = makeRoot({
      ...{ ...names, key: { ...keys.foreign, spki }, without: ['subjectKeyId'] },
    });
    const roots = [rootOf(other, { id: 'other' }), ...makersEntry.roots];
    return new Registry([layer({ ...makersEntry, roots })]);
  }

  function selfMade(): Uint8Array {
    return leaf({ subject: 'Cards A', signer: keys.card });
  }
});

describe('an issuer that is unknown', () => {
  it.each<[string, Case]>([
    ['where none has that name', { shown: [leaf({ issuer: 'Cards C' })] }],
    ['where the registry has no certificates', { registry: keyAlone }],
  ])('%s', async (_, given) => {
    expect(await told(given)).toBe('unknown-issuer issuer');
  });

  it('is told by its name', async () => {
    const outcome = await trace({ shown: [leaf({ issuer: 'Cards C' })] });
    const text = outcome.result === 'held' ? '' : describeFault(outcome.fault);
    expect(text).toBe(
      "the card's certificate, issuer: Cards C; expected: an issuer that the registry lists",
    );
  });
});

describe('the hash of the key that a card shows', () => {
  it('is that of the first certificate, whoever signed it', () => {
    expect(leafKeyHash([leaf(ofForeigner), certificates.a])).toBe(keys.card.spkiHex);
  });

  it.each([[[]], [[Uint8Array.of(1)]]])('is unknown for %j', (shown) => {
    expect(leafKeyHash(shown)).toBeUndefined();
  });
});
