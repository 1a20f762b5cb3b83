/**
 * What all text formats of a log share: UTF-8, names, decimals, base64 in lines.
 *
 *   text     UTF-8 without lone surrogates; of the ASCII control characters only LF
 *   name     1 to 255 bytes of UTF-8, no Unicode space, no `+` (C2SP signed-note); the 255 are the
 *            limit of ML-DSA cosignatures (C2SP tlog-cosignature), kept for every name
 *   decimal  digits without a leading zero, 0 to 2^63-1
 */

import { decodeBase64 } from '../bytes/base64.ts';
import { utf8 } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import { maxSize } from './merkle.ts';

/** Longest name or origin, in bytes of UTF-8. */
export const maxNameBytes = 255;

/** The error of every parser here: LOG_MALFORMED with what was found. */
export function malformed(message: string, cause?: unknown): LogError {
  return new LogError('LOG_MALFORMED', message, cause === undefined ? undefined : { cause });
}

/**
 * The text of UTF-8 bytes.
 *
 * @param what names the thing in the error
 * @throws LogError LOG_MALFORMED for bytes that are not UTF-8, and above `maxBytes`
 */
export function readUtf8(bytes: Uint8Array, what: string, maxBytes: number): string {
  if (bytes.length > maxBytes) throw malformed(`${what} is longer than ${maxBytes} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw malformed(`${what} is not UTF-8`, cause);
  }
}

/**
 * Holds a text against the rules above.
 *
 * @param allowed control characters that may stand in it
 * @throws LogError LOG_MALFORMED
 */
export function checkText(text: string, what: string, maxBytes: number, allowed = '\n'): void {
  // No text has fewer bytes than UTF-16 units: this bounds the work below.
  if (text.length > maxBytes || utf8(text).length > maxBytes) {
    throw malformed(`${what} is longer than ${maxBytes} bytes`);
  }
  // A lone surrogate has no UTF-8: two texts would be signed as the same bytes.
  if (/\p{Surrogate}/u.test(text)) throw malformed(`${what} is not UTF-8`);
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) < 0x20 && !allowed.includes(text.charAt(at))) {
      throw malformed(`${what} holds a control character`);
    }
  }
}

/** True when the text can name a key: see the head of this file. */
export function isName(text: string): boolean {
  return (
    text !== '' &&
    text.length <= maxNameBytes &&
    utf8(text).length <= maxNameBytes &&
    !/[+\u007f\p{White_Space}\p{Surrogate}]/u.test(text) &&
    !hasControl(text)
  );
}

function hasControl(text: string): boolean {
  return [...text].some((character) => character < ' ');
}

/** A name as an error may repeat it: what could steer a terminal or turn the text around is replaced. */
export function shown(text: string): string {
  return text.replace(/\p{C}/gu, '\ufffd');
}

/**
 * Reads a decimal: 0 to 2^63-1, no sign, no leading zero.
 *
 * @throws LogError LOG_MALFORMED
 */
export function parseDecimal(text: string, what: string): bigint {
  // 2^63-1 has 19 digits.
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text)) throw malformed(`${what} is not a decimal number`);
  const value = BigInt(text);
  if (value > maxSize) throw malformed(`${what} is above 2^63-1`);
  return value;
}

/**
 * Reads canonical base64.
 *
 * @throws LogError LOG_MALFORMED
 */
export function parseBase64(text: string, what: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (cause) {
    throw malformed(`${what} is not canonical base64`, cause);
  }
}

/** A line with the base64 of a hash, 32 bytes. @param what of which text, for the message */
export function parseHash(line: string, what: string): Uint8Array {
  const hash = parseBase64(line, what);
  if (hash.length !== 32) throw malformed(`${what} has not 32 bytes`);
  return hash;
}
