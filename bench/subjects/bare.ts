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
 *   Keycard
 *     its signature over our challenge   ECDSA verification    @noble/curves; the challenge is not
 *                                                              hashed, which node:crypto cannot do
 *     its certificate                    public key recovery   @noble/curves
 *   Satodime
 *     its signature over our challenge   ECDSA verification    node:crypto
 *     its signature over the channel     ECDSA verification    node:crypto, the same key object
 *     the channel's own key over itself  ECDSA verification    node:crypto; of this key half is told, so
 *                                                              every second time a second one
 *     the issuer's over its certificate  ECDSA verification    node:crypto, by the issuer's key
 *
 * Left out: what is the same for every card and is proven once, which is the batch's own certificate
 * with Coinkite, the manufacturer's signature over the issuer's key with Tangem, and what the root signed
 * with Satochip. Reading the card's key from its
 * bytes belongs to it, since no two cards share one; it is done once. Everything else (messages,
 * signature bytes, DER, the maker's keys) is laid out beforehand.
 */
import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concat, equal } from '../../src/bytes/bytes.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import * as tap from '../../src/families/coinkite-tap/conversation.ts';
import { parseLink } from '../../src/families/coinkite-tap/link.ts';
import { checkMessage } from '../../src/families/coinkite-tap/signed-messages.ts';
import * as keycard from '../../src/families/keycard/conversation.ts';
import { challengeMessage } from '../../src/families/satochip/card-checks.ts';
import * as satochip from '../../src/families/satochip/conversation.ts';
import { attestMessage } from '../../src/families/tangem/card-checks.ts';
import { attachmentKind } from '../../src/families/tangem/constants.ts';
import * as tangem from '../../src/families/tangem/conversation.ts';
import { coinkiteTapDemo, keycardDemo, tangemDemo } from '../../src/simulator/demo-keys.ts';
import { satochipDemoCertificates } from '../../src/simulator/satochip/certificates.ts';
import { parseCertificate } from '../../src/trust/x509/certificate.ts';

interface Signed {
  readonly message: Uint8Array;
  /** r and s, 64 bytes; in DER where `der` is set. */
  readonly signature: Uint8Array;
  readonly der?: boolean;
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
  /** Over messages of 32 bytes that are not hashed, by keys in 33 bytes. */
  readonly digests: readonly (Signed & { readonly key: Uint8Array })[];
  /** By keys that are made for one conversation: one of those given, as SubjectPublicKeyInfo. */
  readonly byPassingKeys: readonly (Signed & { readonly keyDers: readonly Buffer[] })[];
}

/** SubjectPublicKeyInfo header for a compressed secp256k1 point (RFC 5480, SEC 2). */
const spkiHeader = fromHex('3036301006072a8648ce3d020106052b8104000a032200');

const none = { digests: [], byPassingKeys: [] } as const;

const layouts: Readonly<Record<string, (evidence: CardEvidence) => BareSignatures | undefined>> = {
  'coinkite-tap': ofTapsigner,
  tangem: ofTangem,
  keycard: ofKeycard,
  satochip: ofSatodime,
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
    bare.certificates.every(isSignedBySigner) &&
    bare.digests.every(isSignedAsIs) &&
    bare.byPassingKeys.every((signed) =>
      signed.keyDers.some((der) => isSignedBy(importKey(der), signed)),
    );
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
    ...none,
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
    ...none,
  };
}

function ofKeycard({ transcript }: CardEvidence): BareSignatures | undefined {
  const { identified } = keycard.readConversation(transcript);
  if (identified === undefined || 'sw' in identified.answer) return undefined;
  const { certificate, signature } = identified.answer;
  const { bytes, key } = certificate;
  return {
    ...none,
    cardKeyDer: derOf(key),
    byCard: [],
    byMaker: [],
    certificates: [
      {
        message: key,
        signature: concat(bytes.subarray(-1), bytes.subarray(key.length, -1)),
        signer: keycardDemo.ca.publicKey,
      },
    ],
    digests: [{ message: identified.challenge, signature, key }],
  };
}

const satodimeIssuer = new X509Certificate(satochipDemoCertificates.satodime).publicKey;

function ofSatodime({ transcript }: CardEvidence): BareSignatures | undefined {
  const { challenge, handshake, certificate } = satochip.readConversation(transcript);
  if (challenge === undefined || certificate === undefined) return undefined;
  if (handshake?.cardSignature === undefined) return undefined;
  const { publicKey, tbs, signature } = parseCertificate(certificate);
  const der = true;
  return {
    ...none,
    cardKeyDer: Buffer.from(publicKey.spki),
    byCard: [
      { message: challengeMessage(challenge), signature: challenge.signature, der },
      { message: handshake.signedByCard, signature: handshake.cardSignature, der },
    ],
    byMaker: [{ key: satodimeIssuer, message: tbs, signature, der }],
    certificates: [],
    byPassingKeys: [
      {
        keyDers: [2, 3].map((sign) => derOf(concat(Uint8Array.of(sign), handshake.ephemeralX))),
        message: handshake.signedByEphemeral,
        signature: handshake.ephemeralSignature,
        der,
      },
    ],
  };
}

function isSignedBy(key: KeyObject, { message, signature, der }: Signed): boolean {
  const dsaEncoding = der === true ? 'der' : 'ieee-p1363';
  return verify('sha256', message, { key, dsaEncoding }, signature);
}

function isSignedAsIs({ message, signature, key }: Signed & { readonly key: Uint8Array }): boolean {
  return (
    message.length === 32 &&
    secp256k1.verify(signature, message, key, { prehash: false, lowS: false })
  );
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
