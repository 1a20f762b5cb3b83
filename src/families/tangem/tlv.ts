/**
 * Tangem's TLV, which is not BER (tangem-sdk-ios Common/TLV/Tlv.swift).
 *
 *   tag(1) length value     length = 1 byte 00..FE, or FF and 2 bytes big-endian
 *
 * Worked example: 0108CB610000000012640F00 is {01: CB61000000001264, 0F: empty}.
 *
 * Tags of a list may repeat; any other tag that is read here and stands twice is refused, because two
 * readers could take two different values for the card's word. Unknown tags are left alone: newer
 * cards have some.
 */
import { concat } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import { Tag, tangem } from './constants.ts';

/** Tag and value. */
export type TlvElement = readonly [tag: number, value: Uint8Array];

/** Greater than any answer has; a hostile one may hold thousands of empty elements. */
const maxElements = 512;

const lists: readonly number[] = [Tag.wallet, Tag.linkedCardPublicKey];

const single: ReadonlySet<number> = new Set(
  Object.values(Tag).filter((tag) => !lists.includes(tag)),
);

/**
 * @returns the elements in order
 * @throws EvidenceError when the lengths do not account for every byte, for too many elements, and
 *   for a tag twice that is no list
 */
export function parseElements(bytes: Uint8Array): readonly TlvElement[] {
  if (bytes.length > tangem.maxAnswerBytes) {
    throw new EvidenceError(
      `TLV: ${bytes.length} bytes, at most ${tangem.maxAnswerBytes} expected`,
    );
  }
  const elements: TlvElement[] = [];
  const seen = new Set<number>();
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    const { length, start } = readLength(bytes, at + 1);
    if (start + length > bytes.length) {
      throw new EvidenceError(
        `${named(tag)}: length ${length}, ${bytes.length - start} bytes left`,
      );
    }
    if (seen.has(tag) && single.has(tag)) throw new EvidenceError(`${named(tag)}: twice`);
    seen.add(tag);
    elements.push([tag, bytes.subarray(start, start + length)]);
    if (elements.length > maxElements) {
      throw new EvidenceError(`TLV: more than ${maxElements} elements`);
    }
    at = start + length;
  }
  return elements;
}

/** @throws RangeError for a value over 65535 bytes or a tag that is no byte */
export function encodeElements(elements: readonly TlvElement[]): Uint8Array {
  return concat(
    ...elements.map(([tag, value]) => {
      if (!Number.isInteger(tag) || tag < 0 || tag > 0xff) throw new RangeError('tag');
      if (value.length > 0xffff) throw new RangeError(`value: ${value.length} bytes`);
      const length =
        value.length < 0xff
          ? Uint8Array.of(value.length)
          : Uint8Array.of(0xff, value.length >> 8, value.length & 0xff);
      return concat(Uint8Array.of(tag), length, value);
    }),
  );
}

/** The elements of one answer, by tag. Every accessor throws EvidenceError for a wrong form. */
export class Tlv {
  private readonly elements: readonly TlvElement[];

  constructor(bytes: Uint8Array) {
    this.elements = parseElements(bytes);
  }

  /** A boolean of this protocol: there or not, whatever its value (TlvDecoder.swift). */
  has(tag: number): boolean {
    return this.elements.some(([found]) => found === tag);
  }

  all(tag: number): readonly Uint8Array[] {
    return this.elements.filter(([found]) => found === tag).map(([, value]) => value);
  }

  optional(tag: number, ...lengths: readonly number[]): Uint8Array | undefined {
    const [value] = this.all(tag);
    if (value === undefined) return undefined;
    if (lengths.length > 0 && !lengths.includes(value.length)) {
      const expected = lengths.join(' or ');
      throw new EvidenceError(`${named(tag)}: ${value.length} bytes, ${expected} expected`);
    }
    return value;
  }

  bytes(tag: number, ...lengths: readonly number[]): Uint8Array {
    const value = this.optional(tag, ...lengths);
    if (value === undefined) throw new EvidenceError(`${named(tag)}: missing`);
    return value;
  }

  /** A big-endian number of 1 to 4 bytes. */
  integer(tag: number): number | undefined {
    return this.optional(tag, 1, 2, 3, 4)?.reduce((number, byte) => number * 256 + byte, 0);
  }

  /** UTF-8 that can be seen, at most 64 characters; the 00 at its end is no part of it. */
  text(tag: number): string | undefined {
    const value = this.optional(tag);
    if (value === undefined) return undefined;
    const end = value.at(-1) === 0 ? -1 : value.length;
    const text = Buffer.from(value.subarray(0, end)).toString('utf8');
    // U+FFFD stands for bytes that are no UTF-8.
    if (!/^[^\p{C}\p{Zl}\p{Zp}\ufffd]{0,64}$/u.test(text)) {
      throw new EvidenceError(`${named(tag)}: printable text of at most 64 characters expected`);
    }
    return text;
  }
}

function readLength(bytes: Uint8Array, at: number): { length: number; start: number } {
  const [first, high, low] = bytes.subarray(at, at + 3);
  if (first !== undefined && first !== 0xff) return { length: first, start: at + 1 };
  if (high === undefined || low === undefined) throw new EvidenceError('TLV: length cut short');
  return { length: high * 256 + low, start: at + 3 };
}

function named(tag: number): string {
  return `tag ${tag.toString(16).toUpperCase().padStart(2, '0')}`;
}
