import { describe, expect, it } from 'vitest';
import { deriveChallenge } from '../../src/evidence/challenge.ts';
import {
  type CardEvidence,
  expectedChallenge,
  freshnessClasses,
  recordedFreshness,
} from '../../src/evidence/evidence.ts';

const evidence: CardEvidence = {
  kind: 'card',
  family: 'coinkite-tap',
  nonce: new Uint8Array(32).fill(7),
  context: { origin: 'embedded', purpose: 'verify' },
  freshness: 'verifier',
  collectedAt: '2026-11-22T00:00:00Z',
  readerName: 'reader',
  atr: new Uint8Array(),
  transcript: [],
  attachments: [],
};
const { family, nonce, context } = evidence;

describe('the challenge that evidence must answer', () => {
  it.each(['check', 'read', 'constructor'])('is derived for the label %s', (label) => {
    expect(expectedChallenge(evidence, label, 16)).toEqual(
      deriveChallenge({ family, label, context, nonce, length: 16 }),
    );
  });

  it.each<[string, Partial<CardEvidence>]>([
    ['nonce', { nonce: new Uint8Array(32) }],
    ['family', { family: 'other' }],
    ['origin', { context: { ...context, origin: 'other' } }],
    ['purpose', { context: { ...context, purpose: 'activated' } }],
  ])('is another one with another %s', (_, change) => {
    const other = expectedChallenge({ ...evidence, ...change }, 'check', 16);
    expect(other).not.toEqual(expectedChallenge(evidence, 'check', 16));
  });

  it('differs by label and has the length asked for', () => {
    const long = expectedChallenge(evidence, 'check', 32);
    expect(long?.length).toBe(32);
    expect(expectedChallenge(evidence, 'check', 16)).toEqual(long?.slice(0, 16));
    expect(expectedChallenge(evidence, 'check-2', 32)).not.toEqual(long);
  });

  it('is the one that an imported recording names, and none where it names none', () => {
    const check = Uint8Array.of(1, 2, 3);
    const recording = { ...evidence, challenges: { check } };
    expect(expectedChallenge(recording, 'check', 16)).toBe(check);
    expect(expectedChallenge(recording, 'read', 16)).toBeUndefined();
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'is not found in what every object has: %s',
    (label) => {
      expect(expectedChallenge({ ...evidence, challenges: {} }, label, 16)).toBeUndefined();
    },
  );

  it('may be named under a label that every object has', () => {
    const challenges = { constructor: Uint8Array.of(9) };
    expect(expectedChallenge({ ...evidence, challenges }, 'constructor', 1)).toEqual(
      Uint8Array.of(9),
    );
  });
});

describe('the freshness of a file', () => {
  it.each(freshnessClasses)('that says %s is recorded at best', (freshness) => {
    const expected = freshness === 'imported' ? 'imported' : 'self';
    expect(recordedFreshness({ ...evidence, freshness })).toBe(expected);
  });

  it.each(freshnessClasses)('that says %s and names its challenges is imported', (freshness) => {
    expect(recordedFreshness({ ...evidence, freshness, challenges: {} })).toBe('imported');
  });

  it('that holds a link is imported', () => {
    const link = { kind: 'url', family, collectedAt: evidence.collectedAt, url: 'x' } as const;
    expect(recordedFreshness(link)).toBe('imported');
  });
});
