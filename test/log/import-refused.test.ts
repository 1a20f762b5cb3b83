/** Copies that are not made, or not gone on with: of wrong logs, and in folders that are something else. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import { checkLog } from '../../src/log/check.ts';
import { exportLog } from '../../src/log/export.ts';
import { importLog } from '../../src/log/import.ts';
import { Integrator } from '../../src/log/integrator.ts';
import { openStaticFolder } from '../../src/log/static-folder.ts';
import type { LogStore } from '../../src/store/log-store.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { encodePolicy } from '../../src/tlog/policy.ts';
import { checkpointMutants, tileMutants } from '../support/log-mutants.ts';
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
  oneSentence,
  policyOf,
  tesseraPolicy,
  vectorFolder,
} from '../support/static-logs.ts';
import { log7 } from '../tlog/given.ts';

describe('nothing is copied, and no folder made, of', () => {
  const codes = ['LOG_WRONG', 'LOG_MALFORMED', 'LOG_UNSUITABLE'];

  test.each(checkpointMutants)('a log with $name', async ({ spoil }) => {
    const from = vectorFolder('tessera-log');
    spoil(from);
    const folder = newCopy();
    const error = await importFrom(from, folder, tesseraPolicy).catch((caught) => caught);
    expect(codes).toContain(error.code);
    expect(error.message).toMatch(oneSentence);
    expect(existsSync(folder)).toBe(false);
  });

  test('a log without the witnesses that the policy asks for', async () => {
    const policy = {
      ...tesseraPolicy,
      witnesses: log7Policy.witnesses,
      quorum: log7Policy.quorum,
    };
    const folder = newCopy();
    await expect(importFrom(vectorFolder('tessera-log'), folder, policy)).rejects.toMatchObject({
      code: 'LOG_WRONG',
      message: expect.stringContaining('quorum'),
    });
    expect(existsSync(folder)).toBe(false);
  });

  test('a log without a policy', async () => {
    const folder = newCopy();
    await expect(importFrom(vectorFolder('tessera-log'), folder)).rejects.toMatchObject({
      code: 'LOG_UNSUITABLE',
    });
    expect(existsSync(folder)).toBe(false);
  });

  test('a folder that is no log', async () => {
    const folder = newCopy();
    await expect(importFrom(newFolder(), folder, tesseraPolicy)).rejects.toMatchObject({
      code: 'LOG_UNSUITABLE',
    });
    expect(existsSync(folder)).toBe(false);
  });
});

describe('nothing is published, and no altered entry kept, of', () => {
  test.each(tileMutants)('a log with $name', async ({ spoil }) => {
    const { folder: from, policy, store: original } = await exportedLog();
    spoil(from);
    const folder = newCopy();
    const error = await importFrom(from, folder, policy).catch((caught) => caught);
    expect(['LOG_WRONG', 'LOG_MALFORMED', 'LOG_UNSUITABLE']).toContain(error.code);
    expect(error.message).toMatch(oneSentence);
    if (!existsSync(folder)) return;
    await inRows(folder, async (store) => {
      expect(await store.published()).toBeUndefined();
      expect(await store.latestSigned()).toBeUndefined();
      const kept = await store.entries(0n, 600);
      expect(kept).toEqual(await original.entries(0n, kept.length));
    });
  });

  test('a log that is then mended, which goes on', async () => {
    const { folder: from, policy } = await exportedLog();
    const path = join(from, 'tile/entries/001');
    const good = readFileSync(path);
    rmSync(path);
    const folder = newCopy();
    await expect(importFrom(from, folder, policy)).rejects.toThrow(/has no tile\/entries\/001/);
    writeFileSync(path, good);
    expect(await importFrom(from, folder)).toMatchObject({ kind: 'copied', size: 600n });
  });

  test('a log that holds an entry twice: the rows could not', async () => {
    for (const twice of [
      [1, 2, 1],
      [...Array(300).keys(), 7],
    ]) {
      const { from, policy } = await foreignLog(twice.map((n) => `entry ${n}`));
      const folder = newCopy();
      await expect(importFrom(from, folder, policy)).rejects.toMatchObject({
        code: 'LOG_UNSUITABLE',
        message: expect.stringContaining(`entry ${twice.length - 1} is the same`),
      });
      const source = await openStaticFolder(from);
      expect(await checkLog({ source, policy, at })).toMatchObject({ kind: 'sound' });
    }
  });
});

describe('nothing is signed or published of another history than the one that is in the tree', () => {
  test.each([256, 300])(
    'of %i entries, where a copy broke off before it was signed',
    async (size) => {
      const { folder: from, policy } = await exportedLog();
      const folder = newCopy();
      const control = new AbortController();
      const broken = importLog({
        source: await openStaticFolder(from),
        ...{ folder, policy, at, signal: control.signal },
        onProgress: () => control.abort(new Error('stopped')),
      });
      await expect(broken).rejects.toThrow('stopped');
      const integrate = async (store: LogStore) => (await Integrator.open(store)).run();
      expect((await inRows(folder, integrate)).size).toBe(256n);

      const fork = await growingLog({ history: 'other' });
      await fork.grow(size);
      const forked = join(newFolder(), 'forked');
      await exportLog({ store: fork.store, folder: forked });
      await expect(importFrom(forked, folder)).rejects.toMatchObject({
        code: 'LOG_WRONG',
        message: expect.stringMatching(oneSentence),
      });
      await inRows(folder, async (store) => {
        expect(await store.latestSigned()).toBeUndefined();
        expect(await store.published()).toBeUndefined();
      });
    },
  );

  test('but the copy that broke off there is continued with its own', async () => {
    const { folder: from, policy, store: original } = await exportedLog();
    const folder = newCopy();
    await importFrom(from, folder, policy);
    const database = new Database(join(folder, 'log.db'));
    database.exec('DELETE FROM published; DELETE FROM signed');
    database.close();
    expect(await importFrom(from, folder)).toMatchObject({ kind: 'copied', size: 600n });
    expect(await inRows(folder, (store) => store.head())).toEqual(await original.head());
  });
});

describe('a folder is refused, and stays as it is,', () => {
  const copied = async () => {
    const folder = newCopy();
    await importFrom(vectorFolder('tessera-log'), folder, tesseraPolicy);
    return folder;
  };
  const cases: readonly [string, () => Promise<string> | string, string][] = [
    [
      'when it has a key',
      async () => {
        const folder = await copied();
        writeFileSync(join(folder, 'key'), 'PRIVATE+KEY+x');
        return folder;
      },
      'LOG_UNSUITABLE',
    ],
    [
      'when it holds something else',
      () => {
        const folder = newFolder();
        writeFileSync(join(folder, 'thesis.txt'), 'of four years');
        return folder;
      },
      'LOG_UNSUITABLE',
    ],
    [
      'when it is a file',
      () => {
        const path = join(newFolder(), 'file');
        writeFileSync(path, 'text');
        return path;
      },
      'LOG_UNSUITABLE',
    ],
    [
      'when its database is a text',
      async () => {
        const folder = await copied();
        for (const name of readdirSync(folder)) if (name !== 'policy') rmSync(join(folder, name));
        writeFileSync(join(folder, 'log.db'), 'Dear diary, '.repeat(999));
        return folder;
      },
      'LOG_UNSUITABLE',
    ],
    [
      'when its database is cut to nothing',
      async () => {
        const folder = await copied();
        for (const name of readdirSync(folder)) if (name !== 'policy') rmSync(join(folder, name));
        writeFileSync(join(folder, 'log.db'), '');
        return folder;
      },
      'LOG_UNSUITABLE',
    ],
    [
      'when its policy is another',
      async () => {
        const folder = await copied();
        writeFileSync(join(folder, 'policy'), encodePolicy(policyOf(log7.vkey)));
        return folder;
      },
      'LOG_UNSUITABLE',
    ],
    [
      'when its policy is none',
      async () => {
        const folder = await copied();
        writeFileSync(join(folder, 'policy'), 'trust me\n');
        return folder;
      },
      'LOG_MALFORMED',
    ],
    [
      'when it has no policy',
      async () => {
        const folder = await copied();
        rmSync(join(folder, 'policy'));
        return folder;
      },
      'LOG_UNSUITABLE',
    ],
    [
      'when it is the copy of another log',
      async () => {
        const folder = newCopy();
        await importFrom(vectorFolder('worked-example-log7'), folder, policyOf(log7.vkey));
        writeFileSync(join(folder, 'policy'), encodePolicy(tesseraPolicy));
        return folder;
      },
      'LOG_UNSUITABLE',
    ],
  ];

  test.each(cases)('%s', async (_what, make, code) => {
    const folder = await make();
    const isFile = statSync(folder).isFile();
    const before = isFile ? readFileSync(folder, 'utf8') : contents(folder);
    await expect(
      importFrom(vectorFolder('tessera-log'), folder, tesseraPolicy),
    ).rejects.toMatchObject({ code });
    expect(isFile ? readFileSync(folder, 'utf8') : contents(folder)).toEqual(before);
  });

  /** Without the two files that SQLite makes and takes away beside a database that it opens. */
  function contents(folder: string): Record<string, string> {
    const files = Object.entries(filesIn(folder));
    return Object.fromEntries(files.filter(([name]) => !/-(?:wal|shm)$/.test(name)));
  }

  test('another root of the same size, whoever serves it without a tile', async () => {
    const ours = await exportedLog(10);
    const copy = newCopy();
    await importFrom(ours.folder, copy, ours.policy);
    const theirs = await growingLog({ history: 'another' });
    await theirs.grow(10);
    const fork = join(newFolder(), 'fork');
    await exportLog({ store: theirs.store, folder: fork });
    rmSync(join(fork, 'tile'), { recursive: true });
    await expect(importFrom(fork, copy, ours.policy)).rejects.toMatchObject({
      code: 'LOG_WRONG',
      message: expect.stringContaining('The log has forked'),
    });
    expect(readdirSync(copy).filter((name) => name.startsWith('fork-10-'))).toHaveLength(2);
  });
});

/** A log whose keeper records what is the same twice, as plain files. */
async function foreignLog(entries: readonly string[]) {
  const { signer, policy } = await growingLog();
  const { Frontier } = await import('../../src/tlog/frontier.ts');
  const { encodeBundle, tilePath, tilesBetween } = await import('../../src/tlog/tile.ts');
  const { encodeCheckpoint } = await import('../../src/tlog/checkpoint.ts');
  const { encodeNote } = await import('../../src/tlog/note.ts');
  const from = newFolder();
  const put = (path: string, bytes: Uint8Array | string) => {
    mkdirSync(join(from, path, '..'), { recursive: true });
    writeFileSync(join(from, path), bytes);
  };
  const bytes = entries.map(utf8);
  const { frontier, tiles } = Frontier.empty.extend(bytes.map(leafHash));
  for (const tile of tiles) put(tilePath(tile), tile.bytes);
  for (const id of tilesBetween(0n, frontier.size)) {
    const first = Number(id.index) * 256;
    if (id.level === 'entries') {
      put(tilePath(id), encodeBundle(bytes.slice(first, first + id.width)));
    }
  }
  const text = encodeCheckpoint({ origin: signer.key.name, ...frontier.head });
  put('checkpoint', encodeNote({ text, signatures: [signer.sign(text)] }));
  return { from, policy };
}
