/** What is asked of which card, in which order, and what never is. */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { parseSatochipCommand } from '../../../src/families/satochip/messages.ts';
import { stepNotes, stepTexts } from '../../../src/report/texts-steps.ts';
import { satochip as simulation } from '../../../src/simulator/satochip/index.ts';
import {
  newSatochip,
  newSeedkeeper,
  ownedSatochip,
  ownedSeedkeeper,
} from '../../../src/simulator/satochip/models.ts';
import { seededRandom } from '../../support/tap-evidence.ts';
import { type Asked, channelCard, collect, hex, type Talked, talkTo } from './cards.ts';

const pin = '123456';

/** Names of what was asked, the pieces of a certificate as one. */
function asked({ evidence }: Talked): string[] {
  const names = evidence.transcript
    .filter(({ command }) => command[0] !== 0x80)
    .map(({ command }) => {
      const parsed = parseSatochipCommand(command);
      return parsed.name === 'select' ? parsed.product : parsed.name;
    });
  return names.filter((name, index) => name !== names[index - 1]);
}

const attestation = ['certificate-size', 'certificate-piece', 'public-key', 'challenge'];

describe('what is asked of', () => {
  const cases: readonly (readonly [string, Parameters<typeof talkTo>[0], Asked, string[]])[] = [
    [
      'a Satodime',
      'genuine',
      {},
      ['manager', 'satodime', 'status', 'channel', ...attestation, 'slots', 'label'],
    ],
    [
      'a new Satochip',
      'new-satochip',
      {},
      ['manager', 'satochip', 'status', 'channel', 'public-key'],
    ],
    [
      'a new SeedKeeper, with a PIN that it cannot have',
      'new-seedkeeper',
      { accessCode: pin },
      ['manager', 'seedkeeper', 'status', 'channel', 'public-key'],
    ],
    [
      'a Satochip with a PIN that is not given',
      'set-up-satochip',
      {},
      ['manager', 'satochip', 'status', 'channel'],
    ],
    [
      'a Satochip with its PIN',
      'set-up-satochip',
      { accessCode: pin },
      ['manager', 'satochip', 'status', 'channel', 'pin', ...attestation],
    ],
    [
      'a Satochip with a wrong PIN',
      'set-up-satochip',
      { accessCode: '654321' },
      ['manager', 'satochip', 'status', 'channel', 'pin'],
    ],
    [
      'a SeedKeeper with its PIN',
      'used-seedkeeper',
      { accessCode: pin },
      ['manager', 'seedkeeper', 'status', 'channel', 'pin', ...attestation, 'secrets'],
    ],
    ['the last try', 'last-try', { accessCode: pin }, ['manager', 'satochip', 'status', 'channel']],
    [
      'a blocked PIN',
      'blocked-pin',
      { accessCode: pin },
      ['manager', 'satochip', 'status', 'channel'],
    ],
    [
      'an old Satochip',
      'old-applet-channel',
      { accessCode: pin },
      ['manager', 'satochip', 'status'],
    ],
    [
      'a Satodime without a certificate',
      'unpersonalised',
      {},
      [
        'manager',
        'satodime',
        'status',
        'channel',
        'certificate-size',
        'public-key',
        'slots',
        'label',
      ],
    ],
    [
      'a SeedKeeper that its user called by the name of the family',
      'new-seedkeeper',
      { named: true },
      ['manager', 'satochip', 'manager', 'seedkeeper', 'status', 'channel', 'public-key'],
    ],
  ];
  it.each(cases)('%s', async (_, what, how, expected) => {
    const talked = await talkTo(what, how);
    expect(asked(talked)).toEqual(expected);
    expect(talked.forbidden).toBe(0);
  });
});

describe('the PIN', () => {
  it('is announced with the tries that are left, before it is sent', async () => {
    const { steps, pins } = await talkTo('set-up-satochip', { accessCode: pin });
    expect(steps).toEqual([
      'status',
      'channel',
      'code-tries 5,Satochip',
      'code',
      'certificates',
      'challenge',
    ]);
    expect(pins).toBe(1);
  });

  it.each([
    [1, ['code-tries 1,Satochip', 'code-last-try'], 0],
    [0, ['code-tries 0,Satochip', 'code-last-try'], 0],
    [2, ['code-tries 2,Satochip', 'code'], 1],
  ])('with %i tries left', async (triesLeft, said, sent) => {
    const applets = [{ ...ownedSatochip, triesLeft }];
    const { steps, pins } = await talkTo({ applets }, { accessCode: '000000' });
    expect(steps.filter((step) => step.startsWith('code'))).toEqual(said);
    expect(pins).toBe(sent);
  });

  it('is announced for the product that was found', async () => {
    const { steps } = await talkTo('set-up-seedkeeper', { accessCode: pin });
    expect(steps).toContain('code-tries 5,SeedKeeper');
  });

  it.each(['genuine', 'new-satochip', 'new-seedkeeper'])(
    'is not sent to a card that asks for none, which is said: %s',
    async (id) => {
      const given = await talkTo(id, { accessCode: pin });
      expect(given.steps.filter((step) => step.startsWith('code'))).toEqual(['code-unneeded']);
      expect(given.pins).toBe(0);
      expect((await talkTo(id)).steps).not.toContain('code-unneeded');
    },
  );

  it('that is needed is not called unneeded', async () => {
    for (const accessCode of [pin, '654321']) {
      const { steps } = await talkTo('set-up-satochip', { accessCode });
      expect(steps).not.toContain('code-unneeded');
    }
  });

  it.each(['', '123', '12345678901234567', 'ääääääääa'])(
    'of another length than any card has is not sent: "%s"',
    async (accessCode) => {
      const { steps, pins } = await talkTo('set-up-satochip', { accessCode });
      expect(steps).toEqual(['status', 'channel', 'code-unfit']);
      expect(pins).toBe(0);
    },
  );

  it('of letters beyond ASCII is sent as UTF-8', async () => {
    expect((await talkTo('set-up-satochip', { accessCode: 'ääää' })).pins).toBe(1);
  });

  it('is sent once, whatever a card says of it and of its tries', async () => {
    for (const sw of ['63c9', '6c00', '6b00', '9c0c', '9c04', '6100']) {
      const { card, inside } = channelCard(
        'satochip',
        hex('000c0006 ff010101 00 01 01 01 9000'),
        (command) => (command[1] === 0x42 && inside.length === 1 ? hex(sw) : hex('6f00')),
      );
      const random = seededRandom(sw);
      await collect(card, random, { random, onStep: () => undefined, accessCode: pin });
      const pins = inside.filter(([, ins]) => ins === 0x42).map(toHex);
      // A wrong length is answered with the same bytes, which no card takes for another try.
      expect(new Set(pins).size, sw).toBe(1);
      if (sw !== '6c00') expect(pins.length, sw).toBe(1);
    }
  });
});

it('a card that breaks off its certificate is not challenged', async () => {
  const answers = { 0: '01009000', 1: '6f00' } as const;
  const { card, inside } = channelCard(
    'satodime',
    hex('00010002 00000000 00 00 00 01 9000'),
    (_, index) => hex(index === 0 || index === 1 ? answers[index] : '6f00'),
  );
  const random = seededRandom('broken off');
  await collect(card, random, { random, onStep: () => undefined }, true);
  expect(inside.map((command) => toHex(command))).toEqual([
    ...['b0930001', 'b09300020400000080', 'b0980000', 'b0500000', 'b03d0001'],
  ]);
});

describe('every simulated card', () => {
  const ids = simulation.cases.map(({ id }) => id);
  const broken = ['endless', 'removed-mid-way', 'mute'];
  it.each(ids)('%s is asked for nothing that changes it', async (id) => {
    for (const how of [{}, { accessCode: pin }, { accessCode: '0000' }, { named: true }]) {
      const talk = talkTo(id, how);
      if (broken.includes(id)) {
        await expect(talk).rejects.toMatchObject({ code: expect.stringMatching(/^READER_/) });
        continue;
      }
      const { forbidden, pins, steps } = await talk;
      expect(forbidden).toBe(0);
      expect(pins).toBeLessThanOrEqual(how.accessCode === undefined ? 0 : 1);
      if (['last-try', 'blocked-pin', 'new-satochip', 'genuine'].includes(id)) expect(pins).toBe(0);
      const texts = { ...stepTexts, ...stepNotes };
      for (const step of steps) expect(texts[step.split(' ')[0] ?? ''], step).toBeDefined();
    }
  });
});

it('a card with two products is judged by the first', async () => {
  const talked = await talkTo({ applets: [newSeedkeeper, newSatochip] });
  expect(asked(talked)).toContain('satochip');
  const both = await talkTo({ applets: [ownedSeedkeeper, newSatochip] }, { named: true });
  expect(asked(both)).not.toContain('seedkeeper');
});
