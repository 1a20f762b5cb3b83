/** What is checked of the card itself: live signature, certificate, chip, keys, behaviour. */
import { concat, equal } from '../../bytes/bytes.ts';
import { type CardEvidence, expectedChallenge } from '../../evidence/evidence.ts';
import {
  compressedSecp256k1,
  compressSecp256k1,
  verifySecp256k1Der,
} from '../../trust/signature.ts';
import type { Certificate } from '../../trust/x509/certificate.ts';
import { check } from '../check.ts';
import type { CheckResult, ProofCheck } from '../family.ts';
import { chipObjects } from '../platform.ts';
import { challengeLabel, displayNames, Status, satochip } from './constants.ts';
import type { Conversation, Question, SignedChallenge } from './conversation.ts';
import { ephemeralKey, isVouchedFor } from './handshake.ts';
import { chipName } from './identity.ts';
import { describeSw } from './messages.ts';
import { formatVersion, isAtLeast, isTooOld, needsPin } from './status.ts';

/** The certificate as it was read: the parsed one, or why it could not be. */
export type ShownCertificate = Certificate | string | undefined;

/** What a card signs: its own challenge first. */
export function challengeMessage({ cardChallenge, challenge }: SignedChallenge): Uint8Array {
  return concat(satochip.challengePrefix, cardChallenge, challenge);
}

/** The signature over our challenge, by the key in the certificate. */
export function checkLive(
  evidence: CardEvidence,
  conversation: Conversation,
  shown: ShownCertificate,
): ProofCheck[] {
  const { challenge, certificate } = conversation;
  if (challenge === undefined || certificate?.length === 0) {
    const [result, detail] = whyUnsigned(conversation);
    return [check('challenge', 'live', result, detail)];
  }
  const expected = expectedChallenge(evidence, challengeLabel, satochip.challengeLength);
  if (expected === undefined || !equal(expected, challenge.challenge)) {
    const detail = 'challenge: answers another challenge than the expected one';
    return [check('challenge', 'live', 'foreign', detail)];
  }
  const bound = check('challenge', 'live', 'held', 'challenge: answers the expected challenge');
  const key = typeof shown === 'object' ? compressedSecp256k1(shown.publicKey) : undefined;
  if (key === undefined) {
    return [bound, check('signature', 'live', 'missing', 'no certificate names a key to check by')];
  }
  const holds = verifySecp256k1Der(key, challengeMessage(challenge), challenge.signature);
  return [
    bound,
    holds
      ? check('signature', 'live', 'held', 'challenge: signed by the key in the certificate')
      : check(
          'signature',
          'live',
          'refuted',
          'challenge: not signed by the key in the certificate',
        ),
  ];
}

/** Why there is nothing signed, worst reason first; what a person can do about it differs. */
function whyUnsigned(conversation: Conversation): [result: CheckResult, detail: string] {
  const { product, status, refused, certificate } = conversation;
  const name = displayNames[product];
  if (isTooOld(product, status)) {
    const version = status.version === undefined ? 'unknown' : formatVersion(status.version);
    return ['incapable', `version ${version}: no authenticity feature before 0.12`];
  }
  if (certificate?.length === 0) {
    return ['incapable', 'certificate: size 0, never personalised by the maker'];
  }
  if (status.version === undefined)
    return ['not-yet', `status: ${describeSw(Status.setupNotDone)}`];
  const pin = refused.get('pin');
  if (pin === Status.blocked) return ['locked', 'PIN: it is blocked'];
  if (pin !== undefined) return ['code-refused', `PIN: the card refused it, ${describeSw(pin)}`];
  for (const question of ['certificate', 'challenge'] as const) {
    const sw = refused.get(question);
    const detail = unanswered(conversation, question);
    if (sw === Status.unknownInstruction) return ['incapable', detail];
    if (sw === Status.setupNotDone) return ['not-yet', detail];
    if (sw === Status.unauthorized) return ['locked', detail];
    if (sw !== undefined) return ['missing', detail];
  }
  // What the card had to offer in the clear it must have offered, before anything excuses the rest.
  if (conversation.handshake === undefined) return ['missing', unanswered(conversation, 'channel')];
  if (needsPin(product) && !conversation.pinAccepted) {
    if (!status.setUp) return ['not-yet', `a ${name} signs only after its owner has set it up`];
    if (status.tries > 1) return ['locked', `a ${name} signs only after its PIN`];
    return status.tries === 0
      ? ['locked', 'PIN: no try is left, it is blocked']
      : ['locked', 'PIN: one try is left, which is never taken'];
  }
  return ['missing', unanswered(conversation, 'challenge')];
}

/** From the card's key to the maker, as far as it can be told without the maker's keys. */
export function checkChain(
  evidence: CardEvidence,
  conversation: Conversation,
  shown: ShownCertificate,
): ProofCheck[] {
  if (shown === undefined) {
    const empty = conversation.certificate !== undefined;
    const detail = empty ? 'certificate: size 0' : unanswered(conversation, 'certificate');
    return [check('certificate', 'chain', 'missing', detail)];
  }
  if (typeof shown === 'string') {
    return [check('certificate', 'chain', 'unreadable', `certificate: ${shown}`)];
  }
  if (compressedSecp256k1(shown.publicKey) === undefined) {
    const detail = `certificate key: ${shown.publicKey.algorithm}, secp256k1 expected`;
    return [check('certificate', 'chain', 'unreadable', detail)];
  }
  return [
    check('certificate', 'chain', 'held', 'certificate: it can be read and names a key'),
    checkChip(evidence, shown),
  ];
}

/**
 * The certificate is for one chip: without that, a key moved to another chip would pass. Nobody has seen
 * a card's certificate yet, and the chip's data are not signed, so a name that does not fit is no proof
 * of a fake: but such a card is never called genuine.
 */
function checkChip({ transcript }: CardEvidence, { subject }: Certificate): ProofCheck {
  const make = (result: CheckResult, detail: string) => check('chip', 'chain', result, detail);
  const name = subject.commonName?.toLowerCase();
  if (name === undefined || !/^[0-9a-f]{40}$/.test(name)) {
    return make('unreadable', 'certificate CN: 40 hex digits expected');
  }
  const objects = chipObjects(transcript);
  const expected = chipName(objects);
  const given = Object.keys(objects).length;
  if (name === expected) return make('held', `certificate CN: the chip's, by ${given} objects`);
  return given === 0
    ? make('missing', 'chip: it told nothing that the certificate could be compared with')
    : make('unfit', `certificate CN: ${name}, for this chip ${expected} expected`);
}

/** Everything else that names the card's key must name the one in the certificate. */
export function checkKeys(conversation: Conversation, shown: ShownCertificate): ProofCheck[] {
  const key = typeof shown === 'object' ? compressedSecp256k1(shown.publicKey) : undefined;
  if (key === undefined) return [];
  const { publicKey, handshake } = conversation;
  const told = publicKey && compressSecp256k1(publicKey);
  const side = (id: string, result: CheckResult, detail: string) =>
    check(id, 'side', result, detail);
  return [
    publicKey === undefined
      ? side('public-key', 'missing', unanswered(conversation, 'public-key'))
      : told !== undefined && equal(told, key)
        ? side('public-key', 'held', 'public key: the one in the certificate')
        : side('public-key', 'contradicted', 'public key: not the one in the certificate'),
    handshake === undefined
      ? side('channel-key', 'missing', unanswered(conversation, 'channel'))
      : isVouchedFor(handshake, key)
        ? side('channel-key', 'held', 'channel: signed by the key in the certificate')
        : side('channel-key', 'contradicted', 'channel: not signed by the key in the certificate'),
  ];
}

/** What no genuine card does: its status is unsigned, but what it does must fit it. */
export function checkBehaviour(conversation: Conversation): ProofCheck[] {
  const { product, status, handshake, certificate, challenge } = conversation;
  const hasAttested = challenge !== undefined || certificate !== undefined;
  const faults = [
    ...(handshake !== undefined && ephemeralKey(handshake) === undefined
      ? ['channel: not signed by the key that it shows']
      : []),
    ...(needsPin(product) && hasAttested && !status.setUp
      ? ['certificate: given, though the status says not set up']
      : []),
    ...(needsPin(product) && hasAttested && !conversation.pinAccepted
      ? ['certificate: given without a PIN']
      : []),
    ...(product === 'satochip' && status.seeded && !status.setUp
      ? ['status: seeded, and not set up']
      : []),
    ...(isTooOld(product, status) && hasAttested
      ? ['certificate: given by too old a version']
      : []),
  ];
  return [
    ...faults.map((fault) => check('behaviour', 'side', 'contradicted', fault)),
    ...checkUseTold(conversation),
  ];
}

/** Every card of a kind tells these, so one that does not holds something back. */
function checkUseTold(conversation: Conversation): ProofCheck[] {
  const { product, status, slots, secrets, pinAccepted } = conversation;
  const missing = (question: Question) => [
    check(question, 'side', 'missing', unanswered(conversation, question)),
  ];
  switch (product) {
    case 'satodime':
      return slots === undefined ? missing('slots') : [];
    case 'seedkeeper': {
      const isDue = pinAccepted && isAtLeast(status.version, [0, 2]);
      return isDue && secrets === undefined ? missing('secrets') : [];
    }
    case 'satochip':
      return [];
  }
}

/** Why there is no answer to a question, for the detail of a check. */
function unanswered({ refused }: Conversation, question: Question): string {
  const sw = refused.get(question);
  return sw === undefined
    ? `${question}: not asked`
    : `${question}: the card refused, ${describeSw(sw)}`;
}
