/** Exports: durable order, incremental, never over anything, never behind what is there. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkLog } from '../../src/log/check.ts';
import { exportLog } from '../../src/log/export.ts';
import { openStaticFolder } from '../../src/log/static-folder.ts';
import { alter, at, filesIn, flipped, growingLog, newFolder } from '../support/static-logs.ts';

const newPath = () => join(newFolder(), 'export');

describe('an export', () => {
  test('holds every bundle, tile and the checkpoint of its size', async () => {
    const { store, grow } = await growingLog();
    const note = await grow(600);
    const folder = newPath();
    expect(await exportLog({ store, folder })).toEqual({
      origin: 'log.example.org/grown',
      from: undefined,
      size: 600n,
      files: 7,
      collected: 0,
    });
    expect(Object.keys(filesIn(folder))).toEqual([
      'checkpoint',
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/88',
      'tile/1/000.p/2',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/88',
    ]);
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe(note);
  });

  test('of an empty log is its checkpoint', async () => {
    const { store, publish } = await growingLog();
    await publish();
    const folder = newPath();
    expect((await exportLog({ store, folder })).size).toBe(0n);
    expect(Object.keys(filesIn(folder))).toEqual(['checkpoint']);
  });

  test('done again writes nothing', async () => {
    const { store, grow } = await growingLog();
    await grow(300);
    const folder = newPath();
    await exportLog({ store, folder });
    const before = filesIn(folder);
    const again = await exportLog({ store, folder });
    expect([again.from, again.size, again.files]).toEqual([300n, 300n, 0]);
    expect(filesIn(folder)).toEqual(before);
  });

  test('takes a fresher note of the same tree', async () => {
    const { store, grow, publish } = await growingLog();
    await grow(5);
    const folder = newPath();
    await exportLog({ store, folder });
    const { testCosigner } = await import('../support/witnessing.ts');
    const note = await publish(testCosigner());
    await exportLog({ store, folder });
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe(note);
  });

  test('leaves out what is not published', async () => {
    const { store, grow, append } = await growingLog();
    await grow(10);
    await append(20);
    const folder = newPath();
    await exportLog({ store, folder });
    expect(Object.keys(filesIn(folder))).toEqual([
      'checkpoint',
      'tile/0/000.p/10',
      'tile/entries/000.p/10',
    ]);
  });

  test('of a log that has published nothing leaves nothing', async () => {
    const { store, append } = await growingLog();
    await append(3);
    const folder = newPath();
    await expect(exportLog({ store, folder })).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
    expect(existsSync(folder)).toBe(false);
  });

  test('in three steps is the same as in one, byte for byte, and holds', {
    timeout: 120_000,
  }, async () => {
    const { store, grow, policy } = await growingLog();
    const [steps, whole] = [newPath(), newPath()];
    for (const size of [10_000, 40_000, 70_000]) {
      await grow(size);
      await exportLog({ store, folder: steps });
      const source = await openStaticFolder(steps);
      expect(await checkLog({ source, policy, at })).toMatchObject({
        kind: 'sound',
        size: BigInt(size),
      });
    }
    const result = await exportLog({ store, folder: whole });
    expect(result.files).toBe(2 * 274 + 3);
    expect(filesIn(steps)).toEqual(filesIn(whole));
    expect(existsSync(join(whole, 'tile/2/000.p/1'))).toBe(true);
    const source = await openStaticFolder(steps);
    expect(await checkLog({ source, policy, at })).toMatchObject({
      kind: 'sound',
      counts: { entries: 70_000n, tiles: 273 + 1 + 2 + 1, checkpoints: 1 },
    });
  });

  test('that broke off before its checkpoint goes on', async () => {
    const { store, grow } = await growingLog();
    await grow(600);
    const [folder, whole] = [newPath(), newPath()];
    await exportLog({ store, folder });
    await exportLog({ store, folder: whole });
    rmSync(join(folder, 'checkpoint'));
    rmSync(join(folder, 'tile/0/001'));
    expect((await exportLog({ store, folder })).files).toBe(1);
    expect(filesIn(folder)).toEqual(filesIn(whole));
  });

  test('that broke off while its first checkpoint was written goes on', async () => {
    const { store, grow } = await growingLog();
    await grow(3);
    const folder = newFolder();
    writeFileSync(join(folder, 'checkpoint.0123456789abcdef.tmp'), 'half a');
    expect(await exportLog({ store, folder })).toMatchObject({ from: undefined, size: 3n });
    await expect(openStaticFolder(folder).then((source) => source.checkpoint())).resolves.toContain(
      'log.example.org/grown\n3\n',
    );
  });

  test('that is interrupted has no checkpoint', async () => {
    const { store, grow } = await growingLog();
    await grow(600);
    const folder = newPath();
    const control = new AbortController();
    let seen = 0;
    const onProgress = () => {
      if (++seen === 3) control.abort(new Error('stopped'));
    };
    const { signal } = control;
    await expect(exportLog({ store, folder, onProgress, signal })).rejects.toThrow('stopped');
    expect(readdirSync(folder)).toEqual(['tile']);
    await exportLog({ store, folder });
    expect(existsSync(join(folder, 'checkpoint'))).toBe(true);
  });

  test('does not put its checkpoint over a larger one of another run', async () => {
    const [log, faster] = [await growingLog(), await growingLog()];
    await log.grow(300);
    const newer = await faster.grow(400);
    const folder = newPath();
    const onProgress = () => writeFileSync(join(folder, 'checkpoint'), newer);
    await exportLog({ store: log.store, folder, onProgress });
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe(newer);
  });

  test('writes no checkpoint when a row does not fit the signed root', async () => {
    const { store, grow } = await growingLog();
    await grow(300);
    const spoilt = new Proxy(store, {
      get: (target, name) => {
        if (name !== 'entries') {
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return async (...args: Parameters<typeof store.entries>) =>
          (await store.entries(...args)).map((row) =>
            row.index === 7n ? { ...row, bytes: flipped(0)(row.bytes) } : row,
          );
      },
    });
    const folder = newPath();
    await expect(exportLog({ store: spoilt, folder })).rejects.toMatchObject({ code: 'LOG_WRONG' });
    expect(existsSync(join(folder, 'checkpoint'))).toBe(false);
  });
});

describe('a folder is refused, and nothing in it changes,', () => {
  type Scene = Awaited<ReturnType<typeof growingLog>> & { readonly folder: string };
  const cases: readonly [string, string, (scene: Scene) => Promise<unknown> | unknown][] = [
    [
      'when it is ahead',
      'LOG_READ_ONLY',
      async ({ folder }) => {
        const newer = await growingLog();
        await newer.grow(400);
        await exportLog({ store: newer.store, folder });
      },
    ],
    [
      'when its tree is another of this log',
      'LOG_WRONG',
      async ({ folder }) => {
        const fork = await growingLog({ history: 'other' });
        await fork.grow(200);
        await exportLog({ store: fork.store, folder });
      },
    ],
    [
      'when its tree is another of the same size',
      'LOG_WRONG',
      async ({ folder }) => {
        const fork = await growingLog({ history: 'other' });
        await fork.grow(300);
        await exportLog({ store: fork.store, folder });
      },
    ],
    [
      'when it is of another log',
      'LOG_UNSUITABLE',
      async ({ folder }) => {
        const other = await growingLog({ origin: 'other.example.org' });
        await other.grow(10);
        await exportLog({ store: other.store, folder });
      },
    ],
    [
      'when its checkpoint is signed by nobody we know',
      'LOG_UNSUITABLE',
      async ({ folder, store }) => {
        await exportLog({ store, folder });
        alter(folder, 'checkpoint', flipped(-10));
      },
    ],
    [
      'when its checkpoint is no text',
      'LOG_MALFORMED',
      ({ folder }) => {
        mkdirSync(folder);
        writeFileSync(join(folder, 'checkpoint'), Buffer.alloc(99, 0xff));
      },
    ],
    [
      'when its checkpoint is endless',
      'LOG_MALFORMED',
      ({ folder }) => {
        mkdirSync(folder);
        writeFileSync(join(folder, 'checkpoint'), Buffer.alloc(1_000_001, 0x41));
      },
    ],
    [
      'when it holds something else',
      'LOG_UNSUITABLE',
      ({ folder }) => {
        mkdirSync(folder);
        writeFileSync(join(folder, 'thesis.txt'), 'of four years');
      },
    ],
    [
      'when a tile is there with other bytes',
      'LOG_WRONG',
      ({ folder }) => {
        mkdirSync(join(folder, 'tile/0'), { recursive: true });
        writeFileSync(join(folder, 'tile/0/000'), Buffer.alloc(8192));
      },
    ],
    [
      'when a tile is there and longer',
      'LOG_WRONG',
      ({ folder }) => {
        mkdirSync(join(folder, 'tile/0'), { recursive: true });
        writeFileSync(join(folder, 'tile/0/000'), Buffer.alloc(8193));
      },
    ],
    [
      'when a folder stands in the place of a tile',
      'LOG_WRONG',
      ({ folder }) => {
        mkdirSync(join(folder, 'tile/0/000'), { recursive: true });
      },
    ],
    [
      'when a file stands in the place of a folder',
      'LOG_UNSUITABLE',
      ({ folder }) => {
        mkdirSync(folder);
        writeFileSync(join(folder, 'tile'), '');
      },
    ],
    ['when it is a file', 'LOG_UNSUITABLE', ({ folder }) => writeFileSync(folder, 'text')],
  ];

  test.each(cases)('%s', async (_what, code, make) => {
    const scene = { ...(await growingLog()), folder: newPath() };
    await scene.grow(300);
    await make(scene);
    const isFolder = statSync(scene.folder).isDirectory();
    const before = isFolder ? filesIn(scene.folder) : undefined;
    const { store, folder } = scene;
    await expect(exportLog({ store, folder })).rejects.toMatchObject({ code });
    if (before !== undefined) expect(filesIn(folder)).toMatchObject(before);
    if (before !== undefined && !('checkpoint' in before)) {
      expect(existsSync(join(folder, 'checkpoint'))).toBe(false);
    }
  });

  test('when a link leads out of it', async () => {
    const { store, grow } = await growingLog();
    await grow(3);
    const [folder, elsewhere] = [newFolder(), newFolder()];
    symlinkSync(elsewhere, join(folder, 'tile'));
    await expect(exportLog({ store, folder })).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});
