/** From evidence of any family to what it proves. */
import type { Evidence } from '../evidence/evidence.ts';
import type { CardFamily, Proof } from '../families/family.ts';

/**
 * Pure: the same evidence gives the same proof anywhere, at any time. Evidence of a family that is not
 * among the given ones proves nothing.
 */
export function proveEvidence(evidence: Evidence, families: readonly CardFamily[]): Proof {
  const family = families.find(({ id }) => id === evidence.family);
  const proof = evidence.kind === 'card' ? family?.prove(evidence) : family?.proveUrl?.(evidence);
  return proof ?? emptyProof(evidence.family);
}

/** A proof of nothing: no family of ours can read what there is. */
export function emptyProof(family: string): Proof {
  const missing = { id: 'family', result: 'missing', detail: 'no known application' } as const;
  return {
    family,
    checks: [
      { ...missing, role: 'live' },
      { ...missing, role: 'chain' },
    ],
    facts: [],
  };
}
