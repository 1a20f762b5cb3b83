/**
 * Extensions (RFC 5280 section 4.2): SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING }.
 * Those that the path check uses are read here; the others stay bytes.
 */
import { toHex } from '../../bytes/hex.ts';
import {
  childrenOf,
  contextTag,
  type Element,
  eachChildOf,
  Fields,
  MalformedError,
  parseDer,
  readBoolean,
  readNamedBits,
  readOctets,
  readOid,
  readPositive,
  readSmallInteger,
  Tag,
} from '../der.ts';
import { checkGeneralNames, directoryNames } from './general-names.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** The content of the OCTET STRING. */
  readonly value: Uint8Array;
}

export const ExtensionOid = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** RFC 5280 section 4.2.1.3, in the order of the bits. */
const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof keyUsages)[number];

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength?: number;
}

/** Which certificate signed, as the authority key identifier names it beside the key. */
export interface AuthorityCertificate {
  /** DER of the Names that its issuer may have; empty when none is a directory name. */
  readonly issuers: readonly Uint8Array[];
  readonly serialHex: string;
}

export interface KnownExtensions {
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** OIDs in dotted form. */
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: Uint8Array;
  readonly authorityCertificate?: AuthorityCertificate;
}

/**
 * Reads a list of extensions.
 *
 * @throws MalformedError also for an empty list, for "critical FALSE" written out (X.690 section
 *   11.5), and for an extension that stands twice: readers differ in which of the two they take
 */
export function readExtensions(list: Element): readonly Extension[] {
  const seen = new Set<string>();
  const extensions: Extension[] = [];
  for (const element of eachChildOf(list, Tag.sequence, 'extensions')) {
    const fields = new Fields(element, 'extension');
    const oid = readOid(fields.take(Tag.oid, 'extension'), 'extension');
    const field = `extension ${oid}`;
    const flag = fields.takeIf(Tag.boolean);
    const critical = flag !== undefined && readBoolean(flag, field);
    if (flag !== undefined && !critical) {
      throw new MalformedError(field, 'critical FALSE written out', 'nothing, which means it');
    }
    const value = readOctets(fields.take(Tag.octetString, field), field);
    fields.end();
    if (seen.has(oid)) throw new MalformedError(field, 'twice', 'once');
    seen.add(oid);
    extensions.push({ oid, critical, value });
  }
  if (extensions.length === 0) throw new MalformedError('extensions', 'an empty list', 'none');
  return extensions;
}

/** @throws MalformedError when one of the extensions that are used here is not in its form */
export function readKnownExtensions(extensions: readonly Extension[]): KnownExtensions {
  return Object.assign({}, ...extensions.map(readKnown));
}

function readKnown({ oid, value }: Extension): KnownExtensions {
  switch (oid) {
    case ExtensionOid.basicConstraints:
      return { basicConstraints: readBasicConstraints(value) };
    case ExtensionOid.keyUsage:
      return { keyUsage: readKeyUsage(value) };
    case ExtensionOid.extendedKeyUsage:
      return { extendedKeyUsage: readExtendedKeyUsage(value) };
    case ExtensionOid.subjectKeyId:
      return { subjectKeyId: readSubjectKeyId(value) };
    case ExtensionOid.authorityKeyId:
      return readAuthorityKeyId(value);
    case ExtensionOid.subjectAltName:
      checkGeneralNames(value, 'subject alternative name');
      return {};
  }
  return {};
}

function root(value: Uint8Array, field: string): Element {
  return parseDer(value, { field, maxBytes: value.length });
}

function readBasicConstraints(value: Uint8Array): BasicConstraints {
  const field = 'basic constraints';
  const fields = new Fields(root(value, field), field);
  const flag = fields.takeIf(Tag.boolean);
  const ca = flag !== undefined && readBoolean(flag, field);
  if (flag !== undefined && !ca) {
    throw new MalformedError(field, 'CA FALSE written out', 'nothing, which means it');
  }
  const length = fields.takeIf(Tag.integer);
  fields.end();
  if (length === undefined) return { ca };
  if (!ca) throw new MalformedError(field, 'a path length without CA', 'none');
  return { ca, pathLength: readSmallInteger(length, 'path length', 2 ** 31 - 1) };
}

function readKeyUsage(value: Uint8Array): ReadonlySet<KeyUsage> {
  const field = 'key usage';
  const bits = readNamedBits(root(value, field), field);
  const uses = bits.map((bit) => {
    const use = keyUsages[bit];
    if (use === undefined) throw new MalformedError(field, `bit ${bit}`, 'bits 0 to 8');
    return use;
  });
  if (uses.length === 0) throw new MalformedError(field, 'no use', 'one or more');
  return new Set(uses);
}

function readExtendedKeyUsage(value: Uint8Array): readonly string[] {
  const field = 'extended key usage';
  const uses = childrenOf(root(value, field), Tag.sequence, field).map((use) =>
    readOid(use, field),
  );
  if (uses.length === 0) throw new MalformedError(field, 'no use', 'one or more');
  return uses;
}

function readSubjectKeyId(value: Uint8Array): Uint8Array {
  const field = 'subject key identifier';
  const id = readOctets(root(value, field), field);
  if (id.length === 0) throw new MalformedError(field, 'nothing', 'bytes');
  return id;
}

/** SEQUENCE { [0] key identifier, [1] GeneralNames, [2] serial number }, all optional. */
function readAuthorityKeyId(value: Uint8Array): KnownExtensions {
  const field = 'authority key identifier';
  const fields = new Fields(root(value, field), field);
  const id = fields.takeIf(contextTag(0, 'primitive'));
  const names = fields.takeIf(contextTag(1, 'constructed'));
  const serial = fields.takeIf(contextTag(2, 'primitive'));
  fields.end();
  if (id?.content.length === 0) throw new MalformedError(field, 'nothing', 'bytes');
  if ((names === undefined) !== (serial === undefined)) {
    throw new MalformedError(field, 'issuer or serial number alone', 'both or none');
  }
  const key = id === undefined ? {} : { authorityKeyId: id.content };
  if (names === undefined || serial === undefined) return key;
  const number = readPositive({ ...serial, tag: Tag.integer }, field, 20);
  const issuers = directoryNames(childrenOf(names, names.tag, field), field);
  return { ...key, authorityCertificate: { issuers, serialHex: toHex(number) } };
}
