import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { cos1, cos3, cos4, cos8, wallet1, wallet2 } from '../../../src/simulator/tangem/models.ts';
import type { TangemProfile } from '../../../src/simulator/tangem/profile.ts';
import { bytes, challenge, tangemCard } from '../../support/tangem-cards.ts';
import { ownCode } from '../../support/tangem-evidence.ts';
import { script, talk } from '../../support/tangem-talk.ts';

const loaded = [{ status: 2 }];

describe('the interview, byte by byte, of', () => {
  const full = { model: wallet2, wallets: loaded, backup: { status: 2, count: 2 } } as const;
  const between = { ...wallet1, firmware: '4.36r' };
  const later = (accessCode?: string) => ({
    model: wallet2,
    wallets: loaded,
    ...(accessCode && { accessCode }),
  });
  const cases: readonly [
    string,
    TangemProfile,
    string | undefined,
    (s: ReturnType<typeof script>) => string[],
  ][] = [
    ['COS 1.28', { model: cos1 }, undefined, (s) => [s.read(), s.attest('000000')]],
    ['COS 3.05', { model: cos3 }, undefined, (s) => [s.read(), s.attest('000000')]],
    [
      'COS 3.05 with a code',
      { model: cos3, wallets: loaded, accessCode: ownCode },
      ownCode,
      (s) => [s.read(), s.read(ownCode), s.attest(ownCode)],
    ],
    ['COS 4.12', { model: cos4 }, undefined, (s) => [s.read(), s.wallets(0), s.attest('000000')]],
    [
      'COS 4.36 with a code',
      { model: { ...between, slots: 2 }, wallets: loaded, accessCode: ownCode },
      ownCode,
      (s) => [s.read(), s.read(ownCode), s.wallets(0, ownCode), s.attest(ownCode)],
    ],
    [
      'COS 4.52',
      { model: wallet1 },
      undefined,
      (s) => [s.read(), ...[0, 10, 20, 30].map((from) => s.wallets(from)), s.attest()],
    ],
    [
      'COS 6.33',
      { model: wallet2 },
      undefined,
      (s) => [s.read(), ...[0, 8, 16].map((from) => s.wallets(from)), s.attest()],
    ],
    [
      'COS 6.33, with a code that was not asked for',
      later(),
      ownCode,
      (s) => [s.read(), ...[0, 8, 16].map((from) => s.wallets(from)), s.attest()],
    ],
    [
      'COS 6.33 with a code, which is not given',
      later(ownCode),
      undefined,
      (s) => [s.read(), ...[0, 8, 16].map((from) => s.wallets(from)), s.attest()],
    ],
    [
      'COS 6.33 with a code',
      later(ownCode),
      ownCode,
      (s) => [s.read(), ...[0, 8, 16].map((from) => s.wallets(from)), s.attest(ownCode)],
    ],
    [
      'COS 6.33 with an active backup',
      full,
      undefined,
      (s) => [s.read(), ...[0, 8, 16].map((from) => s.wallets(from)), s.attest(undefined, true)],
    ],
    [
      'COS 6.33 that is linked only',
      { ...full, backup: { status: 1, count: 2 } },
      undefined,
      (s) => [s.read(), ...[0, 8, 16].map((from) => s.wallets(from)), s.attest()],
    ],
    [
      'COS 4.52 with an active backup',
      { model: { ...wallet1, slots: 2 }, backup: { status: 2, count: 1 } },
      undefined,
      (s) => [s.read(), s.wallets(0), s.attest()],
    ],
  ];

  it.each(cases)('%s', async (_, profile, accessCode, expected) => {
    const { heard, error } = await talk(profile, accessCode ? { accessCode } : {});
    const wanted = script(profile);
    expect(error).toBeUndefined();
    expect(heard.map(toHex)).toEqual([wanted.select, ...expected(wanted)]);
  });

  it('COS 8.58: READ in the clear and without a name, the rest in its channel', async () => {
    const profile = { model: cos8 };
    const { heard, names, recorded, steps } = await talk(profile);
    const { select, read, wallets } = script(profile);
    const plain = [select, read(), ...[0, 8, 16].map((from) => wallets(from, '000000', false))];
    expect(heard.slice(0, 5).map(toHex)).toEqual(plain);
    expect(names.slice(5)).toEqual(['authorize', 'open 16', 'attest']);
    expect(toHex(heard.at(-1)?.subarray(0, 4) ?? bytes())).toBe('00f31000');
    // What is written down is what was said inside: no name, no code.
    expect(toHex(recorded.at(-1)?.command ?? bytes())).toBe(
      `00f30000000012 1610${toHex(challenge)}`.replace(' ', ''),
    );
    expect(steps).toEqual(['status', 'wallets', 'challenge', 'channel']);
  });

  it('COS 8.58 with a code', async () => {
    const profile = { model: cos8, wallets: loaded, accessCode: ownCode };
    const { names, simulated, steps, recorded } = await talk(profile, { accessCode: ownCode });
    const asked = ['authorize', 'open 16', 'authorize', 'authorize', 'attest'];
    expect(names.slice(5)).toEqual(asked);
    expect(simulated.wrongCodes).toBe(0);
    expect(steps.slice(-3)).toEqual(['challenge', 'channel', 'code']);
    expect(recorded.slice(5).map(({ disclosure }) => disclosure)).toEqual([
      ...Array(3).fill('private'),
      'state',
      'proof',
    ]);
  });
});

describe('what is written down', () => {
  it('is proof, or state where it only says how the card was used', async () => {
    const { recorded } = await talk({ model: wallet2 });
    const disclosures = recorded.map(({ disclosure }) => disclosure);
    expect(disclosures).toEqual(['proof', 'proof', 'state', 'state', 'state', 'proof']);
  });

  it('names its steps', async () => {
    expect((await talk({ model: cos3 })).steps).toEqual(['status', 'challenge']);
    expect((await talk({ model: wallet2 })).steps).toEqual(['status', 'wallets', 'challenge']);
  });
});

describe('a probe that was answered before', () => {
  const probe = async (profile: TangemProfile, accessCode?: string) => {
    const card = tangemCard(profile);
    card.reset();
    const { select, read } = script(profile);
    const answers = [select, read()].map((hex) => card.respond(Buffer.from(hex, 'hex')));
    const reply = answers[1];
    const probed = reply?.kind === 'answer' ? reply.bytes : bytes();
    return talk(profile, { probed, ...(accessCode && { accessCode }) });
  };

  it('is not asked again', async () => {
    const { names } = await probe({ model: cos3 });
    expect(names[0]).toBe('attest');
    expect(names).not.toContain('read');
  });

  it('with a wrong code is not asked again with the same one', async () => {
    const profile = { model: cos3, wallets: loaded, accessCode: ownCode };
    expect((await probe(profile)).names).toEqual([]);
    expect((await probe(profile, ownCode)).heard.map(toHex)[0]).toBe(script(profile).read(ownCode));
  });

  it('in the clear is asked again in a channel', async () => {
    const { names } = await probe({ model: wallet1, demands: 'fast' });
    expect(names[0]).toBe('read');
  });
});
