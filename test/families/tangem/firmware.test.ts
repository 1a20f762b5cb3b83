import { describe, expect, it } from 'vitest';
import { EvidenceError } from '../../../src/errors/error.ts';
import { isAtLeast, parseFirmware, untold } from '../../../src/families/tangem/firmware.ts';
import { dumps } from '../../support/tangem-evidence.ts';

describe('a firmware version', () => {
  it.each([
    ['6.33r', 6, 33, 'release'],
    ['6.33', 6, 33, 'release'],
    ['4.52.1r', 4, 52, 'release'],
    ['1.19r', 1, 19, 'release'],
    ['12.345r', 12, 345, 'release'],
    ['6.33d SDK', 6, 33, 'developer'],
    ['1.28d SDK', 1, 28, 'developer'],
    ['6.33d', 6, 33, 'special'],
    ['6.33d  SDK', 6, 33, 'special'],
    ['6.33d SDK ', 6, 33, 'special'],
    ['6.33D SDK', 6, 33, 'special'],
    ['6.33 SDK', 6, 33, 'special'],
    ['6.33R', 6, 33, 'special'],
    ['6.33rr', 6, 33, 'special'],
    ['6.33r ', 6, 33, 'special'],
    ['6.33 r', 6, 33, 'special'],
    ['6.33.r', 6, 33, 'special'],
    ['6.33.1.1r', 6, 33, 'special'],
    ['6.3333r', 6, 333, 'special'],
    ['6.33a', 6, 33, 'special'],
  ])('%j is %d.%d, %s', (text, major, minor, kind) => {
    expect(parseFirmware(text)).toEqual({ text, major, minor, kind });
  });

  it.each([
    '',
    'r',
    '6',
    '6r',
    '6.',
    '6.r',
    '.33r',
    'v6.33r',
    ' 6.33r',
    '-6.33r',
    '1234.1r',
    '6,33r',
  ])('%j is none', (text) => {
    expect(() => parseFirmware(text)).toThrow(EvidenceError);
  });

  it(`may have a suffix of 24 characters, not of 25`, () => {
    expect(parseFirmware(`6.33${'x'.repeat(24)}`).kind).toBe('special');
    expect(() => parseFirmware(`6.33${'x'.repeat(25)}`)).toThrow(EvidenceError);
  });

  it('of every published dump is a release or a developer one', () => {
    const kinds = dumps.flatMap(({ firmware }) =>
      firmware === null ? [] : [parseFirmware(firmware).kind],
    );
    expect(kinds.length).toBeGreaterThan(20);
    expect(kinds).not.toContain('special');
  });
});

describe('at least', () => {
  it.each<[string, readonly [number, number], boolean]>([
    ['6.21r', [6, 21], true],
    ['6.20r', [6, 21], false],
    ['6.100r', [6, 21], true],
    ['6.3r', [6, 21], false],
    ['7.0r', [6, 21], true],
    ['5.99r', [6, 21], false],
    ['10.0r', [8, 0], true],
    ['4.0d SDK', [4, 0], true],
    ['3.99r', [4, 0], false],
  ])('%s is at least %j: %s', (text, other, expected) => {
    expect(isAtLeast(parseFirmware(text), other)).toBe(expected);
  });

  it('a card that tells no version has the oldest', () => {
    expect(isAtLeast(untold, [0, 0])).toBe(true);
    expect(isAtLeast(untold, [1, 0])).toBe(false);
    expect(untold.kind).toBe('special');
  });
});
