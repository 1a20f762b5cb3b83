/**
 * The part of nfc-pcsc that the child uses, typed from its sources (pokusew/nfc-pcsc src/NFC.js,
 * src/Reader.js; pokusew/node-pcsclite lib/pcsclite.js): the package brings no usable types.
 */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

/** pcsclite's reader: emits `status` {state, atr}, `error`, `end`. */
export interface RawReader extends EventEmitter {
  readonly SCARD_STATE_PRESENT: number;
  readonly SCARD_LEAVE_CARD: number;
  readonly SCARD_RESET_CARD: number;
  disconnect(disposition: number, done: (error?: Error | null) => void): void;
}

export interface ReaderStatus {
  /** SCARD_STATE_ bits; the upper 16 bits count insertions and removals. */
  readonly state: number;
  readonly atr?: Uint8Array;
}

/** nfc-pcsc's reader. With autoProcessing off it only connects, when a card appears. */
export interface DriverReader extends EventEmitter {
  readonly name: string;
  readonly reader: RawReader;
  autoProcessing: boolean;
  connection: object | null;
  card: object | null;
  connect(mode?: string): Promise<unknown>;
  /** Throws at once, not by rejection, when no card is connected. `max` counts status bytes. */
  transmit(command: Buffer, max: number): Promise<Uint8Array>;
}

/** Emits `reader` (DriverReader) and `error`. */
export interface Driver extends EventEmitter {
  close(): void;
}

/**
 * Loads the driver class.
 *
 * @param name module name or absolute path, as `require` takes it
 * @throws Error when the package is not installed or its native part was not built
 */
export function loadDriver(name: string): new () => Driver {
  const module = createRequire(import.meta.url)(name) as { readonly NFC: new () => Driver };
  if (typeof module.NFC !== 'function') throw new TypeError(`${name} has no class NFC`);
  return module.NFC;
}
