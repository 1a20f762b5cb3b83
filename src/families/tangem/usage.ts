/**
 * Has anybody used this card? Read from fields that no signature covers, except for the list of
 * linked cards, which a full attestation signs together with our challenge.
 *
 * A card of COS 4.39 and later can be reset by its owner, and no counter survives that: a reset card
 * looks new. Only a log of first sights can show it.
 * Sources: tangem-sdk-ios Common/Card/Card.swift, CardWallet.swift, PreflightReadTask.swift.
 */
import type { Usage, UsageSignal } from '../family.ts';
import type { CardData } from './card-data.ts';
import { since } from './constants.ts';
import type { Conversation } from './conversation.ts';
import { isAtLeast } from './firmware.ts';
import type { WalletSlot } from './wallets.ts';

/**
 * @param signedLinks how many linked cards were covered by a live signature; 0: none proven
 * @returns as its value "untold" for a card that shows no sign of use, but did not tell all that would
 *   show one
 */
export function proveUsage(conversation: Conversation, card: CardData, signedLinks: number): Usage {
  const wallets = walletsOf(conversation, card);
  const signals = [
    ...walletSignals(wallets, card),
    ...codeSignals(card),
    ...backupSignals(conversation, card, signedLinks),
    ...alarmSignals(card),
  ];
  const found = stateOf(wallets, card, signals);
  const state = found === 'new' && !isComplete(conversation, card) ? 'untold' : found;
  return {
    value: state,
    authority: 'reported',
    signals: state === 'new' ? [...signals, ...blindSpots(card)] : signals,
  };
}

/** Every field in its form; and from COS 4 on every slot listed, and the card's own status told. */
function isComplete({ slots }: Conversation, card: CardData): boolean {
  if (card.odd.length > 0) return false;
  if (!isAtLeast(card.firmware, since.walletsList)) return true;
  return slots.length > 0 && slots.length === card.walletsCount && card.status !== undefined;
}

/** Before COS 4 the lone wallet is a part of the card's own answer, and its status is the card's. */
function walletsOf({ slots }: Conversation, card: CardData): readonly WalletSlot[] {
  const { signedHashes } = card;
  const lone = { imported: false, backedUp: false, signedHashes };
  if (card.wallet !== undefined) return [{ kind: 'loaded', ...lone }, ...slots];
  if (isAtLeast(card.firmware, since.walletsList)) return slots;
  return [{ kind: card.status === 3 ? 'purged' : 'empty', ...lone }, ...slots];
}

/** What is certain comes first: a wallet there is, a wallet there was, a code somebody chose. */
function stateOf(
  wallets: readonly WalletSlot[],
  card: CardData,
  signals: readonly UsageSignal[],
): string {
  if (card.status === 0) return 'unfinished';
  const holds = (kinds: readonly WalletSlot['kind'][]) =>
    wallets.some((wallet) => kinds.includes(wallet.kind));
  const hasBackup = card.backupStatus === 2 || wallets.some((wallet) => wallet.backedUp);
  if (holds(['loaded', 'other']) || card.status === 2) return hasBackup ? 'backed-up' : 'set-up';
  if (holds(['purged']) || card.status === 3) return 'wiped';
  if (card.status !== undefined && card.status !== 1) return 'set-up';
  return signals.some((signal) => signal.weight === 'use') ? 'prepared' : 'new';
}

function walletSignals(wallets: readonly WalletSlot[], card: CardData): UsageSignal[] {
  const count = (which: (wallet: WalletSlot) => boolean) => wallets.filter(which).length;
  const used = count((wallet) => wallet.kind === 'loaded' || wallet.kind === 'other');
  const purged = count((wallet) => wallet.kind === 'purged');
  const listed = wallets.reduce((sum, wallet) => sum + wallet.signedHashes, 0);
  // The card's own counter is of the same signatures.
  const signed = Math.max(listed, card.signedHashes);
  const found: UsageSignal[] = [];
  const slots = `${Math.max(wallets.length, card.walletsCount)}`;
  if (used > 0) found.push(use('wallets', { count: `${used}`, slots }));
  if (purged > 0) found.push(use('purged-wallets', { count: `${purged}` }));
  if (signed > 0) found.push(use('signed', { count: `${signed}` }));
  if (wallets.some((wallet) => wallet.imported)) found.push(use('imported', {}));
  return found;
}

function codeSignals(card: CardData): UsageSignal[] {
  const { firmware, accessCodeIsDefault, passcodeIsDefault } = card;
  const hasCode = isAtLeast(firmware, since.accessCodeFlag) && !accessCodeIsDefault;
  const hasPasscode = isAtLeast(firmware, since.passcodeFlag) && !passcodeIsDefault;
  return [
    ...(hasCode ? [use('access-code', {})] : []),
    ...(hasPasscode ? [use('passcode', {})] : []),
  ];
}

function backupSignals(
  { backupHash, slots }: Conversation,
  { backupStatus, backupCount }: CardData,
  signedLinks: number,
): UsageSignal[] {
  const found: UsageSignal[] = [];
  if (signedLinks > 0) {
    found.push({ ...use('linked-cards', { count: `${signedLinks}` }), authority: 'live' });
  } else if (backupStatus === 1) {
    found.push(use('backup-linked', { count: `${backupCount}` }));
  } else if (backupStatus !== 0) {
    found.push(use('backup-cards', { count: `${backupCount}` }));
  }
  // Status 81, an empty slot that was backed up: in a set, slots that hold nothing are copied, too.
  const hasTrace = slots.some((slot) => slot.kind === 'empty' && slot.backedUp);
  if (hasTrace || backupHash?.some((byte) => byte !== 0)) found.push(use('backup-made', {}));
  return found;
}

function alarmSignals({ firmware, health }: CardData): UsageSignal[] {
  const trouble = (code: string, params: Record<string, string>): UsageSignal => ({
    ...use(code, params),
    weight: 'trouble',
  });
  return [
    ...(health === 0 ? [] : [trouble('health', { code: `${health}` })]),
    ...(firmware.kind === 'developer' ? [trouble('developer-firmware', {})] : []),
  ];
}

function blindSpots({ firmware }: CardData): UsageSignal[] {
  const blind = (code: string): UsageSignal => ({ ...use(code, {}), weight: 'blind' });
  const spots = [blind('use-unsigned')];
  return isAtLeast(firmware, since.reset) ? [...spots, blind('reset-unseen')] : spots;
}

function use(code: string, params: Readonly<Record<string, string>>): UsageSignal {
  return { code, params, authority: 'reported', weight: 'use' };
}
