/**
 * From the raw exchange to what it proves. Pure: the same bytes give the same proof anywhere, at any
 * time. Whether the certificate is the maker's, and for the product that answered, is not decided here.
 */
import { equal } from '../../bytes/bytes.ts';
import type { CardEvidence } from '../../evidence/evidence.ts';
import { compressedSecp256k1, compressSecp256k1 } from '../../trust/signature.ts';
import { parseCertificate } from '../../trust/x509/certificate.ts';
import { attempt, check, fact } from '../check.ts';
import type { Proof, UsageSignal } from '../family.ts';
import { keyNumber } from '../key-number.ts';
import { platformOf } from '../platform.ts';
import {
  checkBehaviour,
  checkChain,
  checkKeys,
  checkLive,
  type ShownCertificate,
} from './card-checks.ts';
import { pathProfile, satochip } from './constants.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { authentikeys } from './handshake.ts';
import { formatVersion } from './status.ts';
import { proveUsage } from './usage.ts';

/** The whole check of one card, in the order of the protocol. Never throws for bad evidence. */
export function prove(evidence: CardEvidence): Proof {
  const conversation = attempt(() => readConversation(evidence.transcript));
  if (typeof conversation === 'string') return unreadable(evidence, conversation);
  const { certificate, product, status } = conversation;
  const shown: ShownCertificate =
    certificate === undefined || certificate.length === 0
      ? undefined
      : attempt(() => parseCertificate(certificate));
  const live = checkLive(evidence, conversation, shown);
  const key = typeof shown === 'object' ? compressedSecp256k1(shown.publicKey) : undefined;
  const isProven = key !== undefined && live.every(({ result }) => result === 'held');
  // Recovering keys from a signature is slow, and a certificate makes it needless.
  const told = key === undefined ? toldKey(conversation) : undefined;
  const shownKey = key ?? told;
  return {
    family: satochip.familyId,
    checks: [
      ...live,
      ...checkChain(evidence, conversation, shown),
      ...checkKeys(conversation, shown),
      ...checkBehaviour(conversation),
    ],
    ...(isProven && { key: { curve: 'secp256k1', publicKey: key, perCard: true } }),
    ...(shownKey && { shownKey }),
    ...(key && certificate && { shown: { certificates: [certificate], profile: pathProfile } }),
    product: { value: product, authority: 'reported' },
    ...(key && {
      number: { value: keyNumber(key), authority: isProven ? 'live' : 'reported' },
    }),
    ...(status.version && {
      firmware: { value: formatVersion(status.version), authority: 'reported' },
    }),
    usage: proveUsage(conversation),
    ...platformOf(evidence.transcript),
    facts: facts(conversation, told),
  };
}

/**
 * The key that the card goes by where it shows no certificate: the only one that can have signed its
 * channel, or the one of these that it names. Told, not proven: see handshake.ts.
 */
function toldKey({ handshake, publicKey }: Conversation): Uint8Array | undefined {
  const candidates = handshake === undefined ? [] : authentikeys(handshake);
  if (candidates.length === 1) return candidates[0];
  const named = publicKey && compressSecp256k1(publicKey);
  return candidates.find((each) => named !== undefined && equal(each, named));
}

function facts({ secrets }: Conversation, told: Uint8Array | undefined): UsageSignal[] {
  return [
    ...(told === undefined ? [] : [fact('authentikey', { key: keyNumber(told) })]),
    ...(secrets === undefined ? [] : [fact('secrets', { count: `${secrets.count}` })]),
  ];
}

function unreadable({ transcript }: CardEvidence, detail: string): Proof {
  return {
    family: satochip.familyId,
    facts: [],
    ...platformOf(transcript),
    checks: [
      check('answers', 'live', 'unreadable', detail),
      check('certificate', 'chain', 'missing', 'no answer could be read'),
    ],
  };
}
