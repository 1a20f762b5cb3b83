/**
 * A checkpoint held against a policy: signed by a log of it, and cosigned by its quorum.
 *
 * In this order:
 *   1. the bytes are a signed note, and its text a checkpoint
 *   2. the origin is that of a log of the policy
 *   3. every line of a key of the policy verifies, and a key of that log is among them
 *   4. the witnesses that cosigned, each counted once, make up the quorum
 *
 * A cosignature more than five minutes ahead of `at` does not count: a witness that dates ahead would
 * make an old tree look fresh for as long as it likes. Neither does one with the time 0, which says
 * nothing about when (C2SP tlog-cosignature). How old a cosignature may be is for the caller to say.
 *
 * A second signature of the log under a key that the policy does not know (ML-DSA-44, as a rule) is
 * ignored like every unknown line.
 */
import { LogError } from '../errors/error.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { NoteKey } from './key.ts';
import { type Note, parseNote } from './note.ts';
import { isWitnessed, type Policy, quorumHolds } from './policy.ts';
import { shown } from './text.ts';
import { openNote, type VerifiedSignature } from './verify.ts';

/** Seconds that a witness's clock may be ahead of ours. */
export const clockTolerance = 300n;

/** One witness that counted, with the newest time it gave. */
export interface PolicyCosignature {
  /** Name of the witness in the policy. */
  readonly name: string;
  /** POSIX seconds. */
  readonly time: bigint;
}

export interface VerifiedCheckpoint {
  readonly kind: 'verified';
  readonly checkpoint: Checkpoint;
  /** The key of the log that signed. */
  readonly log: NoteKey;
  /** Those that count, in the order of the policy. */
  readonly cosignatures: readonly PolicyCosignature[];
  /** False when the policy asks for no witness: one log alone then says all this. */
  readonly witnessed: boolean;
}

export type CheckpointRefusal =
  | 'malformed'
  | 'unknown-log'
  | 'wrong-signature'
  | 'quorum-missing'
  | 'future-cosignature';

export interface RefusedCheckpoint {
  readonly kind: 'refused';
  readonly why: CheckpointRefusal;
  /** One sentence for people. */
  readonly detail: string;
}

/**
 * Verifies a checkpoint against a policy.
 *
 * @param noteText the whole note, signatures included
 * @param at now, POSIX seconds
 * @returns refused with `wrong-signature` also when no key of that log signed; with
 *   `future-cosignature` when cosignatures that are dated ahead would have made up the quorum
 */
export function verifyCheckpoint(
  noteText: string,
  policy: Policy,
  at: bigint,
): VerifiedCheckpoint | RefusedCheckpoint {
  const read = readCheckpoint(noteText);
  if (typeof read === 'string') return refused('malformed', read);
  const { note, checkpoint } = read;

  const logs = policy.logs.filter((log) => log.origin === checkpoint.origin);
  if (logs.length === 0) {
    return refused('unknown-log', `the policy names no log "${shown(checkpoint.origin)}"`);
  }

  const opened = openNote(
    note,
    [...policy.logs, ...policy.witnesses].map(({ key }) => key),
  );
  if (opened.kind === 'refused' && opened.why === 'wrong-signature') {
    return refused('wrong-signature', `the signature of ${opened.name} does not hold`);
  }
  const signatures = opened.kind === 'verified' ? opened.signatures : [];
  const log = logs.find(({ key }) => signatures.some((signature) => signature.key === key))?.key;
  if (log === undefined) {
    return refused('wrong-signature', `no key of the log "${checkpoint.origin}" signed`);
  }

  const latest = at + clockTolerance;
  const cosignatures = cosignaturesOf(policy, signatures, (time) => time <= latest);
  if (!holds(policy, cosignatures)) {
    const all = cosignaturesOf(policy, signatures, () => true);
    return holds(policy, all)
      ? refused('future-cosignature', `without cosignatures dated after ${latest} no quorum holds`)
      : refused('quorum-missing', missing(policy, cosignatures));
  }
  return { kind: 'verified', checkpoint, log, cosignatures, witnessed: isWitnessed(policy) };
}

function readCheckpoint(
  noteText: string,
): { readonly note: Note; readonly checkpoint: Checkpoint } | string {
  try {
    const note = parseNote(noteText);
    return { note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    if (error instanceof LogError) return error.message;
    throw error;
  }
}

/** One for every witness with a time that counts: the newest of those. */
function cosignaturesOf(
  policy: Policy,
  signatures: readonly VerifiedSignature[],
  counts: (time: bigint) => boolean,
): readonly PolicyCosignature[] {
  return policy.witnesses.flatMap(({ name, key }) => {
    const times = signatures
      .filter((signature) => signature.key === key)
      .map(({ time }) => time ?? 0n)
      .filter((time) => time > 0n && counts(time));
    const [first, ...others] = times;
    if (first === undefined) return [];
    return [
      { name, time: others.reduce((newest, time) => (time > newest ? time : newest), first) },
    ];
  });
}

function holds(policy: Policy, cosignatures: readonly PolicyCosignature[]): boolean {
  return quorumHolds(policy, new Set(cosignatures.map(({ name }) => name)));
}

function missing(policy: Policy, cosignatures: readonly PolicyCosignature[]): string {
  const names = cosignatures.map(({ name }) => name).join(', ');
  return `the quorum "${policy.quorum}" needs more cosignatures than those of: ${names || 'nobody'}`;
}

function refused(why: CheckpointRefusal, detail: string): RefusedCheckpoint {
  return { kind: 'refused', why, detail };
}
