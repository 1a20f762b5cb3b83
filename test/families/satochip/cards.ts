/** Evidence of simulated cards, and cards that answer from a script. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, startsWith, utf8 } from '../../../src/bytes/bytes.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import type { Interview } from '../../../src/families/family.ts';
import { readPlatform } from '../../../src/families/platform.ts';
import { aids, type Product } from '../../../src/families/satochip/constants.ts';
import { satochipFamily } from '../../../src/families/satochip/index.ts';
import { type Card, openCard } from '../../../src/reader/card.ts';
import type { CardChannel } from '../../../src/reader/channel.ts';
import { openVirtualCard } from '../../../src/reader/virtual.ts';
import { SatochipCard } from '../../../src/simulator/satochip/card.ts';
import { satochip as simulation } from '../../../src/simulator/satochip/index.ts';
import type { SatochipProfile } from '../../../src/simulator/satochip/profile.ts';
import { collectEvidence, detectFamily } from '../../../src/verifier/collect.ts';
import { seededRandom } from '../../support/tap-evidence.ts';

export interface Asked {
  readonly accessCode?: string;
  /** True where the family was named by its user, and not found out from the card. */
  readonly named?: boolean;
  readonly seed?: string;
}

export interface Talked {
  readonly evidence: CardEvidence;
  readonly steps: readonly string[];
  readonly forbidden: number;
  readonly pins: number;
}

/** One check of a simulated card, by the name of its case or by what it is. */
export async function talkTo(
  what: string | SatochipProfile,
  { accessCode, named = false, seed = JSON.stringify(what) }: Asked = {},
): Promise<Talked> {
  const random = seededRandom(seed);
  const card =
    typeof what === 'string'
      ? (simulation.create(what, random) as SatochipCard)
      : new SatochipCard(what, random);
  const opened = openCard(openVirtualCard(card), () => 0);
  const steps: string[] = [];
  const talk: Omit<Interview, 'challenges' | 'probed'> = {
    random,
    onStep: (step, params) =>
      steps.push(params === undefined ? step : `${step} ${Object.values(params)}`),
    ...(accessCode !== undefined && { accessCode }),
  };
  const evidence = await collect(opened, random, talk, named);
  return { evidence, steps, forbidden: card.forbiddenCommands, pins: card.pinsPresented };
}

export async function collect(
  card: Card,
  random: (length: number) => Uint8Array,
  talk: Omit<Interview, 'challenges' | 'probed'>,
  named = false,
): Promise<CardEvidence> {
  const platform = await readPlatform(card);
  const detected = named ? undefined : await detectFamily(card, [satochipFamily]);
  return collectEvidence({
    card,
    family: satochipFamily,
    platform,
    detected,
    session: {
      context: { origin: 'embedded', purpose: 'verify' },
      nonce: random(32),
    },
    freshness: 'verifier',
    collectedAt: Date.parse('2026-11-26T12:00:00Z'),
    talk,
  });
}

/** A card that answers whatever a function says. */
export function scriptedCard(answer: (command: Uint8Array, index: number) => Uint8Array): {
  readonly card: Card;
  readonly sent: Uint8Array[];
} {
  const sent: Uint8Array[] = [];
  const channel = {
    readerName: 'script',
    atr: new Uint8Array(),
    exchange: async (command: Uint8Array) => {
      sent.push(command);
      return answer(command, sent.length - 1);
    },
    close: async () => undefined,
  } as CardChannel;
  return { card: openCard(channel, () => 0), sent };
}

export const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** Results of a proof by the names of its checks. */
export function results(checks: readonly { id: string; result: string }[]): Record<string, string> {
  return Object.fromEntries(checks.map(({ id, result }) => [id, result]));
}

/**
 * A card that speaks the protocol down to its channel, and inside it says what a function says.
 *
 * @param product the only one that it has
 * @param status its answer to GET STATUS
 * @param answer plain answer to a plain command, status word included
 */
export function channelCard(
  product: Product,
  status: Uint8Array,
  answer: (command: Uint8Array, index: number) => Uint8Array,
): { readonly card: Card; readonly inside: Uint8Array[] } {
  const inside: Uint8Array[] = [];
  const ephemeral = seededRandom('channel card')(32);
  let encryption: Uint8Array = new Uint8Array(16);
  const { card } = scriptedCard((command) => {
    const [cla, ins] = command;
    if (cla !== 0xb0) return hex(startsWith(command.subarray(5), aids[product]) ? '9000' : '6a82');
    if (ins === 0x3c) return status;
    if (ins === 0x81) {
      const theirs = secp256k1.Point.fromBytes(command.subarray(5)).toBytes(true);
      const shared = secp256k1.getSharedSecret(ephemeral, theirs, true).subarray(1);
      encryption = hmac(sha1, shared, utf8('sc_key')).subarray(0, 16);
      const x = sized(secp256k1.getPublicKey(ephemeral, true).subarray(1));
      const self = concat(x, sized(signDer(x, ephemeral)));
      return concat(self, sized(signDer(self, ephemeral)), hex('9000'));
    }
    const length = ((command[21] ?? 0) << 8) | (command[22] ?? 0);
    const opener = createDecipheriv('aes-128-cbc', encryption, command.subarray(5, 21));
    const plain = concat(opener.update(command.subarray(23, 23 + length)), opener.final());
    inside.push(plain);
    const said = answer(plain, inside.length - 1);
    if (said.length <= 2) return said;
    const iv = new Uint8Array(16);
    const sealer = createCipheriv('aes-128-cbc', encryption, iv);
    const body = concat(sealer.update(said.subarray(0, -2)), sealer.final());
    return concat(iv, Uint8Array.of(body.length >> 8, body.length & 0xff), body, said.subarray(-2));
  });
  return { card, inside };
}

const sized = (bytes: Uint8Array) => concat(Uint8Array.of(0, bytes.length), bytes);
const signDer = (message: Uint8Array, key: Uint8Array) =>
  secp256k1.sign(sha256(message), key, { prehash: false, lowS: false, format: 'der' });
