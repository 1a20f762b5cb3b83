/** From a card on the reader to evidence: find its family, hold the interview, write it down. */
import { encodeCommand } from '../apdu/command.ts';
import { parseResponse, Sw } from '../apdu/response.ts';
import { deriveChallenge } from '../evidence/challenge.ts';
import type { CardEvidence, Freshness } from '../evidence/evidence.ts';
import type { CardFamily, Interview } from '../families/family.ts';
import type { Card } from '../reader/card.ts';
import type { Session } from './embedded.ts';

/** SELECT without a name: the card manager (GlobalPlatform Card Specification 2.3.1, 11.9). */
const selectCardManager = encodeCommand({ cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, ne: 256 });

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
export async function collectEvidence(input: {
  readonly card: Card;
  readonly family: CardFamily;
  /** Where the family was found out from the card: what was exchanged for that. */
  readonly detected?: Detected | undefined;
  readonly session: Session;
  readonly freshness: Freshness;
  readonly collectedAt: number;
  readonly talk: Omit<Interview, 'challenges' | 'probed'>;
}): Promise<CardEvidence> {
  const { card, family, detected, session, talk } = input;
  const { context, nonce } = session;
  const probed = detected?.probed;
  const before = probed === undefined ? card.recorded.length : detected?.since;
  await family.interview(card, {
    ...talk,
    probed,
    challenges: (label, length) =>
      deriveChallenge({ family: family.id, label, context, nonce, length }),
  });
  return {
    kind: 'card',
    family: family.id,
    nonce,
    context,
    freshness: input.freshness,
    collectedAt: new Date(input.collectedAt).toISOString(),
    readerName: card.readerName,
    atr: card.atr,
    transcript: card.recorded.slice(before),
    attachments: [],
  };
}
