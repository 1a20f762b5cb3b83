/**
 * Checkpoints: the text of a log's signed note (C2SP tlog-checkpoint v1.0.0).
 *
 *   origin LF            1 to 255 bytes; names the log; may hold spaces ("go.sum database tree")
 *   size LF              decimal, 0 to 2^63-1
 *   root LF              base64 of 32 bytes
 *   extension LF ...     none as a rule; not empty. At most 64 are read
 *
 * No extension is ever written: monitors cannot check them, and ML-DSA cosignatures do not cover them.
 */
import { encodeBase64 } from '../bytes/base64.ts';
import { utf8 } from '../bytes/bytes.ts';
import { maxSize } from './merkle.ts';
import { maxNoteBytes } from './note.ts';
import { checkText, malformed, maxNameBytes, parseBase64, parseDecimal } from './text.ts';

const maxExtensions = 64;

export interface Checkpoint {
  readonly origin: string;
  /** Number of entries, 0 to 2^63-1. */
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Signed by the log, and checked by nobody. */
  readonly extensions: readonly string[];
}

/**
 * Reads the text of a checkpoint, without signatures.
 *
 * @throws LogError LOG_MALFORMED
 */
export function parseCheckpoint(text: string): Checkpoint {
  checkText(text, 'the checkpoint', maxNoteBytes);
  if (!text.endsWith('\n')) throw malformed('the last line of the checkpoint does not end');
  const lines = text.slice(0, -1).split('\n', 4 + maxExtensions);
  const [origin, size, root, ...extensions] = lines;
  if (origin === undefined || size === undefined || root === undefined) {
    throw malformed('the checkpoint has fewer than three lines');
  }
  if (lines.includes('')) throw malformed('a line of the checkpoint is empty');
  if (extensions.length > maxExtensions) throw malformed('the checkpoint has too many lines');
  checkOrigin(origin);
  return {
    origin,
    size: parseDecimal(size, 'the size of the checkpoint'),
    root: parseRoot(root),
    extensions,
  };
}

/**
 * Writes the text of a checkpoint, to be signed.
 *
 * @throws LogError LOG_MALFORMED when it could not be read back
 */
export function encodeCheckpoint(checkpoint: {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}): string {
  const { origin, size, root } = checkpoint;
  checkOrigin(origin);
  if (size < 0n || size > maxSize) throw malformed('the size is not between 0 and 2^63-1');
  if (root.length !== 32) throw malformed('the root has not 32 bytes');
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

function checkOrigin(origin: string): void {
  checkText(origin, 'the origin', maxNameBytes, '');
  if (utf8(origin).length === 0) throw malformed('the origin is empty');
}

function parseRoot(text: string): Uint8Array {
  const root = parseBase64(text, 'the root of the checkpoint');
  if (root.length !== 32) throw malformed('the root of the checkpoint has not 32 bytes');
  return root;
}
