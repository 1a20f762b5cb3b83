/**
 * The encrypted session of cards before COS 8 (tangem-sdk-ios Operations/OpenSessionCommand.swift,
 * Common/Core/CardSession.swift, Common/APDU/CommandApdu.swift, ResponseApdu.swift).
 *
 *   OPEN SESSION  P2 = 01 fast:   1A = 16 random bytes,        1B = 16 random bytes
 *                 P2 = 02 strong: 1A = uncompressed secp256k1,  1B = the same
 *                 the answer may also carry 0B, the UID
 *   protocol key  PBKDF2-HMAC-SHA256(SHA-256(access code), UID, 50 rounds, 32 bytes)
 *   secret        fast: A || B          strong: x coordinate of the ECDH point
 *   session key   SHA-256(secret || protocol key)
 *   body          AES-256-CBC, IV 0, PKCS#7, of length (2) CRC (2) TLV; P1 names the mode
 *
 * CRC: ISO/IEC 14443-3 type A, initial value 6363, low byte first. Bodies with a status word other
 * than 9000 stay plain: they are shorter than one block, by which the reader tells them apart.
 */
import { createCipheriv, createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal } from '../../bytes/bytes.ts';
import { keyPairFrom } from '../demo-keys.ts';
import type { Random } from '../simulation.ts';
import { type Answer, bare, Status } from './apdu.ts';
import type { SessionMode } from './profile.ts';
import { type Fields, field, Tag } from './tlv.ts';

/** P1 of a protected command and P2 of OPEN SESSION. */
export const modeBytes: Readonly<Record<SessionMode, number>> = { fast: 0x01, strong: 0x02 };

const fastKeyBytes = 16;
const strongKeyBytes = 65;
const rounds = 50;
const cipher = 'aes-256-cbc';
const zeroIv = new Uint8Array(16);

/** What a card brings into its sessions. */
export interface LegacyChannelOwner {
  /** 7 bytes. */
  readonly uid: Uint8Array;
  /** SHA-256 of the access code. */
  readonly codeHash: Uint8Array;
  /** The weakest session that it accepts. */
  readonly weakest: SessionMode;
  readonly showsUid: boolean;
  readonly random: Random;
}

export class LegacyChannel {
  readonly #owner: LegacyChannelOwner;
  #session: { readonly mode: SessionMode; readonly key: Uint8Array } | undefined;

  constructor(owner: LegacyChannelOwner) {
    this.#owner = owner;
  }

  /** Forgets the session, as on SELECT or when the power goes. */
  close(): void {
    this.#session = undefined;
  }

  /** Answers OPEN SESSION. A mode too weak for this card is refused here already. */
  open(p2: number, fields: Fields): Answer {
    this.close();
    const mode = modeOf(p2);
    const keyA = fields.get(Tag.sessionKeyA);
    if (mode === undefined || keyA === undefined) return bare(Status.invalidParameters);
    if (this.#isTooWeak(mode)) return bare(Status.needsEncryption);
    const agreed = mode === 'fast' ? agreeFast(keyA, this.#owner) : agreeStrong(keyA, this.#owner);
    if (agreed === undefined) return bare(Status.invalidParameters);
    this.#session = { mode, key: sha256(concat(agreed.secret, this.#protocolKey())) };
    return {
      sw: Status.ok,
      body: concat(
        field(Tag.sessionKeyB, agreed.keyB),
        ...(this.#owner.showsUid ? [field(Tag.uid, this.#owner.uid)] : []),
      ),
    };
  }

  /**
   * The TLV body of a protected command.
   *
   * @returns a status word when there is no such session or the body does not decipher
   */
  decrypt(p1: number, body: Uint8Array): Uint8Array | number {
    const session = this.#session;
    if (session === undefined || modeBytes[session.mode] !== p1) return Status.needsEncryption;
    return unwrap(body, session.key) ?? Status.processingError;
  }

  /** Protects the answer to a protected command. */
  encrypt(answer: Answer): Answer {
    if (this.#session === undefined || answer.sw !== Status.ok) return answer;
    return { ...answer, body: wrap(answer.body, this.#session.key) };
  }

  #isTooWeak(mode: SessionMode): boolean {
    return mode === 'fast' && this.#owner.weakest === 'strong';
  }

  #protocolKey(): Uint8Array {
    return pbkdf2Sync(this.#owner.codeHash, this.#owner.uid, rounds, 32, 'sha256');
  }
}

function modeOf(byte: number): SessionMode | undefined {
  if (byte === modeBytes.fast) return 'fast';
  return byte === modeBytes.strong ? 'strong' : undefined;
}

interface Agreement {
  readonly keyB: Uint8Array;
  readonly secret: Uint8Array;
}

function agreeFast(keyA: Uint8Array, { random }: LegacyChannelOwner): Agreement | undefined {
  if (keyA.length !== fastKeyBytes) return undefined;
  const keyB = random(fastKeyBytes);
  return { keyB, secret: concat(keyA, keyB) };
}

function agreeStrong(keyA: Uint8Array, { random }: LegacyChannelOwner): Agreement | undefined {
  if (keyA.length !== strongKeyBytes) return undefined;
  const own = keyPairFrom(random(32));
  const secret = sharedX(own.privateKey, keyA);
  if (secret === undefined) return undefined;
  return { keyB: secp256k1.getPublicKey(own.privateKey, false), secret };
}

/** The x coordinate of the ECDH point, 32 bytes; undefined when the other side sent no point. */
export function sharedX(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  try {
    return secp256k1.getSharedSecret(privateKey, publicKey, true).subarray(1);
  } catch {
    // The bytes are not on the curve; a card has no more to say about them.
    return undefined;
  }
}

function wrap(tlv: Uint8Array, key: Uint8Array): Uint8Array {
  const sealer = createCipheriv(cipher, key, zeroIv);
  const length = Uint8Array.of(tlv.length >> 8, tlv.length & 0xff);
  return concat(sealer.update(concat(length, crcA(tlv), tlv)), sealer.final());
}

function unwrap(body: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  let plain: Uint8Array;
  try {
    const opener = createDecipheriv(cipher, key, zeroIv);
    plain = concat(opener.update(body), opener.final());
  } catch {
    // No whole blocks, or no padding: another key.
    return undefined;
  }
  const tlv = plain.subarray(4);
  const [high = 0, low = 0] = plain;
  const whole = plain.length >= 4 && ((high << 8) | low) === tlv.length;
  return whole && equal(plain.subarray(2, 4), crcA(tlv)) ? tlv : undefined;
}

/** ISO/IEC 14443-3 annex B, CRC_A. */
function crcA(bytes: Uint8Array): Uint8Array {
  let crc = 0x6363;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  return Uint8Array.of(crc & 0xff, crc >> 8);
}
