/**
 * Builds X.509 version 3 certificates (RFC 5280, 4.1) of the few forms that the maker of Satochip
 * cards uses.
 *
 *   Certificate  SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }
 *   name         C=BE, ST=Brussels, O, [OU], CN         C printable, the others UTF-8
 *   extensions   authority  basicConstraints (critical), subjectKeyIdentifier, keyUsage (critical)
 *                device     the same, not an authority, key usage digitalSignature
 */
import { p384 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha1 } from '@noble/hashes/legacy.js';
import * as der from '../der.ts';

export interface Name {
  readonly organization: string;
  readonly unit?: string;
  readonly commonName: string;
}

/** Both "YYMMDDhhmmssZ", years 2000 to 2049. */
export interface Validity {
  readonly from: string;
  readonly until: string;
}

export interface CertificateParts {
  /** Big-endian, 1 to 20 bytes. */
  readonly serial: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  readonly validity: Validity;
  /** Compressed: 33 bytes on secp256k1, 49 on P-384. */
  readonly publicKey: Uint8Array;
  /** May sign certificates, down to a path length when there is one. */
  readonly authority: { readonly pathLength?: number } | undefined;
  /** What the issuer hashes with. */
  readonly digest: 'sha256' | 'sha512';
  /** Signs tbsCertificate; DER. */
  readonly sign: (message: Uint8Array) => Uint8Array;
}

const Oid = {
  country: '2.5.4.6',
  state: '2.5.4.8',
  organization: '2.5.4.10',
  unit: '2.5.4.11',
  commonName: '2.5.4.3',
  ecPublicKey: '1.2.840.10045.2.1',
  secp256k1: '1.3.132.0.10',
  p384: '1.3.132.0.34',
  sha256: '1.2.840.10045.4.3.2',
  sha512: '1.2.840.10045.4.3.4',
  keyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
} as const;

const version3 = 2;

/** Named bits of keyUsage, the first one highest: digitalSignature; keyCertSign and cRLSign. */
const usage = {
  device: der.bitString(Uint8Array.of(0x80), 7),
  authority: der.bitString(Uint8Array.of(0x06), 1),
} as const;

/** A certificate, signed; DER. */
export function buildCertificate(parts: CertificateParts): Uint8Array {
  const algorithm = der.sequence(der.objectIdentifier(Oid[parts.digest]));
  const point = uncompressed(parts.publicKey);
  const body = der.sequence(
    der.explicit(0, der.smallInteger(version3)),
    der.integer(parts.serial),
    algorithm,
    name(parts.issuer),
    der.sequence(der.utcTime(parts.validity.from), der.utcTime(parts.validity.until)),
    name(parts.subject),
    publicKeyInfo(point),
    der.explicit(3, extensions(point, parts.authority)),
  );
  return der.sequence(body, algorithm, der.bitString(parts.sign(body)));
}

function name({ organization, unit, commonName }: Name): Uint8Array {
  return der.sequence(
    attribute(Oid.country, der.printableString('BE')),
    attribute(Oid.state, der.utf8String('Brussels')),
    attribute(Oid.organization, der.utf8String(organization)),
    ...(unit === undefined ? [] : [attribute(Oid.unit, der.utf8String(unit))]),
    attribute(Oid.commonName, der.utf8String(commonName)),
  );
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return der.setOf(der.sequence(der.objectIdentifier(type), value));
}

/** The curve follows from the length of the point: 65 bytes on secp256k1, 97 on P-384. */
function publicKeyInfo(point: Uint8Array): Uint8Array {
  const curve = point.length === 65 ? Oid.secp256k1 : Oid.p384;
  return der.sequence(
    der.sequence(der.objectIdentifier(Oid.ecPublicKey), der.objectIdentifier(curve)),
    der.bitString(point),
  );
}

function uncompressed(publicKey: Uint8Array): Uint8Array {
  const { Point } = publicKey.length === 33 ? secp256k1 : p384;
  return Point.fromBytes(publicKey).toBytes(false);
}

function extensions(point: Uint8Array, authority: CertificateParts['authority']): Uint8Array {
  const constraints = authority === undefined ? [] : [der.boolean(true)];
  const { pathLength } = authority ?? {};
  if (pathLength !== undefined) constraints.push(der.smallInteger(pathLength));
  return der.sequence(
    extension(Oid.basicConstraints, true, der.sequence(...constraints)),
    // RFC 5280, 4.2.1.2, method 1.
    extension(Oid.keyIdentifier, false, der.octetString(sha1(point))),
    extension(Oid.keyUsage, true, authority === undefined ? usage.device : usage.authority),
  );
}

function extension(type: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  return der.sequence(
    der.objectIdentifier(type),
    ...(isCritical ? [der.boolean(true)] : []),
    der.octetString(value),
  );
}
