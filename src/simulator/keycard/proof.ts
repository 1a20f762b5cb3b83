/**
 * How a Keycard proves that it holds the key of its certificate (keycard-tech/status-keycard,
 * KeycardApplet.java of tags 3.1.0 to 3.2, SecureChannelV2.java @a61616a).
 *
 *   IDENTIFY, 3.1 to 3.2         80 14 00 00 20 challenge (32)
 *     answer                     A0 { 8A certificate (98), 30 { 02 r, 02 s } }
 *     signed                     the challenge itself
 *   OPEN SECURE CHANNEL, 4.0     80 10 00 00 61 salt (32) client key (65)
 *     answer                     card key (65) 30 { 02 r, 02 s }
 *     signed                     SHA-256("sc_v2_ccm" salt client-key card-key)
 *
 * IDENTIFY: 6985 without a certificate, 6A80 when the challenge is not of 32 bytes. OPEN SECURE
 * CHANNEL: 6A86 for P1 or P2, 6A80 for the length or a key that is no point of the curve.
 *
 * IDENTIFY signs any 32 bytes, so also the hash of a handshake: whoever has a 3.x card can stand up
 * as a 4.0 card with its key, and say about its state what he likes.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../bytes/bytes.ts';
import { keyPairFrom } from '../demo-keys.ts';
import type { Random } from '../simulation.ts';
import { type Answer, bare, lengthField, object, Status, success, Tag } from './apdu.ts';
import { type KeycardKeys, uncompressed } from './keys.ts';
import { certificateBytes, signDigest } from './signatures.ts';

const challengeBytes = 32;
const saltBytes = 32;
const pointBytes = 65;
const handshakeLabel = utf8('sc_v2_ccm');

/** 590 certificates of 100 bytes with their tags. */
const oversizedCopies = 590;

/** Answers IDENTIFY. */
export function identify(challenge: Uint8Array, keys: KeycardKeys): Answer {
  if (keys.certificate === undefined) return bare(Status.conditionsNotMet);
  if (challenge.length !== challengeBytes) return bare(Status.wrongData);
  return success(
    object(
      Tag.identity,
      object(Tag.certificate, keys.certificate),
      signDigest(challenge, keys.signingKey),
    ),
  );
}

/** A proof in the right form and far too long, about 60 kB. */
export function identifyAtLength({ certificate = new Uint8Array() }: KeycardKeys): Answer {
  const entry = object(Tag.certificate, certificate);
  return success(object(Tag.identity, ...Array<Uint8Array>(oversizedCopies).fill(entry)));
}

/**
 * Answers OPEN SECURE CHANNEL of 4.0. The channel itself is not kept: no check needs it.
 *
 * @param sign makes a DER signature over 32 bytes
 */
export function openChannel(
  parameters: number,
  data: Uint8Array,
  random: Random,
  sign: (digest: Uint8Array) => Uint8Array,
): Answer {
  if (parameters !== 0) return bare(Status.wrongParameters);
  const clientKey = data.subarray(saltBytes);
  if (!isPoint(clientKey)) return bare(Status.wrongData);
  const cardKey = uncompressed(keyPairFrom(random(32)));
  const digest = sha256(concat(handshakeLabel, data, cardKey));
  return success(concat(cardKey, sign(digest)));
}

/** Has a 3.x card sign the hash of a handshake, as if it were a challenge. */
export function signByIdentify(digest: Uint8Array, keys: KeycardKeys): Uint8Array {
  const { data } = identify(digest, keys);
  const entry = certificateBytes + 2;
  return data.subarray(1 + lengthField(data.length).length + entry);
}

function isPoint(key: Uint8Array): boolean {
  return key.length === pointBytes && secp256k1.utils.isValidPublicKey(key, false);
}
