/** One element of DER, its tags, and the error for bytes that are none; der.ts is the reader. */
import { toHex } from '../bytes/hex.ts';
import { EvidenceError } from '../errors/error.ts';

/** The tags that are read here, with the constructed bit where it belongs. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The bit of a tag that says that the content holds elements. */
export const constructed = 0x20;

const contextSpecific = 0x80;

/** Bytes that are not the DER they must be: which field, what stands there, what should. */
export class MalformedError extends EvidenceError {
  readonly field: string;
  readonly got: string;
  readonly expected: string;

  constructor(field: string, got: string, expected: string) {
    super(`${field}: ${got}, expected ${expected}`);
    this.field = field;
    this.got = got;
    this.expected = expected;
  }
}

/** One element. The arrays are views of the input. */
export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly whole: Uint8Array;
}

/** The tag of a field that is marked [number], 0 to 30: primitive, or constructed. */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return contextSpecific | number | (form === 'constructed' ? constructed : 0);
}

/** @throws MalformedError when the element has another tag */
export function expectTag(element: Element, tag: number, field: string): void {
  if (element.tag !== tag) throw new MalformedError(field, tagText(element.tag), tagText(tag));
}

/** A tag for messages, as in "tag 30". */
export function tagText(tag: number): string {
  return `tag ${toHex(Uint8Array.of(tag))}`;
}

/** Bytes for messages: hex, the first 16 of them. */
export function shown(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'nothing';
  return bytes.length > 16 ? `${toHex(bytes.subarray(0, 16))}...` : toHex(bytes);
}
