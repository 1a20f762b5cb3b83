/**
 * Reads all of a log and says whether it adds up:
 *
 *   1. its checkpoint is signed by the log, and cosigned as the policy asks
 *   2. the last tiles amount to the signed root
 *   3. every older checkpoint that is there was signed by the log, and is the beginning of this tree
 *   4. every tile of every level, and every entry, is the one that the root covers
 *
 * The first thing that is wrong ends it, as a result. What keeps a log from being read at all is an error.
 */
import { equal } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import { noQuorum, type Policy } from '../tlog/policy.ts';
import {
  type CheckpointRefusal,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from '../tlog/witnessed.ts';
import type { LogSource, OlderCheckpoint } from './source.ts';
import { verifiedBundles } from './verified-entries.ts';
import { VerifiedTiles } from './verified-tiles.ts';

export interface LogCounts {
  /** Entries that were hashed. */
  readonly entries: bigint;
  /** Tiles of hashes that were verified, bundles not counted. */
  readonly tiles: number;
  /** Checkpoints whose signature and root hold. */
  readonly checkpoints: number;
}

export type LogFault =
  | CheckpointRefusal
  /** A tile or entry that the checkpoint implies is not there. */
  | 'missing'
  /** A tile, bundle or older checkpoint has not the form that it must have. */
  | 'malformed'
  /** A tile or entry is not the one that the root covers. */
  | 'altered'
  /** The log signed another history before. */
  | 'forked';

export type LogCheck =
  | {
      readonly kind: 'sound';
      /** Undefined where nothing is published yet. */
      readonly checkpoint: VerifiedCheckpoint | undefined;
      /** Entries in the tree, which may be more than are published. */
      readonly size: bigint;
      readonly counts: LogCounts;
    }
  | {
      readonly kind: 'wrong';
      readonly why: LogFault;
      /** One sentence for people. */
      readonly detail: string;
      /** What was found to hold before. */
      readonly counts: LogCounts;
    };

/** Older checkpoints that are read at once. */
const page = 256;

/**
 * @param input.at now, POSIX seconds
 * @param input.onProgress told how many entries of how many are done
 * @throws LogError LOG_UNSUITABLE where there is no log, LOG_UNAVAILABLE where it cannot be read; the
 *   reason of `signal` when it is aborted
 */
export async function checkLog(input: {
  readonly source: LogSource;
  readonly policy: Policy;
  readonly at: bigint;
  readonly onProgress?: ((done: bigint, total: bigint) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<LogCheck> {
  const { source, policy, at, onProgress, signal } = input;
  let entries = 0n;
  let checkpoints = 0;
  let tiles: VerifiedTiles | undefined;
  let hasLog = false;
  const wrong = (why: LogFault, detail: string): LogCheck => {
    const counts = { entries, tiles: tiles?.count ?? 0, checkpoints };
    return { kind: 'wrong', why, detail, counts };
  };
  try {
    const note = await source.checkpoint();
    hasLog = true;
    const verified = note === undefined ? undefined : verifyCheckpoint(note, policy, at);
    if (verified?.kind === 'refused') return wrong(verified.why, sentence(verified.detail));
    const checkpoint = verified?.checkpoint;
    const head = (await source.head?.()) ?? checkpoint;
    if (head === undefined) return wrong('missing', `${source.place} has no tree.`);
    tiles = await VerifiedTiles.open(source, head);
    if (checkpoint !== undefined) {
      if (!(await isWithin(tiles, checkpoint))) {
        return wrong('forked', `The published checkpoint of ${source.place} is of another tree.`);
      }
      checkpoints++;
    }
    for await (const older of olderCheckpoints(source)) {
      signal?.throwIfAborted();
      // Signed while this was read: it is above what is checked here, and no fork.
      if (older.size > head.size && (await grownTo(source)) >= older.size) continue;
      const refusal = await refusalOf(older, tiles, policy, at);
      if (refusal !== undefined) return wrong(refusal.why, refusal.detail);
      if (older.note !== note) checkpoints++;
    }
    for await (const bundle of verifiedBundles(source, tiles)) {
      signal?.throwIfAborted();
      entries += BigInt(bundle.entries.length);
      onProgress?.(entries, head.size);
    }
    const counts = { entries, tiles: tiles.count, checkpoints };
    return { kind: 'sound', checkpoint: verified, size: head.size, counts };
  } catch (error) {
    const why = error instanceof LogError ? faultOf(error, hasLog) : undefined;
    if (why === undefined || !(error instanceof LogError)) throw error;
    return wrong(why, error.message);
  }
}

/** What an error of reading says about the log; undefined where it says nothing. */
function faultOf({ code }: LogError, hasLog: boolean): LogFault | undefined {
  if (code === 'LOG_MALFORMED') return 'malformed';
  if (code === 'LOG_WRONG') return 'altered';
  return code === 'LOG_UNSUITABLE' && hasLog ? 'missing' : undefined;
}

/** The size of a tree that may grow while it is read; 0 where there is only what is published. */
async function grownTo(source: LogSource): Promise<bigint> {
  return (await source.head?.())?.size ?? 0n;
}

async function* olderCheckpoints(source: LogSource): AsyncGenerator<OlderCheckpoint> {
  let after = -1n;
  for (;;) {
    const found = await source.signedAfter(after, page);
    yield* found;
    const last = found.at(-1);
    if (last === undefined) return;
    after = last.size;
  }
}

async function refusalOf(
  older: OlderCheckpoint,
  tiles: VerifiedTiles,
  policy: Policy,
  at: bigint,
): Promise<{ readonly why: LogFault; readonly detail: string } | undefined> {
  // Before it was published no witness had to stand behind it: the log's own signature makes it count.
  const alone = { ...policy, witnesses: [], groups: [], quorum: noQuorum };
  const name = `The checkpoint of ${older.size} entries`;
  const verified = verifyCheckpoint(older.note, alone, at);
  if (verified.kind === 'refused') {
    return { why: verified.why, detail: `${name} is not the log's: ${verified.detail}.` };
  }
  const { checkpoint } = verified;
  const isAsKept = older.root === undefined || equal(older.root, checkpoint.root);
  if (checkpoint.size !== older.size || !isAsKept) {
    return { why: 'malformed', detail: `${name} is in truth another one.` };
  }
  if (await isWithin(tiles, checkpoint)) return undefined;
  return { why: 'forked', detail: `${name} is not the beginning of the tree as it is now.` };
}

/** True when a tree is the beginning of this one. */
export async function isWithin(
  tiles: VerifiedTiles,
  { size, root }: VerifiedTiles['head'],
): Promise<boolean> {
  return size <= tiles.head.size && equal(await tiles.rootAt(size), root);
}

function sentence(detail: string): string {
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1).replace(/\.$/, '')}.`;
}
