/**
 * Command APDUs, ISO/IEC 7816-4 section 5.
 *
 *   short:    CLA INS P1 P2 [Lc data] [Le]            Lc 1..255, Le 1 byte, 00 = 256
 *   extended: CLA INS P1 P2 00 [Lc Lc data] [Le Le]   Lc 1..65535, Le 0000 = 65536
 *
 * Worked example: SELECT by name, 00 A4 04 00 02 A0 00 00 is {cla 0, ins a4, p1 4, p2 0,
 * data a000, ne 256}.
 */
import { concat } from '../bytes/bytes.ts';
import { EvidenceError } from '../errors/error.ts';

export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  /** 0..65535 bytes. */
  readonly data?: Uint8Array;
  /** Greatest number of answer bytes asked for, 1..65536. Left out: no Le field. */
  readonly ne?: number;
  /** Write the extended form even where the short one would do, for cards that know no other. */
  readonly extended?: boolean;
}

const maxShortNc = 255;
const maxShortNe = 256;
const maxNc = 65_535;
const maxNe = 65_536;

/**
 * The bytes of a command; in the extended form when it is asked for or the short one cannot hold it.
 *
 * @throws RangeError when a field is outside its range (a fault of the caller)
 */
export function encodeCommand(command: CommandApdu): Uint8Array {
  const { cla, ins, p1, p2, data = new Uint8Array(), ne, extended = false } = command;
  for (const byte of [cla, ins, p1, p2]) {
    if (!Number.isInteger(byte) || byte < 0 || byte > 255) throw new RangeError('header byte');
  }
  if (data.length > maxNc)
    throw new RangeError(`command data: ${data.length} bytes, at most 65535`);
  if (ne !== undefined && (!Number.isInteger(ne) || ne < 1 || ne > maxNe)) {
    throw new RangeError(`expected length: ${ne}, allowed 1 to 65536`);
  }
  const header = Uint8Array.of(cla, ins, p1, p2);
  const isBare = data.length === 0 && ne === undefined;
  if (isBare || (!extended && data.length <= maxShortNc && (ne ?? 0) <= maxShortNe)) {
    return concat(
      header,
      data.length > 0 ? concat(Uint8Array.of(data.length), data) : data,
      ne === undefined ? new Uint8Array() : Uint8Array.of(ne & 0xff),
    );
  }
  return concat(
    header,
    Uint8Array.of(0),
    data.length > 0 ? concat(uint16(data.length), data) : data,
    ne === undefined ? new Uint8Array() : uint16(ne & 0xffff),
  );
}

/**
 * Reads a command back, for showing and re-checking recorded exchanges.
 *
 * @throws EvidenceError when the lengths inside do not account for every byte
 */
export function parseCommand(bytes: Uint8Array): CommandApdu {
  const [cla, ins, p1, p2, first] = bytes;
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined) {
    throw new EvidenceError(`command: ${bytes.length} bytes, at least 4 expected`);
  }
  const header = { cla, ins, p1, p2 };
  const body = bytes.subarray(4);
  if (first === undefined) return header;
  if (body.length === 1) return { ...header, ne: first === 0 ? maxShortNe : first };
  if (first !== 0) return { ...header, ...splitBody(body.subarray(1), first, 1) };
  if (body.length < 3) throw new EvidenceError('command: extended length field cut short');
  const length = readUint16(body, 1);
  if (body.length === 3) return { ...header, ne: length === 0 ? maxNe : length };
  if (length === 0) throw new EvidenceError('command: extended length of zero with data');
  return { ...header, ...splitBody(body.subarray(3), length, 2) };
}

/** Separates data of a known length from the Le field (of `leSize` bytes) that may follow it. */
function splitBody(
  rest: Uint8Array,
  length: number,
  leSize: 1 | 2,
): { data: Uint8Array; ne?: number } {
  const data = rest.subarray(0, length);
  const le = rest.subarray(length);
  if (data.length === length && le.length === 0) return { data };
  if (data.length !== length || le.length !== leSize) {
    throw new EvidenceError(`command: length field says ${length}, ${rest.length} bytes follow`);
  }
  if (leSize === 1) return { data, ne: le[0] || maxShortNe };
  return { data, ne: readUint16(le, 0) || maxNe };
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
