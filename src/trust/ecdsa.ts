/**
 * ECDSA signatures, their two forms: r and s side by side, each as long as the order of the curve
 * (IEEE P1363), and SEQUENCE { r INTEGER, s INTEGER } in DER (RFC 3279 section 2.2.3). In both, r and
 * s lie between 1 and the order less 1 (SEC 1 section 4.1.4, step 1).
 */
import { concat } from '../bytes/bytes.ts';
import { EvidenceError } from '../errors/error.ts';
import { Fields, parseDer, readPositive, Tag } from './der.ts';

/**
 * Reads a signature in DER.
 *
 * @param scalarLength bytes of the order of the curve: 32 for secp256k1
 * @returns r followed by s, twice `scalarLength` bytes; undefined for BER, bytes after the end, and r
 *   or s that is zero, negative or longer
 */
export function parseEcdsaDer(signature: Uint8Array, scalarLength: number): Uint8Array | undefined {
  const field = 'signature';
  try {
    // Two INTEGERs, each with a byte for the sign, three headers.
    const root = parseDer(signature, { field, maxBytes: 2 * scalarLength + 16, maxElements: 3 });
    const fields = new Fields(root, field);
    const [r, s] = ['r', 's'].map((name) =>
      readPositive(fields.take(Tag.integer, name), name, scalarLength + 1),
    );
    fields.end();
    if (r === undefined || s === undefined) return undefined;
    if (r.length > scalarLength || s.length > scalarLength) return undefined;
    return concat(pad(r, scalarLength), pad(s, scalarLength));
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}

/**
 * True when the bytes are r and s in the range that the order allows. OpenSSL checks this too; a
 * signature of zeros must not hold even where it should once forget.
 *
 * @param order big-endian; r and s have its length
 */
export function scalarsInRange(signature: Uint8Array, order: Uint8Array): boolean {
  const length = order.length;
  if (signature.length !== 2 * length) return false;
  return [signature.subarray(0, length), signature.subarray(length)].every(
    (scalar) => scalar.some((byte) => byte !== 0) && Buffer.compare(scalar, order) < 0,
  );
}

function pad(bytes: Uint8Array, length: number): Uint8Array {
  return concat(new Uint8Array(length - bytes.length), bytes);
}
