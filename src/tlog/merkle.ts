/**
 * The Merkle tree of RFC 6962 section 2.1, and its proofs as RFC 9162 section 2.1 verifies them.
 *
 *   leaf  = SHA-256(00, entry)
 *   node  = SHA-256(01, left, right)
 *   root of nothing = SHA-256("")
 *   n entries split at the largest power of two below n; nothing is padded, no leaf is doubled
 *
 * Sizes and indexes are bigint, 0 to 2^63-1: the operators `>>` and `&` on numbers end at 32 bits.
 *
 * Worked example (checked by a test): of the entries "" and 00, the leaves are 6e340b9c… and 96a296d2…,
 * the root of both is fac54203….
 */
import { hash } from 'node:crypto';
import { equal } from '../bytes/bytes.ts';

/** The largest size of a tree, 2^63-1. */
export const maxSize = 2n ** 63n - 1n;

/** What one size of a log amounts to. */
export interface TreeHead {
  /** Entries in it, 0 to 2^63-1. */
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** True when two heads are of the same tree. */
export function sameHead(a: TreeHead, b: TreeHead): boolean {
  return a.size === b.size && equal(a.root, b.root);
}

/** The root of a tree without entries. */
export const emptyRoot: Uint8Array = digest(new Uint8Array());

/** The hash of an entry, 32 bytes. The prefix keeps it apart from every inner node (RFC 6962 2.1). */
export function leafHash(entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return digest(input);
}

/** The hash of an inner node, 32 bytes, from those of its two halves. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(65);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 33);
  return digest(input);
}

/** The largest power of two below `size`, which is at least 2. */
export function splitPoint(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}

/**
 * Whether an entry stands at an index of a tree (RFC 9162 section 2.1.3.2).
 *
 * @param claim.leaf the hash of the entry, 32 bytes
 * @param claim.proof siblings from the leaf upwards, 32 bytes each; exactly as many as there must be
 */
export function verifyInclusion(claim: {
  readonly index: bigint;
  readonly size: bigint;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  const { index, size, leaf, root, proof } = claim;
  if (index < 0n || index >= size || size > maxSize) return false;
  if (![leaf, root, ...proof].every(isHash)) return false;
  const path = new Path(index, size - 1n);
  let computed = leaf;
  for (const sibling of proof) {
    if (path.atTop()) return false;
    computed = path.isRight() ? nodeHash(sibling, computed) : nodeHash(computed, sibling);
    path.up();
  }
  return path.atTop() && equal(computed, root);
}

/**
 * Whether the older tree is the beginning of the newer one (RFC 9162 section 2.1.4.2).
 *
 * A tree without entries is the beginning of every tree, but nothing proves it: for `from.size` 0 this is
 * false, and who asks decides. Two trees of one size are consistent when their roots are equal.
 *
 * @param claim.proof 32 bytes each; exactly as many as there must be
 */
export function verifyConsistency(claim: {
  readonly from: TreeHead;
  readonly to: TreeHead;
  readonly proof: readonly Uint8Array[];
}): boolean {
  const { from, to, proof } = claim;
  if (from.size <= 0n || from.size > to.size || to.size > maxSize) return false;
  if (![from.root, to.root, ...proof].every(isHash)) return false;
  if (from.size === to.size) return proof.length === 0 && equal(from.root, to.root);
  // A whole subtree as the older tree is not sent again: whoever asks has its root.
  const hashes = isPowerOfTwo(from.size) ? [from.root, ...proof] : proof;
  const [first, ...rest] = hashes;
  if (first === undefined) return false;
  const path = new Path(from.size - 1n, to.size - 1n);
  path.skipRight();
  let older = first;
  let newer = first;
  for (const sibling of rest) {
    if (path.atTop()) return false;
    if (path.isRight()) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
    } else {
      newer = nodeHash(newer, sibling);
    }
    path.up();
  }
  return path.atTop() && equal(older, from.root) && equal(newer, to.root);
}

/** The way from a node up to the root: `fn` and `sn` of RFC 9162. */
class Path {
  #node: bigint;
  #last: bigint;

  constructor(node: bigint, last: bigint) {
    this.#node = node;
    this.#last = last;
  }

  atTop(): boolean {
    return this.#last === 0n;
  }

  /** True when the next sibling stands to the left. */
  isRight(): boolean {
    return isOdd(this.#node) || this.#node === this.#last;
  }

  up(): void {
    // The last node of an odd level has no sibling there: it rises until it has one.
    if (this.#node === this.#last) while (!isOdd(this.#node) && this.#node !== 0n) this.#rise();
    this.#rise();
  }

  /** Rises past the subtrees that end where the older tree ends. */
  skipRight(): void {
    while (isOdd(this.#node)) this.#rise();
  }

  #rise(): void {
    this.#node >>= 1n;
    this.#last >>= 1n;
  }
}

function isOdd(n: bigint): boolean {
  return (n & 1n) === 1n;
}

function isPowerOfTwo(n: bigint): boolean {
  return (n & (n - 1n)) === 0n;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === 32;
}

function digest(input: Uint8Array): Uint8Array {
  // Called for every node of a log; one call is faster than an object a hash.
  const { buffer, byteOffset, length } = hash('sha256', input, 'buffer');
  return new Uint8Array(buffer, byteOffset, length);
}
