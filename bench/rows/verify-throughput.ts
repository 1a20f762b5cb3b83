/**
 * `verify.throughput`: how many evidence files one process judges in a second, from the text of the
 * file to the verdict. This is what a server or an auditor with a folder of files does.
 *
 * The evidences are of different cards by one maker, so the batch's certificate is proven once, in
 * the warm-up, and only the signatures that differ from card to card remain, on both sides.
 */
import { encodeEvidence, parseEvidence } from '../../src/evidence/file.ts';
import { perSecond } from '../harness/measure.ts';
import type { Row, Sides } from '../harness/row.ts';
import { type BareSignatures, bareSignaturesOf, checkBareSignatures } from '../subjects/bare.ts';
import { createCheckRoom } from '../subjects/check-room.ts';

export const verifyThroughput: Row = {
  name: 'verify.throughput',
  unit: 'evidences/s',
  measures: 'evidence files of different TAPSIGNERs judged, from text to verdict',
  against: 'the bare signature operations of the same evidences',
  target: { direction: 'at least', of: 'ratio', number: 0.7 },
  effort: { warmUps: 2, rounds: 11, items: 240 },
  prepare,
};

/** @param items different evidence files; each round judges all of them */
async function prepare(items: number): Promise<Sides> {
  const room = await createCheckRoom();
  const texts: string[] = [];
  const signatures: BareSignatures[] = [];
  for (let item = 0; item < items; item += 1) {
    const { evidence } = await room.check(`bench throughput ${item}`);
    texts.push(encodeEvidence(evidence));
    signatures.push(bareSignaturesOf(evidence));
  }
  const judge = (text: string) => {
    const verdict = room.verifier.judgeRecorded(parseEvidence(text), { expectNew: true });
    // A genuine card in every respect, but from a file: so the last row before "genuine".
    if (verdict.row !== 'recorded') throw new Error(`judged as "${verdict.row}"`);
  };
  return {
    measured: () => perSecond(items, () => texts.forEach(judge)),
    baseline: () => perSecond(items, () => signatures.forEach(checkBareSignatures)),
  };
}
