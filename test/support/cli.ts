/** Runs the command line in this process, with everything of the outside world stood in for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
import { seededRandom } from './tap-evidence.ts';

/** A day after the packaged registry was issued: results must not change as that registry ages. */
export const testClock = Date.parse('2026-11-26T12:00:00Z');

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
  /** Left out: there is no network. */
  readonly fetch?: typeof fetch;
  /** Left out: one that cannot be used. */
  readonly stateFolder?: string;
  /** What the person types at a terminal unseen. */
  readonly secret?: string;
  /** What the person says to each question; left out or used up: no. */
  readonly answers?: readonly boolean[];
}

export interface CliResult {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
  /** What the readers were asked for. */
  readonly requests: readonly CardRequest[];
  /** Connections to the readers, and to cards, that were left open. */
  readonly leftOpen: number;
  /** What the person was asked. */
  readonly questions: readonly string[];
}

/** Runs one command in this process. */
export async function runCli(args: readonly string[], scene: Scene = {}): Promise<CliResult> {
  const stdout = capture(scene.stdoutColumns);
  const stderr = capture(scene.stderrColumns);
  const service = fakeService(scene);
  const questions: string[] = [];
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
    fetch: scene.fetch ?? noNetwork,
    stateFolder: () => scene.stateFolder ?? unusableFolder,
    secret: async (question) => {
      questions.push(question);
      return scene.secret ?? '';
    },
    confirm: async (question) => {
      questions.push(question);
      return scene.answers?.[questions.length - 1] ?? false;
    },
    startPcsc: service.start,
    signal: scene.signal ?? new AbortController().signal,
  });
  return {
    exit,
    stdout: stdout.text(),
    stderr: stderr.text(),
    requests: service.requests,
    leftOpen: service.leftOpen(),
    questions,
  };
}

/** Below a file, so not even root can make it. */
export const unusableFolder = join(root, 'package.json', 'state');

const noNetwork: typeof fetch = () => Promise.reject(new Error('no network in this test'));

/** One simulated card; the same in every run. */
export function simulated(caseId: string, unit?: string, family = 'coinkite-tap'): SimulatedCard {
  return createSimulatedCard(family, caseId, seededRandom(caseId), unit);
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
  result: Pick<CliResult, 'stdout' | 'stderr'> & { readonly exit: number | null },
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
  expect(`${stdout}${stderr}`).not.toMatch(/^\s+at .*:\d+:\d+|node:internal|\bError:/m);
}

/** Line feeds are the only control characters that may reach a screen without colours. */
export function expectNoControls(text: string): void {
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
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
