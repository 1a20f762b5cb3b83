/**
 * Writes DER (ITU-T X.690), as much of it as the certificates of simulated cards need.
 *
 *   element  tag(1) length value      length: one byte below 128, else 8n and n bytes
 *
 * Tags up to 30 and values up to 65,535 bytes. Reading is none of its business.
 */
import { concat, utf8 } from '../bytes/bytes.ts';

/** Universal tags (X.680, 8.4); SEQUENCE and SET with the bit for "constructed". */
const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

const longestValue = 0xffff;

/** @throws RangeError above 65,535 bytes */
function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = concat(...parts);
  const { length } = value;
  if (length > longestValue) throw new RangeError(`DER value: ${length} bytes, at most 65535`);
  if (length < 0x80) return concat(Uint8Array.of(tag, length), value);
  const size =
    length < 0x100 ? Uint8Array.of(0x81, length) : Uint8Array.of(0x82, length >> 8, length & 0xff);
  return concat(Uint8Array.of(tag), size, value);
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(Tag.sequence, ...parts);
}

/** A SET with one member, which needs no sorting. */
export function setOf(member: Uint8Array): Uint8Array {
  return element(Tag.set, member);
}

/** A non-negative number from its big-endian bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Uint8Array.of(0) : bytes.subarray(first);
  // A leading one bit would make it negative (X.690, 8.3).
  const sign = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return element(Tag.integer, sign, digits);
}

/** A number from 0 to 127. */
export function smallInteger(value: number): Uint8Array {
  return integer(Uint8Array.of(value));
}

export function boolean(value: boolean): Uint8Array {
  return element(Tag.boolean, Uint8Array.of(value ? 0xff : 0x00));
}

/** @param unused bits at the end of the last byte that do not count, 0..7 */
export function bitString(bytes: Uint8Array, unused = 0): Uint8Array {
  return element(Tag.bitString, Uint8Array.of(unused), bytes);
}

export function octetString(bytes: Uint8Array): Uint8Array {
  return element(Tag.octetString, bytes);
}

export function utf8String(text: string): Uint8Array {
  return element(Tag.utf8String, utf8(text));
}

export function printableString(text: string): Uint8Array {
  return element(Tag.printableString, utf8(text));
}

/** @param text "YYMMDDhhmmssZ" */
export function utcTime(text: string): Uint8Array {
  return element(Tag.utcTime, utf8(text));
}

/** A value tagged [number] EXPLICIT, number 0..30. */
export function explicit(number: number, value: Uint8Array): Uint8Array {
  return element(0xa0 | number, value);
}

/** @param dotted such as "1.2.840.10045.2.1": two arcs or more, the first 0 to 2 */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const arcs = [first * 40 + second, ...rest].map(base128);
  return element(Tag.objectIdentifier, ...arcs);
}

/** Seven bits a byte, most significant first, the top bit set in all but the last (X.690, 8.19). */
function base128(arc: number): Uint8Array {
  const digits = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest % 128) | 0x80);
  }
  return Uint8Array.from(digits);
}
