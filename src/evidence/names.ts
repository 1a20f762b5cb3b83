/** How people and programs refer to a piece of evidence. */

import { utf8 } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';
import type { Evidence } from './evidence.ts';
import { challengeHash, proofHash } from './hashes.ts';

export interface EvidenceNames {
  /** For people to quote: "TS-" and 10 hex digits. */
  readonly id: string;
  /** Hex, 64 digits; a link has none. */
  readonly proofHash?: string;
  readonly challengeHash?: string;
  readonly nonce?: string;
}

export function nameEvidence(evidence: Evidence): EvidenceNames {
  if (evidence.kind === 'url') return { id: shortId(toHex(sha256(utf8(evidence.url)))) };
  const proof = toHex(proofHash(evidence));
  return {
    id: shortId(proof),
    proofHash: proof,
    challengeHash: toHex(challengeHash(evidence)),
    nonce: toHex(evidence.nonce),
  };
}

function shortId(hashHex: string): string {
  return `TS-${hashHex.slice(0, 10)}`;
}
