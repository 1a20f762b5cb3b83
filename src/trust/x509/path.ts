/**
 * From a card's certificate to a maker's, by the rules of RFC 5280 section 6 for short fixed paths.
 * An ordered list comes in; nothing is searched, and nothing fetched.
 *
 *   1  size, form    1 to 5 certificates, each at most 8 KiB and as certificate.ts reads it
 *   2  self-signed   the leaf is not its own issuer: what a card says of itself proves nothing
 *      issuer        each names the next one as issuer, byte by byte; the last one names an anchor.
 *                    An anchor is ours: a certificate of the card never becomes one by looking like it
 *      key-id        key identifiers agree where both tell one; all but a self-signed anchor name
 *                    the issuer's key, all issuers their own
 *   3  algorithm     the same inside and outside of what is signed (certificate.ts); of the family's
 *                    list; of the kind of the issuer's key
 *   4  critical-extension, name-constraints   no extension twice (certificate.ts); every critical one
 *                    is processed; name constraints are refused, critical or not
 *   5  signature     each holds under the next one's key; high S is accepted (signature.ts)
 *   6  version, basic-constraints, key-usage, path-length   what issues is a CA that says so: version
 *                    3, CA in critical basic constraints, keyCertSign, and not more issuers below it
 *                    than it allows, those that are self-issued not counted. (It has a name, because
 *                    what it issued names one: certificate.ts)
 *   7  validity      all of them, the anchor too, at the given moment
 *   8  leaf, subject, key-usage, extended-key-usage   the leaf is no CA, has a name or a critical
 *                    alternative one, and may do what the family asks of it
 *   9  revocation    where lists of an issuer are given (revocation.ts)
 *
 * Exceptions for makers who do otherwise stand with the anchor: profile.ts.
 */
import { equal } from '../../bytes/bytes.ts';
import { MalformedError } from '../der.ts';
import {
  type Certificate,
  isSelfIssued,
  maxCertificateBytes,
  parseCertificate,
} from './certificate.ts';
import type { RevocationList } from './crl.ts';
import {
  type Anchor,
  ofAnotherKey,
  type PathException,
  type PathProfile,
  type PathResult,
  pathExceptions,
} from './profile.ts';
import { checkRevocation } from './revocation.ts';
import {
  checkAuthorityKeyId,
  checkExtensions,
  checkIssuer,
  checkIssuerPurposes,
  checkLeaf,
  checkLink,
  checkSignature,
  checkValidity,
  type Fault,
  fault,
  nameText,
  type Place,
} from './rules.ts';

export type {
  Anchor,
  PathException,
  PathFault,
  PathProfile,
  PathResult,
  PathRule,
} from './profile.ts';
export { ofAnotherKey, pathExceptions } from './profile.ts';

const maxCertificates = 5;
const maxTime = 8.64e15;

export interface PathInput {
  /** DER, in order, the leaf first, the anchor left out. */
  readonly certificates: readonly Uint8Array[];
  /** At least one. Several may have the same name: a maker's root and the one for tests do. */
  readonly anchors: readonly Anchor[];
  readonly profile: PathProfile;
  /** Milliseconds since 1970; certificates count whole seconds, and so does this. */
  readonly at: number;
  /**
   * What is known of revoked certificates. A list concerns the certificates of its issuer; one whose
   * issuer has no list here is not checked for revocation.
   */
  readonly crls?: readonly RevocationList[];
}

/**
 * Validates a path. Whatever the certificates hold, the outcome is a result.
 *
 * @throws RangeError for faults of ours: no anchor, an anchor that is no certificate, no moment
 */
export function validatePath(input: PathInput): PathResult {
  const { certificates, profile } = input;
  const anchors = readAnchors(input.anchors);
  // NaN is neither before nor after anything: every certificate would be valid.
  if (!(Math.abs(input.at) <= maxTime)) throw new RangeError(`at: ${input.at}, a time expected`);

  const path: Certificate[] = [];
  if (certificates.length < 1 || certificates.length > maxCertificates) {
    const got = `${certificates.length}`;
    return refuted(0, fault('size', 'certificates', got, `1 to ${maxCertificates}`));
  }
  for (const [index, der] of certificates.entries()) {
    const certificate = readCertificate(der);
    if ('rule' in certificate) return refuted(index, certificate);
    path.push(certificate);
  }

  const [leaf] = path;
  const last = path.at(-1);
  if (leaf === undefined || last === undefined) throw new RangeError('certificates: none');
  if (isSelfIssued(leaf)) {
    return refuted(0, fault('self-signed', 'issuer', 'its own subject', 'another certificate'));
  }
  for (const [index, issuer] of path.slice(1).entries()) {
    const broken = checkStep(path, index, issuer, profile);
    if (broken !== undefined) return refuted(index, broken);
  }

  const named = anchors.filter(({ certificate }) =>
    equal(certificate.subject.der, last.issuer.der),
  );
  const results = named.map(({ anchor, certificate }) =>
    validateUnder(anchor, [...path, certificate], input),
  );
  const [first, ...others] = results;
  if (first === undefined) {
    const got = nameText(last.issuer);
    const unknown = fault('issuer', 'issuer', got, 'the subject of an anchor');
    return { result: 'unknown-issuer', fault: { certificate: path.length - 1, ...unknown } };
  }
  return others.reduce((best, other) => (weight(other) > weight(best) ? other : best), first);
}

/** All rules that depend on the anchor, from it down to the leaf as RFC 5280 section 6.1 goes. */
function validateUnder(anchor: Anchor, path: readonly Certificate[], input: PathInput): PathResult {
  const { profile } = input;
  const at = Math.floor(input.at / 1000) * 1000;
  const needed = new Set<PathException>();
  const allows = (exception: PathException): boolean => {
    const allowed = anchor.exceptions.includes(exception);
    if (allowed) needed.add(exception);
    return allowed;
  };

  const top = path.length - 1;
  const anchorCertificate = path[top];
  if (anchorCertificate === undefined) throw new RangeError('path: empty');
  const broken = checkStep(path, top - 1, anchorCertificate, profile);
  if (broken !== undefined) return refuted(top - 1, broken);

  for (const [index, certificate] of [...path.entries()].reverse()) {
    const role = index === 0 ? 'leaf' : index === top ? 'anchor' : 'issuer';
    const issuersBelow = path.slice(1, index).filter((below) => !isSelfIssued(below)).length;
    const place: Place = { certificate, role, issuersBelow, profile, at, allows };
    for (const check of role === 'leaf' ? leafChecks : issuerChecks) {
      const found = check(place);
      if (found !== undefined) return refuted(index, found);
    }
  }

  // All of them: what one list cannot tell of a certificate must not hide what another says of its issuer.
  const stopped = path.slice(1).flatMap((issuer, index) => {
    const certificate = path[index];
    const found =
      certificate && checkRevocation(certificate, issuer, input.crls ?? [], profile, at);
    return found ? [{ result: found.result, fault: { certificate: index, ...found.fault } }] : [];
  });
  const worst = stopped.find(({ result }) => result === 'revoked') ?? stopped[0];
  if (worst !== undefined) return worst;
  const exceptions = pathExceptions.filter((exception) => needed.has(exception));
  return { result: 'held', anchor, path, exceptions };
}

const issuerChecks: readonly ((place: Place) => Fault | undefined)[] = [
  checkExtensions,
  checkIssuer,
  checkIssuerPurposes,
  checkAuthorityKeyId,
  checkValidity,
];

const leafChecks: readonly ((place: Place) => Fault | undefined)[] = [
  checkExtensions,
  checkLeaf,
  checkAuthorityKeyId,
  checkValidity,
];

/** The certificate at `index` was issued by the one given. */
function checkStep(
  path: readonly Certificate[],
  index: number,
  issuer: Certificate,
  profile: PathProfile,
): Fault | undefined {
  const certificate = path[index];
  if (certificate === undefined) throw new RangeError(`path: no certificate ${index}`);
  return checkLink(certificate, issuer) ?? checkSignature(certificate, issuer, profile, index > 0);
}

/**
 * Which of several results under anchors of one name tells most: that one held; else one under the
 * anchor whose key signed.
 */
function weight(result: PathResult): number {
  switch (result.result) {
    case 'held':
      return 4;
    case 'revoked':
      return 3;
    case 'unchecked':
      return 2;
    case 'refuted':
    case 'unknown-issuer':
      return ofAnotherKey.includes(result.fault.rule) ? 0 : 1;
  }
}

function refuted(certificate: number, found: Fault): PathResult {
  return { result: 'refuted', fault: { certificate, ...found } };
}

function readCertificate(der: Uint8Array): Certificate | Fault {
  if (der.length > maxCertificateBytes) {
    const got = `${der.length} bytes`;
    return fault('size', 'certificate', got, `at most ${maxCertificateBytes}`);
  }
  try {
    return parseCertificate(der);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return fault('form', error.field, error.got, error.expected);
  }
}

function readAnchors(
  anchors: readonly Anchor[],
): readonly { readonly anchor: Anchor; readonly certificate: Certificate }[] {
  if (anchors.length === 0) throw new RangeError('anchors: none, at least one expected');
  return anchors.map((anchor, index) => {
    try {
      return { anchor, certificate: parseCertificate(anchor.certificate) };
    } catch (cause) {
      throw new RangeError(`anchor ${index}: not a certificate`, { cause });
    }
  });
}
