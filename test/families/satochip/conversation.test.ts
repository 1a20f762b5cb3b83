/** One answer out of its form or its turn, and the conversation cannot be read. */
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { readConversation } from '../../../src/families/satochip/conversation.ts';
import type { RecordedExchange } from '../../../src/reader/card.ts';
import { ownedSatochip } from '../../../src/simulator/satochip/models.ts';
import { hex, talkTo } from './cards.ts';

const { evidence } = await talkTo('genuine');
const { transcript } = evidence;
const say = (command: string, response: string): RecordedExchange => ({
  command: hex(command),
  response: hex(response),
  micros: 0,
  disclosure: 'proof',
});
const find = (prefix: string) => {
  const index = transcript.findIndex(({ command }) => toHex(command).startsWith(prefix));
  const exchange = transcript[index];
  if (exchange === undefined) throw new Error(`no ${prefix} in the transcript`);
  return { index, exchange };
};
const answering = (prefix: string, response: Uint8Array) => {
  const { index, exchange } = find(prefix);
  return transcript.with(index, { ...exchange, response });
};
const select = say('00a40400085361746f44696d65', '9000');
const status = say('b03c0000', '00010002 00000000 00 00 00 01 9000');

describe('a whole conversation', () => {
  it('is read', () => {
    const read = readConversation(transcript);
    expect(read.product).toBe('satodime');
    expect(read.certificate?.length).toBeGreaterThan(300);
    expect(read.publicKey?.length).toBe(65);
    expect(read.challenge?.challenge.length).toBe(32);
    expect(read.slots).toEqual(['empty', 'empty', 'empty']);
    expect(read.labelLength).toBe(0);
    expect([...read.refused]).toEqual([]);
  });

  it('with a PIN tells whether it was taken', async () => {
    const talk = async (accessCode: string) =>
      readConversation(
        (await talkTo({ applets: [ownedSatochip] }, { accessCode })).evidence.transcript,
      );
    expect((await talk('123456')).pinAccepted).toBe(true);
    const refused = await talk('654321');
    expect(refused.pinAccepted).toBe(false);
    expect(refused.refused.get('pin')).toBe(0x63c4);
    expect(refused.certificate).toBeUndefined();
  });
});

describe('the product', () => {
  it('is the one whose name the last SELECT before the status asked for', () => {
    const read = readConversation([
      say('00a40400085361746f43686970', '6a82'),
      say('00a404000a536565644b6565706572', '9000'),
      status,
    ]);
    expect(read.product).toBe('seedkeeper');
  });

  it('is none of a SELECT that was refused', () => {
    const refused = [say('00a40400085361746f43686970', '6a82'), status];
    expect(() => readConversation(refused)).toThrow('of no application of these');
  });

  it('is that of the first status that can be read', () => {
    const other = say('b03c0000', '6d00');
    const read = readConversation([
      say('00a4040000', '9000'),
      say('00a40400085361746f43686970', '9000'),
      other,
      say('00a4040000', '9000'),
      select,
      status,
    ]);
    expect(read.product).toBe('satodime');
    expect(() => readConversation([select, other])).toThrow('status: 6D00');
  });
});

describe('a conversation cannot be read', () => {
  const secondChallenge = transcript.toSpliced(find('b09a').index + 1, 0, find('b09a').exchange);
  const piece = find('b0930002');
  const cases: readonly (readonly [string, readonly RecordedExchange[], string])[] = [
    ['without anything', [], 'no status'],
    ['without a status', [select], 'no status'],
    ['with a status of nothing', [status], 'of no application'],
    ['that goes on before a status', [select, say('b0980000', '9c04')], 'before a status'],
    ['with a second status', [select, status, status], 'once'],
    ['with a second application', [select, status, select], 'once'],
    ['with the card manager in its midst', [select, status, say('00a4040000', '9000')], 'once'],
    ['with a challenge twice', secondChallenge, 'asked twice'],
    ['with a command of others', [select, status, say('b0ad0000', '9000')], 'none that is asked'],
    ['with a PIN in it', [select, status, say('b04200000431323334', '9000')], 'none that is asked'],
    ['with an answer to the PIN', [select, status, say('b0420000', '019000')], 'none is due'],
    ['with data under a refusal', [select, status, say('b0980000', '019c06')], 'under a refusal'],
    [
      'with a piece of no certificate',
      [select, status, say('b09300020400000080', `${'00'.repeat(128)}9000`)],
      'out of its turn',
    ],
    ['with a piece twice', transcript.toSpliced(piece.index, 0, piece.exchange), 'out of its turn'],
    [
      'with its first piece last',
      [...transcript.toSpliced(piece.index, 1), piece.exchange],
      'out of its turn',
    ],
    ['with a short piece', answering('b0930002', hex('009000')), '1 bytes, 128 expected'],
    ['with a certificate too long', answering('b0930001', hex('20019000')), 'at most 8192'],
    ['with a key that is none', answering('b098', hex('029000')), '65 expected'],
    [
      'with a longer signature',
      answering('b09a', concat(find('b09a').exchange.response, hex('00'))),
      'an answer under a refusal',
    ],
    ['with a slot of no known state', answering('b050', hex('00000000 01 03 9000')), 'state 3'],
    ['with a channel of no form', answering('b081', hex('00 9000')), 'cut short'],
    ['with half a response', answering('b050', hex('90')), '1 bytes'],
  ];
  it.each(cases)('%s', (_, exchanges, message) => {
    expect(() => readConversation(exchanges)).toThrow(EvidenceError);
    expect(() => readConversation(exchanges)).toThrow(message);
  });
});

describe('a certificate', () => {
  it('of size 0 is read as none', () => {
    const read = readConversation([select, status, say('b0930001', '00009000')]);
    expect(read.certificate).toEqual(new Uint8Array());
  });

  it('that ends early is not there', () => {
    const read = readConversation([select, status, say('b0930001', '00019000')]);
    expect(read.certificate).toBeUndefined();
    const refused = readConversation([
      select,
      status,
      say('b0930001', '00019000'),
      say('b09300020400000001', '6700'),
    ]);
    expect(refused.certificate).toBeUndefined();
    expect(refused.refused.get('certificate')).toBe(0x6700);
  });

  it('is not asked for again after a refusal', () => {
    const again = [
      ...[select, status, say('b0930001', '00019000'), say('b09300020400000001', '6700')],
      say('b09300020400000001', '009000'),
    ];
    expect(() => readConversation(again)).toThrow('after a refusal');
  });
});

it('what is private counts for nothing', () => {
  const hidden = { ...say('b0ad0000', '9000'), disclosure: 'private' as const };
  expect(readConversation([select, status, hidden]).product).toBe('satodime');
});
