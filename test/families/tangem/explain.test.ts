import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { defaultCodeHash, Tag } from '../../../src/families/tangem/constants.ts';
import { explain } from '../../../src/families/tangem/explain.ts';
import { tangemFamily } from '../../../src/families/tangem/index.ts';
import { encodeRead, encodeTangemCommand } from '../../../src/families/tangem/messages.ts';
import {
  attest,
  bytes,
  cardKey,
  challenge,
  emptySlots,
  exchange,
  type Fields,
  filled,
  read,
  select,
  slot,
  sw,
  text,
  tlv,
  wallets,
} from '../../support/tangem-cards.ts';

const refused = (recorded: ReturnType<typeof read>, status: number) =>
  explain({ ...recorded, response: sw(status) });
const issued = tlv({ [Tag.batch]: bytes(0xaf, 7), [Tag.cardIdSignature]: filled(64, 1) });

describe('one exchange in plain words', () => {
  it.each<[string, string, string]>([
    ['SELECT', explain(select()), 'We opened the card application. It answered.'],
    [
      'SELECT with an FCI',
      explain(select(concat(bytes(0x6f, 9), sw(0x9001)))),
      'We opened the card application. It answered.',
    ],
    [
      'READ of a card with odd parts',
      explain(
        read({ [Tag.firmware]: text('v6.33r'), [Tag.cardData]: tlv({ [Tag.batch]: bytes(1) }) }),
      ),
      'It says: number AF07 0000 0012 3456. Nothing of this is signed.',
    ],
    [
      'READ',
      explain(read()),
      'We asked what it says about itself. It says: number AF07 0000 0012 3456, firmware 6.33r, batch AF07. Nothing of this is signed.',
    ],
    [
      'READ of a card with a signed number',
      explain(read({ [Tag.cardData]: issued })),
      'batch AF07. Nothing of this is signed, but for the number.',
    ],
    [
      'READ of a card that tells little',
      explain(read({ [Tag.firmware]: undefined, [Tag.cardData]: undefined })),
      'It says: number AF07 0000 0012 3456. Nothing',
    ],
    [
      'the wallet list',
      explain(wallets([slot(1), slot(2), slot(3)])),
      'We asked for the list of its wallets. It listed 3 slots, 2 of them not empty. Their keys are not kept here.',
    ],
    [
      'an attestation',
      explain(attest()),
      `The card was asked to sign the challenge ${toHex(challenge)}. It gave a signature, said to be by its card key.`,
    ],
    [
      'a full attestation',
      explain(attest({}, { full: true, linked: [cardKey.publicKey, cardKey.publicKey] })),
      `${toHex(challenge)} and to list its linked cards. It gave a signature, said to be by its card key, over 2 linked cards too.`,
    ],
    [
      'a full attestation without a list',
      explain(attest({}, { full: true })),
      'and to list its linked cards. It gave a signature, said to be by its card key.',
    ],
    ['a refusal', refused(read(), 0x6a86), 'The card refused: status 6A86.'],
    ['a refused SELECT', refused(select(), 0x6a82), 'We opened the card application. The card ref'],
    ['a need for a code', refused(attest(), 0x6af1), 'refused: 6AF1, its access code is needed.'],
    ['a need for a channel', refused(emptySlots, 0x6982), 'it demands an encrypted channel.'],
    ['a pause', refused(attest(), 0x9789), 'The card asked for a pause.'],
    [
      'a command that is none of ours',
      explain(exchange(encodeTangemCommand(0xfb, []), filled(9, 1))),
      'A command that Touchstone never sends; it judges nothing by it.',
    ],
  ])('%s', (_, sentence, expected) => {
    expect(sentence).toContain(expected);
  });

  it.each<[string, string, string]>([
    ['a broken READ', explain(read(sw(0x9000))), 'tag 01: missing'],
    ['a broken key', explain(read({ [Tag.cardPublicKey]: filled(33, 0) })), 'tag 03: not a key'],
    ['a broken record', explain(wallets([bytes(9)])), 'TLV: length cut short'],
    ['no command', explain({ command: bytes(), response: sw(0x9000) }), 'command: 0 bytes'],
    ['no answer', explain({ ...read(), response: bytes() }), 'response: 0 bytes'],
    [
      'an attestation without a challenge',
      explain(exchange(encodeTangemCommand(0xf3, [[1, filled(8, 0)]]), {})),
      'tag 16: missing',
    ],
    [
      'a mode of two numbers',
      explain(exchange(encodeTangemCommand(0xf2, [[0x23, bytes()]]), {})),
      'tag 23: 0 bytes',
    ],
  ])('that cannot be read: %s', (_, sentence, reason) => {
    expect(sentence).toMatch(/^This cannot be read: .*\.$/);
    expect(sentence).toContain(reason);
  });

  it('never writes what a card could hide in a text', () => {
    const hostile = '6.33r\u001b[2J\u202e';
    const sentence = explain(read({ [Tag.firmware]: utf8(hostile) }));
    expect(utf8(sentence).every((byte) => byte >= 0x20 && byte < 0x7f)).toBe(true);
  });

  it('keeps a failure that is none of the exchange', () => {
    const broken = {
      response: sw(0x9000),
      get command(): Uint8Array {
        throw new TypeError('ours');
      },
    };
    expect(() => explain(broken)).toThrow(TypeError);
  });
});

describe('a card is recognised by its answer to READ', () => {
  const answer = (more: Fields) => concat(tlv({ [Tag.cardId]: filled(8, 1), ...more }), sw(0x9000));
  it.each<[string, Uint8Array, boolean]>([
    ['a whole answer', read().response, true],
    ['a card ID alone', answer({}), false],
    ['a card ID and a key', answer({ [Tag.cardPublicKey]: cardKey.publicKey }), true],
    ['a card ID and any key', answer({ [Tag.cardPublicKey]: bytes(1) }), true],
    ['a card ID and card data', answer({ [Tag.cardData]: bytes(0xff) }), true],
    ['a card ID and a version', answer({ [Tag.firmware]: bytes() }), true],
    ['a card ID and a status', answer({ [Tag.status]: bytes(1) }), false],
    [
      'a card ID of 7 bytes',
      answer({ [Tag.cardId]: filled(7, 1), [Tag.firmware]: bytes() }),
      false,
    ],
    ['no card ID', answer({ [Tag.cardId]: undefined, [Tag.firmware]: bytes() }), false],
    ['a card ID twice', concat(answer({}).subarray(0, -2), read().response), false],
    ['a whole answer under 9007', read().response.with(-1 + read().response.length, 7), true],
    ['a whole answer under 9008', read().response.with(-1 + read().response.length, 8), false],
    ['a pause with its time', concat(tlv({ [Tag.pause]: bytes(1, 0) }), sw(0x9789)), true],
    ['a pause of far too many bytes', concat(tlv({ 193: filled(63, 0) }), sw(0x9789)), false],
    ['a pause', sw(0x9789), true],
    ['a wrong code', sw(0x6a86), true],
    ['a demand for a channel', sw(0x6982), true],
    ['a demand for a code', sw(0x6af1), true],
    ['a bare 9000', sw(0x9000), false],
    ['an unknown instruction', sw(0x6d00), false],
    ['an unknown class', sw(0x6e00), false],
    ['a wrong state', sw(0x6985), false],
    ['data of another kind', concat(filled(9, 0xe3), sw(0x9000)), false],
    ['an NDEF file', concat(bytes(0, 15, 0x20, 0, 0x7f), sw(0x9000)), false],
    ['a version that is none', read({ [Tag.firmware]: text('x') }).response, true],
    ['a need of its owner', sw(0x6af3), false],
    ['nothing', bytes(), false],
  ])('%s: %s', (_, response, expected) => {
    expect(tangemFamily.recognises(response)).toBe(expected);
  });

  it('asks with the default code, as the interview does', () => {
    expect(tangemFamily.probe?.command).toEqual(encodeRead(1, defaultCodeHash));
    expect(tangemFamily.aids.map(toHex)).toEqual(['a000000812010208']);
    expect([tangemFamily.id, tangemFamily.takesCode]).toEqual(['tangem', true]);
  });
});
