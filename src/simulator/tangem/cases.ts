/** The simulated cards that can be tried, as sold, as used, and as forged or broken. */
import type { BuildableCase } from '../simulation.ts';
import { forgedCases } from './cases-forged.ts';
import { usedCases } from './cases-used.ts';
import { cos1, cos3, cos8, wallet1, wallet2 } from './models.ts';
import type { TangemProfile } from './profile.ts';

const newCases: readonly BuildableCase<TangemProfile>[] = [
  {
    id: 'genuine',
    description: 'A new Tangem Wallet card with firmware 6.33, as it leaves the factory.',
    expected: 'genuine',
    profile: { model: wallet2 },
  },
  {
    id: 'genuine-wallet',
    description: 'A new Tangem Wallet card of 2022 with firmware 4.52.',
    expected: 'genuine with warnings: a newer firmware exists',
    profile: { model: wallet1 },
  },
  {
    id: 'genuine-v8',
    description: 'A new Tangem Wallet card with firmware 8.58, which proves itself in a channel.',
    expected: 'genuine with warnings: the registry does not know its firmware',
    profile: { model: cos8 },
  },
  {
    id: 'old-cos',
    description: 'A Tangem card of 2020 with firmware 3.05, still without a wallet.',
    expected: 'genuine with warnings: a newer firmware exists',
    profile: { model: cos3 },
  },
  {
    id: 'first-cos',
    description: 'A Tangem card of 2018 with firmware 1.28, still without a wallet.',
    expected: 'genuine with warnings: a newer firmware exists',
    profile: { model: cos1 },
  },
  {
    id: 'encryption-fast',
    description: 'A new Tangem card with firmware 4.52 that speaks in an encrypted session only.',
    expected: 'genuine with warnings: a newer firmware exists',
    profile: { model: wallet1, demands: 'fast', showsUid: true },
  },
  {
    id: 'encryption-strong',
    description:
      'A new Tangem card with firmware 6.33 that wants a session encrypted in the strong way.',
    expected: 'genuine',
    profile: { model: wallet2, demands: 'strong' },
  },
  {
    id: 'pause',
    description: 'A new Tangem card that asks for patience six times before it proves itself.',
    expected: 'genuine',
    profile: { model: wallet2, fault: { kind: 'pause', times: 6 } },
  },
];

export const tangemCases: readonly BuildableCase<TangemProfile>[] = [
  ...newCases,
  ...usedCases,
  ...forgedCases,
];
