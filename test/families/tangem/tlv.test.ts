import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import {
  encodeElements,
  parseElements,
  Tlv,
  type TlvElement,
} from '../../../src/families/tangem/tlv.ts';

const bytes = (length: number, value = 0) => new Uint8Array(length).fill(value);
const hexOf = (elements: readonly TlvElement[]) =>
  elements.map(([tag, value]) => `${tag.toString(16)}=${toHex(value)}`);
const tlv = (...elements: TlvElement[]) => new Tlv(encodeElements(elements));
const fault = (read: () => unknown): string => {
  try {
    return `read: ${read()}`;
  } catch (error) {
    expect(error).toBeInstanceOf(EvidenceError);
    return (error as EvidenceError).message;
  }
};
const repeatable = [Tag.wallet, Tag.linkedCardPublicKey];
const single = Object.values(Tag).filter((tag) => !repeatable.some((list) => list === tag));

describe('the form', () => {
  it('worked example: 0108CB610000000012640F00', () => {
    const whole = fromHex('0108cb610000000012640f00');
    expect(hexOf(parseElements(whole))).toEqual(['1=cb61000000001264', 'f=']);
    expect(encodeElements(parseElements(whole))).toEqual(whole);
  });

  it('of nothing is nothing', () => {
    expect(parseElements(bytes(0))).toEqual([]);
    expect(encodeElements([])).toEqual(bytes(0));
  });

  it.each([
    [0, '0c00'],
    [1, '0c01'],
    [254, '0cfe'],
    [255, '0cff00ff'],
    [256, '0cff0100'],
    [16_380, '0cff3ffc'],
  ])('a value of %d bytes begins with %s', (length, head) => {
    const whole = encodeElements([[0x0c, bytes(length, 7)]]);
    expect(toHex(whole.subarray(0, head.length / 2))).toBe(head);
    expect(parseElements(whole)).toEqual([[0x0c, bytes(length, 7)]]);
  });

  it('a short value may have the long form', () => {
    expect(hexOf(parseElements(fromHex('0cff0002abcd')))).toEqual(['c=abcd']);
    expect(hexOf(parseElements(fromHex('0cff0000')))).toEqual(['c=']);
  });

  it.each([
    ['a tag alone', '01', 'TLV: length cut short'],
    ['a long length cut short', '01ff', 'TLV: length cut short'],
    ['a long length of one byte', '01ff00', 'TLV: length cut short'],
    ['a value cut short', '0108cb61', 'tag 01: length 8, 2 bytes left'],
    ['no value', '0101', 'tag 01: length 1, 0 bytes left'],
    ['a long value cut short', '01ff010000', 'tag 01: length 256, 1 bytes left'],
    ['a byte at the end', '0100ab', 'TLV: length cut short'],
    ['a tag twice', '01000100', 'tag 01: twice'],
    ['a tag twice, apart', '0101aa0f000101aa', 'tag 01: twice'],
  ])('%s is refused', (_, hex, message) => {
    expect(fault(() => parseElements(fromHex(hex)))).toBe(message);
  });

  const byTag = Array.from({ length: 256 }, (_, tag) => tag);

  it('each tag that is read may stand there once, but for those of a list', () => {
    const twice = byTag.filter((tag) => {
      const found = fault(() => parseElements(Uint8Array.of(tag, 0, 0xe0, 0, tag, 0)).length);
      const named = `tag ${tag.toString(16).toUpperCase().padStart(2, '0')}: twice`;
      expect([named, 'read: 3']).toContain(found);
      return found === named;
    });
    expect(twice).toEqual(single.toSorted((a, b) => a - b));
    expect([single.length, repeatable]).toEqual([Object.values(Tag).length - 2, [0x68, 0xd6]]);
  });

  it('unknown tags may repeat, with other values too', () => {
    expect(hexOf(parseElements(fromHex('c100c101aac1020102')))).toEqual([
      'c1=',
      'c1=aa',
      'c1=0102',
    ]);
  });
});

describe('limits', () => {
  const many = (count: number) => concat(...Array(count).fill(Uint8Array.of(Tag.wallet, 0)));
  it('512 elements are read, 513 are not', () => {
    expect(parseElements(many(512)).length).toBe(512);
    expect(fault(() => parseElements(many(513)))).toBe('TLV: more than 512 elements');
  });

  it('16384 bytes are read, 16385 are not', () => {
    const whole = encodeElements([[0xc1, bytes(16_380)]]);
    expect(whole.length).toBe(16_384);
    expect(parseElements(whole).length).toBe(1);
    expect(fault(() => parseElements(bytes(16_385)))).toContain('16385 bytes, at most 16384');
  });

  it.each([-1, 256, 0.5, Number.NaN])('tag %s is not written', (tag) => {
    expect(() => encodeElements([[tag, bytes(0)]])).toThrow(RangeError);
  });

  it('a value of 65536 bytes is not written, one of 65535 is', () => {
    expect(() => encodeElements([[1, bytes(65_536)]])).toThrow(RangeError);
    expect(encodeElements([[1, bytes(65_535)]]).length).toBe(65_539);
  });
});

describe('fields', () => {
  it('are there or not, whatever their value', () => {
    const fields = tlv([0x5a, bytes(0)], [0x59, bytes(1)]);
    expect([0x5a, 0x59, 0x58].map((tag) => fields.has(tag))).toEqual([true, true, false]);
  });

  it('of a list come in their order', () => {
    const fields = tlv([Tag.wallet, bytes(1, 1)], [0x01, bytes(1)], [Tag.wallet, bytes(1, 2)]);
    expect(fields.all(Tag.wallet).map(toHex)).toEqual(['01', '02']);
    expect(fields.all(0x77)).toEqual([]);
  });

  it('have one of the lengths that were asked for', () => {
    const fields = tlv([0x03, bytes(34)]);
    expect(fields.optional(0x03)?.length).toBe(34);
    expect(fields.optional(0x03, 33, 34)?.length).toBe(34);
    expect(fault(() => fields.optional(0x03, 33, 65))).toBe('tag 03: 34 bytes, 33 or 65 expected');
    expect(fault(() => fields.bytes(0x03, 33))).toBe('tag 03: 34 bytes, 33 expected');
    expect(fault(() => fields.bytes(0xd6))).toBe('tag D6: missing');
    expect(fields.optional(0xd6, 33)).toBeUndefined();
  });

  it.each([
    ['00', 0],
    ['ff', 255],
    ['0100', 256],
    ['010000', 65_536],
    ['ffffffff', 4_294_967_295],
    ['00000001', 1],
  ])('number %s is %d', (hex, value) => {
    expect(tlv([0x66, fromHex(hex)]).integer(0x66)).toBe(value);
  });

  it.each([0, 5, 8])('a number of %d bytes is none', (length) => {
    expect(fault(() => tlv([0x66, bytes(length)]).integer(0x66))).toContain('1 or 2 or 3 or 4');
  });

  it('an absent number or text is undefined', () => {
    expect([tlv().integer(0x66), tlv().text(0x80)]).toEqual([undefined, undefined]);
  });

  it.each([
    ['TANGEM', '54414e47454d00'],
    ['TANGEM', '54414e47454d'],
    ['', ''],
    ['', '00'],
    [' ~', '207e'],
    ['x'.repeat(64), '78'.repeat(64)],
    ['é', 'c3a9'],
    ['Zürich', '5ac3bc7269636800'],
    ['株式会社', 'e6a0aae5bc8fe4bc9ae7a4be'],
    ['ü'.repeat(64), 'c3bc'.repeat(64)],
    ['😀'.repeat(64), 'f09f9880'.repeat(64)],
  ])('text %j of %s', (text, hex) => {
    expect(tlv([0x83, fromHex(hex)]).text(0x83)).toBe(text);
  });

  it.each([
    ['a zero inside', '410042'],
    ['two zeros at its end', '410000'],
    ['an escape', '1b5b324a'],
    ['a line feed', '410a'],
    ['a line feed at its very end', '4142430a'],
    ['delete', '7f'],
    ['half a character', 'c3'],
    ['Latin-1', '5afc72696368'],
    ['an overlong form', 'c0af'],
    ['the character that stands for none', 'efbfbd'],
    ['a surrogate', 'eda080'],
    ['a control of the second kind', 'c285'],
    ['an override of direction', 'e280ae'],
    ['a mark of direction', 'e2808e'],
    ['a space of no width', 'e2808b'],
    ['a mark of byte order', 'efbbbf'],
    ['a separator of lines', 'e280a8'],
    ['a separator of paragraphs', 'e280a9'],
    ['a private character', 'ee8080'],
    ['a character that does not exist', 'cdb8'],
    ['65 characters', '78'.repeat(65)],
    ['65 characters of two bytes', 'c3bc'.repeat(65)],
  ])('text with %s is refused', (_, hex) => {
    expect(fault(() => tlv([0x83, fromHex(hex)]).text(0x83))).toContain('tag 83: printable text');
  });
});

describe('any bytes', () => {
  const element = fc.tuple(
    fc.integer({ min: 0, max: 255 }),
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(253, 254, 255, 256, 257).map((length) => bytes(length, 1)),
    ),
  );
  const elements = fc.uniqueArray(element, { selector: ([tag]) => tag, maxLength: 30 });

  it('what is written reads back the same', () => {
    fc.assert(
      fc.property(elements, (list) => {
        expect(parseElements(encodeElements(list))).toEqual(list);
      }),
    );
  });

  it('are read whole, or refused with an EvidenceError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (whole) => {
        let list: readonly TlvElement[];
        try {
          list = parseElements(whole);
        } catch (error) {
          expect(error).toBeInstanceOf(EvidenceError);
          return;
        }
        // Nothing was passed over: heads and values make up the whole.
        const heads = list.map(([, { length }]) => [2 + length, 4 + length]);
        const [least, most] = [0, 1].map((which) =>
          heads.reduce((sum, sizes) => sum + (sizes[which] ?? 0), 0),
        );
        expect(whole.length).toBeGreaterThanOrEqual(least ?? 0);
        expect(whole.length).toBeLessThanOrEqual(most ?? 0);
        expect(parseElements(encodeElements(list))).toEqual(list);
      }),
      { numRuns: 3000 },
    );
  });

  it('cut short are never another whole', () => {
    fc.assert(
      fc.property(elements, fc.nat(), (list, at) => {
        const whole = encodeElements(list);
        const cut = whole.subarray(0, whole.length === 0 ? 0 : at % whole.length);
        try {
          const found = parseElements(cut);
          expect(found).toEqual(list.slice(0, found.length));
        } catch (error) {
          expect(error).toBeInstanceOf(EvidenceError);
        }
      }),
    );
  });

  it('come to an end, at the greatest size too', () => {
    for (const value of [0x00, 0x68, 0xff]) {
      const start = performance.now();
      fault(() => parseElements(bytes(16_384, value)));
      expect(performance.now() - start).toBeLessThan(500);
    }
  });
});
