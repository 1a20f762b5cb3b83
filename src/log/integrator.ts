/**
 * Brings sequenced entries into the tree.
 *
 * Only what is durable is read, never what a caller handed in: doing it again, in this process or in
 * another, gives the same tiles byte for byte. Several processes may try at once; the store takes the step
 * of one, and the others load what it did and go on from there.
 */
import { equal } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import type { LogStore, StoredEntry } from '../store/log-store.ts';
import { Frontier } from '../tlog/frontier.ts';
import { leafHash, sameHead } from '../tlog/merkle.ts';
import { hashesAt, hashLength, levelsOf } from '../tlog/tile.ts';

/** Entries and bytes in one step: a transaction of a few tens of milliseconds. */
const stepEntries = 4096;
const stepBytes = 8 * 1024 * 1024;

export class Integrator {
  readonly #store: LogStore;
  #frontier: Frontier;

  private constructor(store: LogStore, frontier: Frontier) {
    this.#store = store;
    this.#frontier = frontier;
  }

  /** @throws LogError LOG_WRONG when the tiles do not amount to the head */
  static async open(store: LogStore): Promise<Integrator> {
    return new Integrator(store, await loadFrontier(store));
  }

  /** The tree as this process knows it; another may have made it larger meanwhile. */
  get frontier(): Frontier {
    return this.#frontier;
  }

  /** Loads what other processes did. @throws LogError LOG_READ_ONLY when the tree became smaller */
  async refresh(): Promise<Frontier> {
    const head = await this.#store.head();
    if (!sameHead(head, this.#frontier.head)) await this.#reload();
    return this.#frontier;
  }

  /**
   * Integrates every entry that has an index by now.
   *
   * @throws LogError LOG_WRONG when entries are missing or are not what was sequenced; LOG_READ_ONLY when
   *   the tree became smaller; LOG_UNAVAILABLE
   */
  async run(): Promise<Frontier> {
    for (;;) {
      const from = this.#frontier;
      const entries = await this.#store.entries(from.size, stepEntries, stepBytes);
      if (entries.length === 0 && (await this.#isAllThereIs(from.size))) return from;
      const leaves = entries.map((entry, at) => checkedLeaf(entry, from.size + BigInt(at)));
      const { frontier, tiles } = from.extend(leaves);
      if (await this.#store.integrate(from.head, frontier.head, tiles)) this.#advance(frontier);
      else await this.#reload();
    }
  }

  /** @throws LogError LOG_WRONG when the rows of entries with an index are gone */
  async #isAllThereIs(size: bigint): Promise<boolean> {
    const sequenced = await this.#store.sequenced();
    if (sequenced <= size) return true;
    const [entry] = await this.#store.entries(size, 1);
    if (entry === undefined)
      throw new LogError('LOG_WRONG', `Entry ${size} of the log is missing.`);
    return false;
  }

  async #reload(): Promise<void> {
    // Held against what was known when the reading began: `run` may go on while `refresh` reads.
    const { head, size } = this.#frontier;
    const frontier = await loadFrontier(this.#store);
    if (frontier.size < size) {
      throw new LogError(
        'LOG_READ_ONLY',
        `${this.#store.place} went back from ${size} entries to ${frontier.size} while it was in use.`,
      );
    }
    if (frontier.size === size && !sameHead(frontier.head, head)) {
      throw new LogError(
        'LOG_READ_ONLY',
        `${this.#store.place} holds another tree of ${size} entries than a moment ago.`,
      );
    }
    this.#advance(frontier);
  }

  #advance(frontier: Frontier): void {
    if (frontier.size > this.#frontier.size) this.#frontier = frontier;
  }
}

/** The right edge as it is stored, held against the head: a tile is believed only when it adds up. */
async function loadFrontier(store: LogStore): Promise<Frontier> {
  // Head and tiles are read apart; when another process grows the tree in between, they do not fit.
  for (let attempt = 0; attempt < loadAttempts; attempt++) {
    const head = await store.head();
    const tiles: Uint8Array[] = [];
    for (let level = 0; level < levelsOf(head.size); level++) {
      const hashes = hashesAt(head.size, level);
      const width = Number(hashes % 256n);
      const bytes =
        width === 0 ? new Uint8Array() : await store.tile({ level, index: hashes / 256n, width });
      if (bytes === undefined) throw unsound(store, `a tile of level ${level} is missing`);
      tiles.push(bytes.subarray(0, width * hashLength));
    }
    if (head.size < 0n) throw unsound(store, 'its size is below nothing');
    const frontier = Frontier.from(head.size, tiles);
    if (equal(frontier.root(), head.root)) return frontier;
    if (sameHead(head, await store.head())) break;
  }
  throw unsound(store, 'its tiles do not amount to its root');
}

const loadAttempts = 100;

function checkedLeaf({ index, leaf, bytes }: StoredEntry, expected: bigint): Uint8Array {
  if (index !== expected)
    throw new LogError('LOG_WRONG', `Entry ${expected} of the log is missing.`);
  if (!equal(leafHash(bytes), leaf)) {
    throw new LogError('LOG_WRONG', `Entry ${index} of the log is not what was handed in.`);
  }
  return leaf;
}

function unsound(store: LogStore, why: string): LogError {
  return new LogError('LOG_WRONG', `${store.place} is damaged: ${why}.`);
}
