/** Logs as plain files in a folder: those of others, altered ones, and folders that are traps. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { concat, equal, utf8 } from '../../src/bytes/bytes.ts';
import { openStaticFolder } from '../../src/log/static-folder.ts';
import { VerifiedTiles } from '../../src/log/verified-tiles.ts';
import { parseCheckpoint } from '../../src/tlog/checkpoint.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { parseNote } from '../../src/tlog/note.ts';
import { rootOf } from '../../src/tlog/prover.ts';
import { encodeBundle, parseBundle } from '../../src/tlog/tile.ts';
import { newFolder, vectorFolder } from '../support/static-logs.ts';
import { tessera } from '../tlog/given.ts';

const words =
  'one two three four five six seven eit nain ten ileven twelf threeten fourten fivten'.split(' ');
const mirror =
  'sunlight-skylight/witness/mirror/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const headOf = (note: string) => parseCheckpoint(parseNote(note).text);

describe("Tessera's log", () => {
  test.each(tessera.checkpoints.slice(1))(
    'has its bundle, tile and root of size $size',
    async ({ size, note }) => {
      const source = await openStaticFolder(vectorFolder('tessera-log'));
      const bundle = await source.bundle({ level: 'entries', index: 0n, width: size });
      expect(parseBundle(bundle, size).map(text)).toEqual(words.slice(0, size));
      const tile = await source.tile({ level: 0, index: 0n, width: size });
      expect(equal(tile, concat(...words.slice(0, size).map((word) => leafHash(utf8(word)))))).toBe(
        true,
      );
      const head = headOf(note);
      expect(equal(await rootOf(source, BigInt(size)), head.root)).toBe(true);
      expect((await VerifiedTiles.open(source, head)).count).toBe(1);
    },
  );

  test('has its checkpoint, and those of all earlier sizes', async () => {
    const source = await openStaticFolder(vectorFolder('tessera-log'));
    expect(await source.checkpoint()).toBe(tessera.checkpoints[15]?.note);
    const older = await source.signedAfter(-1n, 100);
    expect(older).toEqual(
      tessera.checkpoints.map(({ size, note }) => ({ size: BigInt(size), note })),
    );
    expect((await source.signedAfter(9n, 3)).map(({ size }) => size)).toEqual([10n, 11n, 12n]);
    expect(await source.signedAfter(15n, 3)).toEqual([]);
  });
});

describe("Sunlight's mirror of 300 records", () => {
  test('amounts to its root, which is that of the records', async () => {
    const source = await openStaticFolder(vectorFolder(mirror));
    const head = headOf((await source.checkpoint()) ?? '');
    expect(head.size).toBe(300n);
    expect(equal(await rootOf(source, 300n), head.root)).toBe(true);
    const tiles = await VerifiedTiles.open(source, head);
    const full = await tiles.tile({ level: 0, index: 0n, width: 256 });
    const partial = await tiles.tile({ level: 0, index: 1n, width: 44 });
    const leaves = Array.from({ length: 300 }, (_, n) => leafHash(utf8(`record ${n}`)));
    expect(equal(concat(full, partial), concat(...leaves))).toBe(true);
    expect(tiles.count).toBe(3);
  });

  test.each([
    ['a bit of the full tile', 'tile/0/000', 700, /tile\/0\/000 is not the tile/],
    ['a bit of the partial tile', 'tile/0/001.p/44', 700, /last tiles/],
    ['a bit of the upper tile', 'tile/1/000.p/1', 3, /last tiles/],
  ])('is refused with %s altered', async (_what, path, place, message) => {
    const folder = vectorFolder(mirror);
    const bytes = readFileSync(join(folder, path));
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(join(folder, path), bytes);
    const source = await openStaticFolder(folder);
    const read = async () => {
      const tiles = await VerifiedTiles.open(source, headOf((await source.checkpoint()) ?? ''));
      await tiles.tile({ level: 0, index: 0n, width: 256 });
    };
    await expect(read()).rejects.toMatchObject({ code: 'LOG_WRONG' });
    await expect(read()).rejects.toThrow(message);
  });

  test('a tile that the tree does not have is not asked for', async () => {
    const source = await openStaticFolder(vectorFolder(mirror));
    const tiles = await VerifiedTiles.open(source, headOf((await source.checkpoint()) ?? ''));
    for (const id of [
      { level: 0, index: 2n, width: 1 },
      { level: 0, index: 1n, width: 45 },
      { level: 2, index: 0n, width: 1 },
    ]) {
      await expect(tiles.tile(id)).rejects.toThrow(RangeError);
    }
  });
});

describe('a partial tile that was deleted', () => {
  const entries = Array.from({ length: 256 }, (_, n) => utf8(`entry ${n}`));
  const full = () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'tile/0'), { recursive: true });
    mkdirSync(join(folder, 'tile/entries'), { recursive: true });
    writeFileSync(join(folder, 'tile/0/000'), concat(...entries.map(leafHash)));
    writeFileSync(join(folder, 'tile/entries/000'), encodeBundle(entries));
    return folder;
  };

  test.each([1, 7, 255, 256])('is cut from the full one: width %s', async (width) => {
    const source = await openStaticFolder(full());
    const first = entries.slice(0, width);
    const tile = await source.tile({ level: 0, index: 0n, width });
    expect(equal(tile, concat(...first.map(leafHash)))).toBe(true);
    const bundle = await source.bundle({ level: 'entries', index: 0n, width });
    expect(equal(bundle, encodeBundle(first))).toBe(true);
  });

  test.each([
    ['tile/0/000', 8191],
    ['tile/0/000', 8192 - 32],
    ['tile/0/000', 0],
    ['tile/entries/000', 99],
    ['tile/entries/000', 0],
  ])('is not cut from a full one that is short: %s of %i bytes', async (path, length) => {
    const folder = full();
    truncateSync(join(folder, path), length);
    const source = await openStaticFolder(folder);
    const read = path.includes('entries')
      ? source.bundle({ level: 'entries', index: 0n, width: 1 })
      : source.tile({ level: 0, index: 0n, width: 1 });
    await expect(read).rejects.toMatchObject({ code: 'LOG_MALFORMED' });
  });

  test('is missing where there is no full one either', async () => {
    const source = await openStaticFolder(full());
    await expect(source.tile({ level: 0, index: 1n, width: 9 })).rejects.toMatchObject({
      code: 'LOG_UNSUITABLE',
      message: expect.stringContaining('has no tile/0/001.p/9'),
    });
  });
});

describe('a file is refused', () => {
  const id = { level: 0, index: 0n, width: 15 };
  const path = 'tile/0/000.p/15';
  const bundlePath = 'tile/entries/000.p/15';
  const cases: readonly [string, (folder: string) => void, string][] = [
    ['with a byte behind it', (folder) => grow(join(folder, path), 1), 'LOG_MALFORMED'],
    ['with a hash behind it', (folder) => grow(join(folder, path), 32), 'LOG_MALFORMED'],
    ['cut short', (folder) => truncateSync(join(folder, path), 479), 'LOG_MALFORMED'],
    ['with a hash less', (folder) => truncateSync(join(folder, path), 448), 'LOG_MALFORMED'],
    ['of a terabyte', (folder) => truncateSync(join(folder, path), 2 ** 40), 'LOG_MALFORMED'],
    ['that is missing', (folder) => rmSync(join(folder, path)), 'LOG_UNSUITABLE'],
    [
      'that is a folder',
      (folder) => {
        rmSync(join(folder, path));
        mkdirSync(join(folder, path));
      },
      'LOG_MALFORMED',
    ],
    [
      'that is a pipe nobody writes to',
      (folder) => {
        rmSync(join(folder, path));
        execFileSync('mkfifo', [join(folder, path)]);
      },
      'LOG_MALFORMED',
    ],
    [
      'that leads out of the folder',
      (folder) => {
        const outside = join(newFolder(), '15');
        renameSync(join(folder, path), outside);
        symlinkSync(outside, join(folder, path));
      },
      'LOG_UNSUITABLE',
    ],
    [
      'in a folder that leads out of the folder',
      (folder) => {
        const outside = join(newFolder(), '0');
        renameSync(join(folder, 'tile/0'), outside);
        symlinkSync(outside, join(folder, 'tile/0'));
      },
      'LOG_UNSUITABLE',
    ],
    [
      'that is a circle of links',
      (folder) => {
        rmSync(join(folder, path));
        symlinkSync('15', join(folder, path));
      },
      'LOG_UNSUITABLE',
    ],
  ];

  test.each(cases)('%s', { timeout: 5_000 }, async (_what, spoil, code) => {
    const folder = vectorFolder('tessera-log');
    spoil(folder);
    const source = await openStaticFolder(folder);
    await expect(source.tile(id)).rejects.toMatchObject({ code });
  });

  test.each([
    ['with an entry behind it', concat(Uint8Array.of(0, 1), utf8('x'))],
    ['with an empty entry behind it', Uint8Array.of(0, 0)],
    ['with a byte behind it', Uint8Array.of(0)],
  ])('of a bundle %s', async (_what, behind) => {
    const folder = vectorFolder('tessera-log');
    const bytes = readFileSync(join(folder, bundlePath));
    writeFileSync(join(folder, bundlePath), concat(bytes, behind));
    const source = await openStaticFolder(folder);
    await expect(source.bundle({ level: 'entries', index: 0n, width: 15 })).rejects.toMatchObject({
      code: 'LOG_MALFORMED',
    });
  });

  test('of a bundle with an entry less', async () => {
    const folder = vectorFolder('tessera-log');
    cpSync(join(folder, 'tile/entries/000.p/14'), join(folder, bundlePath));
    const source = await openStaticFolder(folder);
    await expect(source.bundle({ level: 'entries', index: 0n, width: 15 })).rejects.toMatchObject({
      code: 'LOG_MALFORMED',
    });
  });
});

describe('a folder', () => {
  test('may be reached by a link, and hold links to its own files', async () => {
    const folder = vectorFolder('tessera-log');
    const link = join(newFolder(), 'link');
    symlinkSync(folder, link);
    rmSync(join(folder, 'checkpoint'));
    symlinkSync('checkpoint.15', join(folder, 'checkpoint'));
    const source = await openStaticFolder(link);
    expect(source.place).toBe(link);
    expect(await source.checkpoint()).toBe(tessera.checkpoints[15]?.note);
  });

  test.each([
    ['that there is not', () => join(newFolder(), 'none')],
    [
      'that is a file',
      () => {
        const path = join(newFolder(), 'file');
        writeFileSync(path, '');
        return path;
      },
    ],
  ])('%s is no log', async (_what, make) => {
    await expect(openStaticFolder(make())).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
  });

  test('without a checkpoint is no log', async () => {
    const source = await openStaticFolder(newFolder());
    await expect(source.checkpoint()).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
  });

  test.each([
    ['that is no text', Buffer.alloc(9, 0xff)],
    ['that is endless', Buffer.alloc(1_000_001, 0x41)],
  ])('with a checkpoint %s is refused', async (_what, bytes) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'checkpoint'), bytes);
    const source = await openStaticFolder(folder);
    await expect(source.checkpoint()).rejects.toMatchObject({ code: 'LOG_MALFORMED' });
  });

  test('takes only decimal sizes for earlier checkpoints', async () => {
    const folder = newFolder();
    for (const name of ['07', '-1', 'x', '1.tmp', '9223372036854775808', '12', '2']) {
      writeFileSync(join(folder, `checkpoint.${name}`), name);
    }
    const source = await openStaticFolder(folder);
    expect(await source.signedAfter(-1n, 100)).toEqual([
      { size: 2n, note: '2' },
      { size: 12n, note: '12' },
    ]);
  });
});

function grow(path: string, count: number): void {
  writeFileSync(path, concat(readFileSync(path), new Uint8Array(count)));
}
