/**
 * From the raw exchange to what it proves. Pure: the same bytes give the same proof anywhere, at any
 * time. Only the identity key is ever proven; version, state and product are the card's word.
 */
import type { CardEvidence } from '../../evidence/evidence.ts';
import { attempt, check, fact } from '../check.ts';
import type { Proof, UsageSignal } from '../family.ts';
import { keyNumber } from '../key-number.ts';
import { platformOf } from '../platform.ts';
import {
  certificateOf,
  checkBehaviour,
  checkChain,
  checkLive,
  checkShownCertificate,
  versionOf,
} from './card-checks.ts';
import { keycard } from './constants.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { proveUsage } from './usage.ts';
import { formatVersion, pairingSlots } from './version.ts';

/** The whole check of one card, in the order of the protocol. Never throws for bad evidence. */
export function prove(evidence: CardEvidence): Proof {
  const conversation = attempt(() => readConversation(evidence.transcript));
  if (typeof conversation === 'string') return unreadable(evidence, conversation);
  const live = checkLive(evidence, conversation);
  const chain = checkChain(conversation);
  const certificate = certificateOf(conversation);
  const keyProven = certificate !== undefined && live.every(({ result }) => result === 'held');
  const version = versionOf(conversation);
  const usage = proveUsage(conversation);
  return {
    family: keycard.familyId,
    checks: [
      ...live,
      ...chain.checks,
      ...checkShownCertificate(conversation),
      ...checkBehaviour(conversation),
    ],
    ...(keyProven && {
      key: { curve: 'secp256k1', publicKey: certificate.key, perCard: true },
    }),
    ...(certificate && {
      shownKey: certificate.key,
      number: { value: keyNumber(certificate.key), authority: keyProven ? 'live' : 'reported' },
    }),
    ...(chain.issuers && { issuers: chain.issuers }),
    ...(isPresent(conversation) && { product: { value: 'keycard', authority: 'reported' } }),
    ...(version && { firmware: { value: formatVersion(version), authority: 'reported' } }),
    ...(usage && { usage }),
    ...platformOf(evidence.transcript),
    facts: buildFacts(conversation),
  };
}

function isPresent({ selected }: Conversation): boolean {
  // A bare refusal could be any card's.
  return selected.form !== 'refused' && selected.form !== 'uncertified';
}

/** 3.1.1 and 3.1.2 call themselves 3.1 as 3.1.0 does, and have more pairing slots. */
function buildFacts({ selected }: Conversation): UsageSignal[] {
  if (selected.form !== 'three' || pairingSlots(selected.version, selected.freeSlots) !== 100) {
    return [];
  }
  return [fact('applet-build', { builds: '3.1.1 or 3.1.2' })];
}

function unreadable(evidence: CardEvidence, detail: string): Proof {
  return {
    family: keycard.familyId,
    facts: [],
    ...platformOf(evidence.transcript),
    checks: [
      check('answers', 'live', 'unreadable', detail),
      check('chain', 'chain', 'missing', 'no answer could be read'),
    ],
  };
}
