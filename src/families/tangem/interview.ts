/**
 * The conversation with the card: SELECT, READ of the card, READ of its wallets page by page, ATTEST
 * CARD KEY with our challenge. Nothing here changes a card.
 *
 * ATTEST WALLET KEY is left out: it proves a wallet's key, which says nothing about the card, and it
 * raises a counter on it (tag 64).
 */
import { equal, utf8 } from '../../bytes/bytes.ts';
import { sha256 } from '../../bytes/sha256.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { Card } from '../../reader/card.ts';
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
  parseTangemResponse,
} from './messages.ts';
import { redactCode, redactRead } from './redaction.ts';
import { parseWalletPage } from './wallets.ts';

/** A refusal is no error here; it stays in the transcript for `prove` to judge. */
export async function interview(card: Card, talk: Interview): Promise<void> {
  try {
    await ask(card, talk);
  } catch (error) {
    // An unreadable answer ends the talk; the transcript shows it, and `prove` says so.
    if (!(error instanceof EvidenceError)) throw error;
  }
}

async function ask(card: Card, talk: Interview): Promise<void> {
  talk.onStep('status');
  if (talk.probed === undefined) {
    const selected = parseTangemResponse(await card.transmit(encodeSelect(), 'proof'));
    if (selected.kind !== 'fields') return;
  }
  const line = new Line(card, talk);
  const read = await readCard(line, talk);
  if (read === undefined) return;
  if (isAtLeast(read.card.firmware, since.walletsList)) {
    talk.onStep('wallets');
    await readWallets(line, read);
  }
  talk.onStep('challenge');
  await attest(line, read, talk);
}

/** What READ told, and the code under which it did. */
interface ReadCard {
  readonly card: CardData;
  readonly codeHash: Uint8Array;
}

/**
 * With the default code first, as the maker's app does at every tap. Early cards with a code of their
 * own refuse that; then the owner's code is sent, where it was given, and once.
 */
async function readCard(line: Line, talk: Interview): Promise<ReadCard | undefined> {
  const read = (codeHash: Uint8Array) =>
    line.send(encodeRead(ReadMode.card, codeHash), 'proof', redactRead);
  let codeHash = defaultCodeHash;
  const probed = talk.probed && parseTangemResponse(talk.probed);
  const isAnswered = probed !== undefined && (probed.kind === 'fields' || needsCode(probed));
  let answer = isAnswered ? probed : await read(codeHash);
  const own = talk.accessCode === undefined ? codeHash : hashOf(talk.accessCode);
  // The default code was refused just now: to send it again would count once more.
  if (needsCode(answer) && !equal(own, codeHash)) {
    talk.onStep('code');
    codeHash = own;
    answer = await read(codeHash);
  }
  if (answer.kind !== 'fields') return undefined;
  return { card: parseCardData(answer.fields), codeHash };
}

async function readWallets(line: Line, { card, codeHash }: ReadCard): Promise<void> {
  const cardId = namesCard(card) ? card.cardId : undefined;
  let received = 0;
  for (let page = 0; page < tangem.maxPages && received < card.walletsCount; page += 1) {
    const command = encodeRead(ReadMode.walletsList, codeHash, cardId, received);
    const answer = await line.send(command, 'state', redactRead);
    if (answer.kind !== 'fields') return;
    const { slots } = parseWalletPage(answer.fields);
    if (slots.length === 0) return;
    received += slots.length;
  }
}

async function attest(line: Line, read: ReadCard, talk: Interview): Promise<void> {
  const { card } = read;
  const challenge = talk.challenges(challengeLabel, tangem.challengeLength);
  const full = isAtLeast(card.firmware, since.fullAttestation) && card.backupStatus === 2;
  if (!namesCard(card)) {
    await attestInChannel(line, card, encodeAttest({ challenge, full }), talk);
    return;
  }
  const codeHash = codeForAttest(read, talk);
  const command = encodeAttest({ challenge, cardId: card.cardId, codeHash, full });
  await line.send(command, 'proof', redactCode);
}

/** Before COS 4.34 always; later only a code that is not the default, where its owner gave it. */
function codeForAttest({ card, codeHash }: ReadCard, talk: Interview): Uint8Array | undefined {
  if (!isAtLeast(card.firmware, since.codeOptional)) return codeHash;
  if (card.accessCodeIsDefault || talk.accessCode === undefined) return undefined;
  talk.onStep('code');
  return hashOf(talk.accessCode);
}

/** COS 8: a card with a code of its own may demand it before it attests. */
async function attestInChannel(
  line: Line,
  card: CardData,
  command: Uint8Array,
  talk: Interview,
): Promise<void> {
  talk.onStep('channel');
  line.enter(await openCcmChannel(line, card.cardId, talk.random));
  if (!card.accessCodeIsDefault && talk.accessCode !== undefined) {
    talk.onStep('code');
    await proveCode(line, hashOf(talk.accessCode)).catch(ignoreRefusal);
  }
  await line.send(command, 'proof', redactCode);
}

/** A refused code shows in the refusal of what comes after it. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof EvidenceError)) throw error;
}

/** From COS 8 on commands other than those of the channel name no card. */
function namesCard({ firmware }: CardData): boolean {
  return !isAtLeast(firmware, since.ccmChannel);
}

function needsCode(answer: Answer): boolean {
  if (answer.kind !== 'refusal') return false;
  return answer.sw === Status.invalidParams || answer.sw === Status.accessCodeNeeded;
}

function hashOf(accessCode: string): Uint8Array {
  return sha256(utf8(accessCode));
}
