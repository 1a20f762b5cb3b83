/**
 * The maker's chain, which is not on the card but on the maker's server:
 *
 *   maker's key  signs  issuer's data key, compressed (33 bytes)         manufacturer signature
 *   issuer's key signs  card key, in the form in which the card wrote it       issuer signature
 *
 * Both are ECDSA over secp256k1 with SHA-256, r and s in 64 bytes; high s occurs. The issuer's key is
 * read from the card (tag 30). Which of the maker's keys signed it, the signature does not tell:
 * that is for the registry. Measured on a card of 3.05r, which writes its key in 65 bytes; for the
 * cards that write 33 it is not confirmed which form is signed, so both are tried.
 *
 * Source: tangem-sdk-android operations/attestation/verification/OnlineAttestationVerifier.kt.
 */
import type { Attachment, CardEvidence } from '../../evidence/evidence.ts';
import { type Statement, uncompressSecp256k1, verifySecp256k1 } from '../../trust/signature.ts';
import { check } from '../check.ts';
import type { CheckResult, ProofCheck } from '../family.ts';
import type { CardData, WrittenKey } from './card-data.ts';
import { attachmentKind, tangem } from './constants.ts';
import { explainRefusal } from './endorser.ts';

export interface ChainCheck {
  readonly checks: readonly ProofCheck[];
  /** The issuer's key, compressed, and the maker's signature over it; present when all held. */
  readonly issuer?: Uint8Array;
  readonly topSignature?: Statement;
}

/** From the card's key outwards. Whose key is at the end is for the appraisal to judge. */
export function checkChain({ attachments }: CardEvidence, card: CardData): ChainCheck {
  const issuerSignature = attached(attachments, attachmentKind.issuerSignature, 'issuer');
  if (!(issuerSignature instanceof Uint8Array)) return issuerSignature;
  const kind = attachmentKind.manufacturerSignature;
  const manufacturerSignature = attached(attachments, kind, 'manufacturer');
  if (!(manufacturerSignature instanceof Uint8Array)) return manufacturerSignature;
  const { key, issuerKey } = card;
  if (key === undefined) return stop('missing', 'tag 03: no card key');
  if (issuerKey === undefined) return stop('missing', 'tag 30: the card names no issuer');
  const form = signedForm(issuerKey.compressed, key, issuerSignature);
  if (form === undefined) {
    return stop('refuted', 'issuer signature: not by the issuer that the card names over its key');
  }
  return {
    checks: [check('chain', 'chain', 'held', `issuer signature: over the card key, ${form}`)],
    issuer: issuerKey.compressed,
    topSignature: { message: issuerKey.compressed, signature: manufacturerSignature },
  };
}

/** Which form of the card key was signed. */
function signedForm(
  issuer: Uint8Array,
  { written, compressed }: WrittenKey,
  signature: Uint8Array,
): string | undefined {
  if (verifySecp256k1(issuer, written, signature)) return `${written.length} bytes as written`;
  const other = written.length === 33 ? uncompressSecp256k1(compressed) : compressed;
  const holds = other !== undefined && verifySecp256k1(issuer, other, signature);
  return holds ? `${other.length} bytes, the card writes ${written.length}` : undefined;
}

/** The one signature of a kind, or why there is none to check. */
function attached(
  attachments: readonly Attachment[],
  kind: string,
  name: string,
): Uint8Array | ChainCheck {
  const [found, another] = attachments.filter((item) => item.kind === kind);
  if (found === undefined) return unattached(attachments, name);
  if (another !== undefined) return stop('unreadable', `${name} signature: attached twice`);
  const { length } = found.data;
  if (length === tangem.signatureLength) return found.data;
  return stop(
    'unreadable',
    `${name} signature: ${length} bytes, ${tangem.signatureLength} expected`,
  );
}

function unattached(attachments: readonly Attachment[], name: string): ChainCheck {
  const refusal = attachments.findLast((item) => item.kind === attachmentKind.refusal);
  if (refusal === undefined) return stop('unattached', `${name} signature: not attached`);
  const { withheld, words } = explainRefusal(refusal.data);
  return stop(withheld ? 'withheld' : 'unattached', words);
}

function stop(result: CheckResult, detail: string): ChainCheck {
  return { checks: [check('chain', 'chain', result, detail)] };
}
