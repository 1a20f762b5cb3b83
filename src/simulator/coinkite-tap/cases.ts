/** The simulated cards that can be tried: three as sold, the others wrong in one way each. */
import type { BuildableCase } from '../simulation.ts';
import type { SatscardProfile, SignerProfile, TapProfile } from './profile.ts';

/** Blocks of late 2022, when 1.0.3 was current. */
const birth = 760_000;

const tapsigner = { product: 'tapsigner', ver: '1.0.3', birth } satisfies SignerProfile;
const satschip = { product: 'satschip', ver: '1.0.3', birth } satisfies SignerProfile;
const satscard = {
  product: 'satscard',
  ver: '1.0.3',
  birth,
  activeSlot: 0,
  sealed: true,
} satisfies SatscardProfile;

/** m/84h/0h/0h, the path of a TAPSIGNER after its first key. */
const defaultPath = [84, 0, 0].map((index) => index + 2 ** 31);

/** Firmware 0.9.0 came out in March 2022. */
const firstBirth = 726_000;

export const tapCases: readonly BuildableCase<TapProfile>[] = [
  {
    id: 'genuine',
    description: 'A new TAPSIGNER, as it leaves the factory.',
    expected: 'genuine',
    profile: tapsigner,
  },
  {
    id: 'genuine-satscard',
    description: 'A new SATSCARD with its factory key sealed in slot 0.',
    expected: 'genuine',
    profile: satscard,
  },
  {
    id: 'genuine-satschip',
    description: 'A new SATSCHIP, as it leaves the factory.',
    expected: 'genuine',
    profile: satschip,
  },
  {
    id: 'fake-root',
    description:
      'A copy that works like a TAPSIGNER, but whose maker signed with a root of its own.',
    expected: 'not genuine: the chain ends at a foreign root',
    profile: { ...tapsigner, issuer: 'foreign' },
  },
  {
    id: 'cut-chain',
    description: 'A TAPSIGNER that shows the signature of its batch but not the one of the root.',
    expected: 'not genuine: the chain does not reach the root',
    profile: { ...tapsigner, fault: { kind: 'cut-chain' } },
  },
  {
    id: 'replayed',
    description: 'A card without a key that plays back what a genuine TAPSIGNER once answered.',
    expected: 'not genuine: the signature does not answer this challenge',
    profile: { ...tapsigner, fault: { kind: 'replayed' } },
  },
  {
    id: 'wrong-key',
    description:
      'A card that shows the key and chain of a genuine TAPSIGNER but cannot use that key.',
    expected: 'not genuine: the signature is by another key',
    profile: { ...tapsigner, fault: { kind: 'wrong-key' } },
  },
  {
    id: 'used',
    description: 'A genuine TAPSIGNER on which somebody already picked a key and made a backup.',
    expected: 'genuine card, not new: stop',
    profile: { ...tapsigner, path: defaultPath, numBackups: 1 },
  },
  {
    id: 'used-satscard',
    description: 'A genuine SATSCARD whose slot 0 was opened and whose slot 1 holds the key now.',
    expected: 'genuine card, not new: stop',
    profile: { ...satscard, activeSlot: 1 },
  },
  {
    id: 'blank-satscard',
    description: 'A genuine SATSCARD without any key, not even the one of the factory.',
    expected: 'genuine with warnings: no key in slot 0',
    profile: { ...satscard, sealed: false },
  },
  {
    id: 'old-firmware',
    description: 'A new TAPSIGNER with firmware 1.0.1, which gives away the length of its PIN.',
    expected: 'genuine with warnings: firmware under an advisory',
    profile: { ...tapsigner, ver: '1.0.1' },
  },
  {
    id: 'first-firmware',
    description:
      'A new SATSCARD with firmware 0.9.0, which does not vouch for the key in its slot.',
    expected: 'genuine with warnings: firmware that must not be used, stop',
    profile: { ...satscard, ver: '0.9.0', birth: firstBirth },
  },
  {
    id: 'unknown-firmware',
    description: 'A new TAPSIGNER with firmware 1.1.0, which the maker never announced.',
    expected: 'genuine with warnings: firmware unknown',
    profile: { ...tapsigner, ver: '1.1.0' },
  },
  {
    id: 'lying-firmware',
    description: 'A SATSCARD that reports firmware 1.0.3 but acts like 0.9.0.',
    expected: 'not genuine: the card does not act like the firmware it reports',
    profile: { ...satscard, fault: { kind: 'behaves-as', ver: '0.9.0' } },
  },
  {
    id: 'tampered',
    description: 'A genuine SATSCARD that reports that somebody tampered with it.',
    expected: 'genuine with warnings, the card reports tampering: stop',
    profile: { ...satscard, tampered: true },
  },
  {
    id: 'removed-mid-way',
    description: 'A TAPSIGNER that is taken off the reader in the middle of the check.',
    expected: 'no verdict: the card was removed',
    profile: { ...tapsigner, fault: { kind: 'removed' } },
  },
  {
    id: 'mute',
    description: 'A card that talks like a TAPSIGNER until it is asked to prove itself.',
    expected: 'no verdict: the card stopped answering',
    profile: { ...tapsigner, fault: { kind: 'mute' } },
  },
  {
    id: 'garbage',
    description: 'A card that answers every question with random bytes and "success".',
    expected: 'not decided: the answers cannot be read',
    profile: { ...tapsigner, fault: { kind: 'garbage' } },
  },
  {
    id: 'endless',
    description: 'A card that announces more data after every piece, for ever.',
    expected: 'no verdict: the card announces data without end',
    profile: { ...tapsigner, fault: { kind: 'endless' } },
  },
  {
    id: 'oversized',
    description: 'A card that sends a chain of 900 signatures, about 60 kilobytes.',
    expected: 'not decided: the answer is far too long',
    profile: { ...tapsigner, fault: { kind: 'oversized' } },
  },
  {
    id: 'refuses',
    description: 'A card that claims not to know the command that would prove it genuine.',
    expected: 'not decided: the card refuses to prove itself',
    profile: {
      ...tapsigner,
      fault: { kind: 'refuses', code: 404, text: 'unknown cmd', times: Number.POSITIVE_INFINITY },
    },
  },
  {
    id: 'unlucky',
    description: 'A new TAPSIGNER that asks twice for another try, as its protocol allows.',
    expected: 'genuine',
    profile: {
      ...tapsigner,
      fault: { kind: 'refuses', code: 205, text: 'unlucky number', times: 2 },
    },
  },
];
