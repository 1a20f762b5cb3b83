/**
 * GeneralNames (RFC 5280 section 4.2.1.6), the content of a subject alternative name.
 *
 * Touchstone takes nothing from them; it only refuses what is no such value, so that a critical one
 * is processed as far as RFC 5280 asks: kind, form, and that there is one at all.
 *
 *   [0] otherName, [3] x400Address, [5] ediPartyName: any content
 *   [1] rfc822Name, [6] URI: IA5String, not empty     [2] dNSName: a host name, "*" as its first label
 *   [4] directoryName: a Name                          [7] iPAddress: 4 or 16 bytes
 *   [8] registeredID: an OID
 */
import {
  checkPrimitive,
  childrenOf,
  type Element,
  MalformedError,
  parseDer,
  Tag,
  unwrap,
} from '../der.ts';
import { readName } from './name.ts';

/** RFC 1034 section 3.5, with the change that RFC 1123 section 2.1 makes. */
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** @throws MalformedError */
export function checkGeneralNames(der: Uint8Array, field: string): void {
  const root = parseDer(der, { field, maxBytes: der.length });
  const names = childrenOf(root, Tag.sequence, field);
  if (names.length === 0) throw new MalformedError(field, 'no name', 'one or more');
  for (const name of names) checkGeneralName(name, field);
}

/** The directoryNames among GeneralNames, each as the DER of a Name. */
export function directoryNames(names: readonly Element[], field: string): readonly Uint8Array[] {
  return names
    .filter((name) => name.tag === 0xa4)
    .map((name) => readName(unwrap(name, field), field).der);
}

function checkGeneralName(name: Element, field: string): void {
  const text = Buffer.from(name.content).toString('latin1');
  switch (name.tag) {
    case 0xa0:
    case 0xa3:
    case 0xa5:
      return;
    case 0x81:
    case 0x86:
      if (!/^[\x21-\x7e]+$/.test(text)) throw new MalformedError(field, 'a name', 'printed ASCII');
      return;
    case 0x82:
      if (!isHostName(text)) throw new MalformedError(field, 'a dNSName', 'a host name');
      return;
    case 0xa4:
      readName(unwrap(name, field), field);
      return;
    case 0x87:
      if (text.length !== 4 && text.length !== 16) {
        throw new MalformedError(field, `iPAddress of ${text.length} bytes`, '4 or 16');
      }
      return;
    case 0x88:
      checkPrimitive({ ...name, tag: Tag.oid }, field);
      return;
  }
  throw new MalformedError(field, 'another kind of name', 'one of RFC 5280');
}

function isHostName(text: string): boolean {
  const labels = text.split('.');
  if (labels[0] === '*') labels.shift();
  // A last label of digits is an IP address in the wrong place.
  if (text.length > 253 || /^\d+$/.test(labels.at(-1) ?? '')) return false;
  return labels.length > 0 && labels.every((part) => label.test(part));
}
