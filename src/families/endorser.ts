/**
 * Signatures over a card's key that the maker keeps on a server of its own instead of on the card.
 * They never change, so a card is asked for once, and its answer is kept with the evidence.
 */
import type { CardEvidence } from '../evidence/evidence.ts';

/** What the maker is asked about one card. */
export interface EndorsementRequest {
  /** The key that the card showed, compressed, 33 bytes: what an answer is kept under. */
  readonly cardKey: Uint8Array;
  /** Request headers; everything that is told about the card, and nothing about its owner. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Maker material, not yet with its source and date. */
export interface Endorsement {
  readonly kind: string;
  readonly data: Uint8Array;
}

export interface Endorser {
  /** Undefined when the card did not show what is needed to ask. Pure. */
  request(evidence: CardEvidence): EndorsementRequest | undefined;
  /**
   * Reads the body of the maker's answer.
   *
   * @throws EvidenceError when it has not the form that it must have
   */
  parse(body: Uint8Array): readonly Endorsement[];
  /**
   * Why nothing could be had, as maker material: `prove` then gives the reason.
   *
   * @param why one of a closed list of short words, e.g. "http-404", "timeout"
   */
  refusal(why: string): Endorsement;
}
