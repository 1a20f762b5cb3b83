/**
 * One card on one reader. The channel belongs to the card that lay there when it was opened: once
 * that card is gone it stays dead, even if another card lies there now. Otherwise a card exchanged
 * in the middle of a check could answer for the first one.
 */
import { toHex } from '../../bytes/hex.ts';
import { ReaderError } from '../../errors/error.ts';
import type { CardChannel } from '../channel.ts';
import { cardRemoved } from './faults.ts';
import type { Link, Request } from './link.ts';
import { maxCommandBytes } from './messages.ts';

/** How long a failed exchange waits for the news that the card is gone, which often comes later. */
const removalNewsMs = 1_000;
/** A reset must not take longer; after this time the child is ended. */
const releaseMs = 3_000;

export class PcscChannel implements CardChannel {
  readonly readerName: string;
  #atr: Uint8Array = new Uint8Array();
  readonly #link: Link;
  readonly #timeoutMs: number;
  readonly #onClose: () => void;
  readonly #lost: Promise<ReaderError>;
  #tellLost: (error: ReaderError) => void = () => {};
  #end: ReaderError | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param timeoutMs for each exchange, milliseconds
   * @param onClose called once, when the reader is free again
   */
  constructor(link: Link, readerName: string, timeoutMs: number, onClose: () => void) {
    this.#link = link;
    this.readerName = readerName;
    this.#timeoutMs = timeoutMs;
    this.#onClose = onClose;
    this.#lost = new Promise((resolve) => {
      this.#tellLost = resolve;
    });
  }

  get atr(): Uint8Array {
    return this.#atr;
  }

  /** Powers the card up. To be called once, before the first exchange. */
  async open(): Promise<void> {
    this.#atr = await this.#ask({ kind: 'open', reader: this.readerName });
  }

  /** The card or the reader is gone; an exchange under way ends with this error. */
  lose(error: ReaderError): void {
    this.#end ??= error;
    this.#tellLost(this.#end);
  }

  /**
   * @throws RangeError for less than 4 bytes or more than an extended command holds: a single
   *   byte is a control code to the vsmartcard driver (vsmartcard vpcd.h) and would block it
   */
  async exchange(command: Uint8Array): Promise<Uint8Array> {
    if (command.length < 4 || command.length > maxCommandBytes) {
      throw new RangeError(`command: ${command.length} bytes, 4 to ${maxCommandBytes} allowed`);
    }
    const answer = await this.#ask({
      kind: 'exchange',
      reader: this.readerName,
      command: toHex(command),
    });
    // Pulled out in mid-command: PC/SC gives an empty answer once and errors from then on.
    if (answer.length === 0) this.lose(cardRemoved(this.readerName));
    return answer;
  }

  /** The answer to a request, unless the card is lost before it comes. */
  async #ask(request: Request): Promise<Uint8Array> {
    if (this.#end !== undefined) throw this.#end;
    const answer = this.#link.request(request, this.#timeoutMs).catch(this.#explain);
    const first = await Promise.race([answer, this.#lost]);
    if (first instanceof ReaderError) throw first;
    return first;
  }

  /** A transport error right before the card is reported gone means that it was pulled out. */
  readonly #explain = async (error: unknown): Promise<ReaderError> => {
    if (!(error instanceof ReaderError)) throw error;
    if (error.code !== 'READER_TRANSPORT') return error;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<ReaderError>((resolve) => {
      timer = setTimeout(resolve, removalNewsMs, error);
    });
    const better = await Promise.race([this.#lost, late]);
    clearTimeout(timer);
    return better;
  };

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #release(): Promise<void> {
    const present = this.#end === undefined;
    this.lose(new ReaderError('READER_TRANSPORT', 'This connection to the card was closed.'));
    if (present) {
      await this.#link
        .request({ kind: 'release', reader: this.readerName }, releaseMs)
        .catch(() => {});
    }
    this.#onClose();
  }
}
