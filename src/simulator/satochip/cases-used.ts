/** Genuine cards that are not new. */
import type { BuildableCase } from '../simulation.ts';
import { cardWith, newSatodime, ownedSatochip, ownedSatodime, ownedSeedkeeper } from './models.ts';
import { type SatochipProfile, Slot } from './profile.ts';

/** Entries in the log of a SeedKeeper: a secret made, one taken over, one let out. */
const usedLog = [0xa0, 0xa1, 0xa2];
const factoryReset = 0xff;

const withPin: readonly BuildableCase<SatochipProfile>[] = [
  {
    id: 'set-up-satochip',
    description: 'A genuine Satochip that was set up with PIN 123456 and holds no seed yet.',
    expected: 'genuine with warnings with its PIN: who set it up? Not decided without',
    profile: cardWith(ownedSatochip),
  },
  {
    id: 'seeded-satochip',
    description: 'A genuine Satochip that was set up with PIN 123456 and holds a seed.',
    expected: 'genuine with its PIN, not new; not decided without',
    profile: cardWith({ ...ownedSatochip, isSeeded: true }),
  },
  {
    id: 'set-up-seedkeeper',
    description: 'A genuine SeedKeeper that was set up with PIN 123456 and holds no secret yet.',
    expected: 'genuine with warnings with its PIN: who set it up? Not decided without',
    profile: cardWith(ownedSeedkeeper),
  },
  {
    id: 'used-seedkeeper',
    description: 'A genuine SeedKeeper with PIN 123456 that holds two secrets.',
    expected: 'genuine with its PIN, not new; not decided without',
    profile: cardWith({ ...ownedSeedkeeper, secrets: 2, log: usedLog }),
  },
  {
    id: 'reset-seedkeeper',
    description: 'A genuine SeedKeeper that was used, reset to look new, and set up once more.',
    expected: 'genuine card with its PIN, not new: stop; not decided without',
    profile: cardWith({ ...ownedSeedkeeper, log: [...usedLog, factoryReset] }),
  },
  {
    id: 'last-try',
    description: 'A genuine Satochip with PIN 123456 that takes one more wrong PIN and no other.',
    expected: 'not decided: no PIN is risked on the last try',
    profile: cardWith({ ...ownedSatochip, triesLeft: 1 }),
  },
  {
    id: 'blocked-pin',
    description: 'A genuine Satochip that takes no PIN any more after too many wrong ones.',
    expected: 'not decided: the PIN is blocked',
    profile: cardWith({ ...ownedSatochip, triesLeft: 0 }),
  },
];

const satodimes: readonly BuildableCase<SatochipProfile>[] = [
  {
    id: 'claimed-satodime',
    description: 'A genuine Satodime that has an owner already but holds no key yet.',
    expected: 'genuine card, not new: stop',
    profile: cardWith(ownedSatodime),
  },
  {
    id: 'used-satodime',
    description: 'A genuine Satodime whose first slot holds a sealed key.',
    expected: 'genuine card, not new: stop',
    profile: cardWith({ ...ownedSatodime, slots: [Slot.sealed, Slot.empty, Slot.empty] }),
  },
  {
    id: 'unsealed-satodime',
    description: 'A genuine Satodime whose first slot was opened, so that its key is known.',
    expected: 'genuine card, not new: stop',
    profile: cardWith({ ...ownedSatodime, slots: [Slot.unsealed, Slot.empty, Slot.empty] }),
  },
  {
    id: 'transferred-satodime',
    description: 'A genuine Satodime that was given up by its owner with a key still in it.',
    expected: 'genuine card, not new: stop',
    profile: cardWith({ ...newSatodime, slots: [Slot.sealed, Slot.empty, Slot.empty] }),
  },
  {
    id: 'labelled-satodime',
    description: 'A genuine Satodime, given up and empty, that still bears the label of its owner.',
    expected: 'genuine with warnings: a label on a card without an owner',
    profile: cardWith({ ...newSatodime, label: 'Savings' }),
  },
  {
    id: 'two-applets',
    description: 'A genuine card with a Satochip that was set up and a new Satodime beside it.',
    expected: 'genuine with warnings with its PIN: who set it up? Not decided without',
    profile: cardWith(ownedSatochip, newSatodime),
  },
];

export const usedCases: readonly BuildableCase<SatochipProfile>[] = [...withPin, ...satodimes];
