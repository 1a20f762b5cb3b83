/** Those who wait until an entry is published. */
import type { StoredCheckpoint } from '../store/log-store.ts';

interface Waiter {
  readonly index: bigint;
  readonly resolve: (checkpoint: StoredCheckpoint) => void;
  readonly reject: (error: unknown) => void;
}

export class Waiters {
  #waiting: Waiter[] = [];

  get any(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves with the first checkpoint handed to `serve` that holds the entry. */
  wait(index: bigint): Promise<StoredCheckpoint> {
    return new Promise((resolve, reject) => this.#waiting.push({ index, resolve, reject }));
  }

  serve(checkpoint: StoredCheckpoint): void {
    const isServed = ({ index }: Waiter) => index < checkpoint.size;
    const served = this.#waiting.filter(isServed);
    this.#waiting = this.#waiting.filter((waiter) => !isServed(waiter));
    for (const { resolve } of served) resolve(checkpoint);
  }

  refuse(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }
}
