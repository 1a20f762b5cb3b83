/**
 * The transcript read back as a conversation, strictly: one answer that cannot be read, a second
 * SELECT, a card key that changes half way, and nothing is decided on any of it.
 *
 * The card nonce is followed from answer to answer, because a signature covers the nonce that was
 * current *before* its command (docs/protocol.md, "card_nonce").
 */
import { equal } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { RecordedExchange } from '../../reader/card.ts';
import { readExchanges } from '../transcript.ts';
import { tap } from './constants.ts';
import { type Fields, isRefusal, parseTapCommand, parseTapResponse } from './messages.ts';
import { parseStatus, type TapStatus } from './status.ts';

/** A signature by the card over its nonce and ours. */
export interface SignedAnswer {
  /** Current when the command was sent, 16 bytes. */
  readonly cardNonce: Uint8Array;
  /** Ours, as the command carried it. Any length: the expected one is compared by the prover. */
  readonly nonce: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SlotAnswer extends SignedAnswer {
  readonly publicKey: Uint8Array;
}

export interface DumpAnswer {
  readonly slot: number;
  readonly unsealed: boolean;
  readonly tampered: boolean;
  readonly address?: string | undefined;
  readonly publicKey?: Uint8Array | undefined;
}

export interface Conversation {
  /** As last reported before the card signed `check`; without a `check`, as last reported. */
  readonly status: TapStatus;
  readonly check?: SignedAnswer;
  readonly read?: SlotAnswer;
  /** Certificates nearest first, and whether the answer also held a card nonce. */
  readonly certs?: { readonly chain: readonly Uint8Array[]; readonly withNonce: boolean };
  readonly link?: string;
  readonly dumps: readonly DumpAnswer[];
  /** Questions that the card refused to the end, in its words; "dump 3" is about slot 3. */
  readonly refused: ReadonlyMap<string, string>;
}

/** @throws EvidenceError naming the exchange that cannot be read */
export function readConversation(transcript: readonly RecordedExchange[]): Conversation {
  const reading = new Reading();
  readExchanges(transcript, (exchange) => reading.take(exchange));
  return reading.end();
}

type Found = { -readonly [Name in keyof Conversation]?: Conversation[Name] };

class Reading {
  private readonly found: Found = {};
  private readonly dumps: DumpAnswer[] = [];
  private readonly refused = new Map<string, string>();
  private cardNonce: Uint8Array | undefined;

  take(exchange: RecordedExchange): void {
    const command = parseTapCommand(exchange.command);
    const answer = parseTapResponse(exchange.response);
    if ((command.name === 'select') !== (this.cardNonce === undefined)) {
      throw new EvidenceError('the application is selected once, at the start');
    }
    const question = command.name === 'select' ? 'SELECT' : questionOf(command.fields);
    if (isRefusal(answer)) {
      const words = answer.code === 0 ? answer.text : `${answer.text} (${answer.code})`;
      this.refused.set(question, words);
      return;
    }
    this.refused.delete(question);
    if (command.name === 'select') this.takeStatus(parseStatus(answer));
    else this.takeAnswer(command.fields, answer);
    const next = answer.optionalBytes('card_nonce', tap.nonceLength);
    if (next !== undefined) this.cardNonce = next;
  }

  end(): Conversation {
    const { status } = this.found;
    if (status === undefined) throw new EvidenceError('no status was recorded');
    return { ...this.found, status, dumps: this.dumps, refused: this.refused };
  }

  private takeStatus(status: TapStatus): void {
    const before = this.found.status;
    if (before !== undefined && !equal(before.publicKey, status.publicKey)) {
      throw new EvidenceError('field "pubkey": another key than at the start');
    }
    if (this.found.check === undefined) this.found.status = status;
  }

  private takeAnswer(command: Fields, answer: Fields): void {
    const name = command.text('cmd', 20);
    switch (name) {
      case 'status':
        this.takeStatus(parseStatus(answer));
        break;
      case 'check':
        once(name, this.found.check);
        this.found.check = this.signed(command, answer.bytes('auth_sig', tap.signatureLength));
        break;
      case 'read':
        once(name, this.found.read);
        this.found.read = {
          ...this.signed(command, answer.bytes('sig', tap.signatureLength)),
          publicKey: answer.bytes('pubkey', tap.publicKeyLength),
        };
        break;
      case 'certs':
        once(name, this.found.certs);
        this.found.certs = { chain: parseChain(answer), withNonce: answer.has('card_nonce') };
        break;
      case 'nfc':
        once(name, this.found.link);
        this.found.link = answer.text('url', 400);
        break;
      case 'dump':
        this.dumps.push(parseDump(command, answer));
        break;
      default:
      // A recording made by other software may hold other commands; they prove nothing here.
    }
  }

  private signed(command: Fields, signature: Uint8Array): SignedAnswer {
    const { cardNonce } = this;
    if (cardNonce === undefined) throw new EvidenceError('signed before a card nonce was known');
    return { cardNonce, nonce: command.bytes('nonce'), signature };
  }
}

/** Names a question in `refused`: each slot's by itself, so that no answer covers for another. */
function questionOf(command: Fields): string {
  const name = command.text('cmd', 20);
  return name === 'dump' ? `dump ${command.integer('slot', tap.maxSlots)}` : name;
}

/** A second answer would let an attacker pair the parts of two conversations. */
function once(name: string, earlier: unknown): void {
  if (earlier !== undefined) throw new EvidenceError(`"${name}" is answered twice`);
}

function parseChain(answer: Fields): readonly Uint8Array[] {
  return answer.list('cert_chain', tap.maxCertificates).map((certificate) => {
    if (!(certificate instanceof Uint8Array) || certificate.length !== tap.certificateLength) {
      throw new EvidenceError(`field "cert_chain": ${tap.certificateLength} bytes each expected`);
    }
    return certificate;
  });
}

function parseDump(command: Fields, answer: Fields): DumpAnswer {
  const slot = answer.integer('slot', tap.maxSlots);
  const asked = command.integer('slot', tap.maxSlots);
  if (slot !== asked) throw new EvidenceError(`asked about slot ${asked}, answered about ${slot}`);
  return {
    slot,
    // An active slot says sealed: true, a never used one used: false, an opened one sealed: false.
    unsealed: answer.has('sealed') && !answer.flag('sealed'),
    tampered: answer.flag('tampered'),
    address: answer.optionalText('addr', 90),
    publicKey: answer.optionalBytes('pubkey', tap.publicKeyLength),
  };
}
