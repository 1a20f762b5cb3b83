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
  transmit(command: Uint8Array, disclosure: Disclosure): Promise<Uint8Array>;
  close(): Promise<void>;
}

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
  const exchange: Exchange = async (command) => {
    // Each answer may be in time, and the card still never come to an end.
    if (clock() > deadline) throw cardTooSlow(limitMillis);
    return checkLength(await channel.exchange(command));
  };
  return {
    readerName: channel.readerName,
    atr: channel.atr,
    recorded,
    async transmit(command, disclosure) {
      const start = clock();
      const response = await exchangeWhole(exchange, command);
      const micros = Math.max(0, Math.round(clock() - start));
      recorded.push({ command, response, micros, disclosure });
      return response;
    },
    close: () => channel.close(),
  };
}

type Exchange = (command: Uint8Array) => Promise<Uint8Array>;

async function exchangeWhole(exchange: Exchange, command: Uint8Array): Promise<Uint8Array> {
  let response = await exchange(command);
  if (statusHigh(response) === Sw.wrongLengthHigh) {
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
