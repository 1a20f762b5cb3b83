/** Cards that are not what they claim, and cards that misbehave. All go by the Satodime applet. */
import type { BuildableCase } from '../simulation.ts';
import { cardWith, newSatodime } from './models.ts';
import type { SatochipProfile } from './profile.ts';

const fresh = cardWith(newSatodime);

const certificates: readonly BuildableCase<SatochipProfile>[] = [
  {
    id: 'fake-ca',
    description: 'A copy whose certificate is by authorities that bear the names of the real ones.',
    expected: 'not genuine: the certificate is by a foreign authority',
    profile: { ...fresh, certificate: 'foreign' },
  },
  {
    id: 'wrong-product',
    description: 'A card that acts like a Satodime but bears the certificate of a SeedKeeper.',
    expected: 'not genuine: the certificate is for another product',
    profile: { ...fresh, certificate: 'for-seedkeeper' },
  },
  {
    id: 'other-chip',
    description: 'A card whose certificate was made out for another chip.',
    expected: 'not decided: the certificate names another chip',
    profile: { ...fresh, certificate: 'other-chip' },
  },
  {
    id: 'no-chip-data',
    description: 'A card that hides the numbers of its chip, to which its certificate is bound.',
    expected: 'not decided: the chip held back what the certificate names',
    profile: { ...fresh, hidesChip: true },
  },
  {
    id: 'expired-certificate',
    description: 'A card whose certificate ran out at the end of 2021.',
    expected: 'not decided: the certificate has expired',
    profile: { ...fresh, certificate: 'expired' },
  },
  {
    id: 'ca-leaf',
    description: 'A card whose certificate says that it may sign certificates itself.',
    expected: 'not genuine: the certificate is one of an authority',
    profile: { ...fresh, certificate: 'authority' },
  },
];

const keys: readonly BuildableCase<SatochipProfile>[] = [
  {
    id: 'cloned-certificate',
    description: 'A card that shows key, chip and certificate of a genuine one, without its key.',
    expected: 'not genuine: the signature is by another key',
    profile: { ...fresh, certificate: 'copied' },
  },
  {
    id: 'replayed',
    description:
      'A card without a key that shows a copied certificate and plays back an old answer.',
    expected: 'not genuine: the signature does not answer this challenge',
    profile: { ...fresh, certificate: 'copied', fault: { kind: 'replayed' } },
  },
  {
    id: 'foreign-authentikey',
    description: 'A card that proves one key and shows another one as its own.',
    expected: 'genuine with warnings, the card contradicts itself: stop',
    profile: { ...fresh, fault: { kind: 'foreign-authentikey' } },
  },
  {
    id: 'channel-liar',
    description: 'A genuine card behind somebody who opens the channel in its place.',
    expected: 'genuine with warnings, the card contradicts itself: stop',
    profile: { ...fresh, fault: { kind: 'channel-liar' } },
  },
];

const misbehaviour: readonly BuildableCase<SatochipProfile>[] = [
  {
    id: 'refuses',
    description: 'A card that fails whenever it is asked to prove itself.',
    expected: 'not decided: the card refuses to prove itself',
    profile: { ...fresh, fault: { kind: 'refuses', sw: 0x6f00 } },
  },
  {
    id: 'garbage',
    description: 'A card that answers every question with random bytes and "success".',
    expected: 'not decided: the answers cannot be read',
    profile: { ...fresh, fault: { kind: 'garbage' } },
  },
  {
    id: 'oversized',
    description: 'A card that announces a certificate of 65,535 bytes.',
    expected: 'not decided: the certificate is far too long',
    profile: { ...fresh, certificate: 'oversized' },
  },
  {
    id: 'endless',
    description: 'A card that announces more data after every piece, for ever.',
    expected: 'no verdict: the card announces data without end',
    profile: { ...fresh, fault: { kind: 'endless' } },
  },
  {
    id: 'removed-mid-way',
    description: 'A Satodime that is taken off the reader in the middle of the check.',
    expected: 'no verdict: the card was removed',
    profile: { ...fresh, fault: { kind: 'removed' } },
  },
  {
    id: 'mute',
    description: 'A card that talks like a Satodime until it is asked to prove itself.',
    expected: 'no verdict: the card stopped answering',
    profile: { ...fresh, fault: { kind: 'mute' } },
  },
];

export const forgedCases: readonly BuildableCase<SatochipProfile>[] = [
  ...certificates,
  ...keys,
  ...misbehaviour,
];
