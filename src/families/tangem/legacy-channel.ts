/**
 * The encrypted channel of COS 1 to 6, opened when a card answers 6982. It keeps listeners out; it
 * proves nothing about the card, since nothing in it is the maker's.
 *
 *   OPEN SESSION  00 FF 00 P2   1A = A         P2 01 fast: A = 16 random bytes
 *   answer                      1B = B [0B = UID]      02 strong: A, B = points on secp256k1, 65 bytes
 *
 *   protocol key = PBKDF2-HMAC-SHA256(SHA-256(access code), salt UID, 50 rounds, 32 bytes)
 *   secret       = A || B (fast), or x of the shared point (strong), not hashed
 *   session key  = SHA-256(secret || protocol key)
 *   body         = AES-256-CBC, zero IV, PKCS #7, of length(2) CRC(2) TLV
 *   CRC          = ISO/IEC 14443-3 type A (init 6363), low byte first, over the TLV
 *
 * Sources: tangem-sdk-ios Operations/OpenSessionCommand.swift, Common/Core/CardSession.swift,
 * Common/APDU/CommandApdu.swift, ResponseApdu.swift.
 */
import { createCipheriv, createDecipheriv, createECDH, pbkdf2Sync } from 'node:crypto';
import { encodeCommand, parseCommand } from '../../apdu/command.ts';
import { parseResponse, Sw } from '../../apdu/response.ts';
import { concat, equal } from '../../bytes/bytes.ts';
import { sha256 } from '../../bytes/sha256.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { SecureChannel } from '../../reader/card.ts';
import { Ins, Tag } from './constants.ts';
import type { Handshake } from './handshake.ts';
import { encodeTangemCommand } from './messages.ts';

export type LegacyMode = 'fast' | 'strong';

const modeNumber: Readonly<Record<LegacyMode, number>> = { fast: 1, strong: 2 };

/** The reader's own command for the UID of a contactless card (PC/SC part 3, 3.2.2.1.3). */
const getUid = encodeCommand({ cla: 0xff, ins: 0xca, p1: 0, p2: 0, ne: 256 });

/** Shorter answers are in the clear: one block of AES is the least that can be encrypted. */
const blockLength = 16;

/**
 * Opens the channel.
 *
 * @param codeHash SHA-256 of the access code; a wrong one shows when the first answer is read
 * @throws EvidenceError when the card does not do its part
 */
export async function openLegacyChannel(
  line: Handshake,
  mode: LegacyMode,
  codeHash: Uint8Array,
  random: (length: number) => Uint8Array,
): Promise<SecureChannel> {
  const own = mode === 'fast' ? fastShare(random) : strongShare(random);
  const open = encodeTangemCommand(
    Ins.openSession,
    [[Tag.sessionKeyA, own.share]],
    modeNumber[mode],
  );
  const fields = await line.ask(open);
  const secret = own.combine(fields.bytes(Tag.sessionKeyB, own.share.length));
  const uid = fields.optional(Tag.uid) ?? (await readUid(line));
  const protocolKey = pbkdf2Sync(codeHash, uid, 50, 32, 'sha256');
  return legacyChannel(mode, sha256(secret, protocolKey));
}

/** @param key 32 bytes */
export function legacyChannel(mode: LegacyMode, key: Uint8Array): SecureChannel {
  const iv = new Uint8Array(blockLength);
  return {
    wrap(command) {
      const { data = new Uint8Array(), ...header } = parseCommand(command);
      const plain = concat(uint16(data.length), crcA(data), data);
      const cipher = createCipheriv('aes-256-cbc', key, iv);
      const body = concat(cipher.update(plain), cipher.final());
      return encodeCommand({ ...header, p1: modeNumber[mode], data: body, extended: true });
    },
    unwrap(response) {
      const { data } = parseResponse(response);
      if (data.length < blockLength) return response;
      const plain = decrypt(key, iv, data);
      const body = plain.subarray(4);
      if (!equal(plain.subarray(0, 4), concat(uint16(body.length), crcA(body)))) {
        throw new EvidenceError('encrypted answer: length or checksum is wrong');
      }
      return concat(body, response.subarray(-2));
    },
  };
}

/** CRC_A of ISO/IEC 14443-3 annex B: reflected polynomial 8408, initial value 6363. */
export function crcA(bytes: Uint8Array): Uint8Array {
  let crc = 0x6363;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  return Uint8Array.of(crc & 0xff, crc >> 8);
}

interface Share {
  /** What the card is sent. */
  readonly share: Uint8Array;
  /** The secret, from what the card sends back. */
  combine(other: Uint8Array): Uint8Array;
}

function fastShare(random: (length: number) => Uint8Array): Share {
  const share = random(16);
  return { share, combine: (other) => concat(share, other) };
}

function strongShare(random: (length: number) => Uint8Array): Share {
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(random(32));
  return {
    share: new Uint8Array(ecdh.getPublicKey()),
    combine(other) {
      try {
        return new Uint8Array(ecdh.computeSecret(other));
      } catch (cause) {
        throw new EvidenceError('tag 1B: not a point on secp256k1', { cause });
      }
    },
  };
}

async function readUid(line: Handshake): Promise<Uint8Array> {
  const { data, sw } = parseResponse(await line.askReader(getUid));
  if (sw !== Sw.ok || data.length === 0)
    throw new EvidenceError('the reader does not tell the UID');
  return data;
}

function decrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    return concat(decipher.update(data), decipher.final());
  } catch (cause) {
    throw new EvidenceError('encrypted answer: it was not made with this key', { cause });
  }
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
