import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { type CardData, parseCardData } from '../../../src/families/tangem/card-data.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { Tlv } from '../../../src/families/tangem/tlv.ts';
import { parseWalletPage } from '../../../src/families/tangem/wallets.ts';
import {
  bytes,
  cardFields,
  cardId,
  cardKey,
  type Fields,
  filled,
  issuerKey,
  keyPair,
  longForm,
  slot,
  text,
  tlv,
} from '../../support/tangem-cards.ts';

const parse = (changes: Fields = {}) => parseCardData(new Tlv(tlv({ ...cardFields, ...changes })));
const made = (changes: Fields) =>
  parse({ [Tag.cardData]: tlv({ [Tag.batch]: bytes(0xaf, 0x07), ...changes }) });
const fault = (read: () => unknown) => {
  try {
    return `read: ${JSON.stringify(read())}`;
  } catch (error) {
    expect(error).toBeInstanceOf(EvidenceError);
    return (error as EvidenceError).message;
  }
};

describe('what a card says of itself', () => {
  it('is read with every field', () => {
    expect(parse()).toEqual({
      cardId,
      firmware: { text: '6.33r', major: 6, minor: 33, kind: 'release' },
      key: { written: cardKey.publicKey, compressed: cardKey.publicKey },
      issuerKey: { written: issuerKey.publicKey, compressed: issuerKey.publicKey },
      manufacturerKey: undefined,
      status: 1,
      batch: 'AF07',
      made: '2024-05-14',
      issuerName: 'TANGEM AG',
      cardIdSignature: undefined,
      walletsCount: 2,
      accessCodeIsDefault: true,
      passcodeIsDefault: true,
      needsActivation: false,
      health: 0,
      backupStatus: 0,
      backupCount: 0,
      signedHashes: 0,
      wallet: undefined,
      odd: [],
    });
  });

  it('may be a card ID alone', () => {
    const card = parseCardData(new Tlv(tlv({ [Tag.cardId]: cardId })));
    expect(card).toMatchObject({ walletsCount: 1, health: 0, accessCodeIsDefault: false });
    expect([card.key, card.issuerKey, card.status, card.batch]).toEqual(Array(4).fill(undefined));
  });

  it('writes keys in two forms of which one counts as the card wrote it', () => {
    const long = longForm(cardKey.publicKey);
    const { key } = parse({ [Tag.cardPublicKey]: long });
    expect(key).toEqual({ written: long, compressed: cardKey.publicKey });
  });

  it.each<[string, Fields, string]>([
    ['no card ID', { [Tag.cardId]: undefined }, 'tag 01: missing'],
    ['a card ID of 9 bytes', { [Tag.cardId]: filled(9, 1) }, 'tag 01: 9 bytes, 8 expected'],
    ['an empty card ID', { [Tag.cardId]: bytes() }, 'tag 01: 0 bytes, 8 expected'],
    ['a key of 32 bytes', { [Tag.cardPublicKey]: filled(32, 2) }, 'tag 03: 32 bytes, 33 or 65'],
    ['an empty key', { [Tag.cardPublicKey]: bytes() }, 'tag 03: 0 bytes'],
    ['a key of zeros', { [Tag.cardPublicKey]: filled(33, 0) }, 'tag 03: not a key on secp256k1'],
    [
      'a hybrid key',
      { [Tag.cardPublicKey]: longForm(cardKey.publicKey).with(0, 6) },
      'tag 03: not',
    ],
    [
      'a point off the curve',
      { [Tag.cardPublicKey]: longForm(cardKey.publicKey).with(64, 1) },
      '03',
    ],
  ])('%s is not read', (_, changes, message) => {
    expect(fault(() => parse(changes))).toContain(message);
  });

  const whole = parse();
  const inMaking = (changes: Fields): Fields => ({
    [Tag.cardData]: tlv({
      [Tag.batch]: bytes(0xaf, 0x07),
      [Tag.manufactureDate]: bytes(0x07, 0xe8, 5, 14),
      [Tag.issuerName]: text('TANGEM AG'),
      ...changes,
    }),
  });
  const noMaking = { batch: undefined, made: undefined, issuerName: undefined };
  const noVersion: Partial<CardData> = {
    firmware: { text: '', major: 0, minor: 0, kind: 'special' },
  };
  it.each<[string, Fields, string | RegExp, Partial<CardData>]>([
    [
      'a key of zeros',
      { [Tag.issuerDataPublicKey]: filled(33, 0) },
      /^tag 30: not/,
      { issuerKey: undefined },
    ],
    [
      'an empty issuer',
      { [Tag.issuerDataPublicKey]: bytes() },
      /^tag 30: 0 bytes/,
      { issuerKey: undefined },
    ],
    ['a broken version', { [Tag.firmware]: text('release') }, /^tag 80: a version/, noVersion],
    ['a version of its own', { [Tag.firmware]: text('v6.33r') }, /^tag 80: a version/, noVersion],
    ['an empty version', { [Tag.firmware]: bytes() }, /^tag 80: a version/, noVersion],
    ['an escape in it', { [Tag.firmware]: text('6.33\u001b') }, /^tag 80: printable/, noVersion],
    ['a health of 2 bytes', { [Tag.health]: bytes(9, 9) }, 'tag 0F: 2 bytes, 1 expected', {}],
    ['an empty health', { [Tag.health]: bytes() }, 'tag 0F: 0 bytes, 1 expected', {}],
    ['an empty status', { [Tag.status]: bytes() }, /^tag 02: 0 bytes/, { status: undefined }],
    ['a status of 5', { [Tag.status]: filled(5, 0) }, /^tag 02: 5 bytes/, { status: undefined }],
    ['a count of 5 bytes', { [Tag.walletsCount]: filled(5, 0) }, /^tag 66/, { walletsCount: 1 }],
    ['an empty count', { [Tag.walletsCount]: bytes() }, /^tag 66: 0 bytes/, { walletsCount: 1 }],
    ['an empty backup', { [Tag.backupStatus]: bytes() }, /^tag D0: 0 bytes/, {}],
    ['an empty backup count', { [Tag.backupCount]: bytes() }, /^tag D1: 0 bytes/, {}],
    ['an empty counter', { [Tag.signedHashes]: bytes() }, /^tag 63: 0 bytes/, {}],
    ['an empty maximum', { [Tag.maxSignatures]: bytes() }, /^tag 08: 0 bytes/, {}],
    ['an empty rest', { [Tag.remainingSignatures]: bytes() }, /^tag 62: 0 bytes/, {}],
    ['broken card data', { [Tag.cardData]: bytes(0x81, 9) }, /^tag 81: length 9/, noMaking],
    ['a byte of card data', { [Tag.cardData]: bytes(0) }, 'TLV: length cut short', noMaking],
    [
      'card data with a tag twice',
      { [Tag.cardData]: bytes(0x81, 0, 0x81, 0) },
      'tag 81: twice',
      noMaking,
    ],
    ['a batch of 3', inMaking({ [Tag.batch]: filled(3, 1) }), /^tag 81: 3 b/, { batch: undefined }],
    ['an empty batch', inMaking({ [Tag.batch]: bytes() }), /^tag 81: 0 b/, { batch: undefined }],
    [
      'a date of 3 bytes',
      inMaking({ [Tag.manufactureDate]: filled(3, 1) }),
      'tag 82: 3 bytes, 4 expected',
      { made: undefined },
    ],
    ['an empty date', inMaking({ [Tag.manufactureDate]: bytes() }), /^tag 82/, { made: undefined }],
    [
      'a long name',
      inMaking({ [Tag.issuerName]: text('x'.repeat(65)) }),
      /^tag 83: printable text of at most 64/,
      { issuerName: undefined },
    ],
    [
      'a name that cannot be seen',
      inMaking({ [Tag.issuerName]: utf8('\u202eTANGEM') }),
      /^tag 83: printable/,
      { issuerName: undefined },
    ],
    [
      'a manufacturer that is no key',
      inMaking({ [Tag.manufacturerPublicKey]: filled(33, 9) }),
      'tag 85: not a key on secp256k1',
      {},
    ],
    ['an empty manufacturer', inMaking({ [Tag.manufacturerPublicKey]: bytes() }), /^tag 85/, {}],
    [
      'an empty signature',
      inMaking({ [Tag.cardIdSignature]: bytes() }),
      'tag 86: 0 bytes, 64 expected',
      {},
    ],
  ])('%s is odd, and left out alone', (_, changes, named, lost) => {
    const { odd, ...rest } = parse(changes);
    expect(odd).toEqual([typeof named === 'string' ? named : expect.stringMatching(named)]);
    expect({ ...rest, odd: [] }).toEqual({ ...whole, ...lost });
  });

  it('names each odd field, and keeps what is good beside it', () => {
    const { odd, made, batch } = parse({
      [Tag.health]: bytes(),
      [Tag.status]: bytes(),
      ...inMaking({ [Tag.batch]: bytes(1), [Tag.issuerName]: bytes(0xff) }),
    });
    expect(odd.map((named) => named.slice(0, 6)).toSorted()).toEqual([
      'tag 02',
      'tag 0F',
      'tag 81',
      'tag 83',
    ]);
    expect([made, batch]).toEqual(['2024-05-14', undefined]);
  });

  it('keeps a failure that is none of the card', () => {
    const broken = new Tlv(tlv(cardFields));
    broken.integer = () => {
      throw new TypeError('ours');
    };
    expect(() => parseCardData(broken)).toThrow(TypeError);
  });

  it.each<[string, Fields, number]>([
    ['none', {}, 0],
    ['what was signed', { [Tag.signedHashes]: bytes(17) }, 17],
    [
      'what is no longer left',
      { [Tag.maxSignatures]: bytes(1, 0), [Tag.remainingSignatures]: bytes(0xfb) },
      5,
    ],
    ['a maximum alone', { [Tag.maxSignatures]: bytes(9) }, 0],
    ['a rest alone', { [Tag.remainingSignatures]: bytes(9) }, 0],
    [
      'more left than there were',
      { [Tag.maxSignatures]: bytes(1), [Tag.remainingSignatures]: bytes(9) },
      0,
    ],
    [
      'the greater of two',
      {
        [Tag.maxSignatures]: bytes(10),
        [Tag.remainingSignatures]: bytes(1),
        [Tag.signedHashes]: bytes(4),
      },
      9,
    ],
    [
      'a rest that is odd',
      { [Tag.maxSignatures]: bytes(10), [Tag.remainingSignatures]: bytes() },
      0,
    ],
  ])('counts signatures: %s', (_, changes, expected) => {
    expect(parse(changes).signedHashes).toBe(expected);
  });

  it('a batch has 2 or 4 bytes, in capitals', () => {
    expect(made({ [Tag.batch]: bytes(0xaf, 0x99, 0, 0x1b) }).batch).toBe('AF99001B');
  });

  it.each([
    [bytes(0x07, 0xe2, 2, 6), '2018-02-06'],
    [bytes(0, 0, 0, 0), '0-00-00'],
    [bytes(0xff, 0xff, 0xff, 0xff), '65535-255-255'],
  ])('date %j is %s', (date, expected) => {
    expect(made({ [Tag.manufactureDate]: date }).made).toBe(expected);
  });

  it('names a manufacturer in either form', () => {
    const { publicKey } = keyPair('x');
    for (const key of [publicKey, longForm(publicKey)]) {
      expect(made({ [Tag.manufacturerPublicKey]: key }).manufacturerKey).toEqual(publicKey);
    }
  });

  it('a signature over the card ID has 64 bytes; another is odd', () => {
    const signature = filled(64, 7);
    const card = made({ [Tag.cardIdSignature]: signature });
    expect([card.cardIdSignature, card.odd]).toEqual([{ message: cardId, signature }, []]);
    for (const length of [0, 63, 65]) {
      const { cardIdSignature, odd } = made({ [Tag.cardIdSignature]: filled(length, 7) });
      expect(cardIdSignature).toBeUndefined();
      expect(odd).toEqual([`tag 86: ${length} bytes, 64 expected`]);
    }
  });

  it('flags count by being there', () => {
    const card = parse({
      [Tag.accessCodeIsDefault]: bytes(0),
      [Tag.passcodeIsDefault]: undefined,
      [Tag.needsActivation]: bytes(),
    });
    expect(card).toMatchObject({
      accessCodeIsDefault: true,
      passcodeIsDefault: false,
      needsActivation: true,
    });
  });

  it.each([
    [0x80, 0],
    [0xff, 0x7f],
    [0x01, 1],
  ])('of health %i the low seven bits count', (value, health) => {
    expect(parse({ [Tag.health]: bytes(value) }).health).toBe(health);
  });
});

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
