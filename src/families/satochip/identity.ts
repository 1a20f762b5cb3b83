/** Names derived from a card's key, and from its chip. */
import { createHash } from 'node:crypto';
import { concat } from '../../bytes/bytes.ts';
import { compressedSecp256k1 } from '../../trust/signature.ts';
import type { Certificate } from '../../trust/x509/certificate.ts';
import type { ChipObjects } from '../platform.ts';

/**
 * The name that the maker's certificate gives to a chip: hex of SHA-1 over CPLC, issuer number and
 * card number, each as the chip gave it; what it did not give counts for nothing
 * (pysatochip CardConnector.py, RemovalObserver.update, at 6f3aa4e).
 */
export function chipName({ cplc, issuerNumber, cardNumber }: ChipObjects): string {
  const nothing = new Uint8Array();
  const parts = concat(cplc ?? nothing, issuerNumber ?? nothing, cardNumber ?? nothing);
  return createHash('sha1').update(parts).digest('hex');
}

/** The key of a certificate, compressed; undefined where it is none on secp256k1. */
export function certificateKey({ publicKey }: Certificate): Uint8Array | undefined {
  return compressedSecp256k1(publicKey);
}
