/** A small encoder of DER, written apart from the reader: X.690 sections 8 and 10. */
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { fromHex } from '../../src/bytes/hex.ts';

/** Tag, length, content. */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concat(...content);
  return concat(Uint8Array.of(tag), lengthOf(body.length), body);
}

function lengthOf(length: number): Uint8Array {
  if (length < 128) return Uint8Array.of(length);
  const digits = unsigned(BigInt(length));
  return concat(Uint8Array.of(0x80 + digits.length), digits);
}

function unsigned(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return fromHex(hex.padStart(hex.length + (hex.length % 2), '0'));
}

export const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]) => tlv(0x31, ...parts);
export const octets = (...parts: readonly Uint8Array[]) => tlv(0x04, ...parts);
export const bits = (bytes: Uint8Array, unused = 0) => tlv(0x03, Uint8Array.of(unused), bytes);
export const boolean = (value: boolean) => tlv(0x01, Uint8Array.of(value ? 0xff : 0));
export const asn1Null = tlv(0x05);
export const utf8String = (text: string) => tlv(0x0c, utf8(text));
export const explicit = (number: number, ...parts: readonly Uint8Array[]) =>
  tlv(0xa0 + number, ...parts);

/** INTEGER, of either sign, in the fewest bytes. */
export function integer(value: bigint | number): Uint8Array {
  const number = BigInt(value);
  let length = 1;
  while (BigInt.asIntN(8 * length, number) !== number) length += 1;
  const hex = BigInt.asUintN(8 * length, number).toString(16);
  return tlv(0x02, fromHex(hex.padStart(2 * length, '0')));
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const arcs = [first * 40 + second, ...rest].map((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift((left % 128) + 128);
    }
    return Uint8Array.from(digits);
  });
  return tlv(0x06, ...arcs);
}

/** Time as RFC 5280 section 4.1.2.5 has it: UTCTime until 2049. */
export function time(iso: string): Uint8Array {
  const text = iso.replace(/[-:T]/g, '');
  return iso < '2050' ? tlv(0x17, utf8(text.slice(2))) : tlv(0x18, utf8(text));
}
