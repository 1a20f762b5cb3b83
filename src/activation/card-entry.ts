/**
 * From a judged check to the entry that a log may hold about it.
 *
 * An entry needs an index key, and that is taken from one thing alone: a key that belongs to this card and
 * to no other, proven live, with a chain to a root that is trusted. Never from a serial number, nor from a
 * key that a batch shares: then innocent cards would be told apart by nothing, and one's activation
 * would be held against the next. What was found not genuine, or not decided, leaves no trace in a log.
 */
import type { Verdict } from '../appraisal/appraise.ts';
import { productIdOf } from '../appraisal/facts.ts';
import { isReached } from '../appraisal/finding.ts';
import { toHex } from '../bytes/hex.ts';
import type { CardEvidence } from '../evidence/evidence.ts';
import { attachmentsHash, challengeHash, proofHash } from '../evidence/hashes.ts';
import type { Registry } from '../trust/registry.ts';
import {
  type CardEntry,
  type EvidencePart,
  entrySchemaId,
  hourOf,
  shortId,
  shortText,
  type UnsignedCardEntry,
} from './entry-schema.ts';
import { cardIndexKey } from './index-key.ts';

/** Why a card has no index key. */
export type NoKey =
  | 'not-genuine'
  | 'not-decided'
  /** It proved no key, or one that cannot be written in the one form. */
  | 'no-key'
  /** Its key is that of a whole batch. */
  | 'model-only'
  /** Its key leads to no root that is trusted. */
  | 'not-chained';

export type ProvenKey =
  | {
      readonly kind: 'key';
      /** The card index key, 32 bytes as hex. */
      readonly keyHex: string;
    }
  | { readonly kind: 'none'; readonly why: NoKey };

/** Why a check gives no entry. */
export type NoEntry =
  | NoKey
  /** The evidence is of another family than the verdict. */
  | 'other-evidence'
  /** The card was asked for another purpose than this entry. */
  | 'other-purpose'
  /** The card was asked on behalf of another owner, or of none. */
  | 'other-owner';

export type BuiltEntry =
  | { readonly kind: 'entry'; readonly entry: UnsignedCardEntry }
  | { readonly kind: 'none'; readonly why: NoEntry };

/** The index key of the card that a verdict is about. */
export function provenIndexKey({ word, facts, proof }: Verdict): ProvenKey {
  const none = (why: NoKey): ProvenKey => ({ kind: 'none', why });
  if (word === 'not genuine') return none('not-genuine');
  if (word === 'not decided') return none('not-decided');
  if (facts.live !== 'proven' || proof.key === undefined) return none('no-key');
  if (!proof.key.perCard || facts.unit !== 'per-card') return none('model-only');
  if (!isReached(facts)) return none('not-chained');
  const key = cardIndexKey(proof.key);
  return key === undefined ? none('no-key') : { kind: 'key', keyHex: toHex(key) };
}

/**
 * The entry about a check, for its owner and its actor to sign.
 *
 * The purpose and the owner stand in the context that the card's signature covers: an answer that was given
 * for something else, or to somebody else, is no evidence for this entry.
 *
 * @param input.evidence as it was judged, attachments included
 * @param input.registry the one that the verdict was made with
 * @param input.ownerHex SHA-256 of the owner's public key; required for all but `observed`
 */
export function buildCardEntry(input: {
  readonly type: 'observed' | 'activated' | 'reverified';
  readonly evidence: CardEvidence;
  readonly verdict: Verdict;
  readonly registry: Registry;
  readonly ownerHex?: string | undefined;
}): BuiltEntry {
  const { type, evidence, verdict, registry, ownerHex } = input;
  const none = (why: NoEntry): BuiltEntry => ({ kind: 'none', why });
  const proven = provenIndexKey(verdict);
  if (proven.kind === 'none') return proven;
  if (evidence.family !== verdict.family) return none('other-evidence');
  if (evidence.context.purpose !== type) return none('other-purpose');
  if (evidence.context.owner !== ownerHex) return none('other-owner');
  const head = {
    schema: entrySchemaId,
    kind: 'card',
    card: { family: verdict.family, key: proven.keyHex },
    hour: hourOf(verdict.at),
    ...(verdict.demo && { demo: true as const }),
    ...evidencePart(evidence, verdict, registry),
  } as const;
  if (type === 'observed') {
    return { kind: 'entry', entry: { ...head, type, ...(ownerHex && { owner: ownerHex }) } };
  }
  if (ownerHex === undefined) return none('other-owner');
  return { kind: 'entry', entry: { ...head, type, owner: ownerHex } };
}

/**
 * The entry by which an owner gives a card up, or says that something about it is wrong. It rests on the
 * owner's word alone, and counts only where the same owner had activated the card; see history.ts.
 *
 * @param input.at milliseconds since 1970, UTC
 * @param input.demo as in the entry that activated the card
 */
export function buildOwnerEntry(input: {
  readonly type: 'retired' | 'disputed';
  readonly card: CardEntry['card'];
  readonly ownerHex: string;
  readonly at: number;
  readonly demo: boolean;
}): UnsignedCardEntry {
  const { type, card, ownerHex, at, demo } = input;
  return {
    schema: entrySchemaId,
    kind: 'card',
    type,
    card,
    owner: ownerHex,
    hour: hourOf(at),
    ...(demo && { demo: true as const }),
  };
}

function evidencePart(evidence: CardEvidence, verdict: Verdict, registry: Registry): EvidencePart {
  const { word, facts, firmware, usage } = verdict;
  const product = productIdOf(verdict.proof, registry);
  if (word !== 'genuine' && word !== 'genuine with warnings') throw new RangeError(word);
  return {
    // What a card says of itself in a form that an entry does not know, the entry leaves out.
    ...(shortId.safeParse(product).success && { product }),
    ...(firmware !== undefined &&
      shortText.safeParse(firmware.value).success && {
        firmware: { id: firmware.value, authority: firmware.authority },
      }),
    ...(usage !== undefined &&
      shortId.safeParse(usage.value).success && {
        usage: { state: usage.value, authority: usage.authority },
      }),
    word,
    freshness: facts.freshness,
    registry: registryPart(verdict),
    hashes: {
      proof: toHex(proofHash(evidence)),
      challenge: toHex(challengeHash(evidence)),
      attachments: toHex(attachmentsHash(evidence)),
    },
  };
}

function registryPart({ registry: { layers } }: Verdict): EvidencePart['registry'] {
  const pinned = layers.find(({ role }) => role === 'pinned');
  if (pinned === undefined) throw new RangeError('a verdict without a pinned registry');
  return {
    serial: pinned.serial,
    hash: pinned.hash,
    overlays: layers.filter(({ role }) => role === 'overlay').map(({ hash }) => hash),
  };
}
