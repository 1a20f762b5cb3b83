/**
 * Offline proofs that an entry stands in a log (C2SP tlog-proof, draft, header version 1).
 *
 *   c2sp.org/tlog-proof@v1 LF
 *   extra <base64> LF            may be missing; signed by nobody, so never to be trusted
 *   index <decimal> LF           0 to 2^63-1
 *   <base64 of 32 bytes> LF      0 to 63 times: the sibling of the leaf first
 *   LF
 *   <the checkpoint, a signed note with its cosignatures, byte for byte>
 *
 * The entry is not inside: whoever verifies builds its bytes. Limits: those of notes, and 65,535
 * bytes of extra. Files end in .tlog-proof.
 */
import { encodeBase64 } from '../bytes/base64.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { maxNoteBytes, parseNote } from './note.ts';
import type { Policy } from './policy.ts';
import { checkText, malformed, parseBase64, parseDecimal, parseHash } from './text.ts';
import { type CheckpointRefusal, type VerifiedCheckpoint, verifyCheckpoint } from './witnessed.ts';

const header = 'c2sp.org/tlog-proof@v1';
/** A path in a tree of 2^63-1 entries. */
const maxHashes = 63;
const maxExtraBytes = 65_535;
/** The checkpoint, extra in base64, and the lines of 63 hashes. */
const maxProofBytes = maxNoteBytes + 100_000;

export interface TlogProof {
  /** 1 to 65,535 bytes that nobody signed. */
  readonly extra?: Uint8Array;
  /** 0 to 2^63-1. */
  readonly index: bigint;
  /** 0 to 63 hashes of 32 bytes, from the sibling of the leaf upwards. */
  readonly hashes: readonly Uint8Array[];
  /** The whole note, byte for byte. */
  readonly checkpoint: string;
}

export interface VerifiedProof extends VerifiedCheckpoint {
  readonly index: bigint;
}

export type ProofRefusal = CheckpointRefusal | 'not-included';

export interface RefusedProof {
  readonly kind: 'refused';
  readonly why: ProofRefusal;
  /** One sentence for people. */
  readonly detail: string;
}

/**
 * Reads a proof; its checkpoint is read as well, and not verified.
 *
 * @throws LogError LOG_MALFORMED
 */
export function parseProof(text: string): TlogProof {
  checkText(text, 'the proof', maxProofBytes);
  const split = text.indexOf('\n\n');
  if (split === -1) throw malformed('the proof has no empty line before its checkpoint');
  const lines = text.slice(0, split).split('\n', maxHashes + 4);
  if (lines.shift() !== header) throw malformed(`the proof does not begin with ${header}`);
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift() ?? '') : undefined;
  const index = parseIndex(lines.shift());
  if (lines.length > maxHashes) throw malformed(`the proof has more than ${maxHashes} hashes`);
  const hashes = lines.map((line) => parseHash(line, 'a hash of the proof'));
  const checkpoint = text.slice(split + 2);
  parseCheckpoint(parseNote(checkpoint).text);
  return { ...(extra !== undefined && { extra }), index, hashes, checkpoint };
}

/**
 * Writes a proof.
 *
 * @throws LogError LOG_MALFORMED when it could not be read back
 */
export function encodeProof(proof: TlogProof): string {
  const lines = [
    header,
    ...(proof.extra === undefined ? [] : [`extra ${encodeBase64(proof.extra)}`]),
    `index ${proof.index}`,
    ...proof.hashes.map(encodeBase64),
  ];
  const text = `${lines.join('\n')}\n\n${proof.checkpoint}`;
  parseProof(text);
  return text;
}

/**
 * Verifies a proof: log and quorum of the checkpoint first, then that the entry stands in its tree.
 * `extra` plays no part.
 *
 * @param entry the bytes of the entry, built by the caller
 * @param at now, POSIX seconds
 */
export function verifyProof(input: {
  readonly proof: TlogProof;
  readonly entry: Uint8Array;
  readonly policy: Policy;
  readonly at: bigint;
}): VerifiedProof | RefusedProof {
  const { proof, entry, policy, at } = input;
  const verified = verifyCheckpoint(proof.checkpoint, policy, at);
  if (verified.kind === 'refused') return verified;
  const { size, root } = verified.checkpoint;
  const { index, hashes } = proof;
  if (!verifyInclusion({ index, size, leaf: leafHash(entry), root, proof: hashes })) {
    const detail = `the entry does not stand at index ${index} of the tree of ${size} entries`;
    return { kind: 'refused', why: 'not-included', detail };
  }
  return { ...verified, index };
}

function parseExtra(line: string): Uint8Array {
  const extra = parseBase64(line.slice('extra '.length), 'the extra data of the proof');
  if (extra.length === 0) throw malformed('the extra data of the proof is empty');
  if (extra.length > maxExtraBytes) {
    throw malformed(`the extra data of the proof is longer than ${maxExtraBytes} bytes`);
  }
  return extra;
}

function parseIndex(line: string | undefined): bigint {
  if (!line?.startsWith('index ')) throw malformed('the proof has no index');
  return parseDecimal(line.slice('index '.length), 'the index of the proof');
}
