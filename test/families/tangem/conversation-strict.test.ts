import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { readConversation } from '../../../src/families/tangem/conversation.ts';
import { encodeTangemCommand } from '../../../src/families/tangem/messages.ts';
import type { RecordedExchange } from '../../../src/reader/card.ts';
import {
  attest,
  bytes,
  cardId,
  emptySlots,
  filled,
  keyPair,
  read,
  select,
  slot,
  sw,
  tlv,
  wallets,
} from '../../support/tangem-cards.ts';

/** Why a transcript is not read; "read" when it is. */
function fault(...transcript: readonly RecordedExchange[]): string {
  try {
    readConversation(transcript);
    return 'read';
  } catch (error) {
    expect(error).toBeInstanceOf(EvidenceError);
    return (error as EvidenceError).message;
  }
}

const linkedKey = keyPair('linked').publicKey;
const otherId = bytes(0xaf, 0x07, 0, 0, 0, 0, 0, 1);

describe('a transcript', () => {
  it.each<[string, RecordedExchange[], string]>([
    ['no SELECT', [read()], 'exchange 1: the application is selected once'],
    ['a second SELECT', [select(), select()], 'exchange 2: the application is selected once'],
    ['a SELECT in the middle', [select(), read(), select(), attest()], 'exchange 3: the applica'],
    ['a refused SELECT', [select(sw(0x6a82)), read()], 'exchange 2: the application is selected'],
    ['two READs', [select(), read(), read()], 'exchange 3: READ of the card is answered twice'],
    ['two READs apart', [select(), read(), attest(), read()], '4: READ of the card is answered tw'],
    ['two attestations', [select(), read(), attest(), attest()], '4: ATTEST CARD KEY is answered'],
    ['an attestation first', [select(), attest(), read()], '2: asked before the card was read'],
    ['wallets first', [select(), emptySlots, read()], '2: asked before the card was read'],
    [
      'wallets of another card',
      [select(), read(), wallets([slot(1)], 0, { [Tag.cardId]: otherId })],
      '3: tag 01: another card than at the start',
    ],
    [
      'an attestation of another card',
      [select(), read(), attest({ [Tag.cardId]: otherId })],
      '3: tag 01: another card than at the start',
    ],
    [
      'a card ID of 7 bytes',
      [select(), read({ [Tag.cardId]: filled(7, 1) })],
      '2: tag 01: 7 bytes',
    ],
    [
      'a later card ID of 9 bytes',
      [select(), read(), attest({ [Tag.cardId]: filled(9, 1) })],
      '3: tag 01: 9 bytes, 8 expected',
    ],
    ['the same page twice', [select(), read(), emptySlots, emptySlots], '4: tag 65: slots from 0'],
    [
      'a page left out',
      [select(), read(), wallets([slot(1)], 1)],
      '3: tag 65: slots from 1 on, 0 are known',
    ],
    [
      'a page that overlaps',
      [select(), read(), emptySlots, wallets([slot(2)], 1)],
      '4: tag 65: slots from 1 on, 2 are known',
    ],
    [
      'more than 255 slots',
      [select(), read(), wallets(Array(256).fill(slot(1)))],
      '3: more than 255 wallet slots',
    ],
    ['no salt', [select(), read(), attest({ [Tag.salt]: undefined })], '3: tag 17: missing'],
    [
      'no signature',
      [select(), read(), attest({ [Tag.cardSignature]: undefined })],
      '3: tag 04: missing',
    ],
    [
      'a signature of 63 bytes',
      [select(), read(), attest({ [Tag.cardSignature]: filled(63, 1) })],
      '3: tag 04: 63 bytes, 64 expected',
    ],
    [
      'a signature of 65 bytes',
      [select(), read(), attest({ [Tag.cardSignature]: filled(65, 1) })],
      '3: tag 04: 65 bytes, 64 expected',
    ],
    [
      'linked cards that were not asked for',
      [select(), read(), attest({}, { linked: [linkedKey] })],
      '3: tag D6: linked cards, which were not asked for',
    ],
    [
      '9 linked cards',
      [select(), read(), attest({}, { full: true, linked: Array(9).fill(linkedKey) })],
      '3: tag D6: more than 8 linked cards',
    ],
    ['a broken READ', [select(), read(concat(bytes(1, 9), sw(0x9000)))], '2: tag 01: length 9'],
    ['a bare READ', [select(), read(sw(0x9000))], '2: tag 01: missing'],
    ['a broken command', [select(), { ...read(), command: bytes(0) }], '2: command: 1 bytes'],
    [
      'a challenge left out',
      [select(), read(), { ...attest(), command: encodeTangemCommand(0xf3, [[1, cardId]]) }],
      '3: tag 16: missing',
    ],
    ['a broken pause', [select(), read(concat(bytes(0x1c, 5), sw(0x9789)))], '2: tag 1C: length 5'],
    [
      'a pause of 65 bytes',
      [select(), read(concat(tlv({ 193: filled(63, 1) }), sw(0x9789)))],
      '2: pause: an answer of far too many bytes',
    ],
    [
      'an attestation without a card ID',
      [select(), read(), attest({ [Tag.cardId]: undefined })],
      '3: tag 01: missing, before COS 8 it never is',
    ],
  ])('with %s is not read', (_, transcript, message) => {
    expect(fault(...transcript)).toContain(message);
    expect(fault(...transcript)).toMatch(/^exchange \d+: /);
  });

  it('may hold 255 slots', () => {
    expect(fault(select(), read(), wallets(Array(255).fill(slot(1))))).toBe('read');
  });

  it('keeps a failure that is none of the evidence', () => {
    const broken = {
      ...select(),
      get command(): Uint8Array {
        throw new TypeError('ours');
      },
    };
    expect(() => readConversation([broken])).toThrow(TypeError);
  });
});
