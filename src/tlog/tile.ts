/**
 * Tiles and entry bundles (C2SP tlog-tiles).
 *
 *   tile/<L>/<N>[.p/<W>]        level L (0 to 63), tile N: up to 256 hashes of 32 bytes. Level 0 holds the
 *                               leaf hashes; hash i of level L is the root of the full tile i of level L-1
 *   tile/entries/<N>[.p/<W>]    the entries below tile N of level 0: each uint16 length, then its bytes
 *
 *   N   in groups of three digits, each but the last with an x before it: 1234067 is x001/x234/067
 *   W   1 to 255, of a partial tile: the last of its level. A full one has no suffix
 *
 * The width of the last tile at level L for size s is floor(s / 256^L) mod 256; one of width zero does not
 * exist. A partial tile is the beginning of the full one, and never hashed into the level above.
 *
 * Worked example (checked by a test): size 70,000 has 273 full tiles at level 0 and one of width 112, at
 * level 1 a full one and one of width 17, at level 2 one of width 1.
 */
import { LogError } from '../errors/error.ts';
import { maxSize } from './merkle.ts';

/** Hashes in a full tile. */
export const tileWidth = 256;
export const hashLength = 32;
/** What the uint16 before an entry can say. */
export const maxEntryBytes = 65_535;
/** Of a bundle: 256 entries of the greatest length. */
export const maxBundleBytes = tileWidth * (2 + maxEntryBytes);

const maxLevel = 63;

/** A tile of hashes, or a bundle of entries, by place and width. */
export interface TileId {
  /** 0 to 63, or the bundle of entries below a tile of level 0. */
  readonly level: number | 'entries';
  /** Counted within its level. */
  readonly index: bigint;
  /** 1 to 256; 256 is a full one. */
  readonly width: number;
}

/** The path of a tile below the prefix of its log. */
export function tilePath({ level, index, width }: TileId): string {
  const digits = index.toString();
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width === tileWidth ? '' : `.p/${width}`}`;
}

/**
 * Reads a path below the prefix of a log.
 *
 * @returns undefined for anything but the one way in which a tile's path is written
 */
export function parseTilePath(path: string): TileId | undefined {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,6}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const [, level = '', name = '', width] = match;
  const id: TileId = {
    level: level === 'entries' ? level : Number(level),
    index: BigInt(name.replace(/[x/]/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  };
  if (id.level !== 'entries' && id.level > maxLevel) return undefined;
  // Leading zeros, `.p/0` and `.p/256` would be second names of a tile.
  return tilePath(id) === path && id.width > 0 ? id : undefined;
}

/** How many hashes of a level a tree has: whole subtrees of 256^level entries. */
export function hashesAt(size: bigint, level: number): bigint {
  return size >> BigInt(8 * level);
}

/**
 * The width that a tile has in a tree, 0 where it does not exist there.
 *
 * @param level 0 to 63; a bundle of entries is as wide as the tile above it
 */
export function widthIn(size: bigint, level: number | 'entries', index: bigint): number {
  const hashes = hashesAt(size, level === 'entries' ? 0 : level) - index * 256n;
  if (hashes <= 0n) return 0;
  return hashes >= 256n ? tileWidth : Number(hashes);
}

/** Levels that have a tile in a tree of this size. */
export function levelsOf(size: bigint): number {
  let levels = 0;
  while (hashesAt(size, levels) > 0n) levels++;
  return levels;
}

/**
 * The tiles and bundles that a tree has and a shorter one has not, or not so wide: what must be written
 * when a log grows. Level by level, bundles first.
 *
 * @param from the shorter size; 0 for all of the tree
 */
export function* tilesBetween(from: bigint, to: bigint): Generator<TileId> {
  if (from < 0n || to < from || to > maxSize) throw new RangeError('not a span of a tree');
  yield* tilesAt('entries', from, to);
  for (let level = 0; level < levelsOf(to); level++) yield* tilesAt(level, from, to);
}

function* tilesAt(level: number | 'entries', from: bigint, to: bigint): Generator<TileId> {
  const depth = level === 'entries' ? 0 : level;
  const had = hashesAt(from, depth);
  const has = hashesAt(to, depth);
  if (had === has) return;
  for (let index = had / 256n; index * 256n < has; index++) {
    yield { level, index, width: widthIn(to, level, index) };
  }
}

/**
 * The bytes of a bundle.
 *
 * @throws RangeError for an entry above 65,535 bytes
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(entries.reduce((length, entry) => length + 2 + entry.length, 0));
  let offset = 0;
  for (const entry of entries) {
    if (entry.length > maxEntryBytes) throw new RangeError(`entry: ${entry.length} bytes`);
    out[offset] = entry.length >> 8;
    out[offset + 1] = entry.length & 0xff;
    out.set(entry, offset + 2);
    offset += 2 + entry.length;
  }
  return out;
}

/**
 * The entries of a bundle.
 *
 * @param width how many there must be, 1 to 256; a wider bundle is cut, since a partial one may be served
 *   from the full one
 * @throws LogError LOG_MALFORMED when one is cut short, one is missing, or bytes follow the last
 */
export function parseBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const length = (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
    const end = offset + 2 + length;
    if (end > bytes.length) throw malformed('it ends within an entry');
    if (entries.length === tileWidth) throw malformed('it has more than 256 entries');
    entries.push(bytes.subarray(offset + 2, end));
    offset = end;
  }
  if (entries.length < width) throw malformed(`it has ${entries.length} entries, not ${width}`);
  return entries.slice(0, width);
}

/**
 * The hashes of a tile as it is served: the first `width`.
 *
 * @throws LogError LOG_MALFORMED when it has fewer, more than 256, or a part of one
 */
export function readTile(bytes: Uint8Array, width: number): Uint8Array {
  const hashes = bytes.length / hashLength;
  if (!Number.isInteger(hashes) || hashes > tileWidth) throw malformed(`${bytes.length} bytes`);
  if (hashes < width) throw malformed(`it has ${hashes} hashes, not ${width}`);
  return bytes.length === width * hashLength ? bytes : bytes.subarray(0, width * hashLength);
}

function malformed(why: string): LogError {
  return new LogError('LOG_MALFORMED', `A tile of the log is not as it must be: ${why}.`);
}
