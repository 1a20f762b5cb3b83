/**
 * Three hashes that name a piece of evidence, kept apart so that another reader's name or a late
 * attachment does not make a second identity. The same challenge or proof seen twice is an alarm.
 */
import { utf8 } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { canonicalJson } from '../bytes/json.ts';
import { sha256 } from '../bytes/sha256.ts';
import { contextHash } from './challenge.ts';
import type { CardEvidence } from './evidence.ts';

/** SHA-256("touchstone/challenge-hash/v1" 00 SHA-256(context) nonce), 32 bytes. */
export function challengeHash(evidence: CardEvidence): Uint8Array {
  const domain = utf8('touchstone/challenge-hash/v1\0');
  return sha256(domain, contextHash(evidence.context), evidence.nonce);
}

/**
 * SHA-256 over the canonical JSON of what was proven from: family, nonce, context, challenges and
 * every exchange that is not private. 32 bytes.
 */
export function proofHash(evidence: CardEvidence): Uint8Array {
  const { family, context, challenges = {}, transcript } = evidence;
  return sha256(
    canonicalJson({
      family,
      context,
      nonce: toHex(evidence.nonce),
      challenges: Object.fromEntries(
        Object.entries(challenges).map(([label, bytes]) => [label, toHex(bytes)]),
      ),
      exchanges: transcript
        .filter((exchange) => exchange.disclosure !== 'private')
        .map((exchange) => [toHex(exchange.command), toHex(exchange.response)]),
    }),
  );
}

/** SHA-256 over the canonical JSON of kind and data of every attachment. 32 bytes. */
export function attachmentsHash(evidence: CardEvidence): Uint8Array {
  return sha256(canonicalJson(evidence.attachments.map((item) => [item.kind, toHex(item.data)])));
}
