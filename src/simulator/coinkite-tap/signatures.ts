/**
 * Signatures of Coinkite tap cards: ECDSA on secp256k1 over the SHA-256 of a message, low S
 * (coinkite/coinkite-tap-proto docs/protocol.md, "Signature Values").
 *
 *   live        r(32) s(32)                          64 bytes
 *   certificate header(1) r(32) s(32)                65 bytes, header = 31 + recovery id
 *
 * The documentation names headers 27-30 and 39-42 (BIP-137). The public emulator writes 31-34, and
 * so do these cards: a verifier has to take all of them.
 *
 * Real cards pick k at random. Here k follows RFC 6979, so that a demo can be repeated.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concat, utf8 } from '../../bytes/bytes.ts';

const headerBase = 27 + 4;
const prefix = utf8('OPENDIME');

/** Signs SHA-256(message). 64 bytes. */
export function sign(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return secp256k1.sign(message, privateKey, { lowS: true });
}

/** Signs SHA-256(message) so that the signer's key can be recovered. 65 bytes. */
export function signRecoverable(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const [recovery = 0, ...rest] = secp256k1.sign(message, privateKey, {
    lowS: true,
    format: 'recovered',
  });
  return Uint8Array.of(headerBase + recovery, ...rest);
}

/**
 * The message of check, read and derive: "OPENDIME", card nonce (16), app nonce (16), then what
 * the command adds.
 */
export function challengeMessage(
  cardNonce: Uint8Array,
  appNonce: Uint8Array,
  ...added: readonly Uint8Array[]
): Uint8Array {
  return concat(prefix, cardNonce, appNonce, ...added);
}
