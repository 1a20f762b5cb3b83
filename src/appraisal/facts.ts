/**
 * What is known about a card, in the words of the verdict table. Each fact has one value for every
 * way it can stand, "could not be checked" included: nothing defaults to good.
 */
import type { Freshness } from '../evidence/evidence.ts';
import type { CheckResult, CheckRole, Proof } from '../families/family.ts';
import type { Registry, RegistryAge } from '../trust/registry.ts';
import type { Product } from '../trust/registry-schema.ts';
import type { RevocationList } from '../trust/x509/crl.ts';
import { ofAnotherKey } from '../trust/x509/path.ts';
import type { Origin } from './origin.ts';

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
    | 'not-yet'
    | 'locked'
    | 'code-refused'
    | 'incapable';
  /**
   * From the card's key to the maker. `overlay`: to a root that only the user's own registry pins;
   * `test`: to a published or development root, or the card goes by such a key; `unattached`: the
   * maker's signatures are not on the card, and were not fetched; `withheld`: the maker gave none;
   * `unchecked`: a revocation list that must be asked cannot be used; `undated`: signed by the
   * maker, but out of their time by the clock of this computer; `unfit`: signed by the maker, but
   * of a form that is not taken from it.
   */
  readonly chain:
    | 'pinned'
    | 'overlay'
    | 'refuted'
    | 'test'
    | 'elsewhere'
    | 'unknown-issuer'
    | 'unattached'
    | 'withheld'
    | 'unchecked'
    | 'undated'
    | 'unfit'
    | 'missing';
  /** Card, issuer or batch listed as revoked. */
  readonly revoked: boolean;
  readonly unit: 'per-card' | 'model-only';
  /**
   * Everything else that was signed or said: does it fit together? `unvouched`: its number is signed,
   * by nobody that is listed.
   */
  readonly consistency:
    | 'held'
    | 'refuted'
    | 'contradicted'
    | 'unreadable'
    | 'unvouched'
    | 'incomplete';
  /** The number asked for with the one derived from the proven key. */
  readonly number: 'not-asked' | 'matches' | 'differs' | 'not-comparable';
  readonly firmware: 'approved' | 'superseded' | 'advised' | 'unknown' | 'unread' | 'refused';
  /**
   * Against what an untouched card of this product shows. `in-use`: nobody asked for a new card, and
   * this one is not. `set-up`: it can be checked only once somebody has set it up, and who that was, it
   * cannot tell.
   */
  readonly usage:
    | 'not-asked'
    | 'in-use'
    | 'expected'
    | 'set-up'
    | 'unusual'
    | 'unexpected'
    | 'unknown';
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
  /** Revocation lists of makers, beside the registry's own. */
  readonly crls?: readonly RevocationList[] | undefined;
}

/** @param at milliseconds since 1970, UTC: the moment of judging, not of collecting */
export function gatherFacts(
  proof: Proof,
  registry: Registry,
  origin: Origin,
  policy: Policy,
  at: number,
): Facts {
  return {
    family: registry.knows(proof.family) ? 'known' : 'unknown',
    live: liveFact(proof),
    chain: chainFact(proof, registry, origin, registry.age(at).age),
    revoked: origin.revocations.length > 0,
    unit: proof.key?.perCard === false ? 'model-only' : 'per-card',
    consistency: sideFact(proof, origin),
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
  'unfit',
  'missing',
  'withheld',
  'unattached',
  'replayable',
  'incapable',
  'not-yet',
  'locked',
  'code-refused',
  'held',
];

function worst(proof: Proof, role: CheckRole): CheckResult | undefined {
  const results = proof.checks.filter((check) => check.role === role).map((check) => check.result);
  return severity.find((result) => results.includes(result));
}

function liveFact(proof: Proof): Facts['live'] {
  const result = worst(proof, 'live') ?? 'missing';
  if (result === 'held') return proof.key === undefined ? 'missing' : 'proven';
  if (result === 'contradicted') return 'unreadable';
  return result === 'unattached' || result === 'withheld' || result === 'unfit'
    ? 'missing'
    : result;
}

function chainFact(
  proof: Proof,
  registry: Registry,
  origin: Origin,
  age: RegistryAge,
): Facts['chain'] {
  const result = worst(proof, 'chain') ?? 'missing';
  const { anchor, certificates, testKey } = origin;
  if (result === 'refuted') return 'refuted';
  if (certificates === 'refuted') {
    const rule = origin.fault?.rule ?? '';
    // A registry that old may not know the maker's next issuer, which may well have the same name.
    return age === 'ancient' && ofAnotherKey.includes(rule) ? 'unknown-issuer' : 'refuted';
  }
  if (testKey !== undefined) return 'test';
  if (result === 'unattached' || result === 'withheld') return result;
  if (certificates === 'undated') return 'undated';
  if (result === 'unfit' || certificates === 'unfit') return 'unfit';
  if (result !== 'held' || (certificates ?? proof.issuers?.at(-1)) === undefined) return 'missing';
  if (certificates === 'unchecked') return 'unchecked';
  if (anchor !== undefined) return anchor.layer.role === 'pinned' ? 'pinned' : 'overlay';
  return registry.rootsAreComplete(proof.family) ? 'elsewhere' : 'unknown-issuer';
}

function sideFact(proof: Proof, origin: Origin): Facts['consistency'] {
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
    case 'unattached':
    case 'withheld':
    case 'replayable':
    case 'not-yet':
    case 'locked':
    case 'code-refused':
    case 'incapable':
    case 'unfit':
      return 'incomplete';
    default:
      return origin.numberSigner === 'unknown' ? 'unvouched' : 'held';
  }
}

function numberFact(proof: Proof, policy: Policy): Facts['number'] {
  if (policy.expectedNumber === undefined) return 'not-asked';
  if (proof.number === undefined) return 'not-comparable';
  // A card that itself names another number is not the expected one, whatever the name is worth.
  if (normalNumber(policy.expectedNumber) !== normalNumber(proof.number.value)) return 'differs';
  return proof.number.authority === 'live' ? 'matches' : 'not-comparable';
}

/** As people copy numbers: spaces, dashes and case do not count. */
export function normalNumber(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase();
}

function firmwareFact(proof: Proof, registry: Registry): Facts['firmware'] {
  if (proof.firmware === undefined) return 'unread';
  const { family, firmware } = proof;
  const standing = registry.firmware(family, firmware.value, productIdOf(proof, registry));
  if (standing === undefined) return 'unknown';
  const advises = (advice: 'stop' | 'care') =>
    standing.advisories.some((advisory) => advisory.advice === advice);
  if (standing.status === 'refused' || advises('stop')) return 'refused';
  if (advises('care')) return 'advised';
  return standing.status;
}

function usageFact(proof: Proof, registry: Registry, policy: Policy): Facts['usage'] {
  const seen = compareUsage(proof, registry);
  if (policy.expectNew) return seen;
  return seen === 'unexpected' ? 'in-use' : 'not-asked';
}

/** The state of a card that held back, or garbled, what would show its use. */
const untold = 'untold';

function compareUsage(
  proof: Proof,
  registry: Registry,
): 'expected' | 'set-up' | 'unusual' | 'unexpected' | 'unknown' {
  const product = productOf(proof, registry);
  if (proof.usage === undefined) return 'unknown';
  const used = proof.usage.signals.some((signal) => signal.weight === 'use');
  // What is never seen on an untouched card tells a used one, whatever product it calls itself.
  if (product === undefined) return used || hasTrouble(proof) ? 'unexpected' : 'unknown';
  const { usage, unusual, attestableWhen } = product.expectedAtSale;
  if (hasTrouble(proof)) return 'unexpected';
  if (proof.usage.value === untold) return used ? 'unexpected' : 'unknown';
  if (usage.includes(proof.usage.value)) {
    if (used) return 'unusual';
    return attestableWhen === 'after-set-up' ? 'set-up' : 'expected';
  }
  return unusual.includes(proof.usage.value) ? 'unusual' : 'unexpected';
}

/** What the registry knows of the product; undefined where it knows none. */
export function productOf(proof: Proof, registry: Registry): Product | undefined {
  const { family, product, batch } = proof;
  return registry.product(family, product?.value, batch?.value);
}

/** The product's name in the registry: by what the card names, or by its batch. */
export function productIdOf(proof: Proof, registry: Registry): string | undefined {
  return proof.product?.value ?? productOf(proof, registry)?.id;
}

function hasTrouble(proof: Proof): boolean {
  return (proof.usage?.signals ?? []).some((signal) => signal.weight === 'trouble');
}
