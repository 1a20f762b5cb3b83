/** The simulated cards that can be tried, as sold, as used, and as forged or broken. */
import type { BuildableCase } from '../simulation.ts';
import { forgedCases } from './cases-forged.ts';
import { applet30, applet32, applet40, applet312, type KeycardProfile } from './profile.ts';

const notNew = 'genuine card, not new: stop';

const honestCases: readonly BuildableCase<KeycardProfile>[] = [
  {
    id: 'genuine',
    description: 'A new Keycard with applet 3.1, never initialised.',
    expected: 'genuine',
    profile: { applet: applet312, state: 'blank' },
  },
  {
    id: 'genuine-32',
    description: 'A new Keycard with applet 3.2, never initialised.',
    expected: 'genuine',
    profile: { applet: applet32, state: 'blank' },
  },
  {
    id: 'genuine-40',
    description: 'A new Keycard with applet 4.0, which proves itself when a channel is opened.',
    expected: 'genuine with warnings: firmware unknown',
    profile: { applet: applet40, state: 'blank' },
  },
  {
    id: 'set-up',
    description: 'A genuine Keycard to which somebody already gave a PIN, still without a key.',
    expected: notNew,
    profile: { applet: applet32, state: 'set-up' },
  },
  {
    id: 'used',
    description: 'A genuine Keycard with a key inside and two phones or computers paired.',
    expected: notNew,
    profile: { applet: applet32, state: 'loaded', pairings: 2 },
  },
  {
    id: 'used-40',
    description: 'A genuine Keycard with applet 4.0 that was set up and holds a key.',
    expected: notNew,
    profile: { applet: applet40, state: 'loaded' },
  },
  {
    id: 'old-applet',
    description: 'A Keycard with applet 3.0, set up; that applet cannot prove where it is from.',
    expected: 'not decided: no identity in this applet',
    profile: { applet: applet30, state: 'set-up', issuer: 'none' },
  },
  {
    id: 'old-applet-blank',
    description: 'A Keycard with applet 3.0, never initialised; only its cash applet tells that.',
    expected: 'not decided: no identity in this applet',
    profile: { applet: applet30, state: 'blank', issuer: 'none' },
  },
  {
    id: 'no-cash',
    description:
      'A new Keycard with applet 3.1 and without the cash applet that tells the version.',
    expected: 'genuine with warnings: the version cannot be read',
    profile: { applet: applet312, state: 'blank', hasCash: false },
  },
];

export const keycardCases: readonly BuildableCase<KeycardProfile>[] = [
  ...honestCases,
  ...forgedCases,
];
