/** A set: cards that were linked to each other, a primary one and its backups. */
import { utf8 } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';

/**
 * SHA-256("touchstone/card-set/v1" 00 key key ...) over the keys of all cards of a set. The same on
 * each of them, so two cards belong to one set exactly when their hashes are equal. 32 bytes.
 *
 * @param keys compressed, sorted, as in `Proof.set`
 */
export function setHash(keys: readonly Uint8Array[]): Uint8Array {
  return sha256(utf8('touchstone/card-set/v1\0'), ...keys);
}

/** For people to compare between cards: "SET-" and 10 hex digits of the hash. */
export function setName(keys: readonly Uint8Array[]): string {
  return `SET-${toHex(setHash(keys)).slice(0, 10)}`;
}
