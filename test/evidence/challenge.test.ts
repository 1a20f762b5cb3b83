import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { type ChallengeContext, deriveChallenge } from '../../src/evidence/challenge.ts';

const context: ChallengeContext = { origin: 'embedded', purpose: 'verify' };
const input = {
  family: 'coinkite-tap',
  label: 'check',
  context,
  nonce: new Uint8Array(32),
  length: 16,
};

describe('challenge', () => {
  it('is the worked example of the format', () => {
    expect(toHex(deriveChallenge(input))).toBe('c7e612ed63857fbbcc31bf6f560bd3d3');
  });

  it.each([
    ['family', { family: 'coinkite-tap2' }],
    ['label', { label: 'read' }],
    ['purpose', { context: { ...context, purpose: 'activated' as const } }],
    ['origin', { context: { ...context, origin: 'https://verify.example' } }],
    ['owner', { context: { ...context, owner: 'ab'.repeat(32) } }],
    [
      'beacon',
      { context: { ...context, beacon: { origin: 'log', size: 1, root: '00'.repeat(32) } } },
    ],
    ['nonce', { nonce: new Uint8Array(32).fill(1) }],
  ])('is another one for another %s', (_, change) => {
    expect(deriveChallenge({ ...input, ...change })).not.toEqual(deriveChallenge(input));
  });

  it('keeps family and label apart however they are cut', () => {
    const one = deriveChallenge({ ...input, family: 'ab', label: 'c' });
    expect(deriveChallenge({ ...input, family: 'a', label: 'bc' })).not.toEqual(one);
  });

  it('is the same for an owner left out and an owner undefined', () => {
    const same = deriveChallenge({ ...input, context: { ...context, owner: undefined } });
    expect(same).toEqual(deriveChallenge(input));
  });

  it('is cut to the length asked for', () => {
    const whole = deriveChallenge({ ...input, length: 32 });
    expect(toHex(whole).startsWith(toHex(deriveChallenge(input)))).toBe(true);
  });

  it.each([0, 33, 1.5, Number.NaN])('refuses a length of %s', (length) => {
    expect(() => deriveChallenge({ ...input, length })).toThrow(RangeError);
  });

  it.each([0, 31, 33])('refuses a nonce of %s bytes', (length) => {
    expect(() => deriveChallenge({ ...input, nonce: new Uint8Array(length) })).toThrow(RangeError);
  });
});
