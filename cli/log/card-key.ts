/** The card that an entry is about. */
import { parseEntry } from '../../src/activation/entry.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { LogError } from '../../src/errors/error.ts';

/** The index key in hex; undefined for entries about no card, and for those of another format. */
export function cardKeyOf(bytes: Uint8Array): string | undefined {
  try {
    const entry = parseEntry(bytes);
    return entry.kind === 'card' ? entry.card.key : undefined;
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}

/** The same in bytes, by which rows are found. */
export function indexKeyOf(bytes: Uint8Array): Uint8Array | undefined {
  const keyHex = cardKeyOf(bytes);
  return keyHex === undefined ? undefined : fromHex(keyHex);
}
