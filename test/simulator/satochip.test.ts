/** Who may ask what of simulated Satochip cards: setup, PIN, forbidden commands, random bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { satochip } from '../../src/simulator/satochip/index.ts';
import type { SimulatedCard } from '../../src/simulator/simulation.ts';
import {
  aidOf,
  answers,
  type Channel,
  challengeCommand,
  command,
  isSigned,
  make,
  open,
  type Product,
  parseProof,
  pinCommand,
  pinsOf,
  prefixed,
  select,
  send,
} from './satochip-client.ts';

const exportKey = command('980000');
const certificateSize = command('930001');
const authentikey = command('ad0000');
const label = command('3d0001');
const status = 'b03c0000';

/** What the four commands of the PKI and the label get, in this order. */
function access(channel: Channel): string[] {
  const all = [certificateSize, exportKey, challengeCommand, authentikey, label];
  return all.map((plain) => channel.ask(plain).sw);
}

const repeat = (sw: string) => Array<string>(5).fill(sw);

describe('access', () => {
  it.each([
    ['genuine', 'satodime', repeat('9000')],
    ['claimed-satodime', 'satodime', repeat('9000')],
    ['new-satochip', 'satochip', repeat('9c04')],
    ['new-seedkeeper', 'seedkeeper', repeat('9c04')],
    ['open-pki', 'satochip', ['9c04', '9c06', '9c04', '9c04', '9c04']],
    ['open-pki-seedkeeper', 'seedkeeper', ['9c04', '9000', '9c04', '9c04', '9c04']],
    ['set-up-satochip', 'satochip', repeat('9c06')],
    ['set-up-seedkeeper', 'seedkeeper', ['9c06', '9000', '9c06', '9000', '9c06']],
    ['old-applet-channel', 'satochip', repeat('6d00')],
  ] as const)('without a PIN on %s', (id, product, expected) => {
    expect(access(open(id, product).channel)).toEqual(expected);
  });

  it.each([
    ['set-up-satochip', 'satochip'],
    ['seeded-satochip', 'satochip'],
    ['set-up-seedkeeper', 'seedkeeper'],
    ['last-try', 'satochip'],
    ['two-applets', 'satochip'],
  ] as const)('with its PIN on %s is whole, and ends with it', (id, product) => {
    const { card, channel } = open(id, product);
    expect(channel.ask(pinCommand()).sw).toBe('9000');
    expect(access(channel)).toEqual(repeat('9000'));
    const key = channel.ask(exportKey).body;
    expect(answers(parseProof(channel.ask(challengeCommand).body), key)).toBe(true);
    expect(channel.ask(command('600000')).sw).toBe('9000');
    expect(channel.ask(challengeCommand).sw).toBe('9c06');
    expect([card.forbiddenCommands, pinsOf(card)]).toEqual([0, 1]);
  });

  it('of an applet without a channel is in clear', () => {
    const card = make('old-applet');
    select(card, 'satochip');
    for (const ins of ['98', '93', '9a', 'ad', '81', '82']) {
      expect(send(card, `b0${ins}0000`).sw, ins).toBe('6d00');
    }
    expect(card.forbiddenCommands).toBe(0);
  });
});

describe('the proof', () => {
  it('is fresh, and answers this challenge alone', () => {
    const { channel } = open('genuine', 'satodime', 'a');
    const key = channel.ask(exportKey).body;
    const [first, second] = [1, 2].map(() => parseProof(channel.ask(challengeCommand).body));
    expect(first?.cardChallenge).not.toEqual(second?.cardChallenge);
    const other = channel.ask(command('9a0000', Buffer.alloc(32, 1))).body;
    expect([first, second].map((proof) => proof && answers(proof, key))).toEqual([true, true]);
    expect(answers(parseProof(other), key)).toBe(false);
    expect(channel.ask(command('9a0000', Buffer.alloc(31))).sw).toBe('6700');
  });

  it('goes with an authentikey that signs itself', () => {
    const { channel } = open('genuine', 'satodime');
    const key = channel.ask(exportKey).body;
    const { body } = channel.ask(authentikey);
    const x = body.subarray(2, 34);
    expect(x).toEqual(key.subarray(1, 33));
    expect(body.readUInt16BE(34)).toBe(body.length - 36);
    expect(isSigned(prefixed(x), body.subarray(36), key)).toBe(true);
  });

  it('comes with a certificate in pieces of any size that fits', () => {
    const { channel } = open('genuine', 'satodime');
    const size = channel.ask(certificateSize).body.readUInt16BE(0);
    const piece = (offset: number, length: number) => {
      const data = Buffer.alloc(4);
      data.writeUInt16BE(offset, 0);
      data.writeUInt16BE(length, 2);
      return channel.ask(command('930002', data));
    };
    expect(piece(0, 223).body).toHaveLength(223);
    expect(piece(0, 224).sw).toBe('6700');
    expect(piece(size - 1, 1).body).toHaveLength(1);
    expect([piece(size - 1, 2).sw, piece(size, 0).sw]).toEqual(['6700', '6700']);
    expect(channel.ask(command('930002', Buffer.alloc(3))).sw).toBe('6700');
    expect(channel.ask(command('930003')).sw).toBe('9c11');
  });
});

describe('the PIN', () => {
  const triesOf = (card: SimulatedCard) => send(card, status).body[4];

  it.each([
    ['set-up-satochip', 'satochip'],
    ['set-up-seedkeeper', 'seedkeeper'],
  ] as const)('of %s loses a try for every wrong one, and blocks', (id, product) => {
    const { card, channel } = open(id, product);
    for (const [sw, left] of [
      ['63c4', 4],
      ['63c3', 3],
      ['63c2', 2],
      ['63c1', 1],
      ['63c0', 0],
      ['9c0c', 0],
    ]) {
      expect(channel.ask(pinCommand('654321')).sw).toBe(sw);
      expect(triesOf(card)).toBe(left);
    }
    expect(channel.ask(pinCommand()).sw).toBe('9c0c');
    card.reset();
    select(card, product);
    expect(triesOf(card)).toBe(0);
    expect([card.forbiddenCommands, pinsOf(card)]).toEqual([0, 7]);
  });

  it('gives all tries back when it is right, and a wrong one ends its right', () => {
    const { card, channel } = open('last-try', 'satochip');
    expect(channel.ask(pinCommand()).sw).toBe('9000');
    expect(triesOf(card)).toBe(5);
    expect(channel.ask(pinCommand('0000')).sw).toBe('63c4');
    expect(channel.ask(exportKey).sw).toBe('9c06');
  });

  it('of last-try blocks at once, that of blocked-pin is', () => {
    expect(open('last-try', 'satochip').channel.ask(pinCommand('0000')).sw).toBe('63c0');
    const { card, channel } = open('blocked-pin', 'satochip');
    expect(channel.ask(pinCommand()).sw).toBe('9c0c');
    expect([card.forbiddenCommands, pinsOf(card)]).toEqual([0, 1]);
  });

  it.each(['123', '1'.repeat(17), ''])('of a wrong length costs nothing: "%s"', (pin) => {
    const { card, channel } = open('set-up-satochip', 'satochip');
    expect(channel.ask(pinCommand(pin)).sw).toBe('9c0f');
    expect(triesOf(card)).toBe(5);
  });

  it('with another number is none', () => {
    const { channel } = open('set-up-satochip', 'satochip');
    expect(channel.ask(command('420100', Buffer.from('123456'))).sw).toBe('9c10');
    expect(channel.ask(command('420001', Buffer.from('123456'))).sw).toBe('9c11');
  });

  it.each([
    ['genuine', 'satodime', '9c03'],
    ['claimed-satodime', 'satodime', '9c03'],
    ['new-satochip', 'satochip', '9c04'],
    ['new-seedkeeper', 'seedkeeper', '9c04'],
    ['open-pki', 'satochip', '9c03'],
    ['open-pki-seedkeeper', 'seedkeeper', '9c03'],
  ] as const)('to %s, which has none, is forbidden', (id, product, sw) => {
    const { card, channel } = open(id, product);
    expect(channel.ask(pinCommand()).sw).toBe(sw);
    expect([card.forbiddenCommands, pinsOf(card)]).toEqual([1, 1]);
  });

  it.each([
    ['set-up-satochip', '9c20'],
    ['old-applet', '9c03'],
  ])('in clear is forbidden: %s', (id, sw) => {
    const card = make(id);
    select(card, 'satochip');
    expect(send(card, pinCommand().toString('hex')).sw).toBe(sw);
    expect([card.forbiddenCommands, pinsOf(card)]).toEqual([1, 1]);
    expect(triesOf(card)).toBe(5);
  });
});

describe('commands that no check may send', () => {
  const forbidden = [
    ...['2a', '32', '33', '3e', '3f', '40', '44', '46', '52', '56', '57', '58', '59', '5a', '6c'],
    ...['6d', '6e', '6f', '71', '74', '75', '76', '77', '78', '79', '7a', '92', '94', '99', 'a0'],
    ...['a1', 'a2', 'a3', 'a5', 'a8', 'aa', 'ac', 'ae', 'af', 'ff', '01'],
  ];

  it.each([
    ['genuine', 'satodime'],
    ['claimed-satodime', 'satodime'],
    ['new-satochip', 'satochip'],
    ['open-pki', 'satochip'],
    ['seeded-satochip', 'satochip'],
    ['used-seedkeeper', 'seedkeeper'],
  ] as const)('are counted and refused by %s, in clear and in the channel', (id, product) => {
    const { card, channel } = open(id, product);
    const before = send(card, status);
    if (before.body[10] === 1 && product !== 'satodime') channel.ask(pinCommand());
    for (const [i, ins] of forbidden.entries()) {
      expect(channel.ask(command(`${ins}0000`, Buffer.alloc(40))).sw, ins).toMatch(/^9c0[347]$/);
      expect(send(card, `b0${ins}0000`).sw, ins).toBe('9c20');
      expect(card.forbiddenCommands).toBe(2 * (i + 1));
    }
    channel.ask(command('3d0000', Buffer.of(1, 65)));
    expect(card.forbiddenCommands).toBe(2 * forbidden.length + 1);
    expect(send(card, status)).toEqual(before);
    card.reset();
    expect(card.forbiddenCommands).toBe(2 * forbidden.length + 1);
  });

  it('are told apart by setup', () => {
    const setup = command('2a0000', Buffer.alloc(40));
    expect(open('genuine', 'satodime').channel.ask(setup).sw).toBe('9c03');
    expect(open('new-satochip', 'satochip').channel.ask(setup).sw).toBe('9c03');
    expect(open('set-up-satochip', 'satochip').channel.ask(setup).sw).toBe('9c07');
    expect(open('open-pki', 'satochip').channel.ask(command('990000')).sw).toBe('9c03');
    expect(open('new-satochip', 'satochip').channel.ask(command('990000')).sw).toBe('9c04');
  });

  it('reach the card manager too', () => {
    const card = make('genuine');
    for (const [i, hex] of ['8050000008', '84820000', '80e40000', '80e60200'].entries()) {
      expect(send(card, hex).sw).toBe('6d00');
      expect(card.forbiddenCommands).toBe(i + 1);
    }
  });

  it('are none of the harmless ones', () => {
    const { card, channel } = open('set-up-seedkeeper', 'seedkeeper');
    channel.ask(pinCommand());
    access(channel);
    const reads = ['48', '50', '51', '55', '60', '73', 'a6', 'a7', 'a9', 'ab'];
    for (const ins of reads) channel.ask(command(`${ins}0000`));
    send(card, status);
    send(card, '00a4040000');
    send(card, '80ca9f7f00');
    expect(card.forbiddenCommands).toBe(0);
  });
});

describe('random bytes', () => {
  const ids = satochip.cases.map(({ id }) => id);
  const products = Object.keys(aidOf) as Product[];
  const raw = fc.uint8Array({ maxLength: 300 });
  const likely = fc
    .tuple(
      fc.constantFrom(0x00, 0x80, 0xb0),
      fc.constantFrom(0xa4, 0xca, 0x3c, 0x3d, 0x42, 0x50, 0x51, 0x81, 0x82, 0x93, 0x98, 0x9a, 0xad),
      fc.constantFrom(0, 1, 4),
      fc.constantFrom(0, 1, 2),
      fc.uint8Array({ maxLength: 120 }),
    )
    .map(([cla, ins, p1, p2, data]) => Buffer.from([cla, ins, p1, p2, data.length, ...data]));

  it('never throw out of a card', () => {
    const commands = fc.array(fc.oneof(raw, likely), { maxLength: 10 });
    fc.assert(
      fc.property(
        fc.constantFrom(...ids),
        fc.constantFrom(...products),
        commands,
        (id, product, all) => {
          const card = make(id, 'random');
          select(card, product);
          for (const bytes of all) {
            const reply = card.respond(bytes);
            if (reply.kind === 'answer') expect(reply.bytes.length).toBeGreaterThanOrEqual(2);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('never throw out of a channel', () => {
    const inner = fc.array(
      fc.oneof(raw, likely).filter((bytes) => bytes.length < 190),
      {
        maxLength: 8,
      },
    );
    const honest = ['genuine', 'seeded-satochip', 'used-seedkeeper', 'open-pki'] as const;
    const productOf = { genuine: 'satodime', 'used-seedkeeper': 'seedkeeper' } as const;
    fc.assert(
      fc.property(fc.constantFrom(...honest), inner, (id, all) => {
        const product = id in productOf ? productOf[id as keyof typeof productOf] : 'satochip';
        const { card, channel } = open(id, product, 'random');
        for (const plain of all) {
          const reply = card.respond(channel.wrap(plain));
          expect(reply.kind).toBe('answer');
        }
      }),
      { numRuns: 60 },
    );
  });
});
