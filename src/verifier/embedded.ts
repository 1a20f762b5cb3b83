/**
 * The verifier inside this process: issues a nonce for one check, takes the evidence, judges it.
 *
 * A session's own nonce and context are used for judging, whatever the evidence says of itself: an
 * exchange recorded under another nonce, purpose or origin then simply answers another challenge.
 */

import { appraise, type Verdict } from '../appraisal/appraise.ts';
import type { Policy } from '../appraisal/facts.ts';
import { toHex } from '../bytes/hex.ts';
import { TouchstoneError } from '../errors/error.ts';
import {
  type ChallengeContext,
  embeddedOrigin,
  nonceLength,
  type Purpose,
} from '../evidence/challenge.ts';
import {
  type Attachment,
  type CardEvidence,
  type Evidence,
  recordedFreshness,
} from '../evidence/evidence.ts';
import type { CardFamily, Proof } from '../families/family.ts';
import type { Registry } from '../trust/registry.ts';
import { emptyProof, proveEvidence } from './prove.ts';

/** One check: open until its evidence is judged, once, or until it expires. */
export interface Session {
  readonly id: string;
  readonly context: ChallengeContext;
  /** 32 bytes. */
  readonly nonce: Uint8Array;
  /** Milliseconds since 1970, UTC. */
  readonly expires: number;
}

/** What the asker wants; the verifier itself adds freshness and what its log knows. */
export type Wish = Pick<Policy, 'expectNew' | 'expectedNumber' | 'crls'>;

/** Answers that came in time. */
export interface Accepted {
  /** @param attachments maker material found meanwhile; left out: what the evidence holds */
  judge(wish: Wish, attachments?: readonly Attachment[]): Verdict;
}

export interface Verifier {
  open(purpose: Purpose): Session;
  /**
   * Takes the card's answers in. The session ends with that, whatever comes of it: what is still to be
   * fetched from elsewhere may take its time.
   *
   * @throws TouchstoneError SESSION_UNKNOWN when it was used before or has expired
   */
  accept(sessionId: string, evidence: CardEvidence): Accepted;
  /** Accepts and judges in one. */
  judge(sessionId: string, evidence: CardEvidence, wish: Wish): Verdict;
  /** Judges evidence that comes from a file: at best "recorded". */
  judgeRecorded(evidence: Evidence, wish: Wish): Verdict;
  /** The verdict on a card that no family recognises: always not decided. */
  judgeUnknown(wish: Wish): Verdict;
}

export interface VerifierParts {
  readonly registry: Registry;
  readonly families: readonly CardFamily[];
  /** Cryptographically secure random bytes. */
  readonly random: (length: number) => Uint8Array;
  /** Milliseconds since 1970, UTC. */
  readonly now: () => number;
}

/** Time for a person to find the card and lay it on the reader. */
const sessionMillis = 15 * 60_000;

/** Family id of a card that no family recognised. */
export const unknownFamily = 'unknown';

export function createEmbeddedVerifier(parts: VerifierParts): Verifier {
  const { registry, families, random, now } = parts;
  const sessions = new Map<string, Session>();

  const prove = (evidence: Evidence) => proveEvidence(evidence, families);
  const judgeAs = (proof: Proof, freshness: Policy['freshness'], wish: Wish) =>
    appraise(proof, registry, { ...wish, freshness, log: 'not-consulted' }, now());

  const accept = (sessionId: string, evidence: CardEvidence): Accepted => {
    const session = sessions.get(sessionId);
    sessions.delete(sessionId);
    if (session === undefined || now() > session.expires) {
      throw new TouchstoneError(
        'SESSION_UNKNOWN',
        'This check was finished before, or its time is over.',
      );
    }
    const { nonce, context } = session;
    const own = { ...evidence, nonce, context, challenges: undefined };
    return {
      judge: (wish, attachments = own.attachments) =>
        judgeAs(prove({ ...own, attachments }), 'verifier', wish),
    };
  };

  return {
    open(purpose) {
      const session = {
        id: toHex(random(16)),
        context: { origin: embeddedOrigin, purpose },
        nonce: random(nonceLength),
        expires: now() + sessionMillis,
      };
      sessions.set(session.id, session);
      return session;
    },
    judge: (sessionId, evidence, wish) => accept(sessionId, evidence).judge(wish),
    accept,
    judgeRecorded: (evidence, wish) => judgeAs(prove(evidence), recordedFreshness(evidence), wish),
    judgeUnknown: (wish) => judgeAs(emptyProof(unknownFamily), 'verifier', wish),
  };
}
