import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDataObject, parseDataObjects } from '../../src/apdu/tlv.ts';
import { concat } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { EvidenceError } from '../../src/errors/error.ts';

const read = (hex: string) =>
  parseDataObjects(fromHex(hex)).map(({ tag, value }) => `${tag.toString(16)}:${toHex(value)}`);

const filled = (length: number) => 'ab'.repeat(length);

describe('data objects', () => {
  it.each<[string, string, string[]]>([
    ['of the worked example', '8a02abcd9f7f00', ['8a:abcd', '9f7f:']],
    ['of nothing', '', []],
    ['that are empty', '8100', ['81:']],
    ['twice the same', '810101810102', ['81:01', '81:02']],
    ['nested, by their outer level', '7003810105', ['70:810105']],
    ['of 127 bytes', `817f${filled(127)}`, [`81:${filled(127)}`]],
    ['of 128 bytes', `818180${filled(128)}`, [`81:${filled(128)}`]],
    ['of 255 bytes', `8181ff${filled(255)}`, [`81:${filled(255)}`]],
    ['of 256 bytes', `81820100${filled(256)}`, [`81:${filled(256)}`]],
    ['of a length longer than needed', '8181018f82820001ff', ['81:8f', '82:ff']],
    ['of the last tag of one byte', 'fe00', ['fe:']],
    ['of the last tag of two', 'ff7f00', ['ff7f:']],
    ['of the first tag of two', '1f0000', ['1f00:']],
  ])('%s', (_, hex, expected) => {
    expect(read(hex)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['a tag alone', '81'],
    ['half a tag', '9f'],
    ['a tag of two bytes alone', '9f7f'],
    ['a tag of three bytes', '9f800100'],
    ['another one', '9fff7f00'],
    ['padding', '00'],
    ['padding after an object', '810100'.concat('00')],
    ['padding before an object', '00810100'],
    ['a value that is short of a byte', '8a02ab'],
    ['a byte after the end', '8a02abcd01'],
    ['an indefinite length', '81800000'],
    ['half a length of two bytes', '8181'],
    ['half a length of three', '818200'],
    ['a length of four bytes', '8183000001ab'],
    ['a length of ff', '81ff'],
    ['more than there is', '8182ffffab'],
  ])('are not %s', (_, hex) => {
    expect(() => parseDataObjects(fromHex(hex))).toThrow(EvidenceError);
  });

  it('name the object that is wrong, and how', () => {
    expect(() => read('9f7f02ab')).toThrow('object 9F7F: length says 2, 1 bytes follow');
    expect(() => read('8a80')).toThrow('object 8A: a length of one to three bytes expected');
    expect(() => read('00')).toThrow('object: a tag of one or two bytes expected');
  });

  it('are at most 64', () => {
    expect(read('8100'.repeat(64))).toHaveLength(64);
    expect(() => read('8100'.repeat(65))).toThrow('more than 64 objects');
  });

  it('stop at their limit however many are there', () => {
    expect(() => parseDataObjects(new Uint8Array(64 * 1024).fill(0x01))).toThrow(EvidenceError);
  });
});

describe('one data object', () => {
  it('leaves what follows it', () => {
    const [object, rest] = parseDataObject(fromHex('8a02abcdffff'));
    expect([object.tag, toHex(object.value), toHex(rest)]).toEqual([0x8a, 'abcd', 'ffff']);
  });

  it('is not nothing', () => {
    expect(() => parseDataObject(new Uint8Array())).toThrow(EvidenceError);
  });
});

describe('whatever the bytes', () => {
  const tag = fc.oneof(
    fc.integer({ min: 1, max: 0xfe }).filter((byte) => (byte & 0x1f) !== 0x1f),
    fc.integer({ min: 0, max: 0x7f }).map((low) => 0x9f00 | low),
  );
  const object = fc.record({ tag, value: fc.uint8Array({ maxLength: 300 }) });

  it('what was written is read', () => {
    const encode = ({ tag: name, value }: { tag: number; value: Uint8Array }) =>
      concat(
        name > 0xff ? Uint8Array.of(name >> 8, name & 0xff) : Uint8Array.of(name),
        Uint8Array.of(0x82, value.length >> 8, value.length & 0xff),
        value,
      );
    fc.assert(
      fc.property(fc.array(object, { maxLength: 8 }), (objects) => {
        expect(parseDataObjects(concat(...objects.map(encode)))).toEqual(objects);
      }),
    );
  });

  it('they are read whole or refused as evidence', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        let total = 0;
        try {
          for (let rest: Uint8Array = bytes; rest.length > 0; ) {
            const [{ value }, after] = parseDataObject(rest);
            const header = rest.length - after.length - value.length;
            expect(header).toBeGreaterThanOrEqual(2);
            expect(header).toBeLessThanOrEqual(5);
            total += rest.length - after.length;
            rest = after;
          }
          expect(total).toBe(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(EvidenceError);
        }
      }),
    );
  });
});
