/** Writes into the log of a folder and waits until it is published. */
import type { Entry } from '../../src/activation/entry-schema.ts';
import { encodeReceipt } from '../../src/activation/receipt.ts';
import { LogError } from '../../src/errors/error.ts';
import { admit } from '../../src/log/admission.ts';
import { openLogFolder } from '../../src/log/folder.ts';
import type { Log } from '../../src/log/log.ts';
import type { TlogProof } from '../../src/tlog/proof.ts';
import type { Deps } from '../deps.ts';
import { witnessPost } from './place.ts';

export interface Recorded {
  readonly index: bigint;
  /** The same bytes were there before. */
  readonly known: boolean;
  readonly proof: TlogProof;
}

/** Longest wait for the witnesses of a log. The entry has its place by then, and is published later. */
const publishMillis = 30_000;

/**
 * Opens the log of a folder for writing; it is closed, with all that was acknowledged, at the end.
 *
 * @throws LogError as `openLogFolder` and `Log.append`; LOG_UNAVAILABLE when the witnesses do not come
 *   together in time
 */
export async function withLog<T>(
  folder: string,
  deps: Deps,
  act: (log: Log) => Promise<T>,
): Promise<T> {
  const log = await openLogFolder(folder, { now: deps.now, post: witnessPost(deps) });
  const stop = () => void log.close();
  deps.signal.addEventListener('abort', stop);
  try {
    return await act(log);
  } finally {
    deps.signal.removeEventListener('abort', stop);
    await log.close();
  }
}

/** Records an entry of this format. @throws LogError ENTRY_INVALID; as `withLog` */
export async function recordEntry(log: Log, entry: Uint8Array, deps: Deps): Promise<Recorded> {
  return record(log, await admit(entry, 'operator', log, deps.now()));
}

/** Records any bytes. @throws as `withLog` */
export async function recordRaw(log: Log, bytes: Uint8Array): Promise<Recorded> {
  return record(log, { bytes });
}

/** The receipt of an entry that was just recorded. */
export function receiptOf(entry: Entry, { proof }: Recorded): string {
  return encodeReceipt({ entry, proof });
}

async function record(log: Log, item: Parameters<Log['append']>[0]): Promise<Recorded> {
  const { index, known } = await log.append(item);
  await inTime(log.published(index), index);
  const proof = await log.prove(index);
  if (proof === undefined) throw late(index);
  return { index, known, proof };
}

async function inTime<T>(waiting: Promise<T>, index: bigint): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(index)), publishMillis);
  });
  try {
    return await Promise.race([waiting, over]);
  } finally {
    clearTimeout(timer);
  }
}

function late(index: bigint): LogError {
  return new LogError(
    'LOG_UNAVAILABLE',
    `The entry is recorded as number ${index}, but its witnesses have not come together yet: there is no proof of it so far.`,
  );
}
