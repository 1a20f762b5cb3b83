/**
 * One reader inside the child process: follows what lies on it and talks to the card.
 *
 * Presence is taken from the raw `status` events, not from nfc-pcsc's `card` event: where its
 * automatic connect fails it emits neither `card` nor `error` (pokusew/nfc-pcsc src/Reader.js
 * emits an event named after the error), and a mute card would look like an empty reader.
 */

import { maxResponseBytes } from '../../apdu/response.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { DriverReader, ReaderStatus } from './driver.ts';
import type { FromChild } from './messages.ts';

/** Pause before the second attempt to power up a card that is still being laid down. */
const retryMs = 250;

export class ChildReader {
  readonly name: string;
  /** Settled once the reader has told its first status, or has failed. */
  readonly known: Promise<void>;
  markKnown: () => void = () => {};
  readonly #driver: DriverReader;
  readonly #tell: (message: FromChild) => void;
  #present = false;
  /** The reader's count of insertions and removals. */
  #count = 0;
  #atr: Uint8Array = new Uint8Array();
  /** The latest attempt to connect, nfc-pcsc's own included; never rejects. */
  #connecting: Promise<unknown> = Promise.resolve();

  constructor(driver: DriverReader, tell: (message: FromChild) => void) {
    this.name = driver.name;
    this.#driver = driver;
    this.#tell = tell;
    this.known = new Promise((resolve) => {
      this.markKnown = resolve;
    });
    // Automatic processing would send SELECT commands of its own to every card in every reader.
    driver.autoProcessing = false;
    const connect = driver.connect.bind(driver);
    driver.connect = (mode) => {
      const attempt = connect(mode);
      this.#connecting = attempt.catch(() => {});
      return attempt;
    };
    tell({ kind: 'reader-added', reader: this.name });
    driver.reader.on('status', (status: ReaderStatus) => this.#follow(status));
  }

  #follow(status: ReaderStatus): void {
    const present = (status.state & this.#driver.reader.SCARD_STATE_PRESENT) !== 0;
    const count = status.state >>> 16;
    // A card exchanged between two looks: "present" both times, yet another card. The old
    // channel must die, or two cards could share one verdict.
    const exchanged = present && this.#present && count !== this.#count;
    if (exchanged) {
      this.#letGo(this.#driver.reader.SCARD_LEAVE_CARD).catch(() => {});
    }
    if (this.#present && (!present || exchanged)) {
      this.#tell({ kind: 'card-removed', reader: this.name });
    }
    if (present && (!this.#present || exchanged)) {
      this.#atr = Uint8Array.from(status.atr ?? []).subarray(0, 33);
      this.#tell({ kind: 'card-inserted', reader: this.name, atr: toHex(this.#atr) });
    }
    this.#present = present;
    this.#count = count;
    this.markKnown();
  }

  /** Connects unless nfc-pcsc has done so, and gives the ATR. */
  async open(): Promise<Uint8Array> {
    await this.#connecting;
    if (this.#driver.connection === null) {
      try {
        await this.#driver.connect();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        await this.#driver.connect();
      }
    }
    // nfc-pcsc refuses to transmit without this record, and clears it with the card.
    if (this.#present) this.#driver.card ??= {};
    return this.#atr;
  }

  /** @param commandHex the parent has checked that it is a whole command APDU */
  async exchange(commandHex: string): Promise<Uint8Array> {
    return this.#driver.transmit(Buffer.from(fromHex(commandHex)), maxResponseBytes);
  }

  async release(): Promise<Uint8Array> {
    await this.#letGo(this.#driver.reader.SCARD_RESET_CARD);
    return new Uint8Array();
  }

  async #letGo(disposition: number): Promise<void> {
    await this.#connecting;
    if (this.#driver.connection === null) return;
    this.#driver.connection = null;
    await new Promise<void>((resolve, reject) => {
      this.#driver.reader.disconnect(disposition, (error) => (error ? reject(error) : resolve()));
    });
  }
}
