/**
 * What the card signs: SHA-256, then ECDSA over secp256k1.
 *
 *   check, TAPSIGNER and SATSCHIP       "OPENDIME" card_nonce(16) nonce(16)                 card key
 *   check, SATSCARD 0.9.0               the same
 *   check, SATSCARD from 1.0.0, sealed  the same, then the slot's key(33)                   card key
 *   check, SATSCARD, slot not sealed    as the first line                                   card key
 *   read, SATSCARD                      "OPENDIME" card_nonce(16) nonce(16) slot(1)         slot key
 *
 * Which form holds is decided by rule, never by trying both: a card that says one thing and signs
 * another must fail. Source: coinkite-tap-proto docs/protocol.md, docs/change-log.md (1.0.0).
 */
import { concat } from '../../bytes/bytes.ts';
import { tap } from './constants.ts';
import type { SignedAnswer } from './conversation.ts';

/** @param slotKey compressed key of the active slot where `check` covers it, else left out */
export function checkMessage(answer: SignedAnswer, slotKey?: Uint8Array): Uint8Array {
  return concat(common(answer), slotKey ?? new Uint8Array());
}

/** @param slot 0 to 10 */
export function readMessage(answer: SignedAnswer, slot: number): Uint8Array {
  return concat(common(answer), Uint8Array.of(slot));
}

function common(answer: SignedAnswer): Uint8Array {
  return concat(tap.messagePrefix, answer.cardNonce, answer.nonce);
}
