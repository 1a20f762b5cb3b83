/**
 * From the raw exchange to what it proves. Pure: the same bytes give the same proof anywhere, at
 * any time. Whether the key at the end of the chain is the maker's is not decided here.
 */
import type { CardEvidence, UrlEvidence } from '../../evidence/evidence.ts';
import { attempt, check, fact } from '../check.ts';
import type { Authority, Proof, UsageSignal } from '../family.ts';
import { platformOf } from '../platform.ts';
import { checkBehaviour, checkChain, checkLive, checkSlot } from './card-checks.ts';
import { tap } from './constants.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { cardNumber, witnessAddress } from './identity.ts';
import { linkSigner, parseLink } from './link.ts';
import { checkLink } from './link-checks.ts';
import { network, signsSlotKey } from './status.ts';
import { proveUsage } from './usage.ts';

/** The whole check of one card, in the order of the protocol. Never throws for bad evidence. */
export function prove(evidence: CardEvidence): Proof {
  const conversation = attempt(() => readConversation(evidence.transcript));
  if (typeof conversation === 'string') return unreadable(conversation);
  const { status } = conversation;
  const slotChecks = checkSlot(evidence, conversation);
  const chain = checkChain(conversation);
  const { link, checks: linkChecks } = checkLink(conversation);
  const checks = [
    ...checkLive(evidence, conversation),
    ...chain.checks,
    ...slotChecks,
    ...linkChecks,
    ...checkBehaviour(conversation),
  ];

  const keyProven = checks
    .filter((entry) => entry.role === 'live')
    .every((entry) => entry.result === 'held');
  const slotProven =
    keyProven &&
    signsSlotKey(status) &&
    conversation.read !== undefined &&
    slotChecks.every((entry) => entry.result === 'held');
  const slotAuthority = slotProven ? 'live' : 'reported';
  return {
    family: tap.familyId,
    checks,
    ...(keyProven && {
      key: { curve: 'secp256k1', publicKey: status.publicKey, perCard: true },
    }),
    shownKey: status.publicKey,
    ...(chain.issuers && { issuers: chain.issuers }),
    // Only a SATSCARD signs its slot key, so only there does a signature tell the product.
    product: { value: status.product, authority: slotAuthority },
    number: { value: cardNumber(status.publicKey), authority: keyProven ? 'live' : 'reported' },
    firmware: { value: status.version, authority: 'reported' },
    usage: proveUsage(conversation, slotAuthority, link),
    ...platformOf(evidence.transcript),
    facts: [
      ...slotFacts(conversation, slotAuthority),
      fact('birth', { height: `${status.birth}` }),
    ],
  };
}

/**
 * A tap link by itself: some key signed it at some time. Nothing answers our challenge and nothing
 * chains to the maker, so it proves neither presence nor origin; and since somebody may have typed
 * it, a wrong one says nothing against a card.
 */
export function proveUrl(evidence: UrlEvidence): Proof {
  const missing = [
    check('challenge', 'live', 'replayable', 'a link answers no challenge of ours'),
    check('chain', 'chain', 'missing', 'a link carries no certificates'),
  ];
  const nothing = { family: tap.familyId, facts: [] };
  const link = attempt(() => parseLink(evidence.url));
  if (typeof link === 'string') {
    return { ...nothing, checks: [...missing, check('link', 'side', 'unreadable', link)] };
  }
  const signer = linkSigner(link);
  if (signer === undefined) {
    const detail = 'link: not signed by the key that it names';
    const nobody = check('challenge', 'live', 'missing', detail);
    const wrong = check('link', 'side', 'contradicted', detail);
    return { ...nothing, checks: [nobody, ...missing.slice(1), wrong] };
  }
  const held = check('link', 'side', 'held', 'signed by the key that it names; can be replayed');
  const isSlot = link.kind === 'satscard';
  return {
    family: tap.familyId,
    checks: [...missing, held],
    ...(isSlot
      ? {}
      : { shownKey: signer, number: { value: cardNumber(signer), authority: 'reported' } }),
    facts: [
      fact(`link-${isSlot ? 'slot' : 'key'}-${link.state}`, { slot: `${(link.slot ?? 0) + 1}` }),
      ...(isSlot ? [fact('slot-address', { address: witnessAddress(signer, 'bc') })] : []),
    ],
  };
}

/** The address to which money for the active slot goes: worth as much as the slot's signatures. */
function slotFacts({ status, read }: Conversation, authority: Authority): UsageSignal[] {
  if (status.product !== 'satscard' || read === undefined) return [];
  const address = witnessAddress(read.publicKey, network(status));
  return [{ ...fact('slot-address', { address }), authority }];
}

function unreadable(detail: string): Proof {
  return {
    family: tap.familyId,
    facts: [],
    checks: [
      check('answers', 'live', 'unreadable', detail),
      check('chain', 'chain', 'missing', 'no answer could be read'),
    ],
  };
}
