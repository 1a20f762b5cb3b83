/** ECDSA in both forms, and over a digest: each refusal by altering a good signature. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { brainpoolP256r1, brainpoolP384r1, brainpoolP512r1 } from '@noble/curves/misc.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { curveOf, curves } from '../../src/trust/curves.ts';
import { scalarsInRange } from '../../src/trust/ecdsa.ts';
import {
  parseEcdsaDer,
  verifySecp256k1,
  verifySecp256k1Der,
  verifySecp256k1Digest,
} from '../../src/trust/signature.ts';
import { integer, sequence, tlv } from './der-encode.ts';

const privateKey = sha256(utf8('a key for tests'));
const key = secp256k1.getPublicKey(privateKey, true);
const message = utf8('a message');
const digest = sha256(message);
const signature = secp256k1.sign(message, privateKey, { lowS: true });
const order = secp256k1.Point.Fn.ORDER;

const number = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`);
const scalar = (value: bigint) => fromHex(value.toString(16).padStart(64, '0'));
const r = number(signature.slice(0, 32));
const s = number(signature.slice(32));
const both = (first: bigint, second: bigint) => concat(scalar(first), scalar(second));
const der = (first: bigint, second: bigint) => sequence(integer(first), integer(second));
const otherKey = secp256k1.getPublicKey(sha256(utf8('b')), true);

describe('the curves', () => {
  it.each([
    ['secp256k1', secp256k1.Point.Fn],
    ['P-256', p256.Point.Fn],
    ['P-384', p384.Point.Fn],
    ['P-521', p521.Point.Fn],
    ['brainpoolP256r1', brainpoolP256r1.Point.Fn],
    ['brainpoolP384r1', brainpoolP384r1.Point.Fn],
    ['brainpoolP512r1', brainpoolP512r1.Point.Fn],
  ] as const)('%s has the order that noble has', (name, field) => {
    expect(number(curves[name].order)).toBe(field.ORDER);
    expect(curves[name].order).toHaveLength(field.BYTES);
    expect(curveOf(curves[name].oid)).toBe(curves[name]);
  });
});

describe('scalars', () => {
  it.each<[string, Uint8Array, boolean]>([
    ['r and s', signature, true],
    ['ones', both(1n, 1n), true],
    ['order less one', both(order - 1n, order - 1n), true],
    ['r of zero', both(0n, s), false],
    ['s of zero', both(r, 0n), false],
    ['r of the order', both(order, s), false],
    ['s of the order', both(r, order), false],
    ['r above the order', both(order + 1n, s), false],
    ['s above the order', both(r, order + 1n), false],
    ['s of all bits', both(r, 2n ** 256n - 1n), false],
    ['63 bytes', signature.slice(1), false],
    ['65 bytes', concat(signature, Uint8Array.of(0)), false],
    ['nothing', new Uint8Array(), false],
  ])('%s', (_, bytes, expected) => {
    expect(scalarsInRange(bytes, curves.secp256k1.order)).toBe(expected);
  });
});

describe('DER', () => {
  it('becomes r and s', () => {
    expect(parseEcdsaDer(der(r, s), 32)).toEqual(signature);
    expect(parseEcdsaDer(der(1n, 0x80n), 32)).toEqual(both(1n, 0x80n));
  });

  it('of any r and s is read', () => {
    const positive = fc.bigInt({ min: 1n, max: 2n ** 256n - 1n });
    fc.assert(
      fc.property(positive, positive, (first, second) => {
        expect(parseEcdsaDer(der(first, second), 32)).toEqual(both(first, second));
      }),
    );
  });

  it('of the longest r and s is read, of curves of 512 bits as well', () => {
    for (const length of [32, 48, 64, 66]) {
      const longest = 2n ** BigInt(8 * length) - 1n;
      const read = parseEcdsaDer(der(longest, longest), length);
      expect(read).toEqual(new Uint8Array(2 * length).fill(0xff));
    }
  });

  it('that node:crypto makes is read, for each length', () => {
    for (const [namedCurve, length] of [
      ['P-256', 32],
      ['P-384', 48],
      ['P-521', 66],
    ] as const) {
      const pair = generateKeyPairSync('ec', { namedCurve });
      const made = sign('sha256', message, pair.privateKey);
      expect(parseEcdsaDer(made, length)).toHaveLength(2 * length);
    }
  });

  const good = der(r, s);
  const body = concat(integer(r), integer(s));
  it.each<[string, Uint8Array]>([
    ['a byte after its end', concat(good, Uint8Array.of(0))],
    ['a byte less', good.slice(0, -1)],
    ['nothing', new Uint8Array()],
    ['a length in long form', concat(Uint8Array.of(0x30, 0x81, body.length), body)],
    ['an indefinite length', concat(Uint8Array.of(0x30, 0x80), body, new Uint8Array(2))],
    ['r with a needless zero', sequence(tlv(2, new Uint8Array(1), scalar(1n)), integer(s))],
    ['s with a needless zero', sequence(integer(r), tlv(2, new Uint8Array(1), scalar(1n)))],
    ['a negative r', der(-r, s)],
    ['a negative s', der(r, -s)],
    ['s without its sign byte', sequence(integer(r), tlv(2, fromHex('ff'.repeat(32))))],
    ['r of zero', der(0n, s)],
    ['s of zero', der(r, 0n)],
    ['r of 33 bytes', der(2n ** 256n, s)],
    ['s of 33 bytes', der(r, 2n ** 256n)],
    ['r of a thousand bits', der(2n ** 1000n, s)],
    ['one number', sequence(integer(r))],
    ['three numbers', sequence(integer(r), integer(s), integer(1))],
    ['a SET', tlv(0x31, body)],
    ['octets for numbers', sequence(tlv(4, scalar(r)), tlv(4, scalar(s)))],
    ['r and s alone', signature],
  ])('with %s is refused', (_, bytes) => {
    expect(parseEcdsaDer(bytes, 32)).toBeUndefined();
    expect(verifySecp256k1Der(key, message, bytes)).toBe(false);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(() => parseEcdsaDer(bytes, 32)).not.toThrow();
      }),
    );
  });
});

/** The three ways of saying the same, over node:crypto and over noble. */
const ways = [
  [
    'r and s',
    (k: Uint8Array, m: Uint8Array, a: bigint, b: bigint) => verifySecp256k1(k, m, both(a, b)),
  ],
  [
    'DER',
    (k: Uint8Array, m: Uint8Array, a: bigint, b: bigint) => verifySecp256k1Der(k, m, der(a, b)),
  ],
  [
    'a digest',
    (k: Uint8Array, m: Uint8Array, a: bigint, b: bigint) =>
      verifySecp256k1Digest(k, sha256(m), both(a, b)),
  ],
] as const;

describe.each(ways)('secp256k1 with %s', (_, verify) => {
  it('holds, with low S and with high S', () => {
    expect(s < order / 2n).toBe(true);
    expect(verify(key, message, r, s)).toBe(true);
    expect(verify(key, message, r, order - s)).toBe(true);
  });

  it.each<[string, Uint8Array, Uint8Array, bigint, bigint]>([
    ['another message', key, utf8('another'), r, s],
    ['another key', otherKey, message, r, s],
    ['another r', key, message, r + 1n, s],
    ['another s', key, message, r, s + 1n],
    ['r and s changed over', key, message, s, r],
    ['r of zero', key, message, 0n, s],
    ['s of zero', key, message, r, 0n],
    ['r of the order', key, message, order, s],
    ['s of the order', key, message, r, order],
    ['s and the order', key, message, r, 2n ** 256n - 1n],
    ['a key off the curve', fromHex(`02${'00'.repeat(31)}05`), message, r, s],
    ['a key that is long', secp256k1.getPublicKey(privateKey, false), message, r, s],
    ['no key', new Uint8Array(), message, r, s],
    ['infinity for a key', Uint8Array.of(0), message, r, s],
  ])('does not hold for %s', (_name, otherOne, otherMessage, first, second) => {
    expect(verify(otherOne, otherMessage, first, second)).toBe(false);
  });
});

describe('a digest', () => {
  it('is not hashed again', () => {
    expect(verifySecp256k1Digest(key, digest, signature)).toBe(true);
    expect(verifySecp256k1(key, digest, signature)).toBe(false);
  });

  it('may be any 32 bytes: node:crypto agrees where it can', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 40 }), (bytes) => {
        const made = secp256k1.sign(bytes, privateKey, { lowS: false });
        expect(verifySecp256k1Digest(key, sha256(bytes), made)).toBe(true);
        expect(verifySecp256k1(key, bytes, made)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it.each([0, 31, 33, 64])('of %d bytes does not hold', (length) => {
    const bytes = new Uint8Array(length);
    bytes.set(digest.slice(0, length));
    expect(verifySecp256k1Digest(key, bytes, signature)).toBe(false);
  });

  it.each([
    ['63 bytes', signature.slice(1)],
    ['65 bytes', concat(signature, Uint8Array.of(0))],
    ['DER', der(r, s)],
    ['nothing', new Uint8Array()],
  ])('does not hold for a signature of %s', (_, bytes) => {
    expect(verifySecp256k1Digest(key, digest, bytes)).toBe(false);
  });

  it('holds for what node:crypto signs, high S or not', () => {
    const pkcs8 = createPrivateKey({
      key: {
        kty: 'EC',
        crv: 'secp256k1',
        d: Buffer.from(privateKey).toString('base64url'),
        x: Buffer.from(secp256k1.getPublicKey(privateKey, false).slice(1, 33)).toString(
          'base64url',
        ),
        y: Buffer.from(secp256k1.getPublicKey(privateKey, false).slice(33)).toString('base64url'),
      },
      format: 'jwk',
    });
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const made = sign('sha256', utf8(text), { key: pkcs8, dsaEncoding: 'ieee-p1363' });
      expect(verifySecp256k1Digest(key, sha256(utf8(text)), made)).toBe(true);
    }
  });
});
