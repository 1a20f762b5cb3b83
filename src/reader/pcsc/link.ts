/**
 * The parent's end of the PC/SC child process: starts it, asks it, keeps the time, ends it.
 *
 * Every request has a time-out. When one passes, the child is killed: nothing else frees a thread
 * that waits inside a reader's driver. All other requests under way then end with READER_STOPPED.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { fromHex } from '../../bytes/hex.ts';
import { ReaderError } from '../../errors/error.ts';
import { cardMute } from '../virtual.ts';
import { faultError, stopped } from './faults.ts';
import { type FromChild, parseFromChild, type ReaderEvent, type ToChild } from './messages.ts';

export interface LinkOptions {
  /** Module that the child loads as nfc-pcsc. */
  readonly driver: string;
  /** The service's socket, if not the usual one. */
  readonly socketPath?: string | undefined;
  /** Until the child has told all readers, milliseconds. */
  readonly startTimeoutMs: number;
}

/** A request without its number. */
export type Request =
  | { readonly kind: 'open' | 'release'; readonly reader: string }
  | { readonly kind: 'exchange'; readonly reader: string; readonly command: string };

export interface Link {
  /** Why the child is gone, or undefined while it serves. */
  failure(): ReaderError | undefined;
  /**
   * @param timeoutMs after this time the child is killed and READER_CARD_MUTE thrown
   * @throws ReaderError
   */
  request(request: Request, timeoutMs: number): Promise<Uint8Array>;
  /** Ends the child: politely, and after 1 second by force. Returns when it is gone. */
  close(): Promise<void>;
}

interface Pending {
  readonly reader: string;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: ReaderError) => void;
  readonly timer: NodeJS.Timeout;
}

const closeMs = 1_000;
const keptStderr = 2_000;

/**
 * Starts the child and resolves once it has told every reader and card there is.
 *
 * @param onEvent called for each change, those at the start included
 * @param onEnd called once, when the child is gone, with the reason
 * @throws ReaderError READER_NO_DRIVER, READER_NO_SERVICE, READER_STOPPED
 */
export async function startLink(
  options: LinkOptions,
  onEvent: (event: ReaderEvent) => void,
  onEnd: (error: ReaderError) => void,
): Promise<Link> {
  const child = forkChild(options);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const pending = new Map<number, Pending>();
  const lastWords = collectStderr(child);
  let nextId = 0;
  let failure: ReaderError | undefined;
  let ready = false;
  let started: (error?: ReaderError) => void = () => {};

  /** Ends everything once. `own` is the request that gets another error than the rest. */
  async function end(error: ReaderError, own?: { id: number; error: ReaderError }): Promise<void> {
    if (failure !== undefined) return;
    failure = error;
    child.kill('SIGKILL');
    await within(exited, closeMs);
    rejectAll(error, own);
    if (ready) onEnd(error);
    else started(error);
  }

  function rejectAll(error: ReaderError, own?: { id: number; error: ReaderError }): void {
    for (const [id, { reject, timer }] of pending) {
      clearTimeout(timer);
      reject(id === own?.id ? own.error : error);
    }
    pending.clear();
  }

  function settle(id: number, act: (request: Pending) => void): void {
    const request = pending.get(id);
    if (request === undefined) return;
    pending.delete(id);
    clearTimeout(request.timer);
    act(request);
  }

  function receive(message: FromChild): void {
    switch (message.kind) {
      case 'ready':
        ready = true;
        started();
        break;
      case 'failed':
        void end(startError(message.reason, message.detail, ready));
        break;
      case 'done':
        settle(message.id, ({ resolve }) => resolve(fromHex(message.bytes)));
        break;
      case 'fault':
        settle(message.id, ({ reader, reject }) =>
          reject(faultError(reader, message.code, message.detail)),
        );
        break;
      case 'reader-added':
      case 'reader-removed':
      case 'card-inserted':
      case 'card-removed':
        onEvent(message);
    }
  }

  child.on('message', (value) => {
    if (failure !== undefined) return;
    try {
      receive(parseFromChild(value));
    } catch (cause) {
      void end(stopped('The PC/SC process sent something it never should.', cause));
    }
  });
  child.once('error', (cause) => void end(stopped('The PC/SC process failed.', cause)));
  child.once('exit', () => {
    void end(stopped('The PC/SC process ended unexpectedly.', new Error(lastWords())));
  });

  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      void end(stopped('The PC/SC service does not answer: a reader or card may be stuck.'));
    }, options.startTimeoutMs);
    started = (error) => {
      clearTimeout(timer);
      if (error === undefined) resolve();
      else reject(error);
    };
  });

  return {
    failure: () => failure,
    request(request, timeoutMs) {
      if (failure !== undefined) return Promise.reject(failure);
      const id = nextId++;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const others = stopped(
            `The card on "${request.reader}" stopped answering, so the PC/SC process was ended.`,
          );
          void end(others, { id, error: cardMute() });
        }, timeoutMs);
        pending.set(id, { reader: request.reader, resolve, reject, timer });
        const message: ToChild = { ...request, id };
        // A child that died shows as `exit`; the failed send says no more.
        child.send(message, () => {});
      });
    },
    async close() {
      if (failure === undefined) {
        failure = stopped('The connection to the readers was closed.');
        rejectAll(failure);
        // The child ends when its IPC channel closes.
        if (child.connected) child.disconnect();
      }
      await within(exited, closeMs);
      child.kill('SIGKILL');
      await within(exited, closeMs);
    },
  };
}

function startError(reason: 'driver' | 'service', detail: string, ready: boolean): ReaderError {
  const cause = new Error(detail);
  if (reason === 'driver') {
    const message = detail.includes('Cannot find module')
      ? 'The reader driver nfc-pcsc is not installed.'
      : 'The reader driver nfc-pcsc is installed but cannot be loaded; its native part may not be built.';
    return new ReaderError('READER_NO_DRIVER', message, { cause });
  }
  return ready
    ? stopped('The PC/SC service stopped in the middle of the check.', cause)
    : new ReaderError('READER_NO_SERVICE', 'The PC/SC service refused the connection.', { cause });
}

function forkChild({ driver, socketPath }: LinkOptions): ChildProcess {
  const env = socketPath === undefined ? {} : { PCSCLITE_CSOCK_NAME: socketPath };
  const child = fork(childFile(import.meta.url), [driver], {
    // Flags of the parent (a debugger, a loader) do not belong in the child.
    execArgv: [],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // An idle child keeps nobody alive; requests under way do, by their timers.
  child.unref();
  child.channel?.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  return child;
}

/**
 * Where the built child lies: beside this module, or, when this module runs from its source as in
 * the tests, at the same place below dist/.
 *
 * @param from URL of this module
 */
export function childFile(from: string): string {
  const below = from.endsWith('.ts') ? '../../../dist/src/reader/pcsc/child.js' : './child.js';
  return fileURLToPath(new URL(below, from));
}

function collectStderr(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (chunk: string) => {
    text = (text + chunk).slice(-keptStderr);
  });
  return () => text.trim();
}

/** Waits for `done`, but no longer than the given time. */
async function within(done: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([done, late]);
  clearTimeout(timer);
}
