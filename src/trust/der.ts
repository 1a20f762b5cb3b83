/**
 * A strict reader of DER (ITU-T X.690), the encoding of certificates, keys and signatures.
 *
 * An element is a tag (one byte), a length, the content. What has the constructed bit (20 hex) set
 * holds elements. DER allows one encoding of a value, and anything else is refused, because two
 * programs that read bytes differently can be played off against each other:
 *
 *   length      definite and as short as possible (8.1.3, 10.1), at most four bytes of it
 *   tag         one byte; numbers above 30 occur in nothing that is read here
 *   SEQUENCE, SET        constructed; all other universal types primitive (10.2)
 *   BOOLEAN     00 or FF (11.1)              INTEGER    no needless first byte (8.3.2)
 *   NULL        empty (8.8)                  OID        no needless 80 (8.19.2)
 *   BIT STRING  unused bits zero (11.2.1)    UTCTime, GeneralizedTime   ends in seconds and Z (11.7)
 *
 * Limits: the size is the caller's; depth 16; count of elements the caller's, else 1024. Bytes after
 * the outermost element are refused. All of this is checked before anything is read.
 */
import {
  constructed,
  type Element,
  expectTag,
  MalformedError,
  Tag,
  tagText,
} from './der-element.ts';
import { checkPrimitive } from './der-values.ts';

export { contextTag, type Element, MalformedError, Tag } from './der-element.ts';
export * from './der-values.ts';

const maxDepth = 16;

export interface DerLimits {
  /** What the bytes are, for messages. */
  readonly field: string;
  readonly maxBytes: number;
  /** Elements in all; 1024 when left out. */
  readonly maxElements?: number;
}

/**
 * Reads one element and checks all that is in it.
 *
 * @throws MalformedError when the bytes are not exactly one element in DER, or pass a limit
 */
export function parseDer(bytes: Uint8Array, limits: DerLimits): Element {
  const { field, maxBytes, maxElements = 1024 } = limits;
  if (bytes.length > maxBytes) {
    throw new MalformedError(field, `${bytes.length} bytes`, `at most ${maxBytes}`);
  }
  const root = elementAt(bytes, 0, field);
  if (root.whole.length !== bytes.length) {
    const more = bytes.length - root.whole.length;
    throw new MalformedError(field, `${more} bytes after its end`, 'none');
  }
  let count = 0;
  const check = (element: Element, depth: number): void => {
    count += 1;
    if (count > maxElements) {
      throw new MalformedError(field, `more than ${maxElements} elements`, 'fewer');
    }
    if (depth > maxDepth) throw new MalformedError(field, `more than ${maxDepth} levels`, 'fewer');
    if (!holdsElements(element)) {
      checkPrimitive(element, field);
      return;
    }
    let offset = 0;
    while (offset < element.content.length) {
      const child = elementAt(element.content, offset, field);
      check(child, depth + 1);
      offset += child.whole.length;
    }
  };
  check(root, 1);
  return root;
}

/**
 * The elements of a constructed element that parseDer has checked.
 *
 * @throws MalformedError when it has another tag
 */
export function childrenOf(element: Element, tag: number, field: string): readonly Element[] {
  return [...eachChildOf(element, tag, field)];
}

/**
 * The same one after the other, for lists so long that all of them at once would fill memory.
 *
 * @throws MalformedError when the element has another tag, once the first one is asked for
 */
export function* eachChildOf(element: Element, tag: number, field: string): Generator<Element> {
  expectTag(element, tag, field);
  let offset = 0;
  while (offset < element.content.length) {
    const child = elementAt(element.content, offset, field);
    yield child;
    offset += child.whole.length;
  }
}

/** The one element that an explicit tag wraps. */
export function unwrap(element: Element, field: string): Element {
  const [child, more] = eachChildOf(element, element.tag, field);
  if (child === undefined || more !== undefined) {
    const got = child === undefined ? 'no element' : 'several elements';
    throw new MalformedError(field, got, 'one');
  }
  return child;
}

/** The elements of a SEQUENCE, taken in order; read when they are asked for, however many there are. */
export class Fields {
  readonly #field: string;
  readonly #content: Uint8Array;
  #offset = 0;

  /** @throws MalformedError when the element is no SEQUENCE */
  constructor(element: Element, field: string) {
    expectTag(element, Tag.sequence, field);
    this.#field = field;
    this.#content = element.content;
  }

  /**
   * The next element, whatever it is.
   *
   * @throws MalformedError when there is none
   */
  any(name: string): Element {
    const element = this.anyIf();
    if (element === undefined) throw new MalformedError(name, 'nothing', 'a value');
    return element;
  }

  /**
   * The next element, which must have the tag.
   *
   * @throws MalformedError when it has not, or there is none
   */
  take(tag: number, name: string): Element {
    const element = this.any(name);
    expectTag(element, tag, name);
    return element;
  }

  /** The next element if it has one of the tags. */
  takeIf(...tags: readonly number[]): Element | undefined {
    const tag = this.#content[this.#offset];
    return tag !== undefined && tags.includes(tag) ? this.anyIf() : undefined;
  }

  /** The next element if there is one. */
  anyIf(): Element | undefined {
    if (this.#offset === this.#content.length) return undefined;
    const element = elementAt(this.#content, this.#offset, this.#field);
    this.#offset += element.whole.length;
    return element;
  }

  /** @throws MalformedError when an element is left */
  end(): void {
    const left = this.#content[this.#offset];
    if (left !== undefined) {
      throw new MalformedError(this.#field, `a further element, ${tagText(left)}`, 'its end');
    }
  }
}

function holdsElements(element: Element): boolean {
  return (element.tag & constructed) !== 0;
}

function elementAt(bytes: Uint8Array, offset: number, field: string): Element {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) {
    throw new MalformedError(field, 'an element cut short', 'tag and length');
  }
  checkTag(tag, field);
  const [length, start] =
    first < 0x80 ? [first, offset + 2] : longLength(bytes, offset + 2, first & 0x7f, field);
  const end = start + length;
  if (end > bytes.length) {
    throw new MalformedError(field, `a length of ${length}`, `at most ${bytes.length - start}`);
  }
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(offset, end) };
}

function checkTag(tag: number, field: string): void {
  const number = tag & 0x1f;
  if (number === 0x1f) throw new MalformedError(field, tagText(tag), 'a tag of one byte');
  if (tag >= 0x40) return;
  const mustHold = number === 0x10 || number === 0x11;
  if (number === 0 || mustHold !== ((tag & constructed) !== 0)) {
    throw new MalformedError(field, tagText(tag), 'a tag of DER');
  }
}

function longLength(
  bytes: Uint8Array,
  start: number,
  count: number,
  field: string,
): readonly [length: number, content: number] {
  if (count === 0) throw new MalformedError(field, 'an indefinite length', 'a definite one');
  if (count > 4) throw new MalformedError(field, `a length of ${count} bytes`, 'at most 4');
  const digits = bytes.subarray(start, start + count);
  const length = digits.reduce((sum, digit) => sum * 256 + digit, 0);
  if (digits.length < count) {
    throw new MalformedError(field, 'a length cut short', `${count} bytes of it`);
  }
  if (digits[0] === 0 || length < 0x80) {
    throw new MalformedError(field, `a length written in ${count} bytes`, 'the shortest form');
  }
  return [length, start + count];
}
