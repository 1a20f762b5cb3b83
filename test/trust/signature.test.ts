import { createPrivateKey, sign as signNode } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import {
  compressSecp256k1,
  isSecp256k1Key,
  parsePublicKey,
  recoverSecp256k1,
  uncompressSecp256k1,
  verifyEd25519,
  verifySecp256k1,
  verifyStatement,
} from '../../src/trust/signature.ts';

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

describe('the two forms of a key', () => {
  const long = secp256k1.getPublicKey(privateKey, false);

  it('become each other', () => {
    expect(compressSecp256k1(long)).toEqual(key);
    expect(compressSecp256k1(key)).toEqual(key);
    expect(uncompressSecp256k1(key)).toEqual(long);
  });

  it('become each other for any key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 8 }), (seed) => {
        const secret = sha256(seed);
        const [short, whole] = [true, false].map((form) => secp256k1.getPublicKey(secret, form));
        expect(whole && compressSecp256k1(whole)).toEqual(short);
        expect(short && uncompressSecp256k1(short)).toEqual(whole);
      }),
    );
  });

  it.each<[string, Uint8Array]>([
    ['the hybrid form 06', long.with(0, 6)],
    ['the hybrid form 07', long.with(0, 7)],
    ['65 bytes beginning with 02', long.with(0, 2)],
    ['33 bytes beginning with 04', key.with(0, 4)],
    ['another y', long.with(64, (long[64] ?? 0) ^ 2)],
    ['the other y under its parity', long.with(64, (long[64] ?? 0) ^ 1)],
    ['another x', long.with(1, (long[1] ?? 0) ^ 1)],
    ['a y of zero', concat(long.slice(0, 33), new Uint8Array(32))],
    ['64 bytes', long.slice(1)],
    ['66 bytes', concat(long, Uint8Array.of(0))],
    ['32 bytes', key.slice(1)],
    ['nothing', new Uint8Array()],
    ['infinity', Uint8Array.of(0)],
    ['zeros', new Uint8Array(65)],
    ['an x off the curve', fromHex(`02${'00'.repeat(31)}05`)],
    ['an x beyond the field', fromHex(`02${'ff'.repeat(32)}`)],
    ['x and y beyond the field', fromHex(`04${'ff'.repeat(64)}`)],
  ])('%s is none', (_, bytes) => {
    expect(compressSecp256k1(bytes)).toBeUndefined();
  });

  it('only the compressed one is made long', () => {
    for (const bytes of [long, key.slice(1), new Uint8Array(33), key.with(0, 4)]) {
      expect(uncompressSecp256k1(bytes)).toBeUndefined();
    }
  });
});

describe('Ed25519', () => {
  // RFC 8032 section 7.1, tests 1 and 2.
  const edKey = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  const edSignature = fromHex(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  );
  const second = {
    key: fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
    signature: fromHex(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ),
  };
  const nothing = new Uint8Array();

  it('holds for the tests of RFC 8032', () => {
    expect(verifyEd25519(edKey, nothing, edSignature)).toBe(true);
    expect(verifyEd25519(second.key, Uint8Array.of(0x72), second.signature)).toBe(true);
  });

  it('holds for what node:crypto signs', () => {
    const pkcs8 = concat(fromHex('302e020100300506032b657004220420'), sha256(utf8('ed')));
    const secret = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    const { x } = secret.export({ format: 'jwk' });
    const own = new Uint8Array(Buffer.from(x ?? '', 'base64url'));
    expect(verifyEd25519(own, message, signNode(null, message, secret))).toBe(true);
  });

  it.each<[string, Uint8Array, Uint8Array, Uint8Array]>([
    ['another message', edKey, Uint8Array.of(0x72), edSignature],
    ['another key', second.key, nothing, edSignature],
    ['another signature', edKey, nothing, second.signature],
    ['a signature of 63 bytes', edKey, nothing, edSignature.slice(1)],
    ['a signature of 65 bytes', edKey, nothing, concat(edSignature, Uint8Array.of(0))],
    ['no signature', edKey, nothing, nothing],
    ['a key of 31 bytes', edKey.slice(1), nothing, edSignature],
    ['a key of 33 bytes', concat(edKey, Uint8Array.of(0)), nothing, edSignature],
    ['no key', nothing, nothing, edSignature],
    ['a key beyond the field', new Uint8Array(32).fill(0xff), nothing, edSignature],
    ['zeros', edKey, nothing, new Uint8Array(64)],
  ])('does not hold for %s', (_, otherKey, otherMessage, otherSignature) => {
    expect(verifyEd25519(otherKey, otherMessage, otherSignature)).toBe(false);
  });

  it('does not hold with any bit of the signature altered', () => {
    for (const [offset, byte] of edSignature.entries()) {
      expect(verifyEd25519(edKey, nothing, edSignature.with(offset, byte ^ 1))).toBe(false);
    }
  });
});

describe('Ed25519 under a key of small order', () => {
  const p = 2n ** 255n - 19n;
  const encoded = (y: bigint, sign: number) => {
    const bytes = fromHex(y.toString(16).padStart(64, '0')).toReversed();
    return bytes.with(31, (bytes[31] ?? 0) | (sign << 7));
  };
  /** The order of the curve times a point: what is left of it has small order. */
  const torsion = (bytes: Uint8Array) => {
    const { Point } = ed25519;
    try {
      const point = Point.fromBytes(bytes);
      return point.multiplyUnsafe(Point.Fn.ORDER - 1n).add(point);
    } catch {
      return Point.ZERO;
    }
  };
  /** What stands for one of the eight points: y as it is, and above p where that fits. */
  const ys = (() => {
    const left = [...Array(64).keys()].map((y) => torsion(encoded(BigInt(y), 0)));
    const eighth = left.find((point) => !point.double().double().is0());
    if (eighth === undefined) throw new Error('no point of order 8');
    const all = [...Array(8).keys()].map((n) => eighth.multiplyUnsafe(BigInt(n)).toAffine().y);
    return [...new Set(all)].flatMap((y) => [y, y + p]).filter((y) => y < 2n ** 255n);
  })();
  const keys = ys.flatMap((y) => [encoded(y, 0), encoded(y, 1)]);
  const header = fromHex('302a300506032b6570032100');
  const forged = concat(encoded(1n, 0), new Uint8Array(32));

  it('is of fourteen encodings', () => {
    expect(new Set(keys.map(toHex)).size).toBe(14);
  });

  // Old releases of OpenSSL take them, new ones do not: so does ZIP 215, which noble has for this.
  it('holds by the equation alone without any secret, and never here', () => {
    const messages = [...Array(64).keys()].map((n) => Uint8Array.of(n));
    for (const small of keys) {
      const spki = concat(header, small);
      const holds = (bytes: Uint8Array) => ed25519.verify(forged, bytes, small, { zip215: true });
      expect(messages.some(holds)).toBe(true);
      expect(messages.some((bytes) => verifyEd25519(small, bytes, forged))).toBe(false);
      expect(parsePublicKey(spki)).toBeUndefined();
    }
  });
});

describe('a statement', () => {
  const statement = { message, signature };

  it('holds for its signer, whether it was asked before or not', () => {
    for (const _ of [1, 2]) expect(verifyStatement(key, statement)).toBe(true);
  });

  it('is remembered with all of its parts', () => {
    expect(verifyStatement(otherHalf, statement)).toBe(false);
    expect(verifyStatement(key, { ...statement, message: utf8('another') })).toBe(false);
    expect(verifyStatement(key, { ...statement, signature: signature.with(0, 1) })).toBe(false);
    expect(verifyStatement(key, { message: concat(message, r), signature: s32() })).toBe(false);
    expect(verifyStatement(key, statement)).toBe(true);
  });

  /** The end of the signature, whose beginning a careless memory could have taken for message. */
  const s32 = () => signature.slice(32);
});
