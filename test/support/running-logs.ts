/** Running logs in temporary folders, stores that can be listened to, and witnesses that do as they are told. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { equal } from '../../src/bytes/bytes.ts';
import { openGuard, type SignGuard } from '../../src/log/guard.ts';
import { Log, type LogParts } from '../../src/log/log.ts';
import { createReader } from '../../src/log/reader.ts';
import type { LogSettings } from '../../src/log/settings.ts';
import { createLog } from '../../src/log/start.ts';
import type { Witnesses } from '../../src/log/witnesses.ts';
import { openSqliteLog } from '../../src/store/log-sqlite.ts';
import type { LogStore } from '../../src/store/log-store.ts';
import { encodeKey } from '../../src/tlog/key.ts';
import { leafHash, type TreeHead, verifyConsistency } from '../../src/tlog/merkle.ts';
import { appendSignatures, encodeSignatures, parseNote } from '../../src/tlog/note.ts';
import { type Policy, parsePolicy } from '../../src/tlog/policy.ts';
import { verifyProof } from '../../src/tlog/proof.ts';
import { createSigner } from '../../src/tlog/signer.ts';
import { testCosigner, testSeed } from './witnessing.ts';

// A driver may give a subclass of Uint8Array; bytes are compared as bytes.
expect.addEqualityTesters([
  (a: unknown, b: unknown) =>
    a instanceof Uint8Array && b instanceof Uint8Array ? equal(a, b) : undefined,
]);

export const origin = 'log.example.org/running';
export const signer = createSigner(origin, testSeed(origin));
export const plainPolicy = parsePolicy(`log ${encodeKey(signer.key)}\nquorum none\n`);

/** Short pauses; everything else as a real log has it. */
export const quick: Partial<LogSettings> = { checkpointMillis: 5, refreshMillis: 60_000 };

export const entry = (n: number | string) => new TextEncoder().encode(`entry ${n}`);

/** An error with this code. */
export const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

/** Removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'touchstone-running-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Desk {
  readonly folder: string;
  readonly database: string;
  readonly guard: string;
  /** One more handle on the rows. */
  store(): Promise<LogStore>;
  /** One more log on them, as another process has it; closed when the test ends. */
  log(parts?: Partial<LogParts>): Promise<Log>;
}

/** A new, empty log. */
export async function newDesk(): Promise<Desk> {
  const folder = await temporaryFolder();
  const database = join(folder, 'log.db');
  const made = await openSqliteLog(database, 'create');
  await createLog(made, signer, await openGuard(join(folder, 'signed')));
  await made.close();
  return deskAt(folder);
}

/** The log of a folder that `newDesk` made, or a copy of one. */
export function deskAt(folder: string): Desk {
  const database = join(folder, 'log.db');
  const guard = join(folder, 'signed');
  return {
    folder,
    database,
    guard,
    store: () => openSqliteLog(database, 'existing'),
    async log(parts = {}) {
      const store = parts.store ?? (await openSqliteLog(database, 'existing'));
      try {
        const log = await Log.open({
          signer,
          guard: parts.guard ?? (await openGuard(guard)),
          policy: plainPolicy,
          witnesses: undefined,
          settings: quick,
          ...parts,
          store,
        });
        onTestFinished(() => log.close().catch(() => undefined));
        return log;
      } catch (error) {
        await store.close();
        throw error;
      }
    },
  };
}

/** Appends `entry <from>` to `entry <to - 1>`, and waits until they are published. */
export async function fill(log: Log, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, at) => from + at);
  const done = await Promise.all(numbers.map((n) => log.append({ bytes: entry(n) })));
  const last = done.reduce((most, { index }) => (index > most ? index : most), 0n);
  await log.published(last);
}

/** Stands before every call of a store. */
export type Hook = (
  call: string,
  real: () => Promise<unknown>,
  values: readonly unknown[],
) => Promise<unknown>;

/** The store, each of its calls through the hook. */
export function hooked(store: LogStore, hook: Hook): LogStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...values: unknown[]) =>
        hook(
          String(name),
          async () => (await Reflect.apply(value, target, values)) as unknown,
          values,
        );
    },
  });
}

/** A guard that tells what it is asked to remember before it does; it does not when `note` throws. */
export function listenedGuard(guard: SignGuard, note: (head: TreeHead) => void): SignGuard {
  return new Proxy(guard, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'remember') {
        return async (head: TreeHead) => {
          note(head);
          await target.remember(head);
        };
      }
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A policy with witnesses of these names. */
export function witnessedPolicy(names: readonly string[], quorum: number | 'all'): Policy {
  const lines = names.map(
    (name) => `witness ${name} ${encodeKey(testCosigner(name).key)} https://${name}/\n`,
  );
  return parsePolicy(
    `log ${encodeKey(signer.key)}\n${lines.join('')}group g ${quorum} ${names.join(' ')}\nquorum g\n`,
  );
}

/** What one witness does. */
export interface FakeWitness {
  /** What it has seen. */
  size: bigint;
  mode: 'honest' | 'dead';
  /** A size that it claims to have seen, true or not. */
  claims?: bigint;
}

/** Witnesses in memory; `asked` has a line for each question. */
export function fakeWitnesses(names: readonly string[], quorum: number) {
  const policy = witnessedPolicy(names, quorum);
  const states = new Map(names.map((name) => [name, { size: 0n, mode: 'honest' } as FakeWitness]));
  const asked: string[] = [];
  const roots: TreeHead[] = [];
  const pending = { kind: 'pending' } as const;
  const witnesses: Witnesses = {
    async latestSeen() {
      asked.push('seen');
      return [...states].map(([name, { size, mode, claims }]) => ({
        name,
        result: mode === 'dead' ? pending : ({ kind: 'at', size: claims ?? size } as const),
      }));
    },
    async gather(note, proofFrom) {
      asked.push('gather');
      const { text } = parseNote(note);
      const [, sizeText = '', root = ''] = text.split('\n');
      const to = { size: BigInt(sizeText), root: new Uint8Array(Buffer.from(root, 'base64')) };
      const lines: string[] = [];
      const results: Awaited<ReturnType<Witnesses['gather']>>['results'][number][] = [];
      for (const [name, state] of states) {
        if (state.mode === 'dead') {
          results.push({ name, result: pending });
          continue;
        }
        const seen = state.claims ?? state.size;
        if (seen > to.size) {
          results.push({ name, result: { kind: 'ahead', size: seen } });
          continue;
        }
        const from = roots.find(({ size }) => size === state.size);
        if (from !== undefined && from.size > 0n) {
          const proof = from.size === to.size ? [] : await proofFrom(from.size);
          if (!verifyConsistency({ from, to, proof })) throw new Error('the log has forked');
        }
        state.size = to.size;
        const time = BigInt(Math.floor(Date.now() / 1000));
        const signature = testCosigner(name).cosign(text, time);
        lines.push(encodeSignatures([signature]));
        results.push({ name, result: { kind: 'cosigned', signature, time } });
      }
      roots.push(to);
      const whole = lines.length === 0 ? note : appendSignatures(note, lines.join(''));
      return { note: whole, quorum: lines.length >= quorum, results };
    },
  };
  const witness = (name: string): FakeWitness => {
    const state = states.get(name);
    if (state === undefined) throw new Error(`no witness ${name}`);
    return state;
  };
  return { policy, witnesses, asked, witness };
}

/** Proves an entry, and verifies it as a stranger does. */
export async function expectProven(
  log: Log,
  index: bigint,
  bytes: Uint8Array,
  policy: Policy = plainPolicy,
): Promise<void> {
  const proof = await log.prove(index);
  if (proof === undefined) throw new Error(`entry ${index} is not published`);
  const at = BigInt(Math.floor(Date.now() / 1000));
  expect(verifyProof({ proof, entry: bytes, policy, at })).toMatchObject({ kind: 'verified' });
  const other = Uint8Array.of(...bytes, 0);
  expect(verifyProof({ proof, entry: other, policy, at })).toMatchObject({ kind: 'refused' });
}

/**
 * The rows of a log, read whole: no gap, no entry twice, and every signed checkpoint the beginning of the
 * newest, by proof.
 *
 * @returns entries in order and the number of checkpoints
 */
export async function audit(log: {
  readonly store: LogStore;
  readonly reader: Log['reader'];
}): Promise<{ entries: Uint8Array[]; checkpoints: number }> {
  const { store, reader } = log;
  const entries: Uint8Array[] = [];
  const leaves = new Set<string>();
  for (;;) {
    const rows = await store.entries(BigInt(entries.length), 4096);
    if (rows.length === 0) break;
    for (const { index, leaf, bytes } of rows) {
      if (index !== BigInt(entries.length)) throw new Error(`entry ${entries.length} is missing`);
      if (!equal(leafHash(bytes), leaf)) throw new Error(`entry ${index} is altered`);
      leaves.add(Buffer.from(leaf).toString('hex'));
      entries.push(bytes);
    }
  }
  if (leaves.size !== entries.length) throw new Error('an entry stands twice');
  const [head, next, published, latest] = [
    await store.head(),
    await store.sequenced(),
    await store.published(),
    await store.latestSigned(),
  ];
  if (next !== BigInt(entries.length))
    throw new Error(`${next} sequenced, ${entries.length} there`);
  const order = [published?.size ?? 0n, latest?.size ?? 0n, head.size, next];
  if (order.some((size, at) => at > 0 && size < (order[at - 1] ?? 0n))) {
    throw new Error(`published, signed, integrated, sequenced: ${order.join(', ')}`);
  }
  const signed = [...(await zero(store)), ...(await store.signedAfter(0n, 1_000_000))];
  for (const from of signed) {
    if (from.size === 0n) continue;
    const proof = await reader.consistencyFrom(from.size, head);
    if (!verifyConsistency({ from, to: head, proof })) {
      throw new Error(`the checkpoint of ${from.size} is not the beginning of ${head.size}`);
    }
  }
  return { entries, checkpoints: signed.length };
}

/** How an audit of a desk's rows ends. */
export async function audited(desk: Desk): ReturnType<typeof audit> {
  const store = await desk.store();
  try {
    return await audit({ store, reader: createReader(store) });
  } finally {
    await store.close();
  }
}

async function zero(store: LogStore) {
  const first = await store.signedAt(0n);
  return first === undefined ? [] : [first];
}
