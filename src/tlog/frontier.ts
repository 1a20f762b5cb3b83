/**
 * The right edge of a growing tree: all that is needed to append to it. Per level the hashes of the last,
 * not yet full tile; about 8 kB a level, and eight levels hold every tree there will be.
 *
 *   append  leaf hashes fill the tile of level 0; the root of each tile that becomes full goes to the
 *           level above, and so on
 *   root    the binary digits of the size are whole subtrees, each within one tile of the edge; they are
 *           hashed together from the smallest on the right to the largest on the left
 */
import { concat } from '../bytes/bytes.ts';
import { emptyRoot, nodeHash, type TreeHead } from './merkle.ts';
import { hashLength, type TileId, tileWidth } from './tile.ts';

/** A tile with its hashes. */
export interface FilledTile extends TileId {
  readonly level: number;
  /** `width` hashes of 32 bytes. */
  readonly bytes: Uint8Array;
}

/** The edge of one tree; it never changes, growing gives another. */
export class Frontier {
  readonly size: bigint;
  /** By level: hashes of the tile that is not yet full, 0 to 255. */
  readonly #edge: readonly (readonly Uint8Array[])[];
  #root: Uint8Array | undefined;

  private constructor(size: bigint, edge: readonly (readonly Uint8Array[])[]) {
    this.size = size;
    this.#edge = edge;
  }

  static readonly empty = new Frontier(0n, []);

  /**
   * @param tiles by level: the bytes of the last tile, empty where that level ends with a full one
   * @throws RangeError when their widths are not those of the size
   */
  static from(size: bigint, tiles: readonly Uint8Array[]): Frontier {
    const edge = tiles.map((bytes) => split(bytes));
    const counted = edge.reduce(
      (sum, hashes, level) => sum + (BigInt(hashes.length) << BigInt(8 * level)),
      0n,
    );
    if (counted !== size) throw new RangeError(`tiles of size ${counted}, not ${size}`);
    return new Frontier(size, edge);
  }

  get head(): TreeHead {
    return { size: this.size, root: this.root() };
  }

  root(): Uint8Array {
    this.#root ??= rootOfEdge(this.#edge);
    return this.#root;
  }

  /**
   * The tree with more leaves, and the tiles that changed on the way: every one that became full, and the
   * last of each level that is not.
   *
   * @param leaves leaf hashes, 32 bytes each
   */
  extend(leaves: readonly Uint8Array[]): {
    readonly frontier: Frontier;
    readonly tiles: FilledTile[];
  } {
    const edge = this.#edge.map((hashes) => [...hashes]);
    const tiles: FilledTile[] = [];
    let rising = leaves;
    let had = this.size;
    for (let level = 0; rising.length > 0; level++) {
      const hashes = edge[level] ?? [];
      edge[level] = hashes;
      const above: Uint8Array[] = [];
      let index = had / 256n;
      for (const hash of rising) {
        hashes.push(hash);
        if (hashes.length < tileWidth) continue;
        tiles.push({ level, index, width: tileWidth, bytes: concat(...hashes) });
        above.push(subtreeRoot(hashes, 0, tileWidth));
        hashes.length = 0;
        index++;
      }
      if (hashes.length > 0) {
        tiles.push({ level, index, width: hashes.length, bytes: concat(...hashes) });
      }
      rising = above;
      had /= 256n;
    }
    return { frontier: new Frontier(this.size + BigInt(leaves.length), edge), tiles };
  }
}

function split(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length % hashLength !== 0) throw new RangeError(`${bytes.length} bytes of hashes`);
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += hashLength) {
    hashes.push(bytes.slice(at, at + hashLength));
  }
  if (hashes.length >= tileWidth) throw new RangeError('a full tile is not an edge');
  return hashes;
}

function rootOfEdge(edge: readonly (readonly Uint8Array[])[]): Uint8Array {
  let root: Uint8Array | undefined;
  for (const hashes of edge) {
    let end = hashes.length;
    for (let width = 1; width <= end; width *= 2) {
      if ((hashes.length & width) === 0) continue;
      const subtree = subtreeRoot(hashes, end - width, width);
      root = root === undefined ? subtree : nodeHash(subtree, root);
      end -= width;
    }
  }
  return root ?? emptyRoot;
}

/** The root of `width` hashes from `at`; `width` is a power of two. */
function subtreeRoot(hashes: readonly Uint8Array[], at: number, width: number): Uint8Array {
  if (width === 1) return hashes[at] ?? emptyRoot;
  const half = width / 2;
  return nodeHash(subtreeRoot(hashes, at, half), subtreeRoot(hashes, at + half, half));
}
