/** What is checked of the card: live signature, chain, and whether what it says fits what it does. */
import { formatSw } from '../../apdu/response.ts';
import { equal } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { type CardEvidence, expectedChallenge } from '../../evidence/evidence.ts';
import { verifySecp256k1Der, verifySecp256k1Digest } from '../../trust/signature.ts';
import { check } from '../check.ts';
import type { CheckResult, ProofCheck } from '../family.ts';
import { type Certificate, issuerOf } from './certificate.ts';
import { challengeLabels, keycard, Status } from './constants.ts';
import type { Conversation } from './conversation.ts';
import { channelMessage, isRefusal } from './messages.ts';
import { formatVersion, identityOf, type Version } from './version.ts';

const uncertified = 'no certificate was loaded: not personalised by the maker';

/** The version that the card tells; undefined where neither applet does. */
export function versionOf({ selected, cashVersion }: Conversation): Version | undefined {
  return selected.form === 'three' || selected.form === 'four' ? selected.version : cashVersion;
}

/** The certificate that the card wants to be known by. */
export function certificateOf({ selected, identified }: Conversation): Certificate | undefined {
  if (selected.form === 'four') return selected.certificate;
  const answer = identified?.answer;
  return answer === undefined || isRefusal(answer) ? undefined : answer.certificate;
}

/** The signature over our challenge, by the key of the certificate. */
export function checkLive(evidence: CardEvidence, conversation: Conversation): ProofCheck[] {
  const { selected } = conversation;
  switch (selected.form) {
    case 'refused':
      return [unsigned('missing', `SELECT: ${formatSw(selected.sw)}`)];
    case 'uncertified':
      return [unsigned('incapable', uncertified)];
    case 'blank':
    case 'three':
      return checkIdentified(evidence, conversation);
    case 'four':
      return checkOpened(evidence, conversation);
  }
}

function checkIdentified(evidence: CardEvidence, conversation: Conversation): ProofCheck[] {
  const { identified } = conversation;
  const version = versionOf(conversation);
  if (identified === undefined) return [unsigned(...unanswered(undefined, version))];
  const { challenge, answer } = identified;
  if (isRefusal(answer)) return [unsigned(...unanswered(answer.sw, version))];
  if (!isExpected(evidence, 'identify', challenge)) return [foreign('IDENTIFY')];
  const holds = verifySecp256k1Digest(answer.certificate.key, challenge, answer.signature);
  return [bound('IDENTIFY'), signed('IDENTIFY', holds)];
}

/** @param sw of a refusal; left out where IDENTIFY was not asked */
function unanswered(
  sw: number | undefined,
  version: Version | undefined,
): [result: CheckResult, detail: string] {
  if (sw === Status.conditions) return ['incapable', uncertified];
  const isOld = version !== undefined && identityOf(version) === 'none';
  const isUntold = version === undefined && sw === Status.unknownInstruction;
  if (isOld || isUntold) {
    const name = version === undefined ? '3.0 or older' : formatVersion(version);
    return ['incapable', `applet ${name}: holds no identity`];
  }
  return ['missing', `IDENTIFY: ${sw === undefined ? 'not asked' : formatSw(sw)}`];
}

function checkOpened(evidence: CardEvidence, conversation: Conversation): ProofCheck[] {
  const { opened } = conversation;
  const certificate = certificateOf(conversation);
  if (certificate === undefined) return [unsigned('incapable', uncertified)];
  if (opened === undefined) return [unsigned('missing', 'OPEN SECURE CHANNEL: not asked')];
  const { salt, clientKey, answer } = opened;
  if (isRefusal(answer)) {
    return [unsigned('missing', `OPEN SECURE CHANNEL: ${formatSw(answer.sw)}`)];
  }
  if (!isExpected(evidence, 'channel', salt)) return [foreign('OPEN SECURE CHANNEL')];
  const message = channelMessage(salt, clientKey, answer.cardKey);
  const holds = verifySecp256k1Der(certificate.key, message, answer.signature);
  return [bound('OPEN SECURE CHANNEL'), signed('OPEN SECURE CHANNEL', holds)];
}

/** From the identity key to whoever signed it. Whether that is the maker, the appraisal decides. */
export function checkChain(conversation: Conversation): {
  checks: ProofCheck[];
  issuers?: readonly Uint8Array[];
} {
  const certificate = certificateOf(conversation);
  if (certificate === undefined) {
    return { checks: [check('chain', 'chain', 'missing', 'the card shows no certificate')] };
  }
  const issuer = issuerOf(certificate);
  if (issuer === undefined) {
    const detail = "certificate: its signature is nobody's";
    return { checks: [check('chain', 'chain', 'refuted', detail)] };
  }
  const detail = `certificate: signed by ${toHex(issuer)}`;
  return { checks: [check('chain', 'chain', 'held', detail)], issuers: [issuer] };
}

/**
 * The version is unsigned, but versions behave differently: what the card does must fit what it says
 * it is. That it fits proves no version: a forger who asks a 3.x card to sign what a 4.0 applet would
 * sign has it all consistent.
 */
export function checkBehaviour(conversation: Conversation): ProofCheck[] {
  const version = versionOf(conversation);
  const faults = [
    ...formFaults(conversation),
    ...(version === undefined ? [] : identifyFaults(conversation, version)),
    ...cashFaults(conversation),
  ];
  if (faults.length > 0) {
    return faults.map((fault) => check('behaviour', 'side', 'contradicted', fault));
  }
  if (version === undefined) return [];
  return [
    check('behaviour', 'side', 'held', `nothing contradicts version ${formatVersion(version)}`),
  ];
}

/** The identification applet reads the same memory, so its certificate is the same, or is not there. */
export function checkShownCertificate(conversation: Conversation): ProofCheck[] {
  const { shownCertificate } = conversation;
  if (shownCertificate === undefined) return [];
  const used = certificateOf(conversation);
  const make = (result: CheckResult, detail: string) => [
    check('identification', 'side', result, `identification applet: ${detail}`),
  ];
  if (used === undefined) {
    const says = saysUncertified(conversation);
    return says ? make('contradicted', 'holds a certificate, which the card denies') : [];
  }
  return equal(used.bytes, shownCertificate.bytes)
    ? make('held', 'the same certificate')
    : make('contradicted', 'another certificate than the one used');
}

function saysUncertified({ selected, identified }: Conversation): boolean {
  const answer = identified?.answer;
  const isRefused = answer !== undefined && isRefusal(answer) && answer.sw === Status.conditions;
  return isRefused || selected.form === 'uncertified' || selected.form === 'four';
}

/** From 4.0 on the answer to SELECT has another form, and a blank card has it, too. */
function formFaults(conversation: Conversation): string[] {
  const version = versionOf(conversation);
  if (version === undefined) return [];
  const { form } = conversation.selected;
  const isFour = identityOf(version) === 'channel';
  return (form === 'four') === isFour
    ? []
    : [`SELECT: not in the form of ${formatVersion(version)}`];
}

function identifyFaults({ identified }: Conversation, version: Version): string[] {
  if (identified === undefined) return [];
  const { answer } = identified;
  const name = formatVersion(version);
  const refused = isRefusal(answer) ? answer.sw : undefined;
  switch (identityOf(version)) {
    case 'none':
      return refused === undefined ? [`IDENTIFY: answered, unlike ${name}`] : [];
    case 'identify':
      return refused === Status.unknownInstruction ? [`IDENTIFY: 6D00, unlike ${name}`] : [];
    case 'channel':
      return refused === undefined ? [`IDENTIFY: answered, unlike ${name}`] : [];
  }
}

/** One package holds all applets, so they are of one version. */
function cashFaults({ selected, cashVersion }: Conversation): string[] {
  if (cashVersion === undefined || (selected.form !== 'three' && selected.form !== 'four')) {
    return [];
  }
  const [own, other] = [selected.version, cashVersion].map(formatVersion);
  return own === other ? [] : [`cash applet: version ${other}, not ${own}`];
}

function isExpected(
  evidence: CardEvidence,
  question: keyof typeof challengeLabels,
  got: Uint8Array,
): boolean {
  const expected = expectedChallenge(evidence, challengeLabels[question], keycard.challengeLength);
  // An imported file names its challenges itself: a shorter one would be another digest.
  return expected?.length === keycard.challengeLength && equal(expected, got);
}

function unsigned(result: CheckResult, detail: string): ProofCheck {
  return check('challenge', 'live', result, detail);
}

function bound(question: string): ProofCheck {
  return check('challenge', 'live', 'held', `${question}: answers the expected challenge`);
}

function foreign(question: string): ProofCheck {
  const detail = `${question}: answers another challenge than the expected one`;
  return check('challenge', 'live', 'foreign', detail);
}

function signed(question: string, holds: boolean): ProofCheck {
  return holds
    ? check('signature', 'live', 'held', `${question}: signed by the key of the certificate`)
    : check(
        'signature',
        'live',
        'refuted',
        `${question}: not signed by the key of the certificate`,
      );
}
