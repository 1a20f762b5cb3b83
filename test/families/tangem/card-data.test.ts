import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/bytes.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { type CardData, parseCardData } from '../../../src/families/tangem/card-data.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { Tlv } from '../../../src/families/tangem/tlv.ts';
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
