/**
 * The signature rules of coinkite/coinkite-tap-proto docs/protocol.md and docs/nfc-spec.md, written
 * a second time from the documents, so that the simulator is not its own judge. The tests first
 * hold these against recorded cards, then hold simulated cards against these.
 */
import { createHash } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { bech32 } from '@scure/base';

export function hash(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());
}

/** Low S included, as the documentation demands of cards. */
export function isSignedBy(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  return secp256k1.verify(signature, hash(message), publicKey, { prehash: false, lowS: true });
}

/** The message that check, read and derive sign. */
export function message(
  cardNonce: Uint8Array,
  appNonce: Uint8Array,
  ...added: readonly Uint8Array[]
): Uint8Array {
  return Buffer.concat([Buffer.from('OPENDIME', 'ascii'), cardNonce, appNonce, ...added]);
}

/** The key at the top of a chain, by recovery step after step from the card's key. */
export function recoverRoot(cardKey: Uint8Array, chain: readonly Uint8Array[]): Uint8Array {
  return chain.reduce(recoverSigner, cardKey);
}

function recoverSigner(key: Uint8Array, entry: Uint8Array): Uint8Array {
  const header = entry[0] ?? 0;
  if (entry.length !== 65 || header < 27 || header > 42) throw new Error('certificate form');
  return recover(entry.subarray(1), (header - 27) & 3, hash(key));
}

function recover(signature: Uint8Array, recovery: number, digest: Uint8Array): Uint8Array {
  return secp256k1.Signature.fromBytes(signature)
    .addRecoveryBit(recovery)
    .recoverPublicKey(digest)
    .toBytes(true);
}

export function addressOf(publicKey: Uint8Array): string {
  return bech32.encode('bc', [0, ...bech32.toWords(ripemd160(hash(publicKey)))]);
}

/** The key that signed a tapped URL, or undefined when no candidate fits its `r` or `c`. */
export function urlSigner(url: string): Uint8Array | undefined {
  const fragment = url.slice(url.indexOf('#') + 1);
  const fields = new URLSearchParams(fragment);
  const signature = new Uint8Array(Buffer.from(fields.get('s') ?? '', 'hex'));
  const digest = hash(Buffer.from(fragment.slice(0, fragment.lastIndexOf('=') + 1), 'ascii'));
  const suffix = fields.get('r');
  for (const recovery of [0, 1, 2, 3]) {
    let key: Uint8Array;
    try {
      key = recover(signature, recovery, digest);
    } catch {
      // Most recovery ids name no point; the next one may.
      continue;
    }
    const fits =
      suffix === null
        ? Buffer.from(hash(key).subarray(0, 8)).toString('hex') === fields.get('c')
        : addressOf(key).endsWith(suffix);
    if (fits) return key;
  }
  return undefined;
}
