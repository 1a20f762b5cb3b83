/**
 * BER-TLV data objects as cards write them (ISO/IEC 7816-4 section 5.2.2, ISO/IEC 8825-1).
 *
 *   tag      1 byte, or 2 where the low five bits of the first are all set
 *   length   1 byte 00..7F, or 81 LL, or 82 LL LL; never indefinite
 *
 * Cards may write a length longer than needed, so that is no error here. Worked example:
 * 8A 02 AB CD 9F7F 00 is [{tag 8A, value ABCD}, {tag 9F7F, value empty}].
 */
import { EvidenceError } from '../errors/error.ts';

export interface DataObject {
  /** As written: 0x8a, 0x9f7f. */
  readonly tag: number;
  readonly value: Uint8Array;
}

/** No answer of any card that is read here holds more on one level. */
const maxObjects = 64;

/**
 * Reads the objects of one level; what is nested is read by another call.
 *
 * @throws EvidenceError for a length beyond the end, trailing bytes, padding, a tag of three bytes
 */
export function parseDataObjects(bytes: Uint8Array): DataObject[] {
  const objects: DataObject[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    if (objects.length === maxObjects) throw new EvidenceError(`more than ${maxObjects} objects`);
    const [object, after] = parseDataObject(rest);
    objects.push(object);
    rest = after;
  }
  return objects;
}

/**
 * Reads one object and gives what follows it.
 *
 * @throws EvidenceError as parseDataObjects
 */
export function parseDataObject(bytes: Uint8Array): [object: DataObject, rest: Uint8Array] {
  const [first = 0, second] = bytes;
  const long = (first & 0x1f) === 0x1f;
  if (first === 0 || (long && (second === undefined || second >= 0x80))) {
    throw new EvidenceError('object: a tag of one or two bytes expected');
  }
  const tag = long ? (first << 8) | (second ?? 0) : first;
  const name = `object ${tag.toString(16).toUpperCase()}`;
  const afterTag = bytes.subarray(long ? 2 : 1);
  const { length, size } = parseLength(afterTag, name);
  const value = afterTag.subarray(size, size + length);
  if (value.length !== length) {
    throw new EvidenceError(`${name}: length says ${length}, ${value.length} bytes follow`);
  }
  return [{ tag, value }, afterTag.subarray(size + length)];
}

function parseLength(bytes: Uint8Array, name: string): { length: number; size: number } {
  const [first, second, third] = bytes;
  if (first !== undefined && first < 0x80) return { length: first, size: 1 };
  if (first === 0x81 && second !== undefined) return { length: second, size: 2 };
  if (first === 0x82 && second !== undefined && third !== undefined) {
    return { length: (second << 8) | third, size: 3 };
  }
  throw new EvidenceError(`${name}: a length of one to three bytes expected`);
}
