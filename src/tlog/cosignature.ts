/**
 * Cosignatures: a witness saying that, at a time, this was the largest tree it had seen of a log,
 * consistent with all before (C2SP tlog-cosignature; Ed25519 v1.0.1, ML-DSA-44 v1.1.0-rc.1).
 *
 * Payload of the signature line, after the key ID:
 *
 *   time       8 bytes   POSIX seconds, big-endian, at most 2^63-1
 *   signature  64 bytes (type 04) or 2420 bytes (type 06)
 *
 * Signed message of type 04; it does not hold the name, so one key serves one name only:
 *
 *   "cosignature/v1" LF "time " <decimal> LF <the whole text of the checkpoint>
 *
 * Signed message of type 06; for a checkpoint start is 0 and end its size:
 *
 *   "subtree/v1" LF 00      12 bytes
 *   length, cosigner name   1 byte, 1 to 255 bytes
 *   time                    8 bytes; 0 when no statement is made of which tree is the largest
 *   length, origin          1 byte, 1 to 255 bytes
 *   start, end              8 bytes each
 *   root                    32 bytes
 *
 * Integers are big-endian.
 */
import { concat, utf8 } from '../bytes/bytes.ts';
import { mlDsa44SignatureLength } from '../trust/ml-dsa.ts';
import type { Checkpoint } from './checkpoint.ts';
import { KeyType } from './key.ts';
import { maxSize } from './merkle.ts';
import { maxNameBytes } from './text.ts';

export interface Cosignature {
  /** POSIX seconds, 0 to 2^63-1. */
  readonly time: bigint;
  readonly signature: Uint8Array;
}

/** Types of keys that sign with a time. */
export type CosignerType = typeof KeyType.cosignature | typeof KeyType.mlDsa44;

const signatureLength: Readonly<Record<CosignerType, number>> = {
  [KeyType.cosignature]: 64,
  [KeyType.mlDsa44]: mlDsa44SignatureLength,
};

/**
 * What an Ed25519 cosigner signs (type 04).
 *
 * @param text of a checkpoint, extension lines included
 * @param time POSIX seconds, 0 to 2^63-1
 * @throws RangeError for a time out of range
 */
export function cosignatureMessage(text: string, time: bigint): Uint8Array {
  checkRange(time, 'time');
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

/**
 * What an ML-DSA-44 cosigner signs of a checkpoint (type 06). Extension lines are not in it.
 *
 * @param cosigner name of its key, 1 to 255 bytes
 * @param time POSIX seconds, 0 to 2^63-1
 * @throws RangeError for anything out of range
 */
export function subtreeMessage(
  cosigner: string,
  time: bigint,
  checkpoint: Pick<Checkpoint, 'origin' | 'size' | 'root'>,
): Uint8Array {
  if (checkpoint.root.length !== 32) throw new RangeError('root has not 32 bytes');
  return concat(
    utf8('subtree/v1\n\0'),
    short(cosigner),
    uint64(time, 'time'),
    short(checkpoint.origin),
    uint64(0n, 'start'),
    uint64(checkpoint.size, 'size'),
    checkpoint.root,
  );
}

/** Reads the payload of a cosignature; undefined for another length and a time above 2^63-1. */
export function parseCosignature(type: CosignerType, payload: Uint8Array): Cosignature | undefined {
  if (payload.length !== 8 + signatureLength[type]) return undefined;
  const time = new DataView(payload.buffer, payload.byteOffset).getBigUint64(0);
  return time > maxSize ? undefined : { time, signature: payload.slice(8) };
}

/**
 * Writes the payload of a cosignature.
 *
 * @throws RangeError for a time out of range
 */
export function encodeCosignature(cosignature: Cosignature): Uint8Array {
  return concat(uint64(cosignature.time, 'time'), cosignature.signature);
}

function short(text: string): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length === 0 || bytes.length > maxNameBytes) {
    throw new RangeError(`a name has 1 to ${maxNameBytes} bytes, not ${bytes.length}`);
  }
  return concat(Uint8Array.of(bytes.length), bytes);
}

function uint64(value: bigint, what: string): Uint8Array {
  checkRange(value, what);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

function checkRange(value: bigint, what: string): void {
  if (value < 0n || value > maxSize) {
    throw new RangeError(`${what} is not between 0 and 2^63-1`);
  }
}
