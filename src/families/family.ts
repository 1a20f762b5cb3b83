/**
 * The seam between a card family and everything above it.
 *
 * `interview` talks to the card and decides nothing. `prove` decides nothing about trust: from the
 * raw bytes alone it says what the card proved, what its maker signed, and what it merely says.
 * The same `prove` runs in this process, on a server, and in an auditor's hands years later.
 */
import type { CardEvidence, UrlEvidence } from '../evidence/evidence.ts';
import type { Card, RecordedExchange, Redaction } from '../reader/card.ts';
import type { Statement } from '../trust/signature.ts';
import type { PathProfile } from '../trust/x509/path.ts';
import type { Endorser } from './endorser.ts';

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
   * or misuse on any card. `blind`: not an observation, but what this card cannot show.
   */
  readonly weight: 'neutral' | 'use' | 'trouble' | 'blind';
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
 * `unattached`: the maker keeps this signature apart from the card, and it is not here; `withheld`:
 * the maker was asked for it and would not give it;
 * `replayable`: signed at some time, over nothing of ours; `not-yet`: this card cannot attest in its
 * present state; `locked`: it attests only to somebody who knows its code; `code-refused`: the same,
 * and the code that was given is not the right one; `incapable`: cards of this kind hold nothing that
 * they could prove themselves with; `unfit`: what it shows does not fit a rule of which nobody knows for
 * sure that all genuine cards keep it.
 */
export type CheckResult =
  | 'held'
  | 'refuted'
  | 'contradicted'
  | 'foreign'
  | 'unreadable'
  | 'missing'
  | 'unattached'
  | 'withheld'
  | 'replayable'
  | 'not-yet'
  | 'locked'
  | 'code-refused'
  | 'incapable'
  | 'unfit';

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

/** X.509 certificates that a card shows for its key. */
export interface ShownCertificates {
  /** DER, the card's own first, as `validatePath` takes them. */
  readonly certificates: readonly Uint8Array[];
  /** What the family demands of them. */
  readonly profile: PathProfile;
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
  /**
   * A signature over the last of `issuers` that does not tell its signer. Where there is one, the
   * chain ends at it: the appraisal finds out which pinned root made it.
   */
  readonly topSignature?: Statement;
  /**
   * For chains of X.509 certificates, in place of `issuers`: whether they lead to a pinned root, and by
   * which certificates of the registry in between, the appraisal finds out.
   */
  readonly shown?: ShownCertificates;
  /**
   * The maker's signature over the number that the card shows. It does not cover the card's key, so
   * it can be copied: the number was issued, and no more than that.
   */
  readonly numberSignature?: Statement;
  /** Further keys that the card names as those of its makers, true or not; compressed. */
  readonly namedKeys?: readonly Uint8Array[];
  /** The maker's batch, where the card tells one; a product is known by it. */
  readonly batch?: Claim;
  /** Keys of all cards of a set, this one's included; compressed, sorted. Covered by a live signature. */
  readonly set?: readonly Uint8Array[];
  readonly product?: Claim;
  /** The number a person can compare with the one printed on the card, in its printed form. */
  readonly number?: Claim;
  readonly firmware?: Claim;
  readonly usage?: Usage;
  /** The kind of chip below the application: the first ten bytes of its CPLC, hex. Always reported. */
  readonly platform?: Claim;
  /** Further facts worth showing, by the key of their sentence. */
  readonly facts: readonly UsageSignal[];
}

/** Challenges by label, as derived for this session. */
export type Challenges = (label: string, length: number) => Uint8Array;

/** What an interview may use besides the card. */
export interface Interview {
  readonly challenges: Challenges;
  /** Cryptographically secure random bytes, for the keys of a secure channel. */
  readonly random: (length: number) => Uint8Array;
  /** Told the key of each step's sentence as it begins, and what fills its gaps. */
  readonly onStep: (step: string, params?: Readonly<Record<string, string>>) => void;
  /** The card's code, where its owner gave it. A card may refuse it once: it is not tried again. */
  readonly accessCode?: string | undefined;
  /** The answer to `probe`, where the application was selected and asked just now. */
  readonly probed?: Uint8Array | undefined;
}

export interface CardFamily {
  readonly id: string;
  /** As a person knows it: "Coinkite (SATSCARD, TAPSIGNER, SATSCHIP)". */
  readonly name: string;
  /** Application identifiers (ISO/IEC 7816-4), 5 to 16 bytes, probed in this order. */
  readonly aids: readonly Uint8Array[];
  /**
   * Asked after SELECT where the answer to SELECT is bare and could be any card's. It is the first
   * question of the interview too, and is not asked twice: a card may count it as a wrong code.
   */
  readonly probe?: { readonly command: Uint8Array; readonly redact: Redaction };
  /** True when a whole answer, status bytes included, to `probe` or else to SELECT is its own. */
  recognises(response: Uint8Array): boolean;
  /**
   * Asks the card everything that `prove` needs and nothing that changes it. The exchanges are
   * recorded by the card object.
   *
   * @throws ReaderError when the link fails; a card that answers badly is not an error here
   */
  interview(card: Card, talk: Interview): Promise<void>;
  /** For families whose makers keep the signatures over a card's key apart from the card. */
  readonly endorser?: Endorser;
  /** True where `interview` can use the owner's code. */
  readonly takesCode?: boolean;
  /**
   * True where a certificate in this transcript covers what the chip says of itself: then evidence
   * keeps the chip's serials, which are left out of it otherwise.
   */
  readonly bindsChip?: (transcript: readonly RecordedExchange[]) => boolean;
  /** Pure, from raw bytes; never throws for bad evidence. */
  prove(evidence: CardEvidence): Proof;
  /** For families whose cards show a signed link to phones. Pure, never throws. */
  proveUrl?(evidence: UrlEvidence): Proof;
  /** One exchange in plain words, for `evidence show`. Never throws. */
  explain(exchange: { readonly command: Uint8Array; readonly response: Uint8Array }): string;
}
