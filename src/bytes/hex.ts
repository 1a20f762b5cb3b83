/** Lower-case hexadecimal, used only at the edges: files, screens, JSON. */

/** The bytes as lower-case hex, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/**
 * Reads hex strictly: an even number of digits 0-9, a-f, A-F and nothing else. (Buffer.from stops
 * silently at the first wrong digit, which would let two files differ and mean the same bytes.)
 *
 * @throws RangeError when the text is anything else
 */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new RangeError('not hexadecimal: expected an even number of digits 0-9 a-f');
  }
  return new Uint8Array(Buffer.from(text, 'hex'));
}
