/** A log that runs in this process, on rows of its own, without witnesses. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogWorld } from '../../src/log/folder.ts';
import { openGuard } from '../../src/log/guard.ts';
import type { LogItem } from '../../src/log/item.ts';
import { Log } from '../../src/log/log.ts';
import { createLog } from '../../src/log/start.ts';
import { openSqliteLog } from '../../src/store/log-sqlite.ts';
import type { LogStore, StoredCheckpoint } from '../../src/store/log-store.ts';
import { createSigner } from '../../src/tlog/signer.ts';

/** Rows that a log is made in. */
export interface Rows {
  open(): Promise<LogStore>;
  remove(): Promise<void>;
}

export interface LogRoom {
  readonly log: Log;
  /** Transactions in which entries got their indexes. */
  readonly batches: number;
}

export const benchOrigin = 'bench.example.org/log';
export const benchSeed = new Uint8Array(32).fill(7);

/** What is handed in before the first is answered: as many as a busy server's clients. */
const inFlight = 400;

/** The world of a log in a folder, which asks nobody. */
export const benchWorld: LogWorld = {
  now: Date.now,
  post: () => Promise.reject(new Error('a log of the benchmark has no witnesses')),
};

/** Makes a folder in the temporary one. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Rows in a SQLite file in a folder of their own. */
export function sqliteRows(): Rows {
  const folder = temporaryFolder();
  return {
    open: () => openSqliteLog(join(folder, 'log.db'), 'create'),
    remove: async () => removeFolder(folder),
  };
}

/** Makes a log in empty rows and opens it, with the settings that a log has by itself. */
export async function startLog(rows: Rows): Promise<LogRoom> {
  const store = await rows.open();
  let batches = 0;
  const sequence = store.sequence.bind(store);
  store.sequence = (entries) => {
    batches += 1;
    return sequence(entries);
  };
  const folder = temporaryFolder();
  try {
    const signer = createSigner(benchOrigin, benchSeed);
    const guard = await openGuard(join(folder, 'signed'));
    await createLog(store, signer, guard);
    const policy = {
      logs: [{ origin: benchOrigin, key: signer.key }],
      witnesses: [],
      groups: [],
      quorum: 'none',
    };
    const parts = { store, signer, guard, policy, witnesses: undefined };
    const log = await Log.open(parts);
    const close = log.close.bind(log);
    log.close = async () => {
      await close();
      removeFolder(folder);
    };
    return {
      log,
      get batches() {
        return batches;
      },
    };
  } catch (error) {
    await store.close();
    removeFolder(folder);
    throw error;
  }
}

/**
 * Appends entries, a few hundred at a time: the next is handed in as soon as one has its index.
 *
 * @throws Error when one was there before: then less was done than was timed
 */
export async function appendAll(log: Log, items: Iterable<LogItem>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const client = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      const { known } = await log.append(next.value);
      if (known) throw new Error('an entry of the benchmark was in the log before');
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
}

/**
 * @returns the published checkpoint
 * @throws Error when it is of another size: then something else was timed
 */
export async function requirePublished(store: LogStore, count: number): Promise<StoredCheckpoint> {
  const published = await store.published();
  if (published?.size === BigInt(count)) return published;
  throw new Error(`${published?.size ?? 0} entries of ${count} were published`);
}

/** What keeps this machine from keeping a log in SQLite. */
export async function sqliteMissing(): Promise<string | undefined> {
  try {
    const { default: Database } = await import('better-sqlite3');
    new Database(':memory:').close();
    return undefined;
  } catch {
    return 'better-sqlite3 cannot be loaded (npm ci)';
  }
}
