import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { isSecp256k1Key, recoverSecp256k1, verifySecp256k1 } from '../../src/trust/signature.ts';

const privateKey = sha256(utf8('a key for tests'));
const key = secp256k1.getPublicKey(privateKey, true);
const message = utf8('a message');
const recovered = secp256k1.sign(message, privateKey, { format: 'recovered', lowS: true });
const signature = recovered.slice(1);
const recovery = recovered[0] ?? 0;
const order = secp256k1.Point.Fn.ORDER;

const scalar = (value: bigint) => fromHex(value.toString(16).padStart(64, '0'));
const s = BigInt(`0x${toHex(signature.slice(32))}`);
const r = signature.slice(0, 32);

describe('verify', () => {
  it('holds for the signature of the key', () => {
    expect(verifySecp256k1(key, message, signature)).toBe(true);
  });

  it('holds for high S, which cards may make', () => {
    expect(verifySecp256k1(key, message, concat(r, scalar(order - s)))).toBe(true);
  });

  it.each([
    ['another message', key, utf8('another'), signature],
    ['another key', secp256k1.getPublicKey(sha256(utf8('b')), true), message, signature],
    ['no signature', key, message, new Uint8Array()],
    ['a byte less', key, message, signature.slice(1)],
    ['a byte more', key, message, concat(signature, Uint8Array.of(0))],
    ['r of zero', key, message, concat(new Uint8Array(32), signature.slice(32))],
    ['s of zero', key, message, concat(r, new Uint8Array(32))],
    ['s beyond the order', key, message, concat(r, scalar(order))],
    ['r beyond the order', key, message, concat(scalar(order), signature.slice(32))],
    ['all bits set', key, message, new Uint8Array(64).fill(255)],
    ['a key off the curve', fromHex(`02${'00'.repeat(31)}05`), message, signature],
    ['an uncompressed key', secp256k1.getPublicKey(privateKey, false), message, signature],
    ['an empty key', new Uint8Array(), message, signature],
    ['the point at infinity', Uint8Array.of(0), message, signature],
  ])('does not hold for %s', (_, otherKey, otherMessage, otherSignature) => {
    expect(verifySecp256k1(otherKey, otherMessage, otherSignature)).toBe(false);
  });
});

describe('recover', () => {
  it('finds the key that signed', () => {
    expect(recoverSecp256k1(sha256(message), signature, recovery)).toEqual(key);
  });

  it.each([
    ['another message', sha256(utf8('another')), signature, recovery],
    ['the other half of the curve', sha256(message), signature, recovery ^ 1],
  ])('finds another key for %s', (_, digest, bytes, id) => {
    expect(recoverSecp256k1(digest, bytes, id)).not.toEqual(key);
  });

  it.each([
    ['zeros', new Uint8Array(64)],
    ['all bits set', new Uint8Array(64).fill(255)],
    ['s of zero', concat(r, new Uint8Array(32))],
    ['a byte less', signature.slice(1)],
  ])('finds nothing in %s', (_, bytes) => {
    expect(recoverSecp256k1(sha256(message), bytes, recovery)).toBeUndefined();
  });

  it.each([-1, 4, 255, Number.NaN])('finds nothing for recovery id %s', (id) => {
    expect(recoverSecp256k1(sha256(message), signature, id)).toBeUndefined();
  });
});

describe('key', () => {
  it('is a point on the curve, compressed', () => {
    expect(isSecp256k1Key(key)).toBe(true);
    expect(isSecp256k1Key(secp256k1.getPublicKey(privateKey, false))).toBe(false);
    expect(isSecp256k1Key(fromHex(`02${'00'.repeat(31)}05`))).toBe(false);
    expect(isSecp256k1Key(fromHex(`04${toHex(key).slice(2)}`))).toBe(false);
  });
});
