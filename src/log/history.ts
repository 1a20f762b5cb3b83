/**
 * What a log holds about one card: every entry of a published tree is read and hashed, so that nothing
 * depends on an index which no root covers, and the proofs are made for what was found.
 */
import type { LoggedEntry } from '../activation/history.ts';
import type { TreeHead } from '../tlog/merkle.ts';
import { proveInclusion } from '../tlog/prover.ts';
import type { LogSource } from './source.ts';
import { verifiedBundles } from './verified-entries.ts';
import { VerifiedTiles } from './verified-tiles.ts';

/**
 * @param tree of a checkpoint whose signature was verified; what is read is held against its root
 * @param isAbout told the bytes of each entry
 * @returns ascending
 * @throws LogError LOG_WRONG where the log does not add up; the reason of `signal` when it is aborted
 */
export async function scanHistory(
  source: LogSource,
  tree: TreeHead,
  isAbout: (entry: Uint8Array) => boolean,
  signal?: AbortSignal,
): Promise<readonly LoggedEntry[]> {
  const tiles = await VerifiedTiles.open(source, tree);
  const found: LoggedEntry[] = [];
  for await (const { first, entries } of verifiedBundles(source, tiles)) {
    signal?.throwIfAborted();
    for (const [at, entry] of entries.entries()) {
      if (!isAbout(entry)) continue;
      const index = first + BigInt(at);
      found.push({ index, entry, hashes: await proveInclusion(tiles, index, tree.size) });
    }
  }
  return found;
}
