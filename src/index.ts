/**
 * Touchstone as a library: a card's interview, the proof that comes of it, and the verdict.
 *
 *   interview   talks to a card and writes everything down; decides nothing
 *   prove       from the raw bytes to what holds, and what each claim rests on; pure
 *   appraise    a proof held against the registry, at one moment, under one policy; pure
 *
 * docs/examples/check-card.mjs is a whole program with them.
 */
import { UsageError } from './errors/error.ts';
import type { ChallengeContext } from './evidence/challenge.ts';
import type { CardEvidence, Evidence } from './evidence/evidence.ts';
import type { Proof } from './families/family.ts';
import { families, findFamily } from './families/index.ts';
import type { Card } from './reader/card.ts';
import { collectEvidence, meetCard } from './verifier/collect.ts';
import { proveEvidence } from './verifier/prove.ts';

export { appraise, type Verdict } from './appraisal/appraise.ts';
export type { Policy } from './appraisal/facts.ts';
export type { Finding } from './appraisal/finding.ts';
export { TouchstoneError } from './errors/error.ts';
export type { ChallengeContext } from './evidence/challenge.ts';
export type { CardEvidence, Evidence } from './evidence/evidence.ts';
export { encodeEvidence, parseEvidence } from './evidence/file.ts';
export type { CardFamily, Claim, Proof } from './families/family.ts';
export { families } from './families/index.ts';
export { type Card, openCard } from './reader/card.ts';
export type { CardChannel } from './reader/channel.ts';
export { startPcsc } from './reader/pcsc/pcsc.ts';
export { type OriginalityCurve, verifyOriginality } from './trust/originality.ts';
export { Registry } from './trust/registry.ts';
export { parseRegistryLayer, type RegistryLayer } from './trust/registry-layer.ts';

/** What an interview needs besides the card. */
export interface InterviewOptions {
  /** 32 bytes from whoever will judge: random, never used before. */
  readonly nonce: Uint8Array;
  /**
   * Who asks and what for; the card's answers are worth nothing to anybody else. Its origin consists of
   * 1 to 256 visible ASCII characters, without spaces: evidence under another cannot be read back.
   */
  readonly context: ChallengeContext;
  /** Now, milliseconds since 1970, UTC; written into the evidence. */
  readonly at: number;
  /** Cryptographically secure random bytes. */
  readonly random: (length: number) => Uint8Array;
  /** Id of the family, where it is known; left out, it is found out. */
  readonly family?: string;
  /** The card's code, from its owner. A card may refuse it once: it is not tried again. */
  readonly accessCode?: string;
}

/**
 * Asks the card everything that a verdict needs, and nothing that changes it.
 *
 * @returns undefined for a card of no known family
 * @throws ReaderError when the link to the card fails, UsageError for the id of no family,
 *   RangeError for a nonce of another length
 */
export async function interview(
  card: Card,
  options: InterviewOptions,
): Promise<CardEvidence | undefined> {
  const { nonce, context, at, random, family, accessCode } = options;
  const named = family === undefined ? undefined : findFamily(family);
  if (family !== undefined && named === undefined) {
    throw new UsageError('USAGE', `The family ${JSON.stringify(family)} is not known.`);
  }
  const met = await meetCard(card, families, named);
  return (
    met &&
    collectEvidence({
      ...met,
      card,
      session: { nonce, context },
      freshness: 'self',
      collectedAt: at,
      talk: { random, onStep: () => undefined, accessCode },
    })
  );
}

/** What evidence proves, whatever its family. Never throws for bad evidence. */
export function prove(evidence: Evidence): Proof {
  return proveEvidence(evidence, families);
}
