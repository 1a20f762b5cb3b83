/**
 * The transcript read back as a conversation, strictly: one answer that cannot be read, a question
 * answered twice, a card ID that changes half way, and nothing is decided on any of it.
 */
import { parseResponse } from '../../apdu/response.ts';
import { equal } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { RecordedExchange } from '../../reader/card.ts';
import { attempt } from '../check.ts';
import { readExchanges } from '../transcript.ts';
import { type CardData, parseCardData } from './card-data.ts';
import { ReadMode, since, Tag, tangem } from './constants.ts';
import { isAtLeast } from './firmware.ts';
import { explainSw, isOk, parseTangemCommand, parseTangemResponse } from './messages.ts';
import type { Tlv } from './tlv.ts';
import { parseWalletPage, type WalletSlot } from './wallets.ts';

export interface AttestAnswer {
  /** Ours, as the command carried it. Any length: the expected one is compared by the prover. */
  readonly challenge: Uint8Array;
  /** True when the cards linked to this one were asked for, too. */
  readonly full: boolean;
  readonly salt: Uint8Array;
  readonly signature: Uint8Array;
  /** Keys of the linked cards as the card wrote them, in its order. */
  readonly linked: readonly Uint8Array[];
}

export type Question = 'select' | 'read' | 'wallets' | 'attest';

export interface Conversation {
  readonly card?: CardData;
  readonly slots: readonly WalletSlot[];
  readonly backupHash?: Uint8Array;
  readonly attest?: AttestAnswer;
  /** True when a command carried a code of its owner's; the code itself is not recorded. */
  readonly codeSent: boolean;
  /** Questions that the card did not answer to the end: its last status word, or why. */
  readonly open: ReadonlyMap<Question, number | 'paused' | 'unreadable'>;
}

/** @throws EvidenceError naming the exchange that cannot be read */
export function readConversation(transcript: readonly RecordedExchange[]): Conversation {
  const reading = new Reading();
  readExchanges(transcript, (exchange) => reading.take(exchange));
  return reading.end();
}

/** Why there is no answer to a question, for the detail of a check. */
export function unanswered(
  { open, codeSent }: Conversation,
  question: Question,
  name: string,
): string {
  const why = open.get(question);
  if (why === undefined) return `${name}: not asked`;
  if (why === 'paused') return `${name}: the card still paused at the end`;
  if (why === 'unreadable') return `${name}: a record of the answer has not its form`;
  return `${name}: refused with ${explainSw(why)}${codeSent ? '; a code was given' : ''}`;
}

class Reading {
  private selected = false;
  private codeSent = false;
  private card: CardData | undefined;
  private attest: AttestAnswer | undefined;
  private readonly slots: WalletSlot[] = [];
  private backupHash: Uint8Array | undefined;
  private readonly open = new Map<Question, number | 'paused' | 'unreadable'>();

  take(exchange: RecordedExchange): void {
    const command = parseTangemCommand(exchange.command);
    // A recording made by other software may hold other commands; they prove nothing here.
    if (command.name === 'other') return;
    if ((command.name === 'select') === this.selected) {
      throw new EvidenceError('the application is selected once, at the start');
    }
    if (command.name === 'select') {
      this.takeSelect(exchange.response);
      return;
    }
    if (command.fields.optional(Tag.pin)?.length === 0) this.codeSent = true;
    // Of the channel's own commands no more than that is read.
    if (command.name === 'authorize') return;
    const question = command.name === 'read' ? readQuestion(command.fields) : command.name;
    const answer = parseTangemResponse(exchange.response);
    if (question === undefined) return;
    if (answer.kind !== 'fields') {
      this.open.set(question, answer.kind === 'pause' ? 'paused' : answer.sw);
      return;
    }
    this.open.delete(question);
    if (question === 'read') this.takeCard(answer.fields);
    else if (question === 'wallets') this.takeWallets(command.fields, answer.fields);
    else this.takeAttest(command.fields, answer.fields);
  }

  end(): Conversation {
    const { card, attest, backupHash, slots, codeSent, open } = this;
    return {
      ...(card && { card }),
      ...(attest && { attest }),
      ...(backupHash && { backupHash }),
      slots,
      codeSent,
      open,
    };
  }

  /** Whatever it says of itself there, in a form of its own, is not read. */
  private takeSelect(response: Uint8Array): void {
    const { sw } = parseResponse(response);
    if (isOk(sw)) this.selected = true;
    else this.open.set('select', sw);
  }

  private takeCard(answer: Tlv): void {
    once('READ of the card', this.card);
    this.card = parseCardData(answer);
  }

  private takeWallets(command: Tlv, answer: Tlv): void {
    this.requireSameCard(answer);
    const from = command.integer(Tag.walletIndex) ?? 0;
    if (from !== this.slots.length) {
      throw new EvidenceError(`tag 65: slots from ${from} on, ${this.slots.length} are known`);
    }
    const page = attempt(() => parseWalletPage(answer));
    // The list is then not whole, which is said; the card may prove its key all the same.
    if (typeof page === 'string') {
      this.open.set('wallets', 'unreadable');
      return;
    }
    this.slots.push(...page.slots);
    if (this.slots.length > tangem.maxWallets) {
      throw new EvidenceError(`more than ${tangem.maxWallets} wallet slots`);
    }
    this.backupHash = page.backupHash ?? this.backupHash;
  }

  private takeAttest(command: Tlv, answer: Tlv): void {
    once('ATTEST CARD KEY', this.attest);
    this.requireSameCard(answer);
    const linked = answer.all(Tag.linkedCardPublicKey);
    const full = command.has(Tag.interactionMode);
    if (linked.length > 0 && !full) {
      throw new EvidenceError('tag D6: linked cards, which were not asked for');
    }
    if (linked.length > tangem.maxLinkedCards) {
      throw new EvidenceError(`tag D6: more than ${tangem.maxLinkedCards} linked cards`);
    }
    this.attest = {
      challenge: command.bytes(Tag.challenge),
      full,
      salt: answer.bytes(Tag.salt),
      signature: answer.bytes(Tag.cardSignature, tangem.signatureLength),
      linked,
    };
  }

  /** Each later answer that names a card names this one; from COS 8 on they name none. */
  private requireSameCard(answer: Tlv): void {
    const { card } = this;
    if (card === undefined) throw new EvidenceError('asked before the card was read');
    const cardId = answer.optional(Tag.cardId, tangem.cardIdLength);
    if (cardId === undefined && isAtLeast(card.firmware, since.ccmChannel)) return;
    if (cardId === undefined) throw new EvidenceError('tag 01: missing, before COS 8 it never is');
    if (!equal(cardId, card.cardId)) {
      throw new EvidenceError('tag 01: another card than at the start');
    }
  }
}

function readQuestion(command: Tlv): 'read' | 'wallets' | undefined {
  const mode = command.integer(Tag.interactionMode) ?? ReadMode.card;
  if (mode === ReadMode.card) return 'read';
  return mode === ReadMode.walletsList ? 'wallets' : undefined;
}

/** A second answer would let an attacker pair the parts of two conversations. */
function once(name: string, earlier: unknown): void {
  if (earlier !== undefined) throw new EvidenceError(`${name} is answered twice`);
}
