/** Keys of certificates, and signatures in the form that certificates have. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { curves } from '../../src/trust/curves.ts';
import {
  type KeyAlgorithm,
  keyFits,
  type PublicKey,
  parsePublicKey,
  type SignatureAlgorithm,
  verifySignature,
} from '../../src/trust/signature.ts';
import { asn1Null, bits, integer, oid, sequence } from './der-encode.ts';

const message = utf8('a message');
const kinds = [
  'secp256k1',
  'P-256',
  'P-384',
  'P-521',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
  'Ed25519',
  'RSA',
] as const satisfies readonly KeyAlgorithm[];

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function makePair(kind: KeyAlgorithm): Pair {
  switch (kind) {
    case 'Ed25519':
      return generateKeyPairSync('ed25519');
    case 'RSA':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'secp256k1':
    case 'P-256':
    case 'P-384':
    case 'P-521':
    case 'brainpoolP256r1':
    case 'brainpoolP384r1':
    case 'brainpoolP512r1':
      return generateKeyPairSync('ec', { namedCurve: kind });
  }
}

const pairs = new Map(kinds.map((kind) => [kind, makePair(kind)]));

function pair(kind: KeyAlgorithm): Pair {
  const found = pairs.get(kind);
  if (found === undefined) throw new Error(kind);
  return found;
}

const spkiOf = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'spki' }));

function keyOf(kind: KeyAlgorithm): PublicKey {
  const key = parsePublicKey(spkiOf(pair(kind).publicKey));
  if (key === undefined) throw new Error(`${kind} was not read`);
  return key;
}

const ec = '1.2.840.10045.2.1';
const rsa = '1.2.840.113549.1.1.1';
const spki = (algorithm: readonly Uint8Array[], key: Uint8Array) =>
  sequence(sequence(...algorithm), bits(key));

const p256 = spkiOf(pair('P-256').publicKey);
const point = p256.slice(-65);
const p256Oid = oid(curves['P-256'].oid);
const edBytes = spkiOf(pair('Ed25519').publicKey).slice(-32);
const rsaKey = (modulus: bigint, exponent: bigint) =>
  spki([oid(rsa), asn1Null], sequence(integer(modulus), integer(exponent)));
const modulus = BigInt(
  `0x${Buffer.from(pair('RSA').publicKey.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`,
);

describe('a key', () => {
  it.each(kinds)('%s is read', (kind) => {
    const bytes = spkiOf(pair(kind).publicKey);
    const key = parsePublicKey(bytes);
    expect(key).toMatchObject({ algorithm: kind, spki: bytes, hash: sha256(bytes) });
  });

  it('is what this test writes itself', () => {
    expect(spki([oid(ec), p256Oid], point)).toEqual(p256);
    expect(parsePublicKey(rsaKey(modulus, 65537n))?.algorithm).toBe('RSA');
    expect(parsePublicKey(spki([oid('1.3.101.112')], edBytes))?.algorithm).toBe('Ed25519');
  });

  const explicitP256 = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    paramEncoding: 'explicit',
  }).publicKey;
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a byte after its end', concat(p256, Uint8Array.of(0))],
    ['a byte less', p256.slice(0, -1)],
    ['a length in long form', concat(fromHex('3081'), p256.slice(1))],
    ['a point off the curve', p256.with(-1, (p256.at(-1) ?? 0) ^ 1)],
    [
      'a point of zeros',
      spki(
        [oid(ec), p256Oid],
        point.map((byte, i) => (i === 0 ? byte : 0)),
      ),
    ],
    [
      'a point with coordinates beyond the field',
      spki(
        [oid(ec), p256Oid],
        point.map((b, i) => (i === 0 ? b : 255)),
      ),
    ],
    ['infinity', spki([oid(ec), p256Oid], Uint8Array.of(0))],
    ['no point', spki([oid(ec), p256Oid], new Uint8Array())],
    [
      'a compressed point',
      spki(
        [oid(ec), p256Oid],
        concat(Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1)), point.slice(1, 33)),
      ),
    ],
    ['a hybrid point', spki([oid(ec), p256Oid], point.with(0, 6 + ((point.at(-1) ?? 0) & 1)))],
    ['a point of another curve', spki([oid(ec), oid(curves.secp256k1.oid)], point)],
    ['a point that is too short', spki([oid(ec), p256Oid], point.slice(0, -1))],
    ['another curve', spkiOf(generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).publicKey)],
    ['a curve written out', spkiOf(explicitP256)],
    ['no curve', spki([oid(ec)], point)],
    ['a NULL for a curve', spki([oid(ec), asn1Null], point)],
    ['more than a curve', spki([oid(ec), p256Oid, asn1Null], point)],
    ['unused bits', sequence(sequence(oid(ec), p256Oid), bits(concat(point, Uint8Array.of(0)), 1))],
    ['a third part', sequence(sequence(oid(ec), p256Oid), bits(point), asn1Null)],
    ['Ed25519 with parameters', spki([oid('1.3.101.112'), asn1Null], edBytes)],
    ['Ed25519 of 31 bytes', spki([oid('1.3.101.112')], edBytes.slice(1))],
    ['Ed25519 of 33 bytes', spki([oid('1.3.101.112')], concat(edBytes, Uint8Array.of(0)))],
    ['Ed448', spkiOf(generateKeyPairSync('ed448').publicKey)],
    ['X25519', spkiOf(generateKeyPairSync('x25519').publicKey)],
    [
      'RSA with more than parameters',
      spki([oid(rsa), asn1Null, asn1Null], sequence(integer(modulus), integer(65537))),
    ],
    ['RSA without parameters', spki([oid(rsa)], sequence(integer(modulus), integer(65537)))],
    ['RSA of 2047 bits', rsaKey(2n ** 2046n + 1n, 65537n)],
    ['RSA of 1024 bits', spkiOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)],
    ['RSA of 8193 bits', rsaKey(2n ** 8192n + 1n, 65537n)],
    ['RSA with an even modulus', rsaKey(modulus - 1n, 65537n)],
    ['RSA with a negative modulus', rsaKey(-modulus, 65537n)],
    ['RSA with exponent 1', rsaKey(modulus, 1n)],
    ['RSA with exponent 0', rsaKey(modulus, 0n)],
    ['RSA with an even exponent', rsaKey(modulus, 65536n)],
    ['RSA with an exponent above 2^32', rsaKey(modulus, 2n ** 32n + 1n)],
    [
      'RSA with a third number',
      spki([oid(rsa), asn1Null], sequence(integer(modulus), integer(3), integer(1))),
    ],
    [
      'RSA for PSS alone',
      spki([oid('1.2.840.113549.1.1.10')], sequence(integer(modulus), integer(3))),
    ],
  ])('is not %s', (_, bytes) => {
    expect(parsePublicKey(bytes)).toBeUndefined();
  });

  it.each([
    [2048, 2n ** 2047n + 1n],
    [8192, 2n ** 8191n + 1n],
  ])('of RSA has %d bits', (_, value) => {
    expect(parsePublicKey(rsaKey(value, 3n))?.algorithm).toBe('RSA');
    expect(parsePublicKey(rsaKey(value, 2n ** 32n - 1n))?.algorithm).toBe('RSA');
  });
});

const ecSchemes = ['ecdsa-SHA1', 'ecdsa-SHA256', 'ecdsa-SHA384', 'ecdsa-SHA512'] as const;
const rsaSchemes = ['RSA-SHA1', 'RSA-SHA256', 'RSA-SHA384', 'RSA-SHA512'] as const;
const schemes: readonly SignatureAlgorithm[] = [...ecSchemes, 'Ed25519', ...rsaSchemes];

const schemesOf = (kind: KeyAlgorithm): readonly SignatureAlgorithm[] =>
  kind === 'RSA' ? rsaSchemes : kind === 'Ed25519' ? ['Ed25519'] : ecSchemes;

const cases = kinds.flatMap((kind) => schemesOf(kind).map((scheme) => [kind, scheme] as const));

function signed(kind: KeyAlgorithm, scheme: SignatureAlgorithm): Uint8Array {
  const hash = scheme === 'Ed25519' ? null : (scheme.split('-')[1] ?? '').toLowerCase();
  return new Uint8Array(sign(hash, message, pair(kind).privateKey));
}

describe.each(cases)('a signature of %s with %s', (kind, scheme) => {
  const key = keyOf(kind);
  const signature = signed(kind, scheme);

  it('holds', () => {
    expect(verifySignature(key, scheme, message, signature)).toBe(true);
  });

  it('does not hold for another message, key or signature', () => {
    const other = parsePublicKey(spkiOf(makeOther(kind)));
    if (other === undefined) throw new Error('no key');
    expect(verifySignature(key, scheme, utf8('another'), signature)).toBe(false);
    expect(verifySignature(other, scheme, message, signature)).toBe(false);
    const last = signature.length - 1;
    for (const altered of [
      signature.with(last, (signature[last] ?? 0) ^ 1),
      signature.slice(0, -1),
      concat(signature, Uint8Array.of(0)),
      new Uint8Array(),
      new Uint8Array(signature.length),
    ]) {
      expect(verifySignature(key, scheme, message, altered)).toBe(false);
    }
  });

  it('holds for this algorithm alone', () => {
    const holding = schemes.filter((other) => verifySignature(key, other, message, signature));
    expect(holding).toEqual([scheme]);
    expect(schemes.filter((other) => keyFits(kind, other))).toEqual(schemesOf(kind));
  });
});

/** Another key of the kind; RSA is slow to make, so there a different exponent will do. */
function makeOther(kind: KeyAlgorithm): KeyObject {
  if (kind !== 'RSA') return makePair(kind).publicKey;
  const key = parsePublicKey(rsaKey(modulus, 3n));
  if (key === undefined) throw new Error('no key');
  return key.key;
}

describe('ECDSA in a certificate', () => {
  const curveKinds = kinds.filter((kind) => kind !== 'Ed25519' && kind !== 'RSA');

  it.each(curveKinds)('of %s may have a high S, and r and s in range alone', (kind) => {
    const key = keyOf(kind);
    const { order } = curves[kind];
    const n = BigInt(`0x${Buffer.from(order).toString('hex')}`);
    const plain = sign('sha256', message, {
      key: pair(kind).privateKey,
      dsaEncoding: 'ieee-p1363',
    }).toString('hex');
    const r = BigInt(`0x${plain.slice(0, plain.length / 2)}`);
    const s = BigInt(`0x${plain.slice(plain.length / 2)}`);
    const holds = (first: bigint, second: bigint) =>
      verifySignature(key, 'ecdsa-SHA256', message, sequence(integer(first), integer(second)));
    expect([holds(r, s), holds(r, n - s)]).toEqual([true, true]);
    for (const [first, second] of [
      [0n, s],
      [r, 0n],
      [n, s],
      [r, n],
      [r + n, s],
      [r, s + n],
      [-r, s],
      [r, s - n],
      [s, r],
    ] as const) {
      expect(holds(first, second)).toBe(false);
    }
  });

  it('is refused in another form', () => {
    const key = keyOf('P-256');
    const good = signed('P-256', 'ecdsa-SHA256');
    const plain = sign('sha256', message, {
      key: pair('P-256').privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    const long = concat(Uint8Array.of(0x30, 0x81), good.slice(1));
    for (const bytes of [plain, long, concat(good, Uint8Array.of(5, 0))]) {
      expect(verifySignature(key, 'ecdsa-SHA256', message, bytes)).toBe(false);
    }
  });
});
