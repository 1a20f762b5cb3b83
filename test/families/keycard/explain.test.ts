import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { keyNumber } from '../../../src/families/key-number.ts';
import { explain } from '../../../src/families/keycard/explain.ts';
import {
  askCash,
  askIdent,
  blank,
  bytes,
  ca,
  cash,
  challenge,
  command,
  exchange,
  four,
  identified,
  identify,
  identity,
  ok,
  open,
  ownCertificate,
  select,
  sw,
  three,
} from './cards.ts';

const number = keyNumber(identity.publicKey);

describe('an exchange in plain words', () => {
  it.each([
    ['blank', select(blank()), 'it is not set up, and told no more. Nothing of this is signed.'],
    [
      '3.2',
      select(three({ version: [3, 2], slots: 8, keyUid: new Uint8Array(32) })),
      'version 3.2, set up, 8 pairing slots free, a wallet key loaded. Nothing',
    ],
    [
      '4.0',
      select(four()),
      `version 4.0, not set up, no wallet key, the certificate of the key ${number}.`,
    ],
    ['4.0, set up', select(four({ status: 0x12, certificate: undefined })), '2 PIN tries left'],
    ['no certificate', select(sw(0x6985)), 'refused: no certificate was loaded (6985).'],
    ['not there', select(sw(0x6a82)), 'refused: there is no such application (6A82).'],
    ['IDENTIFY', identify(), `challenge ${toHex(challenge)}; it gave a signature`],
    ['its certificate', identify(), `key ${number}, which ${toHex(ca.publicKey)} signed.`],
    [
      'a broken certificate',
      identify(identified(challenge, identity, ownCertificate.with(97, 9))),
      'which nobody signed.',
    ],
    ['IDENTIFY refused', identify(sw(0x6d00)), 'refused: it does not know this question (6D00).'],
    ['a channel', open(), `challenge ${toHex(challenge)} as its salt; it gave a key`],
    ['a channel refused', open(sw(0x6a80)), 'refused: it did not accept the data (6A80).'],
    ['another refusal', open(sw(0x6982)), 'refused: 6982.'],
    ['cash', askCash(cash([3, 2])), 'it says 3.2.'],
    ['no cash', askCash(sw(0x6a82)), 'it is not there (6A82).'],
    ['identification', askIdent(), `the certificate of the key ${number}.`],
    ['an empty one', askIdent(ok), 'it showed nothing.'],
    ['FACTORY RESET', exchange(bytes(0x80, 0xfd, 0xaa, 0x55), ok), 'cannot be read: command'],
    ['garbage', exchange(command.keycard, bytes(1, 2, 3)), 'This cannot be read'],
  ])('%s', (_, spoken, words) => {
    expect(explain(spoken)).toContain(words);
  });

  it('never fails, and never prints what a card could steer a terminal with', () => {
    const commands = [
      command.keycard,
      command.cash,
      command.ident,
      command.identify(),
      command.open(),
    ];
    const anything = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...commands), anything), anything, (sent, response) => {
        expect(explain({ command: sent, response })).toMatch(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 2000 },
    );
  });
});
