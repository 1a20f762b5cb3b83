/**
 * Has anybody used this card? All of it is the card's word. A factory reset needs neither PIN nor
 * channel and brings a used card back to the state of a new one (KeycardApplet.java at 3.1.0 to
 * a61616a), so "new" means: no PIN, no pairing and no key on it now.
 */
import type { Usage, UsageSignal } from '../family.ts';
import { keycard } from './constants.ts';
import type { Conversation } from './conversation.ts';
import type { Selected } from './select.ts';
import { pairingSlots } from './version.ts';

/** @returns undefined where SELECT told nothing of it */
export function proveUsage({ selected }: Conversation): Usage | undefined {
  switch (selected.form) {
    case 'blank':
      return usage('new', [], [blind('use-unsigned')]);
    case 'three':
      return ofThree(selected);
    case 'four':
      return ofFour(selected);
    case 'uncertified':
    case 'refused':
      return undefined;
  }
}

function ofThree({ version, freeSlots, hasKey }: Extract<Selected, { form: 'three' }>): Usage {
  const slots = pairingSlots(version, freeSlots);
  const taken = slots === undefined ? 0 : slots - freeSlots;
  const state = hasKey ? 'key-loaded' : taken > 0 ? 'paired' : 'initialised';
  const pairings = use('pairings', { count: `${taken}`, slots: `${slots}` });
  return usage(state, [use('initialised', {}), ...(taken > 0 ? [pairings] : [])]);
}

function ofFour(card: Extract<Selected, { form: 'four' }>): Usage {
  const { initialised, pinTries, hasKey } = card;
  const state = hasKey ? 'key-loaded' : initialised ? 'initialised' : 'new';
  const missed = initialised && pinTries < keycard.usualPinTries;
  return usage(
    state,
    [
      ...(initialised ? [use('initialised', {})] : []),
      ...(missed ? [use('wrong-pins', { left: `${pinTries}` })] : []),
    ],
    [blind('version-confusion')],
  );
}

function usage(value: string, signals: UsageSignal[], spots: UsageSignal[] = []): Usage {
  return {
    value,
    authority: 'reported',
    signals: [...signals, ...spots, blind('reset-unseen')],
  };
}

function use(code: string, params: Readonly<Record<string, string>>): UsageSignal {
  return { code, params, authority: 'reported', weight: 'use' };
}

function blind(code: string): UsageSignal {
  return { code, params: {}, authority: 'reported', weight: 'blind' };
}
