/** `touchstone log prove`: shows that an entry is in a log, or that a log only grew. */
import { resolve } from 'node:path';
import { parseEntry } from '../../src/activation/entry.ts';
import { encodeReceipt } from '../../src/activation/receipt.ts';
import { encodeBase64 } from '../../src/bytes/base64.ts';
import { LogError, UsageError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { createReader } from '../../src/log/reader.ts';
import { fill } from '../../src/report/texts.ts';
import { unwitnessedNote } from '../../src/report/texts-log.ts';
import { consistencyText, proveText } from '../../src/report/texts-log-screen.ts';
import type { LogStore, StoredCheckpoint } from '../../src/store/log-store.ts';
import { leafHash, maxSize } from '../../src/tlog/merkle.ts';
import { isWitnessed } from '../../src/tlog/policy.ts';
import { encodeProof, verifyProof } from '../../src/tlog/proof.ts';
import { maxEntryBytes } from '../../src/tlog/tile.ts';
import { verifyCheckpoint } from '../../src/tlog/witnessed.ts';
import type { Deps } from '../deps.ts';
import { readBinaryFile, requireNewFile, writeNewFile } from '../files.ts';
import { renderFacts } from '../ui/facts.ts';
import { jsonLine, printable } from '../ui/printable.ts';
import { type ScreenOptions, styleFor } from '../ui/style.ts';
import {
  type Place,
  type PlaceOptions,
  problemOf,
  readOnlyText,
  requirePolicy,
  withPlace,
} from './place.ts';
import { publishedOf, refusalError } from './published.ts';
import { proven, withLog } from './record.ts';

/** A log or a copy: its rows are here. */
type Kept = Extract<Place, { readonly store: LogStore }>;

export interface ProveOptions extends ScreenOptions, PlaceOptions {
  /** A file with the bytes of the entry, in place of its index. */
  readonly entry?: string;
  /** An older size. */
  readonly consistency?: string;
  readonly out?: string;
  readonly receipt?: string;
}

export async function proveFromLog(
  index: string | undefined,
  options: ProveOptions,
  deps: Deps,
): Promise<Exit> {
  const given = [index, options.entry, options.consistency].filter((each) => each !== undefined);
  if (given.length !== 1) {
    throw new UsageError('USAGE', 'Give one of: an index, --entry or --consistency.');
  }
  if (options.consistency !== undefined && options.receipt !== undefined) {
    throw new UsageError('USAGE', 'A receipt is of an entry: with --consistency give --out.');
  }
  const { out, receipt } = options;
  if (out !== undefined && receipt !== undefined && resolve(out) === resolve(receipt)) {
    throw new UsageError('USAGE', '--out and --receipt are two files.');
  }
  const asked = index === undefined ? undefined : numberOf(index, 'The index');
  const older =
    options.consistency === undefined ? undefined : numberOf(options.consistency, '--consistency');
  for (const path of [options.out, options.receipt]) {
    if (path !== undefined) await requireNewFile(path);
  }
  return withPlace(undefined, options, deps, async (place) => {
    if (place.kind === 'export') {
      throw new LogError(
        'LOG_UNSUITABLE',
        'Proofs are made from a log or a copy: import it first.',
      );
    }
    const index =
      older === undefined ? (asked ?? (await findIndex(options, place, deps))) : undefined;
    if (index !== undefined) await publishFirst(index, place, deps);
    const published = await place.store.published();
    if (published === undefined) {
      throw new LogError('LOG_UNSUITABLE', `${place.source.place} has published nothing yet.`);
    }
    const text =
      index === undefined
        ? await proveGrowth(older ?? 0n, place, published, options, deps)
        : await proveEntry(index, place, published, options, deps);
    const problem = await problemOf(place);
    const notes: string[] = isWitnessed(place.policy) ? [] : [unwitnessedNote];
    const style = styleFor(deps.stderr, deps, options);
    if (problem !== undefined) notes.push(readOnlyText(problem));
    deps.stderr.write(renderFacts({ headline: text, facts: [], notes }, style));
    return problem === undefined ? Exit.genuine : Exit.remote;
  });
}

/** An entry that still waits for its checkpoint, or for witnesses, is published before it is proven. */
async function publishFirst(index: bigint, place: Kept, deps: Deps): Promise<void> {
  const { store, kind, folder, policy } = place;
  if (kind === 'copy' || index >= (await store.sequenced())) return;
  const published = await store.published();
  const at = BigInt(Math.floor(deps.now() / 1000));
  const held = published && verifyCheckpoint(published.note, policy, at);
  const isUnwitnessed = held?.kind === 'refused' && held.why === 'quorum-missing';
  const isPublished = published !== undefined && index < published.size && !isUnwitnessed;
  if (isPublished || (await problemOf(place)) !== undefined) return;
  const entry = await createReader(store).entry(index);
  await withLog(folder, deps, (desk) => proven(desk, entry, { index, known: true }, deps));
}

/** Writes the proof; verified as its reader will verify it, before. @returns what it shows */
async function proveEntry(
  index: bigint,
  place: Kept,
  published: StoredCheckpoint,
  options: ProveOptions,
  deps: Deps,
): Promise<string> {
  if (index >= published.size) {
    throw new LogError(
      'LOG_UNSUITABLE',
      `There is no entry ${index}: ${published.size} are published, counted from 0.`,
    );
  }
  const reader = createReader(place.store);
  const entry = await reader.entry(index);
  const hashes = await reader.inclusion(index, published);
  const proof = { index, hashes, checkpoint: published.note };
  const at = BigInt(Math.floor(deps.now() / 1000));
  const verified = verifyProof({ proof, entry, policy: requirePolicy(place), at });
  if (verified.kind === 'refused') {
    throw refusalError(verified.why, `The log proves no entry ${index}: ${verified.detail}.`);
  }
  if (options.receipt !== undefined) {
    await writeNewFile(options.receipt, encodeReceipt({ entry: parseEntry(entry), proof }));
  }
  const witnessed = verified.witnessed;
  const facts = { index: `${index}`, size: `${published.size}`, witnessed };
  await writeOut(encodeProof(proof), facts, options, deps);
  return fill(proveText, { index: `${index}`, size: `${published.size}` });
}

async function proveGrowth(
  from: bigint,
  place: Kept,
  published: StoredCheckpoint,
  options: ProveOptions,
  deps: Deps,
): Promise<string> {
  const { store } = place;
  const witnessed = (await publishedOf(place, deps))?.witnessed ?? false;
  const older = from > published.size ? undefined : await store.signedAt(from);
  if (older === undefined) {
    throw new LogError('LOG_UNSUITABLE', `The log signed no checkpoint of ${from} entries.`);
  }
  const hashes = await createReader(store).consistency(older, published);
  const text = hashes.map((hash) => `${encodeBase64(hash)}\n`).join('');
  const facts = { from: `${from}`, to: `${published.size}`, witnessed };
  await writeOut(text, facts, options, deps);
  return fill(consistencyText, { from: `${from}`, to: `${published.size}` });
}

/** @param facts what the proof shows, for --json */
async function writeOut(
  text: string,
  facts: object,
  { out, receipt, json }: ProveOptions,
  { stdout }: Deps,
): Promise<void> {
  if (out !== undefined) await writeNewFile(out, text);
  if (json) {
    stdout.write(jsonLine({ ...facts, proof: text }));
    return;
  }
  if (out !== undefined || receipt !== undefined) return;
  // A proof is handed on byte for byte, and names in it are those of a stranger.
  if (stdout.isTTY && text.split('\n').some((line) => printable(line) !== line)) {
    throw new UsageError(
      'USAGE',
      'The proof holds characters that no screen should show: write it to a file with --out.',
    );
  }
  stdout.write(text);
}

/** @throws LogError LOG_UNSUITABLE when there is no entry of these bytes */
async function findIndex(
  { entry = '' }: ProveOptions,
  { store }: Kept,
  deps: Deps,
): Promise<bigint> {
  const bytes = await readBinaryFile(entry, maxEntryBytes, deps);
  // As `log append` reads it: an editor ends a file with a line feed.
  const bare = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  const found = (await store.find(leafHash(bytes))) ?? (await store.find(leafHash(bare)));
  if (found !== undefined) return found;
  throw new LogError('LOG_UNSUITABLE', 'The log does not hold an entry of these bytes.');
}

function numberOf(text: string, name: string): bigint {
  if (/^(?:0|[1-9]\d{0,18})$/.test(text) && BigInt(text) <= maxSize) return BigInt(text);
  throw new UsageError('USAGE', `${name} is a whole number from 0 to 2^63-1.`);
}
