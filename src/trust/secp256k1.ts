/**
 * Keys and signatures of secp256k1 as cards give them: points and scalars without ASN.1. Others
 * import this through signature.ts.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concat, equal } from '../bytes/bytes.ts';
import { fromHex } from '../bytes/hex.ts';
import { curves } from './curves.ts';
import { parseEcdsaDer, scalarsInRange } from './ecdsa.ts';
import { remembered } from './memo.ts';

/** SubjectPublicKeyInfo header for a compressed secp256k1 point (RFC 5480, SEC 2 OID 1.3.132.0.10). */
const spkiHeader = fromHex('3036301006072a8648ce3d020106052b8104000a032200');

const { order } = curves.secp256k1;

const compressedLength = 33;
const uncompressedLength = 65;

/** True when the bytes are a compressed point (33 bytes, SEC 1 section 2.3.3) on secp256k1. */
export function isSecp256k1Key(publicKey: Uint8Array): boolean {
  return keyObject(publicKey) !== undefined;
}

/**
 * The compressed form of a secp256k1 key (SEC 1 section 2.3.3).
 *
 * @param publicKey 33 bytes beginning with 02 or 03, or 65 bytes beginning with 04
 * @returns 33 bytes, or undefined for any other form and for a point that is not on the curve
 */
export function compressSecp256k1(publicKey: Uint8Array): Uint8Array | undefined {
  if (publicKey.length === compressedLength) {
    return keyObject(publicKey) === undefined ? undefined : publicKey;
  }
  if (publicKey.length !== uncompressedLength || publicKey[0] !== 4) return undefined;
  const compressed = concat(
    Uint8Array.of(2 + ((publicKey[64] ?? 0) & 1)),
    publicKey.subarray(1, compressedLength),
  );
  const whole = uncompressSecp256k1(compressed);
  return whole !== undefined && equal(whole, publicKey) ? compressed : undefined;
}

/**
 * The uncompressed form, 65 bytes, of a compressed secp256k1 key; undefined when it is not on the
 * curve.
 */
export function uncompressSecp256k1(publicKey: Uint8Array): Uint8Array | undefined {
  const jwk = keyObject(publicKey)?.export({ format: 'jwk' });
  if (jwk?.x === undefined || jwk.y === undefined) return undefined;
  return concat(Uint8Array.of(4), fromBase64Url(jwk.x), fromBase64Url(jwk.y));
}

/**
 * Verifies ECDSA over secp256k1 with SHA-256.
 *
 * @param publicKey compressed point, 33 bytes
 * @param message the bytes before hashing
 * @param signature r followed by s, 64 bytes; any other length is false
 * @returns false for a wrong signature, r or s out of range, or a key that is not on the curve
 */
export function verifySecp256k1(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = keyObject(publicKey);
  if (key === undefined || !scalarsInRange(signature, order)) return false;
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/**
 * The same for a signature in DER.
 *
 * @param signature SEQUENCE { r, s }, strictly in DER; anything else is false
 */
export function verifySecp256k1Der(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const scalars = parseEcdsaDer(signature, order.length);
  return scalars !== undefined && verifySecp256k1(publicKey, message, scalars);
}

/**
 * Verifies ECDSA over secp256k1 of a digest that is not hashed again, which node:crypto cannot do.
 *
 * @param publicKey compressed point, 33 bytes
 * @param digest 32 bytes; any other length is false
 * @param signature r followed by s, 64 bytes; any other length is false
 */
export function verifySecp256k1Digest(
  publicKey: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (digest.length !== 32 || !scalarsInRange(signature, order)) return false;
  if (!isSecp256k1Key(publicKey)) return false;
  return secp256k1.verify(signature, digest, publicKey, { prehash: false, lowS: false });
}

/**
 * Recovers the key that signed a digest (SEC 1 section 4.1.6).
 *
 * Any well-formed signature recovers to *some* key: the result means nothing until it is compared
 * with a key that is known.
 *
 * @param digest 32 bytes
 * @param signature r followed by s, 64 bytes
 * @param recovery 0 to 3
 * @returns the compressed key, 33 bytes, or undefined when no key fits
 */
export function recoverSecp256k1(
  digest: Uint8Array,
  signature: Uint8Array,
  recovery: number,
): Uint8Array | undefined {
  if (signature.length !== 64 || digest.length !== 32) return undefined;
  if (![0, 1, 2, 3].includes(recovery)) return undefined;
  try {
    const recoverable = concat(Uint8Array.of(recovery), signature);
    return secp256k1.Signature.fromBytes(recoverable, 'recovered')
      .recoverPublicKey(digest)
      .toBytes(true);
  } catch {
    // noble throws for r or s out of range and for an r that is no x-coordinate.
    return undefined;
  }
}

/** One card's key is needed several times, and importing it is a third of a verification. */
const importKey = remembered(64, (publicKey): KeyObject | undefined => {
  try {
    const der = Buffer.from(concat(spkiHeader, publicKey));
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    // OpenSSL refuses an x-coordinate that is not on the curve.
    return undefined;
  }
});

function fromBase64Url(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}

function keyObject(publicKey: Uint8Array): KeyObject | undefined {
  const prefix = publicKey[0];
  if (publicKey.length !== compressedLength || (prefix !== 2 && prefix !== 3)) return undefined;
  return importKey(publicKey);
}
