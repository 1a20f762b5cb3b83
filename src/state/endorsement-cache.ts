/**
 * What makers signed about cards seen here before, so that their servers are asked once per card:
 * one endorsements file a card, `<state folder>/endorsements/<family>/<SHA-256 of its key>.json`.
 *
 * Only a cache: nothing in it is believed. The caller verifies what it finds each time, and what
 * cannot be read counts as not there.
 */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';
import { TouchstoneError } from '../errors/error.ts';
import {
  encodeEndorsements,
  findEndorsements,
  parseEndorsements,
} from '../evidence/endorsements.ts';
import type { Attachment } from '../evidence/evidence.ts';
import { family as familyName } from '../evidence/file.ts';
import { writeDurably } from './durable.ts';
import { makeFolderInside, makeStateFolder, stateUnusable } from './folder.ts';

/** Of one card; makers' signatures take some hundred bytes. */
const maxFileBytes = 1024 * 1024;

/**
 * Maker signatures by card. In both calls `family` is a card family id (up to 32 lower-case letters,
 * digits and dashes) and `cardKey` is compressed: 33 bytes on secp256k1 and P-256, 32 for Ed25519.
 */
export interface EndorsementCache {
  /**
   * What was kept about a card; undefined when there is nothing readable. Not verified.
   *
   * @throws RangeError when the family is no family id
   */
  find(family: string, cardKey: Uint8Array): Promise<readonly Attachment[] | undefined>;
  /**
   * Keeps 1 to 16 attachments about a card, in place of what was kept before.
   *
   * @throws RangeError when the family is no family id, or the attachments are not as an endorsements
   *   file allows, or larger than 1 MiB when written
   * @throws TouchstoneError STATE_UNUSABLE when they cannot be written
   */
  keep(family: string, cardKey: Uint8Array, attachments: readonly Attachment[]): Promise<void>;
}

/** Where the texts of the files are: a disk, or memory. */
interface Shelf {
  /** Undefined when it is not there or not readable. */
  read(family: string, name: string): Promise<string | undefined>;
  write(family: string, name: string, text: string): Promise<void>;
}

/**
 * The cache in a state folder. Nothing is made before something is kept. Several processes may use
 * it at once: of two that keep the same card, the last one stays.
 *
 * @param folder absolute path of the state folder
 */
export function createEndorsementCache(folder: string): EndorsementCache {
  return createCache({
    read: (family, name) => readText(folder, family, name),
    write: async (family, name, text) => {
      try {
        await makeStateFolder(folder);
        const all = await makeFolderInside(await realpath(folder), 'endorsements');
        const ours = await makeFolderInside(all, family);
        await writeDurably(join(ours, name), utf8(text), { mode: 0o600 });
      } catch (cause) {
        if (cause instanceof TouchstoneError) throw cause;
        throw stateUnusable(folder, cause);
      }
    },
  });
}

/** A cache that is gone with the process: for tests, demos and a run that must leave no trace. */
export function createMemoryCache(): EndorsementCache {
  const texts = new Map<string, string>();
  return createCache({
    read: async (family, name) => texts.get(join(family, name)),
    write: async (family, name, text) => {
      texts.set(join(family, name), text);
    },
  });
}

function createCache(shelf: Shelf): EndorsementCache {
  return {
    async find(family, cardKey) {
      requireFamily(family);
      const text = await shelf.read(family, `${toHex(sha256(cardKey))}.json`);
      if (text === undefined) return undefined;
      try {
        // Looks for this very card: a file renamed to another card's name holds nothing about it.
        return findEndorsements(parseEndorsements(text, 'the cached file'), family, cardKey);
      } catch (error) {
        if (error instanceof TouchstoneError) return undefined;
        throw error;
      }
    },
    async keep(family, cardKey, attachments) {
      requireFamily(family);
      const cardKeyHash = toHex(sha256(cardKey));
      const text = encodeEndorsements({ family, cards: [{ cardKeyHash, attachments }] });
      if (utf8(text).length > maxFileBytes) throw new RangeError('attachments: more than 1 MiB');
      await shelf.write(family, `${cardKeyHash}.json`, text);
    },
  };
}

/** It becomes the name of a folder: "../.." would read and write anywhere. */
function requireFamily(family: string): void {
  if (!familyName.safeParse(family).success) throw new RangeError('family: not a family id');
}

/** The text of a small regular file inside the folder, undefined for everything else. */
async function readText(folder: string, family: string, name: string): Promise<string | undefined> {
  try {
    const expected = join(await realpath(folder), 'endorsements', family, name);
    // A symbolic link anywhere below the folder could lead to a device, or to another's secrets.
    if ((await realpath(expected)) !== expected) return undefined;
    // Without O_NONBLOCK the opening of a FIFO would wait for its writer for ever.
    const file = await open(
      expected,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      const found = await file.stat();
      if (!found.isFile() || found.size > maxFileBytes) return undefined;
      // One byte more than it has: a file that grows meanwhile is noticed.
      const buffer = new Uint8Array(found.size + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) break;
      }
      if (length > found.size) return undefined;
      return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length));
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
