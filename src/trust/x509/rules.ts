/** The rules for one certificate in a path; path.ts tells all of them and walks. */
import { equal } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { keyFits } from '../signature.ts';
import { type AlgorithmIdentifier, signatureAlgorithmOf } from './algorithm.ts';
import { type Certificate, isSelfIssued } from './certificate.ts';
import { ExtensionOid } from './extensions.ts';
import { isEmptyName } from './name.ts';
import type { PathException, PathFault, PathProfile, PathRule } from './profile.ts';
import { rememberedSignature, signatureHolds } from './remembered.ts';

/** A fault without the number of the certificate. */
export type Fault = Omit<PathFault, 'certificate'> & { readonly rule: PathRule };

/** A certificate at its place, and what it is held against. */
export interface Place {
  readonly certificate: Certificate;
  /** leaf: the card's; issuer: between leaf and anchor. */
  readonly role: 'leaf' | 'issuer' | 'anchor';
  /** Issuers below it that are not self-issued. */
  readonly issuersBelow: number;
  readonly profile: PathProfile;
  /** Milliseconds since 1970, whole seconds. */
  readonly at: number;
  /** True when the anchor has the exception; it is then on record as needed. */
  readonly allows: (exception: PathException) => boolean;
}

/** Not to be critical (RFC 5280 sections 4.2.1.1 and 4.2.1.2); checkLink processes them all the same. */
const keyIds = new Set<string>([ExtensionOid.subjectKeyId, ExtensionOid.authorityKeyId]);

const anyPurpose = '2.5.29.37.0';

export const fault = (
  rule: Fault['rule'],
  field: string,
  got: string,
  expected: string,
): Fault => ({
  rule,
  field,
  got,
  expected,
});

/** The names of subject and issuer are linked; that of the key, too, where both tell it. */
export function checkLink(certificate: Certificate, issuer: Certificate): Fault | undefined {
  if (!equal(certificate.issuer.der, issuer.subject.der)) {
    return fault('issuer', 'issuer', nameText(certificate.issuer), nameText(issuer.subject));
  }
  const { authorityKeyId, authorityCertificate } = certificate;
  const { subjectKeyId } = issuer;
  if (authorityKeyId && subjectKeyId && !equal(authorityKeyId, subjectKeyId)) {
    const field = 'authority key identifier';
    return fault('key-id', field, shownId(authorityKeyId), shownId(subjectKeyId));
  }
  if (authorityCertificate === undefined) return undefined;
  const { issuers, serialHex } = authorityCertificate;
  if (serialHex !== issuer.serialHex) {
    return fault('key-id', 'serial number of the issuer', serialHex, issuer.serialHex);
  }
  if (issuers.length > 0 && !issuers.some((name) => equal(name, issuer.issuer.der))) {
    return fault('key-id', 'issuer of the issuer', 'another name', nameText(issuer.issuer));
  }
  return undefined;
}

/**
 * The algorithm is allowed, fits the issuer's key, and the signature holds.
 *
 * @param remember for certificates that other cards send as well
 */
export function checkSignature(
  certificate: Certificate,
  issuer: Certificate,
  profile: PathProfile,
  remember: boolean,
): Fault | undefined {
  const unfit = checkAlgorithm(certificate.algorithm, issuer, profile);
  if (unfit !== undefined) return unfit;
  const holds = remember
    ? rememberedSignature(issuer.der, certificate.der)
    : signatureHolds(issuer, certificate);
  return holds
    ? undefined
    : fault('signature', 'signature', 'not by the key of the issuer', 'by the key of the issuer');
}

/** The algorithm of a signature is allowed and fits the key that it is checked with. */
export function checkAlgorithm(
  identifier: AlgorithmIdentifier,
  issuer: Certificate,
  profile: PathProfile,
): Fault | undefined {
  const algorithm = signatureAlgorithmOf(identifier);
  if (algorithm === undefined || !profile.algorithms.includes(algorithm)) {
    const expected = profile.algorithms.join(', ');
    return fault('algorithm', 'algorithm', algorithm ?? identifier.oid, expected);
  }
  const kind = issuer.publicKey.algorithm;
  if (keyFits(kind, algorithm)) return undefined;
  return fault('algorithm', 'key of the issuer', kind, `one for ${algorithm}`);
}

/** Every critical extension is one that is processed here or, in the leaf, by the family. */
export function checkExtensions(place: Place): Fault | undefined {
  const { certificate, role, profile } = place;
  const ofFamily = role === 'leaf' ? (profile.leaf.extensions ?? []) : [];
  for (const { oid, critical } of certificate.extensions) {
    if (oid === ExtensionOid.nameConstraints) {
      return fault('name-constraints', 'name constraints', 'present', 'none');
    }
    if (!critical || isProcessed(oid, place) || ofFamily.includes(oid)) continue;
    if (keyIds.has(oid) && place.allows('critical-key-id')) continue;
    return fault('critical-extension', `extension ${oid}`, 'critical', 'not critical, or known');
  }
  return undefined;
}

/** What makes a certificate one that may issue others (RFC 5280 section 6.1.4, steps k to n). */
export function checkIssuer(place: Place): Fault | undefined {
  const { certificate, issuersBelow, allows } = place;
  const isAnchor = place.role === 'anchor';
  if (certificate.version !== 3) {
    const allowed = isAnchor && allows('version-1');
    // Without extensions there is nothing more to look at.
    return allowed ? undefined : fault('version', 'version', `${certificate.version}`, '3');
  }
  const rights = checkBasicConstraints(place, isAnchor);
  if (rights !== undefined) return rights;
  const { basicConstraints, keyUsage, subjectKeyId } = certificate;
  if (keyUsage === undefined && !allows('no-key-usage')) {
    return fault('key-usage', 'key usage', 'none', 'keyCertSign');
  }
  if (keyUsage !== undefined && !keyUsage.has('keyCertSign')) {
    return fault('key-usage', 'key usage', [...keyUsage].join(', '), 'keyCertSign');
  }
  if (subjectKeyId === undefined && !allows('no-subject-key-id')) {
    return fault('key-id', 'subject key identifier', 'none', 'one');
  }
  const most = basicConstraints?.pathLength ?? Number.POSITIVE_INFINITY;
  if (issuersBelow > most) {
    return fault('path-length', 'issuers below it', `${issuersBelow}`, `at most ${most}`);
  }
  return undefined;
}

/** What makes a certificate one of a device, and this family's. */
export function checkLeaf(place: Place): Fault | undefined {
  const { certificate, profile, allows } = place;
  const { basicConstraints, keyUsage, extendedKeyUsage, subject, publicKey } = certificate;
  if (basicConstraints?.ca) return fault('leaf', 'basic constraints', 'CA', 'no CA');
  if (keyUsage?.has('keyCertSign')) {
    return fault('leaf', 'key usage', 'keyCertSign', 'a use of devices');
  }
  if (!profile.leaf.keys.includes(publicKey.algorithm)) {
    return fault('leaf', 'key', publicKey.algorithm, profile.leaf.keys.join(', '));
  }
  if (isEmptyName(subject) && !hasCriticalAltName(certificate)) {
    return fault('subject', 'subject', 'an empty name', 'a name, or a critical alternative name');
  }
  const use = profile.leaf.keyUsage;
  if (use !== undefined && keyUsage?.has(use) !== true) {
    if (keyUsage !== undefined || !allows('no-key-usage')) {
      return fault('key-usage', 'key usage', [...(keyUsage ?? ['none'])].join(', '), use);
    }
  }
  const purpose = profile.leaf.extendedKeyUsage;
  if (purpose !== undefined && extendedKeyUsage?.includes(purpose) !== true) {
    const got = (extendedKeyUsage ?? ['none']).join(', ');
    return fault('extended-key-usage', 'extended key usage', got, purpose);
  }
  return undefined;
}

/** Purposes of an issuer bind what it issues, where it names any. */
export function checkIssuerPurposes(place: Place): Fault | undefined {
  const { extendedKeyUsage } = place.certificate;
  const purpose = place.profile.leaf.extendedKeyUsage;
  if (purpose === undefined || extendedKeyUsage === undefined) return undefined;
  if (extendedKeyUsage.includes(purpose) || extendedKeyUsage.includes(anyPurpose)) return undefined;
  return fault('extended-key-usage', 'extended key usage', extendedKeyUsage.join(', '), purpose);
}

/** The moment lies within the time of the certificate, both ends included. */
export function checkValidity(place: Place): Fault | undefined {
  const { certificate, at, allows } = place;
  const { notBefore, notAfter } = certificate;
  if (at < notBefore && !allows('dates-ignored')) {
    return fault('validity', 'not before', dateText(notBefore), `${dateText(at)} or earlier`);
  }
  if (at > notAfter && !allows('dates-ignored')) {
    return fault('validity', 'not after', dateText(notAfter), `${dateText(at)} or later`);
  }
  return undefined;
}

/** Which key signed is told (RFC 5280 section 4.2.1.1); an anchor that signed itself need not. */
export function checkAuthorityKeyId(place: Place): Fault | undefined {
  const { certificate, role, allows } = place;
  if (certificate.authorityKeyId !== undefined) return undefined;
  if (role === 'anchor' && (isSelfIssued(certificate) || certificate.version !== 3)) {
    return undefined;
  }
  if (allows('no-authority-key-id')) return undefined;
  return fault('key-id', 'authority key identifier', 'none', 'one');
}

/** A name for messages. */
export function nameText(name: Certificate['subject']): string {
  const text = name.commonName ?? name.attributes.map(({ value }) => value).join(', ');
  return text === '' ? 'a name without text' : `"${text.slice(0, 80)}"`;
}

/** A moment for messages. */
export function dateText(time: number): string {
  return new Date(time).toISOString().slice(0, 19).concat('Z');
}

function checkBasicConstraints(place: Place, isAnchor: boolean): Fault | undefined {
  const { certificate, allows } = place;
  const { basicConstraints } = certificate;
  const field = 'basic constraints';
  if (basicConstraints === undefined) {
    const allowed = isAnchor && allows('no-basic-constraints');
    return allowed ? undefined : fault('basic-constraints', field, 'none', 'CA');
  }
  if (!basicConstraints.ca) return fault('basic-constraints', field, 'no CA', 'CA');
  if (isCritical(certificate, ExtensionOid.basicConstraints)) return undefined;
  if (allows('non-critical-basic-constraints')) return undefined;
  return fault('basic-constraints', field, 'not critical', 'critical');
}

function isProcessed(oid: string, place: Place): boolean {
  switch (oid) {
    case ExtensionOid.basicConstraints:
    case ExtensionOid.keyUsage:
    case ExtensionOid.subjectAltName:
      return true;
    case ExtensionOid.extendedKeyUsage:
      return place.profile.leaf.extendedKeyUsage !== undefined;
  }
  return false;
}

function isCritical(certificate: Certificate, oid: string): boolean {
  return certificate.extensions.some((extension) => extension.oid === oid && extension.critical);
}

function hasCriticalAltName(certificate: Certificate): boolean {
  return isCritical(certificate, ExtensionOid.subjectAltName);
}

function shownId(id: Uint8Array): string {
  return toHex(id.subarray(0, 20));
}
