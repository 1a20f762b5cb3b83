import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import { prove } from '../../../src/families/satochip/prove.ts';
import { findingTexts } from '../../../src/report/texts-findings.ts';
import {
  newSatochip,
  newSatodime,
  newSeedkeeper,
  ownedSatochip,
  ownedSatodime,
  ownedSeedkeeper,
} from '../../../src/simulator/satochip/models.ts';
import { type AppletProfile, Slot } from '../../../src/simulator/satochip/profile.ts';
import { hex, talkTo } from './cards.ts';

const { empty, sealed, unsealed } = Slot;

/** Every state that a card can be in, what it is called, and what is seen of it besides. */
const states: readonly (readonly [string, AppletProfile, string, string[]])[] = [
  ['a new Satochip', newSatochip, 'new', ['reset-unseen']],
  ['a Satochip with a PIN', ownedSatochip, 'pin-set', ['reset-unseen']],
  ['a Satochip with a seed', { ...ownedSatochip, isSeeded: true }, 'seeded', ['reset-unseen']],
  ['wrong PINs', { ...ownedSatochip, triesLeft: 3 }, 'pin-set', ['wrong-pins', 'reset-unseen']],
  [
    'a Satochip at home',
    { ...newSatochip, isPkiOpen: true },
    'new',
    ['personalisation-open', 'reset-unseen'],
  ],
  [
    'a SeedKeeper at home',
    { ...newSeedkeeper, isPkiOpen: true },
    'new',
    ['personalisation-open', 'reset-unseen'],
  ],
  ['a Satodime at home', { ...newSatodime, isPkiOpen: true }, 'new', ['reset-unseen']],
  ['a new SeedKeeper', newSeedkeeper, 'new', ['reset-unseen']],
  ['a SeedKeeper with a PIN', ownedSeedkeeper, 'pin-set', []],
  [
    'a SeedKeeper that holds something',
    { ...ownedSeedkeeper, secrets: 1, log: [0xa1] },
    'seeded',
    ['log-entries'],
  ],
  [
    'a SeedKeeper that held something',
    { ...ownedSeedkeeper, log: [0xa1] },
    'pin-set',
    ['log-entries'],
  ],
  [
    'a SeedKeeper after a reset',
    { ...ownedSeedkeeper, log: [0xff] },
    'pin-set',
    ['log-entries', 'was-reset'],
  ],
  ['a new Satodime', newSatodime, 'new', ['reset-unseen']],
  ['a Satodime with an owner', ownedSatodime, 'owned', ['reset-unseen']],
  [
    'a sealed slot',
    { ...ownedSatodime, slots: [empty, sealed] },
    'slots-sealed',
    ['slots', 'reset-unseen'],
  ],
  [
    'an opened slot',
    { ...ownedSatodime, slots: [sealed, unsealed] },
    'slots-unsealed',
    ['slots', 'reset-unseen'],
  ],
  [
    'a sealed slot without an owner',
    { ...newSatodime, slots: [sealed] },
    'slots-sealed',
    ['slots', 'reset-unseen'],
  ],
  ['a label left behind', { ...newSatodime, label: 'Mine' }, 'new', ['label', 'reset-unseen']],
];

describe('use', () => {
  it.each(states)('of %s', async (_, applet, value, codes) => {
    const { evidence } = await talkTo({ applets: [applet] }, { accessCode: '123456' });
    const { usage } = prove(evidence);
    expect(usage?.value).toBe(value);
    expect(usage?.authority).toBe('reported');
    expect(usage?.signals.map(({ code }) => code)).toEqual(codes);
    expect(usage?.signals.every(({ authority }) => authority === 'reported')).toBe(true);
    for (const code of [`usage-${value}`, ...codes]) expect(findingTexts[code], code).toBeDefined();
  });

  it('says how many tries and slots it counted', async () => {
    const of = async (applet: AppletProfile) =>
      Object.fromEntries(
        (prove((await talkTo({ applets: [applet] })).evidence).usage?.signals ?? []).map(
          ({ code, params }) => [code, params],
        ),
      );
    expect(await of({ ...ownedSatochip, triesLeft: 2 })).toMatchObject({
      'wrong-pins': { left: '2' },
    });
    expect(await of({ ...ownedSatodime, slots: [sealed, sealed, unsealed] })).toMatchObject({
      slots: { sealed: '2', unsealed: '1' },
    });
  });

  it('of a card whose slots are not told is untold', async () => {
    const { evidence } = await talkTo('genuine');
    expect(usageWithout(evidence, 'b0500000')).toBe('untold');
  });

  it('of a SeedKeeper that takes its PIN and tells no more is untold', async () => {
    const { evidence } = await talkTo('set-up-seedkeeper', { accessCode: '123456' });
    expect(usageWithout(evidence, 'b0a70000')).toBe('untold');
  });

  it('tells of a second factor', async () => {
    const { evidence } = await talkTo('set-up-satochip');
    const transcript = evidence.transcript.map((exchange) =>
      toHex(exchange.command) === 'b03c0000'
        ? { ...exchange, response: hex('000c0006 05010101 01 00 01 01 9000') }
        : exchange,
    );
    const { usage } = prove({ ...evidence, transcript });
    expect(usage?.signals.map(({ code, weight }) => [code, weight])).toContainEqual([
      'second-factor',
      'use',
    ]);
  });
});

function usageWithout(evidence: CardEvidence, command: string): string | undefined {
  const transcript = evidence.transcript.map((exchange) =>
    toHex(exchange.command) === command ? { ...exchange, response: hex('6d00') } : exchange,
  );
  return prove({ ...evidence, transcript }).usage?.value;
}
