/**
 * The rules of Keycards, written a second time, so that the simulator is not its own judge
 * (keycard-tech/status-keycard @a61616a; keycard-tech/keycard-go @c87945d types/certificate.go).
 * The tests first hold these against recorded answers, then hold simulated cards against these.
 */
import { createHash } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';

/** tag, value; in order, repeated tags kept. */
export type Tlv = readonly (readonly [tag: number, value: Buffer])[];

const { Point } = secp256k1;
const order = Point.Fn.ORDER;

export function hash(...parts: readonly Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

/** @throws Error when the lengths do not add up or are longer than needed */
export function parseTlv(bytes: Uint8Array): Tlv {
  const rest = Buffer.from(bytes);
  const fields: [number, Buffer][] = [];
  for (let at = 0; at < rest.length; ) {
    const tag = rest.readUInt8(at);
    const { length, size } = readLength(rest, at + 1);
    at += 1 + size;
    if (at + length > rest.length) throw new Error(`tag ${tag.toString(16)} is cut`);
    fields.push([tag, rest.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}

function readLength(bytes: Buffer, at: number): { length: number; size: number } {
  const first = bytes.readUInt8(at);
  if (first < 0x80) return { length: first, size: 1 };
  const size = first - 0x80;
  if (size !== 1 && size !== 2) throw new Error('length of a length');
  const length = bytes.readUIntBE(at + 1, size);
  if (length < (size === 1 ? 0x80 : 0x100)) throw new Error('length longer than needed');
  return { length, size: 1 + size };
}

/** Everything after the tag and length of the one outer object, whatever that length says. */
export function inside(bytes: Uint8Array, tag: number): Tlv {
  if (bytes[0] !== tag) throw new Error(`tag ${bytes[0]?.toString(16)}`);
  return parseTlv(bytes.subarray(1 + readLength(Buffer.from(bytes), 1).size));
}

/** r and s of an ECDSA-Sig-Value (RFC 3279, 2.2.3); @throws Error when it is no DER */
export function parseSignature(der: Uint8Array): { r: bigint; s: bigint } {
  const [outer, ...more] = parseTlv(der);
  if (outer?.[0] !== 0x30 || more.length > 0) throw new Error('sequence');
  const numbers = parseTlv(outer[1]);
  if (numbers.length !== 2) throw new Error('two numbers');
  const [r = 0n, s = 0n] = numbers.map(([tag, value]) => {
    const [first = 0x80, second = 0x80] = value;
    const padded = first === 0 && second < 0x80;
    if (tag !== 0x02 || first >= 0x80 || padded) throw new Error('positive number');
    return BigInt(`0x${value.toString('hex')}`);
  });
  return { r, s };
}

/** SEC 1, 4.1.4, over a digest that is given; any S. */
export function isSignedBy(der: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean {
  const { r, s } = parseSignature(der);
  if (r <= 0n || r >= order || s <= 0n || s >= order || digest.length !== 32) return false;
  const inverse = Point.Fn.inv(s);
  const e = BigInt(`0x${Buffer.from(digest).toString('hex')}`) % order;
  const sum = Point.BASE.multiplyUnsafe((e * inverse) % order).add(
    Point.fromBytes(publicKey).multiplyUnsafe((r * inverse) % order),
  );
  return !sum.is0() && sum.toAffine().x % order === r;
}

export function hasHighS(der: Uint8Array): boolean {
  return parseSignature(der).s > order / 2n;
}

/** The CA that made a certificate of 98 bytes, compressed; undefined when nobody did. */
export function caOf(certificate: Uint8Array): string | undefined {
  if (certificate.length !== 98) throw new Error(`certificate of ${certificate.length} bytes`);
  try {
    return secp256k1.Signature.fromBytes(certificate.subarray(33, 97))
      .addRecoveryBit(certificate[97] ?? 4)
      .recoverPublicKey(hash(certificate.subarray(0, 33)))
      .toHex(true);
  } catch {
    // r is the x coordinate of no point.
    return undefined;
  }
}

/** What a 4.0 card signs: label, salt and client key as they were sent, the key it answered. */
export function handshakeDigest(sent: Uint8Array, cardKey: Uint8Array): Buffer {
  return hash(Buffer.from('sc_v2_ccm', 'ascii'), sent, cardKey);
}
