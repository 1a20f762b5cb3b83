import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/bytes/base64.ts';
import { utf8 } from '../../src/bytes/bytes.ts';

/** RFC 4648 section 10. */
const vectors = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
] as const;

describe('base64', () => {
  it.each(vectors)('of %j is %j', (text, encoded) => {
    expect(encodeBase64(utf8(text))).toBe(encoded);
    expect(decodeBase64(encoded)).toEqual(utf8(text));
  });

  it('takes the bytes of a view alone', () => {
    expect(encodeBase64(Uint8Array.of(0, 102, 0).subarray(1, 2))).toBe('Zg==');
  });

  it.each([
    ['no padding', 'Zg'],
    ['half of the padding', 'Zg='],
    ['too much padding', 'Zg==='],
    ['padding alone', '===='],
    ['unused bits set, one byte', 'Zh=='],
    ['unused bits set, two bytes', 'Zm9='],
    ['a line break behind', 'Zm9v\n'],
    ['a space inside', 'Zm 9v'],
    ['the URL alphabet', '-_-_'],
    ['something behind the padding', 'Zg==Zg=='],
    ['a character outside of the alphabet', 'Zm9*'],
    ['a character outside of ASCII', 'Zm9\u00f6'],
    ['a single character', 'Z'],
  ])('refuses %s', (_, text) => {
    expect(() => decodeBase64(text)).toThrow(RangeError);
  });

  it('gives back all bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it('reads one text for each bytes and no other', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9+/]{0,7}={0,3}$/), (text) => {
        let bytes: Uint8Array;
        try {
          bytes = decodeBase64(text);
        } catch {
          return;
        }
        expect(encodeBase64(bytes)).toBe(text);
      }),
    );
  });
});
