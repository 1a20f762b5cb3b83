/**
 * The signature door: every signature that Touchstone checks is checked here.
 *
 * node:crypto does the checking (5 to 70 times faster than JavaScript), noble what node lacks:
 * recovering the public key from a signature, and a digest that is not hashed again. High-S signatures
 * are accepted: cards make them, and signature bytes are never used as an identity.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { concat } from '../bytes/bytes.ts';
import { fromHex } from '../bytes/hex.ts';
import { type CurveName, curves, hasSmallOrder } from './curves.ts';
import { parseEcdsaDer, scalarsInRange } from './ecdsa.ts';
import { remembered } from './memo.ts';
import type { KeyAlgorithm, PublicKey } from './public-key.ts';
import { verifySecp256k1 } from './secp256k1.ts';

export { parseEcdsaDer } from './ecdsa.ts';
export {
  compressedSecp256k1,
  type KeyAlgorithm,
  type PublicKey,
  parsePublicKey,
} from './public-key.ts';
export {
  compressSecp256k1,
  isSecp256k1Key,
  recoverSecp256k1,
  uncompressSecp256k1,
  verifySecp256k1,
  verifySecp256k1Der,
  verifySecp256k1Digest,
} from './secp256k1.ts';

/** SubjectPublicKeyInfo header for an Ed25519 key (RFC 8410 section 4). */
const ed25519Header = fromHex('302a300506032b6570032100');

/** Signature algorithms as certificates name them (RFC 5758, RFC 4055, RFC 8410). */
export type SignatureAlgorithm =
  | 'ecdsa-SHA1'
  | 'ecdsa-SHA256'
  | 'ecdsa-SHA384'
  | 'ecdsa-SHA512'
  | 'Ed25519'
  | 'RSA-SHA1'
  | 'RSA-SHA256'
  | 'RSA-SHA384'
  | 'RSA-SHA512';

/** What each asks of the key, and its hash as node:crypto names it. */
const schemes: Readonly<
  Record<
    SignatureAlgorithm,
    { readonly kind: 'ec' | 'Ed25519' | 'RSA'; readonly hash: string | null }
  >
> = {
  'ecdsa-SHA1': { kind: 'ec', hash: 'sha1' },
  'ecdsa-SHA256': { kind: 'ec', hash: 'sha256' },
  'ecdsa-SHA384': { kind: 'ec', hash: 'sha384' },
  'ecdsa-SHA512': { kind: 'ec', hash: 'sha512' },
  Ed25519: { kind: 'Ed25519', hash: null },
  'RSA-SHA1': { kind: 'RSA', hash: 'sha1' },
  'RSA-SHA256': { kind: 'RSA', hash: 'sha256' },
  'RSA-SHA384': { kind: 'RSA', hash: 'sha384' },
  'RSA-SHA512': { kind: 'RSA', hash: 'sha512' },
};

/** A signature whose signer is not told by it: ECDSA over secp256k1 with SHA-256. */
export interface Statement {
  readonly message: Uint8Array;
  /** r and s, 64 bytes. */
  readonly signature: Uint8Array;
}

/**
 * Verifies Ed25519 (RFC 8032).
 *
 * @param publicKey 32 bytes; any other length is false, and so is a point of small order, under which
 *   anybody can sign
 * @param signature 64 bytes; any other length is false
 */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (hasSmallOrder(publicKey)) return false;
  const key = importEd25519(publicKey);
  return key !== undefined && verify(null, message, key, signature);
}

/** True when a key of this kind can make signatures of the algorithm. */
export function keyFits(key: KeyAlgorithm, algorithm: SignatureAlgorithm): boolean {
  const { kind } = schemes[algorithm];
  return kind === (isCurve(key) ? 'ec' : key);
}

/**
 * Verifies a signature in the form that certificates have.
 *
 * @param signature ECDSA: SEQUENCE { r, s } strictly in DER. Ed25519: 64 bytes. RSA: PKCS #1 v1.5, as
 *   long as the modulus
 * @returns false for a wrong signature, any other form of it, and a key of another kind
 */
export function verifySignature(
  key: PublicKey,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!keyFits(key.algorithm, algorithm)) return false;
  const { hash } = schemes[algorithm];
  if (!isCurve(key.algorithm)) return verify(hash, message, key.key, signature);
  const { order } = curves[key.algorithm];
  const scalars = parseEcdsaDer(signature, order.length);
  if (scalars === undefined || !scalarsInRange(scalars, order)) return false;
  return verify(hash, message, { key: key.key, dsaEncoding: 'ieee-p1363' }, scalars);
}

/** True when the key (compressed, 33 bytes) made the statement. Remembered: a maker's are seen often. */
export function verifyStatement(publicKey: Uint8Array, statement: Statement): boolean {
  return verifyRemembered(publicKey, statement.message, statement.signature);
}

const verifyRemembered = remembered(1024, (publicKey, message, signature): boolean =>
  verifySecp256k1(publicKey, message, signature),
);

function importEd25519(publicKey: Uint8Array): KeyObject | undefined {
  try {
    const der = Buffer.from(concat(ed25519Header, publicKey));
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function isCurve(key: KeyAlgorithm): key is CurveName {
  return key in curves;
}
