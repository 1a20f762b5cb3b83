/** Reads the rows of a log whole: sound ones, and each altered in one place. */
import { describe, expect, test } from 'vitest';
import { checkLog, type LogFault } from '../../src/log/check.ts';
import { rowsSource } from '../../src/log/source.ts';
import type { LogStore } from '../../src/store/log-store.ts';
import { at, flipped, growingLog, oneSentence } from '../support/static-logs.ts';
import { testCosigner } from '../support/witnessing.ts';

describe('rows', () => {
  const rows = async (size = 600) => {
    const log = await growingLog();
    await log.grow(10);
    await log.grow(300);
    await log.grow(size);
    const check = (changes: Partial<LogStore> = {}) =>
      checkLog({ source: rowsSource(overlaid(log.store, changes)), policy: log.policy, at });
    return { ...log, check };
  };

  test('are sound, with every checkpoint that was signed', async () => {
    const { check } = await rows();
    expect(await check()).toMatchObject({
      kind: 'sound',
      size: 600n,
      // Of 0, 10, 300 and 600 entries.
      counts: { entries: 600n, tiles: 4, checkpoints: 4 },
    });
  });

  test('are read beyond what is published', async () => {
    const { append, check } = await rows();
    await append(700);
    expect(await check()).toMatchObject({
      kind: 'sound',
      size: 700n,
      checkpoint: { checkpoint: { size: 600n } },
      counts: { entries: 700n },
    });
  });

  test('of a log that published nothing are sound', async () => {
    const { store, policy } = await growingLog();
    expect(await checkLog({ source: rowsSource(store), policy, at })).toMatchObject({
      kind: 'sound',
      checkpoint: undefined,
      size: 0n,
    });
  });

  test('need the witnesses of the policy for what is published alone', async () => {
    const { store, publish, append } = await growingLog();
    const cosigner = testCosigner();
    const { store: _, policy } = await growingLog();
    const witnessed = {
      ...policy,
      witnesses: [{ name: 'w1', key: cosigner.key }],
      quorum: 'w1',
    };
    await append(20);
    await publish(cosigner);
    const source = rowsSource(store);
    expect(await checkLog({ source, policy: witnessed, at })).toMatchObject({
      kind: 'sound',
      checkpoint: { witnessed: true },
      counts: { checkpoints: 2 + 1 },
    });
    await append(30);
    await publish();
    expect(await checkLog({ source, policy: witnessed, at })).toMatchObject({
      kind: 'wrong',
      why: 'quorum-missing',
    });
  });

  type Changes = (log: Awaited<ReturnType<typeof rows>>) => Partial<LogStore>;
  const faults: readonly [string, LogFault, Changes][] = [
    [
      'a byte of an entry',
      'altered',
      ({ store }) => ({
        entries: async (...args) =>
          (await store.entries(...args)).map((row) =>
            row.index === 444n ? { ...row, bytes: flipped(0)(row.bytes) } : row,
          ),
      }),
    ],
    [
      'the hash that an entry is found by',
      'altered',
      ({ store }) => ({
        entries: async (...args) =>
          (await store.entries(...args)).map((row) =>
            row.index === 444n ? { ...row, leaf: flipped(0)(row.leaf) } : row,
          ),
      }),
    ],
    [
      'no entry 5',
      'missing',
      ({ store }) => ({
        entries: async (...args) =>
          (await store.entries(...args)).filter(({ index }) => index !== 5n),
      }),
    ],
    [
      'a tile',
      'altered',
      ({ store }) => ({
        tile: async (id) => {
          const bytes = await store.tile(id);
          return id.level === 0 && id.index === 1n && bytes ? flipped(3)(bytes) : bytes;
        },
      }),
    ],
    [
      'no tile',
      'missing',
      ({ store }) => ({
        tile: async (id) => (id.level === 1 ? undefined : store.tile(id)),
      }),
    ],
    [
      'a head of another root',
      'altered',
      ({ store }) => ({
        head: async () => ({ ...(await store.head()), root: new Uint8Array(32) }),
      }),
    ],
    [
      'a tree smaller than what was signed',
      'forked',
      ({ store }) => ({
        head: async () => {
          const older = await store.signedAt(300n);
          if (older === undefined) throw new Error('no such checkpoint');
          return { size: older.size, root: older.root };
        },
      }),
    ],
    [
      'a signed row with another root than its note',
      'malformed',
      ({ store }) => ({
        signedAfter: async (...args) =>
          (await store.signedAfter(...args)).map((row) => ({ ...row, root: new Uint8Array(32) })),
      }),
    ],
    [
      'a signed row with the note of another size',
      'malformed',
      ({ store }) => ({
        signedAfter: async (...args) =>
          (await store.signedAfter(...args)).map((row) =>
            row.size === 10n ? { ...row, size: 11n } : row,
          ),
      }),
    ],
    [
      'a published row with another root than its note',
      'altered',
      ({ store }) => ({
        published: async () => {
          const row = await store.published();
          return row && { ...row, root: new Uint8Array(32) };
        },
      }),
    ],
  ];

  test.each(faults)('are refused with %s', async (_what, why, change) => {
    const log = await rows();
    const result = await log.check(change(log));
    expect(result).toMatchObject({ kind: 'wrong', why });
    expect(result).toMatchObject({ detail: expect.stringMatching(oneSentence) });
  });

  test('are refused with an older checkpoint of another history', async () => {
    const log = await rows();
    const fork = await growingLog({ history: 'other' });
    await fork.grow(10);
    const forked = await fork.store.signedAt(10n);
    const { store } = log;
    const result = await log.check({
      signedAfter: async (...args) =>
        (await store.signedAfter(...args)).map((row) =>
          row.size === 10n && forked ? forked : row,
        ),
    });
    expect(result).toMatchObject({ kind: 'wrong', why: 'forked' });
    expect(result).toMatchObject({ detail: expect.stringMatching(oneSentence) });
  });

  test('with many checkpoints are read in pages', async () => {
    const log = await growingLog();
    for (let size = 1; size <= 520; size++) await log.grow(size);
    const { store, policy } = log;
    expect(await checkLog({ source: rowsSource(store), policy, at })).toMatchObject({
      kind: 'sound',
      counts: { checkpoints: 521 },
    });
  });
});

/** The store, some of its methods replaced. */
function overlaid(store: LogStore, changes: Partial<LogStore>): LogStore {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
