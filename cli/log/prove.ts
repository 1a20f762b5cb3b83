/** `touchstone log prove`: shows that an entry is in a log, or that a log only grew. */
import { parseEntry } from '../../src/activation/entry.ts';
import { encodeReceipt } from '../../src/activation/receipt.ts';
import { encodeBase64 } from '../../src/bytes/base64.ts';
import { LogError, UsageError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { createReader } from '../../src/log/reader.ts';
import { fill } from '../../src/report/texts.ts';
import { consistencyText, proveText } from '../../src/report/texts-log-screen.ts';
import type { LogStore, StoredCheckpoint } from '../../src/store/log-store.ts';
import { leafHash, maxSize } from '../../src/tlog/merkle.ts';
import { encodeProof, verifyProof } from '../../src/tlog/proof.ts';
import { maxEntryBytes } from '../../src/tlog/tile.ts';
import type { Deps } from '../deps.ts';
import { readBinaryFile, requireNewFile, writeNewFile } from '../files.ts';
import { jsonLine } from '../ui/printable.ts';
import { type ScreenOptions, styleFor, wrap } from '../ui/style.ts';
import { type Place, type PlaceOptions, requirePolicy, withPlace } from './place.ts';

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
  const asked = [index, options.entry, options.consistency].filter((each) => each !== undefined);
  if (asked.length !== 1) {
    throw new UsageError('USAGE', 'Give one of: an index, --entry or --consistency.');
  }
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
    const published = await place.store.published();
    if (published === undefined) {
      throw new LogError('LOG_UNSUITABLE', `${place.source.place} has published nothing yet.`);
    }
    const text =
      options.consistency === undefined
        ? await proveEntry(
            await indexOf(index, options, place.store, deps),
            place,
            published,
            options,
            deps,
          )
        : await proveGrowth(
            numberOf(options.consistency, '--consistency'),
            place.store,
            published,
            options,
            deps,
          );
    const style = styleFor(deps.stderr, deps, options);
    deps.stderr.write(`${wrap(text, style.width, '')}\n`);
    return Exit.genuine;
  });
}

/** Writes the proof; verified as its reader will verify it, before. @returns what it shows */
async function proveEntry(
  index: bigint,
  place: Place & { readonly store: LogStore },
  published: StoredCheckpoint,
  options: ProveOptions,
  deps: Deps,
): Promise<string> {
  if (index >= published.size) {
    throw new LogError('LOG_UNSUITABLE', `There is no entry ${index} among ${published.size}.`);
  }
  const reader = createReader(place.store);
  const entry = await reader.entry(index);
  const hashes = await reader.inclusion(index, published);
  const proof = { index, hashes, checkpoint: published.note };
  const at = BigInt(Math.floor(deps.now() / 1000));
  const verified = verifyProof({ proof, entry, policy: requirePolicy(place), at });
  if (verified.kind === 'refused') {
    throw new LogError('LOG_WRONG', `The log proves no entry ${index}: ${verified.detail}.`);
  }
  if (options.receipt !== undefined) {
    await writeNewFile(options.receipt, encodeReceipt({ entry: parseEntry(entry), proof }));
  }
  await writeOut(encodeProof(proof), options, deps);
  return fill(proveText, { index: `${index}`, size: `${published.size}` });
}

async function proveGrowth(
  from: bigint,
  store: LogStore,
  published: StoredCheckpoint,
  options: ProveOptions,
  deps: Deps,
): Promise<string> {
  const older = from > published.size ? undefined : await store.signedAt(from);
  if (older === undefined) {
    throw new LogError('LOG_UNSUITABLE', `The log signed no checkpoint of ${from} entries.`);
  }
  const hashes = await createReader(store).consistency(older, published);
  await writeOut(hashes.map((hash) => `${encodeBase64(hash)}\n`).join(''), options, deps);
  return fill(consistencyText, { from: `${from}`, to: `${published.size}` });
}

async function writeOut(text: string, { out, receipt, json }: ProveOptions, deps: Deps) {
  if (out !== undefined) await writeNewFile(out, text);
  else if (json) deps.stdout.write(jsonLine({ proof: text }));
  else if (receipt === undefined) deps.stdout.write(text);
}

async function indexOf(
  index: string | undefined,
  { entry }: ProveOptions,
  store: LogStore,
  deps: Deps,
): Promise<bigint> {
  if (entry === undefined) return numberOf(index ?? '', 'The index');
  const found = await store.find(leafHash(await readBinaryFile(entry, maxEntryBytes, deps)));
  if (found !== undefined) return found;
  throw new LogError('LOG_UNSUITABLE', 'The log does not hold an entry of these bytes.');
}

function numberOf(text: string, name: string): bigint {
  if (/^(?:0|[1-9]\d{0,18})$/.test(text) && BigInt(text) <= maxSize) return BigInt(text);
  throw new UsageError('USAGE', `${name} is a whole number, 0 or more.`);
}
