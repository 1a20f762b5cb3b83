import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxSize } from '../../src/tlog/merkle.ts';
import {
  encodeBundle,
  levelsOf,
  maxEntryBytes,
  parseBundle,
  parseTilePath,
  readTile,
  type TileId,
  tilePath,
  tilesBetween,
  widthIn,
} from '../../src/tlog/tile.ts';

describe('paths', () => {
  it.each<[TileId, string]>([
    [{ level: 0, index: 0n, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1_234_067n, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 1, index: 1000n, width: 17 }, 'tile/1/x001/000.p/17'],
    [{ level: 'entries', index: 999n, width: 1 }, 'tile/entries/999.p/1'],
    [{ level: 63, index: 0n, width: 255 }, 'tile/63/000.p/255'],
    [{ level: 0, index: maxSize / 256n, width: 256 }, 'tile/0/x036/x028/x797/x018/x963/967'],
  ])('%o is %s', (id, path) => {
    expect(tilePath(id)).toBe(path);
    expect(parseTilePath(path)).toEqual(id);
  });

  it('are read back, whatever the tile', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
        fc.bigInt(0n, maxSize / 256n),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          const id = { level, index, width };
          expect(parseTilePath(tilePath(id))).toEqual(id);
        },
      ),
    );
  });

  it.each([
    '',
    'checkpoint',
    'tile/0/0',
    'tile/0/1000',
    'tile/0/x000/001',
    'tile/0/001/000',
    'tile/0/x001/x000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000/',
    '/tile/0/000',
    'tile/entries/000.p/5/',
    'tile/data/000',
    'tile/0/../0/000',
    `tile/0/${'x999/'.repeat(7)}999`,
    'tile/0/000\n',
  ])('%j is none', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });
});

describe('widths', () => {
  it('of the worked example', () => {
    const tiles = [...tilesBetween(0n, 70_000n)].filter(({ level }) => level !== 'entries');
    const at = (level: number) => tiles.filter((tile) => tile.level === level);
    expect(at(0).length).toBe(274);
    expect(at(0).filter(({ width }) => width === 256).length).toBe(273);
    expect(at(0).at(-1)).toEqual({ level: 0, index: 273n, width: 112 });
    expect(at(1)).toEqual([
      { level: 1, index: 0n, width: 256 },
      { level: 1, index: 1n, width: 17 },
    ]);
    expect(at(2)).toEqual([{ level: 2, index: 0n, width: 1 }]);
    expect(levelsOf(70_000n)).toBe(3);
  });

  it('beyond 32 bits', () => {
    const size = 2n ** 40n + 3n;
    expect(widthIn(size, 0, 2n ** 32n)).toBe(3);
    expect(widthIn(size, 'entries', 2n ** 32n)).toBe(3);
    expect(widthIn(size, 0, 2n ** 32n - 1n)).toBe(256);
    expect(widthIn(size, 0, 2n ** 32n + 1n)).toBe(0);
    expect(widthIn(size, 5, 0n)).toBe(1);
    expect(levelsOf(maxSize)).toBe(8);
  });

  it('a growing tree writes each tile that changed, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 3000 }), (a, b) => {
        const [from, to] = [BigInt(Math.min(a, b)), BigInt(Math.max(a, b))];
        const written = [...tilesBetween(from, to)].map(tilePath);
        const changed = [...tilesBetween(0n, to)]
          .filter(({ level, index, width }) => widthIn(from, level, index) !== width)
          .map(tilePath);
        expect(written).toEqual(changed);
      }),
    );
  });

  it('no tree shrinks or is too large', () => {
    expect(() => [...tilesBetween(2n, 1n)]).toThrow(RangeError);
    expect(() => [...tilesBetween(-1n, 1n)]).toThrow(RangeError);
    expect(() => tilesBetween(0n, maxSize + 1n).next()).toThrow(RangeError);
  });
});

describe('bundles', () => {
  const entries = [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(300).fill(9)];

  it('are written and read', () => {
    const bytes = encodeBundle(entries);
    expect(bytes.subarray(0, 7)).toEqual(Uint8Array.of(0, 0, 0, 3, 1, 2, 3));
    expect(parseBundle(bytes, 3)).toEqual(entries);
    expect(parseBundle(bytes, 2)).toEqual(entries.slice(0, 2));
  });

  it('take the longest entry and no longer one', () => {
    const longest = new Uint8Array(maxEntryBytes);
    expect(parseBundle(encodeBundle([longest]), 1)).toEqual([longest]);
    expect(() => encodeBundle([new Uint8Array(maxEntryBytes + 1)])).toThrow(RangeError);
  });

  it('are refused when anything is missing or too much', () => {
    const bytes = encodeBundle(entries);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseBundle(bytes.subarray(0, length), 3), `${length}`).toThrow(
        /tile of the log/,
      );
    }
    expect(() => parseBundle(new Uint8Array([...bytes, 0]), 3)).toThrow(/within an entry/);
    expect(() => parseBundle(bytes, 4)).toThrow(/3 entries, not 4/);
    expect(() => parseBundle(new Uint8Array(2 * 257), 1)).toThrow(/more than 256/);
  });
});

describe('tiles of hashes', () => {
  it('are cut to the width that was asked for', () => {
    const bytes = new Uint8Array(64).fill(3, 32);
    expect(readTile(bytes, 2)).toBe(bytes);
    expect(readTile(bytes, 1)).toEqual(new Uint8Array(32));
  });

  it.each([
    [0, 1],
    [31, 1],
    [33, 1],
    [64, 3],
    [257 * 32, 256],
  ])('of %i bytes are none of width %i', (length, width) => {
    expect(() => readTile(new Uint8Array(length), width)).toThrow(/tile of the log/);
  });
});
