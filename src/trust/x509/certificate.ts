/**
 * X.509 certificates, read strictly (RFC 5280 section 4.1).
 *
 *   SEQUENCE {
 *     SEQUENCE {                                             the part that is signed
 *       [0] { version INTEGER } DEFAULT v1, serial INTEGER, algorithm,
 *       issuer Name, SEQUENCE { notBefore, notAfter }, subject Name,
 *       SubjectPublicKeyInfo, [3] { extensions } }           extensions in version 3 only
 *     algorithm, signature BIT STRING }
 *
 * At most 8 KiB. Refused besides what is not DER: another algorithm outside than inside, a serial
 * number that is not positive or longer than 20 bytes, an empty issuer, an extension that stands
 * twice, unique identifiers (section 4.1.2.8: not to be made), keys of kinds that public-key.ts does
 * not know.
 *
 * Why not a library: @peculiar/x509 2.2.0 takes bytes after the end, an inner algorithm that differs,
 * doubled extensions and signatures in BER, and says of a signature of secp256k1 not that it cannot
 * check it but that it is wrong. node:crypto takes bytes after the end and, on Node 20, does not tell
 * dates or algorithm.
 */
import { equal } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/sha256.ts';
import {
  contextTag,
  type Element,
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
import { remembered } from '../memo.ts';
import { type PublicKey, parsePublicKey } from '../signature.ts';
import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.ts';
import {
  type Extension,
  type KnownExtensions,
  readExtensions,
  readKnownExtensions,
} from './extensions.ts';
import { isEmptyName, type Name, readName } from './name.ts';

export type { AlgorithmIdentifier } from './algorithm.ts';
export type { BasicConstraints, Extension, KeyUsage } from './extensions.ts';
export type { Attribute, Name } from './name.ts';

/** All that makers of cards need is below 2 KiB. */
export const maxCertificateBytes = 8192;

/** RFC 5280 section 4.1.2.2, with the byte that only holds the sign. */
export const maxSerialBytes = 20;

export interface Certificate extends KnownExtensions {
  readonly der: Uint8Array;
  /** SHA-256 of `der`. */
  readonly sha256: Uint8Array;
  /** The bytes that are signed. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** The number in lower-case hex, whole bytes, no leading 00. */
  readonly serialHex: string;
  /** The same inside and outside of what is signed. */
  readonly algorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  /** First moment of validity, milliseconds since 1970, whole seconds. */
  readonly notBefore: number;
  /** Last second of validity. */
  readonly notAfter: number;
  readonly publicKey: PublicKey;
  readonly extensions: readonly Extension[];
}

/**
 * Reads a certificate. Nothing is said about its signature. Remembered: importing a key is slow, one
 * check meets a certificate several times, and thousands of cards share those of their issuers.
 *
 * @param bytes exactly one certificate, at most 8 KiB
 * @throws EvidenceError (a MalformedError) that names field, got and expected
 */
export const parseCertificate: (bytes: Uint8Array) => Certificate = remembered(256, (bytes) =>
  readCertificate(bytes),
);

function readCertificate(bytes: Uint8Array): Certificate {
  const field = 'certificate';
  // What is read consists of views, and may be remembered: the caller's array could change.
  const der = new Uint8Array(bytes);
  const root = parseDer(der, { field, maxBytes: maxCertificateBytes });
  const outer = new Fields(root, field);
  const tbs = outer.take(Tag.sequence, 'signed part');
  const outerAlgorithm = outer.take(Tag.sequence, 'algorithm');
  const signature = readBitBytes(outer.take(Tag.bitString, 'signature'), 'signature');
  outer.end();

  const inner = new Fields(tbs, 'signed part');
  const version = readVersion(inner.takeIf(contextTag(0, 'constructed')));
  const serial = readPositive(
    inner.take(Tag.integer, 'serial number'),
    'serial number',
    maxSerialBytes,
  );
  const innerAlgorithm = inner.take(Tag.sequence, 'signed algorithm');
  const algorithm = readAlgorithm(innerAlgorithm, 'signed algorithm');
  if (!equal(innerAlgorithm.whole, outerAlgorithm.whole)) {
    const got = readAlgorithm(outerAlgorithm, 'algorithm').oid;
    throw new MalformedError('algorithm', got, `${algorithm.oid}, as in the signed part`);
  }
  const issuer = readName(inner.take(Tag.sequence, 'issuer'), 'issuer');
  if (isEmptyName(issuer)) throw new MalformedError('issuer', 'an empty name', 'a name');
  const validity = new Fields(inner.take(Tag.sequence, 'validity'), 'validity');
  const notBefore = readTime(validity.any('not before'), 'not before');
  const notAfter = readTime(validity.any('not after'), 'not after');
  validity.end();
  const subject = readName(inner.take(Tag.sequence, 'subject'), 'subject');
  const publicKey = readPublicKey(inner.take(Tag.sequence, 'public key'));
  const wrapped = inner.takeIf(contextTag(3, 'constructed'));
  inner.end();
  const extensions = wrapped === undefined ? [] : readExtensions(unwrap(wrapped, 'extensions'));
  if (wrapped !== undefined && version !== 3) {
    throw new MalformedError('version', `${version} with extensions`, '3');
  }
  return {
    ...readKnownExtensions(extensions),
    der,
    sha256: sha256(der),
    tbs: tbs.whole,
    version,
    serialHex: toHex(serial),
    algorithm,
    signature,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
  };
}

/** True when subject and issuer are the same name: signed with the own key, or with a key before it. */
export function isSelfIssued(certificate: Certificate): boolean {
  return equal(certificate.subject.der, certificate.issuer.der);
}

function readVersion(element: Element | undefined): 1 | 2 | 3 {
  if (element === undefined) return 1;
  switch (readSmallInteger(unwrap(element, 'version'), 'version', 2)) {
    case 1:
      return 2;
    case 2:
      return 3;
  }
  // X.690 section 11.5: the default is left out.
  throw new MalformedError('version', '1 written out', 'nothing, which means it');
}

function readPublicKey(element: Element): PublicKey {
  const key = parsePublicKey(element.whole);
  if (key === undefined) {
    throw new MalformedError('public key', 'another', 'a point on a known curve, Ed25519 or RSA');
  }
  return key;
}

/**
 * Reads a certificate from base64 on one line, as a registry holds it.
 *
 * @throws EvidenceError as parseCertificate
 */
export function certificateFromBase64(text: string): Certificate {
  return parseCertificate(new Uint8Array(Buffer.from(text, 'base64')));
}
