/**
 * Commands and answers of a Keycard (keycard-tech/status-keycard, README.md and KeycardApplet.java).
 *
 *   CLA INS P1 P2 [Lc data] [Le]     short form only; the applets do not look at CLA
 *   tag length value                 tags of one byte; length 00..7F, 81 LL or 82 LLLL
 */
import { concat } from '../../bytes/bytes.ts';

export const Ins = {
  openSecureChannel: 0x10,
  identify: 0x14,
  getChallenge: 0x84,
  select: 0xa4,
  readBinary: 0xb0,
  /** GET RESPONSE of ISO/IEC 7816-4 without data, SIGN of Keycard and cash applet with data. */
  getResponseOrSign: 0xc0,
  getData: 0xca,
  getStatus: 0xf2,
  init: 0xfe,
} as const;

export const Status = {
  ok: 0x9000,
  wrongLength: 0x6700,
  channelNeeded: 0x6982,
  conditionsNotMet: 0x6985,
  wrongData: 0x6a80,
  notFound: 0x6a82,
  wrongParameters: 0x6a86,
  unknownInstruction: 0x6d00,
} as const;

export const Tag = {
  version: 0x02,
  publicKey: 0x80,
  publicData: 0x82,
  certificate: 0x8a,
  status: 0x8c,
  capabilities: 0x8d,
  keyUid: 0x8e,
  instanceUid: 0x8f,
  identity: 0xa0,
  application: 0xa4,
} as const;

/** The version and the free slots share one tag; their order tells them apart. */
export const freeSlotsTag = Tag.version;

/** Data and status word. */
export interface Answer {
  readonly sw: number;
  readonly data: Uint8Array;
}

/** A status word without data. */
export function bare(sw: number): Answer {
  return { sw, data: new Uint8Array() };
}

/** Data with status 9000. */
export function success(data: Uint8Array): Answer {
  return { sw: Status.ok, data };
}

/** An answer as it goes over the wire. */
export function toBytes({ sw, data }: Answer): Uint8Array {
  return concat(data, Uint8Array.of(sw >> 8, sw & 0xff));
}

/** The data of a command with or without Le, empty when it has none; undefined for bad lengths. */
export function dataOf(command: Uint8Array): Uint8Array | undefined {
  if (command.length < 4) return undefined;
  if (command.length <= 5) return new Uint8Array();
  const length = command[4] ?? 0;
  const rest = command.length - 5 - length;
  return length > 0 && (rest === 0 || rest === 1) ? command.subarray(5, 5 + length) : undefined;
}

/**
 * One object.
 *
 * @throws RangeError when the parts are longer than 65,535 bytes
 */
export function object(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = concat(...parts);
  return concat(Uint8Array.of(tag), lengthField(value.length), value);
}

/** @throws RangeError beyond 65,535 */
export function lengthField(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  if (length < 0x100) return Uint8Array.of(0x81, length);
  if (length < 0x10000) return Uint8Array.of(0x82, length >> 8, length & 0xff);
  throw new RangeError(`object of ${length} bytes, allowed up to 65535`);
}
