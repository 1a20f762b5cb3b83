/**
 * X.509 certificates and revocation lists for tests (RFC 5280), written apart from src/trust/der.ts
 * and from the simulated makers. Keys come from their names; nothing depends on the clock.
 */
import { createECDH, createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';

const curves = {
  secp256k1: { jwk: 'secp256k1', oid: '1.3.132.0.10', hash: 'sha256', ecdsa: 2 },
  prime256v1: { jwk: 'P-256', oid: '1.2.840.10045.3.1.7', hash: 'sha256', ecdsa: 2 },
  secp384r1: { jwk: 'P-384', oid: '1.3.132.0.34', hash: 'sha384', ecdsa: 3 },
} as const;

export interface TestKey {
  readonly privateKey: KeyObject;
  /** Compressed point. */
  readonly point: Uint8Array;
  readonly spki: Buffer;
  /** SHA-256 of `spki`, hex. */
  readonly spkiHex: string;
  readonly curve: keyof typeof curves;
}

/** The same key for the same name. */
export function keyNamed(name: string, curve: keyof typeof curves = 'prime256v1'): TestKey {
  return keyFrom(createHash(curves[curve].hash).update(name).digest(), curve);
}

/** The key of a secret number, as long as the curve has it. */
export function keyFrom(secretBytes: Uint8Array, curve: keyof typeof curves): TestKey {
  const { jwk, oid } = curves[curve];
  const ecdh = createECDH(curve);
  const secret = Buffer.from(secretBytes);
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const half = (point.length - 1) / 2;
  const text = (bytes: Buffer) => bytes.toString('base64url');
  const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)];
  const spki = sequence(
    sequence(objectId('1.2.840.10045.2.1'), objectId(oid)),
    der(0x03, Buffer.of(0), point),
  );
  return {
    privateKey: createPrivateKey({
      key: { kty: 'EC', crv: jwk, d: text(secret), x: text(x), y: text(y) },
      format: 'jwk',
    }),
    point: new Uint8Array(Buffer.from(ecdh.getPublicKey('hex', 'compressed'), 'hex')),
    spki,
    spkiHex: createHash('sha256').update(spki).digest('hex'),
    curve,
  };
}

type ExtensionName = 'basicConstraints' | 'keyUsage' | 'subjectKeyId' | 'authorityKeyId';

export interface CertificateParts {
  /** Common names. */
  readonly subject: string;
  readonly issuer: string;
  readonly key: TestKey;
  readonly signer: TestKey;
  /** The key that is told to have signed; left out: the one that did. */
  readonly keyIdOf?: TestKey;
  /** May issue others. */
  readonly ca?: boolean;
  /** Hex. */
  readonly serial?: string;
  /** YYMMDD, to the second after midnight UTC. */
  readonly from?: string;
  readonly until?: string;
  /** Left out although RFC 5280 asks for them. */
  readonly without?: readonly ExtensionName[];
  /** Basic constraints that are not critical. */
  readonly lax?: boolean;
}

/** A certificate in DER. */
export function certificate(parts: CertificateParts): Uint8Array {
  const { subject, issuer, key, signer, ca = false, serial = '01', lax = false } = parts;
  const { from = '200101', until = '491231', without = [], keyIdOf = signer } = parts;
  const all: [ExtensionName, Buffer][] = [
    ['keyUsage', extension(15, true, der(0x03, Buffer.from(ca ? '0106' : '0780', 'hex')))],
    ['subjectKeyId', extension(14, false, der(0x04, keyId(key)))],
    ['authorityKeyId', extension(35, false, sequence(der(0x80, keyId(keyIdOf))))],
  ];
  if (ca) all.push(['basicConstraints', extension(19, !lax, sequence(der(0x01, Buffer.of(255))))]);
  const kept = all.filter(([name]) => !without.includes(name)).map(([, bytes]) => bytes);
  return signed(signer, (algorithm) =>
    sequence(
      ...(kept.length > 0 ? [der(0xa0, integer('02'))] : []),
      integer(serial),
      algorithm,
      nameOf(issuer),
      sequence(time(from), time(until)),
      nameOf(subject),
      key.spki,
      ...(kept.length > 0 ? [der(0xa3, sequence(...kept))] : []),
    ),
  );
}

export interface ListParts {
  /** A common name, or a whole Name in DER. */
  readonly issuer: string | Uint8Array;
  readonly signer: TestKey;
  /** Serial numbers, hex. */
  readonly revoked: readonly string[];
  readonly from?: string;
  readonly until?: string;
}

/** A revocation list in DER. */
export function revocationList(parts: ListParts): Uint8Array {
  const { issuer, signer, revoked, from = '261101', until = '270131' } = parts;
  const entries = revoked.map((serial) => sequence(integer(serial), time(from)));
  return signed(signer, (algorithm) =>
    sequence(
      integer('01'),
      algorithm,
      typeof issuer === 'string' ? nameOf(issuer) : issuer,
      time(from),
      time(until),
      ...(entries.length > 0 ? [sequence(...entries)] : []),
      der(
        0xa0,
        sequence(
          extension(35, false, sequence(der(0x80, keyId(signer)))),
          extension(20, false, integer('07')),
        ),
      ),
    ),
  );
}

function signed(signer: TestKey, build: (algorithm: Buffer) => Buffer): Uint8Array {
  const { hash, ecdsa } = curves[signer.curve];
  const algorithm = sequence(objectId(`1.2.840.10045.4.3.${ecdsa}`));
  const tbs = build(algorithm);
  const signature = sign(hash, tbs, { key: signer.privateKey, dsaEncoding: 'der' });
  return new Uint8Array(sequence(tbs, algorithm, der(0x03, Buffer.of(0), signature)));
}

const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const keyId = (key: TestKey) => createHash('sha1').update(key.spki).digest();
const nameOf = (common: string) =>
  sequence(der(0x31, sequence(objectId('2.5.4.3'), der(0x0c, Buffer.from(common)))));
const time = (day: string) => der(0x17, Buffer.from(`${day}000000Z`));

function extension(last: number, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [der(0x01, Buffer.of(255))] : [];
  return sequence(objectId(`2.5.29.${last}`), ...flag, der(0x04, value));
}

function integer(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  return der(0x02, ...((bytes[0] ?? 0) >= 0x80 ? [Buffer.of(0)] : []), bytes);
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const digits = (arc: number): number[] =>
    arc < 128 ? [arc] : [...digits(Math.floor(arc / 128)).map((d) => d | 128), arc % 128];
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(digits)]));
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
