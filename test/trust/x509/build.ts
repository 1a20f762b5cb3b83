/** Certificates and revocation lists, right ones and wrong ones: every field can be chosen. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { sha256 } from '../../../src/bytes/sha256.ts';
import {
  asn1Null,
  bits,
  boolean,
  explicit,
  integer,
  octets,
  oid,
  sequence,
  set,
  time,
  tlv,
  utf8String,
} from '../der-encode.ts';

export interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const ecPair = (namedCurve = 'P-256'): Pair => generateKeyPairSync('ec', { namedCurve });

export const spkiOf = ({ publicKey }: Pair): Uint8Array =>
  new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));

/** An identifier for a key; any bytes would do. */
export const keyIdOf = (pair: Pair): Uint8Array => sha256(spkiOf(pair)).slice(0, 20);

export const name = (commonName: string): Uint8Array =>
  sequence(set(sequence(oid('2.5.4.3'), utf8String(commonName))));

export const algorithm = {
  sha1: sequence(oid('1.2.840.10045.4.1')),
  sha256: sequence(oid('1.2.840.10045.4.3.2')),
  sha256WithNull: sequence(oid('1.2.840.10045.4.3.2'), asn1Null),
  sha384: sequence(oid('1.2.840.10045.4.3.3')),
  rsaSha256: sequence(oid('1.2.840.113549.1.1.11'), asn1Null),
} as const;

export const extension = (id: string, critical: boolean, ...value: readonly Uint8Array[]) =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(...value));

/** Extensions by their names, as a certificate has them in order. */
export type Extensions = Readonly<Record<string, Uint8Array>>;

export const ca = (pathLength?: number) =>
  extension(
    '2.5.29.19',
    true,
    sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])),
  );
export const keyUsage = (byte: number, unused: number) =>
  extension('2.5.29.15', true, bits(Uint8Array.of(byte), unused));
export const certSign = keyUsage(0x04, 2);
export const certAndCrlSign = keyUsage(0x06, 1);
export const digitalSignature = keyUsage(0x80, 7);
export const extendedKeyUsage = (critical: boolean, ...purposes: readonly string[]) =>
  extension('2.5.29.37', critical, sequence(...purposes.map(oid)));
export const subjectKeyId = (pair: Pair) => extension('2.5.29.14', false, octets(keyIdOf(pair)));
export const authorityKeyId = (pair: Pair) =>
  extension('2.5.29.35', false, sequence(tlv(0x80, keyIdOf(pair))));

export interface CertificateForm {
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly key: Pair;
  readonly signer: Pair;
  /** 0 is version 1; undefined leaves the field out. */
  readonly version: number | undefined;
  readonly serial: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly outerAlgorithm: Uint8Array;
  readonly hash: string;
  readonly notBefore: Uint8Array;
  readonly notAfter: Uint8Array;
  readonly spki: Uint8Array;
  readonly extensions: Extensions;
  /** What stands after the extensions. */
  readonly more: readonly Uint8Array[];
  readonly alter: (signature: Uint8Array) => Uint8Array;
}

export const notBefore = '2020-01-01T00:00:00Z';
export const notAfter = '2040-01-01T00:00:00Z';

/** A certificate, of version 3, valid from 2020 to 2040, ECDSA with SHA-256. */
export function certificate(
  form: Pick<CertificateForm, 'subject' | 'issuer' | 'key' | 'signer'> & Partial<CertificateForm>,
): Uint8Array {
  const inner = form.algorithm ?? algorithm.sha256;
  const version = 'version' in form ? form.version : 2;
  const extensions = Object.values(form.extensions ?? {});
  const tbs = sequence(
    ...(version === undefined ? [] : [explicit(0, integer(version))]),
    form.serial ?? integer(1),
    inner,
    form.issuer,
    sequence(form.notBefore ?? time(notBefore), form.notAfter ?? time(notAfter)),
    form.subject,
    form.spki ?? spkiOf(form.key),
    ...(extensions.length === 0 ? [] : [explicit(3, sequence(...extensions))]),
    ...(form.more ?? []),
  );
  const signature = new Uint8Array(sign(form.hash ?? 'sha256', tbs, form.signer.privateKey));
  const alter = form.alter ?? ((bytes) => bytes);
  return sequence(tbs, form.outerAlgorithm ?? inner, bits(alter(signature)));
}

export interface CrlForm {
  readonly issuer: Uint8Array;
  readonly signer: Pair;
  readonly thisUpdate: string;
  readonly nextUpdate: string | undefined;
  readonly entries: readonly Uint8Array[];
  readonly extensions: readonly Uint8Array[];
  readonly algorithm: Uint8Array;
  readonly outerAlgorithm: Uint8Array;
  readonly version: number;
  readonly hash: string;
  readonly alter: (signature: Uint8Array) => Uint8Array;
}

export const entry = (serial: Uint8Array, ...extensions: readonly Uint8Array[]) =>
  sequence(
    serial,
    time('2023-01-01T00:00:00Z'),
    ...(extensions.length === 0 ? [] : [sequence(...extensions)]),
  );

/** A revocation list of 2024, ECDSA with SHA-256. */
export function crl(form: Pick<CrlForm, 'issuer' | 'signer'> & Partial<CrlForm>): Uint8Array {
  const inner = form.algorithm ?? algorithm.sha256;
  const next = 'nextUpdate' in form ? form.nextUpdate : '2025-01-01T00:00:00Z';
  const tbs = sequence(
    integer(form.version ?? 1),
    inner,
    form.issuer,
    time(form.thisUpdate ?? '2024-01-01T00:00:00Z'),
    ...(next === undefined ? [] : [time(next)]),
    // At once: there may be more of them than a call takes arguments.
    ...(form.entries?.length ? [sequence(Buffer.concat(form.entries))] : []),
    ...(form.extensions?.length ? [explicit(0, sequence(...form.extensions))] : []),
  );
  const signature = new Uint8Array(sign(form.hash ?? 'sha256', tbs, form.signer.privateKey));
  const alter = form.alter ?? ((bytes) => bytes);
  return sequence(tbs, form.outerAlgorithm ?? inner, bits(alter(signature)));
}
