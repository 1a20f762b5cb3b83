/**
 * An owner: an Ed25519 key (RFC 8032) that is made at the first activation and says "seen by you" ever
 * after. In a log an owner is the SHA-256 of the raw public key, and no more.
 *
 * Kept as text, three lines, nothing else (a seed with a wrong digit would silently be another owner;
 * the public key beside it shows that):
 *
 *   touchstone.owner/1
 *   secret <seed, 64 hex digits>
 *   public <public key, 64 hex digits>
 */
import { createPrivateKey, sign } from 'node:crypto';
import { concat, equal } from '../bytes/bytes.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';

export interface OwnerKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of the public key, hex: how entries name this owner. */
  readonly hashHex: string;
  /** Ed25519 over the message, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** PKCS #8 header for an Ed25519 seed (RFC 8410 section 7). */
const seedHeader = fromHex('302e020100300506032b657004220420');

/**
 * @param seed 32 secret random bytes
 * @throws RangeError for another length
 */
export function createOwner(seed: Uint8Array): OwnerKey {
  if (seed.length !== 32) throw new RangeError(`owner seed: ${seed.length} bytes, not 32`);
  const der = Buffer.from(concat(seedHeader, seed));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return {
    publicKey,
    hashHex: toHex(sha256(publicKey)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

/**
 * The text that keeps an owner. Whoever has it is that owner.
 *
 * @param seed 32 bytes
 * @throws RangeError for another length
 */
export function encodeOwner(seed: Uint8Array): string {
  const { publicKey } = createOwner(seed);
  return `touchstone.owner/1\nsecret ${toHex(seed)}\npublic ${toHex(publicKey)}\n`;
}

/** @returns undefined for any other text than `encodeOwner` writes */
export function parseOwner(text: string): OwnerKey | undefined {
  const match = /^touchstone\.owner\/1\nsecret ([0-9a-f]{64})\npublic ([0-9a-f]{64})\n$/.exec(text);
  const [, seed = '', publicKey = ''] = match ?? [];
  if (match === null) return undefined;
  const owner = createOwner(fromHex(seed));
  return equal(owner.publicKey, fromHex(publicKey)) ? owner : undefined;
}
