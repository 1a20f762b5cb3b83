import { encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { encodeCommand } from '../../../src/apdu/command.ts';
import { utf8 } from '../../../src/bytes/bytes.ts';
import { fromHex } from '../../../src/bytes/hex.ts';
import { explain } from '../../../src/families/coinkite-tap/explain.ts';
import { cardNumber } from '../../../src/families/coinkite-tap/identity.ts';
import type { TapCommand } from '../../../src/families/coinkite-tap/messages.ts';
import {
  type Answer,
  evidenceOf,
  exchange,
  keyPair,
  refusal,
  satscard,
  statusFields,
} from '../../support/tap-cards.ts';

const said = (command: TapCommand | 'select', answer: Answer) => explain(exchange(command, answer));
const nonce = new Uint8Array(16).fill(0xab);
const number = cardNumber(keyPair('card').publicKey);

const named = (name: unknown) => ({
  command: encodeCommand({ cla: 0, ins: 0xcb, p1: 0, p2: 0, data: encode({ cmd: name }) }),
  response: fromHex('a09000'),
});

describe('one exchange in plain words', () => {
  it.each<[string, string, string]>([
    [
      'SELECT',
      said('select', statusFields()),
      'We opened the card application; it says: TAPSIGNER',
    ],
    ['status', said({ cmd: 'status' }, statusFields()), 'We asked for its status; it says: TAPSI'],
    [
      'the number',
      said('select', statusFields()),
      `firmware 1.0.3, number ${number}, its nonce 01`,
    ],
    ['what status is worth', said('select', statusFields()), 'Nothing of this is signed.'],
    [
      'certificates',
      said({ cmd: 'certs' }, { cert_chain: [1, 2] }),
      "We asked for the maker's certificates; it gave 2.",
    ],
    [
      'check',
      said({ cmd: 'check', nonce }, {}),
      `asked to sign the challenge ${'ab'.repeat(16)}; it gave a signature, said to be by its card key`,
    ],
    [
      'read',
      said({ cmd: 'read', nonce }, {}),
      `We asked for the active slot with challenge ${'ab'.repeat(16)}; it gave a key and a signature, said to be the slot's.`,
    ],
    [
      'nfc',
      said({ cmd: 'nfc' }, { url: `x${'y'.repeat(300)}` }),
      `We asked for the link that it shows to phones: x${'y'.repeat(300)}`,
    ],
    [
      'an opened slot',
      said({ cmd: 'dump', slot: 3 }, { slot: 3, sealed: false }),
      'We asked for the public state of slot 4; the slot was opened.',
    ],
    [
      'a sealed slot',
      said({ cmd: 'dump', slot: 0 }, { slot: 0, sealed: true }),
      'We asked for the public state of slot 1; the slot was not opened.',
    ],
    [
      'an unused slot',
      said({ cmd: 'dump', slot: 0 }, { slot: 0, used: false }),
      'We asked for the public state of slot 1; the slot was not opened.',
    ],
    [
      'a refusal',
      said({ cmd: 'certs' }, refusal(404, 'unknown')),
      'We asked "certs"; the card refused: "unknown".',
    ],
    [
      'a refused SELECT',
      explain({ ...exchange('select', {}), response: fromHex('6a82') }),
      'We asked "SELECT"; the card refused: status 6A82.',
    ],
    [
      'a command that is none of ours',
      explain(named('unseal')),
      'Command "unseal": Touchstone never sends it and judges nothing by it.',
    ],
    [
      'a command named like what every object has',
      explain(named('constructor')),
      'Command "constructor": Touchstone never sends it and judges nothing by it.',
    ],
  ])('%s', (_, sentence, expected) => {
    expect(sentence).toContain(expected);
  });

  it.each<[string, string, string]>([
    ['a broken status', said('select', { proto: 1 }), 'field "pubkey": nothing'],
    ['a chain of 9', said({ cmd: 'certs' }, { cert_chain: Array(9).fill(1) }), 'at most 8'],
    ['no chain', said({ cmd: 'certs' }, {}), 'field "cert_chain"'],
    ['no link', said({ cmd: 'nfc' }, {}), 'field "url"'],
    ['a long link', said({ cmd: 'nfc' }, { url: 'x'.repeat(401) }), 'field "url"'],
    ['no slot', said({ cmd: 'dump', slot: 0 }, {}), 'field "slot"'],
    ['slot 11', said({ cmd: 'dump', slot: 0 }, { slot: 11 }), 'field "slot"'],
    ['a number for a name', explain(named(1)), 'field "cmd"'],
    ['a name of 21 letters', explain(named('x'.repeat(21))), 'field "cmd"'],
    ['no nonce', explain(named('check')), 'field "nonce": nothing'],
    ['no command', explain({ command: new Uint8Array(), response: fromHex('9000') }), 'command: 0'],
    ['no answer', explain({ ...named('nfc'), response: new Uint8Array() }), 'response: 0 bytes'],
    ['garbage', explain({ ...named('nfc'), response: fromHex('ff9000') }), 'not one CBOR value'],
  ])('that cannot be read: %s', (_, sentence, reason) => {
    expect(sentence).toMatch(/^This cannot be read: .*\.$/);
    expect(sentence).toContain(reason);
  });

  it.each<[string, string]>([
    ['a refusal', said({ cmd: 'certs' }, refusal(1, '\u001b[2J\u0007'))],
    ['a link', said({ cmd: 'nfc' }, { url: 'a\u001b[2J\u202e' })],
    ['a command name', explain(named('a\u001b[2J\n'))],
    ['a refused command name', explain({ ...named('a\u001b[2J'), response: fromHex('6d00') })],
    ['a version', said('select', statusFields({ ver: '\u001b[2J' }))],
  ])('never writes control characters: %s', (_, sentence) => {
    expect(utf8(sentence).every((byte) => byte >= 0x20 && byte < 0x7f)).toBe(true);
    expect(sentence).toContain('?');
  });

  it('says something of every exchange of a check', async () => {
    const { transcript } = await evidenceOf({ ...satscard, activeSlot: 1 });
    for (const item of transcript) expect(explain(item)).toMatch(/^(We|The card) .*\.$|link/);
  });

  it('throws on what is a fault of ours', () => {
    const broken = new Proxy(named('nfc'), {
      get: () => {
        throw new TypeError('ours');
      },
    });
    expect(() => explain(broken)).toThrow(TypeError);
  });
});
