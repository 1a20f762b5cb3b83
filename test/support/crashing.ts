/** Processes that append to a log and are killed, and what must be true of the log afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../src/bytes/hex.ts';
import { openRows } from '../../src/log/folder.ts';
import { openGuard } from '../../src/log/guard.ts';
import { createReader } from '../../src/log/reader.ts';
import type { LogStore } from '../../src/store/log-store.ts';
import { leafHash, verifyConsistency } from '../../src/tlog/merkle.ts';
import { repositoryFile } from './cli.ts';
import { audit } from './running-logs.ts';

const child = repositoryFile('test/support/crash-child.mjs');

/** Numbers from 0 to 1, always the same for a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Writer {
  /** Whole lines so far. */
  lines(): readonly string[];
  /** Resolves as soon as it has said a line that begins like this, or has ended. */
  said(beginning: string): Promise<void>;
  kill(): void;
  readonly ended: Promise<void>;
  /** What it wrote on standard error. */
  complaint(): string;
}

/** Starts a process that appends; `millis` 0 is until it is killed. */
export function startWriter(
  folder: string,
  name: string,
  options: {
    readonly millis?: number;
    readonly env?: Readonly<Record<string, string>>;
    /** A command that runs it, such as one with limits. */
    readonly under?: readonly string[];
  } = {},
): Writer {
  const dist = process.env['TOUCHSTONE_DIST'] ?? repositoryFile('dist');
  if (!existsSync(join(dist, 'src/log/folder.js'))) {
    throw new Error('Build first: node scripts/setup.mjs');
  }
  const { millis = 0, env = {}, under = [] } = options;
  const [program = '', ...args] = [...under, process.execPath, child, folder, name, `${millis}`];
  const { PATH = '', HOME = '' } = process.env;
  const running: ChildProcess = spawn(program, args, {
    env: { PATH, HOME, TOUCHSTONE_DIST: dist, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, complaint] = ['', ''];
  const listeners = new Set<() => void>();
  running.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    for (const listener of listeners) listener();
  });
  running.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    running.once('error', reject);
    running.once('close', () => resolve());
  });
  return {
    // What comes after the last line feed may be half a line.
    lines: () => said.split('\n').slice(0, -1),
    said: (beginning) =>
      Promise.race([
        ended,
        new Promise<void>((resolve) => {
          const check = () => `\n${said}`.includes(`\n${beginning}`) && resolve();
          listeners.add(check);
          check();
        }),
      ]),
    kill: () => running.kill('SIGKILL'),
    ended,
    complaint: () => complaint,
  };
}

/** All that the processes were told by a log, held against its rows. */
export class Witnessed {
  readonly #leaves = new Map<bigint, string>();
  readonly #indexes = new Map<string, bigint>();
  readonly #roots = new Map<bigint, string>();
  #largest = 0n;

  get acknowledged(): number {
    return this.#leaves.size;
  }

  get checkpoints(): number {
    return this.#roots.size;
  }

  /** @throws Error when a line contradicts an earlier one */
  note(lines: readonly string[]): void {
    for (const line of lines) {
      const [word = '', number = '', value = ''] = line.split(' ');
      if (word === 'ack') this.#noteEntry(BigInt(number), value);
      if (word === 'signed' || word === 'published') this.#noteHead(BigInt(number), value);
    }
  }

  #noteEntry(index: bigint, leaf: string): void {
    const [had, place] = [this.#leaves.get(index), this.#indexes.get(leaf)];
    if (had !== undefined && had !== leaf) throw new Error(`index ${index} was given twice`);
    if (place !== undefined && place !== index)
      throw new Error(`${leaf} got ${place} and ${index}`);
    this.#leaves.set(index, leaf);
    this.#indexes.set(leaf, index);
  }

  #noteHead(size: bigint, root: string): void {
    const had = this.#roots.get(size);
    if (had !== undefined && had !== root) throw new Error(`two trees of ${size} were signed`);
    this.#roots.set(size, root);
    if (size > this.#largest) this.#largest = size;
  }

  /** Reads the log of a folder whole. @throws Error for anything that is not as it was told */
  async check(folder: string): Promise<void> {
    const store = await openRows(folder);
    try {
      const reader = createReader(store);
      const { entries } = await audit({ store, reader });
      for (const [index, leaf] of this.#leaves) {
        const bytes = entries[Number(index)];
        if (bytes === undefined) throw new Error(`entry ${index} was acknowledged and is missing`);
        if (toHex(leafHash(bytes)) !== leaf) throw new Error(`entry ${index} is another one`);
      }
      const head = await store.head();
      for (const [size, root] of this.#roots) {
        const row = await store.signedAt(size);
        if (row === undefined || toHex(row.root) !== root) {
          throw new Error(`the checkpoint of ${size} was signed and is gone`);
        }
      }
      const latest = await store.latestSigned();
      if (latest === undefined || latest.size < this.#largest) throw new Error('it went back');
      if (latest.size > 0n) {
        const proof = await reader.consistencyFrom(latest.size, head);
        if (!verifyConsistency({ from: latest, to: head, proof })) throw new Error('it has forked');
      }
      await requireOlderGuard(folder, store);
    } finally {
      await store.close();
    }
  }
}

/** The file of what was signed may be behind the rows, never before them. */
async function requireOlderGuard(folder: string, store: LogStore): Promise<void> {
  const path = join(folder, 'signed');
  if (!existsSync(path)) return;
  await openGuard(path);
  const [size = '', root = ''] = (await readFile(path, 'utf8')).split('\n');
  const row = await store.signedAt(BigInt(size));
  if (row === undefined || Buffer.from(row.root).toString('base64') !== root) {
    throw new Error(`the file says that ${size} were signed, and the rows do not`);
  }
}
