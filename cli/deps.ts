/** Everything of the outside world that a command may touch, so that tests can stand in for it. */
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Pcsc, PcscOptions } from '../src/reader/pcsc/pcsc.ts';
import { stateFolder } from '../src/state/folder.ts';

export interface Output extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Deps {
  readonly stdin: Readable;
  /** Results only. */
  readonly stdout: Output;
  /** Prompts, progress, errors. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970, UTC. */
  readonly now: () => number;
  /** Monotonic time, microseconds. */
  readonly micros: () => number;
  /** Cryptographically secure random bytes. */
  readonly random: (length: number) => Uint8Array;
  readonly fetch: typeof fetch;
  /** Absolute path of the folder for what is kept between runs; it need not exist yet. */
  readonly stateFolder: () => string;
  /** Asks the person at the terminal; only called where there is one. Ctrl-C ends the command. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** The same for something that must not be seen while it is typed. */
  readonly secret: (question: string) => Promise<string>;
  readonly startPcsc: (options?: PcscOptions) => Promise<Pcsc>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The real world. A second Ctrl-C ends the process at once. */
export function systemDeps(): Deps {
  const interrupt = new AbortController();
  process.once('SIGINT', () => {
    interrupt.abort();
    process.once('SIGINT', () => process.exit(130));
  });
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: Date.now,
    micros: () => performance.now() * 1000,
    random: (length) => new Uint8Array(randomBytes(length)),
    fetch,
    stateFolder: () => stateFolder(process.env, process.platform, homedir()),
    confirm: async (question) => (await import('./ui/prompts.ts')).confirm(question, interrupt),
    secret: async (question) => (await import('./ui/prompts.ts')).secret(question, interrupt),
    // Loaded when a reader is first needed: most commands never do.
    startPcsc: async (options) => (await import('../src/reader/pcsc/pcsc.ts')).startPcsc(options),
    signal: interrupt.signal,
  };
}
