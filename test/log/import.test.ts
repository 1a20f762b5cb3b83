/** Copies of logs: whole or not at all, continued, never over another history, never signed. */
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import { checkLog } from '../../src/log/check.ts';
import { exportLog } from '../../src/log/export.ts';
import { openLogFolder, readPolicy } from '../../src/log/folder.ts';
import { importLog } from '../../src/log/import.ts';
import { createReader } from '../../src/log/reader.ts';
import { type LogSource, rowsSource } from '../../src/log/source.ts';
import { openStaticFolder } from '../../src/log/static-folder.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { encodePolicy } from '../../src/tlog/policy.ts';
import { verifyProof } from '../../src/tlog/proof.ts';
import {
  at,
  exportedLog,
  filesIn,
  growingLog,
  importFrom,
  inRows,
  log7Policy,
  newCopy,
  newFolder,
  tesseraPolicy,
  vectorFolder,
} from '../support/static-logs.ts';
import { testCosigner } from '../support/witnessing.ts';
import { tessera } from '../tlog/given.ts';

const exportOf = async (folder: string) => {
  const target = join(newFolder(), 'export');
  await inRows(folder, (store) => exportLog({ store, folder: target }));
  return target;
};

describe('a copy', () => {
  test("of Tessera's log is exported as it was, byte for byte", async () => {
    const folder = newCopy();
    const from = vectorFolder('tessera-log');
    expect(await importFrom(from, folder, tesseraPolicy)).toMatchObject({
      kind: 'copied',
      from: 0n,
      size: 15n,
    });
    const again = filesIn(await exportOf(folder));
    const original = filesIn(from);
    const names = ['checkpoint', 'tile/0/000.p/15', 'tile/entries/000.p/15'];
    expect(again).toEqual(Object.fromEntries(names.map((name) => [name, original[name]])));
  });

  test("of Tessera's log, taken as it grew, gives all of its partial tiles again", async () => {
    const [folder, target] = [newCopy(), join(newFolder(), 'export')];
    const from = vectorFolder('tessera-log');
    for (const { size, note } of tessera.checkpoints) {
      writeFileSync(join(from, 'checkpoint'), note);
      const result = await importFrom(from, folder, tesseraPolicy);
      expect(result).toMatchObject({ kind: 'copied', size: BigInt(size) });
      await inRows(folder, (store) => exportLog({ store, folder: target }));
    }
    const original = Object.entries(filesIn(vectorFolder('tessera-log'))).filter(
      ([name]) => !name.startsWith('checkpoint.'),
    );
    expect(filesIn(target)).toEqual(Object.fromEntries(original));
  });

  test('of the worked example is exported as it was, witness and all', async () => {
    const folder = newCopy();
    const from = vectorFolder('worked-example-log7');
    const result = await importFrom(from, folder, log7Policy);
    expect(result.checkpoint).toMatchObject({ witnessed: true, cosignatures: [{ name: 'w1' }] });
    const again = filesIn(await exportOf(folder));
    const original = filesIn(from);
    const names = ['checkpoint', 'tile/0/000.p/7', 'tile/entries/000.p/7'];
    expect(again).toEqual(Object.fromEntries(names.map((name) => [name, original[name]])));
  });

  test('of 600 entries is the log: checked, found, proven, exported', async () => {
    const { folder: from, policy } = await exportedLog();
    const folder = newCopy();
    const keyOf = (entry: Uint8Array) => entry.slice(-1);
    const source = await openStaticFolder(from);
    await importLog({ source, folder, policy, at, keyOf });
    expect(readdirSync(folder).filter((name) => !name.startsWith('log.db'))).toEqual(['policy']);
    await inRows(folder, async (store) => {
      const sound = { source: rowsSource(store), policy, at };
      expect(await checkLog(sound)).toMatchObject({ kind: 'sound', counts: { entries: 600n } });
      expect(await store.find(leafHash(utf8('entry 477')))).toBe(477n);
      expect(await store.byKey(utf8('7'), 0n, 3)).toEqual([7n, 17n, 27n]);
      const published = await store.published();
      if (published === undefined) throw new Error('not published');
      const hashes = await createReader(store).inclusion(477n, published);
      const proof = { index: 477n, hashes, checkpoint: published.note };
      const entry = utf8('entry 477');
      expect(verifyProof({ proof, entry, policy, at })).toMatchObject({ kind: 'verified' });
    });
    expect(filesIn(await exportOf(folder))).toEqual(filesIn(from));
    expect(encodePolicy(await readPolicy(folder))).toBe(encodePolicy(policy));
  });

  test('of an empty log is empty, and grows', async () => {
    const { folder: from, policy, to } = await exportedLog(0);
    const folder = newCopy();
    expect(await importFrom(from, folder, policy)).toMatchObject({ kind: 'copied', size: 0n });
    await to(3);
    expect(await importFrom(from, folder)).toMatchObject({ kind: 'copied', from: 0n, size: 3n });
  });

  test('grows with its log, by what is new alone', async () => {
    const { folder: from, policy, to } = await exportedLog(200);
    const folder = newCopy();
    await importFrom(from, folder, policy);
    for (const [before, size] of [
      [200, 256],
      [256, 700],
      [700, 701],
    ] as const) {
      await to(size);
      const source = await openStaticFolder(from);
      const read: bigint[] = [];
      const counted: LogSource = {
        ...source,
        bundle: (id) => {
          read.push(id.index);
          return source.bundle(id);
        },
      };
      const result = await importLog({ source: counted, folder, at });
      expect(result).toMatchObject({ kind: 'copied', from: BigInt(before), size: BigInt(size) });
      expect(read[0]).toBe(BigInt(before) / 256n);
    }
    expect(await importFrom(from, folder)).toMatchObject({ kind: 'unchanged', size: 701n });
    const sound = await inRows(folder, (store) =>
      checkLog({ source: rowsSource(store), policy, at }),
    );
    expect(sound).toMatchObject({ kind: 'sound', counts: { checkpoints: 4 } });
  });

  test('that is ahead of its source stays as it is', async () => {
    const { folder: from, policy, to } = await exportedLog(300);
    const older = join(newFolder(), 'older');
    cpSync(from, older, { recursive: true });
    await to(400);
    const folder = newCopy();
    await importFrom(from, folder, policy);
    expect(await importFrom(older, folder)).toMatchObject({ kind: 'behind', size: 400n });
    expect(await inRows(folder, async (store) => (await store.published())?.size)).toBe(400n);
  });

  test('takes fresher cosignatures of the same tree, and no older ones', async () => {
    const log = await growingLog();
    const cosigner = testCosigner();
    const policy = {
      ...log.policy,
      witnesses: [{ name: 'w1', key: cosigner.key }],
      quorum: 'w1',
    };
    await log.append(5);
    const notes: string[] = [];
    for (const age of [100n, 10n, 50n]) {
      notes.push(await log.publish(cosigner, at - age));
    }
    const folder = newCopy();
    const from = join(newFolder(), 'export');
    await exportLog({ store: log.store, folder: from });
    const kept: (string | undefined)[] = [];
    for (const note of notes) {
      writeFileSync(join(from, 'checkpoint'), note);
      await importFrom(from, folder, policy);
      kept.push(await inRows(folder, async (store) => (await store.published())?.note));
    }
    expect(kept).toEqual([notes[0], notes[1], notes[1]]);
  });

  test('that broke off is continued', async () => {
    const { folder: from, policy } = await exportedLog(1500);
    const folder = newCopy();
    const source = await openStaticFolder(from);
    for (const stopAt of [256n, 1024n]) {
      const control = new AbortController();
      const onProgress = (done: bigint) => {
        if (done === stopAt) control.abort(new Error('stopped'));
      };
      const { signal } = control;
      await expect(importLog({ source, folder, policy, at, onProgress, signal })).rejects.toThrow(
        'stopped',
      );
    }
    await inRows(folder, async (store) => {
      expect(await store.sequenced()).toBe(1024n);
      expect(await store.published()).toBeUndefined();
    });
    expect(await importFrom(from, folder)).toMatchObject({ kind: 'copied', size: 1500n });
    expect(filesIn(await exportOf(folder))).toEqual(filesIn(from));
  });

  test('that broke off is not continued with another history', async () => {
    const { folder: from, policy } = await exportedLog(600);
    const fork = await growingLog({ history: 'other' });
    await fork.grow(600);
    const forked = join(newFolder(), 'forked');
    await exportLog({ store: fork.store, folder: forked });
    const folder = newCopy();
    const control = new AbortController();
    const options = {
      source: await openStaticFolder(from),
      ...{ folder, policy, at, signal: control.signal },
      onProgress: () => control.abort(new Error('stopped')),
    };
    await expect(importLog(options)).rejects.toThrow('stopped');
    await expect(importFrom(forked, folder)).rejects.toMatchObject({ code: 'LOG_WRONG' });
    expect(await inRows(folder, (store) => store.sequenced())).toBe(256n);
    expect(await importFrom(from, folder)).toMatchObject({ kind: 'copied', size: 600n });
  });

  test('that broke off before its first file is made', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'policy.0123456789abcdef.tmp'), 'log exam');
    const from = vectorFolder('tessera-log');
    expect(await importFrom(from, folder, tesseraPolicy)).toMatchObject({ kind: 'copied' });
  });

  test('that two make at once is one', async () => {
    const { folder: from, policy } = await exportedLog(900);
    const folder = newCopy();
    const source = await openStaticFolder(from);
    await Promise.all([1, 2].map(() => importLog({ source, folder, policy, at })));
    expect(filesIn(await exportOf(folder))).toEqual(filesIn(from));
  });

  test('is opened by nobody for writing', async () => {
    const folder = newCopy();
    await importFrom(vectorFolder('tessera-log'), folder, tesseraPolicy);
    const world = { now: () => 0, post: () => Promise.reject(new Error('no network')) };
    await expect(openLogFolder(folder, world)).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
  });
});

describe('a fork', () => {
  test('is told also when its evidence cannot be kept', async () => {
    const { folder: from, policy } = await exportedLog(200);
    const folder = newCopy();
    await importFrom(from, folder, policy);
    const fork = await growingLog({ history: 'other' });
    await fork.grow(400);
    const tiles = rowsSource(fork.store);
    const source: LogSource = {
      ...tiles,
      tile: async (id) => {
        // A full tile is not asked for before the copy is open.
        if (id.width === 256) renameSync(folder, `${folder}-gone`);
        return tiles.tile(id);
      },
    };
    await expect(importLog({ source, folder, at })).rejects.toMatchObject({
      code: 'LOG_WRONG',
      message: expect.stringMatching(/forked.*could not be kept\.$/),
    });
  });

  const cases: readonly [string, number, number][] = [
    ['that is larger', 300, 400],
    ['of the same size', 300, 300],
    ['that is smaller', 300, 200],
  ];

  test.each(cases)(
    '%s is told, kept as evidence, and changes nothing',
    async (_what, ours, theirs) => {
      const { folder: from, policy } = await exportedLog(ours);
      const folder = newCopy();
      await importFrom(from, folder, policy);
      const ownNote = await inRows(folder, async (store) => (await store.published())?.note);
      const fork = await growingLog({ history: 'other' });
      const forkNote = await fork.grow(theirs);
      const forked = join(newFolder(), 'forked');
      await exportLog({ store: fork.store, folder: forked });
      for (let run = 0; run < 2; run++) {
        await expect(importFrom(forked, folder)).rejects.toMatchObject({
          code: 'LOG_WRONG',
          message: expect.stringContaining('forked'),
        });
      }
      const evidence = readdirSync(folder).filter((name) => name.startsWith('fork-'));
      expect(evidence).toHaveLength(2);
      const notes = evidence.map((name) => readFileSync(join(folder, name), 'utf8')).sort();
      expect(notes).toEqual([ownNote, forkNote].sort());
      expect(await inRows(folder, (store) => store.sequenced())).toBe(BigInt(ours));
      expect(filesIn(await exportOf(folder))).toEqual(filesIn(from));
      // The copy itself goes on with its own history.
      expect(await importFrom(from, folder)).toMatchObject({ kind: 'unchanged' });
    },
  );
});
