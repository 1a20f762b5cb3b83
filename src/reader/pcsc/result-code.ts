/**
 * The PC/SC result code inside an error. nfc-pcsc keeps it only in the text of the inner error, as
 * "SCardTransmit error: ... (0x80100069)" (pokusew/node-pcsclite src/common.h).
 *
 * @returns the code, or null when the error carries none
 */
export function pcscCode(error: unknown): number | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; depth += 1) {
    const found = /0x([0-9a-f]{8})\b/i.exec(at.message)?.[1];
    if (found !== undefined) return Number.parseInt(found, 16);
    // nfc-pcsc's own word for "no card": SCARD_W_REMOVED_CARD.
    if ('code' in at && at.code === 'card_not_connected') return 0x80100069;
    at = 'previous' in at ? at.previous : at.cause;
  }
  return null;
}
