/** What a log has published, held against the policy. */
import type { HistoryFault } from '../../src/activation/history.ts';
import { LogError } from '../../src/errors/error.ts';
import type { ProofRefusal } from '../../src/tlog/proof.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from '../../src/tlog/witnessed.ts';
import type { Deps } from '../deps.ts';
import { type Place, requirePolicy } from './place.ts';

/**
 * @returns undefined where nothing is published yet
 * @throws LogError LOG_UNWITNESSED when too few witnesses signed it, LOG_WRONG when it is not the log's
 */
export async function publishedOf(
  place: Place,
  deps: Deps,
): Promise<VerifiedCheckpoint | undefined> {
  const note = await place.source.checkpoint();
  if (note === undefined) return undefined;
  const at = BigInt(Math.floor(deps.now() / 1000));
  const verified = verifyCheckpoint(note, requirePolicy(place), at);
  if (verified.kind === 'verified') return verified;
  throw refusalError(verified.why, `The checkpoint of ${place.source.place}: ${verified.detail}.`);
}

/** Too few witnesses is no reproach to a log: they may not have been asked yet. */
export function refusalError(why: ProofRefusal | HistoryFault, message: string): LogError {
  return new LogError(why === 'quorum-missing' ? 'LOG_UNWITNESSED' : 'LOG_WRONG', message);
}
