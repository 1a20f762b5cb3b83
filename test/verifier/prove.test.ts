/** Evidence of any family, and what it proves. */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../src/appraisal/appraise.ts';
import type { UrlEvidence } from '../../src/evidence/evidence.ts';
import type { CardFamily, Proof } from '../../src/families/family.ts';
import { families } from '../../src/families/index.ts';
import { emptyProof, proveEvidence } from '../../src/verifier/prove.ts';
import { demoRegistry, testNow } from '../support/registry.ts';
import { simulateEvidence } from '../support/tap-evidence.ts';

const evidence = await simulateEvidence('genuine');
const url: UrlEvidence = {
  kind: 'url',
  family: 'coinkite-tap',
  url: 'https://getsatscard.com/start#u=S',
  collectedAt: evidence.collectedAt,
};
const rowOf = (proof: Proof) => {
  const policy = { freshness: 'verifier', expectNew: false, log: 'not-consulted' } as const;
  return appraise(proof, demoRegistry, policy, testNow).row;
};

/** A family whose proof only says which evidence it was given. */
const telling = (id: string, more: Partial<CardFamily> = {}): CardFamily => ({
  ...{ id, name: id, aids: [] },
  recognises: () => false,
  interview: async () => undefined,
  explain: () => '',
  prove: ({ kind, readerName }) => ({
    family: `${id} ${kind} ${readerName}`,
    checks: [],
    facts: [],
  }),
  ...more,
});

describe('evidence', () => {
  it('is proved by its own family', () => {
    expect(rowOf(proveEvidence(evidence, families))).toBe('genuine-by-overlay');
  });

  it('is handed to the family that it names, and to no other', () => {
    const choice = [telling('one'), telling('coinkite-tap'), telling('two')];
    expect(proveEvidence(evidence, choice).family).toBe('coinkite-tap card In-process reader');
  });

  it('that is a link goes to the family that reads links', () => {
    const proveUrl = ({ url: link }: UrlEvidence) => ({ family: link, checks: [], facts: [] });
    const choice = [telling('coinkite-tap', { proveUrl })];
    expect(proveEvidence(url, choice).family).toBe(url.url);
  });

  it.each([
    ['of an unknown family', { ...evidence, family: 'other' }],
    ['of a family called after a property of every object', { ...evidence, family: 'constructor' }],
    ['of no family', { ...evidence, family: '' }],
    ['of a link of an unknown family', { ...url, family: 'other' }],
  ])('%s proves nothing', (_, given) => {
    const proof = proveEvidence(given, families);
    expect(proof).toEqual(emptyProof(given.family));
    expect(rowOf(proof)).toBe('family-unknown');
  });

  it('proves nothing where no family is given', () => {
    expect(proveEvidence(evidence, [])).toEqual(emptyProof('coinkite-tap'));
  });

  it('that is a link proves nothing where its family reads none', () => {
    expect(proveEvidence(url, [telling('coinkite-tap')])).toEqual(emptyProof('coinkite-tap'));
  });
});

describe('the empty proof', () => {
  it('decides nothing for a family that the registry knows', () => {
    const policy = { freshness: 'verifier', expectNew: false, log: 'not-consulted' } as const;
    const verdict = appraise(emptyProof('coinkite-tap'), demoRegistry, policy, testNow);
    expect(verdict).toMatchObject({ word: 'not decided', row: 'nothing-live', exit: 4 });
    expect(verdict.facts).toMatchObject({ live: 'missing', chain: 'missing', revoked: false });
  });
});
