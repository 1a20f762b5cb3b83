/**
 * What is checked of the card itself: the signature over our challenge, the cards that it lists as
 * linked, the signature of a wallet on early cards.
 *
 *   plain   SHA-256( challenge(16) salt(16) )
 *   full    SHA-256( challenge(16) salt(16) "BACKUP_CARDS" key key ... )     keys as written in D6
 *
 * The parts are merely joined, so the lengths decide what was signed. Were any salt taken, a full
 * answer would pass for a plain one whose salt has swallowed marker and keys, and a shell around a
 * card could hide a backup that somebody kept. Hence one salt length, and no salt with the marker.
 *
 * Sources: tangem-sdk-ios Operations/Attestation/AttestCardKeyCommand.swift,
 * AttestWalletKeyCommand.swift; tangem-sdk-android operations/attestation.
 */
import { createHash } from 'node:crypto';
import { concat, equal } from '../../bytes/bytes.ts';
import { sha256 } from '../../bytes/sha256.ts';
import { type CardEvidence, expectedChallenge } from '../../evidence/evidence.ts';
import { compressSecp256k1, verifyEd25519, verifySecp256k1 } from '../../trust/signature.ts';
import { check } from '../check.ts';
import type { CheckResult, ProofCheck } from '../family.ts';
import type { CardData, WalletProof } from './card-data.ts';
import { challengeLabel, Status, since, tangem } from './constants.ts';
import { type AttestAnswer, type Conversation, unanswered } from './conversation.ts';
import { isAtLeast } from './firmware.ts';

/** The signature over our challenge, by the key that the card shows. */
export function checkLive(evidence: CardEvidence, conversation: Conversation): ProofCheck[] {
  const { card, attest } = conversation;
  const live = (id: string, result: CheckResult, detail: string) =>
    check(id, 'live', result, detail);
  if (card === undefined) {
    return [live('challenge', withoutCard(conversation), unanswered(conversation, 'read', 'READ'))];
  }
  if (card.key === undefined) return [live('challenge', 'missing', 'tag 03: no card key')];
  if (attest === undefined) {
    const detail = unanswered(conversation, 'attest', 'ATTEST CARD KEY');
    return [live('challenge', withoutAnswer(conversation, card), detail)];
  }
  const expected = expectedChallenge(evidence, challengeLabel, tangem.challengeLength);
  if (expected === undefined || !equal(expected, attest.challenge)) {
    const detail = 'ATTEST CARD KEY: answers another challenge than the expected one';
    return [live('challenge', 'foreign', detail)];
  }
  const bound = live('challenge', 'held', 'ATTEST CARD KEY: answers the expected challenge');
  const salt = saltFault(attest.salt);
  if (salt !== undefined) return [bound, live('salt', salt.result, salt.detail)];
  return [
    bound,
    verifySecp256k1(card.key.compressed, attestMessage(attest), attest.signature)
      ? live('signature', 'held', 'ATTEST CARD KEY: signed by the card key')
      : live('signature', 'refuted', 'ATTEST CARD KEY: not signed by the card key it shows'),
  ];
}

/** The message that the card key signed. */
export function attestMessage({ challenge, salt, linked }: AttestAnswer): Uint8Array {
  const marked = linked.length > 0 ? [tangem.linkedCardsMarker, ...linked] : [];
  return concat(challenge, salt, ...marked);
}

/** The linked cards: listed when asked for, as many as the card says it has, each of them once. */
export function checkLinked({ card, attest }: Conversation): ProofCheck[] {
  if (card === undefined || attest?.full !== true) return [];
  const side = (result: CheckResult, detail: string) => [
    check('linked-cards', 'side', result, detail),
  ];
  if (attest.linked.length === 0) {
    return side('missing', 'tag D6: the linked cards were asked for and not listed');
  }
  const keys = linkedKeys(attest);
  if (keys === undefined) return side('unreadable', 'tag D6: not a key on secp256k1');
  const own = card.key?.compressed;
  const all = own === undefined ? keys : [own, ...keys];
  if (new Set(all.map((key) => Buffer.from(key).toString('hex'))).size < all.length) {
    return side('contradicted', 'tag D6: the same card twice, or the card itself');
  }
  if (keys.length !== card.backupCount) {
    const detail = `tag D6: ${keys.length} linked cards signed, tag D1 says ${card.backupCount}`;
    return side('contradicted', detail);
  }
  return side('held', `tag D6: ${keys.length} linked cards, as tag D1 says`);
}

/** Keys of the linked cards, compressed; undefined when one of them is no key. */
export function linkedKeys({ linked }: AttestAnswer): readonly Uint8Array[] | undefined {
  const keys = linked.map(compressSecp256k1);
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

/**
 * Early cards show their wallet's key with a signature over a challenge of their own making: worth
 * nothing against a copy, but where it is wrong, the answer was put together.
 */
export function checkWallet({ card }: Conversation): ProofCheck[] {
  const proof = card?.wallet?.proof;
  // Of other curves no answer was ever seen, so none is judged.
  if (proof === undefined || !['secp256k1', 'ed25519'].includes(proof.curve ?? 'secp256k1')) {
    return [];
  }
  return [
    walletSignatureHolds(proof)
      ? check('wallet-signature', 'side', 'held', 'tag 61: signed by the wallet key')
      : check('wallet-signature', 'side', 'refuted', 'tag 61: not signed by the wallet key shown'),
  ];
}

/** Fields that have not their form: what they should have told is not known. */
export function checkForms({ card }: Conversation): ProofCheck[] {
  return (card?.odd ?? []).map((fault) => check('form', 'side', 'unreadable', fault));
}

/**
 * Every slot that the card says it has must have been listed: a hidden one may be in use. No card of
 * these versions has none.
 */
export function checkWalletList(conversation: Conversation): ProofCheck[] {
  const { card, slots } = conversation;
  if (card === undefined || !isAtLeast(card.firmware, since.walletsList)) return [];
  if (slots.length === card.walletsCount && slots.length > 0) return [];
  const why = unanswered(conversation, 'wallets', 'READ of the wallets');
  const detail = `${slots.length} of ${card.walletsCount} wallet slots listed; ${why}`;
  return [check('wallets', 'side', 'missing', detail)];
}

function withoutCard({ open, codeSent }: Conversation): CheckResult {
  const sw = open.get('read');
  if (codeSent && typeof sw === 'number') {
    return sw === Status.encryptionNeeded ? 'locked' : 'code-refused';
  }
  const isCode = sw === Status.invalidParams || sw === Status.accessCodeNeeded;
  return isCode ? 'locked' : 'missing';
}

function withoutAnswer({ open, codeSent }: Conversation, card: CardData): CheckResult {
  const sw = open.get('attest');
  if (typeof sw !== 'number') return 'missing';
  const ofCode: readonly number[] = [Status.accessCodeNeeded, Status.accessDenied];
  const hasCode = isAtLeast(card.firmware, since.accessCodeFlag) && !card.accessCodeIsDefault;
  if (ofCode.includes(sw) || (sw === Status.invalidParams && (hasCode || codeSent))) {
    return codeSent ? 'code-refused' : 'locked';
  }
  // It wants a channel, which would have to be keyed with a code that was used before.
  if (codeSent && sw === Status.encryptionNeeded) return 'locked';
  return card.needsActivation ? 'not-yet' : 'missing';
}

function saltFault(salt: Uint8Array): { result: CheckResult; detail: string } | undefined {
  if (Buffer.from(salt).includes(Buffer.from(tangem.linkedCardsMarker))) {
    return {
      result: 'refuted',
      detail:
        'tag 17: a list of linked cards is hidden in it; somebody may hold backups of this card',
    };
  }
  if (salt.length === tangem.saltLength) return undefined;
  const detail = `tag 17: a salt of ${salt.length} bytes, ${tangem.saltLength} expected`;
  return { result: 'unreadable', detail };
}

/** secp256k1 over SHA-256; Ed25519 over SHA-512 of the message, and over SHA-256 on early cards. */
function walletSignatureHolds({ publicKey, challenge, salt, signature }: WalletProof): boolean {
  const message = concat(challenge, salt);
  if (publicKey.length !== 32) {
    const key = compressSecp256k1(publicKey);
    return key !== undefined && verifySecp256k1(key, message, signature);
  }
  const digests = [createHash('sha512').update(message).digest(), sha256(message)];
  return digests.some((digest) => verifyEd25519(publicKey, digest, signature));
}
