/**
 * Values of the DER types that are read here. The forms are checked for every element by parseDer
 * (der.ts tells them); these functions read elements that it has passed.
 */
import { type Element, expectTag, MalformedError, shown, Tag } from './der-element.ts';

/** @throws MalformedError when the content of a universal type is not in the form of DER */
export function checkPrimitive(element: Element, field: string): void {
  const { tag, content } = element;
  switch (tag) {
    case Tag.boolean:
      if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) {
        throw new MalformedError(field, `BOOLEAN ${shown(content)}`, '00 or ff');
      }
      return;
    case Tag.integer:
      if (!isMinimal(content)) {
        throw new MalformedError(field, `INTEGER ${shown(content)}`, 'the shortest form');
      }
      return;
    case Tag.bitString:
      checkBits(content, field);
      return;
    case Tag.null:
      if (content.length > 0) throw new MalformedError(field, 'a NULL with content', 'none');
      return;
    case Tag.oid:
      oidText(content, field);
      return;
    case Tag.utcTime:
    case Tag.generalizedTime:
      timeOf(element, field);
      return;
  }
}

/** The bytes of an INTEGER: big-endian two's complement, at least one. */
export function readInteger(element: Element, field: string): Uint8Array {
  expectTag(element, Tag.integer, field);
  return element.content;
}

/**
 * An INTEGER from 0 to `max`.
 *
 * @param max at most 2^47-1
 * @throws MalformedError for any other value
 */
export function readSmallInteger(element: Element, field: string, max: number): number {
  const bytes = readInteger(element, field);
  const negative = ((bytes[0] ?? 0) & 0x80) !== 0;
  const value =
    bytes.length > 6 ? Number.POSITIVE_INFINITY : Buffer.from(bytes).readUIntBE(0, bytes.length);
  if (negative || value > max) throw new MalformedError(field, shown(bytes), `0 to ${max}`);
  return value;
}

/**
 * The bytes of an INTEGER above zero without the byte that only holds the sign.
 *
 * @throws MalformedError when it is zero or negative, or has more than `maxBytes` with that byte
 */
export function readPositive(element: Element, field: string, maxBytes: number): Uint8Array {
  const bytes = readInteger(element, field);
  const first = bytes[0] ?? 0;
  if (bytes.length > maxBytes) {
    throw new MalformedError(field, `${bytes.length} bytes`, `at most ${maxBytes}`);
  }
  if (first >= 0x80 || (first === 0 && bytes.length === 1)) {
    throw new MalformedError(field, shown(bytes), 'a number above zero');
  }
  return first === 0 ? bytes.subarray(1) : bytes;
}

/** A BOOLEAN. */
export function readBoolean(element: Element, field: string): boolean {
  expectTag(element, Tag.boolean, field);
  return element.content[0] === 0xff;
}

/** The content of an OCTET STRING. */
export function readOctets(element: Element, field: string): Uint8Array {
  expectTag(element, Tag.octetString, field);
  return element.content;
}

/**
 * A BIT STRING that holds whole bytes.
 *
 * @throws MalformedError when bits of the last byte are unused
 */
export function readBitBytes(element: Element, field: string): Uint8Array {
  expectTag(element, Tag.bitString, field);
  if (element.content[0] !== 0) {
    throw new MalformedError(field, `${element.content[0]} unused bits`, 'whole bytes');
  }
  return element.content.subarray(1);
}

/**
 * The numbers of the bits that are set in a BIT STRING of named bits; bit 0 is the first one.
 *
 * @throws MalformedError when it ends in a bit that is not set (X.690 section 11.2.2)
 */
export function readNamedBits(element: Element, field: string): readonly number[] {
  expectTag(element, Tag.bitString, field);
  const unused = element.content[0] ?? 0;
  const bytes = element.content.subarray(1);
  const last = bytes.length * 8 - unused - 1;
  const set = [...bytes].flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (0x80 >> bit)).map((bit) => index * 8 + bit),
  );
  if ((set.at(-1) ?? -1) !== last) {
    throw new MalformedError(field, 'zero bits at its end', 'none');
  }
  return set;
}

/** An OBJECT IDENTIFIER in dotted form, as in "1.2.840.10045.2.1". */
export function readOid(element: Element, field: string): string {
  expectTag(element, Tag.oid, field);
  return oidText(element.content, field);
}

/**
 * A Time of a certificate or a revocation list (RFC 5280 section 4.1.2.5): UTCTime from 1950 to
 * 2049, GeneralizedTime from 2050 on.
 *
 * @returns milliseconds since 1970
 */
export function readTime(element: Element, field: string): number {
  if (element.tag !== Tag.utcTime) expectTag(element, Tag.generalizedTime, field);
  const time = timeOf(element, field);
  if (element.tag === Tag.generalizedTime && time < Date.UTC(2050)) {
    throw new MalformedError(field, 'a GeneralizedTime before 2050', 'UTCTime');
  }
  return time;
}

function timeOf(element: Element, field: string): number {
  const text = Buffer.from(element.content).toString('latin1');
  const long = element.tag === Tag.generalizedTime;
  const pattern = long ? /^\d{14}Z$/ : /^\d{12}Z$/;
  const year = long ? '' : Number(text.slice(0, 2)) >= 50 ? '19' : '20';
  const iso = `${year}${text}`.replace(
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6.000Z',
  );
  const time = Date.parse(iso);
  // Date.parse takes 24:00:00 and 31 June for moments of the next day: not when it is written back.
  if (!pattern.test(text) || Number.isNaN(time) || new Date(time).toISOString() !== iso) {
    throw new MalformedError(field, `time ${shown(element.content)}`, 'a moment, to the second, Z');
  }
  return time;
}

function isMinimal(content: Uint8Array): boolean {
  const [first, second] = content;
  if (first === undefined) return false;
  if (second === undefined) return true;
  return !((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
}

function checkBits(content: Uint8Array, field: string): void {
  const unused = content[0];
  const last = content.length > 1 ? (content.at(-1) ?? 0) : undefined;
  const fits =
    unused !== undefined &&
    (last === undefined ? unused === 0 : unused < 8 && (last & ((1 << unused) - 1)) === 0);
  if (!fits) throw new MalformedError(field, `BIT STRING ${shown(content)}`, 'unused bits of zero');
}

function oidText(content: Uint8Array, field: string): string {
  const wrong = () =>
    new MalformedError(field, `OID ${shown(content)}`, 'numbers in the shortest form');
  const arcs: number[] = [];
  let value = 0;
  let fresh = true;
  for (const byte of content) {
    const needless = fresh && byte === 0x80;
    value = value * 128 + (byte & 0x7f);
    // Beyond 2^53 two numbers would read as one; no OID in use comes near.
    if (needless || value > Number.MAX_SAFE_INTEGER) throw wrong();
    fresh = byte < 0x80;
    if (fresh) {
      arcs.push(value);
      value = 0;
    }
  }
  const [first, ...rest] = arcs;
  if (first === undefined || !fresh) throw wrong();
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}
