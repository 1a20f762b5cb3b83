/** Writes into the log of a folder and waits until it is published. */
import { type Entry, hourOf } from '../../src/activation/entry-schema.ts';
import { encodeReceipt } from '../../src/activation/receipt.ts';
import { LogError, TouchstoneError } from '../../src/errors/error.ts';
import { admit } from '../../src/log/admission.ts';
import { openLogFolder } from '../../src/log/folder.ts';
import type { Appended, Log } from '../../src/log/log.ts';
import type { Policy } from '../../src/tlog/policy.ts';
import { type TlogProof, verifyProof } from '../../src/tlog/proof.ts';
import type { Deps } from '../deps.ts';
import { folderPolicy, inWords, witnessPost } from './place.ts';

/** A log that is open for writing. */
export interface Desk {
  readonly log: Log;
  readonly folder: string;
  /** Its own. */
  readonly policy: Policy;
}

export interface Recorded extends Appended {
  readonly proof: TlogProof;
}

const dayMillis = 86_400_000;

/** Longest wait for the witnesses of a log. The entry has its place by then, and is published later. */
const publishMillis = 30_000;

/** After this somebody who waits is told what for. */
const quietMillis = 2000;
const waitingText = 'Waiting for the witnesses of the log, up to 30 s ...\n';

/** Between two looks at what is published. */
const pollMillis = 100;

/**
 * Opens the log of a folder for writing; it is closed, with all that was acknowledged, at the end.
 *
 * @throws LogError as `openLogFolder` and `Log.append`; LOG_UNWITNESSED when the witnesses do not come
 *   together in time
 */
export async function withLog<T>(
  folder: string,
  deps: Deps,
  act: (desk: Desk) => Promise<T>,
): Promise<T> {
  const policy = await folderPolicy(folder);
  const log = await inWords(folder, () =>
    openLogFolder(folder, { now: deps.now, post: witnessPost(deps) }),
  );
  const stop = () => void log.close();
  deps.signal.addEventListener('abort', stop);
  try {
    const { mode } = await log.status();
    if (mode === 'open') await log.forgetQuotas(dayOf(deps.now() - dayMillis));
    return await act({ log, folder, policy });
  } finally {
    deps.signal.removeEventListener('abort', stop);
    await log.close();
  }
}

/** Records an entry of this format and waits for its proof. @throws LogError ENTRY_INVALID; as `withLog` */
export async function recordEntry(desk: Desk, entry: Uint8Array, deps: Deps): Promise<Recorded> {
  return proven(desk, entry, await placeEntry(desk, entry, deps), deps);
}

/** Gives an entry of this format its index. @throws LogError ENTRY_INVALID; as `withLog` */
export async function placeEntry({ log }: Desk, entry: Uint8Array, deps: Deps): Promise<Appended> {
  return log.append(await admit(entry, 'operator', log, deps.now()));
}

/** The receipt of an entry that was just recorded. */
export function receiptOf(entry: Entry, { proof }: Recorded): string {
  return encodeReceipt({ entry, proof });
}

/** Waits for the proof of an entry that has its index, as the policy asks for it. @throws as `withLog` */
export async function proven(
  desk: Desk,
  entry: Uint8Array,
  { index, known }: Appended,
  deps: Deps,
): Promise<Recorded> {
  const over = new AbortController();
  const timers = [
    setTimeout(() => over.abort(), publishMillis),
    setTimeout(() => void deps.stderr.write(waitingText), quietMillis),
  ];
  try {
    const proof = await proofInTime(desk, entry, index, deps, over.signal);
    return { index, known, proof };
  } catch (cause) {
    if (over.signal.aborted) throw await late(desk, index);
    if (!deps.signal.aborted) throw cause;
    const message = `Interrupted. The entry is recorded as number ${index}, and there is no proof of it so far.`;
    throw new TouchstoneError('INTERRUPTED', message, { cause });
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

async function proofInTime(
  { log, policy }: Desk,
  entry: Uint8Array,
  index: bigint,
  { now }: Deps,
  over: AbortSignal,
): Promise<TlogProof> {
  const isLate = new Promise<never>((_, reject) => {
    over.addEventListener('abort', () => reject(over.reason), { once: true });
  });
  isLate.catch(() => undefined);
  await Promise.race([log.published(index), isLate]);
  for (;;) {
    const proof = await log.prove(index);
    if (proof === undefined)
      throw new LogError('LOG_WRONG', `Entry ${index} is published, and not.`);
    const at = BigInt(Math.floor(now() / 1000));
    const verified = verifyProof({ proof, entry, policy, at });
    if (verified.kind === 'verified') return proof;
    // What is published may be older than the witnesses of the policy: they are asked meanwhile.
    if (verified.why !== 'quorum-missing') {
      throw new LogError('LOG_WRONG', `The log proves no entry ${index}: ${verified.detail}.`);
    }
    const { mode, problem } = await log.status();
    if (mode !== 'open') throw problem ?? over.reason;
    await Promise.race([new Promise((resolve) => setTimeout(resolve, pollMillis)), isLate]);
  }
}

/** Which witnesses are missing, and what to do once they are back. */
async function late({ log, folder }: Desk, index: bigint): Promise<LogError> {
  const { witnesses } = await log.status();
  const missing = witnesses.filter(({ result }) => !['cosigned', 'at'].includes(result.kind));
  const names = missing.map(({ name }) => name).join(', ');
  return new LogError(
    'LOG_UNWITNESSED',
    `The entry is recorded as number ${index}, and not published: too few of the witnesses have signed it${names === '' ? '' : ` (missing: ${names})`}. Once they can be reached: touchstone log prove ${index} --log ${folder} --receipt FILE.`,
  );
}

/** The window of a quota that a moment falls into, as entries write their day. */
function dayOf(at: number): string {
  return hourOf(at).slice(0, 10);
}
