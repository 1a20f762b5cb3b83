/**
 * The contract of the rows below a log. Two forms keep it, SQLite and PostgreSQL, and one suite of tests
 * holds both to it.
 *
 * An entry goes through these rows in one direction, and each step is durable before the next begins:
 *
 *   sequenced    it has an index: contiguous from 0, never given twice, never taken back
 *   integrated   its hash is in the tiles, and the head of the tree says so
 *   signed       a checkpoint over it. These rows only grow: a second root for a size, or a smaller size
 *                after a larger one, is refused whatever the caller believes. That is the fork guard
 *   published    the largest checkpoint that the policy's witnesses stand behind
 *
 * Any number of processes may work on one store. None is a leader: every step names the state that it
 * starts from, and is refused when that is no longer the state.
 */
import type { FilledTile } from '../tlog/frontier.ts';
import type { TreeHead } from '../tlog/merkle.ts';
import type { TileId } from '../tlog/tile.ts';

/** What the log asks to be kept of an entry. */
export interface NewEntry {
  /** RFC 6962 leaf hash, 32 bytes: byte-identical entries are one. */
  readonly leaf: Uint8Array;
  /** 0 to 65,535 bytes. */
  readonly bytes: Uint8Array;
  /** What it is found by later, such as the index key of a card; 1 to 64 bytes. */
  readonly key?: Uint8Array | undefined;
  /** Counters that it uses up. */
  readonly quotas: readonly Quota[];
}

/** A counter of entries. */
export interface Quota {
  /** What is counted, 32 bytes. */
  readonly key: Uint8Array;
  /** In which span of time, such as a day: counters of one key with other windows are other counters. */
  readonly window: string;
  /** How many entries it allows, 1 or more. */
  readonly limit: number;
}

/** What became of an entry that was handed in. */
export type Sequenced =
  | { readonly kind: 'new'; readonly index: bigint }
  /** The same bytes were there before. */
  | { readonly kind: 'known'; readonly index: bigint }
  | { readonly kind: 'over-quota' };

/** An entry at its place. */
export interface StoredEntry {
  readonly index: bigint;
  readonly leaf: Uint8Array;
  readonly bytes: Uint8Array;
}

/** A checkpoint as it was signed or published. */
export interface StoredCheckpoint extends TreeHead {
  /** The signed note, whole. */
  readonly note: string;
}

export interface LogStore {
  /** Where it is, for people: a path, or a URL without its password. */
  readonly place: string;

  /**
   * Makes the rows of a new, empty log.
   *
   * @param log.key as a C2SP verifier key
   * @throws LogError LOG_UNSUITABLE when there is one already
   */
  create(log: { readonly origin: string; readonly key: string }): Promise<void>;

  /**
   * Whose log this is, as `create` was told.
   *
   * @throws LogError LOG_UNSUITABLE when there is none, or its rows are of another form or damaged
   */
  identity(): Promise<{ readonly origin: string; readonly key: string }>;

  /**
   * Gives entries their indexes, in the order handed in, in one durable transaction.
   *
   * An entry that is known, also one that stands earlier in the same batch, gets the index that it has,
   * and uses up no quota. One that is over any of its quotas gets none; the others go in.
   */
  sequence(entries: readonly NewEntry[]): Promise<Sequenced[]>;

  /** How many entries have an index. */
  sequenced(): Promise<bigint>;

  /** The tree as it is integrated. */
  head(): Promise<TreeHead>;

  /**
   * Makes the tree larger, in one durable transaction.
   *
   * @param from what it grew from
   * @param tiles as `Frontier.extend` gives them: full ones, and the last of a level
   * @returns false, with nothing changed, when the tree is no longer `from`
   * @throws LogError LOG_WRONG when a full tile is there already with other bytes
   */
  integrate(from: TreeHead, to: TreeHead, tiles: readonly FilledTile[]): Promise<boolean>;

  /**
   * Keeps a signed checkpoint. The same size and root again is no change.
   *
   * @returns false, with nothing changed, when a larger one is there, the same size with another root, or
   *   the integrated tree is smaller
   */
  sign(checkpoint: StoredCheckpoint): Promise<boolean>;

  /** The largest signed checkpoint. */
  latestSigned(): Promise<StoredCheckpoint | undefined>;

  /** The signed checkpoint of a size. */
  signedAt(size: bigint): Promise<StoredCheckpoint | undefined>;

  /** Signed checkpoints above a size, smallest first. */
  signedAfter(size: bigint, limit: number): Promise<StoredCheckpoint[]>;

  /**
   * Publishes a checkpoint, or the same again with fresher cosignatures.
   *
   * @returns false, with nothing changed, when a larger one is published or no such one was signed
   */
  publish(checkpoint: StoredCheckpoint): Promise<boolean>;

  /** The largest published checkpoint. */
  published(): Promise<StoredCheckpoint | undefined>;

  /** Entries from an index on, in order, no more than `limit` and at most `maxBytes` together, but one at least. */
  entries(from: bigint, limit: number, maxBytes?: number): Promise<StoredEntry[]>;

  /** The index of an entry by its leaf hash. */
  find(leaf: Uint8Array): Promise<bigint | undefined>;

  /** Indexes of the entries with a key, ascending, from `from` on. */
  byKey(key: Uint8Array, from: bigint, limit: number): Promise<bigint[]>;

  /**
   * The bytes of a tile of hashes: the whole of it, which may be more than `id.width`.
   *
   * @returns undefined when it is not there, or narrower
   */
  tile(id: TileId): Promise<Uint8Array | undefined>;

  /** Forgets the counters of windows before this one (compared as text). */
  forgetQuotas(before: string): Promise<void>;

  /** Lets go of files and connections; nothing may be called afterwards. */
  close(): Promise<void>;
}
