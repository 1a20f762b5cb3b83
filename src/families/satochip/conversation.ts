/**
 * The transcript read back as a conversation, strictly: one answer that cannot be read, a question
 * that is answered twice, a piece of the certificate out of its turn, and nothing is decided on any
 * of it.
 *
 * Which product answers, no answer says: it is the one whose name the SELECT before the status asked
 * for. So it is the card's word and no more, until a certificate that the maker signed for that product
 * says the same.
 */
import { parseResponse, type ResponseApdu, Sw } from '../../apdu/response.ts';
import { concat } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { RecordedExchange } from '../../reader/card.ts';
import { attempt } from '../check.ts';
import { readExchanges } from '../transcript.ts';
import type { Product } from './constants.ts';
import { type Handshake, parseHandshake } from './handshake.ts';
import {
  type ChallengeAnswer,
  nextPiece,
  parseCertificateSize,
  parseChallengeAnswer,
  parseLabelLength,
  parsePiece,
  parsePoint,
  parseSatochipCommand,
  parseSecrets,
  parseSlots,
  type RecordedCommand,
  type Secrets,
  type SlotState,
} from './messages.ts';
import { type CardStatus, parseStatus } from './status.ts';

export interface SignedChallenge extends ChallengeAnswer {
  /** Ours, as the command carried it, 32 bytes; the prover compares it with the expected one. */
  readonly challenge: Uint8Array;
}

/** What can be asked once, and refused. */
export type Question =
  | 'channel'
  | 'pin'
  | 'certificate'
  | 'public-key'
  | 'challenge'
  | 'slots'
  | 'label'
  | 'secrets';

export interface Conversation {
  readonly product: Product;
  readonly status: CardStatus;
  readonly handshake?: Handshake;
  /** The PIN was sent, and the card took it. */
  readonly pinAccepted: boolean;
  /** DER, whole; empty where the card holds none. */
  readonly certificate?: Uint8Array;
  /** As INS 98 gave it: 65 bytes. */
  readonly publicKey?: Uint8Array;
  readonly challenge?: SignedChallenge;
  readonly slots?: readonly SlotState[];
  readonly labelLength?: number;
  readonly secrets?: Secrets;
  /** Status words of refused questions. */
  readonly refused: ReadonlyMap<Question, number>;
}

/** @throws EvidenceError naming the exchange that cannot be read */
export function readConversation(transcript: readonly RecordedExchange[]): Conversation {
  const reading = new Reading();
  readExchanges(transcript, (exchange) => reading.take(exchange));
  return reading.end();
}

/** What comes before anything is asked: the applications that are tried, and the status. */
type Opening = Extract<RecordedCommand, { readonly name: 'manager' | 'select' | 'status' }>;
type Asking = Exclude<RecordedCommand, Opening>;

type Found = { -readonly [Name in keyof Conversation]?: Conversation[Name] };

class Reading {
  private readonly found: Found = {};
  private readonly refused = new Map<Question, number>();
  private readonly asked = new Set<Question>();
  private pinAccepted = false;
  private selected: Product | undefined;
  private fault = 'no status was recorded';
  private size: number | undefined;
  private pieces: Uint8Array = new Uint8Array();

  take(exchange: RecordedExchange): void {
    const command = parseSatochipCommand(exchange.command);
    if (isOpening(command)) {
      if (this.found.status !== undefined) {
        throw new EvidenceError('the application is selected and asked for its status once');
      }
      if (command.name === 'status') this.takeStatus(exchange.response);
      else this.takeSelect(command, exchange.response);
      return;
    }
    if (this.found.status === undefined)
      throw new EvidenceError(`${command.name}: before a status`);
    this.takeAnswer(command, parseResponse(exchange.response));
  }

  end(): Conversation {
    const { status, product } = this.found;
    if (status === undefined || product === undefined) throw new EvidenceError(this.fault);
    const whole = this.size === this.pieces.length && !this.refused.has('certificate');
    return {
      ...this.found,
      status,
      product,
      pinAccepted: this.pinAccepted,
      ...(whole && { certificate: this.pieces }),
      refused: this.refused,
    };
  }

  private takeSelect(command: Opening, response: Uint8Array): void {
    const isThere = command.name === 'select' && parseResponse(response).sw === Sw.ok;
    this.selected = isThere ? command.product : undefined;
  }

  /** A status that cannot be read was another card's application, and the next one was tried. */
  private takeStatus(response: Uint8Array): void {
    if (this.selected === undefined) throw new EvidenceError('status: of no application of these');
    const status = attempt(() => parseStatus(response));
    if (typeof status === 'string') {
      this.fault = status;
    } else {
      this.found.status = status;
      this.found.product = this.selected;
    }
    this.selected = undefined;
  }

  private takeAnswer(command: Asking, { data, sw }: ResponseApdu): void {
    const question = questionOf(command.name);
    this.inTurn(command, question);
    if (sw !== Sw.ok) {
      if (data.length > 0) throw new EvidenceError(`${question}: an answer under a refusal`);
      this.refused.set(question, sw);
      return;
    }
    switch (command.name) {
      case 'channel':
        this.found.handshake = parseHandshake(data);
        break;
      case 'pin':
        if (data.length > 0) throw new EvidenceError('pin: an answer where none is due');
        this.pinAccepted = true;
        break;
      case 'certificate-size':
        this.size = parseCertificateSize(data);
        break;
      case 'certificate-piece':
        this.pieces = concat(this.pieces, parsePiece(data, command.size));
        break;
      case 'public-key':
        this.found.publicKey = parsePoint(data);
        break;
      case 'challenge':
        this.found.challenge = { challenge: command.challenge, ...parseChallengeAnswer(data) };
        break;
      case 'slots':
        this.found.slots = parseSlots(data);
        break;
      case 'label':
        this.found.labelLength = parseLabelLength(data);
        break;
      case 'secrets':
        this.found.secrets = parseSecrets(data);
        break;
    }
  }

  /** A second answer would let an attacker pair the parts of two conversations. */
  private inTurn(command: RecordedCommand, question: Question): void {
    if (this.refused.has(question)) throw new EvidenceError(`${question}: asked after a refusal`);
    if (command.name !== 'certificate-piece') {
      if (this.asked.has(question)) throw new EvidenceError(`${question}: asked twice`);
      this.asked.add(question);
      return;
    }
    const next = nextPiece(this.size ?? 0, this.pieces.length);
    if (next?.offset !== command.offset || next.size !== command.size) {
      throw new EvidenceError('certificate: a piece out of its turn');
    }
  }
}

function isOpening(command: RecordedCommand): command is Opening {
  return command.name === 'manager' || command.name === 'select' || command.name === 'status';
}

function questionOf(name: Asking['name']): Question {
  return name === 'certificate-size' || name === 'certificate-piece' ? 'certificate' : name;
}
