/** The tap link in a check: it must come from the same card and tell the same story as `status`. */
import { attempt, check } from '../check.ts';
import type { ProofCheck } from '../family.ts';
import { unanswered } from './card-checks.ts';
import type { Conversation } from './conversation.ts';
import { linkNames, linkSignedBy, linkSigner, parseLink, type TapLink } from './link.ts';
import type { TapStatus } from './status.ts';

/** The checks, and the link itself where its signature held. */
export function checkLink(conversation: Conversation): { checks: ProofCheck[]; link?: TapLink } {
  const { status, link: url } = conversation;
  if (url === undefined) {
    return { checks: [check('link', 'side', 'missing', unanswered(conversation, 'nfc'))] };
  }
  const link = attempt(() => parseLink(url));
  if (isBlank(status)) return { checks: checkBlank(link) };
  if (typeof link === 'string') return { checks: [check('link', 'side', 'unreadable', link)] };
  const signature = checkSignature(conversation, link);
  return signature.result === 'held'
    ? { checks: [signature, checkState(status, link)], link }
    : { checks: [signature] };
}

/** SATSCARD whose first slot was never used. */
function isBlank(status: TapStatus): boolean {
  return status.product === 'satscard' && !status.activeSlot && status.address === undefined;
}

/**
 * What a card without any key shows is documented nowhere, so anything goes except a signature: no
 * slot has a key that could have made it, so an opened card is being passed off as blank.
 */
function checkBlank(link: TapLink | string): ProofCheck[] {
  if (typeof link === 'string' || linkSigner(link) === undefined) return [];
  const detail = 'nfc: signed by a slot, status says that none was ever used';
  return [check('link-state', 'side', 'contradicted', detail)];
}

/** Whose signature it must be is known beforehand, never taken from the link where avoidable. */
function checkSignature(conversation: Conversation, link: TapLink): ProofCheck {
  const { status, read, dumps } = conversation;
  const held = check('link', 'side', 'held', 'nfc: signed by this card');
  const key =
    status.product !== 'satscard'
      ? status.publicKey
      : link.state === 'E' || status.address === undefined
        ? dumps.find((dump) => dump.slot === link.slot)?.publicKey
        : read?.publicKey;
  if (key !== undefined) {
    return linkNames(link, key) && linkSignedBy(link, key)
      ? held
      : check('link', 'side', 'refuted', 'nfc: not signed by this card');
  }
  // Older firmware shows no key of an opened slot, and an error may show any slot.
  const unknowable = status.address === undefined || link.state === 'E';
  if (unknowable && linkSigner(link) !== undefined) {
    return check(
      'link',
      'side',
      'held',
      'nfc: signed by the key that it names, whose is not known',
    );
  }
  return check('link', 'side', 'missing', 'nfc: the key that should have signed is not known');
}

function checkState(status: TapStatus, link: TapLink): ProofCheck {
  const expected = expectedState(status);
  const got = `${link.kind} ${link.state} ${link.slot ?? '-'}`;
  // docs/nfc-spec.md "Special States": an error may show another slot than the active one.
  const tampered = link.state === 'E' && expected.startsWith(link.kind);
  return tampered || got === expected
    ? check('link-state', 'side', 'held', `nfc: ${got}, as status says`)
    : check('link-state', 'side', 'contradicted', `nfc: ${got}, status says ${expected}`);
}

function expectedState(status: TapStatus): string {
  if (status.product !== 'satscard') return `tapsigner ${status.path ? 'S' : 'U'} -`;
  const { activeSlot = 0, address } = status;
  // With no key in the active slot, the card shows the slot opened last.
  return address === undefined ? `satscard U ${activeSlot - 1}` : `satscard S ${activeSlot}`;
}
