/** Signatures over the UIDs of public tags, and the same altered. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/bytes/hex.ts';
import { type OriginalityCurve, verifyOriginality } from '../../src/trust/originality.ts';

interface Entry {
  readonly name: string;
  readonly curve: OriginalityCurve;
  readonly hash: 'sha256' | null;
  readonly publicKey: string;
  readonly samples: readonly { readonly uid: string; readonly signature: string }[];
}

const path = '../vectors/globalplatform/nfc-originality-signatures.json';
const { vectors }: { vectors: readonly Entry[] } = JSON.parse(
  readFileSync(new URL(path, import.meta.url), 'utf8'),
);
const keyOf = ({ curve, hash, publicKey }: Entry) => ({
  curve,
  hash: hash ?? ('none' as const),
  publicKey: fromHex(publicKey),
});
const flipped = (bytes: Uint8Array, at: number) =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

it('there are twenty keys and fifty signatures', () => {
  expect(vectors).toHaveLength(20);
  expect(vectors.flatMap(({ samples }) => samples)).toHaveLength(50);
});

describe.each(vectors)('$name, $curve', (entry) => {
  const key = keyOf(entry);

  it.each(entry.samples)('signed $uid, and no other UID', ({ uid, signature }) => {
    const message = fromHex(uid);
    const good = fromHex(signature);
    expect(verifyOriginality(key, message, good)).toBe(true);
    expect(verifyOriginality(key, flipped(message, message.length - 1), good)).toBe(false);
    expect(verifyOriginality(key, message, flipped(good, 5))).toBe(false);
    expect(verifyOriginality(key, message, flipped(good, good.length - 5))).toBe(false);
    const other = key.hash === 'none' ? 'sha256' : 'none';
    expect(verifyOriginality({ ...key, hash: other }, message, good)).toBe(false);
  });

  it('did not sign what another key did', () => {
    const [sample] = entry.samples;
    const others = vectors.filter(
      ({ curve, name }) => curve === entry.curve && name !== entry.name,
    );
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) {
      const uid = fromHex(sample?.uid ?? '');
      expect(verifyOriginality(keyOf(other), uid, fromHex(sample?.signature ?? ''))).toBe(false);
    }
  });
});

describe('is false, and no error, for', () => {
  const [entry] = vectors;
  if (entry === undefined) throw new Error('no vectors');
  const key = keyOf(entry);
  const uid = fromHex(entry.samples[0]?.uid ?? '');
  const signature = fromHex(entry.samples[0]?.signature ?? '');
  const zeros = new Uint8Array(16);
  const order = fromHex('fffffffe0000000075a30d1b9038a115');
  const put = (part: Uint8Array, at: number) => {
    const changed = signature.slice();
    changed.set(part, at);
    return changed;
  };

  it.each([
    ['a short signature', key, uid, signature.subarray(1)],
    ['a long signature', key, uid, new Uint8Array(33)],
    ['an empty signature', key, uid, new Uint8Array()],
    ['r of zero', key, uid, put(zeros, 0)],
    ['s of zero', key, uid, put(zeros, 16)],
    ['r of the order', key, uid, put(order, 0)],
    ['s of the order', key, uid, put(order, 16)],
    ['a short UID', key, uid.subarray(0, 3), signature],
    ['a long UID', key, new Uint8Array(9), signature],
    ['a point off the curve', { ...key, publicKey: flipped(key.publicKey, 20) }, uid, signature],
    ['a compressed point', { ...key, publicKey: flipped(key.publicKey, 0) }, uid, signature],
    ['a key of another curve', { ...key, curve: 'secp192r1' as const }, uid, signature],
  ])('%s', (_, of, message, given) => {
    expect(verifyOriginality(key, uid, signature)).toBe(true);
    expect(verifyOriginality(of, message, given)).toBe(false);
  });
});
