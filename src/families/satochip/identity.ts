/** Names derived from a card's key, and from its chip. */
import { createHash } from 'node:crypto';
import { concat } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/sha256.ts';
import type { Certificate } from '../../trust/x509/certificate.ts';
import type { ChipObjects } from '../platform.ts';

const nameDigits = 20;

/**
 * A short name for a key: the first 20 hex digits of SHA-256 of its compressed form.
 *
 * @param publicKey compressed, 33 bytes
 */
export function keyName(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey)).slice(0, nameDigits);
}

/**
 * The number of a card in groups of four. The maker prints none that we know of, so this one is ours.
 */
export function cardNumber(publicKey: Uint8Array): string {
  return (keyName(publicKey).match(/.{4}/g) ?? []).join(' ');
}

/**
 * The name that the maker's certificate gives to a chip: hex of SHA-1 over CPLC, issuer number and
 * card number, each as the chip gave it; what it did not give counts for nothing
 * (pysatochip CardConnector.py, RemovalObserver.update, at 6f3aa4e).
 */
export function chipName({ cplc, issuerNumber, cardNumber: number }: ChipObjects): string {
  const nothing = new Uint8Array();
  const parts = concat(cplc ?? nothing, issuerNumber ?? nothing, number ?? nothing);
  return createHash('sha1').update(parts).digest('hex');
}

/** The key of a certificate, compressed; undefined where it is none on secp256k1. */
export function certificateKey({ publicKey }: Certificate): Uint8Array | undefined {
  if (publicKey.algorithm !== 'secp256k1') return undefined;
  // The end of a SubjectPublicKeyInfo is the point (RFC 5480), uncompressed and on the curve as
  // trust/public-key.ts takes no other.
  const x = publicKey.spki.subarray(-64, -32);
  return concat(Uint8Array.of(2 + ((publicKey.spki.at(-1) ?? 0) & 1)), x);
}
