/**
 * Certificate revocation lists (RFC 5280 section 5), DER or PEM.
 *
 *   SEQUENCE {
 *     SEQUENCE { version INTEGER OPTIONAL, algorithm, issuer Name, thisUpdate, nextUpdate OPTIONAL,
 *       SEQUENCE OF { serial INTEGER, revocationDate, extensions OPTIONAL } OPTIONAL,
 *       [0] { extensions } OPTIONAL }
 *     algorithm, signature BIT STRING }
 *
 * der.ts checks that it is DER, at most 4 MiB and 1,000,000 elements; pkijs, loaded when the first
 * list is read, reads entries and extensions. What pkijs would say of signature, issuer and time is
 * not asked: revocation.ts looks. At most 100,000 entries, counted before pkijs sees them: it takes
 * some 80 microseconds for each.
 */
import { equal } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/sha256.ts';
import { EvidenceError } from '../../errors/error.ts';
import {
  childrenOf,
  type Element,
  Fields,
  MalformedError,
  parseDer,
  readBitBytes,
  readSmallInteger,
  readTime,
  Tag,
} from '../der.ts';
import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.ts';

/** In either form. */
export const maxCrlBytes = 4 * 1024 * 1024;

const maxElements = 1_000_000;
const maxEntries = 100_000;
const field = 'revocation list';

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
  /** OIDs of what is critical, in the list or in an entry. None of these is processed. */
  readonly criticalExtensions: readonly string[];
}

/**
 * Reads a revocation list. Nothing is said about its signature or its time.
 *
 * @param bytes exactly one list, at most 4 MiB: DER, or one block of PEM
 * @throws EvidenceError for anything else
 */
export async function parseCrl(bytes: Uint8Array): Promise<RevocationList> {
  if (bytes.length > maxCrlBytes) {
    throw new MalformedError(field, `${bytes.length} bytes`, `at most ${maxCrlBytes}`);
  }
  const der = isPem(bytes) ? fromPem(bytes) : new Uint8Array(bytes);
  const head = readHead(parseDer(der, { field, maxBytes: maxCrlBytes, maxElements }));
  const { entries, extensions } = await readBody(der);
  const all = [...extensions, ...entries.flatMap((entry) => entry.extensions)];
  return {
    sha256: sha256(der),
    ...head,
    revoked: new Set(entries.map(({ serialHex }) => serialHex)),
    criticalExtensions: all.filter(({ critical }) => critical).map(({ oid }) => oid),
  };
}

/** What must be had byte by byte: names are compared, and signatures checked, as bytes. */
function readHead(
  root: Element,
): Omit<RevocationList, 'sha256' | 'revoked' | 'criticalExtensions'> {
  const outer = new Fields(root, field);
  const tbs = outer.take(Tag.sequence, 'signed part');
  const outerAlgorithm = outer.take(Tag.sequence, 'algorithm');
  const signature = readBitBytes(outer.take(Tag.bitString, 'signature'), 'signature');
  outer.end();
  const inner = new Fields(tbs, 'signed part');
  const version = inner.takeIf(Tag.integer);
  if (version !== undefined) readSmallInteger(version, 'version', 1);
  const innerAlgorithm = inner.take(Tag.sequence, 'signed algorithm');
  if (!equal(innerAlgorithm.whole, outerAlgorithm.whole)) {
    throw new MalformedError('algorithm', 'another', 'the one in the signed part');
  }
  const issuer = inner.take(Tag.sequence, 'issuer').whole;
  const thisUpdate = readTime(inner.any('this update'), 'this update');
  const next = inner.takeIf(Tag.utcTime, Tag.generalizedTime);
  const entries = inner.takeIf(Tag.sequence);
  const count = entries === undefined ? 0 : childrenOf(entries, Tag.sequence, field).length;
  if (count > maxEntries) {
    throw new MalformedError(field, `${count} entries`, `at most ${maxEntries}`);
  }
  return {
    tbs: tbs.whole,
    algorithm: readAlgorithm(innerAlgorithm, 'signed algorithm'),
    signature,
    issuer,
    thisUpdate,
    ...(next === undefined ? {} : { nextUpdate: readTime(next, 'next update') }),
  };
}

interface ExtensionHead {
  readonly oid: string;
  readonly critical: boolean;
}

interface Body {
  readonly entries: readonly {
    readonly serialHex: string;
    readonly extensions: readonly ExtensionHead[];
  }[];
  readonly extensions: readonly ExtensionHead[];
}

async function readBody(der: Uint8Array): Promise<Body> {
  const [{ CertificateRevocationList }, { fromBER }] = await Promise.all([
    import('pkijs'),
    import('asn1js'),
  ]);
  try {
    // By itself pkijs reads no more than 10,000 elements, some 3000 entries.
    const { result } = fromBER(new Uint8Array(der), { maxNodes: maxElements });
    const list = new CertificateRevocationList({ schema: result });
    const entries = (list.revokedCertificates ?? []).map((entry) => ({
      serialHex: serialHex(entry.userCertificate.valueBlock.valueHexView),
      extensions: heads(entry.crlEntryExtensions),
    }));
    return { entries, extensions: heads(list.crlExtensions) };
  } catch (cause) {
    // pkijs throws errors of several kinds for a structure that is not a list's.
    throw new EvidenceError(`${field}: another structure, expected that of RFC 5280`, { cause });
  }
}

function heads(
  list: { extensions: { extnID: string; critical: boolean }[] } | undefined,
): readonly ExtensionHead[] {
  return (list?.extensions ?? []).map(({ extnID, critical }) => ({ oid: extnID, critical }));
}

function serialHex(bytes: Uint8Array): string {
  const first = bytes.findIndex((byte) => byte !== 0);
  return toHex(first === -1 ? bytes : bytes.subarray(first));
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
