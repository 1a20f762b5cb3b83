/**
 * Where all of a log can be read from: its own rows, a folder of plain files, a web server. Nothing that
 * comes from here is believed before it was held against a signed root (verified-tiles.ts).
 */
import { equal } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import type { LogStore } from '../store/log-store.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { leafHash, type TreeHead } from '../tlog/merkle.ts';
import { parseNote } from '../tlog/note.ts';
import type { TileSource } from '../tlog/prover.ts';
import { encodeBundle, type TileId } from '../tlog/tile.ts';
import { createReader } from './reader.ts';

/** A checkpoint of an earlier size, and what is said about it beside its note. */
export interface OlderCheckpoint {
  readonly size: bigint;
  /** As rows keep it; a file has nothing but its note. */
  readonly root?: Uint8Array;
  readonly note: string;
}

/** Its methods throw LogError: LOG_UNSUITABLE for what is not there, LOG_MALFORMED, LOG_UNAVAILABLE. */
export interface LogSource extends TileSource {
  /** Where it is, for people: a path, or a URL without its password. */
  readonly place: string;

  /**
   * The published checkpoint, a signed note.
   *
   * @returns undefined for a log that has not published yet
   */
  checkpoint(): Promise<string | undefined>;

  /** A bundle of exactly `id.width` entries; `id.level` is 'entries'. */
  bundle(id: TileId): Promise<Uint8Array>;

  /** Checkpoints that the log signed, above a size, smallest first. */
  signedAfter(size: bigint, limit: number): Promise<readonly OlderCheckpoint[]>;

  /** The whole of the tree, where that may be more than what is published. */
  head?(): Promise<TreeHead>;
}

/** The rows of a log as a source. */
export function rowsSource(store: LogStore): LogSource {
  const { tile } = createReader(store);
  return {
    place: store.place,
    tile,
    checkpoint: async () => {
      const published = await store.published();
      if (published === undefined) return undefined;
      const { size, root } = headOf(store, published.note);
      if (size !== published.size || !equal(root, published.root)) {
        throw wrong(store, 'its published checkpoint is of another tree than the row says');
      }
      return published.note;
    },
    bundle: async ({ index, width }) => {
      const first = index * 256n;
      const rows = await store.entries(first, width);
      const gap = rows.findIndex((row, at) => row.index !== first + BigInt(at));
      if (gap >= 0 || rows.length < width) {
        const missing = first + BigInt(gap >= 0 ? gap : rows.length);
        throw new LogError('LOG_UNSUITABLE', `${store.place} has no entry ${missing}.`);
      }
      for (const { index: at, leaf, bytes } of rows) {
        // The row's own hash is what tells a repeated entry from a new one.
        if (!equal(leafHash(bytes), leaf)) {
          throw wrong(store, `entry ${at} is not what was handed in`);
        }
      }
      return encodeBundle(rows.map(({ bytes }) => bytes));
    },
    signedAfter: (size, limit) => store.signedAfter(size, limit),
    head: () => store.head(),
  };
}

function headOf({ place }: LogStore, note: string): TreeHead {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch (cause) {
    const message = `The published checkpoint of ${place} cannot be read.`;
    throw new LogError('LOG_MALFORMED', message, { cause });
  }
}

function wrong(store: LogStore, why: string): LogError {
  return new LogError('LOG_WRONG', `${store.place} does not add up: ${why}.`);
}
