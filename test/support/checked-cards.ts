/** Simulated cards, checked for a purpose: evidence and verdict, as a log would be given them. */
import type { Verdict } from '../../src/appraisal/appraise.ts';
import { appraise } from '../../src/appraisal/appraise.ts';
import type { ChallengeContext, Purpose } from '../../src/evidence/challenge.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { families } from '../../src/families/index.ts';
import { openCard } from '../../src/reader/card.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { createSimulatedCard } from '../../src/simulator/index.ts';
import { createMemoryCache } from '../../src/state/endorsement-cache.ts';
import type { Registry } from '../../src/trust/registry.ts';
import { collectEvidence, meetCard } from '../../src/verifier/collect.ts';
import { endorse } from '../../src/verifier/endorse.ts';
import { makerGet, makerOf } from './maker.ts';
import { demoRegistry, testNow } from './registry.ts';
import { seededRandom } from './tap-evidence.ts';

export interface Checked {
  readonly evidence: CardEvidence;
  readonly verdict: Verdict;
  readonly registry: Registry;
}

export async function checkedCard(
  family: string,
  caseId: string,
  input: {
    readonly purpose?: Purpose;
    readonly ownerHex?: string;
    readonly unit?: string;
    readonly registry?: Registry;
  } = {},
): Promise<Checked> {
  const { purpose = 'observed', ownerHex, unit = 'a unit', registry = demoRegistry } = input;
  const random = seededRandom(`checked ${family} ${caseId}`);
  const simulated = createSimulatedCard(family, caseId, random, unit);
  const card = openCard(openVirtualCard(simulated), () => 0);
  const met = await meetCard(card, families);
  if (met === undefined) throw new Error(`no family knows the card ${family} ${caseId}`);
  const context: ChallengeContext = {
    origin: 'embedded',
    purpose,
    ...(ownerHex !== undefined && { owner: ownerHex }),
  };
  const collected = await collectEvidence({
    ...met,
    card,
    session: { context, nonce: random(32) },
    freshness: 'verifier',
    collectedAt: testNow,
    talk: { random, onStep: () => undefined },
  });
  const evidence = await endorse(collected, met.family, {
    cache: createMemoryCache(),
    registry,
    mayAsk: async () => true,
    get: makerGet(makerOf(simulated)).get,
    now: () => testNow,
    onStep: () => undefined,
  });
  const policy = { freshness: 'verifier', expectNew: false, log: 'not-consulted' } as const;
  return {
    evidence,
    verdict: appraise(met.family.prove(evidence), registry, policy, testNow),
    registry,
  };
}
