/**
 * Signatures of simulated Satochip cards and of their maker: ECDSA in DER.
 *
 *   card        secp256k1, SHA-256   (Toporin/SatochipApplet CardEdge.java @8cbaa1d)
 *     challenge   "Challenge:" card challenge (32) host challenge (32)
 *     channel     length (2) X of the ephemeral key (32) length (2) signature by that key
 *     own key     length (2) X (32)
 *   product CA  secp256k1, SHA-256, over a device certificate
 *   root        P-384, SHA-512, over itself and the product CAs
 *
 * The applets have no rule about the size of S, so S is left as it comes. k follows RFC 6979:
 * certificates are the same bytes in every process.
 */
import { p384 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../bytes/bytes.ts';

const challengeMark = utf8('Challenge:');

/** Signs SHA-256(message) with a secp256k1 key; DER, 70 to 72 bytes nearly always. */
export function sign(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return secp256k1.sign(message, privateKey, { lowS: false, format: 'der' });
}

/** Signs SHA-512(message) with a P-384 key; DER. */
export function signAsRoot(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return p384.sign(sha512(message), privateKey, { prehash: false, lowS: false, format: 'der' });
}

/** What a card signs to prove itself, 74 bytes; both challenges have 32. */
export function challengeMessage(card: Uint8Array, host: Uint8Array): Uint8Array {
  return concat(challengeMark, card, host);
}

/** Bytes with their length in two bytes before them, as all fields of these cards go. */
export function sized(bytes: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}
