import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import { tangemCases } from '../../../src/simulator/tangem/cases.ts';
import { cos1, cos3, cos4, cos8, wallet1, wallet2 } from '../../../src/simulator/tangem/models.ts';
import type { TangemProfile } from '../../../src/simulator/tangem/profile.ts';
import { type Alter, evidenceOf, linesOf, sw } from '../../support/tangem-cards.ts';
import { ownCode } from '../../support/tangem-evidence.ts';
import { hashHex, talk } from '../../support/tangem-talk.ts';

const loaded = [{ status: 2 }];

describe('an access code', () => {
  const heardWith = (heard: readonly Uint8Array[], code: string) =>
    heard.filter((command) => toHex(command).includes(hashHex(code))).length;
  const answered = tangemCases.filter(({ id }) => id !== 'removed-mid-way' && id !== 'mute');

  it.each(answered.map(({ id, profile }) => [id, profile] as const))(
    '%s: no card hears a wrong one twice, or anything that changes it',
    async (_, profile) => {
      for (const accessCode of [undefined, profile.accessCode]) {
        const { simulated, error } = await talk(profile, accessCode ? { accessCode } : {});
        expect(error).toBeUndefined();
        expect(simulated.wrongCodes).toBeLessThanOrEqual(1);
        expect(simulated.forbiddenCommands).toBe(0);
      }
    },
  );

  it.each([
    ['COS 3.05', { model: cos3, wallets: loaded, accessCode: ownCode }, 1],
    ['COS 4.36', { model: { ...wallet1, firmware: '4.36r' }, accessCode: ownCode }, 1],
    ['COS 6.33', { model: wallet2, wallets: loaded, accessCode: ownCode }, 1],
  ])('that is wrong is sent to %s once', async (_, profile, times) => {
    const { heard, simulated } = await talk(profile, { accessCode: '111111' });
    expect(heardWith(heard, '111111')).toBe(times);
    // An early card has heard the default code before, as from any phone that it touches.
    expect(simulated.wrongCodes).toBe(profile.model === wallet2 ? 1 : 2);
  });

  it('that is wrong is proven to COS 8 once', async () => {
    const profile = { model: cos8, wallets: loaded, accessCode: ownCode };
    const { names, simulated, error } = await talk(profile, { accessCode: '111111' });
    expect(error).toBeUndefined();
    expect(simulated.wrongCodes).toBe(1);
    expect(names.slice(5)).toEqual(['authorize', 'open 16', 'authorize', 'authorize', 'attest']);
  });

  it.each([0x6a86, 0x6af1])('is sent where READ is refused with %i', async (status) => {
    let asked = 0;
    const alter: Alter = (name) => {
      asked += name === 'read' ? 1 : 0;
      return name === 'read' && asked === 1 ? sw(status) : undefined;
    };
    const { names, steps } = await talk({ model: cos3 }, { alter, accessCode: ownCode });
    expect(names).toEqual(['select', 'read', 'read']);
    expect(steps).toContain('code');
  });

  it.each([0x6985, 0x6af3, 0x6d00])('is not sent where it is refused with %i', async (status) => {
    const alter: Alter = (name) => (name === 'read' ? sw(status) : undefined);
    const { heard } = await talk({ model: cos3 }, { alter, accessCode: ownCode });
    expect(heardWith(heard, ownCode)).toBe(0);
  });

  it.each(['plain', 'probed'])('given rightly or wrongly is tried once, %s', async (start) => {
    const models = [cos1, cos3, cos4, { ...wallet1, firmware: '4.36r' }, wallet1, wallet2, cos8];
    const told = { accessCode: ownCode, wallets: loaded };
    let wrong = 0;
    for (const model of models) {
      const small = { model: { ...model, slots: Math.min(model.slots, 2) } };
      const channels = model === cos8 ? [undefined] : ([undefined, 'fast', 'strong'] as const);
      for (const demands of channels) {
        for (const owner of [{}, told]) {
          const profile = { ...small, ...owner, ...(demands && { demands, showsUid: true }) };
          for (const accessCode of [undefined, ownCode, '111111', '000000']) {
            const detect = start === 'probed';
            const { simulated, recorded, error } = await talk(profile, { accessCode, detect });
            const name = `${model.firmware} ${demands} ${owner === told} ${accessCode}`;
            expect(error, name).toBeUndefined();
            const open = simulated.wrongTries.filter((command) =>
              toHex(command).includes(hashHex('000000')),
            );
            const own = simulated.wrongTries.length - open.length;
            expect(open.length, name).toBeLessThanOrEqual(1);
            expect(own, name).toBeLessThanOrEqual(1);
            wrong += own;
            const isRight = accessCode === ownCode ? owner === told : accessCode === undefined;
            if (isRight && accessCode !== undefined) {
              expect(own, name).toBe(0);
              expect(linesOf(prove(evidenceOf(...recorded))), name).toContain(
                'signature live held',
              );
            }
            if (accessCode === '111111' && owner === told) expect(own, name).toBe(1);
          }
        }
      }
    }
    expect(wrong).toBeGreaterThan(19);
  });

  it('that is the default one is no second one', async () => {
    for (const model of [cos3, wallet2, cos8]) {
      for (const demands of [undefined, 'fast'] as const) {
        if (model === cos8 && demands) continue;
        const profile = {
          model,
          wallets: loaded,
          accessCode: ownCode,
          ...(demands && { demands }),
        };
        const given = await talk(profile, { accessCode: '000000' });
        const none = await talk(profile);
        expect(given.names).toEqual(none.names);
        expect(given.simulated.wrongCodes).toBeLessThanOrEqual(1);
        expect(given.steps).toEqual(none.steps);
      }
    }
  });

  const strongLater: Alter = (name, _, command) =>
    name === 'attest' && command[2] !== 2 ? sw(0x6982) : undefined;

  it('that was sent in the open keys no channel after that', async () => {
    const later = { model: wallet2, wallets: loaded, accessCode: ownCode };
    const early = { model: cos3, wallets: loaded, accessCode: ownCode };
    let reads = 0;
    const secondRead: Alter = (name) => {
      reads += name === 'read' ? 1 : 0;
      return name === 'read' && reads === 2 ? sw(0x6982) : undefined;
    };
    const cases = [
      [later, strongLater, ['attest']],
      [early, secondRead, ['read', 'read']],
    ] as const;
    for (const [profile, alter, last] of cases) {
      for (const accessCode of [ownCode, '111111']) {
        reads = 0;
        const { names, heard, recorded } = await talk(profile, { alter, accessCode });
        expect(names.slice(-last.length)).toEqual(last);
        expect(heardWith(heard, accessCode)).toBe(1);
        const [live] = prove(evidenceOf(...recorded)).checks;
        expect(live?.result).toBe('locked');
        expect(live?.detail).toMatch(/refused with 6982, .*; a code was given$/);
      }
    }
  });

  it('that keyed a channel keys no stronger one, and READ inside of it carries it', async () => {
    const model = { ...wallet2, slots: 2 };
    const profile = { model, demands: 'fast', accessCode: ownCode } as const;
    const { names, recorded } = await talk(profile, { alter: strongLater, accessCode: ownCode });
    expect(names).toEqual(['select', 'read', 'open 1', 'uid', 'read', 'read', 'attest']);
    const carried = recorded
      .filter(({ disclosure }) => disclosure !== 'private')
      .map(({ command }) => toHex(command))
      .map((hex) =>
        hex.includes(hashHex('000000')) ? 'default' : hex.includes('1000') ? 'own' : '',
      );
    expect(carried).toEqual(['', 'default', 'own', 'own', 'own']);
    const [live] = prove(evidenceOf(...recorded)).checks;
    expect([live?.result, live?.detail]).toEqual([
      'locked',
      'ATTEST CARD KEY: refused with 6982, it demands an encrypted channel; a code was given',
    ]);
  });

  it('keys the strong channel where the card opened no fast one', async () => {
    const profile = { model: wallet2, demands: 'strong', accessCode: ownCode } as const;
    const { names, recorded } = await talk(profile, { accessCode: ownCode });
    expect(names.slice(2, 4)).toEqual(['open 1', 'open 2']);
    expect(linesOf(prove(evidenceOf(...recorded)))).toContain('signature live held');
  });

  it('that READ of COS 8 asked for is not proven once more', async () => {
    let reads = 0;
    const alter: Alter = (name) => {
      reads += name === 'read' ? 1 : 0;
      return name === 'read' && reads === 1 ? sw(0x6a86) : undefined;
    };
    const profile = { model: cos8, wallets: loaded, accessCode: ownCode };
    const { names, heard } = await talk(profile, { alter, accessCode: '111111' });
    expect(names.filter((name) => name === 'authorize').length).toBe(1);
    const read = heard.filter((_, index) => names[index] === 'read').map(toHex);
    expect(read.map((hex) => hex.includes(hashHex('111111')))).toEqual([false, true]);
  });

  it('is told when it is used, and at no other time', async () => {
    const steps = async (profile: TangemProfile, accessCode: string) =>
      (await talk(profile, { accessCode })).steps.filter((step) => step === 'code').length;
    const coded = { model: wallet2, accessCode: ownCode };
    expect(await steps(coded, ownCode)).toBe(1);
    expect(await steps({ ...coded, demands: 'strong' }, ownCode)).toBe(1);
    expect(await steps({ model: wallet2 }, ownCode)).toBe(0);
    expect(await steps(coded, '000000')).toBe(0);
  });

  it('is not sent to a card without one', async () => {
    for (const model of [cos3, wallet1, wallet2, cos8]) {
      const { heard, names, simulated } = await talk({ model }, { accessCode: ownCode });
      expect(heardWith(heard, ownCode)).toBe(0);
      expect(names.filter((name) => name === 'authorize').length).toBe(model === cos8 ? 1 : 0);
      expect(simulated.wrongCodes).toBe(0);
    }
  });
});
