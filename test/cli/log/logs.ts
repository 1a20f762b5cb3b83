/** Logs of the command line in temporary folders, and a real witness for them on this computer. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';
import { createWitness } from '../../../server/witness.ts';
import { encodeEntry } from '../../../src/activation/entry.ts';
import type { Entry } from '../../../src/activation/entry-schema.ts';
import { encodeKey } from '../../../src/tlog/key.ts';
import { type Policy, parsePolicy } from '../../../src/tlog/policy.ts';
import { type CliResult, runCli, temporaryFile, temporaryFolder } from '../../support/cli.ts';
import { listen, memoryStore, testCosigner } from '../../support/witnessing.ts';

export { filesIn } from '../../support/static-logs.ts';

export const onOneLine = (text: string): string => text.replace(/\s+/g, ' ');

export const demoOrigin = 'demo.touchstone.invalid/test';

/** POSIX seconds of `testClock`, 2026-11-26T12:00:00Z. */
export const at = 1_795_694_400n;

export type Scene = NonNullable<Parameters<typeof runCli>[1]>;

export const log = (args: readonly string[], scene?: Scene): Promise<CliResult> =>
  runCli(['log', ...args], scene);

/** As `log`; what does not end well is a fault of the test. */
export async function mustLog(args: readonly string[], scene?: Scene): Promise<CliResult> {
  const result = await log(args, scene);
  if (result.exit !== 0) throw new Error(`log ${args.join(' ')}: ${result.stderr}`);
  return result;
}

/** The file of an entry, in canonical form. */
export const entryFile = (entry: Entry): string => temporaryFile(encodeEntry(entry), 'entry.json');

const templates = new Map<string, Promise<string>>();

afterAll(async () => {
  for (const made of templates.values()) rmSync(await made, { recursive: true, force: true });
});

/** A new log with as many raw entries as it should have: "entry 0" and so on. */
export async function newLog(size = 0, origin = demoOrigin): Promise<string> {
  const name = `${size} ${origin}`;
  const template = templates.get(name) ?? makeLog(size, origin);
  templates.set(name, template);
  const folder = join(temporaryFolder(), 'log');
  cpSync(await template, folder, { recursive: true });
  return folder;
}

/** Made once: its first checkpoint and that of its entries lie a second apart. */
async function makeLog(size: number, origin: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-cli-log-'));
  await mustLog(['init', '--log', folder, '--origin', origin]);
  if (size > 0) await grow(folder, 0, size);
  return folder;
}

export async function grow(folder: string, from: number, to: number, history = 'entry') {
  const files = Array.from({ length: to - from }, (_, n) =>
    temporaryFile(`${history} ${from + n}`),
  );
  return mustLog(['append', '--log', folder, '--raw', ...files], { fetch });
}

export const policyText = (folder: string): string => readFileSync(join(folder, 'policy'), 'utf8');
export const policyOf = (folder: string): Policy => parsePolicy(policyText(folder));

/** The JSON lines of a result. */
export const linesOf = ({ stdout }: Pick<CliResult, 'stdout'>) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));

/** A witness of this log that listens on this computer. */
export async function startWitness(folder: string): Promise<string> {
  const { logs } = policyOf(folder);
  const witness = createWitness({
    cosigner: testCosigner(),
    logs,
    store: memoryStore(),
    now: () => at - 60n,
  });
  return listen(witness);
}

/** The log asks for the witness at this URL from now on. */
export function addWitness(folder: string, url: string): void {
  const [logLine = ''] = policyText(folder).split('\n');
  const vkey = encodeKey(testCosigner().key);
  writeFileSync(join(folder, 'policy'), `${logLine}\nwitness one ${vkey} ${url}\nquorum one\n`);
}

/** The timers of this process run ahead until the command ends; sockets and files take their own time. */
export async function hurried(running: Promise<CliResult>): Promise<CliResult> {
  let isOver = false;
  void running.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await vi.advanceTimersByTimeAsync(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return running;
}

export const hurry = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
