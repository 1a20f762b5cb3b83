/** What is checked of the card itself: live signature, chain, slot, behaviour. */
import { equal } from '../../bytes/bytes.ts';
import { type CardEvidence, expectedChallenge } from '../../evidence/evidence.ts';
import { verifySecp256k1 } from '../../trust/signature.ts';
import { check } from '../check.ts';
import type { ProofCheck } from '../family.ts';
import { walkChain } from './chain.ts';
import { challengeLabels, firstVersion, tap } from './constants.ts';
import type { Conversation, DumpAnswer, SignedAnswer } from './conversation.ts';
import { witnessAddress } from './identity.ts';
import { checkMessage, readMessage } from './signed-messages.ts';
import { atLeast, network, signsSlotKey, type TapStatus } from './status.ts';

/** The signature over our challenge, by the key that the card shows. */
export function checkLive(evidence: CardEvidence, conversation: Conversation): ProofCheck[] {
  const { status, check: answer, read } = conversation;
  if (answer === undefined) {
    return [check('challenge', 'live', 'missing', unanswered(conversation, 'check'))];
  }
  if (!answers(evidence, 'check', answer)) return [foreign('check')];
  const bound = check('challenge', 'live', 'held', 'check: answers the expected challenge');
  if (signsSlotKey(status) && read === undefined) {
    const detail = `${unanswered(conversation, 'read')}; check covers the slot key`;
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

/** From the card's key outwards. Where the walk ends is for the appraisal to judge. */
export function checkChain(conversation: Conversation): {
  checks: ProofCheck[];
  issuers?: readonly Uint8Array[];
} {
  const { status, certs } = conversation;
  if (certs === undefined) {
    return { checks: [check('chain', 'chain', 'missing', unanswered(conversation, 'certs'))] };
  }
  const walk = walkChain(status.publicKey, certs.chain);
  if (walk.issuers === undefined) {
    return { checks: [check('chain', 'chain', 'refuted', walk.fault)] };
  }
  const detail = `certificates: ${certs.chain.length} links walked`;
  return { checks: [check('chain', 'chain', 'held', detail)], issuers: walk.issuers };
}

/** SATSCARD: the slot key signs the slot's number, and the address shown belongs to it. */
export function checkSlot(evidence: CardEvidence, conversation: Conversation): ProofCheck[] {
  const { status, read } = conversation;
  if (status.product !== 'satscard') return [];
  if (read === undefined) {
    if (status.address === undefined) return [];
    return [check('slot-signature', 'side', 'missing', unanswered(conversation, 'read'))];
  }
  if (!answers(evidence, 'read', read)) return [foreign('read')];
  const message = readMessage(read, status.activeSlot ?? 0);
  const holds = verifySecp256k1(read.publicKey, message, read.signature);
  const address = witnessAddress(read.publicKey, network(status));
  const expected = `${address.slice(0, 12)}___${address.slice(-12)}`;
  return [
    holds
      ? check('slot-signature', 'side', 'held', 'read: the slot key signed its slot number')
      : check('slot-signature', 'side', 'refuted', 'read: not signed by the slot key it shows'),
    expected === status.address
      ? check('slot-address', 'side', 'held', 'addr: belongs to the slot key')
      : check('slot-address', 'side', 'contradicted', `addr: ${status.address}, not ${expected}`),
  ];
}

/**
 * The version is unsigned, but versions behave differently (docs/change-log.md): what the card does
 * must fit what it says it is.
 */
export function checkBehaviour(conversation: Conversation): ProofCheck[] {
  const { status, certs } = conversation;
  const faults = [
    ...(certs?.withNonce && status.version !== firstVersion
      ? [`certs: holds a card nonce as ${firstVersion} does, not ${status.version}`]
      : []),
    ...(hasWrongFlag(status) ? ['status: SATSCHIP mark and backup counter do not fit'] : []),
  ];
  const found = [
    ...faults.map((fault) => check('behaviour', 'side', 'contradicted', fault)),
    ...checkOpenedSlots(conversation),
  ];
  if (found.length > 0) return found;
  return [check('behaviour', 'side', 'held', `behaves as ${status.version} does`)];
}

/** Every slot below the active one was opened, and says so when it is asked. */
function checkOpenedSlots(conversation: Conversation): ProofCheck[] {
  const { status, dumps } = conversation;
  const opened = Math.min(status.activeSlot ?? 0, tap.maxSlots);
  return Array.from({ length: opened }, (_, slot) => slot).flatMap((slot) => {
    const dump = dumps.find((entry) => entry.slot === slot);
    if (dump === undefined) {
      const detail = unanswered(conversation, `dump ${slot}`);
      return [check('opened-slots', 'side', 'missing', detail)];
    }
    return dumpFaults(dump, status).map((fault) =>
      check('behaviour', 'side', 'contradicted', fault),
    );
  });
}

/** From 1.0.0 on a SATSCHIP is marked, and it is the one that counts no backups. */
function hasWrongFlag(status: TapStatus): boolean {
  if (status.product === 'satscard' || !atLeast(status.version, [1, 0, 0])) return false;
  return status.markedSatschip !== (status.product === 'satschip');
}

function dumpFaults(dump: DumpAnswer, status: TapStatus): string[] {
  const { publicKey, address, slot, unsealed } = dump;
  if (!unsealed)
    return [`dump: slot ${slot} is not opened, status says that a later one is active`];
  const faults: string[] = [];
  if ((publicKey !== undefined) !== atLeast(status.version, [1, 0, 3])) {
    const got = publicKey === undefined ? 'hides' : 'shows';
    faults.push(`dump: ${got} the slot key, unlike ${status.version}`);
  }
  if (publicKey !== undefined && address !== witnessAddress(publicKey, network(status))) {
    faults.push(`dump: address of slot ${slot} is not its key's`);
  }
  return faults;
}

/** True when the answer carries one of the challenges that this session allows for the command. */
function answers(
  evidence: CardEvidence,
  command: keyof typeof challengeLabels,
  answer: SignedAnswer,
): boolean {
  return challengeLabels[command].some((label) => {
    const expected = expectedChallenge(evidence, label, tap.nonceLength);
    return expected !== undefined && equal(expected, answer.nonce);
  });
}

function foreign(command: string): ProofCheck {
  const detail = `${command}: answers another challenge than the expected one`;
  return check('challenge', 'live', 'foreign', detail);
}

/** Why there is no answer to a command, for the detail of a check. */
export function unanswered({ refused }: Conversation, command: string): string {
  const words = refused.get(command);
  return words === undefined ? `${command}: not asked` : `${command}: the card refused, ${words}`;
}
