/**
 * Messages of the Coinkite tap protocol: CBOR maps inside APDUs.
 *
 *   SELECT   00 A4 04 00 0F aid            answer: the same map as `status`
 *   command  00 CB 00 00 Lc {"cmd": ...}   answer: CBOR map, 90 00
 *
 * A refusal is a map {error: text, code: number} under status 9000 too. Unknown keys in an answer
 * are ignored, as the maker asks; duplicate keys and trailing bytes are refused.
 *
 * The commands below are all that exist here, and none of them changes a card or needs its code.
 */
import { decode, encode } from 'cborg';
import { encodeCommand, parseCommand } from '../../apdu/command.ts';
import { formatSw, parseResponse, Sw } from '../../apdu/response.ts';
import { equal } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import { tap } from './constants.ts';

export type TapCommand =
  | { readonly cmd: 'status' }
  | { readonly cmd: 'certs' }
  | { readonly cmd: 'check'; readonly nonce: Uint8Array }
  | { readonly cmd: 'read'; readonly nonce: Uint8Array }
  | { readonly cmd: 'nfc' }
  | { readonly cmd: 'dump'; readonly slot: number };

/** A recorded command, which may be one that Touchstone never sends (imported recordings). */
export type RecordedCommand =
  | { readonly name: 'select' }
  | { readonly name: 'tap'; readonly fields: Fields };

/** The answer map of a card, read field by field with its type checked. */
export class Fields {
  private readonly map: ReadonlyMap<unknown, unknown>;

  constructor(map: ReadonlyMap<unknown, unknown>) {
    this.map = map;
  }

  /** Null counts as absent. */
  has(name: string): boolean {
    return (this.map.get(name) ?? undefined) !== undefined;
  }

  /** @throws EvidenceError when absent or not `length` bytes (`length` left out: any) */
  bytes(name: string, length?: number): Uint8Array {
    const value = this.map.get(name);
    if (!(value instanceof Uint8Array)) throw this.wrong(name, 'bytes');
    if (length !== undefined && value.length !== length) throw this.wrong(name, `${length} bytes`);
    return value;
  }

  optionalBytes(name: string, length: number): Uint8Array | undefined {
    return this.has(name) ? this.bytes(name, length) : undefined;
  }

  text(name: string, maxLength: number): string {
    const value = this.map.get(name);
    if (typeof value !== 'string' || value.length > maxLength) throw this.wrong(name, 'text');
    return value;
  }

  optionalText(name: string, maxLength: number): string | undefined {
    return this.has(name) ? this.text(name, maxLength) : undefined;
  }

  /** A whole number from 0 to `max`. */
  integer(name: string, max: number): number {
    const value = this.map.get(name);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
      throw this.wrong(name, `a whole number up to ${max}`);
    }
    return value;
  }

  optionalInteger(name: string, max: number): number | undefined {
    return this.has(name) ? this.integer(name, max) : undefined;
  }

  /** Absent means false; anything but a boolean is refused. */
  flag(name: string): boolean {
    const value = this.map.get(name) ?? false;
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false');
    return value;
  }

  list(name: string, maxLength: number): readonly unknown[] {
    const value = this.map.get(name);
    if (!Array.isArray(value) || value.length > maxLength) {
      throw this.wrong(name, `a list of at most ${maxLength}`);
    }
    return value;
  }

  private wrong(name: string, expected: string): EvidenceError {
    const got = this.has(name) ? 'something else' : 'nothing';
    return new EvidenceError(`field "${name}": ${got}, ${expected} expected`);
  }
}

/** A refusal by the card. */
export interface TapRefusal {
  readonly code: number;
  readonly text: string;
}

/** SELECT by name. No Le: the reference clients send none. */
export function encodeSelect(): Uint8Array {
  return encodeCommand({ cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data: tap.aid });
}

export function encodeTapCommand(command: TapCommand): Uint8Array {
  return encodeCommand({ cla: tap.cla, ins: tap.ins, p1: 0, p2: 0, data: encode(command) });
}

/** @throws EvidenceError when the bytes are no command of this protocol */
export function parseTapCommand(bytes: Uint8Array): RecordedCommand {
  const command = parseCommand(bytes);
  const { cla, ins, p1, p2, data = new Uint8Array() } = command;
  if (cla === 0x00 && ins === 0xa4 && p1 === 0x04 && p2 === 0x00 && equal(data, tap.aid)) {
    return { name: 'select' };
  }
  if (cla !== tap.cla || ins !== tap.ins || p1 !== 0 || p2 !== 0) {
    throw new EvidenceError('command: neither SELECT of this application nor one of its commands');
  }
  return { name: 'tap', fields: decodeMap(data) };
}

/**
 * @returns the answer's fields, or the refusal: a map with an error, or a status word but 9000
 * @throws EvidenceError for broken CBOR or trailing bytes
 */
export function parseTapResponse(bytes: Uint8Array): Fields | TapRefusal {
  const { data, sw } = parseResponse(bytes);
  if (sw !== Sw.ok && data.length === 0) return { code: 0, text: `status ${formatSw(sw)}` };
  const fields = decodeMap(data);
  if (fields.has('error')) {
    return { code: fields.integer('code', 999), text: `"${printable(fields.text('error', 200))}"` };
  }
  if (sw !== Sw.ok) throw new EvidenceError(`an answer under status ${formatSw(sw)}`);
  return fields;
}

export function isRefusal(answer: Fields | TapRefusal): answer is TapRefusal {
  return !(answer instanceof Fields);
}

/**
 * Text from a card, made safe to print: control characters could rewrite a terminal, and long runs
 * of spaces could lay a line of the card's own making among ours.
 */
export function printable(text: string, maxLength = 40): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?').replace(/ +/g, ' ');
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}...` : clean;
}

function decodeMap(data: Uint8Array): Fields {
  if (data.length > tap.maxAnswerBytes) {
    throw new EvidenceError(`answer: ${data.length} bytes, at most ${tap.maxAnswerBytes} expected`);
  }
  let value: unknown;
  try {
    // Not `strict`: docs/limitations.md says that cards may write numbers longer than needed.
    value = decode(data, { useMaps: true, rejectDuplicateMapKeys: true });
  } catch (cause) {
    throw new EvidenceError('answer: not one CBOR value', { cause });
  }
  if (!(value instanceof Map)) throw new EvidenceError('answer: not a CBOR map');
  return new Fields(value);
}
