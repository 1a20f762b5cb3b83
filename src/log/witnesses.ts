/**
 * The witnesses of a policy, asked side by side. Each answers for itself: one that is slow, gone or lies
 * neither holds up nor spoils another, and what it says late still tells its size for the next time.
 *
 * Sizes are kept in memory only. After a restart the first submission costs one request more; a copy on
 * disk could be as old as a restored database.
 */
import type { HttpPost } from '../net/http.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { appendSignatures, encodeSignatures, type NoteSignature, parseNote } from '../tlog/note.ts';
import { isWitnessed, type Policy, quorumHolds } from '../tlog/policy.ts';
import {
  probeWitness,
  type Sleep,
  type Submission,
  submitCheckpoint,
  type Witness,
  type WitnessResult,
  type WitnessSeen,
} from './witness-client.ts';

/** What became of one witness of the policy. */
export interface WitnessReport<Result = WitnessResult> {
  /** As the policy names it. */
  readonly name: string;
  /** `pending`: it had not answered when the others were enough, or the time was over. */
  readonly result: Result | { readonly kind: 'pending' } | { readonly kind: 'no-url' };
}

export interface Gathered {
  /** The note that was handed in, with the verified cosignatures below it, in the policy's order. */
  readonly note: string;
  /** Whether they fulfil the policy's quorum. True without any where the policy asks for none. */
  readonly quorum: boolean;
  /** In the policy's order. */
  readonly results: readonly WitnessReport[];
}

export interface Witnesses {
  /**
   * Asks all to cosign. Ends when the quorum is there, all have answered, or the time is over. Where the
   * policy asks for no quorum, nothing is enough: it waits for all.
   *
   * @param note a checkpoint as the log signed it, without cosignatures
   * @param proofFrom as in Submission; called once for each witness that needs one
   * @throws LogError LOG_MALFORMED when the note is no checkpoint; what `post` throws when it is aborted
   */
  gather(note: string, proofFrom: Submission['proofFrom']): Promise<Gathered>;
  /**
   * Asks all what they cosigned last, and waits for all, or for a quorum, or until the time is over. One whose size is
   * above all that the log signed, or that is in `conflict`, has seen a log that this one no longer
   * knows, as after an old database was restored: nothing may be signed then.
   *
   * @param note the newest checkpoint that the log signed
   * @throws as `gather`
   */
  latestSeen(note: string, until: 'all' | 'quorum'): Promise<readonly WitnessReport<WitnessSeen>[]>;
}

type Named = Witness & { readonly name: string };

/**
 * @param options.timeoutMs for all witnesses together; that of `post` should not be shorter, or what a
 *   slow one says late is lost
 * @param options.now POSIX seconds
 */
export function createWitnesses(options: {
  readonly policy: Policy;
  readonly post: HttpPost;
  readonly sleep: Sleep;
  readonly now: () => bigint;
  readonly timeoutMs: number;
}): Witnesses {
  const { policy, post, sleep, now, timeoutMs } = options;
  const sizes = new Map<string, bigint>();
  const asked: readonly Named[] = policy.witnesses.flatMap(({ name, key, url }) =>
    url === undefined ? [] : [{ name, key, url }],
  );

  /** Asks all; gives what they answered until it ended. */
  async function askAll<Result>(
    ask: (witness: Named) => Promise<Result>,
    isEnough: (results: ReadonlyMap<string, Result>) => boolean,
  ): Promise<ReadonlyMap<string, Result>> {
    const results = new Map<string, Result>();
    const over = new AbortController();
    try {
      return await new Promise((resolve, reject) => {
        const end = () => resolve(results);
        for (const witness of asked) {
          ask(witness).then((result) => {
            results.set(witness.name, result);
            if (results.size === asked.length || isEnough(results)) end();
          }, reject);
        }
        if (asked.length === 0) end();
        sleep(timeoutMs, over.signal).then(end, end);
      });
    } finally {
      over.abort();
    }
  }

  const reports = <Result>(results: ReadonlyMap<string, Result>): WitnessReport<Result>[] =>
    policy.witnesses.map(({ name, url }) => ({
      name,
      result: results.get(name) ?? { kind: url === undefined ? 'no-url' : 'pending' },
    }));

  return {
    async gather(note, proofFrom) {
      const { size } = parseCheckpoint(parseNote(note).text);
      const results = await askAll(
        async (witness) => {
          const oldSize = sizes.get(witness.name) ?? 0n;
          const submission = { witness, note, oldSize, proofFrom, now, post, sleep };
          const result = await submitCheckpoint(submission);
          if (result.kind === 'cosigned') sizes.set(witness.name, size);
          if (result.kind === 'ahead') sizes.set(witness.name, result.size);
          return result;
        },
        (soFar) => isWitnessed(policy) && quorumHolds(policy, namesOf(soFar)),
      );
      const gathered = policy.witnesses.flatMap(({ name }) => signatureOf(results.get(name)));
      return {
        note: gathered.length === 0 ? note : appendSignatures(note, encodeSignatures(gathered)),
        quorum: quorumHolds(policy, namesOf(results)),
        results: reports(results),
      };
    },

    async latestSeen(note, until) {
      const results = await askAll(
        async (witness) => {
          const seen = await probeWitness({ witness, note, now, post });
          if (seen.kind === 'at') sizes.set(witness.name, seen.size);
          return seen;
        },
        (soFar) => until === 'quorum' && isWitnessed(policy) && quorumHolds(policy, toldBy(soFar)),
      );
      return reports(results);
    },
  };
}

/** The witnesses that cosigned. */
function namesOf(results: ReadonlyMap<string, WitnessResult>): ReadonlySet<string> {
  return new Set([...results].filter(([, { kind }]) => kind === 'cosigned').map(([name]) => name));
}

/** The witnesses that told their size. */
function toldBy(results: ReadonlyMap<string, WitnessSeen>): ReadonlySet<string> {
  return new Set([...results].filter(([, { kind }]) => kind === 'at').map(([name]) => name));
}

function signatureOf(result: WitnessResult | undefined): NoteSignature[] {
  return result?.kind === 'cosigned' ? [result.signature] : [];
}
