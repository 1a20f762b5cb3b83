/**
 * Numbers of the Coinkite tap protocol.
 * Source: coinkite/coinkite-tap-proto docs/protocol.md and docs/nfc-spec.md (commit 7fdf116).
 */
import { utf8 } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';

export const tap = {
  familyId: 'coinkite-tap',
  /** F0, then "CoinkiteCARDv1" in ASCII. */
  aid: fromHex('f0436f696e6b697465434152447631'),
  cla: 0x00,
  /** All commands but SELECT share one instruction; the CBOR map inside names the command. */
  ins: 0xcb,
  nonceLength: 16,
  publicKeyLength: 33,
  signatureLength: 64,
  /** Header byte, then r and s. */
  certificateLength: 65,
  /** One batch key under one root; the protocol allows more links, nobody has seen one. */
  minCertificates: 2,
  maxCertificates: 8,
  /** Prefix of every signed message. */
  messagePrefix: utf8('OPENDIME'),
  /** Slots of a SATSCARD: 0 to 9; 10 means that all are used up. */
  maxSlots: 10,
  /** Answers fit a short APDU; anything longer is no answer of this protocol. */
  maxAnswerBytes: 1024,
  /** "Unlucky number": the card asks to be asked again. */
  errorRetry: 205,
  maxRetries: 5,
  /** "Weak nonce": 0.9.0 says so of good nonces, too (docs/change-log.md, 1.0.0). */
  errorWeakNonce: 417,
} as const;

/** First version whose SATSCARD signs the slot key into `check` (docs/change-log.md, 1.0.0). */
export const firstVersion = '0.9.0';

/**
 * Labels of the challenges that a command may carry: the first, and two more for a card that calls
 * the ones before weak. All are derived from the session's nonce.
 */
export const challengeLabels = {
  check: ['check', 'check-2', 'check-3'],
  read: ['read', 'read-2', 'read-3'],
} as const;
