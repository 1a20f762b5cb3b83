/** Response APDUs, ISO/IEC 7816-4 section 5: data, then the two status bytes SW1 SW2. */
import { EvidenceError } from '../errors/error.ts';

export interface ResponseApdu {
  readonly data: Uint8Array;
  /** Status word, 0x0000..0xffff. */
  readonly sw: number;
}

/** The status words that decide how an exchange goes on (ISO/IEC 7816-4 table 5 and 6). */
export const Sw = {
  ok: 0x9000,
  /** SW1: the card holds SW2 more bytes, to be fetched with GET RESPONSE. */
  moreDataHigh: 0x61,
  /** SW1: wrong Le; the right one is SW2. */
  wrongLengthHigh: 0x6c,
} as const;

/** Largest answer accepted from a card: what an extended Le can ask for, and its status bytes. */
export const maxResponseBytes = 65_536 + 2;

/**
 * @throws EvidenceError when there is no room for a status word, or more than any card may send
 */
export function parseResponse(bytes: Uint8Array): ResponseApdu {
  if (bytes.length < 2 || bytes.length > maxResponseBytes) {
    throw new EvidenceError(`response: ${bytes.length} bytes, 2 to ${maxResponseBytes} expected`);
  }
  const end = bytes.length - 2;
  return { data: bytes.subarray(0, end), sw: ((bytes[end] ?? 0) << 8) | (bytes[end + 1] ?? 0) };
}

/** A status word as it is written everywhere: four hex digits, upper case. */
export function formatSw(sw: number): string {
  return sw.toString(16).toUpperCase().padStart(4, '0');
}
