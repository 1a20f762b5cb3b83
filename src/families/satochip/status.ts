/**
 * The answer to GET STATUS: plain, and signed by nobody. A shell around a genuine card can lie in
 * every byte of it.
 *
 *   0  protocol version, major and minor      2  applet version, major and minor
 *   4  tries left of PIN 0, PUK 0, PIN 1, PUK 1; all 0 before set-up, and always 0 or 1 on Satodime
 *   8  second factor on        9  seeded; SeedKeeper: always 1, Satodime: always 0
 *  10  set up                 11  channel needed
 *  12  NFC policy             13  policies of optional features
 *
 * Applets grew it byte by byte: before byte 10 came, only a card that was set up answered at all, and
 * 9C04 meant that it was not. Worked example: 00 0C 00 06 05 05 00 00 00 01 01 01 is 0.12-0.6, five
 * tries, seeded, set up. Sources: pysatochip CardConnector.py card_get_status (6f3aa4e), the applets'
 * GetStatus.
 */
import { parseResponse, Sw } from '../../apdu/response.ts';
import { EvidenceError } from '../../errors/error.ts';
import { type Product, Status, satochip } from './constants.ts';
import { describeSw } from './messages.ts';

export interface CardStatus {
  /** Protocol and applet version; absent where the answer was 9C04 alone. */
  readonly version?: Version | undefined;
  readonly setUp: boolean;
  readonly seeded: boolean;
  readonly secondFactor: boolean;
  /** Tries left of the PIN that we would send. */
  readonly tries: number;
}

export interface Version {
  readonly protocol: readonly [number, number];
  readonly applet: readonly [number, number];
}

/**
 * @param response the whole answer, status word included
 * @throws EvidenceError for anything that no applet of these answers
 */
export function parseStatus(response: Uint8Array): CardStatus {
  const { data, sw } = parseResponse(response);
  if (sw === Status.setupNotDone && data.length === 0) {
    return { setUp: false, seeded: false, secondFactor: false, tries: 0 };
  }
  if (sw !== Sw.ok) throw new EvidenceError(`status: ${describeSw(sw)}`);
  const { minStatusLength: min, maxStatusLength: max } = satochip;
  if (data.length < min || data.length > max) {
    throw new EvidenceError(`status: ${data.length} bytes, ${min} to ${max} expected`);
  }
  const [major = 0, minor = 0, appletMajor = 0, appletMinor = 0, tries = 0] = data;
  return {
    version: { protocol: [major, minor], applet: [appletMajor, appletMinor] },
    tries,
    secondFactor: flag(data, 8, false),
    seeded: flag(data, 9, false),
    setUp: flag(data, 10, true),
  };
}

function flag(data: Uint8Array, offset: number, absent: boolean): boolean {
  const byte = data[offset];
  if (byte === undefined) return absent;
  if (byte > 1) throw new EvidenceError(`status: byte ${offset} is ${byte}, 0 or 1 expected`);
  return byte === 1;
}

/** The version as the maker writes it: 0.12-0.6. */
export function formatVersion({ protocol, applet }: Version): string {
  return `${protocol.join('.')}-${applet.join('.')}`;
}

/**
 * True where an applet is too old to prove anything: Satochip before protocol 0.12. The maker's
 * clients draw the line there; its change list in CardEdge.java (8cbaa1d) has personalisation from
 * 0.12-0.5 on, so the four before it are asked and answer 6D00.
 */
export function isTooOld(product: Product, { version }: CardStatus): boolean {
  return product === 'satochip' && !isAtLeast(version, [0, 12]);
}

/** True when the protocol version is this one or later; false where it is not known. */
export function isAtLeast(
  version: Version | undefined,
  wanted: readonly [number, number],
): boolean {
  if (version === undefined) return false;
  const [major, minor] = version.protocol;
  return major !== wanted[0] ? major > wanted[0] : minor >= wanted[1];
}

/** True where the card attests only to somebody who knows its PIN, and once it has one. */
export function needsPin(product: Product): boolean {
  return product !== 'satodime';
}
