/** Logs that grow on demand, and folders of logs to alter. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { exportLog } from '../../src/log/export.ts';
import { openRows } from '../../src/log/folder.ts';
import { openGuard } from '../../src/log/guard.ts';
import { importLog } from '../../src/log/import.ts';
import { Integrator } from '../../src/log/integrator.ts';
import { createLog } from '../../src/log/start.ts';
import { openStaticFolder } from '../../src/log/static-folder.ts';
import { openSqliteLog } from '../../src/store/log-sqlite.ts';
import { encodeCheckpoint } from '../../src/tlog/checkpoint.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { appendSignatures, encodeNote, encodeSignatures } from '../../src/tlog/note.ts';
import { type Policy, parsePolicy } from '../../src/tlog/policy.ts';
import { type Cosigner, createSigner } from '../../src/tlog/signer.ts';
import { log7, tessera } from '../tlog/given.ts';

/** POSIX seconds, for everything in these tests. */
export const at = 1_800_000_000n;

/** A new folder, gone after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of a vector, to alter. */
export function vectorFolder(name: string): string {
  const folder = newFolder();
  cpSync(fileURLToPath(new URL(`../vectors/tlog/${name}`, import.meta.url)), folder, {
    recursive: true,
  });
  return folder;
}

export const policyOf = (vkey: string): Policy => parsePolicy(`log ${vkey}\nquorum none\n`);
export const tesseraPolicy = policyOf(tessera.vkey);
/** The worked example, with its witness. */
export const log7Policy = parsePolicy(`log ${log7.vkey}\nwitness w1 ${log7.wvkey}\nquorum w1\n`);

/** A log of the entries "entry 0", "entry 1" and so on in a database of its own. */
export async function growingLog(options: { origin?: string; history?: string } = {}) {
  const { origin = 'log.example.org/grown', history = 'entry' } = options;
  const signer = createSigner(origin, sha256(utf8(`seed of ${origin}`)));
  const home = newFolder();
  const store = await openSqliteLog(join(home, 'log.db'), 'create');
  onTestFinished(() => store.close());
  await createLog(store, signer, await openGuard(join(home, 'signed')));
  const policy: Policy = {
    logs: [{ origin, key: signer.key }],
    witnesses: [],
    groups: [],
    quorum: 'none',
  };
  /** Signs what is integrated, and publishes it; cosigned where somebody cosigns. */
  const publish = async (cosigner?: Cosigner, time = at - 60n) => {
    const head = await store.head();
    const text = encodeCheckpoint({ origin, ...head });
    const note = encodeNote({ text, signatures: [signer.sign(text)] });
    await store.sign({ ...head, note });
    const cosigned =
      cosigner === undefined
        ? note
        : appendSignatures(note, encodeSignatures([cosigner.cosign(text, time)]));
    if (!(await store.publish({ ...head, note: cosigned }))) throw new Error('not published');
    return cosigned;
  };
  /** Appends entries up to a size. */
  const append = async (size: number) => {
    for (let next = Number(await store.sequenced()); next < size; ) {
      const count = Math.min(4096, size - next);
      const entries = Array.from({ length: count }, (_, n) => utf8(`${history} ${next + n}`));
      await store.sequence(entries.map((bytes) => ({ leaf: leafHash(bytes), bytes, quotas: [] })));
      next += count;
    }
    await (await Integrator.open(store)).run();
  };
  const grow = async (size: number) => {
    await append(size);
    return publish();
  };
  return { store, signer, policy, append, publish, grow };
}

/** Such a log and its export, which grows with it. */
export async function exportedLog(size = 600) {
  const log = await growingLog();
  const folder = join(newFolder(), 'export');
  const to = async (next: number) => {
    await log.grow(next);
    await exportLog({ store: log.store, folder });
  };
  await to(size);
  return { ...log, folder, to };
}

/** Where a copy of a log can be made. */
export const newCopy = () => join(newFolder(), 'copy');

export async function importFrom(from: string, folder: string, policy?: Policy) {
  return importLog({ source: await openStaticFolder(from), folder, policy, at });
}

/** Opens the rows of a copy for one look. */
export async function inRows<T>(
  folder: string,
  look: (store: Awaited<ReturnType<typeof openRows>>) => Promise<T>,
): Promise<T> {
  const store = await openRows(folder);
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

/** What is wrong with a log is said so. */
export const oneSentence = /^[A-Z/].*[^.]\.$/;

/** Every file below a folder: its path and the hash of its bytes. */
export function filesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files
      .map((path): [string, string] => [
        relative(folder, path),
        toHex(sha256(new Uint8Array(readFileSync(path)))),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Alters one file of a folder. */
export function alter(
  folder: string,
  path: string,
  change: (bytes: Uint8Array) => Uint8Array,
): void {
  const file = join(folder, path);
  writeFileSync(file, change(new Uint8Array(readFileSync(file))));
}

/** The bytes with one bit of the byte at a place changed; from the end where it is negative. */
export const flipped = (place: number) => (bytes: Uint8Array) => {
  const copy = bytes.slice();
  const index = place < 0 ? copy.length + place : place;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
};
