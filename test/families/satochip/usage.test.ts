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
    ['personalisation-open', 'log-unread'],
  ],
  ['a Satodime at home', { ...newSatodime, isPkiOpen: true }, 'new', ['reset-unseen']],
  ['a new SeedKeeper', newSeedkeeper, 'new', ['log-unread']],
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
  ['a SeedKeeper after a reset', { ...ownedSeedkeeper, log: [0xff] }, 'was-reset', ['log-entries']],
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

  it.each([
    ['with the right PIN, is settled by it', '123456', 'neutral'],
    ['with a wrong PIN, is a sign of use', '654321', 'use'],
    ['without a PIN, is a sign of use', undefined, 'use'],
  ])('a PIN that misses tries, %s', async (_, accessCode, weight) => {
    const applets = [{ ...ownedSatochip, triesLeft: 3 }];
    const { evidence } = await talkTo({ applets }, accessCode === undefined ? {} : { accessCode });
    const found = prove(evidence).usage?.signals.find(({ code }) => code === 'wrong-pins');
    expect(found).toMatchObject({ weight, params: { left: '3' } });
  });

  it('says of a log that was not read that it was not, and where there is none', async () => {
    const blind = (evidence: CardEvidence) =>
      prove(evidence)
        .usage?.signals.filter(({ weight }) => weight === 'blind')
        .map(({ code }) => code);
    const { evidence: locked } = await talkTo('used-seedkeeper');
    expect(blind(locked)).toEqual(['log-unread']);
    expect(blind((await talkTo('used-seedkeeper', { accessCode: '123456' })).evidence)).toEqual([]);
    const status = (version: string) => ({
      ...locked,
      transcript: locked.transcript.map((exchange) =>
        toHex(exchange.command) === 'b03c0000'
          ? { ...exchange, response: hex(`${version} 05010000 00 01 01 01 9000`) }
          : exchange,
      ),
    });
    expect(blind(status('00010001'))).toEqual(['reset-unseen']);
    expect(blind(status('00020001'))).toEqual(['log-unread']);
    expect(blind((await talkTo('set-up-satochip')).evidence)).toEqual(['reset-unseen']);
  });

  it('of a card that was reset is told by the last entry of its log, and while it is empty', async () => {
    const state = async (change: Partial<AppletProfile>) => {
      const applets = [{ ...ownedSeedkeeper, ...change }];
      return prove((await talkTo({ applets }, { accessCode: '123456' })).evidence).usage?.value;
    };
    expect(await state({ log: [0xa1, 0xff] })).toBe('was-reset');
    expect(await state({ log: [0xff, 0xa1] })).toBe('pin-set');
    expect(await state({ log: [0xff], secrets: 1 })).toBe('seeded');
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
