/** Proofs made from tiles, and the edge that makes the tiles, held against the definitions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import {
  emptyRoot,
  leafHash,
  nodeHash,
  splitPoint,
  verifyConsistency,
  verifyInclusion,
} from '../../src/tlog/merkle.ts';
import {
  proveConsistency,
  proveInclusion,
  rootOf,
  type TileSource,
} from '../../src/tlog/prover.ts';
import { hashesAt, levelsOf, tilePath } from '../../src/tlog/tile.ts';
import reference from '../vectors/tlog/rfc6962-reference-tree.json' with { type: 'json' };

const leaves = Array.from({ length: 1500 }, (_, n) => leafHash(Uint8Array.of(n >> 8, n)));

/** Grows a tree in steps, keeping the widest form of each tile as a store does. */
function grow(steps: readonly number[]) {
  const tiles = new Map<string, Uint8Array>();
  let frontier = Frontier.empty;
  for (const step of steps) {
    const at = Number(frontier.size);
    const grown = frontier.extend(leaves.slice(at, at + step));
    frontier = grown.frontier;
    for (const tile of grown.tiles) {
      expect(tile.bytes.length).toBe(32 * tile.width);
      tiles.set(`${tile.level}/${tile.index}`, tile.bytes);
    }
  }
  const source: TileSource = {
    tile: async ({ level, index, width }) => {
      const bytes = tiles.get(`${level}/${index}`);
      if (bytes === undefined || bytes.length < width * 32) throw new Error('not there');
      return bytes;
    },
  };
  return { frontier, source, tiles };
}

/** RFC 6962 section 2.1, for one root. */
function naiveRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [first = emptyRoot] = hashes;
  if (hashes.length <= 1) return first;
  const middle = Number(splitPoint(BigInt(hashes.length)));
  return nodeHash(naiveRoot(hashes.slice(0, middle)), naiveRoot(hashes.slice(middle)));
}

const steps = fc
  .array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 })
  .map((all) => {
    let left = leaves.length;
    return all.map((step) => {
      const taken = Math.min(step, left);
      left -= taken;
      return taken;
    });
  });

describe('the edge of a tree', () => {
  it('has the root of the definition, however it grew', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { frontier } = grow(all);
        const size = all.reduce((sum, step) => sum + step, 0);
        expect(frontier.size).toBe(BigInt(size));
        expect(frontier.root()).toEqual(naiveRoot(leaves.slice(0, size)));
      }),
      { numRuns: 60 },
    );
  });

  it('has the roots of the reference tree', () => {
    const inputs = reference.leaf_inputs_hex.map((hex) => leafHash(fromHex(hex)));
    const roots = reference.roots_by_size_hex.map((_, size) =>
      toHex(Frontier.empty.extend(inputs.slice(0, size)).frontier.root()),
    );
    expect(roots).toEqual(reference.roots_by_size_hex);
  });

  it('writes the same tiles in one step and in many', () => {
    const once = grow([1500]);
    const often = grow(Array.from({ length: 1500 }, () => 1));
    expect([...often.tiles].sort()).toEqual([...once.tiles].sort());
  });

  it('is loaded from its tiles, and not from others', () => {
    const { frontier, tiles } = grow([700]);
    const edge = Array.from({ length: levelsOf(700n) }, (_, level) => {
      const index = hashesAt(700n, level) / 256n;
      return tiles.get(`${level}/${index}`) ?? new Uint8Array();
    });
    const loaded = Frontier.from(700n, edge);
    expect(loaded.root()).toEqual(frontier.root());
    const more = leaves.slice(700, 1100);
    expect(loaded.extend(more).frontier.root()).toEqual(naiveRoot(leaves.slice(0, 1100)));
    expect(() => Frontier.from(701n, edge)).toThrow(RangeError);
    expect(() => Frontier.from(700n, edge.slice(1))).toThrow(RangeError);
    expect(() => Frontier.from(256n, [new Uint8Array(256 * 32)])).toThrow(RangeError);
    expect(() => Frontier.from(1n, [new Uint8Array(33)])).toThrow(RangeError);
  });

  it('stays as it is when a larger one is made of it', () => {
    const { frontier } = grow([300]);
    const before = frontier.root();
    frontier.extend(leaves.slice(300, 310));
    expect(frontier.root()).toEqual(before);
    expect(frontier.size).toBe(300n);
  });
});

describe('proofs from tiles', () => {
  const { source } = grow([1500]);
  const root = (size: number) => naiveRoot(leaves.slice(0, size));

  it('of inclusion hold in every older tree as well', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 1500 })
          .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 }))),
        async ([size, index]) => {
          const proof = await proveInclusion(source, BigInt(index), BigInt(size));
          const leaf = leaves[index] ?? emptyRoot;
          const claim = { index: BigInt(index), size: BigInt(size), leaf, root: root(size), proof };
          expect(verifyInclusion(claim)).toBe(true);
          expect(verifyInclusion({ ...claim, leaf: leaves[index + 1] ?? emptyRoot })).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of consistency hold between any two sizes, and for no other root', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 1500 })
          .chain((to) => fc.tuple(fc.integer({ min: 1, max: to }), fc.constant(to))),
        async ([from, to]) => {
          const proof = await proveConsistency(source, BigInt(from), BigInt(to));
          const older = { size: BigInt(from), root: root(from) };
          const newer = { size: BigInt(to), root: root(to) };
          expect(verifyConsistency({ from: older, to: newer, proof })).toBe(true);
          const another = leafHash(older.root);
          expect(verifyConsistency({ from: { ...older, root: another }, to: newer, proof })).toBe(
            false,
          );
          expect(verifyConsistency({ from: older, to: { ...newer, root: another }, proof })).toBe(
            false,
          );
          expect(verifyConsistency({ from: older, to: newer, proof: [...proof, another] })).toBe(
            false,
          );
          if (proof.length > 0) {
            expect(verifyConsistency({ from: older, to: newer, proof: proof.slice(1) })).toBe(
              false,
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('give the root', async () => {
    for (const size of [1, 2, 255, 256, 257, 1499, 1500]) {
      expect(await rootOf(source, BigInt(size)), `${size}`).toEqual(root(size));
    }
    await expect(rootOf(source, 0n)).rejects.toThrow(RangeError);
  });

  it('from a tree of nothing are empty, and there is none for what is not in it', async () => {
    expect(await proveConsistency(source, 0n, 10n)).toEqual([]);
    await expect(proveConsistency(source, 11n, 10n)).rejects.toThrow(RangeError);
    await expect(proveInclusion(source, 10n, 10n)).rejects.toThrow(RangeError);
    await expect(proveInclusion(source, -1n, 10n)).rejects.toThrow(RangeError);
  });

  it('ask for tiles that the tree has, in their width there, each once', async () => {
    const asked: string[] = [];
    const noted: TileSource = {
      tile: (id) => {
        asked.push(tilePath(id));
        return source.tile(id);
      },
    };
    await proveInclusion(noted, 600n, 700n);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.sort()).toEqual(['tile/0/002.p/188', 'tile/1/000.p/2']);
  });

  it('of a tile that is too narrow or altered do not hold', async () => {
    const cut: TileSource = { tile: async (id) => (await source.tile(id)).subarray(0, 32) };
    await expect(proveInclusion(cut, 600n, 700n)).rejects.toThrow(/tile of the log/);
    const altered: TileSource = {
      tile: async (id) => (await source.tile(id)).map((byte, at) => (at === 7 ? byte ^ 1 : byte)),
    };
    const proof = await proveInclusion(altered, 600n, 700n);
    const leaf = leaves[600] ?? emptyRoot;
    expect(verifyInclusion({ index: 600n, size: 700n, leaf, root: root(700), proof })).toBe(false);
  });
});
