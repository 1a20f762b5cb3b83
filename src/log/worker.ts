/** A step that is done again whenever there is something to do, never twice at once. */
export class Worker {
  readonly #step: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #again = false;
  #stopped = false;

  /**
   * @param step does all that there is to do
   * @param onError told what a step threw; whether to wake the worker again is up to it
   */
  constructor(step: () => Promise<void>, onError: (error: unknown) => void) {
    this.#step = step;
    this.#onError = onError;
  }

  /** There is something to do. During a step it is done once more after it. */
  wake(): void {
    if (this.#stopped) return;
    this.#clearTimer();
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** The same after a while, milliseconds; an earlier call to either holds. */
  wakeIn(delay: number): void {
    if (this.#stopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.wake(), delay);
  }

  /** Resolves when no step runs. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** No step begins after this. */
  stop(): void {
    this.#stopped = true;
    this.#clearTimer();
  }

  async #run(): Promise<void> {
    // Whatever is handed in during the same turn of the event loop is done together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#step();
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#running = undefined;
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
