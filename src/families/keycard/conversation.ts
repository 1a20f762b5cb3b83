/**
 * The transcript read back as a conversation, strictly: SELECT of the Keycard applet once and first;
 * at most one question, the one that fits its answer, while that applet is still selected; after it
 * the other applets, each once. Anything else, and nothing is decided on any of it.
 *
 * Strict, because IDENTIFY signs whatever it is given: two answers, or an answer of another applet,
 * would let somebody pair the parts of two conversations.
 */
import { EvidenceError } from '../../errors/error.ts';
import type { RecordedExchange } from '../../reader/card.ts';
import { readExchanges } from '../transcript.ts';
import type { Certificate } from './certificate.ts';
import {
  type Applet,
  type ChannelAnswer,
  type IdentifyAnswer,
  type KeycardCommand,
  parseChannel,
  parseIdentify,
  parseKeycardCommand,
  type Refusal,
} from './messages.ts';
import { parseCash, parseIdent, parseSelected, type Selected } from './select.ts';
import { identityOf, type Version } from './version.ts';

export interface Identified {
  /** As the command carried it, of any length: the prover compares it with the expected one. */
  readonly challenge: Uint8Array;
  readonly answer: IdentifyAnswer | Refusal;
}

export interface Opened {
  readonly salt: Uint8Array;
  readonly clientKey: Uint8Array;
  readonly answer: ChannelAnswer | Refusal;
}

export interface Conversation {
  readonly selected: Selected;
  readonly identified?: Identified;
  readonly opened?: Opened;
  /** As the cash applet tells it, where it was asked and is there. */
  readonly cashVersion?: Version | undefined;
  /** Of the identification applet, where it was asked and holds one. */
  readonly shownCertificate?: Certificate | undefined;
}

/** @throws EvidenceError naming the exchange that cannot be read */
export function readConversation(transcript: readonly RecordedExchange[]): Conversation {
  const reading = new Reading();
  readExchanges(transcript, (exchange) => reading.take(exchange));
  return reading.end();
}

/** Which question an answer to SELECT leads to. */
export function questionFor(selected: Selected): 'identify' | 'open-channel' | 'none' {
  switch (selected.form) {
    case 'blank':
      return 'identify';
    case 'three':
      return identityOf(selected.version) === 'none' ? 'none' : 'identify';
    case 'four':
      return selected.certificate === undefined ? 'none' : 'open-channel';
    case 'uncertified':
    case 'refused':
      return 'none';
  }
}

type Found = { -readonly [Name in keyof Conversation]?: Conversation[Name] };

class Reading {
  private readonly found: Found = {};
  private readonly asked = new Set<Applet | 'question'>();

  take({ command: bytes, response }: RecordedExchange): void {
    const command = parseKeycardCommand(bytes);
    const { selected } = this.found;
    if (command.name === 'select') {
      this.once(command.applet);
      this.takeSelected(command.applet, response, selected);
      return;
    }
    if (selected === undefined || this.asked.has('cash') || this.asked.has('ident')) {
      throw new EvidenceError('asked while another applet is selected');
    }
    if (questionFor(selected) !== command.name) {
      throw new EvidenceError('a question that does not fit the answer to SELECT');
    }
    this.once('question');
    this.takeAnswer(command, response);
  }

  end(): Conversation {
    const { selected } = this.found;
    if (selected === undefined) throw new EvidenceError('the applet was not selected');
    return { ...this.found, selected };
  }

  private takeSelected(applet: Applet, response: Uint8Array, selected: Selected | undefined): void {
    if ((applet === 'keycard') !== (selected === undefined)) {
      throw new EvidenceError('the Keycard applet is selected once, at the start');
    }
    switch (applet) {
      case 'keycard':
        this.found.selected = parseSelected(response);
        break;
      case 'cash':
        this.found.cashVersion = parseCash(response);
        break;
      case 'ident':
        this.found.shownCertificate = parseIdent(response);
        break;
    }
  }

  private takeAnswer(
    command: Exclude<KeycardCommand, { name: 'select' }>,
    response: Uint8Array,
  ): void {
    switch (command.name) {
      case 'identify': {
        const { challenge } = command;
        this.found.identified = { challenge, answer: parseIdentify(response) };
        break;
      }
      case 'open-channel': {
        const { salt, clientKey } = command;
        this.found.opened = { salt, clientKey, answer: parseChannel(response) };
        break;
      }
    }
  }

  private once(what: Applet | 'question'): void {
    if (this.asked.has(what)) throw new EvidenceError('the same is asked twice');
    this.asked.add(what);
  }
}
