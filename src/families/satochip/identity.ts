/** The name that a certificate gives to a card's chip. */
import { createHash } from 'node:crypto';
import { concat } from '../../bytes/bytes.ts';
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
