/**
 * Public keys as certificates hold them: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
 *
 *   SEQUENCE { SEQUENCE { algorithm OID, parameters }, BIT STRING key }
 *
 *   kind      parameters                       key
 *   EC        OID of a named curve (RFC 5480)  04, x, y
 *   Ed25519   none (RFC 8410)                  32 bytes
 *   RSA       NULL (RFC 3279)                  SEQUENCE { modulus, exponent }, 2048 to 8192 bits
 *
 * Curves written out as parameters are refused (CVE-2020-0601 lived from them), and so are the
 * compressed and the hybrid form of a point: one key has one SPKI, and one hash to revoke it by.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { concat } from '../bytes/bytes.ts';
import { sha256 } from '../bytes/sha256.ts';
import { EvidenceError } from '../errors/error.ts';
import { type CurveName, curveOf, curves, hasSmallOrder } from './curves.ts';
import {
  Fields,
  MalformedError,
  parseDer,
  readBitBytes,
  readOid,
  readPositive,
  readSmallInteger,
  Tag,
} from './der.ts';

export type KeyAlgorithm = CurveName | 'Ed25519' | 'RSA';

export interface PublicKey {
  readonly algorithm: KeyAlgorithm;
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
  /** SHA-256 of `spki`. */
  readonly hash: Uint8Array;
  readonly key: KeyObject;
}

const oids = {
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
  rsa: '1.2.840.113549.1.1.1',
} as const;

/** RSA of 8192 bits needs 1062 bytes. */
const maxBytes = 2048;
const minRsaBits = 2048;
const maxRsaBits = 8192;
const maxRsaExponent = 2 ** 32 - 1;

/**
 * Reads a SubjectPublicKeyInfo.
 *
 * @returns undefined for anything else than a key of these kinds, in DER; a point off its curve is
 *   refused, and one of small order. (An Ed25519 key off the curve is read, and no signature verifies under it.)
 */
export function parsePublicKey(spki: Uint8Array): PublicKey | undefined {
  try {
    const algorithm = algorithmOf(spki);
    const key = imported(spki);
    return key === undefined ? undefined : { algorithm, spki, hash: sha256(spki), key };
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}

/** The compressed form, 33 bytes, of a key on secp256k1; undefined for any other key. */
export function compressedSecp256k1({ algorithm, spki }: PublicKey): Uint8Array | undefined {
  if (algorithm !== 'secp256k1') return undefined;
  // An SPKI ends with the point (RFC 5480), uncompressed as no other form is read here.
  return concat(Uint8Array.of(2 + ((spki.at(-1) ?? 0) & 1)), spki.subarray(-64, -32));
}

function algorithmOf(spki: Uint8Array): KeyAlgorithm {
  const fields = new Fields(parseDer(spki, { field: 'key', maxBytes, maxElements: 16 }), 'key');
  const identifier = new Fields(fields.take(Tag.sequence, 'key kind'), 'key kind');
  const bits = readBitBytes(fields.take(Tag.bitString, 'key bits'), 'key bits');
  fields.end();
  const oid = readOid(identifier.take(Tag.oid, 'key kind'), 'key kind');
  switch (oid) {
    case oids.ec: {
      const name = readCurve(identifier, bits);
      identifier.end();
      return name;
    }
    case oids.ed25519:
      identifier.end();
      expectBytes(bits, 32);
      if (hasSmallOrder(bits)) throw new MalformedError('point', 'one of small order', 'another');
      return 'Ed25519';
    case oids.rsa:
      identifier.take(Tag.null, 'key parameters');
      identifier.end();
      checkRsa(bits);
      return 'RSA';
  }
  throw new MalformedError('key kind', oid, 'EC, Ed25519 or RSA');
}

function readCurve(identifier: Fields, point: Uint8Array): CurveName {
  const oid = readOid(identifier.take(Tag.oid, 'curve'), 'curve');
  const curve = curveOf(oid);
  if (curve === undefined) throw new MalformedError('curve', oid, Object.keys(curves).join(', '));
  if (point[0] !== 4) throw new MalformedError('point', 'another form', 'the uncompressed one');
  // Order and field of each of these curves have the same length.
  expectBytes(point, 1 + 2 * curve.order.length);
  return curve.name;
}

function checkRsa(bits: Uint8Array): void {
  const key = new Fields(parseDer(bits, { field: 'RSA key', maxBytes, maxElements: 3 }), 'RSA key');
  const modulus = readPositive(key.take(Tag.integer, 'modulus'), 'modulus', maxBytes);
  const exponent = readSmallInteger(key.take(Tag.integer, 'exponent'), 'exponent', maxRsaExponent);
  key.end();
  const length = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (length < minRsaBits || length > maxRsaBits) {
    throw new MalformedError('modulus', `${length} bits`, `${minRsaBits} to ${maxRsaBits}`);
  }
  if (((modulus.at(-1) ?? 0) & 1) === 0) throw new MalformedError('modulus', 'even', 'odd');
  if (exponent < 3 || exponent % 2 === 0) {
    throw new MalformedError('exponent', `${exponent}`, 'an odd number above 2');
  }
}

function expectBytes(bits: Uint8Array, length: number): void {
  if (bits.length !== length) {
    throw new MalformedError('key bits', `${bits.length} bytes`, `${length}`);
  }
}

function imported(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    // OpenSSL refuses a point that is not on the curve.
    return undefined;
  }
}
