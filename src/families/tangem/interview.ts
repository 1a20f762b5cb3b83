/**
 * The conversation with the card: SELECT, READ of the card, READ of its wallets page by page, ATTEST
 * CARD KEY with our challenge. Nothing here changes a card.
 *
 * ATTEST WALLET KEY is left out: it proves a wallet's key, which says nothing about the card, and it
 * raises a counter on it (tag 64).
 */
import { parseResponse } from '../../apdu/response.ts';
import { equal } from '../../bytes/bytes.ts';
import type { Card } from '../../reader/card.ts';
import { attempt, untilUnreadable } from '../check.ts';
import type { Interview } from '../family.ts';
import { type CardData, parseCardData } from './card-data.ts';
import { openCcmChannel, proveCode } from './ccm-channel.ts';
import { challengeLabel, defaultCodeHash, ReadMode, Status, since, tangem } from './constants.ts';
import { isAtLeast } from './firmware.ts';
import { Line } from './line.ts';
import {
  type Answer,
  encodeAttest,
  encodeRead,
  encodeSelect,
  isOk,
  parseTangemResponse,
} from './messages.ts';
import { redactCode, redactRead } from './redaction.ts';
import { parseWalletPage } from './wallets.ts';

/** A refusal is no error here; it stays in the transcript for `prove` to judge. */
export function interview(card: Card, talk: Interview): Promise<void> {
  return untilUnreadable(() => ask(card, talk));
}

async function ask(card: Card, talk: Interview): Promise<void> {
  talk.onStep('status');
  if (talk.probed === undefined) {
    const { sw } = parseResponse(await card.transmit(encodeSelect(), 'proof'));
    if (!isOk(sw)) return;
  }
  const line = new Line(card, talk);
  const read = await readCard(line, talk);
  if (read === undefined) return;
  if (isAtLeast(read.firmware, since.walletsList)) {
    talk.onStep('wallets');
    await readWallets(line, read);
  }
  talk.onStep('challenge');
  await attest(line, read, talk);
}

/**
 * With the default code first, as the maker's app does at every tap. Early cards with a code of their
 * own refuse that; then the owner's code is sent, where it was given.
 */
async function readCard(line: Line, talk: Interview): Promise<CardData | undefined> {
  const read = () =>
    line.send((codeHash) => encodeRead(ReadMode.card, codeHash), 'proof', redactRead);
  const probed = talk.probed && parseTangemResponse(talk.probed);
  const isAnswered = probed !== undefined && (probed.kind === 'fields' || needsCode(probed));
  let answer = isAnswered ? probed : await read();
  if (needsCode(answer) && line.useOwnersCode()) answer = await read();
  return answer.kind === 'fields' ? parseCardData(answer.fields) : undefined;
}

async function readWallets(line: Line, card: CardData): Promise<void> {
  const cardId = namesCard(card) ? card.cardId : undefined;
  let received = 0;
  for (let page = 0; page < tangem.maxPages && received < card.walletsCount; page += 1) {
    const answer = await line.send(
      (codeHash) => encodeRead(ReadMode.walletsList, codeHash, cardId, received),
      'state',
      redactRead,
    );
    if (answer.kind !== 'fields') return;
    const page = attempt(() => parseWalletPage(answer.fields));
    if (typeof page === 'string' || page.slots.length === 0) return;
    received += page.slots.length;
  }
}

async function attest(line: Line, card: CardData, talk: Interview): Promise<void> {
  const challenge = talk.challenges(challengeLabel, tangem.challengeLength);
  const full = isAtLeast(card.firmware, since.fullAttestation) && card.backupStatus === 2;
  if (!namesCard(card)) return attestInChannel(line, card, encodeAttest({ challenge, full }), talk);
  // Before COS 4.34 always with a code; later only with one that is not the default.
  const optional = isAtLeast(card.firmware, since.codeOptional);
  if (optional && !card.accessCodeIsDefault) line.useOwnersCode();
  const build = (codeHash: Uint8Array) =>
    encodeAttest({
      challenge,
      cardId: card.cardId,
      codeHash: optional && equal(codeHash, defaultCodeHash) ? undefined : codeHash,
      full,
    });
  await line.send(build, 'proof', redactCode);
}

/** COS 8: a card with a code of its own may demand it before it attests. */
async function attestInChannel(
  line: Line,
  card: CardData,
  command: Uint8Array,
  talk: Interview,
): Promise<void> {
  if (card.key === undefined) return;
  talk.onStep('channel');
  line.enter(await openCcmChannel(line, card.cardId, card.key.compressed, talk.random));
  if (!card.accessCodeIsDefault && line.useOwnersCode()) {
    // A refused code shows in the refusal of what comes after it.
    await untilUnreadable(() => proveCode(line, line.codeHash));
  }
  await line.send(() => command, 'proof', redactCode);
}

/** From COS 8 on commands other than those of the channel name no card. */
function namesCard({ firmware }: CardData): boolean {
  return !isAtLeast(firmware, since.ccmChannel);
}

function needsCode(answer: Answer): boolean {
  if (answer.kind !== 'refusal') return false;
  return answer.sw === Status.invalidParams || answer.sw === Status.accessCodeNeeded;
}
