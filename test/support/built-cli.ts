/** Runs the built program in a process of its own, by the clock of the tests. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { repositoryFile } from './cli.ts';

export interface BuiltResult {
  /** Null when the time was over and the process was killed. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BuiltOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** For standard input, which ends after it; left out, it stays open. */
  readonly input?: string;
  /** The program; left out, the one that this repository builds. */
  readonly program?: readonly [string, ...string[]];
}

export interface Running {
  readonly ended: Promise<BuiltResult>;
  /** Returns as soon as standard output and error together hold this text, or at the end. */
  said(text: string): Promise<void>;
  /** Sends a signal to the program and all that it has started, as Ctrl-C does. */
  kill(signal: NodeJS.Signals): void;
}

const builtProgram = repositoryFile('dist/cli/touchstone.js');

const fixedClock = pathToFileURL(repositoryFile('test/support/fixed-clock.mjs')).href;

/** Runs the built program to its end. */
export async function runBuilt(
  args: readonly string[],
  options: BuiltOptions = {},
): Promise<BuiltResult> {
  return startBuilt(args, options).ended;
}

/** Starts the built program; it is killed when its time is over. */
export function startBuilt(args: readonly string[], options: BuiltOptions = {}): Running {
  if (!existsSync(builtProgram)) throw new Error('Build first: node scripts/setup.mjs');
  const { program = [process.execPath, builtProgram], timeoutMs = 20_000 } = options;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program[0], [...program.slice(1), ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH, HOME, NODE_OPTIONS: `--import=${fixedClock}`, ...options.env },
    // A group of its own, so that a signal reaches its children too, as from a terminal.
    detached: true,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  if (options.input !== undefined) child.stdin.end(options.input);
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk) => {
      output[name] += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<BuiltResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, ...output }));
  });
  const said = (text: string) =>
    new Promise<void>((resolve) => {
      const check = () => `${output.stdout}${output.stderr}`.includes(text) && resolve();
      listeners.add(check);
      check();
    });
  return {
    ended,
    said: (text) => Promise.race([said(text), ended.then(() => undefined)]),
    kill(signal) {
      const over = child.exitCode !== null || child.signalCode !== null;
      if (!over && child.pid !== undefined) process.kill(-child.pid, signal);
    },
  };
}
