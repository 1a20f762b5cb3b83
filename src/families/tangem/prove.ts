/**
 * From the raw exchange to what it proves. Pure: the same bytes give the same proof anywhere, at
 * any time. Whether the keys are the maker's is not decided here.
 */
import { toHex } from '../../bytes/hex.ts';
import type { CardEvidence } from '../../evidence/evidence.ts';
import { attempt, check, fact } from '../check.ts';
import type { Proof, ProofCheck, UsageSignal } from '../family.ts';
import { platformOf } from '../platform.ts';
import {
  checkForms,
  checkLinked,
  checkLive,
  checkWallet,
  checkWalletList,
  linkedKeys,
} from './card-checks.ts';
import type { CardData } from './card-data.ts';
import { checkChain } from './chain.ts';
import { tangem } from './constants.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { proveUsage } from './usage.ts';

/** The whole check of one card, in the order of the protocol. Never throws for bad evidence. */
export function prove(evidence: CardEvidence): Proof {
  const conversation = attempt(() => readConversation(evidence.transcript));
  if (typeof conversation === 'string') {
    return bare([check('answers', 'live', 'unreadable', conversation), noCard]);
  }
  const live = checkLive(evidence, conversation);
  const { card } = conversation;
  if (card === undefined) return bare([...live, noCard]);
  const linked = checkLinked(conversation);
  const chain = checkChain(evidence, card);
  const keyProven = live.every((entry) => entry.result === 'held');
  const set = keyProven && allHeld(linked) ? setOf(conversation, card) : undefined;
  const usage = proveUsage(conversation, card, set === undefined ? 0 : set.length - 1);
  return {
    family: tangem.familyId,
    checks: [
      ...live,
      ...chain.checks,
      ...linked,
      ...checkWallet(conversation),
      ...checkWalletList(conversation),
      ...checkForms(conversation),
    ],
    ...(keyProven &&
      card.key && { key: { curve: 'secp256k1', publicKey: card.key.compressed, perCard: true } }),
    ...(card.key && { shownKey: card.key.compressed }),
    namedKeys: [card.issuerKey?.compressed, card.manufacturerKey].filter(
      (key) => key !== undefined,
    ),
    ...(chain.issuer && { issuers: [chain.issuer] }),
    ...(chain.topSignature && { topSignature: chain.topSignature }),
    ...(card.cardIdSignature && { numberSignature: card.cardIdSignature }),
    ...(set && { set }),
    ...(card.batch !== undefined && { batch: { value: card.batch, authority: 'reported' } }),
    number: { value: printedId(card.cardId), authority: 'reported' },
    ...(card.firmware.text !== '' && {
      firmware: { value: card.firmware.text, authority: 'reported' },
    }),
    usage,
    ...platformOf(evidence.transcript),
    facts: factsOf(card),
  };
}

const noCard = check('chain', 'chain', 'missing', 'no card key was read');

/** A card ID as it is printed: groups of four digits. */
export function printedId(cardId: Uint8Array): string {
  return (toHex(cardId).toUpperCase().match(/.{4}/g) ?? []).join(' ');
}

/** This card and those linked to it; the same list on each card of a set. */
function setOf({ attest }: Conversation, card: CardData): readonly Uint8Array[] | undefined {
  if (attest === undefined || attest.linked.length === 0 || card.key === undefined)
    return undefined;
  const keys = [card.key.compressed, ...(linkedKeys(attest) ?? [])];
  return keys.toSorted((a, b) => Buffer.compare(a, b));
}

function allHeld(checks: readonly ProofCheck[]): boolean {
  return checks.every((entry) => entry.result === 'held');
}

function factsOf({ batch, made, issuerName, needsActivation }: CardData): UsageSignal[] {
  return [
    ...(batch === undefined || made === undefined ? [] : [fact('batch', { batch, made })]),
    ...(issuerName === undefined ? [] : [fact('issuer-name', { name: issuerName })]),
    ...(needsActivation ? [fact('needs-activation', {})] : []),
  ];
}

function bare(checks: readonly ProofCheck[]): Proof {
  return { family: tangem.familyId, checks, facts: [] };
}
