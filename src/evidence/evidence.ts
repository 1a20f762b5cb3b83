/**
 * Evidence: our nonce, the context it was issued for, and the raw exchange with the card. It holds
 * no opinion: anyone can run `prove` and `appraise` on it again, years later.
 *
 * Two kinds. `card`: a challenge and a transcript. `url`: only the link that a card shows to a
 * phone; signed by the card at some time, so it can be replayed and never proves presence.
 */
import type { RecordedExchange } from '../reader/card.ts';
import { type ChallengeContext, deriveChallenge } from './challenge.ts';

export const evidenceSchema = 'touchstone.evidence/1';

/**
 * How sure the judge is that the card answered just now. `verifier`: the judge itself issued the
 * nonce in this session. `beacon`: not older than a public checkpoint. `self`: the collector made
 * its own nonce (any saved file). `imported`: recorded with somebody else's challenges.
 */
export const freshnessClasses = ['verifier', 'beacon', 'self', 'imported'] as const;
export type Freshness = (typeof freshnessClasses)[number];

/** Maker material about a card that does not come from the card itself. */
export interface Attachment {
  readonly kind: string;
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly fetchedAt: string;
  readonly data: Uint8Array;
}

export interface CardEvidence {
  readonly kind: 'card';
  /** Card family id. */
  readonly family: string;
  /** 32 bytes. */
  readonly nonce: Uint8Array;
  readonly context: ChallengeContext;
  /** What the collector says. A judge never believes it upwards; see `judgedFreshness`. */
  readonly freshness: Freshness;
  /** ISO 8601, UTC, by the collector's clock: untrusted. */
  readonly collectedAt: string;
  readonly readerName: string;
  readonly atr: Uint8Array;
  readonly transcript: readonly RecordedExchange[];
  readonly attachments: readonly Attachment[];
  /** Challenges by label for a recording that did not derive them from nonce and context. */
  readonly challenges?: Readonly<Record<string, Uint8Array>> | undefined;
}

export interface UrlEvidence {
  readonly kind: 'url';
  readonly family: string;
  readonly collectedAt: string;
  readonly url: string;
}

export type Evidence = CardEvidence | UrlEvidence;

/**
 * The freshness of evidence that arrives as a file, outside any session: never better than `self`,
 * whatever the file says about itself.
 */
export function recordedFreshness(evidence: Evidence): Freshness {
  if (evidence.kind === 'url' || evidence.challenges !== undefined) return 'imported';
  return evidence.freshness === 'imported' ? 'imported' : 'self';
}

/**
 * The challenge that this evidence must answer under a label: derived from nonce and context, or
 * for an imported recording the one it names (undefined where it names none).
 */
export function expectedChallenge(
  evidence: CardEvidence,
  label: string,
  length: number,
): Uint8Array | undefined {
  const { challenges, family, nonce, context } = evidence;
  if (challenges === undefined) return deriveChallenge({ family, label, context, nonce, length });
  return Object.hasOwn(challenges, label) ? challenges[label] : undefined;
}
