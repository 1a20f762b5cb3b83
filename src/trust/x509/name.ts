/**
 * Names (RFC 5280 section 4.1.2.4): SEQUENCE OF SET OF SEQUENCE { type OID, value }.
 *
 * Names are compared as bytes. RFC 5280 section 7.1 would have letter case and spaces ignored; a
 * maker who issues short chains writes a name the same way twice.
 */
import { childrenOf, type Element, Fields, MalformedError, readOid, Tag } from '../der.ts';

export interface Attribute {
  /** The type in dotted form; 2.5.4.3 is the common name. */
  readonly type: string;
  readonly value: string;
}

export interface Name {
  readonly der: Uint8Array;
  /**
   * For people: the attributes in order whose value is a text. What cannot be printed (control
   * characters, marks of writing direction) stands as U+FFFD, so never compare these.
   */
  readonly attributes: readonly Attribute[];
  /** The last common name, when there is one. */
  readonly commonName?: string;
}

const commonNameType = '2.5.4.3';

/** @throws MalformedError */
export function readName(element: Element, field: string): Name {
  const attributes = childrenOf(element, Tag.sequence, field).flatMap((set) =>
    readRelativeName(set, field),
  );
  const common = attributes.findLast(({ type }) => type === commonNameType);
  return {
    der: element.whole,
    attributes,
    ...(common === undefined ? {} : { commonName: common.value }),
  };
}

/** True for a name without any part. */
export function isEmptyName(name: Name): boolean {
  return name.der.length === 2;
}

function readRelativeName(set: Element, field: string): readonly Attribute[] {
  const members = childrenOf(set, Tag.set, field);
  if (members.length === 0) throw new MalformedError(field, 'an empty part', 'an attribute');
  for (const [index, member] of members.entries()) {
    const before = members[index - 1];
    // X.690 section 11.6; two members that are the same say nothing, either.
    if (before !== undefined && Buffer.compare(before.whole, member.whole) >= 0) {
      throw new MalformedError(field, 'a SET out of order', 'its members in ascending order');
    }
  }
  return members.flatMap((member) => {
    const fields = new Fields(member, field);
    const type = readOid(fields.take(Tag.oid, field), field);
    const text = textOf(fields.any(field), field);
    fields.end();
    return text === undefined ? [] : [{ type, value: text.replace(/\p{C}/gu, '\ufffd') }];
  });
}

function textOf(element: Element, field: string): string | undefined {
  const { content, tag } = element;
  switch (tag) {
    case Tag.utf8String:
      return decoded(content, 'utf-8', field);
    case Tag.printableString:
    case Tag.ia5String:
    case Tag.visibleString:
      if (content.some((byte) => byte >= 0x80)) {
        throw new MalformedError(field, 'bytes above 7f', 'ASCII');
      }
      return Buffer.from(content).toString('latin1');
    case Tag.teletexString:
      return Buffer.from(content).toString('latin1');
    case Tag.bmpString:
      return decoded(content, 'utf-16be', field);
  }
  return undefined;
}

function decoded(bytes: Uint8Array, encoding: string, field: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new MalformedError(field, `bytes that are not ${encoding}`, encoding);
  }
}
