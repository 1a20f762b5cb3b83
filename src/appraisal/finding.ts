/** One statement about a card, with what it rests on. */
import type { Authority, Claim, Proof } from '../families/family.ts';
import type { Registry } from '../trust/registry.ts';
import type { Facts, Policy } from './facts.ts';
import type { Origin } from './origin.ts';

export type Subject =
  | 'model'
  | 'unit'
  | 'number'
  | 'product'
  | 'platform'
  | 'firmware'
  | 'usage'
  | 'consistency'
  | 'freshness'
  | 'registry'
  | 'note'
  | 'log';

/** `affirmed`, `warned`, `failed`, or `skipped`: not checked, with the reason as its code. */
export type FindingStatus = 'affirmed' | 'warned' | 'failed' | 'skipped';

export interface Finding {
  readonly subject: Subject;
  readonly status: FindingStatus;
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
  /** What the statement rests on; left out where it is ours and not the card's. */
  readonly authority?: Authority;
}

export interface AppraisalInput {
  readonly proof: Proof;
  readonly registry: Registry;
  readonly policy: Policy;
  readonly facts: Facts;
  readonly origin: Origin;
  readonly at: number;
}

/** True when the chain leads to a root that is trusted. */
export function isReached(facts: Facts): boolean {
  return facts.chain === 'pinned' || facts.chain === 'overlay';
}

/** True when the card proved its key and the key leads to a root that is trusted. */
export function isVouched(facts: Facts): boolean {
  return facts.live === 'proven' && isReached(facts);
}

/**
 * What the card is, with what that rests on: some makers have an issuer for each product. A root from
 * a local registry is never spoken of as the maker's.
 */
export function productClaim(proof: Proof, facts: Facts, origin: Origin): Claim | undefined {
  const { product } = proof;
  const isMakers = origin.vouchesForProduct && facts.chain === 'pinned' && isVouched(facts);
  if (product === undefined || !isMakers) return product;
  return { ...product, authority: 'maker' };
}
