import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it, vi } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { sha256 } from '../../../src/bytes/sha256.ts';
import { walkChain } from '../../../src/families/coinkite-tap/chain.ts';
import { prove } from '../../../src/families/coinkite-tap/prove.ts';
import type { TapProfile } from '../../../src/simulator/coinkite-tap/profile.ts';
import { signRecoverable } from '../../../src/simulator/coinkite-tap/signatures.ts';
import {
  type Alter,
  evidenceOf,
  keyPair,
  linesOf,
  refusal,
  rowOf,
  tapsigner,
} from '../../support/tap-cards.ts';

const [card, batch, root] = [keyPair('card'), keyPair('batch'), keyPair('root')];
const links = [
  signRecoverable(card.publicKey, batch.privateKey),
  signRecoverable(batch.publicKey, root.privateKey),
] as const;

const withHeader = (certificate: Uint8Array, header: number) =>
  concat(Uint8Array.of(header), certificate.subarray(1));

/** The key that a recovery id gives, by another library than the one under test uses it through. */
function recover(subject: Uint8Array, body: Uint8Array, id: number): Uint8Array {
  const { r, s } = secp256k1.Signature.fromBytes(body, 'compact');
  const signature = new secp256k1.Signature(r, s, id);
  return signature.recoverPublicKey(sha256(subject)).toBytes(true);
}

/** r and s for which each of the four recovery ids gives a key: r small, r and r + n on the curve. */
function bodyForEveryId(subject: Uint8Array): Uint8Array {
  for (let r = 1; r < 256; r += 1) {
    const body = new Uint8Array(64).fill(1, 32);
    body[31] = r;
    try {
      for (const id of [0, 1, 2, 3]) recover(subject, body, id);
      return body;
    } catch {
      // This r is no x-coordinate under one of the ids.
    }
  }
  throw new Error('no such r below 256');
}

describe('a chain', () => {
  it('gives the issuers from the card outwards', () => {
    expect(walkChain(card.publicKey, links)).toEqual({
      issuers: [batch.publicKey, root.publicKey],
    });
  });

  it('may be longer than two', () => {
    const top = keyPair('top');
    const chain = [...links, signRecoverable(root.publicKey, top.privateKey)];
    expect(walkChain(card.publicKey, chain).issuers).toEqual([
      batch.publicKey,
      root.publicKey,
      top.publicKey,
    ]);
  });

  it.each([0, 1])('of %d certificates is refused', (count) => {
    expect(walkChain(card.publicKey, links.slice(0, count))).toEqual({
      fault: `certificates: ${count}, at least 2 expected`,
    });
  });

  it('of another card ends at another key', () => {
    const { issuers } = walkChain(keyPair('other').publicKey, links);
    expect(issuers?.at(-1)).not.toEqual(root.publicKey);
  });
});

describe('the header of a certificate', () => {
  const body = bodyForEveryId(card.publicKey);
  const headers = Array.from({ length: 16 }, (_, index) => 27 + index);

  it.each(headers)('%d counts as recovery id (header - 27) mod 4', (header) => {
    const certificate = concat(Uint8Array.of(header), body);
    const expected = recover(card.publicKey, body, (header - 27) % 4);
    expect(walkChain(card.publicKey, [certificate, links[1]]).issuers?.[0]).toEqual(expected);
  });

  it('gives another key for each of the four ids', () => {
    const keys = [0, 1, 2, 3].map((id) => `${recover(card.publicKey, body, id)}`);
    expect(new Set(keys).size).toBe(4);
  });

  it.each([0, 1, 26, 43, 255])('%d is refused, at the first and at an upper link', (header) => {
    const first = concat(Uint8Array.of(header), body);
    expect(walkChain(card.publicKey, [first, links[1]])).toEqual({
      fault: 'certificate 1: not a signature',
    });
    expect(walkChain(card.publicKey, [links[0], withHeader(links[1], header)])).toEqual({
      fault: 'certificate 2: not a signature',
    });
  });
});

describe('a certificate that is no signature', () => {
  const zeroR = concat(links[0].subarray(0, 1), new Uint8Array(32), links[0].subarray(33));
  const zeroS = concat(links[0].subarray(0, 33), new Uint8Array(32));
  it.each([
    ['r of zero', zeroR],
    ['s of zero', zeroS],
    ['all bits of r and s set', concat(Uint8Array.of(31), new Uint8Array(64).fill(255))],
    ['no bytes', new Uint8Array()],
    ['a byte less', links[0].slice(0, -1)],
    ['a byte more', concat(links[0], Uint8Array.of(0))],
  ])('has %s', (_, certificate) => {
    expect(walkChain(card.publicKey, [certificate, links[1]]).fault).toMatch(/^certificate 1:/);
    expect(walkChain(card.publicKey, [links[0], certificate]).fault).toMatch(/^certificate 2:/);
  });
});

describe('what is remembered of upper links', () => {
  const [otherCard, otherBatch, otherRoot] = [keyPair('card 2'), keyPair('batch 2'), keyPair('r2')];
  const otherLinks = [
    signRecoverable(otherCard.publicKey, otherBatch.privateKey),
    signRecoverable(otherBatch.publicKey, otherRoot.privateKey),
  ] as const;
  const swapped = [
    [card.publicKey, [links[0], otherLinks[1]]],
    [otherCard.publicKey, [otherLinks[0], links[1]]],
  ] as const;
  const genuine = [
    [card.publicKey, links],
    [otherCard.publicKey, otherLinks],
  ] as const;

  it('changes no result, whatever was walked before', async () => {
    vi.resetModules();
    const cold = await import('../../../src/families/coinkite-tap/chain.ts');
    const first = swapped.map(([key, chain]) => cold.walkChain(key, chain));
    vi.resetModules();
    const warm = await import('../../../src/families/coinkite-tap/chain.ts');
    expect(warm.walkChain).not.toBe(cold.walkChain);
    for (const [key, chain] of genuine) warm.walkChain(key, chain);
    const second = swapped.map(([key, chain]) => warm.walkChain(key, chain));
    expect(second).toEqual(first);
    for (const { issuers } of second) {
      expect([root.publicKey, otherRoot.publicKey]).not.toContainEqual(issuers?.at(-1));
    }
    expect(genuine.map(([key, chain]) => warm.walkChain(key, chain).issuers?.at(-1))).toEqual([
      root.publicKey,
      otherRoot.publicKey,
    ]);
  });
});

describe('the check of the chain', () => {
  async function proofOf(profile: TapProfile, alter?: Alter) {
    const proof = prove(await evidenceOf(profile, alter));
    return { proof, lines: linesOf(proof) };
  }

  it('that was refused is missing', async () => {
    const refuse: Alter = (cmd) => (cmd === 'certs' ? refusal(404) : undefined);
    const { proof, lines } = await proofOf(tapsigner, refuse);
    expect(lines).toContain('chain chain missing');
    const { detail } = proof.checks.find(({ id }) => id === 'chain') ?? {};
    expect(detail).toBe('certs: the card refused, "no" (404)');
    expect(proof.issuers).toBeUndefined();
  });

  it('that is cut short is refuted', async () => {
    const { proof, lines } = await proofOf({ ...tapsigner, fault: { kind: 'cut-chain' } });
    expect(lines).toContain('chain chain refuted');
    expect(proof.issuers).toBeUndefined();
    expect(rowOf(proof)).toBe('chain-wrong');
  });
});
