/**
 * The signature operations that no check of a card can leave out, and nothing around them:
 *
 *   TAPSIGNER
 *     its signature over our challenge   ECDSA verification    node:crypto
 *     its signature over the tap link    ECDSA verification    node:crypto, the same key object
 *     its certificate by the batch key   public key recovery   @noble/curves; node:crypto has none
 *   Tangem
 *     its signature over our challenge   ECDSA verification    node:crypto
 *     the issuer's over its key          ECDSA verification    node:crypto, by the issuer's key
 *     the maker's over its card ID       ECDSA verification    node:crypto, by the maker's key
 *
 * Left out: what is the same for every card and is proven once, which is the batch's own certificate
 * there and the manufacturer's signature over the issuer's key here. Reading the card's key from its
 * bytes belongs to it, since no two cards share one; it is done once. Everything else (messages,
 * signature bytes, DER, the maker's keys) is laid out beforehand.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concat, equal } from '../../src/bytes/bytes.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import * as tap from '../../src/families/coinkite-tap/conversation.ts';
import { parseLink } from '../../src/families/coinkite-tap/link.ts';
import { checkMessage } from '../../src/families/coinkite-tap/signed-messages.ts';
import { attestMessage } from '../../src/families/tangem/card-checks.ts';
import { attachmentKind } from '../../src/families/tangem/constants.ts';
import * as tangem from '../../src/families/tangem/conversation.ts';
import { coinkiteTapDemo, tangemDemo } from '../../src/simulator/demo-keys.ts';

interface Signed {
  readonly message: Uint8Array;
  /** r and s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** A signature that is verified by recovering its signer. */
interface Certificate {
  readonly message: Uint8Array;
  /** Recovery id, r and s, 65 bytes. */
  readonly signature: Uint8Array;
  /** Compressed, 33 bytes. */
  readonly signer: Uint8Array;
}

/** All that the operations need, for one card. */
export interface BareSignatures {
  /** The card's key as SubjectPublicKeyInfo, for node:crypto. */
  readonly cardKeyDer: Buffer;
  readonly byCard: readonly Signed[];
  /** By keys that are the same for every card. */
  readonly byMaker: readonly (Signed & { readonly key: KeyObject })[];
  readonly certificates: readonly Certificate[];
}

/** SubjectPublicKeyInfo header for a compressed secp256k1 point (RFC 5480, SEC 2). */
const spkiHeader = fromHex('3036301006072a8648ce3d020106052b8104000a032200');

const layouts: Readonly<Record<string, (evidence: CardEvidence) => BareSignatures | undefined>> = {
  'coinkite-tap': ofTapsigner,
  tangem: ofTangem,
};

/**
 * Lays out the operations for one evidence, untimed.
 *
 * @throws Error when the evidence lacks one of the signatures
 */
export function bareSignaturesOf(evidence: CardEvidence): BareSignatures {
  const bare = layouts[evidence.family]?.(evidence);
  if (bare !== undefined) return bare;
  throw new Error(`the evidence of the ${evidence.family} card lacks a signature`);
}

/**
 * Performs the operations.
 *
 * @throws Error when a signature does not hold: then what was timed is not what a check does
 */
export function checkBareSignatures(bare: BareSignatures): void {
  const cardKey = importKey(bare.cardKeyDer);
  const holds =
    bare.byCard.every((signed) => isSignedBy(cardKey, signed)) &&
    bare.byMaker.every((signed) => isSignedBy(signed.key, signed)) &&
    bare.certificates.every(isSignedBySigner);
  if (!holds) throw new Error('a signature of a genuine simulated card does not hold');
}

function ofTapsigner({ transcript }: CardEvidence): BareSignatures | undefined {
  const { status, check, certs, link } = tap.readConversation(transcript);
  const certificate = certs?.chain[0];
  if (check === undefined || certificate === undefined || link === undefined) return undefined;
  const recovery = ((certificate[0] ?? 0) - 27) & 3;
  return {
    cardKeyDer: derOf(status.publicKey),
    byCard: [{ message: checkMessage(check), signature: check.signature }, parseLink(link)],
    byMaker: [],
    certificates: [
      {
        message: status.publicKey,
        signature: concat(Uint8Array.of(recovery), certificate.subarray(1)),
        signer: coinkiteTapDemo.batch.publicKey,
      },
    ],
  };
}

const tangemIssuer = importKey(derOf(tangemDemo.issuer.publicKey));
const tangemIdSigner = importKey(derOf(tangemDemo.idSigner.publicKey));

function ofTangem({ transcript, attachments }: CardEvidence): BareSignatures | undefined {
  const { card, attest } = tangem.readConversation(transcript);
  const cardId = card?.cardIdSignature;
  const issuer = attachments.find(({ kind }) => kind === attachmentKind.issuerSignature);
  if (card?.key === undefined || attest === undefined) return undefined;
  if (cardId === undefined || issuer === undefined) return undefined;
  return {
    cardKeyDer: derOf(card.key.compressed),
    byCard: [{ message: attestMessage(attest), signature: attest.signature }],
    byMaker: [
      { key: tangemIssuer, message: card.key.written, signature: issuer.data },
      { key: tangemIdSigner, ...cardId },
    ],
    certificates: [],
  };
}

function isSignedBy(key: KeyObject, { message, signature }: Signed): boolean {
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

function isSignedBySigner({ message, signature, signer }: Certificate): boolean {
  const found = secp256k1.Signature.fromBytes(signature, 'recovered')
    .recoverPublicKey(sha256(message))
    .toBytes(true);
  return equal(found, signer);
}

function derOf(publicKey: Uint8Array): Buffer {
  return Buffer.from(concat(spkiHeader, publicKey));
}

function importKey(der: Buffer): KeyObject {
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}
