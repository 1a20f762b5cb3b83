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
const otherHalf = concat(Uint8Array.of((key[0] ?? 0) ^ 1), key.slice(1));

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
    ['a signature of 63 bytes', key, message, signature.slice(0, 63)],
    ['a signature of 65 bytes', key, message, recovered],
    ['a key with prefix 00', concat(Uint8Array.of(0), key.slice(1)), message, signature],
    ['a key with prefix 01', concat(Uint8Array.of(1), key.slice(1)), message, signature],
    ['a key with prefix 04', concat(Uint8Array.of(4), key.slice(1)), message, signature],
    ['a key with prefix 05', concat(Uint8Array.of(5), key.slice(1)), message, signature],
    ['a key with the other prefix', otherHalf, message, signature],
    ['a key of 32 bytes', key.slice(0, 32), message, signature],
    ['a key of 34 bytes', concat(key, Uint8Array.of(0)), message, signature],
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
    ['63 bytes', signature.slice(0, 63)],
    ['65 bytes', concat(signature, Uint8Array.of(0))],
    ['a recovery id before it', recovered],
  ])('finds nothing in %s', (_, bytes) => {
    expect(recoverSecp256k1(sha256(message), bytes, recovery)).toBeUndefined();
  });

  it.each([31, 33])('finds nothing for a digest of %d bytes', (length) => {
    expect(recoverSecp256k1(new Uint8Array(length).fill(1), signature, recovery)).toBeUndefined();
  });

  it.each([-1, 4, 255, 0.5, Number.NaN])('finds nothing for recovery id %s', (id) => {
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

  it.each([
    [0, false],
    [1, false],
    [2, true],
    [3, true],
    [4, false],
    [5, false],
    [6, false],
    [7, false],
  ])('with prefix %d is one: %s', (prefix, expected) => {
    expect(isSecp256k1Key(concat(Uint8Array.of(prefix), key.slice(1)))).toBe(expected);
  });

  it.each([0, 1, 32, 34, 65])('of %d bytes is none', (length) => {
    const bytes = new Uint8Array(length);
    bytes.set(key.slice(0, length));
    expect(isSecp256k1Key(bytes)).toBe(false);
  });
});
