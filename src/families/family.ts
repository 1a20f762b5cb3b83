/**
 * The seam between a card family and everything above it.
 *
 * `interview` talks to the card and decides nothing. `prove` decides nothing about trust: from the
 * raw bytes alone it says what the card proved, what its maker signed, and what it merely says.
 * The same `prove` runs in this process, on a server, and in an auditor's hands years later.
 */
import type { CardEvidence, UrlEvidence } from '../evidence/evidence.ts';
import type { Card } from '../reader/card.ts';

/**
 * What a claim rests on. `live`: covered by the card's signature over our challenge. `maker`:
 * covered by the maker's static signature. `reported`: the card just says so; also what a signature
 * covers that could be replayed.
 */
export type Authority = 'live' | 'maker' | 'reported';

export interface Claim {
  readonly value: string;
  readonly authority: Authority;
}

/** A single observation about use, e.g. "two backups were made". */
export interface UsageSignal {
  /** Key of its sentence in the texts. */
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
  readonly authority: Authority;
  /**
   * `use`: normal for a card in use, never seen on an untouched one. `trouble`: a sign of tampering
   * or misuse on any card.
   */
  readonly weight: 'neutral' | 'use' | 'trouble';
}

export interface Usage extends Claim {
  readonly signals: readonly UsageSignal[];
}

/**
 * `live`: the signature over our challenge. `chain`: from the card's key towards the maker.
 * `side`: everything else that can be held against something (another signature, an address, a
 * behaviour that contradicts the firmware it reports).
 */
export type CheckRole = 'live' | 'chain' | 'side';

/**
 * `held`; `refuted`: a signature or chain was given and is wrong; `contradicted`: two things the
 * card says cannot both be true; `foreign`: the answer belongs to another challenge; `unreadable`:
 * the answer has not the form it must have; `missing`: the card gave no answer to judge;
 * `replayable`: signed at some time, over nothing of ours; `not-yet`: this card cannot attest in its
 * present state.
 */
export type CheckResult =
  | 'held'
  | 'refuted'
  | 'contradicted'
  | 'foreign'
  | 'unreadable'
  | 'missing'
  | 'replayable'
  | 'not-yet';

/** One thing that was checked, in the order of the protocol. */
export interface ProofCheck {
  readonly id: string;
  readonly role: CheckRole;
  readonly result: CheckResult;
  /** For experts: field, got, expected. Never a secret, never a whole certificate. */
  readonly detail: string;
}

/** A key that signed our challenge. */
export interface CardKey {
  readonly curve: 'secp256k1';
  /** Compressed point, 33 bytes. */
  readonly publicKey: Uint8Array;
  /** False where a whole batch shares one key: then the model is proven, the unit is not. */
  readonly perCard: boolean;
}

export interface Proof {
  readonly family: string;
  readonly checks: readonly ProofCheck[];
  /** Present only when every `live` check held. */
  readonly key?: CardKey;
  /** Key the card shows, proven or not; what a revocation list is asked about. */
  readonly shownKey?: Uint8Array;
  /**
   * Issuer keys from the card outwards; the last one is where the chain ends. Whether that is a
   * pinned root, the appraisal decides. Present only when the walk succeeded.
   */
  readonly issuers?: readonly Uint8Array[];
  readonly product?: Claim;
  /** The number a person can compare with the one printed on the card, in its printed form. */
  readonly number?: Claim;
  readonly firmware?: Claim;
  readonly usage?: Usage;
  /** Further facts worth showing, by the key of their sentence. */
  readonly facts: readonly UsageSignal[];
}

/** Challenges by label, as derived for this session. */
export type Challenges = (label: string, length: number) => Uint8Array;

export interface CardFamily {
  readonly id: string;
  /** As a person knows it: "Coinkite (SATSCARD, TAPSIGNER, SATSCHIP)". */
  readonly name: string;
  /** Application identifiers (ISO/IEC 7816-4), 5 to 16 bytes, probed in this order. */
  readonly aids: readonly Uint8Array[];
  /** True when a whole answer to SELECT, status bytes included, is this family's own. */
  recognises(selectResponse: Uint8Array): boolean;
  /**
   * Asks the card everything that `prove` needs and nothing that changes it. The exchanges are
   * recorded by the card object.
   *
   * @param onStep told the key of each step's sentence as it begins
   * @throws ReaderError when the link fails; a card that answers badly is not an error here
   */
  interview(card: Card, challenges: Challenges, onStep: (step: string) => void): Promise<void>;
  /** Pure, from raw bytes; never throws for bad evidence. */
  prove(evidence: CardEvidence): Proof;
  /** For families whose cards show a signed link to phones. Pure, never throws. */
  proveUrl?(evidence: UrlEvidence): Proof;
  /** One exchange in plain words, for `evidence show`. Never throws. */
  explain(exchange: { readonly command: Uint8Array; readonly response: Uint8Array }): string;
}
