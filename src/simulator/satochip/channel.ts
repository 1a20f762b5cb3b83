/**
 * The secure channel (Toporin/SatochipApplet CardEdge.java @8cbaa1d, InitiateSecureChannel and
 * ProcessSecureChannel; the other two applets have the same).
 *
 *   INIT 81    host's public key, uncompressed (65)
 *     answer   length X(32)  length sig1  length sig2  [length X of the authentikey (32)]
 *     sig1     by the card's ephemeral key over "length X"
 *     sig2     by the authentikey over all that stands before it; absent: length 0
 *   keys       S = x coordinate of the ECDH point; HMAC-SHA1(S, "sc_key"), 16 of 20 bytes, is for
 *              AES, HMAC-SHA1(S, "sc_mac") for the MAC
 *   WRAP 82    IV(16)  length AES-128-CBC(command, PKCS #7)  0014 HMAC-SHA1(IV length ciphertext)
 *     IV       random (12), counter (4): odd and greater than every counter so far
 *     answer   IV(16)  length AES-128-CBC(answer, PKCS #7); IV with the host's counter plus 1
 *
 * Lengths have two bytes. The MAC is checked before the counter. Real applets overlook bytes after
 * the MAC and wrong padding; this one refuses both, so that a sloppy sender shows.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { concat, equal, utf8 } from '../../bytes/bytes.ts';
import { keyPairFrom } from '../demo-keys.ts';
import type { Random } from '../simulation.ts';
import { type Answer, bare, ok, Status } from './apdu.ts';
import type { AppletKeys } from './keys.ts';
import { sign, sized } from './signatures.ts';

const cipher = 'aes-128-cbc';
const pointBytes = 65;
const ivBytes = 16;
const saltBytes = 12;
const macBytes = 20;

/** The most that fits into an answer of 256 bytes once it is padded and has its IV and length. */
const longestAnswer = 223;

interface Session {
  readonly key: Uint8Array;
  readonly macKey: Uint8Array;
  /** The last counter that this side used: even. */
  counter: number;
}

/** How the card opens its channel. */
export interface ChannelForm {
  /** sig2 is there. */
  readonly isVouchedFor: boolean;
  /** The X of the authentikey stands at the end. */
  readonly namesKey: boolean;
}

export class SecureChannel {
  readonly #keys: AppletKeys;
  readonly #form: ChannelForm;
  readonly #random: Random;
  #session: Session | undefined;

  constructor(keys: AppletKeys, form: ChannelForm, random: Random) {
    this.#keys = keys;
    this.#form = form;
    this.#random = random;
  }

  /** Forgets the keys, as on SELECT or when the power goes. */
  close(): void {
    this.#session = undefined;
  }

  /** Answers INIT. */
  open(theirs: Uint8Array): Answer {
    this.close();
    if (theirs.length !== pointBytes) return bare(Status.wrongLength);
    if (theirs[0] !== 0x04) return bare(Status.invalidParameter);
    const own = keyPairFrom(this.#random(32));
    const secret = sharedX(own.privateKey, theirs);
    if (secret === undefined) return bare(Status.error);
    this.#session = {
      key: hmac(sha1, secret, utf8('sc_key')).subarray(0, 16),
      macKey: hmac(sha1, secret, utf8('sc_mac')),
      counter: 0,
    };
    return ok(this.#introduce(own.publicKey, own.privateKey));
  }

  #introduce(publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array {
    const named = sized(publicKey.subarray(1));
    const selfSigned = concat(named, sized(sign(named, privateKey)));
    const { channelKey, shownKey } = this.#keys;
    const vouched = this.#form.isVouchedFor ? sign(selfSigned, channelKey) : new Uint8Array();
    const owner = this.#form.namesKey ? sized(shownKey.subarray(1, 33)) : new Uint8Array();
    return concat(selfSigned, sized(vouched), owner);
  }

  /** The command inside a WRAP, or the status word for one that is not to be believed. */
  unwrap(data: Uint8Array): Uint8Array | number {
    const session = this.#session;
    if (session === undefined) return Status.channelClosed;
    const parts = cut(data);
    if (typeof parts === 'number') return parts;
    const { iv, covered, ciphertext, mac } = parts;
    if (!equal(mac, hmac(sha1, session.macKey, covered))) return Status.wrongMac;
    const counter = counterOf(iv);
    if (counter % 2 === 0 || counter <= session.counter) return Status.wrongIv;
    session.counter = (counter + 1) >>> 0;
    return decrypt(session.key, iv, ciphertext) ?? Status.wrongLength;
  }

  /** The answer as it leaves the card. Without data it stays as it is. */
  wrap(answer: Answer): Answer {
    const session = this.#session;
    if (session === undefined || answer.body.length === 0) return answer;
    if (answer.body.length > longestAnswer) return bare(Status.wrongLength);
    const iv = concat(this.#random(saltBytes), counterBytes(session.counter));
    const sealer = createCipheriv(cipher, session.key, iv);
    const text = concat(sealer.update(answer.body), sealer.final());
    return { ...answer, body: concat(iv, sized(text)) };
  }
}

/** The x coordinate of the ECDH point; undefined when `theirs` is no point of the curve. */
function sharedX(privateKey: Uint8Array, theirs: Uint8Array): Uint8Array | undefined {
  try {
    return secp256k1.getSharedSecret(privateKey, theirs, true).subarray(1);
  } catch {
    return undefined;
  }
}

/** The parts of a WRAP, or the status word when the lengths do not add up. */
function cut(data: Uint8Array) {
  const lengthAt = ivBytes;
  const size = ((data[lengthAt] ?? 0) << 8) | (data[lengthAt + 1] ?? 0);
  const end = lengthAt + 2 + size;
  if (data.length < end + 2) return Status.wrongLength;
  if (data[end] !== 0 || data[end + 1] !== macBytes) return Status.wrongMac;
  if (data.length !== end + 2 + macBytes) return Status.wrongLength;
  return {
    iv: data.subarray(0, ivBytes),
    covered: data.subarray(0, end),
    ciphertext: data.subarray(lengthAt + 2, end),
    mac: data.subarray(end + 2),
  };
}

function decrypt(key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array | undefined {
  const opener = createDecipheriv(cipher, key, iv);
  try {
    return concat(opener.update(text), opener.final());
  } catch {
    return undefined;
  }
}

function counterOf(iv: Uint8Array): number {
  return iv.subarray(saltBytes).reduce((value, byte) => value * 256 + byte, 0);
}

function counterBytes(counter: number): Uint8Array {
  return Uint8Array.of(counter >>> 24, counter >>> 16, counter >>> 8, counter);
}
