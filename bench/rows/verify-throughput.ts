/**
 * `verify.throughput` and `verify.throughput.*`: how many evidence files one process judges in
 * a second, from the text of the file to the verdict. This is what a server or an auditor with a
 * folder of files does.
 *
 * The evidences are of different cards by one maker, so what that maker signed for all of them is
 * proven once, in the warm-up, and only the signatures that differ from card to card remain, on
 * both sides.
 */
import { encodeEvidence, parseEvidence } from '../../src/evidence/file.ts';
import { perSecond } from '../harness/measure.ts';
import type { Row, Sides } from '../harness/row.ts';
import { type BareSignatures, bareSignaturesOf, checkBareSignatures } from '../subjects/bare.ts';
import { createCheckRoom } from '../subjects/check-room.ts';

const common = {
  unit: 'evidences/s',
  against: 'the bare signature operations of the same evidences',
} as const;

export const verifyThroughput: Row = {
  ...common,
  name: 'verify.throughput',
  measures: 'evidence files of different TAPSIGNERs judged, from text to verdict',
  target: { direction: 'at least', of: 'ratio', number: 0.7 },
  // Six portions: the warm-up goes through all evidences twice, the rounds ten times.
  effort: { warmUps: 12, rounds: 60, items: 240 },
  prepare: (items) => prepare('coinkite-tap', items),
};

export const verifyThroughputTangem: Row = {
  ...common,
  name: 'verify.throughput.tangem',
  measures:
    "evidence files of different Tangem cards judged, their maker's signatures attached, from text to verdict",
  target: { direction: 'at least', of: 'ratio', number: 0.6 },
  // More than the signatures over card IDs that the registry remembers, so that none is met again.
  effort: { warmUps: 14, rounds: 56, items: 1120 },
  prepare: (items) => prepare('tangem', items),
};

export const verifyThroughputKeycard: Row = {
  ...common,
  name: 'verify.throughput.keycard',
  measures: 'evidence files of different Keycards judged, from text to verdict',
  target: { direction: 'at least', of: 'ratio', number: 0.6 },
  effort: { warmUps: 12, rounds: 60, items: 240 },
  prepare: (items) => prepare('keycard', items),
};

export const verifyThroughputSatochip: Row = {
  ...common,
  name: 'verify.throughput.satochip',
  measures:
    'evidence files of different Satodimes judged, certificates included, from text to verdict',
  target: { direction: 'at least', of: 'ratio', number: 0.6 },
  effort: { warmUps: 12, rounds: 60, items: 240 },
  prepare: (items) => prepare('satochip', items),
};

/**
 * Evidences in one round: a few hundredths of a second or more, so that a busy moment of the machine
 * meets both sides, and long enough that each round pays for its own garbage collection.
 */
const portion = 40;

/** One card's evidence, as a file and as what its signatures need. */
interface Sample {
  readonly text: string;
  readonly bare: BareSignatures;
}

/** @param items different evidence files; a round judges the next 40 of them */
async function prepare(family: string, items: number): Promise<Sides> {
  const room = await createCheckRoom(family);
  const samples: Sample[] = [];
  for (let item = 0; item < items; item += 1) {
    const { evidence } = await room.check(`bench throughput ${item}`);
    samples.push({ text: encodeEvidence(evidence), bare: bareSignaturesOf(evidence) });
  }
  const judge = ({ text }: Sample) => {
    const verdict = room.verifier.judgeRecorded(parseEvidence(text), { expectNew: true });
    // A genuine card in every respect, but from a file: so the last row before "genuine".
    if (verdict.row !== 'recorded') throw new Error(`judged as "${verdict.row}"`);
  };
  let next = 0;
  let current: readonly Sample[] = [];
  return {
    measured() {
      current = samples.slice(next, next + portion);
      next = next + portion < samples.length ? next + portion : 0;
      return perSecond(current.length, () => current.forEach(judge));
    },
    baseline: () =>
      perSecond(current.length, () => {
        for (const { bare } of current) checkBareSignatures(bare);
      }),
  };
}
