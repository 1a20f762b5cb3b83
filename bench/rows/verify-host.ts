/**
 * `verify.host`: what Touchstone itself adds to the check of one card, from the first byte to the
 * verdict. The card's own time is taken off, and there is no reader: the card is in this process.
 *
 * Every round checks another card of the same batch. As in a shop that checks one card after the
 * other, the batch key is known from the cards before, on both sides.
 */
import { millisecondsOf } from '../harness/measure.ts';
import type { Row, Sides } from '../harness/row.ts';
import { type BareSignatures, bareSignaturesOf, checkBareSignatures } from '../subjects/bare.ts';
import { createCheckRoom } from '../subjects/check-room.ts';

export const verifyHost: Row = {
  name: 'verify.host',
  unit: 'ms',
  measures: 'host time of one whole check of a TAPSIGNER, without card and reader',
  against: 'the bare signature operations of the same check',
  target: { direction: 'at most', of: 'value', number: 30 },
  effort: { warmUps: 40, rounds: 101, items: 1 },
  prepare,
};

/** @param items cards checked in one round; the figure is the time of one */
async function prepare(items: number): Promise<Sides> {
  const room = await createCheckRoom('coinkite-tap');
  let cards = 0;
  let checked: BareSignatures[] = [];
  return {
    async measured() {
      checked = [];
      let millis = 0;
      for (let item = 0; item < items; item += 1) {
        cards += 1;
        const { evidence, hostMillis } = await room.check(`bench host ${cards}`);
        checked.push(bareSignaturesOf(evidence));
        millis += hostMillis;
      }
      return millis / items;
    },
    baseline: () => millisecondsOf(() => checked.forEach(checkBareSignatures)) / items,
  };
}
