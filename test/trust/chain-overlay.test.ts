/** What a card shows, or an overlay lists, of what the registry holds already widens nothing. */
import { describe, expect, it } from 'vitest';
import { certificate } from '../support/certificates.ts';
import {
  certificates,
  issuerOf,
  keys,
  leaf,
  makeRoot,
  registryWith,
  rootName,
  rootOf,
} from '../support/pki.ts';
import { type Case, listOf, sameKey, told } from './chains.ts';

describe('what a card shows of what the registry holds', () => {
  const byRoot = leaf({ issuer: rootName, signer: keys.root });
  const { root, a, b } = certificates;
  const again = certificate({
    ...{ subject: 'Cards A', issuer: rootName, key: keys.a, signer: keys.root, ca: true },
    serial: '1a',
  });
  const alone = registryWith({ issuers: undefined });

  it.each<[string, Case, string]>([
    ['its issuer', { shown: [leaf(), a] }, 'held maker pinned'],
    ['its issuer and the root', { shown: [leaf(), a, root] }, 'held maker pinned'],
    ['the root', { shown: [byRoot, root], registry: alone }, 'held maker pinned'],
    [
      'its issuer, for another product',
      { shown: [leaf(), a], product: 'card-b' },
      'refuted product',
    ],
    [
      'its issuer and the root, revoked',
      { shown: [leaf(), a, root], lists: [listOf('0c01')] },
      'revoked revocation',
    ],
    // What is not the registry's, byte by byte, must find its own way: there is none beside the issuers.
    ['its issuer in another certificate', { shown: [leaf(), again] }, 'unknown-issuer issuer'],
    ['its issuer, and another below it', { shown: [leaf(), again, b] }, 'unknown-issuer issuer'],
    // The card's own certificate is never left out, whatever it is.
    ['an issuer as if it were the card', { shown: [a] }, 'unknown-issuer issuer'],
    ['the root as if it were the card', { shown: [root], registry: alone }, 'refuted self-signed'],
  ])('%s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });
});

describe('an overlay', () => {
  const any = { products: undefined };
  const late = leaf({ until: '261125' });
  const { root, a } = certificates;
  const exceptions = ['dates-ignored'];
  const mine = { subject: 'Mine', issuer: 'Mine', ...sameKey(keys.foreign) };
  const crossed = certificate({ ...mine, subject: 'Cards A', key: keys.a, ca: true });
  const rootAgain = makeRoot({ serial: '02' });
  it.each<[string, object]>([
    ['the issuer, for any product', { roots: [rootOf(root)], issuers: [issuerOf(a, any)] }],
    [
      'the issuer below the root with exceptions',
      { roots: [rootOf(root, { exceptions })], issuers: [issuerOf(a, any)] },
    ],
    [
      'it below the root in another certificate',
      { roots: [rootOf(rootAgain, { exceptions })], issuers: [issuerOf(a, any)] },
    ],
    ['the issuer as a root', { roots: [rootOf(a, { exceptions })] }],
    ['its key in another certificate', { roots: [rootOf(asRoot(), { exceptions })] }],
    [
      'its key below a root of another',
      { roots: [rootOf(makeRoot(mine), { exceptions })], issuers: [issuerOf(crossed, any)] },
    ],
  ])('that lists %s widens nothing', async (_, entry) => {
    const registry = registryWith({}, entry);
    expect(await told({ registry })).toBe('held maker pinned');
    expect(await told({ registry, product: 'card-b' })).toBe('refuted product');
    expect(await told({ registry, product: null })).toBe('refuted product');
    expect(await told({ registry, shown: [late] })).toBe('undated validity');
  });

  function asRoot(): Uint8Array {
    return makeRoot({ subject: 'Cards A', issuer: 'Cards A', ...sameKey(keys.a) });
  }
});
