import { describe, expect, test } from 'vitest';
import { concat } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { EvidenceError } from '../../src/errors/error.ts';
import { type Card, openCard, type Redaction, type SecureChannel } from '../../src/reader/card.ts';
import { openVirtualCard, type VirtualReply } from '../../src/reader/virtual.ts';
import { answer, failureOf, type StubCard, stubCard } from '../support/pcsc-cards.ts';

const select = fromHex('00a4040002a00000');

function put(respond: (command: Uint8Array, stub: StubCard) => VirtualReply): {
  card: Card;
  stub: StubCard;
} {
  const stub = stubCard(respond);
  let now = 0;
  const clock = () => {
    now += 250;
    return now;
  };
  return { card: openCard(openVirtualCard(stub), clock), stub };
}

/** Answers in this order, and 6F00 after the last. */
function script(...answers: string[]) {
  return put((_, { received }) => answer(answers[received.length - 1] ?? '6f00'));
}

describe('exchange', () => {
  test('records command, answer, time and disclosure', async () => {
    const { card } = script('01029000', '6a82');
    await card.transmit(select, 'proof');
    expect(toHex(await card.transmit(select, 'private'))).toBe('6a82');
    expect(card.recorded).toEqual([
      { command: select, response: fromHex('01029000'), micros: 500, disclosure: 'proof' },
      { command: select, response: fromHex('6a82'), micros: 500, disclosure: 'private' },
    ]);
  });

  test('a bare status word is an answer', async () => {
    expect(toHex(await script('9000').card.transmit(select, 'state'))).toBe('9000');
  });
});

describe('a conversation', () => {
  const chatty = () => put(() => answer(`${'00'.repeat(65_534)}9000`)).card;

  test('may bring half a megabyte, and no byte more', async () => {
    const card = chatty();
    for (let count = 0; count < 8; count += 1) await card.transmit(select, 'proof');
    expect(card.recorded.reduce((sum, { response }) => sum + response.length, 0)).toBe(512 * 1024);
    const failure = await failureOf(card.transmit(select, 'proof'));
    expect(failure).toMatchObject({ code: 'READER_TRANSPORT' });
  });

  test('is counted through a channel and outside of it alike', async () => {
    const card = chatty();
    const bare = card.through({ wrap: (command) => command, unwrap: () => fromHex('9000') });
    for (let count = 0; count < 8; count += 1) await bare.transmit(select, 'private');
    const failure = await failureOf(card.transmit(select, 'proof'));
    expect(failure).toMatchObject({ code: 'READER_TRANSPORT' });
  });
});

describe('61xx: more data', () => {
  test('pieces are joined, the last status stays', async () => {
    const { card, stub } = script('01026103', '0304056100', '069000');
    expect(toHex(await card.transmit(select, 'proof'))).toBe('0102030405069000');
    expect(stub.received.map(toHex)).toEqual([toHex(select), '00c0000003', '00c0000000']);
    expect(card.recorded).toHaveLength(1);
  });

  test('an error after some pieces is passed on with them', async () => {
    expect(toHex(await script('016101', '6f00').card.transmit(select, 'proof'))).toBe('016f00');
  });

  test('GET RESPONSE keeps the logical channel, not the chaining bit', async () => {
    const { card, stub } = script('6101', '019000');
    await card.transmit(fromHex('13a40400'), 'proof');
    expect(toHex(stub.received[1] ?? new Uint8Array())).toBe('03c0000001');
  });

  test('64 KiB in pieces of 256', async () => {
    const piece = new Uint8Array(256).fill(7);
    const { card } = put((_, { received }) => ({
      kind: 'answer',
      bytes: concat(piece, fromHex(received.length < 256 ? '6100' : '9000')),
    }));
    expect((await card.transmit(select, 'proof')).length).toBe(65_536 + 2);
  });

  test.each([
    ['with data', '0061ff'],
    ['without data', '61ff'],
  ])('without end, %s: refused, nothing recorded', async (_, hex) => {
    const { card, stub } = put(() => answer(hex));
    expect((await failureOf(card.transmit(select, 'proof'))).code).toBe('READER_TRANSPORT');
    expect(stub.received.length).toBeLessThan(400);
    expect(card.recorded).toEqual([]);
  });

  test('more than 64 KiB in large pieces: refused', async () => {
    const { card, stub } = put(() => ({
      kind: 'answer',
      bytes: concat(new Uint8Array(40_000), fromHex('6100')),
    }));
    expect((await failureOf(card.transmit(select, 'proof'))).code).toBe('READER_TRANSPORT');
    expect(stub.received.length).toBeLessThan(4);
  });

  test('pulled out between two pieces: nothing recorded', async () => {
    const { card } = put((_, { received }) =>
      received.length === 1 ? answer('016101') : { kind: 'removed' },
    );
    expect((await failureOf(card.transmit(select, 'proof'))).code).toBe('READER_CARD_REMOVED');
    expect(card.recorded).toEqual([]);
  });
});

describe('6Cxx: wrong length', () => {
  test('asked again once with the right one', async () => {
    const { card, stub } = script('6c02', '01029000');
    expect(toHex(await card.transmit(fromHex('00b0000000'), 'proof'))).toBe('01029000');
    expect(stub.received.map(toHex)).toEqual(['00b0000000', '00b0000002']);
  });

  test('6C00 means 256', async () => {
    const { card, stub } = script('6c00', '9000');
    await card.transmit(fromHex('00b0000005'), 'proof');
    expect(toHex(stub.received[1] ?? new Uint8Array())).toBe('00b0000000');
  });

  test('a card that says it again is not asked a third time', async () => {
    const { card, stub } = put(() => answer('6c05'));
    expect(toHex(await card.transmit(select, 'proof'))).toBe('6c05');
    expect(stub.received).toHaveLength(2);
  });

  test('a command that asked for no length, as those with a code do, is not sent twice', async () => {
    const { card, stub } = put(() => answer('6c05'));
    expect(toHex(await card.transmit(fromHex('0020000002abcd'), 'state'))).toBe('6c05');
    expect(stub.received).toHaveLength(1);
  });

  test('inside a channel no command is sent twice', async () => {
    const { card, stub } = put(() => answer('6c05'));
    const inside = card.through({ wrap: (command) => command, unwrap: (response) => response });
    expect(toHex(await inside.transmit(fromHex('00b0000000'), 'proof'))).toBe('6c05');
    expect(stub.received).toHaveLength(1);
  });
});

describe('no answer', () => {
  test.each([
    ['pulled out', { kind: 'removed' }, 'READER_CARD_REMOVED'],
    ['empty', answer(''), 'READER_CARD_REMOVED'],
    ['one byte', answer('90'), 'READER_CARD_REMOVED'],
    ['mute', { kind: 'silence' }, 'READER_CARD_MUTE'],
    ['65539 bytes', { kind: 'answer', bytes: new Uint8Array(65_539) }, 'READER_TRANSPORT'],
  ] as const)('%s', async (_, reply, code) => {
    const { card } = put(() => reply);
    expect((await failureOf(card.transmit(select, 'proof'))).code).toBe(code);
    expect(card.recorded).toEqual([]);
  });

  test('the longest answer there may be passes', async () => {
    const { card } = put(() => ({ kind: 'answer', bytes: new Uint8Array(65_538) }));
    expect((await card.transmit(select, 'proof')).length).toBe(65_538);
  });

  test('a closed card answers no more', async () => {
    const { card, stub } = script('9000');
    await card.close();
    expect((await failureOf(card.transmit(select, 'proof'))).code).toBe('READER_CARD_REMOVED');
    expect(stub.received).toEqual([]);
  });
});

describe('a limit on the whole conversation', () => {
  test('ends a card that answers in time, but without end', async () => {
    let now = 0;
    const channel = openVirtualCard(stubCard(() => answer('6101')));
    const card = openCard(channel, () => (now += 1_000_000), 30_000);
    const error = await failureOf(card.transmit(select, 'proof'));
    expect(error.code).toBe('READER_CARD_MUTE');
    expect(error.message).toContain('30 seconds');
    expect(now).toBeLessThan(40_000_000);
  });

  test('does not touch a card that is done before', async () => {
    let now = 0;
    const channel = openVirtualCard(stubCard(() => answer('9000')));
    const card = openCard(channel, () => (now += 1_000_000), 30_000);
    await card.transmit(select, 'proof');
    expect(card.recorded).toHaveLength(1);
  });
});

describe('a redaction', () => {
  const emptied: Redaction = ({ command, response }) => ({
    command: command.subarray(0, 4),
    response: response.subarray(-2),
  });

  test('changes what is written down, not what is sent or answered', async () => {
    const { card, stub } = script('0102039000');
    expect(toHex(await card.transmit(select, 'proof', emptied))).toBe('0102039000');
    expect(stub.received.map(toHex)).toEqual([toHex(select)]);
    expect(card.recorded).toEqual([
      { command: fromHex('00a40400'), response: fromHex('9000'), micros: 500, disclosure: 'proof' },
    ]);
  });

  test('sees the whole answer, not its pieces', async () => {
    const { card } = script('01026101', '039000');
    const seen: string[] = [];
    await card.transmit(select, 'proof', (exchanged) => {
      seen.push(toHex(exchanged.response));
      return exchanged;
    });
    expect(seen).toEqual(['0102039000']);
  });

  test('that fails leaves nothing written down', async () => {
    const { card } = script('0102039000');
    const failing = () => {
      throw new TypeError('ours');
    };
    await expect(card.transmit(select, 'proof', failing)).rejects.toThrow(TypeError);
    expect(card.recorded).toEqual([]);
  });

  test('cannot change the time or the disclosure', async () => {
    const { card } = script('9000');
    const meddling = ((exchanged) => ({
      ...exchanged,
      disclosure: 'proof',
      micros: 1,
    })) as Redaction;
    await card.transmit(select, 'private', meddling);
    expect(card.recorded[0]).toMatchObject({ disclosure: 'private', micros: 500 });
  });
});

describe('through a secure channel', () => {
  /** Adds FF to a command and takes EE from an answer. */
  const channel: SecureChannel = {
    wrap: (command) => concat(command, fromHex('ff')),
    unwrap(response) {
      if (response[0] !== 0xee) throw new EvidenceError('not of this channel');
      return response.subarray(1);
    },
  };

  test('the card hears the wrapped command; the transcript holds what was said', async () => {
    const { card, stub } = script('ee019000');
    const inside = card.through(channel);
    expect(toHex(await inside.transmit(select, 'proof'))).toBe('019000');
    expect(stub.received.map(toHex)).toEqual([`${toHex(select)}ff`]);
    expect(card.recorded.map(({ command, response }) => [toHex(command), toHex(response)])).toEqual(
      [[toHex(select), '019000']],
    );
  });

  test('both ends write into one transcript, in order', async () => {
    const { card } = script('9000', 'ee9000', '6985');
    const inside = card.through(channel);
    await card.transmit(select, 'proof');
    await inside.transmit(select, 'state');
    await card.transmit(select, 'private');
    expect(card.recorded).toBe(inside.recorded);
    expect(card.recorded.map(({ disclosure }) => disclosure)).toEqual([
      'proof',
      'state',
      'private',
    ]);
    expect([inside.readerName, inside.atr]).toEqual([card.readerName, card.atr]);
  });

  test('pieces are joined before they are unwrapped', async () => {
    const { card } = script('ee016101', '029000');
    expect(toHex(await card.through(channel).transmit(select, 'proof'))).toBe('01029000');
  });

  test('an answer of another channel is an error, and is kept as it came', async () => {
    const { card } = script('0102036a80');
    const sent = card.through(channel).transmit(select, 'proof');
    await expect(sent).rejects.toThrow(EvidenceError);
    expect(card.recorded).toMatchObject([{ command: select, response: fromHex('0102036a80') }]);
  });

  test('a redaction works on what was said inside, and on what could not be unwrapped', async () => {
    const { card } = script('ee01029000', '01029000');
    const seen: string[] = [];
    const redact: Redaction = ({ command, response }) => {
      seen.push(toHex(response));
      return { command, response: response.subarray(-2) };
    };
    const inside = card.through(channel);
    await inside.transmit(select, 'proof', redact);
    await expect(inside.transmit(select, 'proof', redact)).rejects.toThrow(EvidenceError);
    expect(seen).toEqual(['01029000', '01029000']);
    expect(card.recorded.map(({ response }) => toHex(response))).toEqual(['9000', '9000']);
  });

  test('closing it closes the card', async () => {
    const { card, stub } = script('9000');
    await card.through(channel).close();
    expect((await failureOf(card.transmit(select, 'proof'))).code).toBe('READER_CARD_REMOVED');
    expect(stub.received).toEqual([]);
  });

  test('a limit on the conversation holds inside as well', async () => {
    let now = 0;
    const open = openVirtualCard(stubCard(() => answer('ee6101')));
    const card = openCard(open, () => (now += 1_000_000), 30_000);
    const error = await failureOf(card.through(channel).transmit(select, 'proof'));
    expect(error.code).toBe('READER_CARD_MUTE');
  });
});
