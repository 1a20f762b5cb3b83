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
 * @param clock monotonic time in microseconds, for the recorded durations
 */
export function openCard(channel: CardChannel, clock: () => number): Card {
  const recorded: RecordedExchange[] = [];
  return {
    readerName: channel.readerName,
    atr: channel.atr,
    recorded,
    async transmit(command, disclosure) {
      const start = clock();
      const response = await exchangeWhole(channel, command);
      const micros = Math.max(0, Math.round(clock() - start));
      recorded.push({ command, response, micros, disclosure });
      return response;
    },
    close: () => channel.close(),
  };
}

async function exchangeWhole(channel: CardChannel, command: Uint8Array): Promise<Uint8Array> {
  let response = await exchangeOnce(channel, command);
  if (statusHigh(response) === Sw.wrongLengthHigh) {
    const ne = statusLow(response) || 256;
    response = await exchangeOnce(channel, encodeCommand({ ...parseCommand(command), ne }));
  }
  const pieces: Uint8Array[] = [];
  let total = 0;
  while (statusHigh(response) === Sw.moreDataHigh) {
    pieces.push(response.subarray(0, -2));
    total += response.length - 2;
    if (pieces.length > maxPieces || total > maxResponseBytes) {
      throw new ReaderError(
        'READER_TRANSPORT',
        'The card keeps announcing more data without end. Nothing was recorded.',
      );
    }
    const ne = statusLow(response) || 256;
    response = await exchangeOnce(
      channel,
      encodeCommand({ cla: (command[0] ?? 0) & 0x03, ins: 0xc0, p1: 0, p2: 0, ne }),
    );
  }
  return pieces.length === 0 ? response : concat(...pieces, response);
}

async function exchangeOnce(channel: CardChannel, command: Uint8Array): Promise<Uint8Array> {
  const response = await channel.exchange(command);
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
