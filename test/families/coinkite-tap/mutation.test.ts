/**
 * Good evidence, altered in every way we can think of: no mutant may prove more than the original,
 * or be genuine under another card's key.
 */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../../src/appraisal/appraise.ts';
import type { Policy } from '../../../src/appraisal/facts.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import { prove } from '../../../src/families/coinkite-tap/prove.ts';
import type { Authority, Proof } from '../../../src/families/family.ts';
import type { Registry } from '../../../src/trust/registry.ts';
import {
  byteMutants,
  lieMutants,
  type Mutant,
  sequenceMutants,
  structureMutants,
} from '../../support/mutants.ts';
import { demoRegistry, emulatorRoot, testNow, withRoot } from '../../support/registry.ts';
import { importRecording, loadRecording, simulateEvidence } from '../../support/tap-evidence.ts';

const emulator = withRoot(emulatorRoot);
const recorded = (name: Parameters<typeof loadRecording>[0], label: string) =>
  importRecording(loadRecording(name), label);

/** What is altered, and under which registry it is good. */
const subjects: readonly (readonly [string, CardEvidence, Registry])[] = [
  ['SATSCARD 1.0.3', recorded('satscard-1.0.3-sealed', 'check (2)'), emulator],
  ['SATSCARD 0.9.0', recorded('satscard-0.9.0-sealed', 'check'), emulator],
  [
    'SATSCARD, slot opened',
    recorded('satscard-1.0.3-slot0-unsealed', 'check (slot 1 sealed)'),
    emulator,
  ],
  ['TAPSIGNER', recorded('tapsigner-1.0.3-fresh', 'check'), emulator],
  ['TAPSIGNER, used', recorded('tapsigner-1.0.3-used', 'check (2)'), emulator],
  ['SATSCHIP', recorded('satschip-1.0.3-fresh', 'check'), emulator],
  ['simulated SATSCARD', await simulateEvidence('genuine-satscard'), demoRegistry],
  ['simulated SATSCARD, used', await simulateEvidence('used-satscard'), demoRegistry],
  ['simulated TAPSIGNER', await simulateEvidence('genuine'), demoRegistry],
];
const otherCard = await simulateEvidence('genuine', 'another card');

const live: Policy = { freshness: 'verifier', expectNew: true, log: 'not-consulted' };
const rank = { reported: 0, maker: 1, live: 2 } as const satisfies Record<Authority, number>;

/** Claims by name, with everything that a mutant could raise. */
function claims(proof: Proof): Map<string, { value: string; authority: Authority }> {
  const { product, number, firmware, usage } = proof;
  const found = new Map(
    Object.entries({ product, number, firmware, usage }).flatMap(([name, claim]) =>
      claim === undefined ? [] : [[name, { value: claim.value, authority: claim.authority }]],
    ),
  );
  for (const { code, params, authority } of usage?.signals ?? []) {
    found.set(`signal ${code}`, { value: JSON.stringify(params), authority });
  }
  return found;
}

function whatRose(original: Proof, mutant: Proof): string[] {
  const before = claims(original);
  const risen = [...claims(mutant)]
    .filter(([name, claim]) => {
      const was = before.get(name);
      if (rank[claim.authority] === 0) return false;
      return (
        was === undefined ||
        rank[claim.authority] > rank[was.authority] ||
        claim.value !== was.value
      );
    })
    .map(([name]) => name);
  const key = (proof: Proof) => proof.key && toHex(proof.key.publicKey);
  return mutant.key !== undefined && key(mutant) !== key(original) ? [...risen, 'key'] : risen;
}

interface Count {
  tried: number;
  stillProven: number;
  genuine: number;
}

function judge(mutants: Iterable<Mutant>, evidence: CardEvidence, registry: Registry): Count {
  const original = prove(evidence);
  const originalVerdict = appraise(original, registry, live, testNow);
  const count = { tried: 0, stillProven: 0, genuine: 0 };
  for (const mutant of mutants) {
    const proof = prove(mutant.evidence);
    const verdict = appraise(proof, registry, live, testNow);
    expect(whatRose(original, proof), mutant.name).toEqual([]);
    if (verdict.word.startsWith('genuine')) {
      expect(toHex(proof.key?.publicKey ?? new Uint8Array()), mutant.name).toBe(
        toHex(original.key?.publicKey ?? new Uint8Array()),
      );
    }
    count.tried += 1;
    if (proof.key !== undefined) count.stillProven += 1;
    if (verdict.exit === 0) {
      count.genuine += 1;
      expect(originalVerdict.exit, `${mutant.name} became genuine`).toBe(0);
    }
  }
  return count;
}

describe.each(subjects)('%s', (name, evidence, registry) => {
  it('is good to begin with', () => {
    expect(prove(evidence).key).toBeDefined();
    expect(appraise(prove(evidence), registry, live, testNow).word).toMatch(/^genuine/);
  });

  it('gains nothing by any altered byte', { timeout: 240_000 }, () => {
    const count = judge(byteMutants(evidence, [0x01, 0x80]), evidence, registry);
    console.info(
      `${name}: ${count.tried} altered bytes, ${count.stillProven} leave the key proven`,
    );
    expect(count.tried).toBeGreaterThan(1000);
  });

  it('gains nothing by moved, doubled, dropped or resized fields', { timeout: 120_000 }, () => {
    const count = judge(structureMutants(evidence), evidence, registry);
    console.info(
      `${name}: ${count.tried} altered structures, ${count.stillProven} leave the key proven`,
    );
    expect(count.tried).toBeGreaterThan(50);
  });

  it('gains nothing by a lie in any reported field', { timeout: 120_000 }, () => {
    const original = prove(evidence);
    let tried = 0;
    for (const mutant of lieMutants(evidence)) {
      const proof = prove(mutant.evidence);
      expect(whatRose(original, proof), mutant.name).toEqual([]);
      tried += 1;
    }
    console.info(`${name}: ${tried} lies`);
    expect(tried).toBeGreaterThan(100);
  });

  it('gains nothing by exchanges dropped, doubled, swapped or spliced', {
    timeout: 120_000,
  }, () => {
    const count = judge(sequenceMutants(evidence, otherCard), evidence, registry);
    console.info(
      `${name}: ${count.tried} altered sequences, ${count.stillProven} leave the key proven`,
    );
    expect(count.tried).toBeGreaterThan(50);
  });
});
