/**
 * A log as plain files under the paths of C2SP tlog-tiles, wherever they lie:
 *
 *   checkpoint                    at most 1,000,000 bytes
 *   tile/<L>/<N>[.p/<W>]          exactly W hashes, or 256
 *   tile/entries/<N>[.p/<W>]      exactly W entries, or 256
 *
 * A file is as long as its name says, to the byte. Where a partial tile is not there, the full one stands
 * in and is cut: a log may delete the one when it has the other.
 */
import { LogError } from '../errors/error.ts';
import { maxNoteBytes } from '../tlog/note.ts';
import { readUtf8 } from '../tlog/text.ts';
import {
  encodeBundle,
  hashLength,
  maxBundleBytes,
  parseBundle,
  type TileId,
  tilePath,
  tileWidth,
} from '../tlog/tile.ts';
import type { LogSource } from './source.ts';

/** Files by their path below the prefix of a log. */
export interface StaticFiles {
  readonly place: string;

  /**
   * @returns undefined when there is no such file
   * @throws LogError LOG_MALFORMED when it is longer, LOG_UNAVAILABLE when it cannot be read
   */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;

  /** Left out: there are none. */
  readonly signedAfter?: LogSource['signedAfter'];
}

export function staticSource(files: StaticFiles): LogSource {
  const { place } = files;
  /** The bytes of a tile, or of the full one in its place, and how wide they are. */
  const read = async (id: TileId, maxBytes: number) => {
    const own = await files.read(tilePath(id), maxBytes);
    if (own !== undefined) return { bytes: own, width: id.width };
    const full = { ...id, width: tileWidth };
    const whole = id.width < tileWidth ? await files.read(tilePath(full), maxBytes) : undefined;
    if (whole !== undefined) return { bytes: whole, width: tileWidth };
    throw new LogError('LOG_UNSUITABLE', `${place} has no ${tilePath(id)}.`);
  };
  return {
    place,
    checkpoint: async () => {
      const bytes = await files.read('checkpoint', maxNoteBytes);
      if (bytes !== undefined) return noteText(bytes, `${place}/checkpoint`);
      throw new LogError('LOG_UNSUITABLE', `${place} is not a log: it has no checkpoint.`);
    },
    tile: async (id) => {
      const { bytes, width } = await read(id, tileWidth * hashLength);
      if (bytes.length !== width * hashLength) {
        throw malformed(place, id, `${bytes.length} bytes instead of ${width * hashLength}`);
      }
      return bytes.subarray(0, id.width * hashLength);
    },
    bundle: async (id) => {
      const { bytes, width } = await read(id, maxBundleBytes);
      const entries = entriesOf(bytes, width, () => malformed(place, id, `not ${width} entries`));
      const length = entries.reduce((sum, entry) => sum + 2 + entry.length, 0);
      if (length !== bytes.length) throw malformed(place, id, `more than ${width} entries`);
      return width === id.width ? bytes : encodeBundle(entries.slice(0, id.width));
    },
    signedAfter: files.signedAfter ?? (async () => []),
  };
}

/**
 * The text of a file that should hold a signed note.
 *
 * @throws LogError LOG_MALFORMED naming the file
 */
export function noteText(bytes: Uint8Array, path: string): string {
  try {
    return readUtf8(bytes, 'the note', maxNoteBytes);
  } catch (cause) {
    throw new LogError('LOG_MALFORMED', `${path} is not a signed checkpoint.`, { cause });
  }
}

function entriesOf(bytes: Uint8Array, width: number, refusal: () => LogError): Uint8Array[] {
  try {
    return parseBundle(bytes, width);
  } catch (cause) {
    throw cause instanceof LogError ? refusal() : cause;
  }
}

function malformed(place: string, id: TileId, why: string): LogError {
  return new LogError('LOG_MALFORMED', `${place}: ${tilePath(id)} has ${why}.`);
}
