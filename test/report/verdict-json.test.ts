/** What a verdict must not leave unsaid, and what it must not say. */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../src/appraisal/appraise.ts';
import type { Proof } from '../../src/families/family.ts';
import { notAsNewNote, notNewNote } from '../../src/report/texts.ts';
import { rowSentences, trustVector, verdictJson } from '../../src/report/verdict-json.ts';
import { packagedRegistry, testNow } from '../support/registry.ts';
import { goodProof as good, goodKeys, lacking, line, newWanted } from '../support/tap-cards.ts';

const used = { usage: { value: 'backed-up', authority: 'reported', signals: [] } } as const;
const judged = (change: Partial<Proof>, expectNew: boolean) =>
  appraise({ ...good, ...change }, packagedRegistry, { ...newWanted, expectNew }, testNow);

describe('what to do with a card that is not new', () => {
  const old = { firmware: { value: '9.9.9', authority: 'reported' } } as const;

  it('is said also where another row decided', () => {
    const verdict = judged({ ...used, ...old }, false);
    expect(verdict.row).toBe('firmware-unknown');
    expect(rowSentences(verdict).todo.endsWith(` ${notNewNote}`)).toBe(true);
  });

  it.each([
    ['a new one', judged(old, false)],
    ['the row of used cards, which says it itself', judged(used, false)],
    ['a card that had to be new: that row is another', judged(used, true)],
  ])('is not added to %s', (_, verdict) => {
    expect(rowSentences(verdict).todo).not.toContain(notNewNote);
  });
});

describe('a card that should be new and is not', () => {
  const unsigned = { checks: [line('live', 'missing'), line('chain', 'held')] };

  it('is told so before anything else, where nothing is decided', () => {
    const verdict = judged({ ...used, ...unsigned }, true);
    expect([verdict.word, verdict.facts.usage]).toEqual(['not decided', 'unexpected']);
    const { todo } = rowSentences(verdict);
    expect(todo.startsWith(`${notAsNewNote} `)).toBe(true);
    expect(todo.length).toBeGreaterThan(notAsNewNote.length + 20);
  });

  it.each([
    ['a new one', judged(unsigned, true)],
    ['a used one that nobody wants new', judged({ ...used, ...unsigned }, false)],
    ['a genuine one, whose row says it', judged(used, true)],
  ])('is not told so of %s', (_, verdict) => {
    expect(rowSentences(verdict).todo).not.toContain(notAsNewNote);
  });
});

it('a firmware that was not told is no better than an unknown one', () => {
  const vector = (proof: Proof) =>
    trustVector(appraise(proof, packagedRegistry, newWanted, testNow)).executables;
  expect(vector(good)).toBe(2);
  expect(vector(lacking('firmware'))).toBe(33);
});

describe('a set', () => {
  const set = [goodKeys.card, goodKeys.batch];
  const setIn = (proof: Proof) => {
    const verdict = appraise(proof, packagedRegistry, newWanted, testNow);
    const json = verdictJson(verdict, {}, 'test', verdict.exit);
    return JSON.parse(JSON.stringify(json)).touchstone.set;
  };

  it('is told of a card that its maker vouches for', () => {
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(setIn({ ...good, set })).toEqual({ hash, cards: 2, authority: 'live' });
  });

  it('is not told without a chain, or without a set', () => {
    expect(setIn({ ...lacking('issuers'), set })).toBeNull();
    expect(setIn(good)).toBeNull();
  });
});
