/** The simulated cards that can be tried, as sold, as used, and as forged or broken. */
import type { BuildableCase } from '../simulation.ts';
import { forgedCases } from './cases-forged.ts';
import { usedCases } from './cases-used.ts';
import { cardWith, newSatochip, newSatodime, newSeedkeeper, ownedSatochip } from './models.ts';
import { type SatochipProfile, satochip010, satochip011 } from './profile.ts';

const untouched: readonly BuildableCase<SatochipProfile>[] = [
  {
    id: 'genuine',
    description: 'A new Satodime, as it leaves the factory; it proves itself out of the box.',
    expected: 'genuine',
    profile: cardWith(newSatodime),
  },
  {
    id: 'new-satochip',
    description: 'A new Satochip, which proves nothing before its owner has set it up.',
    expected: 'not decided: the card must be set up first',
    profile: cardWith(newSatochip),
  },
  {
    id: 'new-seedkeeper',
    description: 'A new SeedKeeper, which proves nothing before its owner has set it up.',
    expected: 'not decided: the card must be set up first',
    profile: cardWith(newSeedkeeper),
  },
  {
    id: 'open-pki',
    description: 'A Satochip applet on a bare chip, which takes any certificate it is given.',
    expected: 'not decided: the card was never closed by a maker',
    profile: cardWith({ ...newSatochip, isPkiOpen: true }),
  },
  {
    id: 'open-pki-seedkeeper',
    description: 'A SeedKeeper applet on a bare chip, which takes any certificate it is given.',
    expected: 'not decided: the card was never closed by a maker',
    profile: cardWith({ ...newSeedkeeper, isPkiOpen: true }),
  },
  {
    id: 'unpersonalised',
    description: 'A Satodime applet on a bare chip that nobody gave a certificate.',
    expected: 'not decided: the card has no certificate',
    profile: { ...cardWith({ ...newSatodime, isPkiOpen: true }), certificate: 'none' },
  },
];

const older: readonly BuildableCase<SatochipProfile>[] = [
  {
    id: 'old-applet',
    description: 'A Satochip with applet 0.10, which has neither certificate nor channel.',
    expected: 'not decided: the card is too old to prove itself',
    profile: cardWith({ ...ownedSatochip, release: satochip010 }),
  },
  {
    id: 'old-applet-channel',
    description: 'A Satochip with applet 0.11, which has a channel but no certificate.',
    expected: 'not decided: the card is too old to prove itself',
    profile: cardWith({ ...ownedSatochip, release: satochip011 }),
  },
];

export const satochipCases: readonly BuildableCase<SatochipProfile>[] = [
  ...untouched,
  ...older,
  ...usedCases,
  ...forgedCases,
];
