import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../src/bytes/base64.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import {
  emptyRoot,
  leafHash,
  maxSize,
  nodeHash,
  splitPoint,
  verifyConsistency,
  verifyInclusion,
} from '../../src/tlog/merkle.ts';
import consistencyCases from '../vectors/tlog/merkle-consistency.json' with { type: 'json' };
import inclusionCases from '../vectors/tlog/merkle-inclusion.json' with { type: 'json' };
import reference from '../vectors/tlog/rfc6962-reference-tree.json' with { type: 'json' };

/** Straight from RFC 6962 section 2.1, as slow as it reads. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return emptyRoot;
  if (leaves.length === 1) return only;
  const middle = Number(splitPoint(BigInt(leaves.length)));
  return nodeHash(naiveRoot(leaves.slice(0, middle)), naiveRoot(leaves.slice(middle)));
}

function naiveInclusion(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const middle = Number(splitPoint(BigInt(leaves.length)));
  const [left, right] = [leaves.slice(0, middle), leaves.slice(middle)];
  return index < middle
    ? [...naiveInclusion(index, left), naiveRoot(right)]
    : [...naiveInclusion(index - middle, right), naiveRoot(left)];
}

const hashes = (texts: readonly string[] | null) => (texts ?? []).map(decodeBase64);

describe('the reference tree', () => {
  const leaves = reference.leaf_inputs_hex.map((hex) => leafHash(fromHex(hex)));

  it('has its leaf hashes', () => {
    expect(leaves.map(toHex)).toEqual(reference.leaf_hashes_hex);
  });

  it.each(reference.roots_by_size_hex.map((root, size) => ({ root, size })))(
    'has its root at size $size',
    ({ root, size }) => {
      expect(toHex(naiveRoot(leaves.slice(0, size)))).toBe(root);
    },
  );

  it('gives the worked example of the module', () => {
    const [first, second] = leaves;
    expect(toHex(nodeHash(first ?? emptyRoot, second ?? emptyRoot))).toMatch(/^fac54203/);
  });
});

describe('published proofs', () => {
  it('are as many as there should be', () => {
    expect(inclusionCases.length).toBe(98);
    expect(inclusionCases.filter(({ wantErr }) => !wantErr).length).toBe(6);
    expect(consistencyCases.length).toBe(98);
    expect(consistencyCases.filter(({ wantErr }) => !wantErr).length).toBeGreaterThan(5);
  });

  it.each(inclusionCases)('inclusion: $_file', (one) => {
    const claim = {
      index: BigInt(one.leafIdx),
      size: BigInt(one.treeSize),
      leaf: decodeBase64(one.leafHash ?? ''),
      root: decodeBase64(one.root ?? ''),
      proof: hashes(one.proof),
    };
    expect(verifyInclusion(claim)).toBe(!one.wantErr);
  });

  it.each(consistencyCases)('consistency: $_file', (one) => {
    const claim = {
      from: { size: BigInt(one.size1), root: decodeBase64(one.root1 ?? '') },
      to: { size: BigInt(one.size2), root: decodeBase64(one.root2 ?? '') },
      proof: hashes(one.proof),
    };
    // One case stands for "equal sizes" with roots of 12 bytes; a root here has 32.
    const hasRoots = claim.from.root.length === 32;
    expect(verifyConsistency(claim)).toBe(!one.wantErr && hasRoots);
  });
});

describe('consistency', () => {
  it('with a tree of nothing is not proven by anything: whoever asks decides', () => {
    const empty = { size: 0n, root: emptyRoot };
    expect(verifyConsistency({ from: empty, to: empty, proof: [] })).toBe(false);
    const one = { size: 1n, root: leafHash(emptyRoot) };
    expect(verifyConsistency({ from: empty, to: one, proof: [] })).toBe(false);
    expect(verifyConsistency({ from: one, to: one, proof: [] })).toBe(true);
    expect(verifyConsistency({ from: one, to: empty, proof: [] })).toBe(false);
  });

  it('of equal sizes needs roots of 32 bytes, which one published case has not', () => {
    const short = consistencyCases.filter(
      ({ wantErr, root1 }) => !wantErr && decodeBase64(root1 ?? '').length !== 32,
    );
    expect(short.map(({ desc }) => desc)).toEqual(['sizes are equal (one) and proof is empty']);
  });
});

describe('inclusion', () => {
  const leaves = Array.from({ length: 70 }, (_, n) => leafHash(Uint8Array.of(n)));

  it('holds for every entry of every tree of up to 70, and not once it is altered', () => {
    let altered = 0;
    for (let size = 1; size <= leaves.length; size++) {
      const tree = leaves.slice(0, size);
      const root = naiveRoot(tree);
      for (const [at, leaf] of tree.entries()) {
        const proof = naiveInclusion(at, tree);
        const claim = { index: BigInt(at), size: BigInt(size), leaf, root, proof };
        expect(verifyInclusion(claim)).toBe(true);
        for (const other of [
          { ...claim, index: claim.index + 1n },
          { ...claim, index: -1n },
          { ...claim, index: claim.size },
          { ...claim, leaf: nodeHash(leaf, leaf) },
          { ...claim, root: leafHash(root) },
          { ...claim, proof: [...proof, root] },
          { ...claim, proof: proof.slice(1).concat(leaf) },
          { ...claim, leaf: leaf.subarray(1) },
        ]) {
          expect(verifyInclusion(other)).toBe(false);
          altered++;
        }
        if (proof.length > 0) {
          expect(verifyInclusion({ ...claim, proof: proof.slice(0, -1) })).toBe(false);
        }
      }
    }
    expect(altered).toBe(8 * ((70 * 71) / 2));
  });

  it.each([2n ** 31n, 2n ** 32n, 2n ** 33n + 5n, 2n ** 53n + 1n, maxSize])(
    'follows paths in a tree of %s entries',
    (size) => {
      fc.assert(
        fc.property(
          fc.bigInt(0n, size - 1n),
          fc.uint8Array({ minLength: 32, maxLength: 32 }),
          (index, leaf) => {
            const { proof, root } = walk(index, size, leaf);
            const claim = { index, size, leaf, root, proof };
            expect(verifyInclusion(claim)).toBe(true);
            expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false);
            // What would pass if a shift ended at 32 bits.
            const low = index & 0xffff_ffffn;
            if (low !== index) expect(verifyInclusion({ ...claim, index: low })).toBe(false);
          },
        ),
        { numRuns: 20 },
      );
    },
  );

  it('refuses a tree larger than there can be', () => {
    const { proof, root } = walk(0n, maxSize + 1n, emptyRoot);
    expect(verifyInclusion({ index: 0n, size: maxSize + 1n, leaf: emptyRoot, root, proof })).toBe(
      false,
    );
  });
});

/** A proof with made-up siblings, and the root that it leads to: halving the tree from the top down. */
function walk(index: bigint, size: bigint, leaf: Uint8Array) {
  const sides: ('left' | 'right')[] = [];
  let [at, width] = [index, size];
  while (width > 1n) {
    const middle = splitPoint(width);
    sides.push(at < middle ? 'right' : 'left');
    [at, width] = at < middle ? [at, middle] : [at - middle, width - middle];
  }
  sides.reverse();
  const proof = sides.map((_, n) => leafHash(Uint8Array.of(n)));
  const root = proof.reduce(
    (hash, sibling, n) => (sides[n] === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling)),
    leaf,
  );
  return { proof, root };
}

describe('splitPoint', () => {
  it.each([
    [2n, 1n],
    [3n, 2n],
    [4n, 2n],
    [5n, 4n],
    [2n ** 32n, 2n ** 31n],
    [2n ** 32n + 1n, 2n ** 32n],
    [maxSize, 2n ** 62n],
  ])('of %s is %s', (size, expected) => {
    expect(splitPoint(size)).toBe(expected);
  });
});
