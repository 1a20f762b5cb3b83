/**
 * Makes the proofs of RFC 6962 section 2.1 from tiles, wherever these come from: a database, a folder, a
 * web server. What is made is not verified here: a wrong tile gives a proof that does not hold, so
 * whoever hands a proof on verifies it against the signed root first.
 */
import { nodeHash, splitPoint } from './merkle.ts';
import { hashLength, readTile, type TileId, tileWidth, widthIn } from './tile.ts';

/** Where tiles of hashes come from. */
export interface TileSource {
  /**
   * The bytes of a tile; more hashes than `width` may come, the first `width` count.
   *
   * @throws LogError when it cannot be had
   */
  tile(id: TileId): Promise<Uint8Array>;
}

/** Entries from `begin` up to, not including, `end`. */
interface Span {
  readonly begin: bigint;
  readonly end: bigint;
}

/**
 * The siblings of an entry from the leaf upwards (RFC 6962 section 2.1.1).
 *
 * @param size of the tree that it is proven in; the source must hold that tree
 * @throws RangeError when the index is not in the tree
 */
export async function proveInclusion(
  source: TileSource,
  index: bigint,
  size: bigint,
): Promise<Uint8Array[]> {
  if (index < 0n || index >= size) throw new RangeError(`index ${index} is not below ${size}`);
  return hashSpans(source, inclusionSpans(index, size), size);
}

/**
 * What shows that one size of a log is the beginning of another (RFC 6962 section 2.1.2).
 *
 * @param from 0 gives no hashes, since nothing is proven by them
 * @throws RangeError when `from` is above `to`
 */
export async function proveConsistency(
  source: TileSource,
  from: bigint,
  to: bigint,
): Promise<Uint8Array[]> {
  if (from < 0n || from > to) throw new RangeError(`size ${from} is not within ${to}`);
  return from === 0n ? [] : hashSpans(source, consistencySpans(from, to), to);
}

/** The root that tiles amount to. */
export async function rootOf(source: TileSource, size: bigint): Promise<Uint8Array> {
  if (size <= 0n) throw new RangeError('a tree without entries has no tiles');
  return new Folding(source, size).hash({ begin: 0n, end: size });
}

function inclusionSpans(index: bigint, size: bigint): Span[] {
  const spans: Span[] = [];
  let [begin, end] = [0n, size];
  while (end - begin > 1n) {
    const middle = begin + splitPoint(end - begin);
    if (index < middle) {
      spans.push({ begin: middle, end });
      end = middle;
    } else {
      spans.push({ begin, end: middle });
      begin = middle;
    }
  }
  return spans.reverse();
}

function consistencySpans(from: bigint, to: bigint): Span[] {
  const spans: Span[] = [];
  let [begin, end] = [0n, to];
  while (from !== end) {
    const middle = begin + splitPoint(end - begin);
    if (from <= middle) {
      spans.push({ begin: middle, end });
      end = middle;
    } else {
      spans.push({ begin, end: middle });
      begin = middle;
    }
  }
  // Where the older tree is a whole subtree, whoever asks has its root.
  if (begin > 0n) spans.push({ begin, end });
  return spans.reverse();
}

async function hashSpans(source: TileSource, spans: Span[], size: bigint): Promise<Uint8Array[]> {
  const folding = new Folding(source, size);
  const hashes: Uint8Array[] = [];
  for (const span of spans) hashes.push(await folding.hash(span));
  return hashes;
}

/** Hashes of subtrees, from the tiles of one tree. */
class Folding {
  readonly #source: TileSource;
  readonly #size: bigint;
  readonly #tiles = new Map<string, Promise<FoldedTile>>();

  constructor(source: TileSource, size: bigint) {
    this.#source = source;
    this.#size = size;
  }

  async hash({ begin, end }: Span): Promise<Uint8Array> {
    const size = end - begin;
    const height = size.toString(2).length - 1;
    if (size === 1n << BigInt(height)) return this.#node(height, begin >> BigInt(height));
    const middle = begin + splitPoint(size);
    const left = await this.hash({ begin, end: middle });
    return nodeHash(left, await this.hash({ begin: middle, end }));
  }

  /** The root of the whole subtree of 2^height entries that is number `index` of its height. */
  async #node(height: number, index: bigint): Promise<Uint8Array> {
    const level = Math.floor(height / 8);
    const within = height % 8;
    const first = index << BigInt(within);
    const tile = await this.#tile(level, first / 256n);
    return tile.node(within, Number((first % 256n) >> BigInt(within)));
  }

  #tile(level: number, index: bigint): Promise<FoldedTile> {
    const name = `${level}/${index}`;
    let tile = this.#tiles.get(name);
    if (tile === undefined) {
      const width = widthIn(this.#size, level, index);
      tile = this.#source.tile({ level, index, width }).then((bytes) => foldedTile(bytes, width));
      this.#tiles.set(name, tile);
    }
    return tile;
  }
}

/** One for each array of bytes: a source that keeps its tiles has each folded once. */
const folded = new WeakMap<Uint8Array, FoldedTile>();

function foldedTile(bytes: Uint8Array, width: number): FoldedTile {
  readTile(bytes, width);
  // Also for a narrower width: no node beyond it is asked for.
  const known = folded.get(bytes);
  if (known !== undefined) return known;
  const tile = new FoldedTile(bytes);
  folded.set(bytes, tile);
  return tile;
}

/** The inner nodes of a tile, each hashed once, when it is asked for. */
class FoldedTile {
  readonly #hashes: Uint8Array;
  /** By height (1 to 8) and place: 2^8 / 2^height nodes each. */
  readonly #nodes: (Uint8Array | undefined)[] = [];

  constructor(hashes: Uint8Array) {
    this.#hashes = hashes;
  }

  node(height: number, index: number): Uint8Array {
    if (height === 0) return this.#hashes.slice(index * hashLength, (index + 1) * hashLength);
    // Numbered as in a heap: the node above i and i+1 is i/2, the leaves begin at 256.
    const place = (tileWidth >> height) + index;
    this.#nodes[place] ??= nodeHash(
      this.node(height - 1, 2 * index),
      this.node(height - 1, 2 * index + 1),
    );
    return this.#nodes[place];
  }
}
