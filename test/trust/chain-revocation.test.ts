/** Chains under revocation lists: named, not named, too old, or signed by somebody else. */
import { describe, expect, it } from 'vitest';
import { revocationList } from '../support/certificates.ts';
import { certificates, keys, registryWith, rootName, rootOf } from '../support/pki.ts';
import { type Case, listOf, stale, told, trace } from './chains.ts';

const rootList = (...revoked: string[]) =>
  revocationList({ issuer: rootName, signer: keys.root, revoked });

describe('revocation lists', () => {
  const subPinned = { roots: [rootOf(certificates.a)] };
  it.each<[string, Case, string]>([
    ['that do not name the card', { lists: [listOf('0c02')] }, 'held maker pinned'],
    ['that name it', { lists: [listOf('0c01')] }, 'revoked revocation'],
    ['that name its issuer', { lists: [rootList('0a')] }, 'revoked revocation'],
    ['that are too old', { lists: [stale] }, 'unchecked revocation'],
    ['that somebody else signed', { lists: [forged()] }, 'unchecked revocation'],
    ['too old, beside one that is not', { lists: [stale, listOf()] }, 'held maker pinned'],
    ['too old, beside one that names it', { lists: [stale, listOf('0c01')] }, 'revoked revocation'],
    ['of another issuer', { lists: [ofB('0c01')] }, 'held maker pinned'],
    [
      'too old, of a card of another product',
      { lists: [stale], product: 'card-b' },
      'refuted product',
    ],
    [
      'that name its issuer, which an overlay pins as a root',
      { lists: [rootList('0a')], registry: registryWith({}, subPinned) },
      'revoked revocation',
    ],
    [
      'that do not, under that overlay',
      { registry: registryWith({}, subPinned) },
      'held maker pinned',
    ],
  ])('%s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });

  it('that stop a chain leave its root and its path known', async () => {
    for (const lists of [[listOf('0c01')], [stale]]) {
      const outcome = await trace({ lists });
      expect(outcome).toMatchObject({ root: { id: 'root', layer: { role: 'pinned' } } });
      expect('path' in outcome && outcome.path.map(({ serialHex }) => serialHex)).toEqual([
        ...['0c01', '0a', '01'],
      ]);
    }
  });

  function forged(): Uint8Array {
    return revocationList({ issuer: 'Cards A', signer: keys.foreign, revoked: ['0c01'] });
  }

  function ofB(...revoked: string[]): Uint8Array {
    return revocationList({ issuer: 'Cards B', signer: keys.b, revoked });
  }
});
