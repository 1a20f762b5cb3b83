/**
 * The second fork guard: a file beside the database that says what was signed last.
 *
 * The first guard, the rows of signed checkpoints, goes back in time with a database that is restored from
 * a backup, and then the log would sign a second root for a size that the world has seen. This file is not
 * in the database and so does not go back with it. It is written after the row and before the checkpoint
 * leaves the process: after a crash between the two it is older than the rows, never newer.
 *
 * It knows what was signed from this folder. With PostgreSQL and several machines each has one of its own,
 * and a database that is set back is noticed by the machine that signed last; for the others there are the
 * witnesses. It is made with the log: where it is missing later, a log without witnesses signs no more.
 *
 *   size LF base64 of the root LF
 */
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts';
import { utf8 } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import { writeDurably } from '../state/durable.ts';
import { readSmallFile } from '../state/small-file.ts';
import { maxSize, type TreeHead } from '../tlog/merkle.ts';

export interface SignGuard {
  /**
   * What was signed last from this folder, by any process.
   *
   * @throws LogError LOG_UNSUITABLE when the file is damaged: it is not read as "nothing was signed"
   */
  last(): Promise<TreeHead | undefined>;
  /**
   * Durable when it resolves. A smaller head than the last changes nothing.
   *
   * @throws LogError LOG_UNAVAILABLE when it cannot be written, LOG_UNSUITABLE as `last`
   */
  remember(head: TreeHead): Promise<void>;
}

/**
 * @param path of the file; its folder exists
 * @throws LogError LOG_UNSUITABLE when the file is damaged: it is not read as "nothing was signed"
 */
export async function openGuard(path: string): Promise<SignGuard> {
  // What this process knows counts even where the file is taken away under it.
  let known = await readGuard(path);
  const last = async () => {
    const found = await readGuard(path);
    if (found !== undefined && (known === undefined || found.size > known.size)) known = found;
    return known;
  };
  return {
    last,
    async remember({ size, root }) {
      const before = await last();
      if (before !== undefined && before.size >= size) return;
      try {
        await writeDurably(path, utf8(`${size}\n${encodeBase64(root)}\n`), { mode: 0o600 });
      } catch (cause) {
        throw new LogError('LOG_UNAVAILABLE', `${path} cannot be written.`, { cause });
      }
      known = { size, root };
    },
  };
}

/** Two lines of at most 19 and 44 characters. */
const maxGuardBytes = 128;

async function readGuard(path: string): Promise<TreeHead | undefined> {
  const found = await readSmallFile(path, maxGuardBytes, { follow: true });
  if (found.kind === 'missing') return undefined;
  if (found.kind === 'unfit') {
    throw new LogError('LOG_UNSUITABLE', `${path} cannot be used: ${found.why}.`, {
      cause: found.cause,
    });
  }
  const match = /^(0|[1-9]\d{0,18})\n([A-Za-z0-9+/]{43}=)\n$/.exec(found.text);
  const [, size = '', root = ''] = match ?? [];
  try {
    if (match !== null && BigInt(size) <= maxSize) {
      return { size: BigInt(size), root: decodeBase64(root) };
    }
  } catch {
    // The root has bits that its 32 bytes do not need: below.
  }
  throw new LogError(
    'LOG_UNSUITABLE',
    `${path}, which says what was signed last, is damaged: write the size and the root of the last checkpoint into it.`,
  );
}
