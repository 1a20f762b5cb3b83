/** One life of the PC/SC child process: its readers, the channels opened through it, its end. */
import { ReaderError } from '../../errors/error.ts';
import type { CardChannel } from '../channel.ts';
import { cardRemoved, readerUnplugged } from './faults.ts';
import { type Link, type LinkOptions, startLink } from './link.ts';
import type { ReaderEvent } from './messages.ts';
import { PcscChannel } from './pcsc-channel.ts';
import { type ReaderInfo, ReaderTable } from './reader-table.ts';

/** A change of readers or cards; `stopped` ends the series until the next call starts anew. */
export type ReaderChange =
  | { readonly kind: ReaderEvent['kind']; readonly reader: string }
  | { readonly kind: 'stopped'; readonly error: ReaderError };

export interface CardRequest {
  /** Reader's name or a part of it, upper and lower case alike; a whole name wins. */
  readonly reader?: string | undefined;
  /** How long to wait for a card, milliseconds; 0 takes only one that lies there now. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Whole names of readers to leave alone, e.g. those whose card was checked and still lies. */
  readonly exclude?: readonly string[] | undefined;
}

export class Session {
  readonly #table = new ReaderTable();
  readonly #channels = new Map<string, PcscChannel>();
  readonly #wakers = new Set<() => void>();
  readonly #exchangeTimeoutMs: number;
  readonly #onChange: (change: ReaderChange) => void;
  #link: Link | undefined;

  private constructor(exchangeTimeoutMs: number, onChange: (change: ReaderChange) => void) {
    this.#exchangeTimeoutMs = exchangeTimeoutMs;
    this.#onChange = onChange;
  }

  /** @throws ReaderError as startLink does */
  static async start(
    options: LinkOptions & { readonly exchangeTimeoutMs: number },
    onChange: (change: ReaderChange) => void,
  ): Promise<Session> {
    const session = new Session(options.exchangeTimeoutMs, onChange);
    session.#link = await startLink(
      options,
      (event) => session.#apply(event),
      (error) => session.#stop(error),
    );
    return session;
  }

  get alive(): boolean {
    return this.#link !== undefined && this.#link.failure() === undefined;
  }

  readers(): ReaderInfo[] {
    return this.#table.list();
  }

  #apply(event: ReaderEvent): void {
    this.#table.apply(event);
    const channel = this.#channels.get(event.reader);
    if (event.kind === 'card-removed') channel?.lose(cardRemoved(event.reader));
    if (event.kind === 'reader-removed') channel?.lose(readerUnplugged(event.reader));
    this.#wake();
    this.#onChange({ kind: event.kind, reader: event.reader });
  }

  #stop(error: ReaderError): void {
    this.#wake();
    this.#onChange({ kind: 'stopped', error });
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
  }

  /** See Pcsc.waitForCard. */
  async waitForCard(request: CardRequest): Promise<CardChannel> {
    const deadline = Date.now() + request.timeoutMs;
    for (;;) {
      const busy = [...this.#channels.keys(), ...(request.exclude ?? [])];
      const found = await this.#until(
        () => this.#table.choose(request.reader, busy),
        deadline - Date.now(),
        request.signal,
      );
      if (found === undefined) {
        throw new ReaderError('READER_NO_CARD', 'No card was laid on the reader in time.');
      }
      try {
        return await this.#open(found.name);
      } catch (error) {
        // A card that only brushed past the reader: wait for the next one.
        const brushed = error instanceof ReaderError && error.code === 'READER_CARD_REMOVED';
        if (!brushed || Date.now() >= deadline) throw error;
      }
    }
  }

  /** See Pcsc.waitForRemoval. */
  async waitForRemoval(reader: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    const gone = () =>
      this.#table.list().some(({ name, cardPresent }) => name === reader && cardPresent)
        ? undefined
        : true;
    return (await this.#until(gone, timeoutMs, signal)) ?? false;
  }

  /** The first defined value of `look`, which is asked at once and after every change. */
  async #until<T>(
    look: () => T | undefined,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#wakers.delete(check);
        signal?.removeEventListener('abort', check);
        settle();
      };
      const check = () => {
        try {
          const failure = this.#link?.failure();
          if (failure !== undefined) throw failure;
          if (signal?.aborted === true) {
            throw new ReaderError('INTERRUPTED', 'Stopped before a card was read.');
          }
          const value = look();
          if (value !== undefined) finish(() => resolve(value));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const timer = setTimeout(() => finish(() => resolve(undefined)), Math.max(0, timeoutMs));
      this.#wakers.add(check);
      signal?.addEventListener('abort', check);
      check();
    });
  }

  async #open(reader: string): Promise<CardChannel> {
    const link = this.#link;
    if (link === undefined) throw new TypeError('session not started');
    const channel = new PcscChannel(link, reader, this.#exchangeTimeoutMs, () => {
      this.#channels.delete(reader);
    });
    // Entered before the card powers up, so that a removal meanwhile is not missed.
    this.#channels.set(reader, channel);
    try {
      await channel.open();
      return channel;
    } catch (error) {
      await channel.close();
      throw error;
    }
  }

  /** Lets go of all cards and ends the child. */
  async close(): Promise<void> {
    await Promise.all([...this.#channels.values()].map((channel) => channel.close()));
    await this.#link?.close();
  }
}
