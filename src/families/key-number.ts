/** A number for cards whose maker prints none that is known. */
import { toHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';

/**
 * A short name for a card's key: the first 20 hex digits of SHA-256 of its compressed form, in groups of
 * four. Two checks of one card show the same.
 *
 * @param publicKey compressed, 33 bytes
 */
export function keyNumber(publicKey: Uint8Array): string {
  const digits = toHex(sha256(publicKey)).slice(0, 20).toUpperCase();
  return (digits.match(/.{4}/g) ?? []).join('-');
}
