import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { satochipFamily } from '../../../src/families/satochip/index.ts';
import {
  formatVersion,
  isAtLeast,
  isTooOld,
  parseStatus,
} from '../../../src/families/satochip/status.ts';
import { hex } from './cards.ts';

describe('GET STATUS', () => {
  // From the oldest length on, each byte means what it means only where it is there.
  it.each([
    [8, '000c0006 05010101', { setUp: true, seeded: false, secondFactor: false }],
    [9, '000c0006 05010101 01', { setUp: true, seeded: false, secondFactor: true }],
    [10, '000c0006 05010101 00 01', { setUp: true, seeded: true, secondFactor: false }],
    [11, '000c0006 05010101 00 00 00', { setUp: false, seeded: false, secondFactor: false }],
    [12, '000c0006 05010101 01 01 01 01', { setUp: true, seeded: true, secondFactor: true }],
    [13, '00020001 05010000 00 01 01 01 02', { setUp: true, seeded: true, secondFactor: false }],
    [
      16,
      '000e0005 05010101 00 00 00 01 00000102',
      { setUp: false, seeded: false, secondFactor: false },
    ],
    [
      32,
      `000e0005 05010101 00 00 00 01 ${'ff'.repeat(20)}`,
      { setUp: false, seeded: false, secondFactor: false },
    ],
  ])('of %i bytes', (length, body, told) => {
    const data = hex(`${body}9000`);
    expect(data.length).toBe(length + 2);
    expect(parseStatus(data)).toMatchObject({ tries: 5, ...told });
    expect(satochipFamily.recognises(data)).toBe(true);
  });

  it('with 9C04 alone says not set up, and no version', () => {
    const status = parseStatus(hex('9c04'));
    expect(status).toEqual({ setUp: false, seeded: false, secondFactor: false, tries: 0 });
    expect(satochipFamily.recognises(hex('9c04'))).toBe(true);
    expect(isTooOld('satochip', status)).toBe(true);
    expect(isTooOld('satodime', status)).toBe(false);
  });

  it.each([
    ['no bytes', '9000'],
    ['seven bytes', '000c0006 050101 9000'],
    ['33 bytes', `000c0006 05010101 00000001 ${'00'.repeat(21)} 9000`],
    ['a flag of 2', '000c0006 05010101 00 00 02 01 9000'],
    ['a flag of 2 for the second factor', '000c0006 05010101 02 9000'],
    ['another status', '000c0006 05010101 6a82'],
    ['bytes under 9C04', '00 9c04'],
    ['a refusal', '6d00'],
    ['half a status word', '90'],
    ['nothing', ''],
  ])('of another card is not recognised: %s', (_, response) => {
    expect(satochipFamily.recognises(hex(response))).toBe(false);
  });

  it('of any bytes never makes it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (response) => {
        expect(typeof satochipFamily.recognises(response)).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a version', () => {
  const of = (...bytes: [number, number, number, number]) => ({
    protocol: [bytes[0], bytes[1]] as const,
    applet: [bytes[2], bytes[3]] as const,
  });
  const status = { setUp: true, seeded: false, secondFactor: false, tries: 5 };

  it('is written as the maker writes it', () => {
    expect(formatVersion(of(0, 12, 0, 6))).toBe('0.12-0.6');
  });

  it('is compared by its numbers, not its digits', () => {
    expect(isAtLeast(of(0, 12, 0, 6), [0, 12])).toBe(true);
    expect(isAtLeast(of(0, 11, 9, 9), [0, 12])).toBe(false);
    expect(isAtLeast(of(0, 9, 0, 0), [0, 12])).toBe(false);
    expect(isAtLeast(of(1, 0, 0, 0), [0, 12])).toBe(true);
    expect(isAtLeast(undefined, [0, 0])).toBe(false);
  });

  it('before 0.12 is too old on a Satochip, and on no other product', () => {
    expect(isTooOld('satochip', { ...status, version: of(0, 11, 0, 1) })).toBe(true);
    expect(isTooOld('satochip', { ...status, version: of(0, 12, 0, 1) })).toBe(false);
    expect(isTooOld('satodime', { ...status, version: of(0, 1, 0, 2) })).toBe(false);
    expect(isTooOld('seedkeeper', { ...status, version: of(0, 1, 0, 1) })).toBe(false);
  });
});
