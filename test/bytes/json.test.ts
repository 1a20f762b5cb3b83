import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { canonicalJson, parseJson } from '../../src/bytes/json.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('canonical JSON (RFC 8785)', () => {
  it('is the example of section 3.2.2, keys sorted by UTF-16 and numbers as ECMAScript has them', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(text(canonicalJson(value))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('does not depend on the order of keys, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: 1, a: 2, c: undefined })).toEqual(canonicalJson({ a: 2, b: 1 }));
    expect(canonicalJson({ a: 1 })).not.toEqual(canonicalJson({ a: 2 }));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined])('refuses %s', (value) => {
    expect(() => canonicalJson(value)).toThrow();
  });
});

describe('JSON from outside', () => {
  it('is read', () => {
    expect(parseJson('{"a": [1, "\\u0041"]}')).toEqual({ a: [1, 'A'] });
  });

  it.each([
    ['the key __proto__', '{"a": {"__proto__": 1}}'],
    ['that key in escapes', '{"a": {"\\u005f_proto__": 1}}'],
    ['two values', '{} {}'],
    ['nothing', ''],
    ['deep nesting with escapes', `${'['.repeat(100_000)}"\\u0041"${']'.repeat(100_000)}`],
  ])('is refused with %s', (_, json) => {
    expect(() => parseJson(json)).toThrow(SyntaxError);
  });
});

describe('hex', () => {
  it('is read strictly and written in lower case', () => {
    expect(toHex(fromHex('00aBfF'))).toBe('00abff');
    expect(fromHex('')).toEqual(new Uint8Array());
  });

  it.each(['0', '0g', ' 00', '00 ', '0x00', '00\n'])('%j is refused', (hex) => {
    expect(() => fromHex(hex)).toThrow(RangeError);
  });
});
