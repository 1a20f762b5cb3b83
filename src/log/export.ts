/**
 * Writes what is published of a log into a folder of plain files (C2SP tlog-tiles), for a web server, a
 * disk or anybody who wants all of it.
 *
 *   1. the folder must be empty, or an export of this log that is not ahead of it
 *   2. its checkpoint must be the beginning of what is published, proven from the tiles
 *   3. bundles and tiles that changed since, each held against the signed root
 *   4. `checkpoint`, last: whoever reads it finds all that it implies
 *   5. partial tiles that nobody needs any more go
 *
 * After a crash the next run goes on. Two runs at once write the same tiles; the slower one may put an older
 * checkpoint back, which the next run mends.
 */

import { utf8 } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import type { LogStore } from '../store/log-store.ts';
import { parseKey } from '../tlog/key.ts';
import { maxNoteBytes } from '../tlog/note.ts';
import { noQuorum, type Policy } from '../tlog/policy.ts';
import { readTile, type TileId, tilePath, tilesBetween } from '../tlog/tile.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from '../tlog/witnessed.ts';
import { isWithin } from './check.ts';
import { collectPartials } from './collect.ts';
import { ExportFiles, isLeftover } from './export-files.ts';
import { type LogSource, rowsSource } from './source.ts';
import { noteText } from './static-source.ts';
import { verifiedBundle } from './verified-entries.ts';
import { VerifiedTiles } from './verified-tiles.ts';

export interface ExportResult {
  readonly origin: string;
  /** Size that was in the folder; undefined for a new export. */
  readonly from: bigint | undefined;
  readonly size: bigint;
  /** Files that were written, the checkpoint not counted. */
  readonly files: number;
  /** Folders of partial tiles that were deleted. */
  readonly collected: number;
}

/** Folders of partial tiles that go in one run. */
const defaultCollect = 100;

/** What an export consists of. */
const ownNames: ReadonlySet<string> = new Set(['checkpoint', 'tile']);

/**
 * @param input.collect folders of partial tiles to delete at most
 * @throws LogError LOG_UNSUITABLE when nothing is published, or the folder is of another log or no export;
 *   LOG_READ_ONLY when the folder is ahead of the rows; LOG_WRONG when what is there does not fit together
 *   with them: nothing is overwritten; LOG_UNAVAILABLE
 */
export async function exportLog(input: {
  readonly store: LogStore;
  readonly folder: string;
  readonly collect?: number | undefined;
  readonly onProgress?: ((path: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<ExportResult> {
  const { store, folder, collect = defaultCollect, onProgress, signal } = input;
  const source = rowsSource(store);
  const policy = await ownPolicy(store);
  // Before the folder is made: a log without anything to export leaves nothing behind.
  await requirePublished(source, policy);
  const files = await ExportFiles.open(folder);
  const old = await readOld(files, folder, policy);
  // Read after the folder: another process may have published and exported meanwhile.
  const { note, verified } = await requirePublished(source, policy);
  const { origin, size, root } = verified.checkpoint;
  const tiles = await VerifiedTiles.open(source, { size, root });
  if (old !== undefined) await requireBeginning(old.checkpoint, tiles, store, folder);

  let written = 0;
  for (const id of tilesBetween(old?.checkpoint.size ?? 0n, size)) {
    signal?.throwIfAborted();
    const path = tilePath(id);
    onProgress?.(path);
    if (await files.putOnce(path, await bytesOf(id, source, tiles))) written++;
  }
  if (old?.note !== note && !(await isAhead(files, folder, policy, size))) {
    await files.replace('checkpoint', utf8(note));
  }
  const collected = await collectPartials(files.root, size, collect).catch((cause: unknown) => {
    throw new LogError('LOG_UNAVAILABLE', `${folder} cannot be cleared of partial tiles.`, {
      cause,
    });
  });
  return { origin, from: old?.checkpoint.size, size, files: written, collected };
}

/** The log alone: which witnesses an export needs, its readers decide. */
async function ownPolicy(store: LogStore): Promise<Policy> {
  const { origin, key } = await store.identity();
  const logs = [{ origin, key: parseKey(key) }];
  return { logs, witnesses: [], groups: [], quorum: noQuorum };
}

async function requirePublished(
  source: LogSource,
  policy: Policy,
): Promise<{ readonly note: string; readonly verified: VerifiedCheckpoint }> {
  const note = await source.checkpoint();
  if (note === undefined) {
    throw new LogError('LOG_UNSUITABLE', `${source.place} has published nothing yet.`);
  }
  const verified = verifyCheckpoint(note, policy, 0n);
  if (verified.kind === 'verified') return { note, verified };
  throw new LogError(
    'LOG_WRONG',
    `The published checkpoint of ${source.place} is not its own: ${verified.detail}.`,
  );
}

interface OldExport {
  readonly note: string;
  readonly checkpoint: VerifiedCheckpoint['checkpoint'];
}

/** The checkpoint in the folder; undefined where it is empty, or an export broke off before its first. */
async function readOld(
  files: ExportFiles,
  folder: string,
  policy: Policy,
): Promise<OldExport | undefined> {
  const bytes = await files.read('checkpoint', maxNoteBytes);
  if (bytes === undefined) {
    const foreign = (await files.names()).find((name) => !ownNames.has(name) && !isLeftover(name));
    if (foreign === undefined) return undefined;
    throw new LogError(
      'LOG_UNSUITABLE',
      `${folder} is not empty and no export of a log: ${foreign} is in it.`,
    );
  }
  const note = noteText(bytes, `${folder}/checkpoint`);
  const verified = verifyCheckpoint(note, policy, 0n);
  if (verified.kind === 'verified') return { note, checkpoint: verified.checkpoint };
  throw new LogError(
    'LOG_UNSUITABLE',
    `${folder} is not an export of this log: ${verified.detail}.`,
  );
}

async function requireBeginning(
  old: VerifiedCheckpoint['checkpoint'],
  tiles: VerifiedTiles,
  { place }: LogStore,
  folder: string,
): Promise<void> {
  if (old.size > tiles.head.size) {
    throw new LogError(
      'LOG_READ_ONLY',
      `${folder} is ahead: it holds ${old.size} entries of this log, and ${place} has published ${tiles.head.size}.`,
    );
  }
  if (await isWithin(tiles, old)) return;
  throw new LogError(
    'LOG_WRONG',
    `The log has forked: the ${old.size} entries in ${folder} are not the beginning of ${place}, and it signed both.`,
  );
}

async function bytesOf(id: TileId, source: LogSource, tiles: VerifiedTiles): Promise<Uint8Array> {
  if (id.level === 'entries') return (await verifiedBundle(source, tiles, id)).bytes;
  return readTile(await tiles.tile(id), id.width);
}

/** Another run may have put a larger checkpoint there since: it stays. */
async function isAhead(
  files: ExportFiles,
  folder: string,
  policy: Policy,
  size: bigint,
): Promise<boolean> {
  const now = await readOld(files, folder, policy);
  return now !== undefined && now.checkpoint.size > size;
}
