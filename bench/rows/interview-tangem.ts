/**
 * `interview.tangem`: what an interview costs beyond its commands, from the first question which
 * card this is to the finished evidence. Commands take the whole way through the PC/SC service to a
 * virtual reader, and the card lies there throughout.
 *
 * The baseline sends as many commands by the same way: SELECT without a name in its shortest form,
 * four bytes, which the card refuses with two. What the card takes for itself, signing above all, is
 * taken off on both sides: no host can help it.
 */
import { randomBytes } from 'node:crypto';
import { fromHex } from '../../src/bytes/hex.ts';
import { embeddedOrigin, nonceLength } from '../../src/evidence/challenge.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { families } from '../../src/families/index.ts';
import { openCard } from '../../src/reader/card.ts';
import type { CardChannel } from '../../src/reader/channel.ts';
import { createSimulatedCard } from '../../src/simulator/index.ts';
import { collectEvidence, detectFamily } from '../../src/verifier/collect.ts';
import { millisecondsOfAsync } from '../harness/measure.ts';
import type { Row, Sides } from '../harness/row.ts';
import { layOnReader, readerStackMissing } from '../subjects/reader-stack.ts';
import { type TimedCard, timeCard } from '../subjects/timed-card.ts';

export const interviewTangem: Row = {
  name: 'interview.tangem',
  unit: 'ms',
  measures: 'a whole interview of a Tangem card through PC/SC, without the time inside the card',
  against: 'as many empty round trips by the same way',
  target: { direction: 'at most', of: 'ratio', number: 2 },
  effort: { warmUps: 10, rounds: 51, items: 5 },
  missing: readerStackMissing,
  prepare,
};

const random = (length: number) => new Uint8Array(randomBytes(length));
const micros = () => performance.now() * 1000;

/** SELECT without a name: the shortest command that the virtual card answers, with 6A82. */
const empty = fromHex('00a40000');

/** @param items interviews in one round; the figure is the time of one */
async function prepare(items: number): Promise<Sides> {
  const card = timeCard(createSimulatedCard('tangem', 'genuine', random, 'bench interview'));
  const { channel, close } = await layOnReader(card);
  try {
    const commands = await countCommands(card, channel);
    return {
      note: `${commands} commands in each interview`,
      measured: async () => {
        const held: CardEvidence[] = [];
        const millis = await hostMillis(card, async () => {
          for (let item = 0; item < items; item += 1)
            held.push((await interview(channel)).evidence);
        });
        held.forEach(requireProof);
        return millis / items;
      },
      baseline: async () => {
        const millis = await hostMillis(card, async () => {
          for (let item = 0; item < items * commands; item += 1) await channel.exchange(empty);
        });
        return millis / items;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One interview, with what was exchanged to find out which card it is. */
async function interview(channel: CardChannel) {
  const card = openCard(channel, micros);
  const detected = await detectFamily(card, families);
  if (detected === undefined) throw new Error('no family recognised the simulated card');
  const evidence = await collectEvidence({
    card,
    family: detected.family,
    detected,
    session: {
      id: 'bench',
      context: { origin: embeddedOrigin, purpose: 'verify' },
      nonce: random(nonceLength),
      expires: Number.POSITIVE_INFINITY,
    },
    freshness: 'verifier',
    collectedAt: 0,
    talk: { random, onStep: () => undefined },
  });
  return { evidence, recorded: card.recorded };
}

/**
 * How many commands an interview has, by its own recording.
 *
 * @throws Error when another number reached the card: then the baseline would be of another length
 */
async function countCommands(card: TimedCard, channel: CardChannel): Promise<number> {
  const before = card.commands;
  const { evidence, recorded } = await interview(channel);
  requireProof(evidence);
  const received = card.commands - before;
  if (received === recorded.length) return received;
  throw new Error(`${recorded.length} commands recorded, ${received} received by the card`);
}

/** @throws Error when the card did not prove its key: then something else was timed */
function requireProof(evidence: CardEvidence): void {
  const family = families.find(({ id }) => id === evidence.family);
  if (evidence.family === 'tangem' && family?.prove(evidence).key !== undefined) return;
  throw new Error('the interview of a genuine simulated card did not prove its key');
}

async function hostMillis(card: TimedCard, work: () => Promise<void>): Promise<number> {
  const before = card.millis;
  const total = await millisecondsOfAsync(work);
  return total - (card.millis - before);
}
