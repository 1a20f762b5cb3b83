/**
 * Has anybody used this card? Told by the card and signed by nobody.
 *
 * A factory reset brings Satochip and SeedKeeper back to "not set up", and an owner who hands on a
 * Satodime does the same, so "new" means never used, or reset. Only the log of a SeedKeeper from 0.2 on
 * survives it, and that shows behind the PIN. Sources: resetToFactory and GetStatus in
 * SatochipApplet CardEdge.java (8cbaa1d) and Seedkeeper-Applet SeedKeeper.java (2e59f06);
 * initiateSatodimeTransfer in Satodime-Applet Satodime.java (81003bd).
 */
import { Sw } from '../../apdu/response.ts';
import type { Usage, UsageSignal } from '../family.ts';
import { factoryReset, Status, satochip } from './constants.ts';
import type { Conversation } from './conversation.ts';
import type { SlotState } from './messages.ts';
import { isAtLeast, needsPin } from './status.ts';

export function proveUsage(conversation: Conversation): Usage {
  const { product } = conversation;
  return {
    value: product === 'satodime' ? slotState(conversation) : ownerState(conversation),
    authority: 'reported',
    signals: signals(conversation),
  };
}

/** What a SeedKeeper holds it tells only behind its PIN, and before 0.2 to nobody. */
function ownerState({ product, status, secrets, pinAccepted }: Conversation): string {
  const seeded = product === 'satochip' ? status.seeded : (secrets?.count ?? 0) > 0;
  if (seeded) return 'seeded';
  if (secrets?.lastLogged === factoryReset) return 'was-reset';
  if (!status.setUp) return 'new';
  const isUntold = product === 'seedkeeper' && pinAccepted && secrets === undefined;
  return isUntold ? 'untold' : 'pin-set';
}

function slotState({ status, slots }: Conversation): string {
  if (slots === undefined) return 'untold';
  if (slots.includes('unsealed')) return 'slots-unsealed';
  if (slots.includes('sealed')) return 'slots-sealed';
  return status.setUp ? 'owned' : 'new';
}

function signals(conversation: Conversation): readonly UsageSignal[] {
  const { product, status, slots, secrets, labelLength = 0 } = conversation;
  const found: UsageSignal[] = [];
  const add = (
    code: string,
    weight: UsageSignal['weight'],
    params: Readonly<Record<string, string>> = {},
  ) => found.push({ code, params, authority: 'reported', weight });
  if (needsPin(product) && status.setUp && status.tries < satochip.usualTries) {
    // Read before the PIN was sent: a right one brings the others back.
    const weight = conversation.pinAccepted ? 'neutral' : 'use';
    add('wrong-pins', weight, { left: `${status.tries}` });
  }
  if (status.secondFactor) add('second-factor', 'use');
  // An owner who hands on a card may leave his label behind.
  if (labelLength > 0) add('label', 'use');
  if (slots?.some((state) => state !== 'empty')) {
    const count = (wanted: SlotState) => `${slots.filter((state) => state === wanted).length}`;
    add('slots', 'neutral', { sealed: count('sealed'), unsealed: count('unsealed') });
  }
  if (isOpen(conversation)) add('personalisation-open', 'trouble');
  if (secrets === undefined) {
    const hasLog = product === 'seedkeeper' && isAtLeast(status.version, [0, 2]);
    add(hasLog ? 'log-unread' : 'reset-unseen', 'blind');
  } else {
    // Neither set-up nor a right PIN is logged: a card that only just got an owner has no entry.
    if (secrets.logged > 0) add('log-entries', 'use', { count: `${secrets.logged}` });
  }
  return found;
}

/**
 * Before set-up a card whose maker closed its personalisation answers INS 98 with 9C04. 9C06 (Satochip)
 * and the key itself (SeedKeeper 0.2) come from one that still takes certificates: loaded by somebody
 * at home.
 */
function isOpen({ product, status, publicKey, refused }: Conversation): boolean {
  if (!needsPin(product) || status.setUp) return false;
  const sw = publicKey === undefined ? refused.get('public-key') : Sw.ok;
  return sw === Sw.ok || sw === Status.unauthorized;
}
