/** Which cards of several verdicts belong together. */
import { toHex } from '../bytes/hex.ts';
import { setName } from '../families/set.ts';
import type { Verdict } from './appraise.ts';
import { isVouched } from './finding.ts';

export interface FoundSet {
  readonly name: string;
  /** Cards of the set among the verdicts; the same card twice counts once. */
  readonly found: number;
  /** Cards that the set has. */
  readonly count: number;
}

/** The sets of the genuine cards, in the order in which they first appear. */
export function setsAmong(verdicts: readonly Verdict[]): readonly FoundSet[] {
  const found = new Map<string, { cards: Set<string>; count: number }>();
  for (const { proof, facts } of verdicts) {
    if (proof.set === undefined || proof.key === undefined || !isVouched(facts)) continue;
    const name = setName(proof.set);
    const set = found.get(name) ?? { cards: new Set<string>(), count: proof.set.length };
    set.cards.add(toHex(proof.key.publicKey));
    found.set(name, set);
  }
  return [...found].map(([name, { cards, count }]) => ({ name, found: cards.size, count }));
}
