/** What a log holds about one card, with the proofs that make it believable to others. */
import { type LoggedEntry, maxHistory } from '../activation/history.ts';
import type { LogStore } from '../store/log-store.ts';
import type { TreeHead } from '../tlog/merkle.ts';
import { createReader } from './reader.ts';

/**
 * Gathers the entries of a card up to a published tree.
 *
 * @param indexKey card index key, 32 bytes
 * @returns ascending; one more than `maxHistory` at most, so that whoever verifies it notices
 * @throws LogError as the reader
 */
export async function gatherHistory(
  store: LogStore,
  indexKey: Uint8Array,
  tree: TreeHead,
): Promise<readonly LoggedEntry[]> {
  const reader = createReader(store);
  const indexes = await store.byKey(indexKey, 0n, maxHistory + 1);
  const entries: LoggedEntry[] = [];
  for (const index of indexes.filter((each) => each < tree.size)) {
    const hashes = await reader.inclusion(index, tree);
    entries.push({ index, entry: await reader.entry(index), hashes });
  }
  return entries;
}
