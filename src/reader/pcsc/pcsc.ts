/**
 * NFC readers through PC/SC.
 *
 *   const pcsc = await startPcsc();
 *   const channel = await pcsc.waitForCard({ timeoutMs: 30_000 });
 *   ... openCard(channel, clock) ...
 *   await channel.close();
 *   await pcsc.close();
 *
 * nfc-pcsc runs in a child process (child.ts says why). The child is ended when a card or a reader
 * hangs or the service stops; calls under way then fail, and the next call starts a fresh one.
 */
import type { CardChannel } from '../channel.ts';
import { stopped } from './faults.ts';
import type { ReaderInfo } from './reader-table.ts';
import { requireService } from './service.ts';
import { type CardRequest, type ReaderChange, Session } from './session.ts';

export type { ReaderInfo } from './reader-table.ts';
export type { CardRequest, ReaderChange } from './session.ts';

export interface PcscOptions {
  /** For one command and its answer, milliseconds. Default 15 000. */
  readonly exchangeTimeoutMs?: number;
  /** Until the service has named its readers, milliseconds. Default 5 000. */
  readonly startTimeoutMs?: number;
  /** Socket of the service on Linux. Default: PCSCLITE_CSOCK_NAME, else /run/pcscd/pcscd.comm. */
  readonly socketPath?: string;
  /** Module or absolute path to load in place of nfc-pcsc: for tests. */
  readonly driver?: string;
}

export interface Pcsc {
  /** The readers there are now; an empty list is not an error. */
  readers(): Promise<ReaderInfo[]>;
  /**
   * Waits for one card and powers it up. Readers with an open channel do not count. A card that
   * lies there already is taken at once.
   *
   * @throws ReaderError READER_NONE, READER_UNKNOWN, READER_NO_CARD (time passed), INTERRUPTED
   *   (signal), READER_CARD_MUTE, READER_TRANSPORT, READER_UNPLUGGED,
   *   READER_STOPPED, READER_NO_SERVICE
   * @throws UsageError READER_AMBIGUOUS when cards lie on several readers
   */
  waitForCard(request: CardRequest): Promise<CardChannel>;
  /**
   * Waits until no card lies on the reader of this whole name.
   *
   * @returns false when the card still lies there after `timeoutMs`
   */
  waitForRemoval(reader: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  /** Tells every change from now on. After `stopped` a new start tells all readers afresh. */
  onChange(listener: (change: ReaderChange) => void): () => void;
  /** Lets go of all cards and ends the child process. May be called twice. */
  close(): Promise<void>;
}

/**
 * Connects to the PC/SC service.
 *
 * @throws ReaderError READER_NO_SERVICE or READER_FORBIDDEN (within 1 second), READER_NO_DRIVER,
 *   READER_STOPPED
 */
export async function startPcsc(options: PcscOptions = {}): Promise<Pcsc> {
  const { exchangeTimeoutMs = 15_000, startTimeoutMs = 5_000, driver = 'nfc-pcsc' } = options;
  const { socketPath } = options;
  const listeners = new Set<(change: ReaderChange) => void>();
  let current: Promise<Session> | undefined;
  let closed = false;

  async function start(): Promise<Session> {
    await requireService(socketPath);
    return Session.start({ driver, socketPath, startTimeoutMs, exchangeTimeoutMs }, (change) => {
      for (const listener of listeners) listener(change);
    });
  }

  /** The session that serves now, or a new one after the last has ended. */
  async function session(): Promise<Session> {
    if (closed) throw stopped('The connection to the readers was closed.');
    const last = current;
    const alive = (await last?.catch(() => undefined))?.alive === true;
    // Two calls that meet a dead session must start one new session, not two.
    if (!alive && current === last) current = start();
    if (current === undefined) throw new TypeError('no session');
    return current;
  }

  await session();
  return {
    readers: async () => (await session()).readers(),
    waitForCard: async (request) => (await session()).waitForCard(request),
    waitForRemoval: async (reader, timeoutMs, signal) =>
      (await session()).waitForRemoval(reader, timeoutMs, signal),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      await (await current?.catch(() => undefined))?.close();
    },
  };
}
