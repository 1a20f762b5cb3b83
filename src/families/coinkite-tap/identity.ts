/** Names derived from keys: the card number printed on the back, and a SATSCARD's address. */

import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 as digest } from '@noble/hashes/sha2.js';
import { base32, bech32 } from '@scure/base';
import { equal } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/sha256.ts';

/**
 * The card number: base32 of bytes 8..31 of SHA-256(card key), 20 characters in groups of five.
 * Source: coinkite-tap-proto docs/nfc-spec.md. 33 bytes of 02 give YTIZ2-MQZZZ-XPA2D-I5OGH.
 */
export function cardNumber(publicKey: Uint8Array): string {
  const text = base32.encode(sha256(publicKey).subarray(8)).slice(0, 20);
  return (text.match(/.{5}/g) ?? []).join('-');
}

/** The other part of the same hash, which the tap link carries as `c`: its first 8 bytes. */
export function matchesLinkHash(publicKey: Uint8Array, hashHex: string): boolean {
  return equal(sha256(publicKey).subarray(0, 8), fromHex(hashHex));
}

/** The pay-to-witness-public-key-hash address of a key (BIP 141, BIP 173). */
export function witnessAddress(publicKey: Uint8Array, network: 'bc' | 'tb'): string {
  const program = ripemd160(digest(publicKey));
  return bech32.encode(network, [0, ...bech32.toWords(program)]);
}
