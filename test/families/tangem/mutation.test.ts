/**
 * Good evidence, altered in every way we can think of: no mutant may prove more than the original,
 * name another set, or be genuine under another card's key.
 */
import { describe, expect, it } from 'vitest';
import { appraise, type Verdict } from '../../../src/appraisal/appraise.ts';
import type { Policy } from '../../../src/appraisal/facts.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import type { Authority, Proof } from '../../../src/families/family.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import {
  attachmentMutants,
  byteMutants,
  commandMutants,
  type Mutant,
  sequenceMutants,
} from '../../support/mutants-shared.ts';
import { lieMutants, structureMutants } from '../../support/mutants-tlv.ts';
import { demoRegistry, testNow } from '../../support/registry.ts';
import { simulateTangem } from '../../support/tangem-evidence.ts';

/** What is altered, and a card of the same kind from which parts are taken. */
const cases = [
  'genuine',
  'used',
  'old-cos',
  'genuine-v8',
  'encryption-strong',
  'set-backup-1',
] as const;
const subjects = await Promise.all(
  cases.map(
    async (id) =>
      [id, await simulateTangem(id), await simulateTangem(id, { seed: `another ${id}` })] as const,
  ),
);

const live: Policy = { freshness: 'verifier', expectNew: true, log: 'not-consulted' };
const rank = { reported: 0, maker: 1, live: 2 } as const satisfies Record<Authority, number>;

const judge = (proof: Proof) => appraise(proof, demoRegistry, live, testNow);
const keyOf = ({ key }: Proof) => (key === undefined ? '' : toHex(key.publicKey));
const setOf = ({ set = [] }: Proof) => set.map(toHex).join(' ');

/** Claims by name, with everything that a mutant could raise. */
function claims({ product, number, firmware, batch, usage, facts }: Proof) {
  const found = new Map<string, { value: string; authority: Authority }>();
  for (const [name, claim] of Object.entries({ product, number, firmware, batch, usage })) {
    if (claim !== undefined) found.set(name, { value: claim.value, authority: claim.authority });
  }
  for (const { code, params, authority } of [...(usage?.signals ?? []), ...facts]) {
    found.set(`signal ${code}`, { value: JSON.stringify(params), authority });
  }
  return found;
}

/** Statements to the user that rest on more than the card's word. */
function vouched({ findings }: Verdict): readonly string[] {
  return findings
    .filter(({ authority }) => authority === 'live' || authority === 'maker')
    .map(({ code, params, authority }) => `${code} ${authority} ${JSON.stringify(params)}`);
}

function whatRose(original: Proof, mutant: Proof): string[] {
  const before = claims(original);
  const risen = [...claims(mutant)]
    .filter(([name, { value, authority }]) => {
      const was = before.get(name);
      if (rank[authority] === 0) return false;
      return was === undefined || rank[authority] > rank[was.authority] || value !== was.value;
    })
    .map(([name]) => name);
  const otherKey = keyOf(mutant) !== '' && keyOf(mutant) !== keyOf(original);
  const otherSet = setOf(mutant) !== '' && setOf(mutant) !== setOf(original);
  return [...risen, ...(otherKey ? ['key'] : []), ...(otherSet ? ['set'] : [])];
}

/** Tries all mutants; gives how many there were and how many left the key proven. */
function tryAll(mutants: Iterable<Mutant>, evidence: CardEvidence, foreign: CardEvidence) {
  const original = prove(evidence);
  const said = new Set(vouched(judge(original)));
  // Whoever has read another card can show its number and the maker's signature over it.
  const copied = vouched(judge(prove(foreign))).filter((line) => line.startsWith('number-issued'));
  const count = { tried: 0, stillProven: 0, genuine: 0 };
  for (const mutant of mutants) {
    const proof = prove(mutant.evidence);
    const verdict = judge(proof);
    expect(whatRose(original, proof), mutant.name).toEqual([]);
    const more = vouched(verdict).filter((line) => !said.has(line) && !copied.includes(line));
    expect(more, mutant.name).toEqual([]);
    if (verdict.word.startsWith('genuine')) {
      expect(keyOf(proof), mutant.name).toBe(keyOf(original));
    }
    // What cannot be read, or was not told, is never as good as what was.
    const isWhole = proof.checks.every(({ result }) => result === 'held');
    expect(verdict.exit === 0 && !isWhole, mutant.name).toBe(false);
    expect(proof.usage === undefined && verdict.exit === 0, mutant.name).toBe(false);
    count.tried += 1;
    if (proof.key !== undefined) count.stillProven += 1;
    if (verdict.exit === 0) count.genuine += 1;
  }
  return count;
}

describe.each(subjects)('%s', (name, evidence, foreign) => {
  const run = (what: string, mutants: Iterable<Mutant>, least: number) => {
    const { tried, stillProven, genuine } = tryAll(mutants, evidence, foreign);
    console.info(`${name}: ${tried} ${what}, ${stillProven} leave the key proven, ${genuine} good`);
    expect(tried).toBeGreaterThan(least);
  };

  it('is good to begin with', () => {
    const proof = prove(evidence);
    expect(proof.key).toBeDefined();
    expect(judge(proof).word).toMatch(/^genuine/);
    expect(keyOf(prove(foreign))).not.toBe(keyOf(proof));
  });

  it('gains nothing by any altered byte', { timeout: 240_000 }, () => {
    run('altered bytes', byteMutants(evidence, [0x01, 0x80]), 500);
  });

  it('gains nothing by any altered byte of a question', { timeout: 240_000 }, () => {
    run('altered bytes of commands', commandMutants(evidence, [0x01, 0x02, 0x80]), 300);
  });

  it('gains nothing by moved, doubled, dropped or resized fields', { timeout: 240_000 }, () => {
    run('altered structures', structureMutants(evidence), 300);
  });

  it('gains nothing by a lie in any reported field', { timeout: 120_000 }, () => {
    run('lies', lieMutants(evidence), 100);
  });

  it('gains nothing by exchanges dropped, doubled, swapped or spliced', {
    timeout: 120_000,
  }, () => {
    run('altered sequences', sequenceMutants(evidence, foreign), 30);
  });

  it('gains nothing by altered, swapped or foreign signatures of the maker', {
    timeout: 120_000,
  }, () => {
    run('altered attachments', attachmentMutants(evidence, foreign, [0x01, 0x80]), 250);
  });
});
