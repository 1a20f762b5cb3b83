import { encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { encodeCommand } from '../../../src/apdu/command.ts';
import { fromHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { readConversation } from '../../../src/families/coinkite-tap/conversation.ts';
import { checkMessage } from '../../../src/families/coinkite-tap/signed-messages.ts';
import type { RecordedExchange } from '../../../src/reader/card.ts';
import { type Answer, exchange, keyPair, refusal, statusFields } from '../../support/tap-cards.ts';

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
const ours = bytes(16, 0xaa);
const key = keyPair('card').publicKey;

const select = (changes: Answer = {}) => exchange('select', statusFields(changes));
const status = (changes: Answer = {}) => exchange({ cmd: 'status' }, statusFields(changes));
const check = (more: Answer = {}, nonce = ours) =>
  exchange({ cmd: 'check', nonce }, { auth_sig: bytes(64, 5), card_nonce: bytes(16, 2), ...more });
const read = (more: Answer = {}, nonce = ours) =>
  exchange(
    { cmd: 'read', nonce },
    { sig: bytes(64, 6), pubkey: key, card_nonce: bytes(16, 3), ...more },
  );
const certs = (chain: unknown = [bytes(65, 7), bytes(65, 8)], more: Answer = {}) =>
  exchange({ cmd: 'certs' }, { cert_chain: chain, ...more });
const nfc = (url: unknown = 'https://tapsigner.com/start#x') => exchange({ cmd: 'nfc' }, { url });
const dump = (answer: Answer, slot = 0) =>
  exchange({ cmd: 'dump', slot }, { slot, card_nonce: bytes(16, 4), ...answer });
const refused = (cmd: 'certs' | 'nfc' | 'status', code: number) =>
  exchange({ cmd }, refusal(code, 'bad thing'));
const other = (cmd: string, answer: Answer): RecordedExchange => ({
  ...exchange({ cmd: 'status' }, answer),
  command: encodeCommand({ cla: 0, ins: 0xcb, p1: 0, p2: 0, data: encode({ cmd }) }),
});

const fault = (...transcript: RecordedExchange[]) => {
  try {
    readConversation(transcript);
  } catch (error) {
    if (error instanceof EvidenceError) return error.message;
    throw error;
  }
  return 'read';
};

describe('a conversation', () => {
  it('holds every answer once', () => {
    const conversation = readConversation([select(), certs(), read(), check(), nfc('a link')]);
    expect(conversation).toMatchObject({
      status: { product: 'tapsigner', cardNonce: bytes(16, 1) },
      certs: { chain: [bytes(65, 7), bytes(65, 8)], withNonce: false },
      read: { cardNonce: bytes(16, 1), nonce: ours, signature: bytes(64, 6), publicKey: key },
      check: { cardNonce: bytes(16, 3), nonce: ours, signature: bytes(64, 5) },
      link: 'a link',
      dumps: [],
    });
    expect(conversation.refused.size).toBe(0);
  });

  it('may end after SELECT', () => {
    expect(Object.keys(readConversation([select()])).sort()).toEqual([
      'dumps',
      'refused',
      'status',
    ]);
  });

  it.each<[string, RecordedExchange[], string]>([
    ['nothing', [], 'no status was recorded'],
    ['no SELECT first', [status(), check()], 'exchange 1: the application is selected once'],
    ['a check alone', [check()], 'exchange 1: the application is selected once'],
    ['a second SELECT', [select(), select()], 'exchange 2: the application is selected once'],
    ['a SELECT at the end', [select(), check(), select()], 'exchange 3: the application is'],
    ['a refused SELECT alone', [exchange('select', refusal(404))], 'no status was recorded'],
    ['a status of another key', [select(), status({ pubkey: keyPair('x').publicKey })], '2: field'],
    [
      'a status of another key after the check',
      [select(), check(), status({ pubkey: keyPair('x').publicKey })],
      'exchange 3: field "pubkey": another key than at the start',
    ],
    ['two checks', [select(), check(), check()], 'exchange 3: "check" is answered twice'],
    ['two reads', [select(), read(), read()], 'exchange 3: "read" is answered twice'],
    ['two chains', [select(), certs(), certs()], 'exchange 3: "certs" is answered twice'],
    ['two links', [select(), nfc(), nfc()], 'exchange 3: "nfc" is answered twice'],
    ['a broken status', [select(), status({ proto: 2 })], 'exchange 2: field "proto"'],
    ['a check of 63 bytes', [select(), check({ auth_sig: bytes(63, 5) })], '2: field "auth_sig"'],
    ['a check of 65 bytes', [select(), check({ auth_sig: bytes(65, 5) })], '2: field "auth_sig"'],
    ['a check without signature', [select(), check({ auth_sig: null })], '2: field "auth_sig"'],
    ['a read of 65 bytes', [select(), read({ sig: bytes(65, 5) })], '2: field "sig"'],
    ['a read of 63 bytes', [select(), read({ sig: bytes(63, 5) })], '2: field "sig"'],
    ['a slot key of 32 bytes', [select(), read({ pubkey: bytes(32, 2) })], '2: field "pubkey"'],
    ['a card nonce of 15 bytes', [select(), check({ card_nonce: bytes(15, 2) })], '"card_nonce"'],
    ['a card nonce of 17 bytes', [select(), certs([], { card_nonce: bytes(17, 2) })], 'nonce"'],
    ['a chain of 9', [select(), certs(Array(9).fill(bytes(65, 7)))], 'a list of at most 8'],
    ['a certificate of 64 bytes', [select(), certs([bytes(65, 7), bytes(64, 7)])], '65 bytes each'],
    ['a certificate of 66 bytes', [select(), certs([bytes(66, 7), bytes(65, 7)])], '65 bytes each'],
    ['a certificate of text', [select(), certs(['x'.repeat(65), bytes(65, 7)])], '65 bytes each'],
    ['a chain that is no list', [select(), certs(bytes(65, 7))], '2: field "cert_chain"'],
    ['a link that is no text', [select(), nfc(1)], '2: field "url"'],
    ['a link of 401 characters', [select(), nfc('x'.repeat(401))], '2: field "url"'],
    ['a dump of slot 11', [select(), dump({ slot: 11 })], '2: field "slot"'],
    [
      'a dump about another slot',
      [select(), dump({ slot: 9 })],
      '2: asked about slot 0, answered about 9',
    ],
    ['a dump without a slot', [select(), dump({ slot: null })], '2: field "slot": nothing'],
    ['a dump sealed as a number', [select(), dump({ sealed: 0 })], '2: field "sealed"'],
    ['a dump tampered as a number', [select(), dump({ tampered: 1 })], '2: field "tampered"'],
    ['a dump address of 91', [select(), dump({ addr: 'x'.repeat(91) })], '2: field "addr"'],
    ['a dump key of 34 bytes', [select(), dump({ pubkey: bytes(34, 2) })], '2: field "pubkey"'],
    ['a command without a name', [select(), { ...status(), command: fromHex('00cb000001a0') }], ''],
  ])('with %s is not read', (_, transcript, message) => {
    expect(fault(...transcript)).toContain(message);
    expect(fault(...transcript)).not.toBe('read');
  });

  it('may hold a chain of 8, a link of 400 and a dump of slot 10', () => {
    const chain = Array<Uint8Array>(8).fill(bytes(65, 7));
    const transcript = [select(), certs(chain), nfc('x'.repeat(400)), dump({}, 10)];
    const conversation = readConversation(transcript);
    expect(conversation.certs?.chain.length).toBe(8);
    expect(conversation.dumps[0]?.slot).toBe(10);
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

describe('the card nonce', () => {
  const nonceOf = (...before: RecordedExchange[]) =>
    readConversation([select(), ...before, check()]).check?.cardNonce?.[0];

  it.each<[string, RecordedExchange[], number]>([
    ['SELECT', [], 1],
    ['certificates without one', [certs()], 1],
    ['certificates with one', [certs([], { card_nonce: bytes(16, 9) })], 9],
    ['a read', [read()], 3],
    ['a dump', [dump({ used: false })], 4],
    ['a read, then a dump', [read(), dump({ used: false })], 4],
    ['a dump, then a read', [dump({ used: false }), read()], 3],
    ['a later status', [read(), status({ card_nonce: bytes(16, 8) })], 8],
    ['a read before a refusal', [read(), refused('certs', 205)], 3],
    ['a command that is none of ours', [other('wait', { card_nonce: bytes(16, 7) })], 7],
  ])('is the one after %s', (_, before, expected) => {
    expect(nonceOf(...before)).toBe(expected);
  });

  it('in a signed message is the one before its command, and ours as sent', () => {
    const nonce = bytes(16, 0xbb);
    const conversation = readConversation([select(), read(), check({}, nonce)]);
    const answer = conversation.check;
    expect(answer && checkMessage(answer).slice(8)).toEqual(
      Uint8Array.from([...bytes(16, 3), ...nonce]),
    );
  });

  it('of ours may have any length here', () => {
    const short = readConversation([select(), check({}, bytes(4, 1))]);
    expect(short.check?.nonce.length).toBe(4);
  });
});

describe('the status that counts', () => {
  it('is the last one before the check', () => {
    const conversation = readConversation([
      select({ num_backups: 0 }),
      status({ num_backups: 1 }),
      check(),
      status({ num_backups: 2, tampered: true }),
    ]);
    expect(conversation.status).toMatchObject({ backups: 1, tampered: false });
  });

  it('is the last one where no check was answered', () => {
    const transcript = [select({ num_backups: 0 }), status({ num_backups: 2 })];
    expect(readConversation(transcript).status.backups).toBe(2);
  });

  it('is not taken from a refused status', () => {
    const conversation = readConversation([select(), refused('status', 205)]);
    expect(conversation.status.version).toBe('1.0.3');
    expect(conversation.refused.get('status')).toBe('"bad thing" (205)');
  });
});

describe('private exchanges', () => {
  const garbage: RecordedExchange = {
    command: Uint8Array.of(1),
    response: Uint8Array.of(2),
    micros: 0,
    disclosure: 'private',
  };
  it('are not read, wherever they stand', () => {
    const hidden = { ...check({ card_nonce: bytes(16, 9) }), disclosure: 'private' } as const;
    const plain = readConversation([select(), read(), check()]);
    const withPrivate = [garbage, select(), hidden, read(), garbage, check(), hidden, garbage];
    expect(readConversation(withPrivate)).toEqual(plain);
  });

  it('count in the number of an exchange that cannot be read', () => {
    expect(fault(garbage, check())).toMatch(/^exchange 2: /);
  });

  it.each(['proof', 'state'] as const)('are not those marked %s', (disclosure) => {
    expect(fault(select(), { ...garbage, disclosure })).toMatch(/^exchange 2: command/);
  });
});

describe('refusals', () => {
  it('are kept in the words of the card', () => {
    const bare = { ...nfc(), response: fromHex('6d00') };
    const { refused: words } = readConversation([select(), refused('certs', 404), bare]);
    expect([...words]).toEqual([
      ['certs', '"bad thing" (404)'],
      ['nfc', 'status 6D00'],
    ]);
  });

  it('are none once the card has answered', () => {
    const conversation = readConversation([select(), refused('certs', 205), certs()]);
    expect(conversation.refused.has('certs')).toBe(false);
    expect(conversation.certs?.chain.length).toBe(2);
  });

  it('count when they come after the answer', () => {
    const conversation = readConversation([select(), certs(), refused('certs', 205)]);
    expect(conversation.refused.has('certs')).toBe(true);
  });

  it('of SELECT leave room for a second one', () => {
    expect(fault(exchange('select', refusal(205)), select())).toBe('read');
  });
});

describe('dumps and other answers', () => {
  it.each<[string, Answer, boolean]>([
    ['never used', { used: false }, false],
    ['sealed', { sealed: true }, false],
    ['opened', { sealed: false }, true],
    ['said to be nothing', { sealed: null }, false],
  ])('a slot %s: opened is %s', (_, answer, unsealed) => {
    expect(readConversation([select(), dump(answer)]).dumps[0]?.unsealed).toBe(unsealed);
  });

  it('are kept in their order with all they say', () => {
    const long = 'b'.repeat(90);
    const { dumps } = readConversation([
      select(),
      dump({ sealed: false, addr: long, pubkey: key, tampered: true }, 3),
      dump({ used: false }, 2),
    ]);
    expect(dumps).toEqual([
      { slot: 3, unsealed: true, tampered: true, address: long, publicKey: key },
      { slot: 2, unsealed: false, tampered: false },
    ]);
  });

  it('a chain with a card nonce beside it is marked', () => {
    const transcript = [select(), certs([], { card_nonce: bytes(16, 9) })];
    expect(readConversation(transcript).certs).toEqual({ chain: [], withNonce: true });
  });

  it('commands that are none of ours prove nothing and disturb nothing', () => {
    const transcript = [select(), other('derive', { auth_sig: bytes(64, 1) }), check()];
    expect(readConversation(transcript)).toMatchObject({ check: { signature: bytes(64, 5) } });
  });
});
