import { describe, expect, it } from 'vitest';
import type { Usage } from '../../../src/families/family.ts';
import { parseCardData } from '../../../src/families/tangem/card-data.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { readConversation } from '../../../src/families/tangem/conversation.ts';
import { Tlv } from '../../../src/families/tangem/tlv.ts';
import { proveUsage } from '../../../src/families/tangem/usage.ts';
import {
  bytes,
  cardFields,
  type Fields,
  filled,
  read,
  select,
  slot,
  text,
  tlv,
  wallets,
} from '../../support/tangem-cards.ts';

/** Usage of a card with these fields and these wallet records, as many as it says it has. */
function usageOf(
  changes: Fields = {},
  records: readonly Uint8Array[] = [slot(1), slot(1)],
  { page = {} as Fields, signedLinks = 0 } = {},
) {
  const pages = records.length === 0 ? [] : [wallets(records, 0, page)];
  const told = { [Tag.walletsCount]: bytes(records.length), ...changes };
  const conversation = readConversation([select(), read(told), ...pages]);
  const card = parseCardData(new Tlv(tlv({ ...cardFields, ...told })));
  return proveUsage(conversation, card, signedLinks);
}
const said = (...args: Parameters<typeof usageOf>) => {
  const usage = usageOf(...args);
  return [usage.value, ...usage.signals.map(({ code }) => code)].join(' ');
};
const paramsOf = (code: string, ...args: Parameters<typeof usageOf>) =>
  usageOf(...args).signals.find((signal) => signal.code === code)?.params;

const early = { [Tag.firmware]: text('3.05r') };
const loneWallet = { [Tag.walletPublicKey]: bytes(), [Tag.signedHashes]: bytes(0, 0, 0, 4) };

describe('the state of a card', () => {
  it.each<[string, Parameters<typeof usageOf>, string]>([
    ['new', [], 'new use-unsigned reset-unseen'],
    ['new, 4.38', [{ [Tag.firmware]: text('4.38r') }], 'new use-unsigned'],
    ['unfinished', [{ [Tag.status]: bytes(0) }], 'unfinished'],
    ['without a status', [{ [Tag.status]: undefined }], 'untold'],
    ['with a wallet', [{}, [slot(2), slot(1)]], 'set-up wallets'],
    ['with an imported wallet', [{}, [slot(0x42), slot(1)]], 'set-up wallets imported'],
    ['with a wallet of a new kind', [{}, [slot(1), slot(0x09)]], 'set-up wallets'],
    ['loaded, no wallet listed', [{ [Tag.status]: bytes(2) }], 'set-up'],
    ['loaded, list withheld', [{ [Tag.status]: bytes(2) }, []], 'set-up'],
    ['loaded, purged listed', [{ [Tag.status]: bytes(2) }, [slot(3)]], 'set-up purged-wallets'],
    [
      'loaded, list withheld, active backup',
      [{ [Tag.status]: bytes(2), [Tag.backupStatus]: bytes(2) }, []],
      'backed-up backup-cards',
    ],
    ['of a status to come', [{ [Tag.status]: bytes(9) }], 'set-up'],
    ['purged', [{ [Tag.status]: bytes(3) }], 'wiped'],
    ['with a purged wallet', [{}, [slot(3), slot(1)]], 'wiped purged-wallets'],
    ['with a purged wallet and one', [{}, [slot(3), slot(2)]], 'set-up wallets purged-wallets'],
    ['with a backed-up wallet', [{}, [slot(0x82)]], 'backed-up wallets'],
    [
      'with an active backup and a wallet',
      [{ [Tag.backupStatus]: bytes(2), [Tag.backupCount]: bytes(2) }, [slot(2)]],
      'backed-up wallets backup-cards',
    ],
    ['with an active backup', [{ [Tag.backupStatus]: bytes(2) }], 'prepared backup-cards'],
    ['linked', [{ [Tag.backupStatus]: bytes(1) }], 'prepared backup-linked'],
    ['with a backup status to come', [{ [Tag.backupStatus]: bytes(7) }], 'prepared backup-cards'],
    ['with a code', [{ [Tag.accessCodeIsDefault]: undefined }], 'prepared access-code'],
    ['with a passcode', [{ [Tag.passcodeIsDefault]: undefined }], 'prepared passcode'],
    ['with an empty imported slot', [{}, [slot(0x41)]], 'prepared imported'],
    ['with an empty slot that was backed up', [{}, [slot(0x81)]], 'prepared backup-made'],
    ['with a purged slot that was backed up', [{}, [slot(0x83)]], 'wiped purged-wallets'],
    ['with signed hashes', [{}, [slot(1, { [Tag.signedHashes]: bytes(1) })]], 'prepared signed'],
    ['that reports damage', [{ [Tag.health]: bytes(1) }], 'new health use-unsigned reset-unseen'],
    [
      'with the top bit of health',
      [{ [Tag.health]: bytes(0x80) }],
      'new use-unsigned reset-unseen',
    ],
    [
      'with developer firmware',
      [{ [Tag.firmware]: text('6.33d SDK') }],
      'new developer-firmware use-unsigned reset-unseen',
    ],
  ])('%s', (_, args, expected) => {
    expect(said(...args)).toBe(expected);
  });

  it('a backup hash that is not zero is a trace, zeros are none', () => {
    const hash = (value: number) => ({ page: { [Tag.backupHash]: filled(8, value) } });
    expect(said({}, [slot(1)], hash(0))).toBe('new use-unsigned reset-unseen');
    expect(said({}, [slot(1)], hash(1))).toBe('prepared backup-made');
    expect(said({}, [slot(0x81)], hash(1))).toBe('prepared backup-made');
  });
});

describe('a card that did not tell all', () => {
  const slots = { [Tag.walletsCount]: bytes(2) };
  const cos4 = { ...slots, [Tag.firmware]: text('4.0r') };
  it.each<[string, Fields, Uint8Array[]]>([
    ['no slot listed', slots, []],
    ['one of two slots', slots, [slot(1)]],
    ['three of two slots', slots, [slot(1), slot(1), slot(1)]],
    ['no slot of none', { [Tag.walletsCount]: bytes(0) }, []],
    ['one slot of none', { [Tag.walletsCount]: bytes(0) }, [slot(1)]],
    ['no count, two slots', { [Tag.walletsCount]: undefined }, [slot(1), slot(1)]],
    ['an odd count, two slots', { [Tag.walletsCount]: bytes() }, [slot(1), slot(1)]],
    ['no status', { ...slots, [Tag.status]: undefined }, [slot(1), slot(1)]],
    ['an odd status', { ...slots, [Tag.status]: bytes() }, [slot(1), slot(1)]],
    ['COS 4.0, no slot listed', cos4, []],
  ])('is never new: %s', (_, changes, records) => {
    expect(said(changes, records)).toBe('untold');
  });

  it.each<[string, Fields, Uint8Array[], string]>([
    ['a wallet', { ...slots, [Tag.status]: undefined }, [slot(2)], 'set-up wallets'],
    ['a purged one', slots, [slot(3)], 'wiped purged-wallets'],
    ['its status', { ...slots, [Tag.status]: bytes(2) }, [], 'set-up'],
    [
      'no status but a code',
      { ...slots, [Tag.accessCodeIsDefault]: undefined },
      [],
      'prepared access-code',
    ],
    ['that it is not finished', { ...slots, [Tag.status]: bytes(0) }, [], 'unfinished'],
    ['a signature', slots, [slot(1, { [Tag.signedHashes]: bytes(1) })], 'prepared signed'],
  ])('is used by what it did tell: %s', (_, changes, records, expected) => {
    expect(said(changes, records)).toBe(expected);
  });
});

describe('what the card itself says of wallets', () => {
  const counted = { [Tag.signedHashes]: bytes(17) };
  const left = { [Tag.maxSignatures]: bytes(20), [Tag.remainingSignatures]: bytes(3) };
  const shown = { [Tag.walletPublicKey]: bytes() };
  it.each(['3.05r', '4.12r', '6.33r', '8.58r'])('counts in COS %s', (version) => {
    const card = { [Tag.firmware]: text(version) };
    const records = version === '3.05r' ? [] : [slot(1)];
    for (const told of [counted, left]) {
      expect(said({ ...card, ...told }, records)).toBe('prepared signed');
      expect(paramsOf('signed', { ...card, ...told }, records)).toEqual({ count: '17' });
      expect(said({ ...card, ...told, ...shown }, records)).toBe('set-up wallets signed');
      expect(paramsOf('signed', { ...card, ...told, ...shown }, records)).toEqual({ count: '17' });
    }
    expect(said({ ...card, ...shown }, records)).toBe('set-up wallets');
    const whole = { [Tag.maxSignatures]: bytes(20), [Tag.remainingSignatures]: bytes(20) };
    expect(said({ ...card, ...whole }, records)).toMatch(/^new /);
  });

  it('is not counted beside the same signatures of its slots', () => {
    const records = [slot(2, { [Tag.signedHashes]: bytes(17) }), slot(1)];
    expect(paramsOf('signed', counted, records)).toEqual({ count: '17' });
  });
});

describe('before COS 4', () => {
  it.each<[string, Fields, Uint8Array[], string]>([
    ['no wallet', {}, [], 'new use-unsigned'],
    ['a wallet', loneWallet, [], 'set-up wallets signed'],
    [
      'a wallet, no status',
      { ...loneWallet, [Tag.status]: undefined },
      [],
      'set-up wallets signed',
    ],
    ['purged', { [Tag.status]: bytes(3) }, [], 'wiped purged-wallets'],
    ['loaded, its wallet withheld', { [Tag.status]: bytes(2) }, [], 'set-up'],
    [
      'a wallet, and a list of empty slots that such a card does not have',
      { ...loneWallet, [Tag.status]: undefined },
      [slot(1)],
      'set-up wallets signed',
    ],
    ['no wallet, and a list with one', {}, [slot(2)], 'set-up wallets'],
  ])('%s', (_, changes, records, expected) => {
    expect(said({ ...early, ...changes }, records)).toBe(expected);
  });

  it('codes are not told, so their absence tells nothing', () => {
    const coded = { [Tag.accessCodeIsDefault]: undefined, [Tag.passcodeIsDefault]: undefined };
    expect(said({ ...early, ...coded }, [])).toBe('new use-unsigned');
    expect(said({ ...coded, [Tag.firmware]: text('4.0r') })).toBe('new use-unsigned');
    expect(said({ ...coded, [Tag.firmware]: text('4.1r') })).toBe('prepared passcode');
    expect(said({ ...coded, [Tag.firmware]: text('4.32r') })).toBe('prepared passcode');
    expect(said({ ...coded, [Tag.firmware]: text('4.33r') })).toBe('prepared access-code passcode');
  });
});

describe('signals', () => {
  it('count what they are about', () => {
    const records = [
      slot(2, { [Tag.signedHashes]: bytes(17) }),
      slot(0x82, { [Tag.signedHashes]: bytes(1, 0) }),
      slot(3),
      slot(1),
    ];
    expect(paramsOf('wallets', {}, records)).toEqual({ count: '2', slots: '4' });
    expect(paramsOf('purged-wallets', {}, records)).toEqual({ count: '1' });
    expect(paramsOf('signed', {}, records)).toEqual({ count: '273' });
    const slots = { [Tag.walletsCount]: bytes(20) };
    expect(paramsOf('wallets', slots, records)).toEqual({ count: '2', slots: '20' });
    expect(paramsOf('health', { [Tag.health]: bytes(0x83) })).toEqual({ code: '3' });
    const backup = { [Tag.backupStatus]: bytes(2), [Tag.backupCount]: bytes(2) };
    expect(paramsOf('backup-cards', backup)).toEqual({ count: '2' });
    const linked = { [Tag.backupStatus]: bytes(1), [Tag.backupCount]: bytes(1) };
    expect(paramsOf('backup-linked', linked)).toEqual({ count: '1' });
  });

  it('of linked cards that were signed are live and stand for the reported count', () => {
    const backup = { [Tag.backupStatus]: bytes(2), [Tag.backupCount]: bytes(2) };
    const { signals = [], authority } =
      usageOf(backup, [slot(2)], { signedLinks: 2 }) ?? ({} as Partial<Usage>);
    const live = signals.filter((signal) => signal.authority === 'live');
    expect(live).toEqual([
      { code: 'linked-cards', params: { count: '2' }, authority: 'live', weight: 'use' },
    ]);
    expect(signals.map(({ code }) => code)).not.toContain('backup-cards');
    expect(authority).toBe('reported');
  });

  it('are reported in all other cases', () => {
    const everything = {
      [Tag.backupStatus]: bytes(1),
      [Tag.accessCodeIsDefault]: undefined,
      [Tag.passcodeIsDefault]: undefined,
      [Tag.health]: bytes(5),
      [Tag.firmware]: text('8.58d SDK'),
    };
    const signals = usageOf(everything, [slot(0x42), slot(3), slot(0x81)])?.signals ?? [];
    expect(new Set(signals.map(({ authority }) => authority))).toEqual(new Set(['reported']));
    expect(signals.length).toBe(9);
  });

  it('weigh as use, as trouble or as a blind spot', () => {
    const weights = (...args: Parameters<typeof usageOf>) =>
      usageOf(...args).signals.map(({ code, weight }) => `${code} ${weight}`);
    expect(weights({ [Tag.health]: bytes(1), [Tag.firmware]: text('6.33d SDK') })).toEqual([
      'health trouble',
      'developer-firmware trouble',
      'use-unsigned blind',
      'reset-unseen blind',
    ]);
    expect(weights({}, [slot(2)])).toEqual(['wallets use']);
  });
});
