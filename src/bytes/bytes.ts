/** Operations on Uint8Array that the language leaves out. */

/** One array holding the given ones in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** True when both hold the same bytes. Not constant-time: nothing compared here is a secret. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** True when `bytes` begins with `head`. */
export function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  return bytes.length >= head.length && equal(bytes.subarray(0, head.length), head);
}

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
