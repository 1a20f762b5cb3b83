import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CommandApdu, encodeCommand, parseCommand } from '../../src/apdu/command.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { EvidenceError } from '../../src/errors/error.ts';

const byte = fc.integer({ min: 0, max: 255 });

/** Lengths around the borders of the short form matter more than those between. */
function length(max: number) {
  return fc.oneof(fc.constantFrom(1, 255, 256, 257, max), fc.integer({ min: 1, max }));
}

const command: fc.Arbitrary<CommandApdu> = fc
  .record({
    header: fc.tuple(byte, byte, byte, byte),
    size: fc.option(length(65_535)),
    fill: byte,
    ne: fc.option(length(65_536)),
  })
  .map(({ header: [cla, ins, p1, p2], size, fill, ne }) => ({
    cla,
    ins,
    p1,
    p2,
    ...(size === null ? {} : { data: new Uint8Array(size).fill(fill) }),
    ...(ne === null ? {} : { ne }),
  }));

test('every command reads back as it was written', () => {
  fc.assert(
    fc.property(command, (wanted) => {
      expect(parseCommand(encodeCommand(wanted))).toEqual(wanted);
    }),
  );
});

test('the extended form, where it is asked for, reads back the same', () => {
  fc.assert(
    fc.property(command, (wanted) => {
      const bytes = encodeCommand({ ...wanted, extended: true });
      expect(parseCommand(bytes)).toEqual(wanted);
      if (bytes.length > 4) expect([bytes[4], bytes.length > 6]).toEqual([0, true]);
    }),
  );
});

test.each([
  ['data', { data: fromHex('0506') }, '800102030000020506'],
  ['data and Le', { data: fromHex('05'), ne: 1 }, '80010203000001050001'],
  ['Le', { ne: 256 }, '80010203000100'],
  ['Le of 65536', { ne: 65_536 }, '80010203000000'],
  ['header alone', {}, '80010203'],
  ['no data', { data: new Uint8Array() }, '80010203'],
] as const)('the extended form of %s', (_, parts, hex) => {
  const header = { cla: 0x80, ins: 1, p1: 2, p2: 3 };
  expect(toHex(encodeCommand({ ...header, ...parts, extended: true }))).toBe(hex);
});

test('the short form is written where the extended one is not asked for', () => {
  const parts = { cla: 0x80, ins: 1, p1: 2, p2: 3, data: fromHex('0506') };
  for (const more of [{}, { extended: false }]) {
    expect(toHex(encodeCommand({ ...parts, ...more }))).toBe('80010203020506');
  }
});

test('what can be read is written back unchanged, or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let parsed: CommandApdu;
      try {
        parsed = parseCommand(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(EvidenceError);
        return;
      }
      // An extended form that the short one could hold is legal but not what we write.
      if (bytes.length < 6 || bytes[4] !== 0) expect(encodeCommand(parsed)).toEqual(bytes);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['header alone', '00a40400', { cla: 0, ins: 0xa4, p1: 4, p2: 0 }],
  ['Le of 256', '00a4040000', { cla: 0, ins: 0xa4, p1: 4, p2: 0, ne: 256 }],
  ['data', '80010203020506', { cla: 0x80, ins: 1, p1: 2, p2: 3, data: fromHex('0506') }],
  [
    'SELECT by name',
    '00a4040002a00000',
    { cla: 0, ins: 0xa4, p1: 4, p2: 0, data: fromHex('a000'), ne: 256 },
  ],
  ['extended Le', '00b00000000101', { cla: 0, ins: 0xb0, p1: 0, p2: 0, ne: 257 }],
  ['extended Le of 65536', '00b00000000000', { cla: 0, ins: 0xb0, p1: 0, p2: 0, ne: 65_536 }],
] as const)('ISO/IEC 7816-4 form: %s', (_, hex, parts) => {
  expect(toHex(encodeCommand(parts))).toBe(hex);
  expect(parseCommand(fromHex(hex))).toEqual(parts);
});

describe('refused', () => {
  test.each([
    ['no bytes', ''],
    ['three bytes', '00a404'],
    ['data cut short', '00a4040003a000'],
    ['two bytes after the data', '00a4040001a00000'],
    ['extended length cut short', '00a404000001'],
    ['extended data cut short', '00a40400000002a0'],
    ['half an extended Le', '00a40400000001a000'],
    ['extended length of zero with data', '00a40400000000ff'],
  ])('%s', (_, hex) => {
    expect(() => parseCommand(fromHex(hex))).toThrow(EvidenceError);
  });

  const header = { cla: 0, ins: 0, p1: 0, p2: 0 };
  test.each([
    ['class of 256', { ...header, cla: 256 }],
    ['negative parameter', { ...header, p1: -1 }],
    ['half a byte', { ...header, p2: 0.5 }],
    ['Le of 0', { ...header, ne: 0 }],
    ['Le of 65537', { ...header, ne: 65_537 }],
    ['65536 data bytes', { ...header, data: new Uint8Array(65_536) }],
  ])('writing: %s', (_, parts) => {
    expect(() => encodeCommand(parts)).toThrow(RangeError);
  });
});
