/** Cards that are not what they claim, cards without a certificate, and cards that misbehave. */
import type { BuildableCase } from '../simulation.ts';
import { applet32, applet40, applet312, type KeycardProfile } from './profile.ts';

const fresh = { applet: applet312, state: 'blank' } satisfies KeycardProfile;
const fresh32 = { applet: applet32, state: 'blank' } satisfies KeycardProfile;
const fresh40 = { applet: applet40, state: 'blank' } satisfies KeycardProfile;

const unknownMaker = 'not decided: the certificate is by an unknown maker';
const otherKey = 'not genuine: the signature is by another key';
const uncertified = 'not decided: the card has no certificate';

const forgeries: readonly BuildableCase<KeycardProfile>[] = [
  {
    id: 'fake-ca',
    description: 'A copy that works like a Keycard, certified by a maker of its own.',
    expected: unknownMaker,
    profile: { ...fresh, issuer: 'foreign' },
  },
  {
    id: 'test-ca',
    description: 'A development card, certified with the published key of the test programs.',
    expected: 'not genuine: certified with a published test key',
    profile: { ...fresh32, issuer: 'test-suite' },
  },
  {
    id: 'clone',
    description: 'A card that shows the certificate of a genuine Keycard but has another key.',
    expected: otherKey,
    profile: { ...fresh, fault: { kind: 'wrong-key' } },
  },
  {
    id: 'clone-40',
    description: 'A card that shows the certificate of a genuine 4.0 card but has another key.',
    expected: otherKey,
    profile: { ...fresh40, fault: { kind: 'wrong-key' } },
  },
  {
    id: 'bad-certificate',
    description: 'A card whose certificate was altered after it was signed.',
    expected: unknownMaker,
    profile: { ...fresh, fault: { kind: 'bad-certificate' } },
  },
  {
    id: 'replayed',
    description: 'A card without a key that plays back what a genuine Keycard once answered.',
    expected: 'not genuine: the signature does not answer this challenge',
    profile: { ...fresh, fault: { kind: 'replayed' } },
  },
  {
    id: 'version-liar',
    description: 'A card that reports applet 3.2 but does not know its command IDENTIFY.',
    expected: 'not decided: the card does not act like the version it reports',
    profile: { applet: applet32, state: 'set-up', fault: { kind: 'no-identify' } },
  },
  {
    id: 'as-40',
    description: 'A forger that has a used 3.2 card sign for it and poses as a blank 4.0 card.',
    expected: 'genuine with warnings, its state only reported: cannot be told from a 4.0 card',
    profile: { ...fresh40, fault: { kind: 'posing' } },
  },
  {
    id: 'ident-differs',
    description: 'A card whose two applets show certificates of two different cards.',
    expected: 'genuine with warnings, the card contradicts itself: stop',
    profile: { ...fresh, fault: { kind: 'two-certificates' } },
  },
  {
    id: 'uncertified',
    description: 'A blank card with applet 3.2 for which no maker ever vouched.',
    expected: uncertified,
    profile: { ...fresh32, issuer: 'none' },
  },
  {
    id: 'uncertified-40',
    description: 'A blank card with applet 4.0 for which no maker ever vouched.',
    expected: uncertified,
    profile: { ...fresh40, issuer: 'none' },
  },
];

const troubles: readonly BuildableCase<KeycardProfile>[] = [
  {
    id: 'refuses',
    description: 'A card that answers every request for a proof with an error.',
    expected: 'not decided: the card refuses to prove itself',
    profile: { ...fresh, fault: { kind: 'refuses', sw: 0x6f00 } },
  },
  {
    id: 'removed-mid-way',
    description: 'A Keycard that is taken off the reader in the middle of the check.',
    expected: 'no verdict: the card was removed',
    profile: { ...fresh, fault: { kind: 'removed' } },
  },
  {
    id: 'mute',
    description: 'A card that talks like a Keycard until it is asked to prove itself.',
    expected: 'no verdict: the card stopped answering',
    profile: { ...fresh, fault: { kind: 'mute' } },
  },
  {
    id: 'garbage',
    description: 'A card that answers every question with random bytes and "success".',
    expected: 'not decided: the answers cannot be read',
    profile: { ...fresh, fault: { kind: 'garbage' } },
  },
  {
    id: 'endless',
    description: 'A card that announces more data after every piece, for ever.',
    expected: 'no verdict: the card announces data without end',
    profile: { ...fresh, fault: { kind: 'endless' } },
  },
  {
    id: 'oversized',
    description: 'A card that answers with 590 certificates, about 60 kilobytes.',
    expected: 'not decided: the answer is far too long',
    profile: { ...fresh, fault: { kind: 'oversized' } },
  },
];

export const forgedCases: readonly BuildableCase<KeycardProfile>[] = [...forgeries, ...troubles];
