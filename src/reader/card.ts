/**
 * The card as families see it: whole commands in, whole answers out, everything recorded.
 *
 * Answers in pieces (61xx, ISO/IEC 7816-4 section 5.3.4) and corrected lengths (6Cxx) are handled
 * here, so a transcript holds logical exchanges. Both are bounded: a hostile card may announce
 * more data for ever.
 */
import { encodeCommand, parseCommand } from '../apdu/command.ts';
import { maxResponseBytes, Sw } from '../apdu/response.ts';
import { concat } from '../bytes/bytes.ts';
import { ReaderError } from '../errors/error.ts';
import type { CardChannel } from './channel.ts';

/**
 * How far an exchange may travel: `proof` and `state` are what a verdict rests on; `private` stays
 * on this computer (PINs, wallet keys, names).
 */
export type Disclosure = 'proof' | 'state' | 'private';

/** One command and its complete answer. */
export interface RecordedExchange {
  readonly command: Uint8Array;
  /** Data and status bytes; at least 2 bytes. */
  readonly response: Uint8Array;
  /** Time on the wire and in the card, whole microseconds. */
  readonly micros: number;
  readonly disclosure: Disclosure;
}

/** A command and its answer, as sent or as written down. */
export type Exchanged = Pick<RecordedExchange, 'command' | 'response'>;

/**
 * What is written down in place of an exchange: the command without the code that it carried, the
 * answer without the keys that it told. The rest of it stays as it was.
 */
export type Redaction = (exchange: Exchanged) => Exchanged;

/** Secure messaging (ISO/IEC 7816-4 section 10): what goes over the wire in place of a command. */
export interface SecureChannel {
  wrap(command: Uint8Array): Uint8Array;
  /** @throws EvidenceError when the answer was not made by the other end of this channel */
  unwrap(response: Uint8Array): Uint8Array;
}

export interface Card {
  readonly readerName: string;
  readonly atr: Uint8Array;
  /** All exchanges so far, in order. */
  readonly recorded: readonly RecordedExchange[];
  /**
   * Sends one command APDU and gives the whole answer, status bytes included.
   *
   * @throws ReaderError when the link fails; never for a status word other than 9000
   */
  transmit(command: Uint8Array, disclosure: Disclosure, redact?: Redaction): Promise<Uint8Array>;
  /**
   * The same card, spoken to through a secure channel. The transcript holds what was said inside it,
   * so that a judge needs no session key. What comes through a channel is worth no more for that:
   * only a signature over our challenge is.
   */
  through(channel: SecureChannel): Card;
  close(): Promise<void>;
}

/**
 * Bytes that one conversation may bring, answers that make us wait included: many times what a card
 * has to tell, and little enough for the evidence of it to fit its file.
 */
const maxConversationBytes = 512 * 1024;

/** GET RESPONSE rounds for one command: 64 KiB in pieces of 256 bytes, and a few to spare. */
const maxPieces = 300;

/**
 * @param clock monotonic time in microseconds
 * @param limitMillis the whole conversation may take this long; then READER_CARD_MUTE
 */
export function openCard(
  channel: CardChannel,
  clock: () => number,
  limitMillis = Number.POSITIVE_INFINITY,
): Card {
  const recorded: RecordedExchange[] = [];
  const deadline = clock() + limitMillis * 1000;
  let received = 0;
  const exchange: Exchange = async (command) => {
    // Each answer may be in time, and the card still never come to an end.
    if (clock() > deadline) throw cardTooSlow(limitMillis);
    const response = checkLength(await channel.exchange(command));
    received += response.length;
    if (received > maxConversationBytes) throw endless();
    return response;
  };
  const speak = (secure: SecureChannel | undefined): Card => ({
    readerName: channel.readerName,
    atr: channel.atr,
    recorded,
    async transmit(command, disclosure, redact = (whole) => whole) {
      const start = clock();
      const answer = await exchangeWhole(exchange, secure?.wrap(command) ?? command, secure);
      const micros = Math.max(0, Math.round(clock() - start));
      const record = (response: Uint8Array) =>
        recorded.push({ ...redact({ command, response }), micros, disclosure });
      try {
        const response = secure?.unwrap(answer) ?? answer;
        record(response);
        return response;
      } catch (error) {
        // What could not be unwrapped is kept as it came: the transcript shows that it came.
        record(answer);
        throw error;
      }
    },
    through: speak,
    close: () => channel.close(),
  });
  return speak(undefined);
}

type Exchange = (command: Uint8Array) => Promise<Uint8Array>;

async function exchangeWhole(
  exchange: Exchange,
  command: Uint8Array,
  secure: SecureChannel | undefined,
): Promise<Uint8Array> {
  let response = await exchange(command);
  if (statusHigh(response) === Sw.wrongLengthHigh && mayRepeat(command, secure)) {
    const ne = statusLow(response) || 256;
    response = await exchange(encodeCommand({ ...parseCommand(command), ne }));
  }
  const pieces: Uint8Array[] = [];
  let total = 0;
  while (statusHigh(response) === Sw.moreDataHigh) {
    pieces.push(response.subarray(0, -2));
    total += response.length - 2;
    if (pieces.length > maxPieces || total > maxResponseBytes) throw endless();
    const ne = statusLow(response) || 256;
    const cla = (command[0] ?? 0) & 0x03;
    response = await exchange(encodeCommand({ cla, ins: 0xc0, p1: 0, p2: 0, ne }));
  }
  if (total + response.length > maxResponseBytes) throw endless();
  return pieces.length === 0 ? response : concat(...pieces, response);
}

/**
 * A command that carries data and asks for no length is never sent twice: it may hold a code, of which a
 * card must not get two tries. Inside a channel each is good for once.
 */
function mayRepeat(command: Uint8Array, secure: SecureChannel | undefined): boolean {
  const { data, ne } = parseCommand(command);
  return secure === undefined && (ne !== undefined || data === undefined);
}

function endless(): ReaderError {
  return new ReaderError(
    'READER_TRANSPORT',
    'The card keeps announcing more data without end. Nothing was recorded.',
  );
}

function cardTooSlow(limitMillis: number): ReaderError {
  return new ReaderError(
    'READER_CARD_MUTE',
    `The card was not done after ${Math.round(limitMillis / 1000)} seconds. Nothing was recorded.`,
  );
}

function checkLength(response: Uint8Array): Uint8Array {
  // PC/SC reports a card pulled out in mid-exchange as an empty answer, not as an error.
  if (response.length < 2) {
    throw new ReaderError(
      'READER_CARD_REMOVED',
      'The card was removed before the check ended. Nothing was recorded.',
    );
  }
  if (response.length > maxResponseBytes) {
    throw new ReaderError(
      'READER_TRANSPORT',
      `The card answered with ${response.length} bytes, more than any card may send. Nothing was recorded.`,
    );
  }
  return response;
}

function statusHigh(response: Uint8Array): number {
  return response[response.length - 2] ?? 0;
}

function statusLow(response: Uint8Array): number {
  return response[response.length - 1] ?? 0;
}
