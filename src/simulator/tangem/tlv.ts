/**
 * The TLV form of Tangem cards (tangem-sdk-ios Common/TLV/Tlv.swift, TlvTag.swift).
 *
 *   field = tag (1), length (1: 00..FE), value
 *         | tag (1), FF, length (2, big-endian), value
 *
 * Tags may repeat. Nested values (card data, wallet records) have the same form.
 */
import { concat } from '../../bytes/bytes.ts';

/** Tags that these cards send or read. */
export const Tag = {
  cardId: 0x01,
  /** Of the card or, inside a wallet record, of the wallet. */
  status: 0x02,
  cardPublicKey: 0x03,
  cardSignature: 0x04,
  curve: 0x05,
  signingMethods: 0x07,
  maxSignatures: 0x08,
  securityDelay: 0x09,
  settings: 0x0a,
  uid: 0x0b,
  cardData: 0x0c,
  health: 0x0f,
  accessCode: 0x10,
  challenge: 0x16,
  salt: 0x17,
  sessionKeyA: 0x1a,
  sessionKeyB: 0x1b,
  pause: 0x1c,
  manufacturerName: 0x20,
  mode: 0x23,
  flash: 0x28,
  userSettings: 0x2f,
  issuerPublicKey: 0x30,
  backupHash: 0x42,
  accessLevel: 0x4a,
  passcodeIsDefault: 0x59,
  accessCodeIsDefault: 0x5a,
  walletPublicKey: 0x60,
  remainingSignatures: 0x62,
  signedHashes: 0x63,
  walletIndex: 0x65,
  walletsCount: 0x66,
  wallet: 0x68,
  chainCode: 0x6b,
  firmware: 0x80,
  batch: 0x81,
  date: 0x82,
  issuerName: 0x83,
  blockchain: 0x84,
  cardIdSignature: 0x86,
  productMask: 0x8a,
  backupStatus: 0xd0,
  backupCount: 0xd1,
  linkedCardKey: 0xd6,
} as const;

const longForm = 0xff;

/** The fields of a command, first value of each tag. */
export type Fields = ReadonlyMap<number, Uint8Array>;

/**
 * One field.
 *
 * @param value at most 65535 bytes
 * @throws RangeError when it is longer
 */
export function field(tag: number, value: Uint8Array): Uint8Array {
  if (value.length > 0xffff) throw new RangeError(`TLV value of ${value.length} bytes`);
  const head =
    value.length < longForm
      ? [tag, value.length]
      : [tag, longForm, value.length >> 8, value.length & 0xff];
  return concat(Uint8Array.from(head), value);
}

/** A text with the 00 that ends every text. */
export function textField(tag: number, text: string): Uint8Array {
  return field(tag, new TextEncoder().encode(`${text}\0`));
}

/** A number as `size` big-endian bytes. */
export function numberField(tag: number, value: number, size: 1 | 2 | 4): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return field(tag, bytes.subarray(4 - size));
}

/** A flag: present means yes, whatever the value; nothing at all means no. */
export function flagField(tag: number, set: boolean): Uint8Array {
  return set ? numberField(tag, 1, 1) : new Uint8Array();
}

/** The fields of a command body, or undefined when the lengths do not add up. */
export function readFields(bytes: Uint8Array): Fields | undefined {
  const fields = new Map<number, Uint8Array>();
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1];
    let start = at + 2;
    if (length === longForm) {
      const [high, low] = bytes.subarray(start, start + 2);
      length = high === undefined || low === undefined ? undefined : (high << 8) | low;
      start += 2;
    }
    if (length === undefined || start + length > bytes.length) return undefined;
    if (!fields.has(tag)) fields.set(tag, bytes.subarray(start, start + length));
    at = start + length;
  }
  return fields;
}

/** A big-endian number of 1 to 4 bytes; undefined for a field that is absent or of another size. */
export function numberIn(fields: Fields, tag: number): number | undefined {
  const bytes = fields.get(tag);
  if (bytes === undefined || bytes.length < 1 || bytes.length > 4) return undefined;
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
