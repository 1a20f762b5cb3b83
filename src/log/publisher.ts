/**
 * From the integrated tree to the published checkpoint: signed, witnessed, published.
 *
 * Two checkpoints are kept apart: the largest signed one, and the largest that the witnesses of the policy
 * stand behind. Proofs are given from the second only. Witnesses that do not answer hold publishing up and
 * nothing else; entries still get their indexes.
 */
import { LogError } from '../errors/error.ts';
import type { StoredCheckpoint } from '../store/log-store.ts';
import { sameHead, type TreeHead } from '../tlog/merkle.ts';
import { type Policy, quorumHolds } from '../tlog/policy.ts';
import { type SignerParts, signHead } from './signer.ts';
import type { WitnessResult, WitnessSeen } from './witness-client.ts';
import type { Witnesses, WitnessReport } from './witnesses.ts';

export interface PublisherParts extends Omit<SignerParts, 'witnessed'> {
  readonly policy: Policy;
  /** Undefined for a log without witnesses. */
  readonly witnesses: Witnesses | undefined;
}

/** What became of the witnesses when they were asked last. */
export type WitnessReports = readonly WitnessReport<WitnessResult | WitnessSeen>[];

export class Publisher {
  readonly #parts: PublisherParts;
  #hasAsked = false;
  #reports: WitnessReports = [];

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /**
   * Publishes a head.
   *
   * @returns the checkpoint, or undefined when it is not published yet: another process signed a larger
   *   one, or the witnesses did not come together
   * @throws LogError LOG_READ_ONLY when a witness has seen more of this log than these rows hold
   */
  async publish(head: TreeHead): Promise<StoredCheckpoint | undefined> {
    const { store, witnesses } = this.#parts;
    if (witnesses !== undefined && !(await this.#mayGoOn(witnesses, head))) return undefined;
    const witnessed = witnesses !== undefined;
    const signed = await signHead(head, { ...this.#parts, witnessed });
    if (signed === undefined) return undefined;
    const published = await store.published();
    // Another process may have published it with cosignatures: they are not to be lost.
    if (witnesses === undefined && published?.size === signed.size) return published;
    const note = witnesses === undefined ? signed.note : await this.#witness(witnesses, signed);
    if (note === undefined) return undefined;
    const checkpoint = { size: signed.size, root: signed.root, note };
    return (await store.publish(checkpoint)) ? checkpoint : undefined;
  }

  /** What each witness answered last, to a checkpoint or to the question what it saw. */
  get reports(): WitnessReports {
    return this.#reports;
  }

  /**
   * Before anything new is signed: have the witnesses seen more than these rows hold? A database and a
   * guard file that were restored together know nothing of what was signed since; the witnesses do. All of
   * them are asked at the start of a process, and each time a quorum: a database can be set back under a
   * running process, and another machine may have signed what this one never saw.
   *
   * @returns false while too few of them answer: until then nothing is signed
   */
  async #mayGoOn(witnesses: Witnesses, head: TreeHead): Promise<boolean> {
    const { store, policy } = this.#parts;
    const latest = await store.latestSigned();
    // Since a log is made with a signed checkpoint, this one has lost its rows.
    if (latest === undefined) {
      throw new LogError('LOG_WRONG', `${store.place} has lost what was signed.`);
    }
    if (this.#hasAsked && sameHead(latest, head)) return true;
    const answers = await witnesses.latestSeen(latest.note, this.#hasAsked ? 'quorum' : 'all');
    this.#reports = answers;
    const answered = new Set<string>();
    for (const { name, result } of answers) {
      if (result.kind === 'conflict') throw aheadOf(store.place, name, result.size);
      if (result.kind !== 'at') continue;
      await this.#requireKnown(name, result.size);
      answered.add(name);
    }
    const isEnough = quorumHolds(policy, answered);
    this.#hasAsked ||= isEnough;
    return isEnough;
  }

  async #witness(witnesses: Witnesses, signed: StoredCheckpoint): Promise<string | undefined> {
    const { reader } = this.#parts;
    const { note, quorum, results } = await witnesses.gather(signed.note, async (oldSize) => {
      // From its size only; its root the witness knows, and our own tree is what it is proven in.
      return reader.consistencyFrom(oldSize, signed);
    });
    this.#reports = results;
    for (const { name, result } of results) {
      if (result.kind === 'ahead') await this.#requireKnown(name, result.size);
    }
    return quorum ? note : undefined;
  }

  /** A witness may be ahead of this process, not of the log: another process may have signed meanwhile. */
  async #requireKnown(name: string, size: bigint): Promise<void> {
    const { store } = this.#parts;
    const latest = await store.latestSigned();
    if (size > (latest?.size ?? 0n)) throw aheadOf(store.place, name, size);
  }
}

function aheadOf(place: string, name: string, size: bigint): LogError {
  return new LogError(
    'LOG_READ_ONLY',
    `${place} is older than its own log, or another: the witness ${name} has seen ${size} entries that it does not know. It was restored from a backup, or the witness is wrong.`,
  );
}
