/** Whose log it is: made once, and asked at every start before anything else. */
import { LogError } from '../errors/error.ts';
import type { LogStore } from '../store/log-store.ts';
import { encodeCheckpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { encodeKey } from '../tlog/key.ts';
import { emptyRoot, sameHead } from '../tlog/merkle.ts';
import { encodeNote, parseNote } from '../tlog/note.ts';
import type { NoteSigner } from '../tlog/signer.ts';
import { openNote } from '../tlog/verify.ts';
import type { SignGuard } from './guard.ts';
import { Integrator } from './integrator.ts';
import type { LogParts } from './log.ts';
import { createReader } from './reader.ts';

/**
 * Makes an empty log and signs the empty tree: so there is always a checkpoint that
 * witnesses can be asked about. A policy's witnesses are asked for the first entry.
 *
 * @param signer its key's name is the origin of the log
 * @throws LogError LOG_UNSUITABLE when there is one already
 */
export async function createLog(
  store: LogStore,
  signer: NoteSigner,
  guard: SignGuard,
): Promise<void> {
  const origin = signer.key.name;
  await store.create({ origin, key: encodeKey(signer.key) });
  await signEmpty(store, signer, guard);
}

/** The empty tree is the beginning of every other: signing it can fork nothing. */
async function signEmpty(store: LogStore, signer: NoteSigner, guard: SignGuard): Promise<void> {
  const text = encodeCheckpoint({ origin: signer.key.name, size: 0n, root: emptyRoot });
  const note = encodeNote({ text, signatures: [signer.sign(text)] });
  // The file first, other than for any later tree: so it never lacks where there are rows.
  await guard.remember({ size: 0n, root: emptyRoot });
  await store.sign({ size: 0n, root: emptyRoot, note });
}

/**
 * Holds the rows against the key and the policy.
 *
 * @returns the origin
 * @throws LogError LOG_UNSUITABLE for another key or origin; LOG_WRONG when the signed checkpoint is not
 *   signed by it, or the tree does not contain it
 */
export async function requireOwn({ store, signer, policy, guard }: LogParts): Promise<string> {
  const { origin, key } = await store.identity();
  if (key !== encodeKey(signer.key)) {
    throw new LogError(
      'LOG_UNSUITABLE',
      `The key does not belong to ${store.place}: it is that of ${encodeKey(signer.key)}, the log's is ${key}.`,
    );
  }
  if (!policy.logs.some((log) => log.origin === origin && encodeKey(log.key) === key)) {
    throw new LogError(
      'LOG_UNSUITABLE',
      `The policy does not name the log of ${store.place}, whose origin is ${origin}.`,
    );
  }
  const isNew = (await store.sequenced()) === 0n && (await store.published()) === undefined;
  // Its making was cut off between its rows and its first checkpoint.
  if (isNew && (await store.latestSigned()) === undefined) await signEmpty(store, signer, guard);
  // Read before what was signed: another process may sign and publish in between.
  const published = await store.published();
  const signed = await store.latestSigned();
  if (signed === undefined) {
    throw new LogError('LOG_WRONG', `${store.place} has lost what was signed.`);
  }
  if (published !== undefined && published.size > signed.size) {
    throw new LogError('LOG_WRONG', `${store.place} has published more than was signed.`);
  }
  const note = parseNote(signed.note);
  const opened = openNote(note, [signer.key]);
  const checkpoint = parseCheckpoint(note.text);
  if (opened.kind !== 'verified' || checkpoint.origin !== origin || !sameHead(checkpoint, signed)) {
    throw new LogError('LOG_WRONG', `The last checkpoint of ${store.place} is not its own.`);
  }
  const { frontier } = await Integrator.open(store);
  if (frontier.size < signed.size) {
    throw new LogError('LOG_WRONG', `${store.place} has fewer entries than were signed.`);
  }
  if (signed.size > 0n) {
    await createReader(store).consistency(
      { size: signed.size, root: checkpoint.root },
      frontier.head,
    );
  }
  return origin;
}
