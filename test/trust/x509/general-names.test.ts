/** Alternative names in a card's certificate. */
import { describe, expect, it } from 'vitest';
import { bits, oid, tlv, utf8String } from '../der-encode.ts';
import { name } from './build.ts';
import { altName, cardWith, validate } from './chain.ts';

describe('alternative names', () => {
  const ia5 = (tag: number, text: string) => tlv(tag, new TextEncoder().encode(text));
  /** 254 letters and dots, no label above 63. */
  const longHost = `${`${'a'.repeat(60)}.`.repeat(4)}${'b'.repeat(10)}`;
  const validateName = (...names: readonly Uint8Array[]) =>
    validate(cardWith({ san: altName(true, ...names) }));

  it.each([
    ['a host', ia5(0x82, 'a.card-1.example')],
    ['a wildcard', ia5(0x82, '*.example')],
    ['a host of 253 letters', ia5(0x82, longHost.slice(1))],
    ['a mail address', ia5(0x81, 'a@b.example')],
    ['a URI', ia5(0x86, 'urn:a:b')],
    ['an address', tlv(0x87, Uint8Array.of(192, 0, 2, 1))],
    ['a long address', tlv(0x87, new Uint8Array(16))],
    ['a name', tlv(0xa4, name('x'))],
    ['an OID', tlv(0x88, Uint8Array.of(0x2a, 3))],
    ['another kind', tlv(0xa0, oid('1.2.3'), tlv(0xa0, utf8String('x')))],
  ])('may be %s', (_, value) => {
    expect(validateName(value).result).toBe('held');
  });

  it.each([
    ['an underscore', ia5(0x82, 'a_b.example')],
    ['an address for a host', ia5(0x82, '192.0.2.1')],
    ['an empty host', ia5(0x82, '')],
    ['a star alone', ia5(0x82, '*')],
    ['a host of 254 letters', ia5(0x82, longHost)],
    ['an empty label', ia5(0x82, 'a..b')],
    ['a wildcard in the middle', ia5(0x82, 'a.*.example')],
    ['an empty URI', ia5(0x86, '')],
    ['a mail address that is not ASCII', ia5(0x81, 'ü@b.example')],
    ['an address of 5 bytes', tlv(0x87, new Uint8Array(5))],
    ['an OID cut short', tlv(0x88, Uint8Array.of(0x2a, 0x80))],
    ['a name without its tag', tlv(0xa4)],
    ['an unknown kind', tlv(0x89)],
    ['a universal tag', bits(new Uint8Array())],
  ])('may not be %s', (_, value) => {
    expect(validateName(value)).toMatchObject({ result: 'refuted', fault: { rule: 'form' } });
  });

  it('must be there', () => {
    expect(validateName()).toMatchObject({ fault: { got: 'no name' } });
  });
});
