import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { Fields } from '../../../src/families/coinkite-tap/messages.ts';
import {
  atLeast,
  network,
  parseStatus,
  signsSlotKey,
} from '../../../src/families/coinkite-tap/status.ts';
import { type Answer, keyPair, statusFields } from '../../support/tap-cards.ts';

const parse = (changes: Answer = {}) =>
  parseStatus(new Fields(new Map(Object.entries(statusFields(changes)))));

const signerFields = { tapsigner: undefined, num_backups: undefined };
const address = 'bc1qabcdefgh___ijklmnopqrst';
const satscard = (changes: Answer = {}) =>
  parse({ ...signerFields, slots: [0, 10], addr: address, ...changes });

describe('status', () => {
  it('of a TAPSIGNER is read field by field', () => {
    const status = parse({ path: [2 ** 31], num_backups: 3, auth_delay: 15, testnet: true });
    expect(status).toEqual({
      product: 'tapsigner',
      version: '1.0.3',
      birth: 760_000,
      publicKey: keyPair('card').publicKey,
      cardNonce: new Uint8Array(16).fill(1),
      path: true,
      backups: 3,
      tampered: false,
      testnet: true,
      markedSatschip: false,
      authDelay: 15,
    });
  });

  it('of a SATSCARD holds its slots and address', () => {
    expect(satscard({ tampered: true })).toMatchObject({
      product: 'satscard',
      activeSlot: 0,
      slotCount: 10,
      address,
      path: false,
      tampered: true,
      testnet: false,
      authDelay: 0,
    });
  });

  it.each<[string, Answer, string]>([
    ['a backup counter', { num_backups: 0 }, 'tapsigner'],
    ['no backup counter', { num_backups: undefined }, 'satschip'],
    ['a mark that does not fit', { satschip: true }, 'tapsigner'],
    ['no mark that would fit', { num_backups: undefined, satschip: false }, 'satschip'],
    ['slots but the other flag', { slots: [0, 10] }, 'tapsigner'],
  ])('with %s is of a %s', (_, changes, product) => {
    expect(parse(changes).product).toBe(product);
  });

  it.each([undefined, false])('with a TAPSIGNER flag of %s is of a SATSCARD', (tapsigner) => {
    expect(parse({ tapsigner, slots: [0, 10] }).product).toBe('satscard');
  });

  it('keeps the slots of a SATSCARD out of the others', () => {
    expect(parse({ slots: 'nonsense', addr: 1 })).not.toHaveProperty('activeSlot');
  });

  it.each<[string, Answer, object]>([
    ['the mark', { satschip: true }, { markedSatschip: true }],
    ['no backups', { num_backups: 0 }, { backups: 0 }],
    ['the most backups', { num_backups: 127 }, { backups: 127 }],
    ['the first block', { birth: 0 }, { birth: 0 }],
    ['the last block', { birth: 0xffff_ffff }, { birth: 0xffff_ffff }],
    ['the longest wait', { auth_delay: 1_000_000 }, { authDelay: 1_000_000 }],
    ['an empty path', { path: [] }, { path: true }],
    ['the longest path', { path: Array(16).fill(1) }, { path: true }],
    ['no path', { path: null }, { path: false }],
    ['a version of long parts', { ver: '100.200.300' }, { version: '100.200.300' }],
  ])('may hold %s', (_, changes, expected) => {
    expect(parse(changes)).toMatchObject(expected);
  });

  it.each<[readonly [number, number], string | undefined]>([
    [[0, 0], undefined],
    [[9, 10], address],
    [[10, 10], undefined],
  ])('of a SATSCARD may hold slots %j', ([active, total], addr) => {
    expect(satscard({ slots: [active, total], addr })).toMatchObject({
      activeSlot: active,
      slotCount: total,
      address: addr,
    });
  });
});

describe('status is refused', () => {
  it.each<[string, Answer, string]>([
    ['no protocol', { proto: undefined }, 'field "proto": nothing'],
    ['protocol 0', { proto: 0 }, 'field "proto": 1 expected'],
    ['protocol 2', { proto: 2 }, 'field "proto": 1 expected'],
    ['no key', { pubkey: undefined }, 'field "pubkey": nothing'],
    ['a key of 32 bytes', { pubkey: new Uint8Array(32) }, 'field "pubkey"'],
    ['a key of 34 bytes', { pubkey: new Uint8Array(34) }, 'field "pubkey"'],
    ['a key off the curve', { pubkey: fromHex(`02${'00'.repeat(31)}05`) }, 'not a point'],
    ['no version', { ver: undefined }, 'field "ver"'],
    ['a version of two parts', { ver: '1.0' }, 'field "ver": "1.0"'],
    ['a version of four parts', { ver: '1.0.3.1' }, 'field "ver"'],
    ['a version with a letter', { ver: '1.0.3b' }, 'field "ver"'],
    ['a version after a line', { ver: 'x\n1.0.3' }, 'field "ver"'],
    ['a version before a line', { ver: '1.0.3\n' }, 'field "ver"'],
    ['a version with four digits', { ver: '1.0.1000' }, 'field "ver"'],
    ['a version that is a number', { ver: 1 }, 'field "ver"'],
    ['a version of 21 characters', { ver: '1'.repeat(21) }, 'field "ver"'],
    ['no birth', { birth: undefined }, 'field "birth"'],
    ['a birth below zero', { birth: -1 }, 'field "birth"'],
    ['a birth beyond 32 bits', { birth: 2 ** 32 }, 'field "birth"'],
    ['no nonce', { card_nonce: undefined }, 'field "card_nonce"'],
    ['a nonce of 15 bytes', { card_nonce: new Uint8Array(15) }, 'field "card_nonce"'],
    ['a nonce of 17 bytes', { card_nonce: new Uint8Array(17) }, 'field "card_nonce"'],
    ['a product of 1', { tapsigner: 1 }, 'field "tapsigner"'],
    ['128 backups', { num_backups: 128 }, 'field "num_backups"'],
    ['a path that is no list', { path: 'm/84h' }, 'field "path"'],
    ['a path of 17', { path: Array(17).fill(1) }, 'field "path"'],
    ['tampering as a number', { tampered: 1 }, 'field "tampered"'],
    ['testnet as a number', { testnet: 1 }, 'field "testnet"'],
    ['a mark as text', { satschip: 'yes' }, 'field "satschip"'],
    ['a wait too long', { auth_delay: 1_000_001 }, 'field "auth_delay"'],
  ])('with %s', (_, changes, message) => {
    expect(() => parse(changes)).toThrow(EvidenceError);
    expect(() => parse(changes)).toThrow(message);
  });

  it.each<[string, Answer, string]>([
    ['no slots', { slots: undefined }, 'field "slots"'],
    ['one slot', { slots: [0] }, '[active, total] expected'],
    ['three slots', { slots: [0, 10, 1] }, 'field "slots"'],
    ['a slot beyond its total', { slots: [2, 1] }, '[active, total] expected'],
    ['an active slot of 11', { slots: [11, 11] }, '[active, total] expected'],
    ['a total of 11', { slots: [0, 11] }, '[active, total] expected'],
    ['a slot below zero', { slots: [-1, 10] }, '[active, total] expected'],
    ['half a slot', { slots: [0.5, 10] }, '[active, total] expected'],
    ['a slot as text', { slots: ['0', 10] }, '[active, total] expected'],
    ['a total as text', { slots: [0, '10'] }, '[active, total] expected'],
    ['a whole address', { addr: 'bc1qabcdefghijklmnop' }, 'field "addr"'],
    ['an address in upper case', { addr: address.toUpperCase() }, 'field "addr"'],
    ['an address with a letter less', { addr: address.slice(1) }, 'field "addr"'],
    ['an address with a letter more', { addr: `${address}q` }, 'field "addr"'],
    ['an address after another', { addr: `b${address}` }, 'field "addr"'],
    ['an address as bytes', { addr: Uint8Array.of(1) }, 'field "addr"'],
  ])('of a SATSCARD with %s', (_, changes, message) => {
    expect(() => satscard(changes)).toThrow(EvidenceError);
    expect(() => satscard(changes)).toThrow(message);
  });

  it('without writing what the card says as it is', () => {
    expect(() => parse({ ver: '\u001b[2J' })).toThrow('field "ver": "?[2J", like 1.0.3');
  });
});

describe('check covers the slot key', () => {
  it.each([
    ['a sealed SATSCARD of 1.0.0', satscard({ ver: '1.0.0' }), true],
    ['a sealed SATSCARD of 1.0.3', satscard(), true],
    ['a sealed SATSCARD of 0.9.1', satscard({ ver: '0.9.1' }), true],
    ['a sealed SATSCARD of 0.9.0', satscard({ ver: '0.9.0' }), false],
    ['a SATSCARD without an address', satscard({ addr: undefined }), false],
    ['a TAPSIGNER', parse(), false],
    ['a SATSCHIP with an address', parse({ num_backups: undefined, addr: address }), false],
  ])('of %s: see the table', (_, status, expected) => {
    expect(signsSlotKey(status)).toBe(expected);
  });
});

describe('a version', () => {
  it.each<[string, readonly [number, number, number], boolean]>([
    ['1.0.3', [1, 0, 3], true],
    ['1.0.2', [1, 0, 3], false],
    ['1.0.10', [1, 0, 3], true],
    ['1.1.0', [1, 0, 3], true],
    ['1.10.0', [1, 9, 9], true],
    ['2.0.0', [1, 0, 3], true],
    ['0.9.9', [1, 0, 0], false],
    ['0.99.99', [1, 0, 3], false],
    ['1.0.0', [1, 0, 0], true],
    ['1.0.9', [1, 1, 0], false],
  ])('%s is at least %j: %s', (version, wanted, expected) => {
    expect(atLeast(version, wanted)).toBe(expected);
  });
});

describe('the network', () => {
  it('is told by the flag', () => {
    expect(network(parse())).toBe('bc');
    expect(network(parse({ testnet: true }))).toBe('tb');
  });
});
