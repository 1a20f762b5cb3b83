/**
 * Base64 (RFC 4648 section 4) in its one canonical form: alphabet A-Z a-z 0-9 + /, padded to four
 * characters with `=`, unused bits zero.
 */

/** The bytes in base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/**
 * Reads base64 strictly. (Buffer.from skips what is no base64, takes the URL alphabet as well and
 * ignores unused bits, so many texts would mean the same bytes.)
 *
 * @throws RangeError when the text is not exactly what `encodeBase64` writes
 */
export function decodeBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  if (encodeBase64(bytes) !== text) throw new RangeError('not canonical base64');
  return bytes;
}
