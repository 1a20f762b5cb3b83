/**
 * How a channel begins: B0 81 with our ephemeral key, and the card's answer
 *
 *   length(2) X(32) length(2) sig1 [length(2) sig2 [length(2) A(32)]]
 *
 *   X      x-coordinate of the card's ephemeral key
 *   sig1   by that key over `length X`: ECDSA, SHA-256, DER; of both keys with that X it is by one
 *   sig2   by the card's own key, the authentikey, over all that stands before it; left out or empty
 *          in applets that have no key of their own before they hold a seed
 *   A      x-coordinate of the authentikey: SeedKeeper from 0.2 on
 *
 * What a signature recovers to is a key that may have made it: of up to four keys, A picks one where
 * it is there. And sig2 covers only bytes of the card's choice, so whoever has seen one can show it
 * again: a key that is told here is told, not proven.
 * Sources: InitiateSecureChannel in the three applets; pysatochip CardDataParser.py (6f3aa4e).
 */
import { concat, equal } from '../../bytes/bytes.ts';
import { sha256 } from '../../bytes/sha256.ts';
import { EvidenceError } from '../../errors/error.ts';
import { parseEcdsaDer, recoverSecp256k1, verifySecp256k1Der } from '../../trust/signature.ts';
import { satochip } from './constants.ts';
import { checkSignatureLength, takeField } from './messages.ts';

export interface Handshake {
  /** Signed by the ephemeral key: length and X. */
  readonly signedByEphemeral: Uint8Array;
  readonly ephemeralX: Uint8Array;
  readonly ephemeralSignature: Uint8Array;
  /** Signed by the authentikey. */
  readonly signedByCard: Uint8Array;
  readonly cardSignature?: Uint8Array;
  readonly cardX?: Uint8Array;
}

/** @throws EvidenceError when the lengths do not account for every byte */
export function parseHandshake(data: Uint8Array): Handshake {
  const first = takeField('ephemeral key', data);
  const second = takeField('first signature', first.rest);
  const handshake = {
    signedByEphemeral: data.subarray(0, data.length - first.rest.length),
    ephemeralX: coordinate('ephemeral key', first.field),
    ephemeralSignature: checkSignatureLength(second.field),
    signedByCard: data.subarray(0, data.length - second.rest.length),
  };
  if (second.rest.length === 0) return handshake;
  const third = takeField('second signature', second.rest);
  const signed = {
    ...handshake,
    ...(third.field.length > 0 && { cardSignature: checkSignatureLength(third.field) }),
  };
  if (third.rest.length === 0) return signed;
  const fourth = takeField('authentikey', third.rest);
  if (fourth.rest.length > 0) {
    throw new EvidenceError(`channel: ${fourth.rest.length} bytes after its end`);
  }
  return { ...signed, cardX: coordinate('authentikey', fourth.field) };
}

/** The card's ephemeral key, compressed; undefined where the first signature is not by it. */
export function ephemeralKey(handshake: Handshake): Uint8Array | undefined {
  const { signedByEphemeral, ephemeralSignature, ephemeralX } = handshake;
  return keysAt(ephemeralX).find((key) =>
    verifySecp256k1Der(key, signedByEphemeral, ephemeralSignature),
  );
}

/** True where the second signature is by this key, and the card names no other one. */
export function isVouchedFor(handshake: Handshake, key: Uint8Array): boolean {
  const { signedByCard, cardSignature, cardX } = handshake;
  if (cardSignature === undefined) return false;
  if (cardX !== undefined && !equal(cardX, key.subarray(1))) return false;
  return verifySecp256k1Der(key, signedByCard, cardSignature);
}

/** Keys that may be the card's own, compressed; none where it names one that did not sign. */
export function authentikeys(handshake: Handshake): readonly Uint8Array[] {
  const { signedByCard, cardSignature, cardX } = handshake;
  if (cardX !== undefined) return keysAt(cardX).filter((key) => isVouchedFor(handshake, key));
  const signature = cardSignature && parseEcdsaDer(cardSignature, satochip.coordinateLength);
  if (signature === undefined) return [];
  const digest = sha256(signedByCard);
  return [0, 1, 2, 3].flatMap((recovery) => {
    const key = recoverSecp256k1(digest, signature, recovery);
    return key === undefined ? [] : [key];
  });
}

/** Both points of an x-coordinate, compressed; a signature is by one of them at most. */
function keysAt(x: Uint8Array): readonly Uint8Array[] {
  return [2, 3].map((sign) => concat(Uint8Array.of(sign), x));
}

function coordinate(name: string, field: Uint8Array): Uint8Array {
  if (field.length === satochip.coordinateLength) return field;
  throw new EvidenceError(`${name}: ${field.length} bytes, ${satochip.coordinateLength} expected`);
}
