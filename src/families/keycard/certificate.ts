/**
 * The identity certificate: 98 bytes, loaded once by the maker.
 *
 *   key(33, compressed) r(32) s(32) recovery(1)
 *   issuer = recover(SHA-256(key), r s, recovery 0..3)
 *
 * No names, no dates, no serial. The signature names no issuer, so an altered one and a foreign issuer
 * look the same: another key. The hash covers the 33 key bytes and nothing else.
 * Source: keycard-tech/status-keycard IdentApplet.java and SharedMemory.java at 3.1.0;
 * keycard-tech/keycard-go types/certificate.go at c87945d.
 */
import { sha256 } from '../../bytes/sha256.ts';
import { EvidenceError } from '../../errors/error.ts';
import { isSecp256k1Key, recoverSecp256k1 } from '../../trust/signature.ts';
import { keycard } from './constants.ts';

export interface Certificate {
  /** All 98 bytes. */
  readonly bytes: Uint8Array;
  /** Compressed identity key, a point on the curve. */
  readonly key: Uint8Array;
}

/** @throws EvidenceError when it is not 98 bytes, or begins with no key */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length !== keycard.certificateLength) {
    throw new EvidenceError(
      `certificate: ${bytes.length} bytes, ${keycard.certificateLength} expected`,
    );
  }
  const key = bytes.subarray(0, keycard.compressedLength);
  if (!isSecp256k1Key(key))
    throw new EvidenceError('certificate: its key is no point on the curve');
  return { bytes, key };
}

/** The key that signed a certificate, compressed; undefined where no key can have. */
export function issuerOf({ bytes, key }: Certificate): Uint8Array | undefined {
  const signature = bytes.subarray(keycard.compressedLength, -1);
  return recoverSecp256k1(sha256(key), signature, bytes.at(-1) ?? -1);
}
