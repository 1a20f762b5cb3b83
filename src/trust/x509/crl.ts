/**
 * Certificate revocation lists, read strictly (RFC 5280 section 5), DER or PEM.
 *
 *   SEQUENCE {
 *     SEQUENCE {                                             the part that is signed
 *       version INTEGER 1 (v2), left out in version 1, algorithm, issuer Name, thisUpdate,
 *       nextUpdate OPTIONAL,
 *       SEQUENCE OF { serial INTEGER, revocationDate, extensions OPTIONAL } OPTIONAL,
 *       [0] { extensions } OPTIONAL }                        extensions in version 2 only
 *     algorithm, signature BIT STRING }
 *
 * At most 4 MiB, 1,000,000 elements and 100,000 entries, which are read one after the other: whoever
 * hands us a list has not shown a signature yet, and must not fill time or memory.
 *
 * Whatever has another form is refused, because what is passed over could be entries: further fields
 * or fields in another order, serial numbers that are not positive or longer than 20 bytes, a list of
 * entries that is written out and empty (section 5.1.2.6), an extension that stands twice, and what
 * must be critical and is not (sections 5.2.4, 5.2.5 and 5.3.3: lists and entries that mean less, or
 * others, than they seem to).
 */
import { equal } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/sha256.ts';
import {
  contextTag,
  type Element,
  eachChildOf,
  Fields,
  MalformedError,
  parseDer,
  readBitBytes,
  readPositive,
  readSmallInteger,
  readTime,
  Tag,
  unwrap,
} from '../der.ts';
import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.ts';
import { maxSerialBytes } from './certificate.ts';
import { type Extension, readExtensions } from './extensions.ts';

/** In either form. */
export const maxCrlBytes = 4 * 1024 * 1024;

const maxElements = 1_000_000;
const maxEntries = 100_000;
const field = 'revocation list';

/** Delta list, issuing point, issuer of an entry's certificate: critical, or the list is no list. */
const alwaysCritical = new Set(['2.5.29.27', '2.5.29.28', '2.5.29.29']);

export interface RevocationList {
  /** SHA-256 of the DER. */
  readonly sha256: Uint8Array;
  /** The bytes that are signed. */
  readonly tbs: Uint8Array;
  /** The same inside and outside of what is signed. */
  readonly algorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** DER of the issuer's Name. */
  readonly issuer: Uint8Array;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  /** Serial numbers as certificates have them in `serialHex`. */
  readonly revoked: ReadonlySet<string>;
  /** OIDs of what is critical, in the list or in an entry, each once. None of these is processed. */
  readonly criticalExtensions: readonly string[];
}

/**
 * Reads a revocation list. Nothing is said about its signature or its time.
 *
 * @param bytes exactly one list, at most 4 MiB: DER, or one block of PEM
 * @throws EvidenceError (a MalformedError) that names field, got and expected; the promise is rejected
 */
export async function parseCrl(bytes: Uint8Array): Promise<RevocationList> {
  if (bytes.length > maxCrlBytes) {
    throw new MalformedError(field, `${bytes.length} bytes`, `at most ${maxCrlBytes}`);
  }
  const der = isPem(bytes) ? fromPem(bytes) : new Uint8Array(bytes);
  const outer = new Fields(parseDer(der, { field, maxBytes: maxCrlBytes, maxElements }), field);
  const tbs = outer.take(Tag.sequence, 'signed part');
  const outerAlgorithm = outer.take(Tag.sequence, 'algorithm');
  const signature = readBitBytes(outer.take(Tag.bitString, 'signature'), 'signature');
  outer.end();

  const inner = new Fields(tbs, 'signed part');
  const version = readVersion(inner.takeIf(Tag.integer));
  const innerAlgorithm = inner.take(Tag.sequence, 'signed algorithm');
  if (!equal(innerAlgorithm.whole, outerAlgorithm.whole)) {
    throw new MalformedError('algorithm', 'another', 'the one in the signed part');
  }
  const issuer = inner.take(Tag.sequence, 'issuer').whole;
  const thisUpdate = readTime(inner.any('this update'), 'this update');
  const next = inner.takeIf(Tag.utcTime, Tag.generalizedTime);
  const critical = new Set<string>();
  const addExtensions = (list: Element): void => {
    if (version === 1) throw new MalformedError('version', '1 with extensions', '2');
    for (const extension of readExtensions(list)) {
      if (isCritical(extension)) critical.add(extension.oid);
    }
  };
  const entries = inner.takeIf(Tag.sequence);
  const wrapped = inner.takeIf(contextTag(0, 'constructed'));
  inner.end();
  if (wrapped !== undefined) addExtensions(unwrap(wrapped, 'extensions'));
  const revoked = entries === undefined ? new Set<string>() : readEntries(entries, addExtensions);
  return {
    sha256: sha256(der),
    tbs: tbs.whole,
    algorithm: readAlgorithm(innerAlgorithm, 'signed algorithm'),
    signature,
    issuer,
    thisUpdate,
    ...(next === undefined ? {} : { nextUpdate: readTime(next, 'next update') }),
    revoked,
    criticalExtensions: [...critical],
  };
}

function readVersion(element: Element | undefined): 1 | 2 {
  if (element === undefined) return 1;
  if (readSmallInteger(element, 'version', 1) === 1) return 2;
  // Section 5.1.2.1: when there is one it is v2.
  throw new MalformedError('version', '1 written out', 'nothing, which means it');
}

/** The serial numbers of the entries. */
function readEntries(
  entries: Element,
  addExtensions: (list: Element) => void,
): ReadonlySet<string> {
  const revoked = new Set<string>();
  let count = 0;
  for (const entry of eachChildOf(entries, Tag.sequence, 'entries')) {
    count += 1;
    if (count > maxEntries) {
      throw new MalformedError(field, `more than ${maxEntries} entries`, 'fewer');
    }
    const fields = new Fields(entry, 'entry');
    const serial = fields.take(Tag.integer, 'serial number');
    revoked.add(toHex(readPositive(serial, 'serial number', maxSerialBytes)));
    readTime(fields.any('revocation date'), 'revocation date');
    const extensions = fields.takeIf(Tag.sequence);
    fields.end();
    if (extensions !== undefined) addExtensions(extensions);
  }
  if (count === 0) throw new MalformedError('entries', 'an empty list', 'none');
  return revoked;
}

function isCritical({ oid, critical }: Extension): boolean {
  if (!critical && alwaysCritical.has(oid)) {
    throw new MalformedError(`extension ${oid}`, 'not critical', 'critical');
  }
  return critical;
}

function isPem(bytes: Uint8Array): boolean {
  return bytes[0] !== Tag.sequence;
}

/** One block (RFC 7468 section 7), base64 in its one right form. */
function fromPem(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const block = /^\s*-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----\s*$/.exec(
    text,
  );
  const base64 = (block?.[1] ?? '').replace(/\s/g, '');
  const der = Buffer.from(base64, 'base64');
  if (base64 === '' || der.toString('base64') !== base64) {
    throw new MalformedError(field, 'other bytes', 'DER, or one block of PEM');
  }
  return new Uint8Array(der);
}
