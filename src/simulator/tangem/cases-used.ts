/** Genuine cards that somebody has set up, used, wiped, or that report something odd. */
import type { BuildableCase } from '../simulation.ts';
import { cos3, cos4, cos8, wallet1, wallet2 } from './models.ts';
import { CardStatus, type TangemProfile, type WalletState, WalletStatus } from './profile.ts';

/** Any code but the default; known to the tests. */
const ownCode = '482915';

const loaded: WalletState = { status: WalletStatus.loaded };
const usedWallets: readonly WalletState[] = [
  { status: WalletStatus.loaded, signed: 17 },
  { status: WalletStatus.loaded, signed: 3 },
];

/** One of a set of three whose wallets were copied from card to card. */
const ofSet = {
  model: wallet2,
  wallets: [{ status: WalletStatus.backedUp }, { status: WalletStatus.backedUp }],
  backup: { status: 2, count: 2 },
} as const satisfies TangemProfile;

const notNew = 'genuine card, not new: stop';

export const usedCases: readonly BuildableCase<TangemProfile>[] = [
  {
    id: 'set-up',
    description: 'A genuine Tangem card on which somebody already created a wallet.',
    expected: notNew,
    profile: { model: wallet2, wallets: [loaded] },
  },
  {
    id: 'code-set',
    description: 'A genuine Tangem card with a wallet and an access code of somebody else.',
    expected: 'with the access code a genuine card, not new; without it not decided',
    profile: { model: wallet2, wallets: [loaded], accessCode: ownCode },
  },
  {
    id: 'code-set-old',
    description: 'A genuine Tangem card with firmware 3.05 that shows nothing without its code.',
    expected: 'with the access code a genuine card, not new; without it not decided',
    profile: { model: cos3, wallets: [loaded], accessCode: ownCode },
  },
  {
    id: 'code-set-v8',
    description: 'A genuine Tangem card with firmware 8.58, a wallet and an access code.',
    expected: 'with the access code a genuine card, not new; without it not decided',
    profile: { model: cos8, wallets: [loaded], accessCode: ownCode },
  },
  {
    id: 'imported',
    description: 'A genuine Tangem card whose wallet was made from a phrase that others may know.',
    expected: notNew,
    profile: { model: wallet2, wallets: [{ status: WalletStatus.imported }] },
  },
  {
    id: 'used',
    description: 'A genuine Tangem card with two used wallets and two backup cards.',
    expected: notNew,
    profile: { model: wallet2, wallets: usedWallets, backup: { status: 2, count: 2 } },
  },
  {
    id: 'used-wallet',
    description: 'A genuine Tangem card of 2022 with two used wallets and one backup card.',
    expected: notNew,
    profile: { model: wallet1, wallets: usedWallets, backup: { status: 2, count: 1 } },
  },
  {
    id: 'wiped',
    description: 'A genuine Tangem card with firmware 4.12 whose wallet was deleted.',
    expected: notNew,
    profile: { model: cos4, wallets: [{ status: WalletStatus.purged }] },
  },
  {
    id: 'purged',
    description: 'A genuine Tangem card with firmware 3.05 whose only wallet was deleted for good.',
    expected: notNew,
    profile: { model: cos3, status: CardStatus.purged },
  },
  {
    id: 'set-primary',
    description: 'The first card of a set of three that somebody has set up.',
    expected: notNew,
    profile: { ...ofSet, role: 'primary' },
  },
  {
    id: 'set-backup-1',
    description: 'The second card of a set of three that somebody has set up.',
    expected: notNew,
    profile: { ...ofSet, role: 'backup-1' },
  },
  {
    id: 'set-backup-2',
    description: 'The third card of a set of three that somebody has set up.',
    expected: notNew,
    profile: { ...ofSet, role: 'backup-2' },
  },
  {
    id: 'tampered-health',
    description: 'A genuine new Tangem card that reports that something happened to its chip.',
    expected: 'genuine with warnings, the card reports damage: stop',
    profile: { model: wallet2, health: 0x01 },
  },
];
