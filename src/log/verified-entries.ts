/**
 * The entries of a log, each held against a verified tile before it is handed on: hashes of a bundle's
 * entries must be the hashes of the level 0 tile above it.
 */
import { equal } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import { leafHash } from '../tlog/merkle.ts';
import { hashLength, parseBundle, type TileId, tilePath, widthIn } from '../tlog/tile.ts';
import type { LogSource } from './source.ts';
import type { VerifiedTiles } from './verified-tiles.ts';

/** Bundles that are read ahead: up to 16 MB each, of 100 kB as a rule. */
const readAhead = 4;

export interface VerifiedBundle {
  /** Index of its first entry, a multiple of 256. */
  readonly first: bigint;
  readonly bytes: Uint8Array;
  readonly entries: readonly Uint8Array[];
  /** The hash of each, 32 bytes. */
  readonly leaves: readonly Uint8Array[];
}

/**
 * Reads one bundle.
 *
 * @param id of a bundle of the tree
 * @throws LogError LOG_WRONG when an entry is not the one that the root covers; as the source does
 */
export async function verifiedBundle(
  source: LogSource,
  tiles: VerifiedTiles,
  id: TileId,
): Promise<VerifiedBundle> {
  const { index, width } = id;
  const [bytes, hashes] = await Promise.all([
    source.bundle(id),
    tiles.tile({ level: 0, index, width }),
  ]);
  const first = index * 256n;
  const entries = parseBundle(bytes, width);
  const leaves = entries.map(leafHash);
  for (const [at, leaf] of leaves.entries()) {
    if (equal(leaf, hashes.subarray(at * hashLength, (at + 1) * hashLength))) continue;
    throw new LogError(
      'LOG_WRONG',
      `${source.place} does not add up: entry ${first + BigInt(at)} in ${tilePath(id)} is not the one that the signed root covers.`,
    );
  }
  return { first, bytes, entries, leaves };
}

/**
 * Reads the bundles of a tree in order.
 *
 * @param from index of an entry: the bundle that it stands in comes first
 */
export async function* verifiedBundles(
  source: LogSource,
  tiles: VerifiedTiles,
  from = 0n,
): AsyncGenerator<VerifiedBundle> {
  const { size } = tiles.head;
  const ahead: Promise<VerifiedBundle>[] = [];
  let next = from / 256n;
  for (;;) {
    while (ahead.length < readAhead && next * 256n < size) {
      const width = widthIn(size, 'entries', next);
      const reading = verifiedBundle(source, tiles, { level: 'entries', index: next, width });
      // Whoever reads meets the fault when its turn comes; until then it is nobody's.
      reading.catch(() => undefined);
      ahead.push(reading);
      next++;
    }
    const reading = ahead.shift();
    if (reading === undefined) return;
    yield await reading;
  }
}
