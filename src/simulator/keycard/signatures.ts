/**
 * Signatures of Keycards and of their maker: ECDSA on secp256k1.
 *
 *   card         over 32 bytes as they are, without another hash; DER
 *                (keycard-tech/status-keycard @a61616a, KeycardApplet.java, SecureChannelV2.java)
 *   certificate  card key (33) r (32) s (32) recovery id (1); over SHA-256 of the 33 bytes
 *                (keycard-tech/keycard-go @c87945d, types/certificate.go)
 *
 * A real card picks k at random and gives a high S every other time. Here k follows RFC 6979, so
 * that a demo can be repeated, and the last bit of what is signed says whether S is high, so that
 * both kinds come up.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../../bytes/bytes.ts';
import type { KeyPair } from '../demo-keys.ts';

/** Bytes of a certificate. */
export const certificateBytes = 98;

/** Signs a digest of 32 bytes, or what the other side passes off as one. DER, 68 to 72 bytes. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const low = secp256k1.Signature.fromBytes(
    secp256k1.sign(digest, privateKey, { prehash: false, lowS: true }),
  );
  const isHigh = ((digest[31] ?? 0) & 1) === 1;
  const { Fn } = secp256k1.Point;
  const signature = isHigh ? new secp256k1.Signature(low.r, Fn.neg(low.s)) : low;
  return signature.toBytes('der');
}

/** The certificate with which a CA vouches for a card's key. 98 bytes; S as it comes. */
export function certify(cardKey: Uint8Array, ca: KeyPair): Uint8Array {
  const [recovery = 0, ...rest] = secp256k1.sign(sha256(cardKey), ca.privateKey, {
    prehash: false,
    lowS: false,
    format: 'recovered',
  });
  return concat(cardKey, Uint8Array.from(rest), Uint8Array.of(recovery));
}
