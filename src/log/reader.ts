/** Reads a log's rows the way its readers on the web do: tiles, bundles, entries, proofs. */
import { LogError } from '../errors/error.ts';
import type { LogStore } from '../store/log-store.ts';
import { leafHash, type TreeHead, verifyConsistency, verifyInclusion } from '../tlog/merkle.ts';
import { proveConsistency, proveInclusion, type TileSource } from '../tlog/prover.ts';
import { encodeBundle, hashLength, readTile, type TileId } from '../tlog/tile.ts';

/** Tiles kept in memory: up to 8 kB each, and their inner nodes as far as they were needed. */
const keptTiles = 256;

export interface LogReader extends TileSource {
  /** A bundle of entries; `id.level` is 'entries'. */
  bundle(id: TileId): Promise<Uint8Array>;
  entry(index: bigint): Promise<Uint8Array>;
  /** Shows that an entry is in a tree; verified against the root before it is handed out. */
  inclusion(index: bigint, tree: TreeHead): Promise<Uint8Array[]>;
  /** Shows that one tree is the beginning of another; verified like that. */
  consistency(from: TreeHead, to: TreeHead): Promise<Uint8Array[]>;
  /** The same where only the size is told, by somebody who knows the root and verifies it. */
  consistencyFrom(size: bigint, to: TreeHead): Promise<Uint8Array[]>;
}

/** Every method throws LogError: LOG_UNSUITABLE for what is not there, LOG_WRONG for what does not add up. */
export function createReader(store: LogStore): LogReader {
  const kept = new Map<string, Uint8Array>();

  const tile = async (id: TileId): Promise<Uint8Array> => {
    const name = `${id.level}/${id.index}`;
    const known = kept.get(name);
    // One that was narrower then is the beginning of what it is now.
    if (known !== undefined && known.length >= id.width * hashLength) return known;
    const bytes = await store.tile(id);
    if (bytes === undefined) throw missing(`tile ${name}`, store.place);
    readTile(bytes, id.width);
    keep(kept, name, bytes);
    return bytes;
  };
  const entriesFrom = async (index: bigint, count: number) => {
    const rows = await store.entries(index, count);
    if (rows.length < count || rows.some((row, at) => row.index !== index + BigInt(at))) {
      throw missing(`entry ${index + BigInt(rows.length)}`, store.place);
    }
    return rows.map(({ bytes }) => bytes);
  };
  const source: TileSource = { tile };

  return {
    tile,
    bundle: async ({ index, width }) => encodeBundle(await entriesFrom(index * 256n, width)),
    entry: async (index) => {
      const [entry] = await entriesFrom(index, 1);
      if (entry === undefined) throw missing(`entry ${index}`, store.place);
      return entry;
    },
    inclusion: async (index, { size, root }) => {
      const proof = await proveInclusion(source, index, size);
      const [row] = await store.entries(index, 1);
      const leaf = row === undefined ? undefined : leafHash(row.bytes);
      if (leaf === undefined || !verifyInclusion({ index, size, leaf, root, proof })) {
        throw wrong(`entry ${index} is not in its tree of ${size}`, store.place);
      }
      return proof;
    },
    consistency: async (from, to) => {
      const proof = await proveConsistency(source, from.size, to.size);
      if (from.size > 0n && !verifyConsistency({ from, to, proof })) {
        throw wrong(`its tree of ${to.size} does not contain that of ${from.size}`, store.place);
      }
      return proof;
    },
    consistencyFrom: (size, to) => proveConsistency(source, size, to.size),
  };
}

function keep(kept: Map<string, Uint8Array>, name: string, bytes: Uint8Array): void {
  kept.set(name, bytes);
  const [oldest] = kept.keys();
  if (kept.size > keptTiles && oldest !== undefined) kept.delete(oldest);
}

function missing(what: string, place: string): LogError {
  return new LogError('LOG_UNSUITABLE', `${place} has no ${what}.`);
}

function wrong(what: string, place: string): LogError {
  return new LogError('LOG_WRONG', `${place} does not add up: ${what}.`);
}
