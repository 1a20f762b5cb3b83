/**
 * The rules of Tangem cards, written a second time with node:crypto, so that the simulator is not
 * its own judge (tangem-sdk-ios Common/TLV, Common/APDU, Crypto, Operations/Attestation).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  verify,
} from 'node:crypto';

/** tag, value; in order, repeated tags kept. */
export type Tlv = readonly (readonly [tag: number, value: Buffer])[];

export function hash(...parts: readonly Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

/** @throws Error when the lengths do not add up */
export function parseTlv(bytes: Uint8Array): Tlv {
  const rest = Buffer.from(bytes);
  const fields: [number, Buffer][] = [];
  for (let at = 0; at < rest.length; ) {
    const tag = rest.readUInt8(at);
    const long = rest.readUInt8(at + 1) === 0xff;
    const length = long ? rest.readUInt16BE(at + 2) : rest.readUInt8(at + 1);
    at += long ? 4 : 2;
    if (at + length > rest.length) throw new Error(`tag ${tag.toString(16)} is cut`);
    fields.push([tag, rest.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}

export function buildTlv(...fields: readonly (readonly [number, Uint8Array])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([tag, value]) => [
      value.length < 0xff
        ? Buffer.of(tag, value.length)
        : Buffer.of(tag, 0xff, value.length >> 8, value.length & 0xff),
      value,
    ]),
  );
}

const spkiHeads: Readonly<Record<number, string>> = {
  33: '3036301006072a8648ce3d020106052b8104000a032200',
  65: '3056301006072a8648ce3d020106052b8104000a034200',
};

/** ECDSA on secp256k1 with SHA-256, r || s of 64 bytes, any S. */
export function isSignedBy(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const head = spkiHeads[publicKey.length];
  if (head === undefined || signature.length !== 64) return false;
  const der = Buffer.concat([Buffer.from(head, 'hex'), publicKey]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

export function hasHighS(signature: Uint8Array): boolean {
  return BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`) > halfOrder;
}

/** 33 bytes, from either encoding. */
export function compress(key: Uint8Array): Buffer {
  if (key.length === 33) return Buffer.from(key);
  return Buffer.concat([Buffer.of(2 + ((key[64] ?? 0) & 1)), key.subarray(1, 33)]);
}

/** Luhn over 16 digits, letters counted from A = 0. */
export function isLuhn(cardId: string): boolean {
  const sum = [...cardId].reduce((total, digit, i) => {
    const value = /[A-F]/.test(digit) ? digit.charCodeAt(0) - 65 : Number(digit);
    const times = value * (i % 2 === 0 ? 2 : 1);
    return total + Math.floor(times / 10) + (times % 10);
  }, 0);
  return cardId.length === 16 && sum % 10 === 0;
}

/** CRC_A of ISO/IEC 14443-3, low byte first; the byte-wise form of its annex B. */
export function crcA(bytes: Uint8Array): Buffer {
  let crc = 0x6363;
  for (let byte of bytes) {
    byte ^= crc & 0xff;
    byte = (byte ^ (byte << 4)) & 0xff;
    crc = (crc >> 8) ^ (byte << 8) ^ (byte << 3) ^ (byte >> 4);
  }
  return Buffer.of(crc & 0xff, (crc >> 8) & 0xff);
}

/** The key of a session before COS 8. */
export function legacyKey(secret: Uint8Array, code: string, uid: Uint8Array): Buffer {
  // PBKDF2 of one block, written out.
  let round = createHmac('sha256', hash(Buffer.from(code)))
    .update(Buffer.concat([uid, Buffer.of(0, 0, 0, 1)]))
    .digest();
  const key = Buffer.from(round);
  for (let i = 1; i < 50; i += 1) {
    round = createHmac('sha256', hash(Buffer.from(code)))
      .update(round)
      .digest();
    for (const [at, byte] of round.entries()) key[at] = (key[at] ?? 0) ^ byte;
  }
  return hash(secret, key);
}

export function legacySeal(tlv: Uint8Array, key: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16));
  const plain = Buffer.concat([Buffer.of(tlv.length >> 8, tlv.length & 0xff), crcA(tlv), tlv]);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

/** @throws Error when the body does not decipher */
export function legacyOpen(body: Uint8Array, key: Uint8Array): Buffer {
  const cipher = createDecipheriv('aes-256-cbc', key, Buffer.alloc(16));
  const plain = Buffer.concat([cipher.update(body), cipher.final()]);
  const tlv = plain.subarray(4);
  if (plain.readUInt16BE(0) !== tlv.length) throw new Error('length');
  if (!plain.subarray(2, 4).equals(crcA(tlv))) throw new Error('CRC');
  return tlv;
}

function aesBlock(key: Uint8Array, block: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16)]);
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)));
}

/** NIST SP 800-38C with a nonce of 12 and a tag of 8 bytes, from the block cipher. */
function ccm(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array) {
  const length = Buffer.of(text.length >> 16, (text.length >> 8) & 0xff, text.length & 0xff);
  const head = Buffer.concat([Buffer.of(0x40 | (3 << 3) | 2), nonce, length]);
  const blocks = Buffer.concat([
    head,
    padded(Buffer.concat([Buffer.of(aad.length >> 8, aad.length & 0xff), aad])),
    padded(text),
  ]);
  let mac: Buffer = Buffer.alloc(16);
  for (let at = 0; at < blocks.length; at += 16) {
    mac = aesBlock(key, xor(mac, blocks.subarray(at, at + 16)));
  }
  return xor(mac.subarray(0, 8), stream(key, nonce, 0));
}

function stream(key: Uint8Array, nonce: Uint8Array, counter: number): Buffer {
  return aesBlock(
    key,
    Buffer.concat([Buffer.of(2), nonce, Buffer.of(0, counter >> 8, counter & 0xff)]),
  );
}

function crypt(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Buffer {
  const out: Buffer[] = [];
  for (let at = 0; at < text.length; at += 16) {
    out.push(xor(text.subarray(at, at + 16), stream(key, nonce, at / 16 + 1)));
  }
  return Buffer.concat(out);
}

export function ccmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  text: Uint8Array,
): Buffer {
  return Buffer.concat([crypt(key, nonce, text), ccm(key, nonce, aad, text)]);
}

/** @throws Error when the tag is wrong */
export function ccmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Buffer {
  const text = crypt(key, nonce, sealed.subarray(0, -8));
  if (!ccm(key, nonce, aad, text).equals(sealed.subarray(-8))) throw new Error('tag');
  return text;
}
