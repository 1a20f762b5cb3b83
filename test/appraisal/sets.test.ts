/** Cards of one set, recognised among several verdicts. */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../src/appraisal/appraise.ts';
import { setsAmong } from '../../src/appraisal/sets.ts';
import type { Proof } from '../../src/families/family.ts';
import { packagedRegistry, testNow } from '../support/registry.ts';
import { goodProof, keyPair, newWanted } from '../support/tap-cards.ts';

const [a, b, c] = ['set a', 'set b', 'set c'].map((name) => keyPair(name).publicKey) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const set = [a, b, c].toSorted((left, right) => Buffer.compare(left, right));
const verdictOn = (publicKey: Uint8Array, change: Partial<Proof> = {}) =>
  appraise(
    { ...goodProof, key: { curve: 'secp256k1', publicKey, perCard: true }, set, ...change },
    packagedRegistry,
    newWanted,
    testNow,
  );
const counts = (...verdicts: Parameters<typeof setsAmong>[0]) =>
  setsAmong(verdicts).map(({ found, count }) => [found, count]);

describe('sets among verdicts', () => {
  it('are whole when each of their cards is there', () => {
    expect(counts(verdictOn(a), verdictOn(b), verdictOn(c))).toEqual([[3, 3]]);
  });

  it('count a card once, however often it is there', () => {
    expect(counts(verdictOn(a), verdictOn(a))).toEqual([[1, 3]]);
  });

  it('are told apart by all of their keys', () => {
    const other = verdictOn(c, { set: [b, c] });
    expect(counts(verdictOn(a), other)).toEqual([
      [1, 3],
      [1, 2],
    ]);
  });

  it('are those of genuine cards alone', () => {
    const { issuers: _, ...unchained } = goodProof;
    const key = { curve: 'secp256k1', publicKey: a, perCard: true } as const;
    const unvouched = appraise({ ...unchained, key, set }, packagedRegistry, newWanted, testNow);
    expect(counts(unvouched)).toEqual([]);
  });
});
