import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { defaultCodeHash, Ins, ReadMode, Tag } from '../../../src/families/tangem/constants.ts';
import {
  encodeAttest,
  encodeRead,
  encodeSelect,
  encodeTangemCommand,
  explainSw,
  fieldsOf,
  isOk,
  parseTangemCommand,
  parseTangemResponse,
} from '../../../src/families/tangem/messages.ts';
import { bytes, cardId, filled, sw, tlv } from '../../support/tangem-cards.ts';

const defaultHex = createHash('sha256').update('000000').digest('hex');
const challenge = fromHex('000102030405060708090a0b0c0d0e0f');
const id = toHex(cardId);

describe('commands, byte by byte', () => {
  it('the default code is SHA-256 of its text', () => {
    expect(toHex(defaultCodeHash)).toBe(defaultHex);
    expect(defaultHex).toBe('91b4d142823f7d20c5f08df69122de43f35f057a988d9619f6d3138485c9a203');
  });

  it.each<[string, Uint8Array, string]>([
    ['SELECT', encodeSelect(), '00a4040008a000000812010208'],
    [
      'READ of the card, the worked example',
      encodeRead(ReadMode.card, defaultCodeHash),
      `00f200000000251020${defaultHex}230101`,
    ],
    [
      'READ of the wallets',
      encodeRead(ReadMode.walletsList, defaultCodeHash, cardId),
      `00f2000000002f1020${defaultHex}0108${id}230103`,
    ],
    [
      'READ of the wallets from slot 8 on',
      encodeRead(ReadMode.walletsList, defaultCodeHash, cardId, 8),
      `00f200000000321020${defaultHex}0108${id}230103650108`,
    ],
    [
      'READ of the wallets of COS 8',
      encodeRead(ReadMode.walletsList, defaultCodeHash, undefined, 255),
      `00f200000000281020${defaultHex}2301036501ff`,
    ],
    [
      'ATTEST CARD KEY',
      encodeAttest({ challenge, cardId, full: false }),
      `00f300000000 1c 0108${id}1610${toHex(challenge)}`.replaceAll(' ', ''),
    ],
    [
      'ATTEST CARD KEY with a code',
      encodeAttest({ challenge, cardId, codeHash: defaultCodeHash, full: false }),
      `00f300000000 3e 1020${defaultHex}0108${id}1610${toHex(challenge)}`.replaceAll(' ', ''),
    ],
    [
      'ATTEST CARD KEY in full mode',
      encodeAttest({ challenge, cardId, full: true }),
      `00f300000000 1f 0108${id}1610${toHex(challenge)}230101`.replaceAll(' ', ''),
    ],
    [
      'ATTEST CARD KEY of COS 8',
      encodeAttest({ challenge, full: false }),
      `00f300000000121610${toHex(challenge)}`,
    ],
    ['OPEN SESSION', encodeTangemCommand(0xff, [[0x1a, bytes(1, 2)]], 2), '00ff00020000041a020102'],
    ['without a body', encodeTangemCommand(0xd3, []), '00d30000'],
  ])('%s', (_, command, hex) => {
    expect(toHex(command)).toBe(hex);
  });
});

describe('a recorded command', () => {
  const nameOf = (command: Uint8Array) => parseTangemCommand(command).name;
  const read = encodeRead(ReadMode.card, defaultCodeHash);
  const attest = encodeAttest({ challenge, cardId, full: false });

  it('is one of ours', () => {
    expect([encodeSelect(), read, attest].map(nameOf)).toEqual(['select', 'read', 'attest']);
  });

  it.each<[string, string]>([
    ['short', '00a4040008a000000812010208'],
    ['with Le', '00a4040008a00000081201020800'],
    ['extended', '00a40400000008a000000812010208'],
    ['extended with Le', '00a40400000008a0000008120102080000'],
  ])('SELECT may be %s', (_, hex) => {
    expect(nameOf(fromHex(hex))).toBe('select');
  });

  it('READ may carry Le', () => {
    expect(nameOf(concat(read, bytes(0, 0)))).toBe('read');
  });

  it.each<[string, Uint8Array]>([
    ['SELECT of another application', fromHex('00a4040008a000000812010209')],
    ['SELECT by a part of the name', fromHex('00a4040007a0000008120102')],
    ['SELECT of no application', fromHex('00a4040000')],
    ['SELECT in another class', fromHex('80a4040008a000000812010208')],
    ['SELECT of the next one', fromHex('00a4040208a000000812010208')],
    ['SELECT by file', fromHex('00a4000008a000000812010208')],
    ['READ in another class', read.with(0, 0x80)],
    ['encrypted READ', read.with(2, 1)],
    ['READ with P2', read.with(3, 1)],
    ['encrypted ATTEST CARD KEY', attest.with(2, 0x10)],
    ['ATTEST WALLET KEY', attest.with(1, 0xf9)],
    ['SIGN', attest.with(1, 0xfb)],
  ])('%s is another one', (_, command) => {
    expect(nameOf(command)).toBe('other');
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['three bytes', '00f200'],
    ['a length that is wrong', '00f20000000005230101'],
    ['fields that are none', '00f20000000003230501'],
    ['a field twice', '00f2000000000623010123 0101'.replace(' ', '')],
  ])('%s cannot be read', (_, hex) => {
    expect(() => parseTangemCommand(fromHex(hex))).toThrow(EvidenceError);
  });
});

describe('an answer', () => {
  it('holds fields under 9000 to 9007', () => {
    for (const status of [0x9000, 0x9001, 0x9007]) {
      const answer = parseTangemResponse(concat(tlv({ [Tag.cardId]: cardId }), sw(status)));
      expect(answer.kind === 'fields' && answer.fields.bytes(Tag.cardId)).toEqual(cardId);
    }
  });

  it.each([0x9008, 0x8fff, 0x6a86, 0x6982, 0x6af1, 0x6af3, 0x9788, 0x0000, 0xffff])(
    'is a refusal under %i, whatever its body',
    (status) => {
      expect(parseTangemResponse(concat(filled(3, 0xff), sw(status)))).toEqual({
        kind: 'refusal',
        sw: status,
      });
    },
  );

  it.each<[string, number | undefined]>([
    ['1c0200fa', 250],
    ['1c01fa2800', 250],
    ['1c0400000001', 1],
    ['2800', undefined],
    ['', undefined],
  ])('is a pause of %s under 9789: %s', (hex, hundredths) => {
    const answer = parseTangemResponse(concat(fromHex(hex), sw(0x9789)));
    expect(answer).toEqual({ kind: 'pause', hundredths });
  });

  it('is no pause when it has more than 64 bytes', () => {
    const body = (length: number) => concat(tlv({ 193: filled(length - 2, 1) }), sw(0x9789));
    expect(parseTangemResponse(body(64))).toEqual({ kind: 'pause', hundredths: undefined });
    expect(() => parseTangemResponse(body(65))).toThrow(EvidenceError);
    expect(() => parseTangemResponse(concat(filled(30_000, 0), sw(0x9789)))).toThrow(
      'pause: an answer of far too many bytes',
    );
  });

  it('is good from 9000 to 9007', () => {
    const good = Array.from({ length: 0x10000 }, (_, status) => status).filter(isOk);
    expect(good).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((more) => 0x9000 + more));
  });

  it.each(['1c00', '1c050000000000', '1c05', 'ff'])('with the pause %s cannot be read', (hex) => {
    const whole = concat(fromHex(hex), sw(0x9789));
    expect(() => parseTangemResponse(whole)).toThrow(EvidenceError);
  });

  it.each(['', '90'])('of %j cannot be read', (hex) => {
    expect(() => parseTangemResponse(fromHex(hex))).toThrow(EvidenceError);
  });

  it('that holds no fields gives the reason where they are needed', () => {
    const reason = (response: Uint8Array) => {
      try {
        return fieldsOf(parseTangemResponse(response));
      } catch (error) {
        expect(error).toBeInstanceOf(EvidenceError);
        return (error as Error).message;
      }
    };
    expect(reason(sw(0x9789))).toBe('the card still pauses');
    expect(reason(sw(0x6985))).toBe('refused: status 6985');
  });
});

it('status words are put into words', () => {
  expect([0x6982, 0x6af1, 0x6af3, 0x6a86].map(explainSw)).toEqual([
    '6982, it demands an encrypted channel',
    '6AF1, its access code is needed',
    '6AF3, it allows this to its owner only',
    'status 6A86',
  ]);
});

it('nothing that changes a card can be named', () => {
  expect(Object.values(Ins).toSorted((a, b) => a - b)).toEqual([0xa4, 0xd3, 0xf2, 0xf3, 0xff]);
});
