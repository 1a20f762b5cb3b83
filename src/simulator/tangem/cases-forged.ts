/** Cards that are not what they claim, cards that misbehave, and servers that do not help. */
import type { BuildableCase } from '../simulation.ts';
import { wallet2 } from './models.ts';
import { type TangemProfile, WalletStatus } from './profile.ts';
import { publishedModel } from './published.ts';

const fresh = { model: wallet2 } satisfies TangemProfile;

const noWord = 'not decided: the maker did not vouch for the card';

const forgeries: readonly BuildableCase<TangemProfile>[] = [
  {
    id: 'wrong-issuer',
    description: 'A copy whose maker signs with an issuer and a manufacturer key of its own.',
    expected: 'not genuine: the signatures are by a foreign maker',
    profile: { ...fresh, issuer: 'foreign' },
  },
  {
    id: 'sdk-key',
    description: 'A card that shows the ID of a published development card and a key of its own.',
    expected: 'not genuine: made with the public keys of the development kit',
    profile: { model: publishedModel, identity: 'published', maker: 'unknown' },
  },
  {
    id: 'copied-id',
    description: 'A card that shows the signed ID of a genuine Tangem card and a key of its own.',
    expected: noWord,
    profile: { ...fresh, identity: 'copied', maker: 'unknown' },
  },
  {
    id: 'hidden-backup',
    description: 'A Tangem card that looks new and hides its two backup cards inside its proof.',
    expected: 'not genuine: the salt holds more than a salt',
    profile: { ...fresh, fault: { kind: 'hidden-backup' } },
  },
  {
    id: 'hidden-links',
    description: 'A Tangem card that reports two backup cards but never proves which.',
    expected: 'genuine card, not new, backup cards not named: stop',
    profile: {
      ...fresh,
      wallets: [{ status: WalletStatus.backedUp }, { status: WalletStatus.backedUp }],
      backup: { status: 2, count: 2 },
      fault: { kind: 'hidden-links' },
    },
  },
  {
    id: 'developer',
    description: 'A card with the firmware of a development kit, which anybody can fill anew.',
    expected: 'genuine with warnings, firmware for developers: stop',
    profile: { model: { ...wallet2, firmware: '6.33d SDK' } },
  },
  {
    id: 'lying-key',
    description: 'A card that shows the key of a genuine Tangem card but cannot use that key.',
    expected: 'not genuine: the signature is by another key',
    profile: { ...fresh, fault: { kind: 'lying-key' } },
  },
  {
    id: 'replayed',
    description: 'A card without a key that plays back what a genuine Tangem card once answered.',
    expected: 'not genuine: the signature does not answer this challenge',
    profile: { ...fresh, fault: { kind: 'replayed' } },
  },
];

const misbehaviour: readonly BuildableCase<TangemProfile>[] = [
  {
    id: 'endless-pause',
    description: 'A card that asks for patience for ever when it should prove itself.',
    expected: 'not decided: the card keeps delaying its proof',
    profile: { ...fresh, fault: { kind: 'pause', times: Number.POSITIVE_INFINITY } },
  },
  {
    id: 'refuses',
    description: 'A card that refuses the command that would prove it genuine.',
    expected: 'not decided: the card refuses to prove itself',
    profile: { ...fresh, fault: { kind: 'refuses', sw: 0x6985 } },
  },
  {
    id: 'garbage',
    description: 'A card that answers with random bytes and "success" when it is read.',
    expected: 'not decided: the answers cannot be read',
    profile: { ...fresh, fault: { kind: 'garbage' } },
  },
  {
    id: 'oversized',
    description: 'A card that sends about 60 kilobytes of unknown data when it is read.',
    expected: 'not decided: the answer is far too long',
    profile: { ...fresh, fault: { kind: 'oversized' } },
  },
  {
    id: 'removed-mid-way',
    description: 'A Tangem card that is taken off the reader in the middle of the check.',
    expected: 'no verdict: the card was removed',
    profile: { ...fresh, fault: { kind: 'removed' } },
  },
  {
    id: 'mute',
    description: 'A card that talks like a Tangem card until it is asked to prove itself.',
    expected: 'no verdict: the card stopped answering',
    profile: { ...fresh, fault: { kind: 'mute' } },
  },
];

const servers: readonly BuildableCase<TangemProfile>[] = [
  {
    id: 'endpoint-down',
    description: 'A genuine new card while the server of its maker is out of order.',
    expected: noWord,
    profile: { ...fresh, maker: 'unavailable' },
  },
  {
    id: 'endpoint-empty',
    description: 'A genuine new card while the server of its maker answers with nothing.',
    expected: noWord,
    profile: { ...fresh, maker: 'empty' },
  },
  {
    id: 'endpoint-malformed',
    description: 'A genuine new card while the server of its maker sends a signature cut short.',
    expected: noWord,
    profile: { ...fresh, maker: 'malformed' },
  },
  {
    id: 'endpoint-wrong',
    description: 'A card for which the server of its maker sends the signatures of another card.',
    expected: 'not genuine: the signature of the issuer is not over the key of this card',
    profile: { ...fresh, maker: 'mixed-up' },
  },
  {
    id: 'endpoint-mute',
    description: 'A genuine new card while the server of its maker never answers.',
    expected: noWord,
    profile: { ...fresh, maker: 'mute' },
  },
  {
    id: 'endpoint-refuses',
    description: 'A genuine new card while the server of its maker refuses to be asked.',
    expected: noWord,
    profile: { ...fresh, maker: 'refuses' },
  },
];

export const forgedCases: readonly BuildableCase<TangemProfile>[] = [
  ...forgeries,
  ...misbehaviour,
  ...servers,
];
