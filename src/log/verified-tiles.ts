/**
 * Tiles of hashes that are held against a root before they are used, from the top down:
 *
 *   the edge    the last, partial tile of each level: together they must amount to the root
 *   full tiles  the root of each must be the hash that stands for it in the tile above
 *
 * So whatever a hostile server, a damaged disk or another's export gives, nothing is used or stored that
 * the signed root does not cover, and memory holds a few tiles however large the log is.
 */
import { equal } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import { Frontier } from '../tlog/frontier.ts';
import { emptyRoot, nodeHash, type TreeHead } from '../tlog/merkle.ts';
import { rootOf, type TileSource } from '../tlog/prover.ts';
import {
  hashesAt,
  hashLength,
  levelsOf,
  readTile,
  type TileId,
  tilePath,
  tileWidth,
  widthIn,
} from '../tlog/tile.ts';
import type { LogSource } from './source.ts';

/** Full tiles kept in memory, 8 kB each. */
const keptTiles = 64;

export class VerifiedTiles implements TileSource {
  readonly head: TreeHead;
  readonly #source: Pick<LogSource, 'tile' | 'place'>;
  /** By level; empty where the level ends with a full tile. */
  readonly #edge: readonly Uint8Array[];
  readonly #kept = new Map<string, Promise<Uint8Array>>();
  #count: number;

  private constructor(
    source: Pick<LogSource, 'tile' | 'place'>,
    head: TreeHead,
    edge: readonly Uint8Array[],
  ) {
    this.#source = source;
    this.head = head;
    this.#edge = edge;
    this.#count = edge.filter(({ length }) => length > 0).length;
  }

  /**
   * Reads the edge of a tree and holds it against its root.
   *
   * @param head of a checkpoint whose signature was verified
   * @throws LogError LOG_WRONG when the edge does not amount to the root; as the source does
   */
  static async open(
    source: Pick<LogSource, 'tile' | 'place'>,
    head: TreeHead,
  ): Promise<VerifiedTiles> {
    const edge: Uint8Array[] = [];
    for (let level = 0; level < levelsOf(head.size); level++) {
      const hashes = hashesAt(head.size, level);
      const width = Number(hashes % 256n);
      const id = { level, index: hashes / 256n, width };
      edge.push(width === 0 ? new Uint8Array() : readTile(await source.tile(id), width));
    }
    if (!equal(Frontier.from(head.size, edge).root(), head.root)) {
      throw wrong(
        source,
        `the last tiles of ${head.size} entries do not amount to the signed root`,
      );
    }
    return new VerifiedTiles(source, head, edge);
  }

  /** Tiles that were verified; one that was forgotten and read again counts twice. */
  get count(): number {
    return this.#count;
  }

  /**
   * A tile of this tree, which may be wider than asked for.
   *
   * @throws RangeError when the tree has no such tile; LogError LOG_WRONG when it is not the one that
   *   the root covers; as the source does
   */
  async tile(id: TileId): Promise<Uint8Array> {
    const { level, index, width } = id;
    if (level === 'entries' || width > widthIn(this.head.size, level, index)) {
      throw new RangeError(`no ${tilePath(id)} in a tree of ${this.head.size}`);
    }
    const edge = this.#edge[level];
    if (edge !== undefined && index === hashesAt(this.head.size, level) / 256n) return edge;
    const name = `${level}/${index}`;
    const known = this.#kept.get(name);
    const reading = known ?? this.#readFull(level, index);
    // What was used last goes last: the tile above stays while those below it are read.
    this.#kept.delete(name);
    this.#kept.set(name, reading);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptTiles && oldest !== undefined) this.#kept.delete(oldest);
    return reading;
  }

  /** The root that the first `size` entries of this tree have; `size` 0 to that of the tree. */
  async rootAt(size: bigint): Promise<Uint8Array> {
    return size === 0n ? emptyRoot : rootOf(this, size);
  }

  async #readFull(level: number, index: bigint): Promise<Uint8Array> {
    const id = { level, index, width: tileWidth };
    const bytes = readTile(await this.#source.tile(id), tileWidth);
    const slot = Number(index % 256n);
    const above = await this.tile({ level: level + 1, index: index / 256n, width: slot + 1 });
    const expected = above.subarray(slot * hashLength, (slot + 1) * hashLength);
    if (!equal(rootOfFull(bytes), expected)) {
      throw wrong(this.#source, `${tilePath(id)} is not the tile that the signed root covers`);
    }
    this.#count++;
    return bytes;
  }
}

function rootOfFull(bytes: Uint8Array): Uint8Array {
  let hashes = Array.from({ length: tileWidth }, (_, at) =>
    bytes.subarray(at * hashLength, (at + 1) * hashLength),
  );
  while (hashes.length > 1) {
    const below = hashes;
    hashes = below.flatMap((left, at) => {
      const right = below[at + 1];
      return at % 2 === 0 && right !== undefined ? [nodeHash(left, right)] : [];
    });
  }
  return hashes[0] ?? emptyRoot;
}

function wrong({ place }: { readonly place: string }, why: string): LogError {
  return new LogError('LOG_WRONG', `${place} does not add up: ${why}.`);
}
