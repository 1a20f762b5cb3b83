/**
 * What a log and a witness say to each other (C2SP tlog-witness v1.0.0, "add-checkpoint"; read at commit
 * 5ba5ee8, whose clarifications of later date are followed).
 *
 *   POST <submission prefix>/add-checkpoint
 *
 *   old <size> LF                     what the witness cosigned last, as far as the log knows
 *   <base64 of 32 bytes> LF           0 to 63 lines: consistency proof from that size (RFC 6962 2.1.2);
 *                                     none when it is 0
 *   LF
 *   <the checkpoint, a signed note>
 *
 *   status  body                      when
 *   200     signature lines           cosigned; the witness remembers it
 *   400                               not of this form, or old above the checkpoint's size
 *   403                               no signature of the log's key, or a wrong one
 *   404                               a log that the witness does not know
 *   409     <size> LF, text/x.tlog.size   the witness cosigned another size last: this one
 *   422                               the proof does not hold; another root at the same size; a root that
 *                                     a tree without entries cannot have
 *
 * Sizes are decimal without leading zeroes, 0 to 2^63-1. A body has at most 64 KiB: 63 hashes and a note
 * with 16 of the longest signatures (ML-DSA-44, 3.3 kB a line) fit.
 */
import { encodeBase64 } from '../bytes/base64.ts';
import { utf8 } from '../bytes/bytes.ts';
import { maxSize } from '../tlog/merkle.ts';
import { malformed, parseDecimal, parseHash, readUtf8 } from '../tlog/text.ts';

export interface AddCheckpoint {
  /** 0 to 2^63-1. */
  readonly oldSize: bigint;
  /** 32 bytes each, at most 63. */
  readonly proof: readonly Uint8Array[];
  /** The note, verbatim; not parsed. */
  readonly note: string;
}

export const addCheckpointLimits = { bodyBytes: 65_536, proofHashes: 63 } as const;

/** What a body of add-checkpoint is called; the specification names no type for it. */
export const addCheckpointType = 'text/plain; charset=utf-8';

/** The type of an answer that holds nothing but a size. */
export const sizeType = 'text/x.tlog.size';

/**
 * The body of a request.
 *
 * @throws RangeError for more than 63 hashes, one that has not 32 bytes, and a size out of its range
 */
export function encodeAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): Uint8Array {
  if (oldSize < 0n || oldSize > maxSize) throw new RangeError(`oldSize: ${oldSize}`);
  if (proof.length > addCheckpointLimits.proofHashes) {
    throw new RangeError(`proof: ${proof.length} hashes, expected 63 at most`);
  }
  if (proof.some((hash) => hash.length !== 32)) throw new RangeError('proof: not 32 bytes each');
  const hashes = proof.map((hash) => `${encodeBase64(hash)}\n`).join('');
  return utf8(`old ${oldSize}\n${hashes}\n${note}`);
}

/**
 * Reads the body of a request. The note in it is handed on as it is.
 *
 * @throws LogError LOG_MALFORMED, whose message repeats nothing of the body
 */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  const text = readUtf8(body, 'the request', addCheckpointLimits.bodyBytes);
  // The first empty line ends the proof; the note may hold others.
  const end = text.indexOf('\n\n');
  if (end < 0) throw malformed('the request has no empty line');
  const [first = '', ...lines] = text.slice(0, end).split('\n');
  if (!first.startsWith('old ')) throw malformed('the request does not begin with "old"');
  const oldSize = parseDecimal(first.slice(4), 'the old size');
  if (lines.length > addCheckpointLimits.proofHashes) throw malformed('the proof is too long');
  return {
    oldSize,
    proof: lines.map((line) => parseHash(line, 'a line of the proof')),
    note: text.slice(end + 2),
  };
}

/**
 * Reads the size that a witness answers, a decimal and a line feed.
 *
 * @throws LogError LOG_MALFORMED
 */
export function parseSizeAnswer(body: Uint8Array): bigint {
  const text = readUtf8(body, 'the size', 20);
  if (!text.endsWith('\n')) throw malformed('the size does not end');
  return parseDecimal(text.slice(0, -1), 'the size');
}
