/**
 * Signs the tree. Two checkpoints of one log that do not fit together are the one fault that cannot be
 * made good, so between the key and the tree stand, in this order:
 *
 *   the guard file   what it remembers must stand among the rows; else the rows are an older copy
 *   consistency      the tree must contain the last signed one, proven from the tiles as they are stored
 *   the rows         take a larger checkpoint only, whatever this process believes
 *
 * Only after the row is durable does the checkpoint exist for anybody.
 */
import { LogError } from '../errors/error.ts';
import type { LogStore, StoredCheckpoint } from '../store/log-store.ts';
import { encodeCheckpoint } from '../tlog/checkpoint.ts';
import { sameHead, type TreeHead } from '../tlog/merkle.ts';
import { encodeNote } from '../tlog/note.ts';
import type { NoteSigner } from '../tlog/signer.ts';
import type { SignGuard } from './guard.ts';
import type { LogReader } from './reader.ts';

export interface SignerParts {
  readonly store: LogStore;
  readonly reader: LogReader;
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly guard: SignGuard;
  /** Whether witnesses are asked what they saw before this process signs. */
  readonly witnessed: boolean;
}

/**
 * Signs a head, or finds the checkpoint that there is of it.
 *
 * @returns undefined when another process signed a larger one meanwhile
 * @throws LogError LOG_READ_ONLY when the rows are older than what was signed before; LOG_WRONG when the
 *   tree does not contain what was signed
 */
export async function signHead(
  head: TreeHead,
  parts: SignerParts,
): Promise<StoredCheckpoint | undefined> {
  const { store, reader, origin, signer, guard, witnessed } = parts;
  await requireRemembered(store, guard, witnessed);
  const latest = await store.latestSigned();
  if (latest !== undefined) {
    if (latest.size > head.size) return undefined;
    if (sameHead(latest, head)) {
      // Signed before a crash, or before the file could be written.
      await guard.remember(latest);
      return latest;
    }
    await reader.consistency(latest, head);
  }
  const text = encodeCheckpoint({ origin, ...head });
  const note = encodeNote({ text, signatures: [signer.sign(text)] });
  const checkpoint = { ...head, note };
  if (!(await store.sign(checkpoint))) return undefined;
  await guard.remember(head);
  // Two processes of one folder may write the file in the wrong order: whoever is last sets it right.
  const newest = await store.latestSigned();
  if (newest !== undefined && newest.size > head.size) await guard.remember(newest);
  return checkpoint;
}

/**
 * Holds the guard against the rows.
 *
 * @param witnessed where nobody else could tell, a guard that knows nothing is no guard
 * @throws LogError LOG_READ_ONLY when something was signed that the rows do not know, or may have been
 */
export async function requireRemembered(
  store: LogStore,
  guard: SignGuard,
  witnessed: boolean,
): Promise<void> {
  const last = await guard.last();
  if (last === undefined) {
    if (witnessed || (await store.latestSigned()) === undefined) return;
    throw new LogError(
      'LOG_READ_ONLY',
      `${store.place} has signed before, and the file "signed", which knows what was signed last, is missing: whether this is the newest database, nobody can tell.`,
    );
  }
  const row = await store.signedAt(last.size);
  if (row !== undefined && sameHead(row, last)) return;
  const latest = await store.latestSigned();
  throw new LogError(
    'LOG_READ_ONLY',
    row === undefined
      ? `${store.place} is older than its own log: a checkpoint of ${last.size} entries was signed, and it knows ${latest?.size ?? 0}. It was restored from a backup.`
      : `${store.place} holds another tree of ${last.size} entries than the one that was signed.`,
  );
}
