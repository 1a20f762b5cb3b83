/**
 * When checkpoints are made: not sooner than a while after the last, and again after a longer while for
 * the sake of fresh cosignatures. By timers, not by the clock: one that is set back would hold the next
 * checkpoint up for as long.
 */
export class Pace {
  readonly #restMillis: number;
  readonly #staleMillis: number | undefined;
  readonly #wake: () => void;
  #rests = false;
  #isStale: boolean;
  #restTimer: NodeJS.Timeout | undefined;
  #staleTimer: NodeJS.Timeout | undefined;

  /**
   * @param times.rest milliseconds between two checkpoints
   * @param times.stale milliseconds after which the last one is stale; undefined: never
   * @param wake called whenever there may be something to do
   */
  constructor(
    times: { readonly rest: number; readonly stale: number | undefined },
    wake: () => void,
  ) {
    this.#restMillis = times.rest;
    this.#staleMillis = times.stale;
    this.#isStale = times.stale !== undefined;
    this.#wake = wake;
  }

  /** True for a while after a checkpoint: the next one waits. */
  get rests(): boolean {
    return this.#rests;
  }

  /** True when a checkpoint is due although nothing was added; at the start as well. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** A checkpoint is being made now. */
  rest(): void {
    this.stop();
    this.#rests = true;
    this.#isStale = false;
    this.#restTimer = setTimeout(() => {
      this.#rests = false;
      this.#wake();
    }, this.#restMillis);
    if (this.#staleMillis === undefined) return;
    this.#staleTimer = setTimeout(() => {
      this.#isStale = true;
      this.#wake();
    }, this.#staleMillis);
  }

  /** No timer goes off after this. */
  stop(): void {
    clearTimeout(this.#restTimer);
    clearTimeout(this.#staleTimer);
  }
}
