/** From a card on the reader to evidence: find its family, hold the interview, write it down. */
import { encodeCommand } from '../apdu/command.ts';
import { parseResponse, Sw } from '../apdu/response.ts';
import { deriveChallenge } from '../evidence/challenge.ts';
import type { CardEvidence, Freshness } from '../evidence/evidence.ts';
import type { CardFamily, Interview } from '../families/family.ts';
import { readPlatform, selectCardManager, withoutSerials } from '../families/platform.ts';
import type { Card, RecordedExchange } from '../reader/card.ts';
import type { Session } from './embedded.ts';

/** SW1 of an application that is there; SW2 is its own affair. */
const okHigh = Sw.ok >> 8;

/** A family found on the card, and how far its conversation has come with that. */
export interface Detected {
  readonly family: CardFamily;
  /** Exchanges recorded before its application was selected. */
  readonly since: number;
  /** The answer to the family's probe, where it has one. */
  readonly probed?: Uint8Array;
}

/** Which card this is, and what was exchanged to find that out. */
export interface Met {
  readonly family: CardFamily;
  /** What the chip said of itself, by `readPlatform`. */
  readonly platform: readonly RecordedExchange[];
  /** Left out where the family was named beforehand. */
  readonly detected?: Detected | undefined;
}

/**
 * The first words with a card: what its chip is, and which family it belongs to.
 *
 * @param family takes the card as one of this family, without finding out
 * @returns undefined for a card of no known family
 * @throws ReaderError when the link fails
 */
export async function meetCard(
  card: Card,
  families: readonly CardFamily[],
  family?: CardFamily,
): Promise<Met | undefined> {
  const platform = await readPlatform(card);
  if (family !== undefined) return { family, platform };
  const detected = await detectFamily(card, families);
  return detected && { family: detected.family, platform, detected };
}

/**
 * Asks the card for each family's application.
 *
 * The card manager is selected before each question: where an application is absent, the one
 * selected before would stay so and answer in its place. A status of 9000 alone is no proof of
 * presence either (some cards answer so to any name), hence `recognises`.
 *
 * @returns the first family whose application answers as its own, or undefined
 * @throws ReaderError when the link fails
 */
export async function detectFamily(
  card: Card,
  families: readonly CardFamily[],
): Promise<Detected | undefined> {
  for (const family of families) {
    for (const aid of family.aids) {
      await card.transmit(selectCardManager, 'state');
      const since = card.recorded.length;
      const select = encodeCommand({ cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data: aid });
      const selected = await card.transmit(select, family.probe ? 'proof' : 'state');
      if (family.probe === undefined) {
        if (family.recognises(selected)) return { family, since };
      } else if (parseResponse(selected).sw >> 8 === okHigh) {
        const { command, redact } = family.probe;
        const probed = await card.transmit(command, 'proof', redact);
        if (family.recognises(probed)) return { family, since, probed };
      }
    }
  }
  return undefined;
}

/**
 * Interviews the card for a session.
 *
 * @param collectedAt milliseconds since 1970, UTC
 * @throws ReaderError when the link fails: then there is no evidence
 */
export async function collectEvidence(
  input: Met & {
    readonly card: Card;
    readonly session: Pick<Session, 'context' | 'nonce'>;
    readonly freshness: Freshness;
    readonly collectedAt: number;
    readonly talk: Omit<Interview, 'challenges' | 'probed'>;
  },
): Promise<CardEvidence> {
  const { card, family, platform, detected, session, talk } = input;
  const { context, nonce } = session;
  const probed = detected?.probed;
  const before = probed === undefined ? card.recorded.length : detected?.since;
  await family.interview(card, {
    ...talk,
    probed,
    challenges: (label, length) =>
      deriveChallenge({ family: family.id, label, context, nonce, length }),
  });
  const asked = card.recorded.slice(before);
  const bindsChip = family.bindsChip?.(asked) === true;
  return {
    kind: 'card',
    family: family.id,
    nonce,
    context,
    freshness: input.freshness,
    collectedAt: new Date(input.collectedAt).toISOString(),
    readerName: card.readerName,
    atr: card.atr,
    transcript: [...(bindsChip ? platform : platform.map(withoutSerials)), ...asked],
    attachments: [],
  };
}
