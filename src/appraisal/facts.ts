/**
 * What is known about a card, in the words of the verdict table. Each fact has one value for every
 * way it can stand, "could not be checked" included: nothing defaults to good.
 */
import { toHex } from '../bytes/hex.ts';
import type { Freshness } from '../evidence/evidence.ts';
import type { CheckResult, CheckRole, Proof } from '../families/family.ts';
import type { Registry, RegistryAge } from '../trust/registry.ts';

export interface Facts {
  /** Does the registry have an entry for this kind of card? */
  readonly family: 'known' | 'unknown';
  /** The card's signature over our challenge. */
  readonly live:
    | 'proven'
    | 'refuted'
    | 'foreign'
    | 'unreadable'
    | 'missing'
    | 'replayable'
    | 'not-yet';
  /**
   * From the card's key to the maker. `overlay`: to a root that only the user's own registry pins;
   * `test`: to a published or development root.
   */
  readonly chain:
    | 'pinned'
    | 'overlay'
    | 'refuted'
    | 'test'
    | 'elsewhere'
    | 'unknown-issuer'
    | 'missing';
  /** Card or issuer key listed as revoked. */
  readonly revoked: boolean;
  readonly unit: 'per-card' | 'model-only';
  /** Everything else that was signed or said: does it fit together? */
  readonly consistency: 'held' | 'refuted' | 'contradicted' | 'unreadable' | 'incomplete';
  /** The number asked for with the one derived from the proven key. */
  readonly number: 'not-asked' | 'matches' | 'differs' | 'not-comparable';
  readonly firmware: 'approved' | 'superseded' | 'advised' | 'unknown' | 'refused';
  /**
   * Against what an untouched card of this product shows. `in-use`: nobody asked for a new card, and
   * this one is not.
   */
  readonly usage: 'not-asked' | 'in-use' | 'expected' | 'unusual' | 'unexpected' | 'unknown';
  /** The card shows signs of tampering or misuse, be it new or not. */
  readonly trouble: boolean;
  readonly freshness: Freshness;
  readonly registry: RegistryAge;
  readonly log: LogKnowledge;
}

/** What a log said about this card. `not-consulted` is no statement, good or bad. */
export type LogKnowledge = 'not-consulted' | 'no-other-owner' | 'other-owner';

/** What the asker wants to know, and what the judge itself knows about the session. */
export interface Policy {
  /** As the judge established it; never taken from the evidence file. */
  readonly freshness: Freshness;
  /** True when the card should be new: unboxing, stock checking, `verify --fresh`. */
  readonly expectNew: boolean;
  /** The number that this card should have, from a source apart from the card. */
  readonly expectedNumber?: string | undefined;
  readonly log: LogKnowledge;
}

/** @param at milliseconds since 1970, UTC: the moment of judging, not of collecting */
export function gatherFacts(proof: Proof, registry: Registry, policy: Policy, at: number): Facts {
  return {
    family: registry.knows(proof.family) ? 'known' : 'unknown',
    live: liveFact(proof),
    chain: chainFact(proof, registry),
    revoked: revokedKeys(proof, registry).length > 0,
    unit: proof.key?.perCard === false ? 'model-only' : 'per-card',
    consistency: sideFact(proof),
    number: numberFact(proof, policy),
    firmware: firmwareFact(proof, registry),
    usage: usageFact(proof, registry, policy),
    trouble: hasTrouble(proof),
    freshness: policy.freshness,
    registry: registry.age(at).age,
    log: policy.log,
  };
}

/** Worst first: what wins when several checks of one role disagree. */
const severity: readonly CheckResult[] = [
  'refuted',
  'foreign',
  'unreadable',
  'contradicted',
  'missing',
  'replayable',
  'not-yet',
  'held',
];

function worst(proof: Proof, role: CheckRole): CheckResult | undefined {
  const results = proof.checks.filter((check) => check.role === role).map((check) => check.result);
  return severity.find((result) => results.includes(result));
}

function liveFact(proof: Proof): Facts['live'] {
  const result = worst(proof, 'live') ?? 'missing';
  if (result === 'held') return proof.key === undefined ? 'missing' : 'proven';
  return result === 'contradicted' ? 'unreadable' : result;
}

function chainFact(proof: Proof, registry: Registry): Facts['chain'] {
  const result = worst(proof, 'chain') ?? 'missing';
  if (result === 'refuted') return 'refuted';
  const anchor = proof.issuers?.at(-1);
  if (result !== 'held' || anchor === undefined) return 'missing';
  const root = registry.root(proof.family, toHex(anchor));
  if (root !== undefined) {
    if (root.role !== 'maker') return 'test';
    return root.layer.role === 'pinned' ? 'pinned' : 'overlay';
  }
  return registry.rootsAreComplete(proof.family) ? 'elsewhere' : 'unknown-issuer';
}

function sideFact(proof: Proof): Facts['consistency'] {
  switch (worst(proof, 'side')) {
    case 'refuted':
      return 'refuted';
    case 'contradicted':
      return 'contradicted';
    case 'unreadable':
    case 'foreign':
      return 'unreadable';
    // What a genuine card always answers and this one did not, something may be holding back.
    case 'missing':
    case 'replayable':
    case 'not-yet':
      return 'incomplete';
    default:
      return 'held';
  }
}

/** Keys of this card, its own and its issuers', that the registry revokes. */
export function revokedKeys(proof: Proof, registry: Registry): readonly string[] {
  const shown = proof.key?.publicKey ?? proof.shownKey;
  return [...(shown === undefined ? [] : [shown]), ...(proof.issuers ?? [])]
    .map(toHex)
    .filter((key) => registry.revocation(proof.family, key) !== undefined);
}

function numberFact(proof: Proof, policy: Policy): Facts['number'] {
  if (policy.expectedNumber === undefined) return 'not-asked';
  if (proof.number?.authority !== 'live') return 'not-comparable';
  return normalNumber(policy.expectedNumber) === normalNumber(proof.number.value)
    ? 'matches'
    : 'differs';
}

/** As people copy numbers: spaces, dashes and case do not count. */
export function normalNumber(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase();
}

function firmwareFact(proof: Proof, registry: Registry): Facts['firmware'] {
  if (proof.firmware === undefined) return 'unknown';
  const { family, firmware, product } = proof;
  const standing = registry.firmware(family, firmware.value, product?.value);
  if (standing === undefined) return 'unknown';
  const stop = standing.advisories.some((advisory) => advisory.advice === 'stop');
  if (standing.status === 'refused' || stop) return 'refused';
  if (standing.advisories.length > 0) return 'advised';
  return standing.status;
}

function usageFact(proof: Proof, registry: Registry, policy: Policy): Facts['usage'] {
  const seen = compareUsage(proof, registry);
  if (policy.expectNew) return seen;
  return seen === 'unexpected' ? 'in-use' : 'not-asked';
}

function compareUsage(
  proof: Proof,
  registry: Registry,
): 'expected' | 'unusual' | 'unexpected' | 'unknown' {
  const product = proof.product && registry.product(proof.family, proof.product.value);
  if (proof.usage === undefined || product === undefined) return 'unknown';
  const { usage, unusual } = product.expectedAtSale;
  if (hasTrouble(proof)) return 'unexpected';
  if (usage.includes(proof.usage.value)) {
    const used = proof.usage.signals.some((signal) => signal.weight === 'use');
    return used ? 'unusual' : 'expected';
  }
  return unusual.includes(proof.usage.value) ? 'unusual' : 'unexpected';
}

function hasTrouble(proof: Proof): boolean {
  return (proof.usage?.signals ?? []).some((signal) => signal.weight === 'trouble');
}
