/**
 * Runs the command line: in this process with everything of the outside world stood in for, or as
 * the built program in a process of its own.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { Deps, Output } from '../../cli/deps.ts';
import { run } from '../../cli/run.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { type ErrorCode, errorTable } from '../../src/errors/codes.ts';
import { ReaderError } from '../../src/errors/error.ts';
import type { Exit } from '../../src/errors/exit.ts';
import type { CardRequest, Pcsc } from '../../src/reader/pcsc/pcsc.ts';
import { ReaderTable } from '../../src/reader/pcsc/reader-table.ts';
import { openVirtualCard, type VirtualCard } from '../../src/reader/virtual.ts';
import { createSimulatedCard, type SimulatedCard } from '../../src/simulator/index.ts';

/** A day after the first registry was issued: results must not change as that registry ages. */
export const testClock = Date.parse('2026-11-23T12:00:00Z');

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Absolute path of a file in this repository. */
export function repositoryFile(path: string): string {
  return join(root, path);
}

/** Makes the demo makers known. */
export const demoRegistry = ['--registry', repositoryFile('certs/demo/registry.json')] as const;

export interface FakeReader {
  readonly name: string;
  readonly card?: VirtualCard;
}

/** The world that a command meets; whatever is left out is there and quiet. */
export interface Scene {
  /** A card on the only reader. */
  readonly card?: VirtualCard;
  /** Instead of `card`. Left out, there is one reader. */
  readonly readers?: readonly FakeReader[];
  /** The PC/SC service does not start. */
  readonly pcscFailure?: Error;
  readonly stdin?: Readable;
  readonly env?: Deps['env'];
  /** Columns of the terminal; left out, the stream is no terminal. */
  readonly stdoutColumns?: number;
  readonly stderrColumns?: number;
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970, UTC. */
  readonly now?: number;
}

export interface CliResult {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
  /** What the readers were asked for. */
  readonly requests: readonly CardRequest[];
  /** Connections to the readers, and to cards, that were left open. */
  readonly leftOpen: number;
}

/** Runs one command in this process. */
export async function runCli(args: readonly string[], scene: Scene = {}): Promise<CliResult> {
  const stdout = capture(scene.stdoutColumns);
  const stderr = capture(scene.stderrColumns);
  const service = fakeService(scene);
  let micros = 0;
  const exit = await run(args, {
    stdin: scene.stdin ?? Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: scene.env ?? {},
    now: () => scene.now ?? testClock,
    micros: () => {
      micros += 45_000;
      return micros;
    },
    random: seededRandom('touchstone test'),
    startPcsc: service.start,
    signal: scene.signal ?? new AbortController().signal,
  });
  return {
    exit,
    stdout: stdout.text(),
    stderr: stderr.text(),
    requests: service.requests,
    leftOpen: service.leftOpen(),
  };
}

/** One simulated card; the same in every run. */
export function simulated(caseId: string, unit?: string): SimulatedCard {
  return createSimulatedCard('coinkite-tap', caseId, seededRandom(caseId), unit);
}

/** Bytes that look random and are the same each time. */
export function seededRandom(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    counter += 1;
    const hash = createHash('shake256', { outputLength: length }).update(`${seed} ${counter}`);
    return new Uint8Array(hash.digest());
  };
}

/** A new folder, gone after the test that asks for it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A new file with this content, gone after the test; an object is written as JSON. */
export function temporaryFile(content: unknown, name = 'file.json'): string {
  const path = join(temporaryFolder(), name);
  const raw = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(path, raw ? content : JSON.stringify(content));
  return path;
}

/** Checks a card and saves its evidence; gives the path of the file. */
export async function savedEvidence(caseId = 'genuine'): Promise<string> {
  const path = join(temporaryFolder(), `${caseId}.json`);
  const args = ['verify', ...demoRegistry, '--save', path];
  await runCli(args, { card: simulated(caseId) });
  return path;
}

/** A lone message on standard error: what happened, what to do, the code; and no verdict. */
export function expectError(
  result: Pick<CliResult, 'exit' | 'stdout' | 'stderr'>,
  code: ErrorCode,
  message: RegExp | string = '',
): void {
  const { exit, remedy } = errorTable[code];
  const lines = result.stderr.trimEnd().split('\n');
  expect(lines.at(-1)).toBe(`${remedy} (${code})`);
  expect(lines.at(-2)).toMatch(message);
  expect(lines.at(-2)).toMatch(/^[A-Z/"-].*[.?]$/);
  expect(result.exit).toBe(exit);
  expect(result.stdout).toBe('');
  expectNoTrace(result);
}

/** Traces belong to --debug. */
export function expectNoTrace({ stdout, stderr }: Pick<CliResult, 'stdout' | 'stderr'>): void {
  expect(`${stdout}${stderr}`).not.toMatch(/^\s+at |node:internal|\bError:/m);
}

/** Line feeds are the only control characters that may reach a screen without colours. */
export function expectNoControls(text: string): void {
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
}

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
  /** The program; left out, the one that this repository builds. */
  readonly program?: readonly [string, ...string[]];
}

export interface Running {
  readonly ended: Promise<BuiltResult>;
  /** Returns as soon as standard output and error together hold this text, or at the end. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

const builtProgram = repositoryFile('dist/cli/touchstone.js');

/** Runs the built program to its end. */
export async function runBuilt(
  args: readonly string[],
  options: BuiltOptions = {},
): Promise<BuiltResult> {
  return startBuilt(args, options).ended;
}

/** Starts the built program; it is killed when its time is over. Its input stays open. */
export function startBuilt(args: readonly string[], options: BuiltOptions = {}): Running {
  if (!existsSync(builtProgram)) throw new Error('Build first: node scripts/setup.mjs');
  const { program = [process.execPath, builtProgram], timeoutMs = 20_000 } = options;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program[0], [...program.slice(1), ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH, HOME, ...options.env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
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
    kill: (signal) => void child.kill(signal),
  };
}

function capture(columns: number | undefined): { stream: Output; text: () => string } {
  let text = '';
  const sink = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const terminal = columns === undefined ? {} : { isTTY: true, columns };
  return { stream: Object.assign(sink, terminal), text: () => text };
}

/** Readers without PC/SC, by the real table of readers. Nobody lays a card on them later. */
function fakeService(scene: Scene) {
  const { card, readers = [{ name: 'Test Reader 00 00', ...(card && { card }) }] } = scene;
  const table = new ReaderTable();
  for (const { name, card: lying } of readers) {
    table.apply({ kind: 'reader-added', reader: name });
    if (lying) table.apply({ kind: 'card-inserted', reader: name, atr: toHex(lying.atr) });
  }
  const requests: CardRequest[] = [];
  const open = new Set<object>();

  async function waitForCard(request: CardRequest) {
    requests.push(request);
    const found = table.choose(request.reader, request.exclude ?? []);
    const lying = readers.find(({ name }) => name === found?.name)?.card;
    if (lying === undefined) throw await waitInVain(request);
    const channel = openVirtualCard(lying, found?.name);
    open.add(channel);
    return {
      ...channel,
      close: async () => {
        open.delete(channel);
        await channel.close();
      },
    };
  }

  async function start(): Promise<Pcsc> {
    if (scene.pcscFailure !== undefined) throw scene.pcscFailure;
    const pcsc: Pcsc = {
      readers: async () => table.list(),
      waitForCard,
      waitForRemoval: async () => false,
      onChange: () => () => undefined,
      close: async () => {
        open.delete(pcsc);
      },
    };
    open.add(pcsc);
    return pcsc;
  }

  return { start, requests, leftOpen: () => open.size };
}

/** No time passes in tests, unless somebody is about to interrupt. */
async function waitInVain({ signal }: CardRequest): Promise<ReaderError> {
  if (signal?.aborted !== true && signal !== undefined && awaited.has(signal)) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  return signal?.aborted
    ? new ReaderError('INTERRUPTED', 'Stopped before a card was read.')
    : new ReaderError('READER_NO_CARD', 'No card was laid on the reader in time.');
}

const awaited = new WeakSet<AbortSignal>();

/** Ctrl-C, pressed after this many milliseconds; a wait for a card lasts until then. */
export function interruptAfter(millis: number): AbortSignal {
  const control = new AbortController();
  awaited.add(control.signal);
  setTimeout(() => control.abort(), millis);
  return control.signal;
}
