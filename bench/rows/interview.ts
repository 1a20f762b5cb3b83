/**
 * `interview.*`: what the interview of a card of a family costs beyond its commands, from the first question which
 * card this is to the finished evidence. Commands take the whole way through the PC/SC service to a
 * virtual reader, and the card lies there throughout.
 *
 * The baseline sends as many commands by the same way: SELECT without a name in its shortest form,
 * four bytes, which the card refuses with two. What the card takes for itself, signing above all, is
 * taken off on both sides: no host can help it. A card that demands a channel has its own operations
 * in the baseline, too.
 */
import {
  createECDH,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { fromHex } from '../../src/bytes/hex.ts';
import { embeddedOrigin, nonceLength } from '../../src/evidence/challenge.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { families } from '../../src/families/index.ts';
import { openCard } from '../../src/reader/card.ts';
import type { CardChannel } from '../../src/reader/channel.ts';
import { createSimulatedCard } from '../../src/simulator/index.ts';
import { collectEvidence, meetCard } from '../../src/verifier/collect.ts';
import { millisecondsOfAsync } from '../harness/measure.ts';
import type { Row, Sides } from '../harness/row.ts';
import { layOnReader, readerStackMissing } from '../subjects/reader-stack.ts';
import { type TimedCard, timeCard } from '../subjects/timed-card.ts';

const row = (family: string, card: string, hasChannel = false): Row => ({
  name: `interview.${family}`,
  unit: 'ms',
  measures: `a whole interview of a ${card} through PC/SC, without the time inside the card`,
  against: hasChannel
    ? 'as many empty round trips by the same way, and the bare operations of its channel'
    : 'as many empty round trips by the same way',
  target: { direction: 'at most', of: 'ratio', number: 2 },
  effort: { warmUps: 10, rounds: 51, items: 5 },
  missing: readerStackMissing,
  prepare: (items) => prepare(family, items, hasChannel),
});

export const interviewTangem = row('tangem', 'Tangem card');
export const interviewKeycard = row('keycard', 'Keycard');
export const interviewSatochip = row('satochip', 'Satodime', true);

const random = (length: number) => new Uint8Array(randomBytes(length));
const micros = () => performance.now() * 1000;

/** SELECT without a name: the shortest command that the virtual card answers, with 6A82. */
const empty = fromHex('00a40000');

/** @param items interviews in one round; the figure is the time of one */
async function prepare(family: string, items: number, hasChannel: boolean): Promise<Sides> {
  const card = timeCard(createSimulatedCard(family, 'genuine', random, 'bench interview'));
  const { channel, close } = await layOnReader(card);
  try {
    const commands = await countCommands(family, card, channel);
    return {
      note: `${commands} commands in each interview`,
      measured: async () => {
        const held: CardEvidence[] = [];
        const millis = await hostMillis(card, async () => {
          for (let item = 0; item < items; item += 1)
            held.push((await interview(channel)).evidence);
        });
        for (const evidence of held) requireProof(family, evidence);
        return millis / items;
      },
      baseline: async () => {
        const millis = await hostMillis(card, async () => {
          for (let item = 0; item < items * commands; item += 1) await channel.exchange(empty);
          for (let item = 0; hasChannel && item < items; item += 1) openBareChannel();
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
  const met = await meetCard(card, families);
  if (met === undefined) throw new Error('no family recognised the simulated card');
  const evidence = await collectEvidence({
    ...met,
    card,
    session: {
      context: { origin: embeddedOrigin, purpose: 'verify' },
      nonce: random(nonceLength),
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
async function countCommands(
  family: string,
  card: TimedCard,
  channel: CardChannel,
): Promise<number> {
  const before = card.commands;
  const { evidence, recorded } = await interview(channel);
  requireProof(family, evidence);
  const received = card.commands - before;
  if (received === recorded.length) return received;
  throw new Error(`${recorded.length} commands recorded, ${received} received by the card`);
}

/** @throws Error when the card did not prove its key: then something else was timed */
function requireProof(family: string, evidence: CardEvidence): void {
  const prover = families.find(({ id }) => id === family);
  if (evidence.family === family && prover?.prove(evidence).key !== undefined) return;
  throw new Error('the interview of a genuine simulated card did not prove its key');
}

/**
 * What a channel of a Satochip cannot do without: a key of our own, the card's signature over its own
 * verified, the point that both share.
 */
function openBareChannel(): void {
  const ours = createECDH('secp256k1');
  ours.setPrivateKey(random(32));
  ours.getPublicKey();
  const { key, message, signature } = passing;
  if (!verify('sha256', message, createPublicKey(key), signature)) throw new Error('not signed');
  ours.computeSecret(passing.point);
}

/** A card's key for one conversation, and its signature over itself. */
const passing = makePassingKey();

function makePassingKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const der = publicKey.export({ format: 'der', type: 'spki' });
  const message = der.subarray(-64, -32);
  return {
    key: { key: der, format: 'der', type: 'spki' },
    message,
    signature: sign('sha256', message, privateKey),
    point: der.subarray(-65),
  } as const;
}

async function hostMillis(card: TimedCard, work: () => Promise<void>): Promise<number> {
  const before = card.millis;
  const total = await millisecondsOfAsync(work);
  return total - (card.millis - before);
}
