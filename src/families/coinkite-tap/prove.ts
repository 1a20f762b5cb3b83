/**
 * From the raw exchange to what it proves. Pure: the same bytes give the same proof anywhere, at
 * any time. Whether the key at the end of the chain is the maker's is not decided here.
 */
import { equal } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import { type CardEvidence, expectedChallenge, type UrlEvidence } from '../../evidence/evidence.ts';
import { verifySecp256k1 } from '../../trust/signature.ts';
import type { CheckResult, CheckRole, Proof, ProofCheck, UsageSignal } from '../family.ts';
import { walkChain } from './chain.ts';
import { firstVersion, tap } from './constants.ts';
import { type Conversation, readConversation, type SignedAnswer } from './conversation.ts';
import { cardNumber, witnessAddress } from './identity.ts';
import { linkNames, linkSignedBy, linkSigner, parseLink, type TapLink } from './link.ts';
import { checkMessage, readMessage } from './signed-messages.ts';
import { signsSlotKey, type TapStatus } from './status.ts';
import { proveUsage } from './usage.ts';

/** The whole check of one card, in the order of the protocol. Never throws for bad evidence. */
export function prove(evidence: CardEvidence): Proof {
  const conversation = attempt(() => readConversation(evidence.transcript));
  if (typeof conversation === 'string') {
    return { family: tap.familyId, facts: [], checks: unreadable(conversation) };
  }
  const { status } = conversation;
  const slot = checkSlot(evidence, conversation);
  const live = checkLive(evidence, conversation);
  const chain = checkChain(conversation);
  const { link, checks: linkChecks } = checkLink(conversation);
  const checks = [
    ...live,
    ...chain.checks,
    ...slot,
    ...linkChecks,
    ...checkVersionBehaviour(conversation),
  ];

  const keyProven = live.every((check) => check.result === 'held');
  const slotProven =
    keyProven &&
    signsSlotKey(status) &&
    conversation.read !== undefined &&
    slot.every((check) => check.result === 'held');
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
    number: {
      value: cardNumber(status.publicKey),
      authority: keyProven ? 'live' : 'reported',
    },
    firmware: { value: status.version, authority: 'reported' },
    usage: proveUsage(conversation, slotAuthority, link),
    facts: [fact('birth', { height: `${status.birth}` })],
  };
}

/**
 * A tap link by itself: some key signed it at some time. Nothing answers our challenge and nothing
 * chains to the maker, so it proves neither presence nor origin.
 */
export function proveUrl(evidence: UrlEvidence): Proof {
  const missing = [
    check('challenge', 'live', 'replayable', 'a link answers no challenge of ours'),
    check('chain', 'chain', 'missing', 'a link carries no certificates'),
  ];
  const link = attempt(() => parseLink(evidence.url));
  if (typeof link === 'string') {
    const form = check('link', 'side', 'unreadable', link);
    return { family: tap.familyId, facts: [], checks: [...missing, form] };
  }
  const signer = linkSigner(link);
  if (signer === undefined) {
    const wrong = check('link', 'side', 'refuted', 'no key that the link names has signed it');
    return { family: tap.familyId, facts: [], checks: [...missing, wrong] };
  }
  const held = check('link', 'side', 'held', 'signed by the key that it names; can be replayed');
  const isSlot = link.kind === 'satscard';
  return {
    family: tap.familyId,
    checks: [...missing, held],
    ...(isSlot ? {} : { shownKey: signer }),
    number: {
      value: isSlot ? witnessAddress(signer, 'bc') : cardNumber(signer),
      authority: 'reported',
    },
    facts: [
      fact(`link-${isSlot ? 'slot' : 'key'}-${link.state}`, {
        slot: `${(link.slot ?? 0) + 1}`,
        nonce: link.cardNonce,
      }),
    ],
  };
}

function checkLive(evidence: CardEvidence, conversation: Conversation): ProofCheck[] {
  const { status, check: answer, read, refused } = conversation;
  if (answer === undefined) {
    const detail = `check: ${refused.get('check') ?? 'not asked'}, a signature expected`;
    return [check('challenge', 'live', 'missing', detail)];
  }
  if (!answers(evidence, 'check', answer)) return [foreign('check')];
  const bound = check('challenge', 'live', 'held', 'check: answers the challenge of this session');
  if (signsSlotKey(status) && read === undefined) {
    const detail = `read: ${refused.get('read') ?? 'not asked'}; check covers the slot key`;
    return [bound, check('signature', 'live', 'missing', detail)];
  }
  const slotKey = signsSlotKey(status) ? read?.publicKey : undefined;
  const holds = verifySecp256k1(status.publicKey, checkMessage(answer, slotKey), answer.signature);
  return [
    bound,
    holds
      ? check('signature', 'live', 'held', 'check: signed by the card key')
      : check('signature', 'live', 'refuted', 'check: not signed by the card key it shows'),
  ];
}

function checkChain(conversation: Conversation): {
  checks: ProofCheck[];
  issuers?: readonly Uint8Array[];
} {
  const { status, certs, refused } = conversation;
  if (certs === undefined) {
    const detail = `certs: ${refused.get('certs') ?? 'not asked'}, a chain expected`;
    return { checks: [check('chain', 'chain', 'missing', detail)] };
  }
  const walk = walkChain(status.publicKey, certs.chain);
  if (walk.issuers === undefined) {
    return { checks: [check('chain', 'chain', 'refuted', walk.fault)] };
  }
  const detail = `certificates: ${certs.chain.length} links walked`;
  return { checks: [check('chain', 'chain', 'held', detail)], issuers: walk.issuers };
}

/** SATSCARD: the slot key signs the slot's number, and the address shown belongs to it. */
function checkSlot(evidence: CardEvidence, conversation: Conversation): ProofCheck[] {
  const { status, read } = conversation;
  if (status.product !== 'satscard' || read === undefined) return [];
  if (!answers(evidence, 'read', read)) return [foreign('read')];
  const message = readMessage(read, status.activeSlot ?? 0);
  const holds = verifySecp256k1(read.publicKey, message, read.signature);
  const address = witnessAddress(read.publicKey, status.testnet ? 'tb' : 'bc');
  const shown = `${address.slice(0, 12)}___${address.slice(-12)}`;
  return [
    holds
      ? check('slot-signature', 'side', 'held', 'read: the slot key signed its slot number')
      : check('slot-signature', 'side', 'refuted', 'read: not signed by the slot key it shows'),
    shown === status.address
      ? check('slot-address', 'side', 'held', 'addr: belongs to the slot key')
      : check('slot-address', 'side', 'contradicted', `addr: ${status.address}, ${shown} expected`),
  ];
}

/** The tap link must come from the same card and tell the same story as `status`. */
function checkLink(conversation: Conversation): { checks: ProofCheck[]; link?: TapLink } {
  const { status, link: url } = conversation;
  // What a card whose first slot was never used shows is documented nowhere: nothing to compare.
  const blank = status.product === 'satscard' && !status.activeSlot && !status.address;
  if (url === undefined || blank) return { checks: [] };
  const link = attempt(() => parseLink(url));
  if (typeof link === 'string') return { checks: [check('link', 'side', 'unreadable', link)] };
  const signer = linkKey(conversation, link);
  if (signer === undefined || !linkSignedBy(link, signer)) {
    return { checks: [check('link', 'side', 'refuted', 'nfc: not signed by this card')] };
  }
  const expected = expectedLink(status);
  const got = `${link.kind} ${link.state} ${link.slot ?? '-'}`;
  const story = [expected, expected.replace(/ [SU] /, ' E ')].includes(got)
    ? check('link-state', 'side', 'held', `nfc: ${got}, as status says`)
    : check('link-state', 'side', 'contradicted', `nfc: ${got}, status says ${expected}`);
  return { checks: [check('link', 'side', 'held', 'nfc: signed by this card'), story], link };
}

/** Whose signature the link must carry: known beforehand, never taken from the link itself. */
function linkKey(conversation: Conversation, link: TapLink): Uint8Array | undefined {
  const { status, read, dumps } = conversation;
  const key =
    status.product !== 'satscard'
      ? status.publicKey
      : status.address !== undefined
        ? read?.publicKey
        : (dumps.find((dump) => dump.slot === link.slot)?.publicKey ?? linkSigner(link));
  return key !== undefined && linkNames(link, key) ? key : undefined;
}

function expectedLink(status: TapStatus): string {
  if (status.product !== 'satscard') return `tapsigner ${status.path ? 'S' : 'U'} -`;
  const { activeSlot = 0, address } = status;
  // With no key in the active slot, the card shows the slot opened last.
  return address === undefined
    ? `satscard U ${Math.max(0, activeSlot - 1)}`
    : `satscard S ${activeSlot}`;
}

/**
 * The version is unsigned, but versions behave differently (docs/change-log.md): what the card does
 * must fit what it says it is.
 */
function checkVersionBehaviour(conversation: Conversation): ProofCheck[] {
  const { status, certs, dumps } = conversation;
  const contradiction = (detail: string) => check('behaviour', 'side', 'contradicted', detail);
  const found: ProofCheck[] = [];
  if (certs?.withNonce && status.version !== firstVersion) {
    found.push(
      contradiction(`certs: holds a card nonce as ${firstVersion} does, not ${status.version}`),
    );
  }
  for (const dump of dumps.filter((entry) => entry.unsealed)) {
    const withKey = dump.publicKey !== undefined;
    if (withKey !== atLeast(status.version, [1, 0, 3])) {
      const got = withKey ? 'shows' : 'hides';
      found.push(contradiction(`dump: ${got} the slot key, unlike ${status.version}`));
    }
    if (
      dump.publicKey &&
      dump.address !== witnessAddress(dump.publicKey, status.testnet ? 'tb' : 'bc')
    ) {
      found.push(contradiction(`dump: address of slot ${dump.slot} is not its key's`));
    }
  }
  if (found.length > 0) return found;
  return [check('behaviour', 'side', 'held', `behaves as ${status.version} does`)];
}

function atLeast(version: string, wanted: readonly [number, number, number]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, part] of wanted.entries()) {
    const difference = (parts[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function answers(evidence: CardEvidence, label: string, answer: SignedAnswer): boolean {
  const expected = expectedChallenge(evidence, label, tap.nonceLength);
  return expected !== undefined && equal(expected, answer.nonce);
}

function foreign(label: string): ProofCheck {
  const detail = `${label}: answers another challenge than the one of this session`;
  return check('challenge', 'live', 'foreign', detail);
}

function unreadable(detail: string): ProofCheck[] {
  return [
    check('answers', 'live', 'unreadable', detail),
    check('chain', 'chain', 'missing', 'no answer could be read'),
  ];
}

function check(id: string, role: CheckRole, result: CheckResult, detail: string): ProofCheck {
  return { id, role, result, detail };
}

function fact(code: string, params: Record<string, string>): UsageSignal {
  return { code, params, authority: 'reported', weight: 'neutral' };
}

/** The value, or why the bytes could not be read. */
function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof EvidenceError) return error.message;
    throw error;
  }
}
