/**
 * A running log.
 *
 *   queue -> sequenced -> integrated -> signed -> witnessed -> published
 *
 * An entry is acknowledged when it is sequenced: it has its index on the disk, and no crash takes it back.
 * A proof exists when it is published. What stands between is done by this process or by any other on the
 * same store, and after a crash by the next one.
 *
 * Trouble ends writing, never the reading of what is published. `read-only`: the rows do not fit what was
 * signed before, so signing could fork the log. Everything else that goes wrong is tried again.
 */
import { LogError, TouchstoneError } from '../errors/error.ts';
import type { LogStore, StoredCheckpoint } from '../store/log-store.ts';
import { isWitnessed, type Policy } from '../tlog/policy.ts';
import type { TlogProof } from '../tlog/proof.ts';
import type { NoteSigner } from '../tlog/signer.ts';
import type { SignGuard } from './guard.ts';
import { Integrator } from './integrator.ts';
import { type LogItem, ownCopy } from './item.ts';
import { Pace } from './pace.ts';
import { Publisher, type WitnessReports } from './publisher.ts';
import { Queue } from './queue.ts';
import { createReader, type LogReader } from './reader.ts';
import { defaultSettings, type LogSettings } from './settings.ts';
import { requireRemembered } from './signer.ts';
import { requireOwn } from './start.ts';
import { Waiters } from './waiters.ts';
import type { Witnesses } from './witnesses.ts';
import { Worker } from './worker.ts';

export interface LogParts {
  readonly store: LogStore;
  readonly signer: NoteSigner;
  readonly guard: SignGuard;
  /** The log itself, its witnesses, and how many of them it needs. */
  readonly policy: Policy;
  /** Undefined where the policy has none. */
  readonly witnesses: Witnesses | undefined;
  readonly settings?: Partial<LogSettings> | undefined;
}

export interface Appended {
  readonly index: bigint;
  /** True when the same bytes were recorded before. */
  readonly known: boolean;
}

export interface LogStatus {
  readonly origin: string;
  readonly place: string;
  readonly mode: 'open' | 'read-only' | 'closed';
  /** Why nothing can be written, or what goes wrong at present. */
  readonly problem: TouchstoneError | undefined;
  readonly sequenced: bigint;
  readonly integrated: bigint;
  readonly signed: bigint;
  readonly published: StoredCheckpoint | undefined;
  readonly witnessed: boolean;
  readonly witnesses: WitnessReports;
}

/** After trouble with the store or the witnesses, the next attempt, milliseconds. */
const retryMillis = 1000;

export class Log {
  readonly reader: LogReader;
  readonly #parts: LogParts;
  readonly origin: string;
  readonly #settings: LogSettings;
  readonly #integrator: Integrator;
  readonly #publisher: Publisher;
  readonly #queue: Queue;
  readonly #sequencing: Worker;
  readonly #integrating: Worker;
  readonly #publishing: Worker;
  readonly #pace: Pace;
  #mode: LogStatus['mode'] = 'open';
  #problem: TouchstoneError | undefined;
  #sequenced: bigint;
  #published: StoredCheckpoint | undefined;
  #sizes: Pick<LogStatus, 'sequenced' | 'integrated' | 'signed' | 'published'>;
  #closing: Promise<void> | undefined;
  readonly #waiters = new Waiters();

  private constructor(parts: LogParts, origin: string, integrator: Integrator) {
    const settings = { ...defaultSettings, ...parts.settings };
    const reader = createReader(parts.store);
    this.reader = reader;
    this.#parts = parts;
    this.origin = origin;
    this.#settings = settings;
    this.#integrator = integrator;
    const { size } = integrator.frontier;
    this.#sequenced = size;
    this.#sizes = { sequenced: size, integrated: size, signed: 0n, published: undefined };
    this.#publisher = new Publisher({ ...parts, origin, reader });
    this.#queue = new Queue(settings.maxQueue);
    this.#sequencing = new Worker(
      () => this.#sequence(),
      (error) => this.#trouble(error, this.#sequencing),
    );
    this.#integrating = new Worker(
      () => this.#integrate(),
      (error) => this.#trouble(error, this.#integrating),
    );
    this.#publishing = new Worker(
      () => this.#publish(),
      (error) => this.#trouble(error, this.#publishing),
    );
    const stale = isWitnessed(parts.policy) ? settings.refreshMillis : undefined;
    this.#pace = new Pace({ rest: settings.checkpointMillis, stale }, () =>
      this.#publishing.wake(),
    );
  }

  /**
   * Opens a log for writing and takes up what the last process left undone. One whose rows are older than
   * what was signed opens as read-only; `status` says so.
   *
   * @throws LogError LOG_UNSUITABLE for another key or origin; LOG_WRONG when rows and tiles do not add up
   */
  static async open(parts: LogParts): Promise<Log> {
    const origin = await requireOwn(parts);
    const log = new Log(parts, origin, await Integrator.open(parts.store));
    await log.#start();
    return log;
  }

  /**
   * Records an entry.
   *
   * @returns when it has its index on the disk
   * @throws RangeError for more than 65,535 bytes, a key or a limit out of its range. LogError LOG_BUSY, LOG_QUOTA: it is not recorded.
   *   LOG_READ_ONLY: nothing is. LOG_UNAVAILABLE: it may be recorded or not; the same bytes handed in again
   *   are recorded once
   */
  async append({ bytes, key, quotas = [] }: LogItem): Promise<Appended> {
    const entry = ownCopy({ bytes, key, quotas });
    this.#requireOpen();
    if (this.#sequenced - this.#integrator.frontier.size > this.#settings.maxBacklog) {
      throw new LogError('LOG_BUSY', 'The log has more entries than it has brought into its tree.');
    }
    const waiting = this.#queue.add(entry);
    this.#sequencing.wake();
    const result = await waiting;
    if (result.kind === 'over-quota') {
      throw new LogError('LOG_QUOTA', 'There are too many entries of this kind today.');
    }
    return { index: result.index, known: result.kind === 'known' };
  }

  /**
   * Waits until an entry is published.
   *
   * @returns the first checkpoint that this process sees it in
   * @throws RangeError for an index that no entry can have that was handed in. LogError LOG_READ_ONLY, LOG_UNAVAILABLE when
   *   the log is closed before
   */
  async published(index: bigint): Promise<StoredCheckpoint> {
    if (this.#published !== undefined && index < this.#published.size) return this.#published;
    this.#requireOpen();
    const { maxQueue, maxBatch } = this.#settings;
    const soon = BigInt(maxQueue + maxBatch);
    if (index >= (await this.#parts.store.sequenced()) + soon) {
      throw new RangeError(`there is no entry ${index}`);
    }
    const published = this.#waiters.wait(index);
    this.#publishing.wake();
    return published;
  }

  /**
   * Proves an entry by the published checkpoint.
   *
   * @returns undefined when it is not published yet
   */
  async prove(index: bigint): Promise<TlogProof | undefined> {
    const published = await this.#parts.store.published();
    if (published === undefined || index >= published.size) return undefined;
    const hashes = await this.reader.inclusion(index, published);
    return { index, hashes, checkpoint: published.note };
  }

  /** What is recorded, published or not, for who decides what may be recorded next. */
  get rows(): Pick<LogStore, 'byKey' | 'entries' | 'find'> {
    return this.#parts.store;
  }

  /** Forgets counters of quotas whose window is over. @param before windows below this, as text */
  async forgetQuotas(before: string): Promise<void> {
    await this.#parts.store.forgetQuotas(before);
  }

  async status(): Promise<LogStatus> {
    const { store, policy } = this.#parts;
    let problem = this.#problem;
    try {
      this.#sizes = {
        sequenced: await store.sequenced(),
        integrated: (await store.head()).size,
        signed: (await store.latestSigned())?.size ?? 0n,
        published: await store.published(),
      };
    } catch (error) {
      // What it was when the store last answered, and that it does not.
      if (!(error instanceof TouchstoneError)) throw error;
      problem ??= error;
    }
    return {
      origin: this.origin,
      place: store.place,
      mode: this.#mode,
      problem,
      ...this.#sizes,
      witnessed: isWitnessed(policy),
      witnesses: this.#publisher.reports,
    };
  }

  /**
   * Takes no more entries, finishes what was acknowledged as far as store and witnesses allow, and lets
   * go of the store. What is not published by then is, when the log is opened next.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const wasOpen = this.#mode === 'open';
    this.#mode = 'closed';
    if (wasOpen) {
      await this.#sequencing.idle();
      await this.#integrating.idle();
      this.#publishing.wake();
      await this.#publishing.idle();
    }
    const closed = new LogError('LOG_UNAVAILABLE', 'The log is being closed.');
    this.#end(closed);
    await this.#parts.store.close();
  }

  async #start(): Promise<void> {
    const { store, guard, policy } = this.#parts;
    this.#published = await store.published();
    try {
      await requireRemembered(store, guard, isWitnessed(policy));
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'LOG_READ_ONLY') throw error;
      this.#becomeReadOnly(error);
      return;
    }
    this.#sequenced = await store.sequenced();
    this.#integrating.wake();
  }

  async #sequence(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.take(this.#settings.maxBatch);
      try {
        const results = await this.#parts.store.sequence(batch.map(({ entry }) => entry));
        for (const [at, result] of results.entries()) {
          if (result.kind === 'new') this.#sequenced = result.index + 1n;
          batch[at]?.resolve(result);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
        throw error;
      }
      this.#integrating.wake();
      // Lets those who were answered, and the network, have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #integrate(): Promise<void> {
    await this.#integrator.run();
    this.#publishing.wake();
  }

  async #publish(): Promise<void> {
    const { checkpointMillis } = this.#settings;
    const { head } = await this.#integrator.refresh();
    this.#notice(await this.#parts.store.published());
    const isDue = head.size !== this.#published?.size || this.#pace.isStale;
    if (isDue && (!this.#pace.rests || this.#mode !== 'open')) {
      this.#pace.rest();
      this.#notice(await this.#publisher.publish(head));
    }
    if (head.size === this.#published?.size && this.#mode !== 'read-only') {
      this.#problem = undefined;
    }
    // Another process may publish what somebody waits for here.
    if (this.#waiters.any) this.#publishing.wakeIn(checkpointMillis);
  }

  #notice(checkpoint: StoredCheckpoint | undefined): void {
    if (checkpoint === undefined) return;
    if (this.#published !== undefined && checkpoint.size < this.#published.size) return;
    this.#published = checkpoint;
    this.#waiters.serve(checkpoint);
  }

  /** What a worker threw: the end of writing, or something to try again. */
  #trouble(error: unknown, worker: Worker): void {
    const problem =
      error instanceof TouchstoneError
        ? error
        : new LogError('LOG_UNAVAILABLE', 'The log met a fault of its own.', { cause: error });
    if (problem.code === 'LOG_READ_ONLY' || problem.code === 'LOG_WRONG') {
      this.#becomeReadOnly(problem);
      return;
    }
    this.#problem = problem;
    worker.wakeIn(retryMillis);
  }

  #becomeReadOnly(problem: TouchstoneError): void {
    if (this.#mode === 'open') this.#mode = 'read-only';
    this.#problem = problem;
    this.#end(problem);
  }

  #end(error: TouchstoneError): void {
    for (const worker of [this.#sequencing, this.#integrating, this.#publishing]) worker.stop();
    this.#pace.stop();
    this.#queue.refuse(error);
    this.#waiters.refuse(error);
  }

  #requireOpen(): void {
    if (this.#mode === 'open') return;
    throw this.#problem ?? new LogError('LOG_UNAVAILABLE', 'The log is being closed.');
  }
}
