import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { parseCardData } from '../../../src/families/tangem/card-data.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { Tlv } from '../../../src/families/tangem/tlv.ts';
import { parseWalletPage } from '../../../src/families/tangem/wallets.ts';
import {
  bytes,
  cardFields,
  type Fields,
  filled,
  slot,
  text,
  tlv,
} from '../../support/tangem-cards.ts';

const parse = (changes: Fields = {}) => parseCardData(new Tlv(tlv({ ...cardFields, ...changes })));

describe('the lone wallet of an early card', () => {
  const told = {
    [Tag.walletPublicKey]: filled(33, 2),
    [Tag.challenge]: filled(16, 1),
    [Tag.salt]: filled(16, 2),
    [Tag.walletSignature]: filled(64, 3),
    [Tag.curve]: text('secp256k1'),
    [Tag.signedHashes]: bytes(0, 0, 0, 9),
  };

  const proof = {
    curve: 'secp256k1',
    publicKey: filled(33, 2),
    challenge: filled(16, 1),
    salt: filled(16, 2),
    signature: filled(64, 3),
  };

  it("comes with its proof, its counter is the card's", () => {
    const card = parse(told);
    expect(card.wallet).toEqual({ proof });
    expect([card.signedHashes, card.odd]).toEqual([9, []]);
  });

  it('may name no curve, and has no proof where the curve cannot be read', () => {
    const nameless = { ...proof, curve: undefined };
    expect(parse({ ...told, [Tag.curve]: undefined }).wallet).toEqual({ proof: nameless });
    const odd = parse({ ...told, [Tag.curve]: bytes(0xff) });
    // It may be any curve, so there is nothing to judge.
    expect(odd.wallet).toEqual({});
    expect(odd.odd).toEqual([expect.stringMatching(/^tag 05: printable/)]);
  });

  it.each([Tag.challenge, Tag.salt, Tag.walletSignature])('without tag %i has none', (tag) => {
    expect(parse({ ...told, [tag]: undefined }).wallet).toEqual({});
  });

  it('with its key withheld is still there', () => {
    const card = parse({ ...told, [Tag.walletPublicKey]: bytes() });
    expect([card.wallet, card.signedHashes]).toEqual([{}, 9]);
  });

  it('without its key is none, whatever is counted', () => {
    const card = parse({ ...told, [Tag.walletPublicKey]: undefined });
    expect([card.wallet, card.signedHashes]).toEqual([undefined, 9]);
  });
});

describe('a page of the wallet list', () => {
  const slotsOf = (...records: Uint8Array[]) =>
    parseWalletPage(new Tlv(tlv({ [Tag.wallet]: records }))).slots;

  it.each([
    [0x01, 'empty', false, false],
    [0x02, 'loaded', false, false],
    [0x03, 'purged', false, false],
    [0x41, 'empty', true, false],
    [0x42, 'loaded', true, false],
    [0x81, 'empty', false, true],
    [0x82, 'loaded', false, true],
    [0x83, 'purged', false, true],
    [0xc2, 'loaded', true, true],
    [0x00, 'other', false, false],
    [0x04, 'other', false, false],
    [0x3f, 'other', false, false],
    [0xff, 'other', true, true],
  ])('status %i is %s', (status, kind, imported, backedUp) => {
    expect(slotsOf(slot(status))).toEqual([{ kind, imported, backedUp, signedHashes: 0 }]);
  });

  it.each([0x0101, 0x0102, 0x010001, 0x80000001])(
    'a status of several bytes (%i) is never an empty slot',
    (status) => {
      const wide = Uint8Array.of(status >>> 24, status >> 16, status >> 8, status);
      expect(slotsOf(tlv({ [Tag.status]: wide }))[0]?.kind).toBe('other');
    },
  );

  it('a record without a status is an empty slot', () => {
    expect(slotsOf(slot())[0]?.kind).toBe('empty');
    expect(slotsOf(bytes())[0]?.kind).toBe('empty');
  });

  it('counts what was signed', () => {
    const record = slot(2, { [Tag.signedHashes]: bytes(0, 1, 0, 0) });
    expect(slotsOf(record)[0]?.signedHashes).toBe(65_536);
  });

  it('comes in the order of the card', () => {
    expect(slotsOf(slot(1), slot(2), slot(3)).map(({ kind }) => kind)).toEqual([
      'empty',
      'loaded',
      'purged',
    ]);
    expect(slotsOf()).toEqual([]);
  });

  it.each<[string, Uint8Array]>([
    ['a broken record', bytes(2)],
    ['a status without a value', bytes(2, 0)],
    ['a status twice', bytes(2, 1, 1, 2, 1, 2)],
    ['a count of 5 bytes', tlv({ [Tag.signedHashes]: filled(5, 0) })],
  ])('%s is not read', (_, record) => {
    expect(() => slotsOf(record)).toThrow(EvidenceError);
  });

  it.each([0, 7, 9])('a backup hash of %d bytes is not read', (length) => {
    const page = new Tlv(tlv({ [Tag.backupHash]: filled(length, 1) }));
    expect(() => parseWalletPage(page)).toThrow(EvidenceError);
  });

  it('has the backup hash where there is one', () => {
    const page = new Tlv(tlv({ [Tag.backupHash]: filled(8, 1) }));
    expect(toHex(parseWalletPage(page).backupHash ?? bytes())).toBe('01'.repeat(8));
  });
});
