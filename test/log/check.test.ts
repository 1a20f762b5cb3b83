/** Reads logs whole: sound ones of others and our own, and each altered in one place. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkLog, type LogFault } from '../../src/log/check.ts';
import { openStaticFolder } from '../../src/log/static-folder.ts';
import { encodeCheckpoint } from '../../src/tlog/checkpoint.ts';
import { encodeNote } from '../../src/tlog/note.ts';
import { parsePolicy } from '../../src/tlog/policy.ts';
import { createSigner } from '../../src/tlog/signer.ts';
import { checkpointMutants, tileMutants } from '../support/log-mutants.ts';
import {
  alter,
  at,
  exportedLog,
  flipped,
  growingLog,
  log7Policy,
  newFolder,
  oneSentence,
  policyOf,
  tesseraPolicy,
  vectorFolder,
} from '../support/static-logs.ts';
import { log7, tessera } from '../tlog/given.ts';

const checkFolder = async (folder: string, policy = tesseraPolicy) =>
  checkLog({ source: await openStaticFolder(folder), policy, at });

describe('a sound log', () => {
  test("is Tessera's, with its sixteen checkpoints", async () => {
    const result = await checkFolder(vectorFolder('tessera-log'));
    expect(result).toMatchObject({
      kind: 'sound',
      size: 15n,
      checkpoint: { witnessed: false, checkpoint: { origin: 'example.com/log/testdata' } },
    });
    // The checkpoint and the one of size 15 are the same note.
    expect(result.counts).toEqual({ entries: 15n, tiles: 1, checkpoints: 16 });
  });

  test.each(tessera.checkpoints)("is Tessera's of size $size", async ({ size, note }) => {
    const folder = vectorFolder('tessera-log');
    writeFileSync(join(folder, 'checkpoint'), note);
    for (let later = size + 1; later < 16; later++) rmSync(join(folder, `checkpoint.${later}`));
    expect(await checkFolder(folder)).toMatchObject({ kind: 'sound', size: BigInt(size) });
  });

  test('is the worked example, with its witness', async () => {
    const result = await checkFolder(vectorFolder('worked-example-log7'), log7Policy);
    expect(result).toMatchObject({
      kind: 'sound',
      size: 7n,
      checkpoint: { witnessed: true, cosignatures: [{ name: 'w1', time: log7.time }] },
      counts: { entries: 7n, tiles: 1, checkpoints: 3 },
    });
  });

  test('is an export, and tells how far it is', async () => {
    const { folder, policy } = await exportedLog();
    const told: bigint[] = [];
    const source = await openStaticFolder(folder);
    const onProgress = (done: bigint, total: bigint) => void told.push(done, total);
    expect(await checkLog({ source, policy, at, onProgress })).toMatchObject({
      kind: 'sound',
      counts: { entries: 600n, tiles: 4, checkpoints: 1 },
    });
    expect(told).toEqual([256n, 600n, 512n, 600n, 600n, 600n]);
  });
});

describe('plain files are refused with', () => {
  test.each(checkpointMutants)('$name', async ({ spoil, why }) => {
    const folder = vectorFolder('tessera-log');
    spoil(folder);
    const result = await checkFolder(folder);
    expect(result).toMatchObject({ kind: 'wrong', why, counts: { entries: 0n, tiles: 0 } });
    expect(result).toMatchObject({ detail: expect.stringMatching(oneSentence) });
  });

  test.each(tileMutants)('$name', async ({ spoil, why }) => {
    const { folder, policy } = await exportedLog();
    expect(await checkFolder(folder, policy)).toMatchObject({ kind: 'sound' });
    spoil(folder);
    const result = await checkFolder(folder, policy);
    expect(result).toMatchObject({ kind: 'wrong', why });
    expect(result).toMatchObject({ detail: expect.stringMatching(oneSentence) });
  });

  const older: readonly [string, LogFault, (folder: string) => Promise<void> | void][] = [
    [
      'of another history',
      'forked',
      async (folder) => {
        const fork = await growingLog({ history: 'other' });
        writeFileSync(join(folder, 'checkpoint.300'), await fork.grow(300));
      },
    ],
    [
      'of more entries than there are',
      'forked',
      async (folder) => {
        const later = await growingLog();
        writeFileSync(join(folder, 'checkpoint.601'), await later.grow(601));
      },
    ],
    [
      'of an empty tree with another root',
      'forked',
      async (folder) => {
        const { signer } = await growingLog();
        const text = encodeCheckpoint({
          origin: signer.key.name,
          size: 0n,
          root: new Uint8Array(32),
        });
        writeFileSync(
          join(folder, 'checkpoint.0'),
          encodeNote({ text, signatures: [signer.sign(text)] }),
        );
      },
    ],
    [
      'under the name of another size',
      'malformed',
      async (folder) => {
        const same = await growingLog();
        writeFileSync(join(folder, 'checkpoint.299'), await same.grow(300));
      },
    ],
    [
      'that nobody signed',
      'wrong-signature',
      async (folder) => {
        const same = await growingLog();
        writeFileSync(join(folder, 'checkpoint.300'), await same.grow(300));
        alter(folder, 'checkpoint.300', flipped(-9));
      },
    ],
    [
      'of another log',
      'unknown-log',
      async (folder) => {
        const other = await growingLog({ origin: 'other.example.org' });
        writeFileSync(join(folder, 'checkpoint.300'), await other.grow(300));
      },
    ],
    [
      'that is none',
      'malformed',
      (folder) => {
        writeFileSync(join(folder, 'checkpoint.300'), 'a diary\n');
      },
    ],
  ];

  test.each(older)('an older checkpoint %s', async (_what, why, add) => {
    const { folder, policy } = await exportedLog();
    await add(folder);
    const result = await checkFolder(folder, policy);
    expect(result).toMatchObject({ kind: 'wrong', why });
    expect(result).toMatchObject({ detail: expect.stringMatching(oneSentence) });
  });

  test('an older checkpoint that fits is counted', async () => {
    const { folder, policy } = await exportedLog();
    const same = await growingLog();
    writeFileSync(join(folder, 'checkpoint.300'), await same.grow(300));
    expect(await checkFolder(folder, policy)).toMatchObject({
      kind: 'sound',
      counts: { checkpoints: 2 },
    });
  });
});

describe('a policy', () => {
  test('with a witness that did not sign refuses', async () => {
    const policy = parsePolicy(`log ${tessera.vkey}\nwitness w1 ${log7.wvkey}\nquorum w1\n`);
    const result = await checkFolder(vectorFolder('tessera-log'), policy);
    expect(result).toMatchObject({ kind: 'wrong', why: 'quorum-missing' });
    expect(result).toMatchObject({ detail: expect.stringMatching(oneSentence) });
  });

  test('of another log refuses', async () => {
    const result = await checkFolder(vectorFolder('tessera-log'), policyOf(log7.vkey));
    expect(result).toMatchObject({ kind: 'wrong', why: 'unknown-log' });
  });

  test('with another key of the same name refuses', async () => {
    const { key } = createSigner('example.com/log/testdata', new Uint8Array(32));
    const policy = { ...tesseraPolicy, logs: [{ origin: key.name, key }] };
    const result = await checkFolder(vectorFolder('tessera-log'), policy);
    expect(result).toMatchObject({ kind: 'wrong', why: 'wrong-signature' });
  });

  test('refuses a witness that signed tomorrow', async () => {
    const source = await openStaticFolder(vectorFolder('worked-example-log7'));
    const early = { source, policy: log7Policy, at: log7.time - 301n };
    expect(await checkLog(early)).toMatchObject({ kind: 'wrong', why: 'future-cosignature' });
    expect(await checkLog({ ...early, at: log7.time })).toMatchObject({ kind: 'sound' });
  });
});

test('what is no log is no result', async () => {
  await expect(checkFolder(newFolder())).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
});

test('it can be stopped', async () => {
  const { folder, policy } = await exportedLog();
  const control = new AbortController();
  const source = await openStaticFolder(folder);
  const onProgress = () => control.abort(new Error('stopped'));
  const input = { source, policy, at, onProgress, signal: control.signal };
  await expect(checkLog(input)).rejects.toThrow('stopped');
});

test('the files are left as they are', async () => {
  const folder = vectorFolder('tessera-log');
  const before = readFileSync(join(folder, 'checkpoint'));
  await checkFolder(folder);
  expect(readFileSync(join(folder, 'checkpoint')).equals(before)).toBe(true);
});
