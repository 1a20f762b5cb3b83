/**
 * Entries that wait for their index. They are in memory only: what is in here may be lost, and nobody
 * was told otherwise yet.
 */
import { LogError } from '../errors/error.ts';
import type { NewEntry, Sequenced } from '../store/log-store.ts';

/** One entry, and whoever waits for what becomes of it. */
export interface Waiting {
  readonly entry: NewEntry;
  readonly resolve: (result: Sequenced) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounded, first in first out. */
export class Queue {
  readonly #limit: number;
  #waiting: Waiting[] = [];

  /** @param limit how many may wait, 1 or more */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** @returns rejects at once with LogError LOG_BUSY when too many wait already */
  add(entry: NewEntry): Promise<Sequenced> {
    if (this.#waiting.length >= this.#limit) {
      return Promise.reject(
        new LogError('LOG_BUSY', 'The log has more to do than it can keep up with.'),
      );
    }
    return new Promise((resolve, reject) => this.#waiting.push({ entry, resolve, reject }));
  }

  /** Takes out the first `count`, or all where there are fewer. */
  take(count: number): readonly Waiting[] {
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return taken;
  }

  /** Turns everybody away who still waits. */
  refuse(error: unknown): void {
    for (const { reject } of this.take(this.#waiting.length)) reject(error);
  }
}
