/**
 * The certificate chain: each link is a 65-byte recoverable signature over the key before it.
 *
 *   header(1) r(32) s(32)     header 27..42, recovery id = (header - 27) mod 4 (as in BIP 137)
 *   key(0) = card key, key(n+1) = recover(SHA-256(key(n), compressed), signature(n))
 *
 * The last recovered key must be a pinned root. No link names its issuer, so an altered signature
 * and a foreign root look the same: a different key at the end.
 * Sources: coinkite-tap-proto docs/protocol.md "certs"; bitcoindevkit/rust-cktap issue 43 (the
 * compressed key is hashed).
 */
import { sha256 } from '../../bytes/sha256.ts';
import { remembered } from '../../trust/memo.ts';
import { recoverSecp256k1 } from '../../trust/signature.ts';
import { tap } from './constants.ts';

export type ChainWalk =
  | { readonly issuers: readonly Uint8Array[]; readonly fault?: undefined }
  | { readonly fault: string; readonly issuers?: undefined };

/**
 * @param cardKey compressed, 33 bytes
 * @param chain certificates nearest first, 65 bytes each
 * @returns the issuer keys, nearest first, or what is wrong with the chain
 */
export function walkChain(cardKey: Uint8Array, chain: readonly Uint8Array[]): ChainWalk {
  if (chain.length < tap.minCertificates) {
    return { fault: `certificates: ${chain.length}, at least ${tap.minCertificates} expected` };
  }
  const issuers: Uint8Array[] = [];
  for (const [index, certificate] of chain.entries()) {
    const subject = issuers.at(-1) ?? cardKey;
    // Every card has its own first link; the ones above it are shared by a whole batch.
    const issuer =
      index === 0 ? issuerOf(subject, certificate) : sharedIssuerOf(subject, certificate);
    if (issuer === undefined) return { fault: `certificate ${index + 1}: not a signature` };
    issuers.push(issuer);
  }
  return { issuers };
}

function issuerOf(subject: Uint8Array, certificate: Uint8Array): Uint8Array | undefined {
  const header = certificate[0] ?? 0;
  if (header < 27 || header > 42) return undefined;
  return recoverSecp256k1(sha256(subject), certificate.subarray(1), (header - 27) & 3);
}

/** Batch keys and above are few and shared by many cards. */
const sharedIssuerOf = remembered(256, issuerOf);
