/**
 * Signatures of Tangem cards and their makers: ECDSA on secp256k1 over SHA-256, r(32) s(32).
 *
 *   card, plain  challenge (16) salt (16)
 *   card, full   challenge salt "BACKUP_CARDS" linked key ...   (tangem-sdk-ios
 *                Operations/Attestation/AttestCardKeyCommand.swift; COS 6.21 or later)
 *   issuer       the card's key, as the card returns it
 *   manufacturer the issuer's key, compressed
 *   card ID      the 8 bytes of the ID
 *   session      "SESSION.CARD" ephemeral key                   (AuthorizeWithSecurityDelayCommand.swift)
 *
 * Real cards and makers give a high S about every other time, and so do these. k follows RFC 6979,
 * so that a demo can be repeated.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concat, utf8 } from '../../bytes/bytes.ts';

const linkedCardsMark = utf8('BACKUP_CARDS');
const sessionMark = utf8('SESSION.CARD');

/** Signs SHA-256(message). 64 bytes, S as it comes. */
export function sign(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return secp256k1.sign(message, privateKey, { lowS: false });
}

/** Signs SHA-256(message). 64 bytes, S in the half that is asked for. */
export function signWithS(message: Uint8Array, privateKey: Uint8Array, s: 'low' | 'high') {
  const low = secp256k1.sign(message, privateKey, { lowS: true });
  if (s === 'low') return low;
  const { Fn } = secp256k1.Point;
  return concat(low.subarray(0, 32), Fn.toBytes(Fn.neg(Fn.fromBytes(low.subarray(32)))));
}

/** What follows the salt in the message of a full attestation. */
export function linkedCardsPart(keys: readonly Uint8Array[]): Uint8Array {
  return concat(linkedCardsMark, ...keys);
}

/** The message with which a card vouches for the key of a secure channel. */
export function sessionMessage(ephemeralKey: Uint8Array): Uint8Array {
  return concat(sessionMark, ephemeralKey);
}
