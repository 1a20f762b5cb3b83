/**
 * The signature operations that no check of a TAPSIGNER can leave out, and nothing around them:
 *
 *   its signature over our challenge   ECDSA verification    node:crypto
 *   its signature over the tap link    ECDSA verification    node:crypto, the same key object
 *   its certificate by the batch key   public key recovery   @noble/curves; node:crypto has none
 *
 * Left out: the batch's own certificate, which is the same for every card of a batch and is proven
 * once. Reading the card's key from its bytes belongs to it, since no two cards share one; it is
 * done once. Everything else (messages, signature bytes, DER) is laid out beforehand.
 */
import { createPublicKey, verify } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concat, equal } from '../../src/bytes/bytes.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { readConversation } from '../../src/families/coinkite-tap/conversation.ts';
import { parseLink } from '../../src/families/coinkite-tap/link.ts';
import { checkMessage } from '../../src/families/coinkite-tap/signed-messages.ts';
import { coinkiteTapDemo } from '../../src/simulator/demo-keys.ts';

interface Signed {
  readonly message: Uint8Array;
  /** r and s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** All that the operations need, for one card. */
export interface BareSignatures {
  /** The card's key, compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  /** The same as SubjectPublicKeyInfo, for node:crypto. */
  readonly cardKeyDer: Buffer;
  readonly live: Signed;
  readonly link: Signed;
  /** Recovery id, r and s, 65 bytes. */
  readonly certificate: Uint8Array;
}

/** SubjectPublicKeyInfo header for a compressed secp256k1 point (RFC 5480, SEC 2). */
const spkiHeader = fromHex('3036301006072a8648ce3d020106052b8104000a032200');

/**
 * Lays out the operations for one evidence, untimed.
 *
 * @throws Error when the evidence lacks one of the three signatures
 */
export function bareSignaturesOf(evidence: CardEvidence): BareSignatures {
  const { status, check, certs, link } = readConversation(evidence.transcript);
  const certificate = certs?.chain[0];
  if (check === undefined || certificate === undefined || link === undefined) {
    throw new Error('challenge, certificate and link expected in the evidence');
  }
  const { message, signature } = parseLink(link);
  const recovery = ((certificate[0] ?? 0) - 27) & 3;
  return {
    cardKey: status.publicKey,
    cardKeyDer: Buffer.from(concat(spkiHeader, status.publicKey)),
    live: { message: checkMessage(check), signature: check.signature },
    link: { message, signature },
    certificate: concat(Uint8Array.of(recovery), certificate.subarray(1)),
  };
}

/**
 * Performs the operations.
 *
 * @throws Error when a signature does not hold: then what was timed is not what a check does
 */
export function checkBareSignatures(bare: BareSignatures): void {
  const key = createPublicKey({ key: bare.cardKeyDer, format: 'der', type: 'spki' });
  const holds = ({ message, signature }: Signed) =>
    verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
  const issuer = secp256k1.Signature.fromBytes(bare.certificate, 'recovered')
    .recoverPublicKey(sha256(bare.cardKey))
    .toBytes(true);
  if (holds(bare.live) && holds(bare.link) && equal(issuer, coinkiteTapDemo.batch.publicKey)) {
    return;
  }
  throw new Error('a signature of a genuine simulated card does not hold');
}
