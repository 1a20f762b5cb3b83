/**
 * Makes or continues a copy of somebody's log, as a stranger: nothing is believed that the signed root does
 * not cover, and nothing is kept before.
 *
 *   1. the checkpoint must be signed by the log of the policy, and cosigned as it asks
 *   2. the last tiles must amount to its root
 *   3. what the copy holds already must be the beginning of it. Else the log has forked: the two
 *      checkpoints, each signed by the log, are kept beside each other, and nothing else is touched
 *   4. each bundle and the tiles above it are held against the root, then kept
 *   5. the copy's own tree, made from its entries, must have that root; then the checkpoint is kept
 *
 * A run that broke off is continued by the next. Several at once do the same steps and do no harm.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { LogError } from '../errors/error.ts';
import type { LogStore, StoredCheckpoint } from '../store/log-store.ts';
import { encodeKey } from '../tlog/key.ts';
import { sameHead } from '../tlog/merkle.ts';
import { encodePolicy, type Policy } from '../tlog/policy.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from '../tlog/witnessed.ts';
import { isWithin } from './check.ts';
import { openRows } from './folder.ts';
import { Integrator } from './integrator.ts';
import { keepEvidence, mirrorPolicy, openMirror } from './mirror.ts';
import { createReader } from './reader.ts';
import { type LogSource, rowsSource } from './source.ts';
import { type VerifiedBundle, verifiedBundles } from './verified-entries.ts';
import { VerifiedTiles } from './verified-tiles.ts';

export interface ImportResult {
  /** `behind`: the copy holds more than the source, and the source is the beginning of it. */
  readonly kind: 'copied' | 'unchanged' | 'behind';
  /** That of the source. */
  readonly checkpoint: VerifiedCheckpoint;
  /** Entries that the copy had before, and has now. */
  readonly from: bigint;
  readonly size: bigint;
}

interface ImportOptions {
  readonly source: LogSource;
  /** Of the copy; made where there is none. */
  readonly folder: string;
  /** Needed for a new copy; for an old one it must be the one that it was made with. */
  readonly policy?: Policy | undefined;
  /** Now, POSIX seconds. */
  readonly at: bigint;
  /** What an entry is to be found by, 1 to 64 bytes. */
  readonly keyOf?: ((entry: Uint8Array) => Uint8Array | undefined) | undefined;
  readonly onProgress?: ((done: bigint, total: bigint) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @throws LogError LOG_UNSUITABLE when the folder is no copy of that log, there is no policy, or the log
 *   holds the same entry twice; LOG_MALFORMED, LOG_WRONG for a source that does not add up, is not signed as
 *   the policy asks, or has forked; LOG_UNAVAILABLE
 */
export async function importLog(options: ImportOptions): Promise<ImportResult> {
  const { source, folder, at } = options;
  const policy = await requirePolicy(folder, options.policy);
  const { note, verified } = await requireCheckpoint(source, policy, at);
  const { origin, size, root } = verified.checkpoint;
  await requireSameRoot(options, { size, root, note });
  const tiles = await VerifiedTiles.open(source, { size, root });

  const store = await openMirror(folder, policy, { origin, key: encodeKey(verified.log) });
  try {
    const latest = await store.latestSigned();
    const from = latest?.size ?? 0n;
    const theirs = { size, root, note };
    if (latest !== undefined) await requireOneHistory(latest, theirs, tiles, options, store);
    if (latest !== undefined && latest.size >= size) {
      if (latest.size === size) await refresh(store, theirs, verified, policy, at);
      const kind = latest.size > size ? 'behind' : 'unchanged';
      return { kind, checkpoint: verified, from, size: from };
    }
    await copyEntries(options, tiles, store);
    await keepCheckpoint(store, theirs);
    return { kind: 'copied', checkpoint: verified, from, size };
  } finally {
    await store.close();
  }
}

async function hasRows(folder: string): Promise<boolean> {
  return (await stat(join(folder, 'log.db')).catch(() => undefined)) !== undefined;
}

async function requirePolicy(folder: string, given: Policy | undefined): Promise<Policy> {
  const kept = await mirrorPolicy(folder);
  if (kept !== undefined && given !== undefined && encodePolicy(kept) !== encodePolicy(given)) {
    throw new LogError(
      'LOG_UNSUITABLE',
      `The copy in ${folder} was made by another policy, and is continued by that one alone.`,
    );
  }
  const policy = kept ?? given;
  if (policy !== undefined) return policy;
  throw new LogError(
    'LOG_UNSUITABLE',
    `A new copy needs the policy of its log; ${folder} has none.`,
  );
}

async function requireCheckpoint(
  source: LogSource,
  policy: Policy,
  at: bigint,
): Promise<{ readonly note: string; readonly verified: VerifiedCheckpoint }> {
  const note = await source.checkpoint();
  if (note === undefined) {
    throw new LogError('LOG_UNSUITABLE', `${source.place} has published nothing yet.`);
  }
  const verified = verifyCheckpoint(note, policy, at);
  if (verified.kind === 'verified') return { note, verified };
  throw new LogError(
    verified.why === 'malformed' ? 'LOG_MALFORMED' : 'LOG_WRONG',
    `The checkpoint of ${source.place} is not to be believed: ${verified.detail}.`,
  );
}

/**
 * Two roots for one size are a fork that needs no tile to be proven: whoever forks might serve none.
 * (Where the copy is not there yet, there is nothing to compare with.)
 */
async function requireSameRoot(options: ImportOptions, theirs: StoredCheckpoint): Promise<void> {
  const { folder } = options;
  if (!(await hasRows(folder))) return;
  const store = await openRows(folder);
  try {
    const ours = await store.signedAt(theirs.size);
    if (ours !== undefined && !sameHead(ours, theirs)) throw await forked([ours, theirs], options);
  } finally {
    await store.close();
  }
}

/** The smaller of two checkpoints must be the beginning of the larger one's tree. */
async function requireOneHistory(
  ours: StoredCheckpoint,
  theirs: StoredCheckpoint,
  tiles: VerifiedTiles,
  options: ImportOptions,
  store: LogStore,
): Promise<void> {
  const isOne =
    ours.size <= theirs.size
      ? await isWithin(tiles, ours)
      : await isWithin(await VerifiedTiles.open(rowsSource(store), ours), theirs);
  if (!isOne) throw await forked([ours, theirs], options);
}

/** Keeps the two checkpoints, and says so. */
async function forked(
  forks: readonly StoredCheckpoint[],
  { folder, source }: ImportOptions,
): Promise<LogError> {
  const where = await keepFork(folder, forks).catch(() => undefined);
  const kept = where === undefined ? 'could not be kept' : `are in ${where}`;
  return new LogError(
    'LOG_WRONG',
    `The log has forked: ${source.place} does not fit together with the copy in ${folder}. The two checkpoints, both signed by it, ${kept}.`,
  );
}

async function keepFork(folder: string, forks: readonly StoredCheckpoint[]): Promise<string> {
  const paths: string[] = [];
  for (const { size, root, note } of forks) {
    paths.push(await keepEvidence(folder, `fork-${size}-${toHex(root).slice(0, 16)}`, note));
  }
  return paths.join(' and ');
}

/** Of the same tree the checkpoint that was cosigned last is the better one. */
async function refresh(
  store: LogStore,
  theirs: StoredCheckpoint,
  verified: VerifiedCheckpoint,
  policy: Policy,
  at: bigint,
): Promise<void> {
  const published = await store.published();
  const own = published && verifyCheckpoint(published.note, policy, at);
  if (own?.kind !== 'verified' || newest(own) < newest(verified)) await store.publish(theirs);
}

function newest({ cosignatures }: VerifiedCheckpoint): bigint {
  return cosignatures.reduce((last, { time }) => (time > last ? time : last), 0n);
}

async function copyEntries(
  options: ImportOptions,
  tiles: VerifiedTiles,
  store: LogStore,
): Promise<void> {
  const { source, onProgress, signal } = options;
  // What was sequenced after that was never signed: it is held against the source again.
  const from = (await store.head()).size;
  for await (const bundle of verifiedBundles(source, tiles, from)) {
    signal?.throwIfAborted();
    await keepBundle(bundle, options, store);
    onProgress?.(bundle.first + BigInt(bundle.entries.length), tiles.head.size);
  }
}

async function keepBundle(
  { first, entries, leaves }: VerifiedBundle,
  { keyOf, source }: ImportOptions,
  store: LogStore,
): Promise<void> {
  const kept = await store.entries(first, leaves.length);
  if (kept.some(({ index, leaf }) => !equal(leaf, leaves[Number(index - first)] ?? leaf))) {
    throw new LogError('LOG_WRONG', `${store.place} holds other entries than ${source.place}.`);
  }
  const added = entries.flatMap((bytes, at) => {
    const leaf = leaves[at];
    return at < kept.length || leaf === undefined ? [] : [{ leaf, bytes }];
  });
  const start = first + BigInt(kept.length);
  const seen = new Set<string>();
  for (const [at, { leaf }] of added.entries()) {
    const name = toHex(leaf);
    const index = await store.find(leaf);
    if (seen.has(name) || (index !== undefined && index !== start + BigInt(at))) {
      // The rows keep an entry once: they are made for logs that record a repeated one only once.
      throw new LogError(
        'LOG_UNSUITABLE',
        `${source.place} cannot be copied: entry ${start + BigInt(at)} is the same as an earlier one.`,
      );
    }
    seen.add(name);
  }
  const results = await store.sequence(
    added.map(({ leaf, bytes }) => ({ leaf, bytes, key: keyOf?.(bytes), quotas: [] })),
  );
  const isInPlace = results.every(
    (result, at) => result.kind !== 'over-quota' && result.index === start + BigInt(at),
  );
  if (!isInPlace) throw new LogError('LOG_WRONG', `${store.place} is written to by somebody else.`);
}

async function keepCheckpoint(store: LogStore, checkpoint: StoredCheckpoint): Promise<void> {
  const integrator = await Integrator.open(store);
  const { head } = await integrator.run();
  if (head.size < checkpoint.size) {
    throw new LogError('LOG_WRONG', `${store.place} lost entries while it was copied.`);
  }
  await createReader(store).consistency(checkpoint, head);
  const isKept = (await store.sign(checkpoint)) && (await store.publish(checkpoint));
  const latest = await store.latestSigned();
  // Another run may have copied a larger one meanwhile.
  if (!isKept && (latest === undefined || latest.size <= checkpoint.size)) {
    throw new LogError(
      'LOG_WRONG',
      `${store.place} does not take the checkpoint that it amounts to.`,
    );
  }
}
