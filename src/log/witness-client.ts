/**
 * Asks one witness to cosign one checkpoint. The form of what is said is in add-checkpoint.ts.
 *
 * A witness is not trusted: what it says is a result, whatever it is, and the size that it names drives
 * nothing but the next proof. A line is kept only when it verifies with that witness's key over our own
 * text; lines under other keys are ignored, as the specification says.
 *
 * A 409 with a size up to ours is followed by a proof from there: at most 3 requests in all, with a
 * pause of 10 ms, then 50 ms, since another process of this log may be at it at the same time.
 *
 * Tolerated: 403 instead of 404 for an unknown log (FiloSottile/torchwood 341dc2f, litewitness), and 409
 * without a size for another root at the same size (tlog-witness before the tag's clarifications): both
 * are refusals.
 */
import { LogError } from '../errors/error.ts';
import type { HttpFailure, HttpPost } from '../net/http.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import type { NoteKey } from '../tlog/key.ts';
import { maxNoteBytes, type NoteSignature, parseNote, parseSignatures } from '../tlog/note.ts';
import { readUtf8 } from '../tlog/text.ts';
import { verifyNoteSignature } from '../tlog/verify.ts';
import { clockTolerance } from '../tlog/witnessed.ts';
import {
  addCheckpointType,
  encodeAddCheckpoint,
  parseSizeAnswer,
  sizeType,
} from './add-checkpoint.ts';

/** A witness as the log knows it. */
export interface Witness {
  /** Of type 4 or 6: a cosignature tells its time. */
  readonly key: NoteKey;
  /** Its submission prefix, with or without a slash at the end. */
  readonly url: string;
}

/** Waits; ends early, by resolving or rejecting, when the signal aborts. */
export type Sleep = (millis: number, signal?: AbortSignal) => Promise<unknown>;

export interface Submission {
  readonly witness: Witness;
  /** The checkpoint as the log signed it. */
  readonly note: string;
  /** What the witness is thought to have cosigned last; 0 when nothing is known. */
  readonly oldSize: bigint;
  /** The consistency proof from an older size, above 0 and below the checkpoint's, to the checkpoint. */
  proofFrom(oldSize: bigint): Promise<readonly Uint8Array[]>;
  /** POSIX seconds. */
  readonly now: () => bigint;
  readonly post: HttpPost;
  readonly sleep: Sleep;
}

/** A witness that did not cosign, and why. */
export type Uncosigned =
  /** It cosigned a larger size before. Whether the log ever signed that one, the caller knows. */
  | { readonly kind: 'ahead'; readonly size: bigint }
  /** `detail` is what it says, in printable ASCII, at most 200 characters: untrusted. */
  | { readonly kind: 'refused'; readonly status: number; readonly detail: string }
  /** It said what no working witness says. */
  | { readonly kind: 'lying'; readonly detail: string }
  | { readonly kind: 'unreachable'; readonly why: HttpFailure['why'] }
  /** A fault of ours: the proof from the size that it named could not be made. */
  | { readonly kind: 'unproven'; readonly from: bigint; readonly cause: unknown };

export type WitnessResult =
  | { readonly kind: 'cosigned'; readonly signature: NoteSignature; readonly time: bigint }
  | Uncosigned;

/** What a probe found. `conflict`: the witness holds another tree of the same size, or says so. */
export type WitnessSeen =
  | { readonly kind: 'at'; readonly size: bigint }
  | { readonly kind: 'conflict'; readonly size: bigint; readonly detail: string }
  | Exclude<Uncosigned, { kind: 'ahead' | 'unproven' }>;

/** Pauses before the second and the third request. */
const pausesMillis = [10, 50] as const;

const maxDetail = 200;

/**
 * Submits a checkpoint.
 *
 * @throws LogError LOG_MALFORMED when the note is no checkpoint; what `post` throws when it is aborted.
 *   Nothing that the witness does is thrown
 */
export async function submitCheckpoint(submission: Submission): Promise<WitnessResult> {
  const ours = readOurs(submission.note);
  let oldSize = submission.oldSize < ours.size ? submission.oldSize : ours.size;
  for (const pause of [...pausesMillis, undefined]) {
    let body: Uint8Array;
    try {
      const needed = oldSize > 0n && oldSize < ours.size;
      const proof = needed ? await submission.proofFrom(oldSize) : [];
      body = encodeAddCheckpoint({ oldSize, proof, note: submission.note });
    } catch (cause) {
      return { kind: 'unproven', from: oldSize, cause };
    }
    const answer = await exchange(submission, ours, oldSize, body);
    if (answer.kind !== 'size') return answer;
    if (answer.size > ours.size) return { kind: 'ahead', size: answer.size };
    if (answer.size === oldSize) return contradiction(oldSize, ours);
    oldSize = answer.size;
    if (pause !== undefined) await submission.sleep(pause);
  }
  return { kind: 'refused', status: 409, detail: 'its size was another one with every request' };
}

/**
 * Finds out what a witness cosigned last, by submitting a checkpoint as if it were just that. No proof
 * is sent, so nothing but this very checkpoint can be cosigned.
 *
 * @param probe.note the newest checkpoint that the log signed
 * @throws LogError LOG_MALFORMED when the note is no checkpoint
 */
export async function probeWitness(
  probe: Pick<Submission, 'witness' | 'note' | 'now' | 'post'>,
): Promise<WitnessSeen> {
  const ours = readOurs(probe.note);
  const body = encodeAddCheckpoint({ oldSize: ours.size, proof: [], note: probe.note });
  const answer = await exchange(probe, ours, ours.size, body);
  switch (answer.kind) {
    case 'size':
      return answer.size === ours.size
        ? { kind: 'conflict', size: ours.size, detail: 'another root at this size' }
        : { kind: 'at', size: answer.size };
    case 'cosigned':
      return { kind: 'at', size: ours.size };
    case 'refused':
      // Nothing but the root can be wrong with a submission that needs no proof.
      return answer.status === 422 || answer.status === 409
        ? { kind: 'conflict', size: ours.size, detail: answer.detail }
        : answer;
    case 'lying':
    case 'unreachable':
      return answer;
  }
}

/** Our checkpoint: the text that is cosigned, and the size in it. */
interface Ours {
  readonly text: string;
  readonly size: bigint;
}

function readOurs(note: string): Ours {
  const { text } = parseNote(note);
  return { text, size: parseCheckpoint(text).size };
}

type Answer =
  | Extract<WitnessResult, { kind: 'cosigned' | 'refused' | 'lying' | 'unreachable' }>
  | { readonly kind: 'size'; readonly size: bigint };

/** One request and what it is worth. */
async function exchange(
  { witness, now, post }: Pick<Submission, 'witness' | 'now' | 'post'>,
  ours: Ours,
  oldSize: bigint,
  request: Uint8Array,
): Promise<Answer> {
  const reply = await post(
    `${witness.url.replace(/\/$/, '')}/add-checkpoint`,
    { 'content-type': addCheckpointType },
    request,
  );
  if (reply.kind === 'failed') return { kind: 'unreachable', why: reply.why };
  const { status, contentType, body } = reply;
  if (status === 200) return judge(witness.key, ours, body, now());
  const tellsSize = status === 409 && isSizeType(contentType);
  if (status !== 409 || (!tellsSize && oldSize === ours.size)) {
    return { kind: 'refused', status, detail: printed(body) };
  }
  const size = tellsSize ? readParsed(() => parseSizeAnswer(body)) : undefined;
  return size === undefined ? lying('it answered 409 without a size') : { kind: 'size', size };
}

function isSizeType(contentType: string | undefined): boolean {
  // Parameters such as a charset are added by some servers.
  return contentType?.split(';')[0]?.trim().toLowerCase() === sizeType;
}

/** Undefined for everything that the parser of it refuses. */
function readParsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}

/** The newest cosignature among the lines that a witness gave. */
function judge(key: NoteKey, ours: Ours, body: Uint8Array, now: bigint): Answer {
  const signatures = readParsed(() => parseSignatures(readUtf8(body, 'the answer', maxNoteBytes)));
  if (signatures === undefined) return lying('it answered 200 with something else than signatures');
  // Both must fit: a name is not a key (C2SP signed-note, "Signatures").
  const its = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId);
  let newest: { signature: NoteSignature; time: bigint } | undefined;
  for (const signature of its) {
    const verified = verifyNoteSignature(key, ours.text, signature);
    // One wrong line under a known key spoils a note, so none of them may get into ours.
    if (verified === false) return lying('its signature does not hold');
    const { time } = verified;
    if (time === undefined || time <= 0n) return lying('its signature tells no time');
    if (time > now + clockTolerance) return lying('its signature is from the future');
    if (newest === undefined || time > newest.time) newest = { signature, time };
  }
  return newest === undefined
    ? lying('it answered 200 without a signature of its key')
    : { kind: 'cosigned', ...newest };
}

function lying(detail: string): { readonly kind: 'lying'; readonly detail: string } {
  return { kind: 'lying', detail };
}

/** It names as its size the one that it was given, and says that they differ. */
function contradiction(oldSize: bigint, ours: Ours): WitnessResult {
  return oldSize === ours.size
    ? { kind: 'refused', status: 409, detail: 'another root at this size' }
    : lying('it answered 409 with the very size that was submitted');
}

/** The first line of what it says, fit for a screen. */
function printed(body: Uint8Array): string {
  const [line = ''] = Buffer.from(body.subarray(0, maxDetail)).toString('latin1').split('\n');
  return line.replace(/[^ -~]/g, '?');
}
