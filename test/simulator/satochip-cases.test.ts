/** What each simulated Satochip card does that the others do not. */
import { describe, expect, it } from 'vitest';
import { satochip } from '../../src/simulator/satochip/index.ts';
import type { SimulatedCard } from '../../src/simulator/simulation.ts';
import {
  answers,
  Channel,
  challengeCommand,
  command,
  isSigned,
  make,
  open,
  parseProof,
  pinCommand,
  pinsOf,
  readCertificate,
  select,
  send,
  vouchedBytes,
} from './satochip-client.ts';
import { seeded } from './tap-client.ts';

const exportKey = command('980000');

/** The certified key: the point at the end of the public key, before the extensions. */
function keyIn(certificate: Buffer): Buffer {
  const head = Buffer.from('3056301006072a8648ce3d020106052b8104000a034200', 'hex');
  const at = certificate.indexOf(head);
  return certificate.subarray(at + head.length, at + head.length + 65);
}

/** Which keys agree: 98 with the certificate; the proof and the channel with the certificate. */
function agreement(channel: Channel) {
  const key = keyIn(readCertificate(channel));
  return {
    exported: channel.ask(exportKey).body.equals(key),
    proof: answers(parseProof(channel.ask(challengeCommand).body), key),
    channel: isSigned(vouchedBytes(channel.opening), channel.opening.sig2, key),
  };
}

const allAgree = { exported: true, proof: true, channel: true };

it('the cases are these, and a new card of each has seen nothing wrong', () => {
  expect(satochip.cases.map(({ id }) => id)).toEqual([
    ...['genuine', 'new-satochip', 'new-seedkeeper', 'open-pki', 'open-pki-seedkeeper'],
    ...['unpersonalised', 'old-applet', 'old-applet-channel'],
    ...['set-up-satochip', 'seeded-satochip', 'set-up-seedkeeper', 'used-seedkeeper'],
    ...['reset-seedkeeper', 'last-try', 'blocked-pin'],
    ...['claimed-satodime', 'used-satodime', 'unsealed-satodime', 'transferred-satodime'],
    ...['labelled-satodime', 'two-applets'],
    ...['fake-ca', 'wrong-product', 'other-chip', 'no-chip-data', 'expired-certificate'],
    ...['ca-leaf', 'cloned-certificate', 'replayed', 'foreign-authentikey', 'channel-liar'],
    ...['refuses', 'garbage', 'oversized', 'endless', 'removed-mid-way', 'mute'],
  ]);
  for (const { id, description, expected } of satochip.cases) {
    expect(description, id).toMatch(/^A .*\.$/);
    expect(expected, id).toMatch(/^(genuine|not genuine|not decided|no verdict)/);
    const card = make(id);
    expect([card.forbiddenCommands, pinsOf(card)], id).toEqual([0, 0]);
  }
});

describe('keys', () => {
  it.each([
    ['genuine', allAgree],
    ['used-satodime', allAgree],
    ['fake-ca', allAgree],
    ['wrong-product', allAgree],
    ['other-chip', allAgree],
    ['no-chip-data', allAgree],
    ['expired-certificate', allAgree],
    ['ca-leaf', allAgree],
    ['cloned-certificate', { exported: true, proof: false, channel: false }],
    ['replayed', { exported: true, proof: false, channel: false }],
    ['foreign-authentikey', { exported: false, proof: true, channel: true }],
    ['channel-liar', { exported: true, proof: true, channel: false }],
  ])('of %s agree: %j', (id, expected) => {
    expect(agreement(open(id, 'satodime').channel)).toEqual(expected);
  });

  it.each([
    ['set-up-satochip', 'satochip'],
    ['used-seedkeeper', 'seedkeeper'],
  ] as const)('of %s agree behind the PIN', (id, product) => {
    const { channel } = open(id, product);
    channel.ask(pinCommand());
    expect(agreement(channel)).toEqual(allAgree);
  });

  it('of a unit stay, those of another one differ', () => {
    const keyOf = (unit: string | undefined, seed: string) => {
      const card = make('genuine', unit, seed);
      select(card, 'satodime');
      return keyIn(readCertificate(open('genuine', 'satodime', unit).channel)).toString('hex');
    };
    expect(keyOf('a', 'x')).toBe(keyOf('a', 'y'));
    expect(keyOf('a', 'x')).not.toBe(keyOf('b', 'x'));
  });

  it('come from the randomness of a card without a unit', () => {
    const serialOf = (seed: string) => send(make('genuine', undefined, seed), '80ca9f7f00').body;
    expect(serialOf('x')).toEqual(serialOf('x'));
    expect(serialOf('x')).not.toEqual(serialOf('y'));
  });
});

describe('forged and broken cards', () => {
  it('replayed always gives the same answer, which once was true', () => {
    const { channel } = open('replayed', 'satodime', 'a');
    const [first, second] = [1, 2].map(() => channel.ask(challengeCommand).body);
    expect(first).toEqual(second);
    const { cardChallenge, signature } = parseProof(first ?? Buffer.alloc(0));
    // A named unit draws the challenge that it recorded first of all.
    const old = seeded('replayed')(32);
    const message = Buffer.concat([Buffer.from('Challenge:'), cardChallenge, old]);
    const key = keyIn(readCertificate(channel));
    expect(isSigned(message, signature, key)).toBe(true);
    expect(isSigned(message.subarray(0, 73), signature, key)).toBe(false);
  });

  it('refuses and unpersonalised do what they say', () => {
    const { channel } = open('refuses', 'satodime');
    expect(channel.ask(challengeCommand)).toEqual({ sw: '6f00', body: Buffer.alloc(0) });
    expect(readCertificate(channel).length).toBeGreaterThan(400);
    const bare = open('unpersonalised', 'satodime').channel;
    expect(bare.ask(command('930001')).body.toString('hex')).toBe('0000');
    expect(bare.ask(command('930002', Buffer.from('00000001', 'hex'))).sw).toBe('6700');
    expect(bare.ask(exportKey).body).toHaveLength(65);
  });

  it('oversized announces 65,535 bytes and has them', () => {
    const { channel } = open('oversized', 'satodime');
    expect(channel.ask(command('930001')).body.toString('hex')).toBe('ffff');
    expect(channel.ask(command('930002', Buffer.from('ff7f0080', 'hex'))).body).toHaveLength(128);
  });

  it('garbage and endless begin with SELECT', () => {
    for (const [id, sw, length] of [
      ['garbage', '9000', 48],
      ['endless', '6100', 256],
    ] as const) {
      const card = make(id);
      expect(send(card, '80ca9f7f00').body).toHaveLength(45);
      expect(select(card, 'satodime').sw).toBe('9000');
      const [first, second] = ['b03c0000', '00c0000000'].map((hex) => send(card, hex));
      expect(first).toMatchObject({ sw, body: { length } });
      expect(second?.body).not.toEqual(first?.body);
      send(card, '00a4040000');
      expect(send(card, '80ca9f7f00').body).toHaveLength(45);
    }
  });

  it('mute and removed-mid-way stop at the challenge', () => {
    const stop = (id: string) => {
      const { card, channel } = open(id, 'satodime');
      expect(channel.ask(exportKey).sw).toBe('9000');
      return { card, channel, reply: card.respond(channel.wrap(challengeCommand)) };
    };
    const mute = stop('mute');
    expect(mute.reply).toEqual({ kind: 'silence' });
    expect(mute.channel.ask(exportKey).sw).toBe('9000');
    const removed = stop('removed-mid-way');
    expect(removed.reply).toEqual({ kind: 'removed' });
    expect(removed.card.respond(Buffer.from('b03c0000', 'hex'))).toEqual({ kind: 'removed' });
    removed.card.reset();
    expect(select(removed.card, 'satodime').sw).toBe('9000');
  });
});

describe('used cards', () => {
  it.each([
    ['genuine', '000000', '00'],
    ['claimed-satodime', '000000', '00'],
    ['used-satodime', '010000', '00'],
    ['unsealed-satodime', '020000', '00'],
    ['transferred-satodime', '010000', '00'],
    ['labelled-satodime', '000000', '07536176696e6773'],
  ])('%s has the slots %s and the label %s', (id, slots, label) => {
    const { channel } = open(id, 'satodime');
    const { body } = channel.ask(command('500000'));
    expect(body.subarray(4).toString('hex')).toBe(`03${slots}`);
    expect(channel.ask(command('3d0001')).body.toString('hex')).toBe(label);
    const states = [0, 1, 2].map((slot) => channel.ask(command(`510${slot}00`)).body);
    expect(states.map((state) => state.length)).toEqual([141, 141, 141]);
    expect(Buffer.from(states.map((state) => state[0] ?? 9)).toString('hex')).toBe(slots);
    expect(channel.ask(command('510300')).sw).toBe('9c10');
  });

  it('the unlock counter belongs to the unit', () => {
    const counter = (unit: string) =>
      open('genuine', 'satodime', unit).channel.ask(command('500000')).body.subarray(0, 4);
    expect(counter('a')).toEqual(counter('a'));
    expect(counter('a')).not.toEqual(counter('b'));
  });

  it.each([
    ['set-up-seedkeeper', '0000', '0fff', '0ffd', '0000', '0064', '00000000000000'],
    ['used-seedkeeper', '0002', '0fff', '0f35', '0003', '0064', 'a2ffffffff9000'],
    ['reset-seedkeeper', '0000', '0fff', '0ffd', '0004', '0064', 'ffffffffff9000'],
  ])('%s reports secrets, memory and log', (id, ...parts) => {
    const { channel } = open(id, 'seedkeeper');
    expect(channel.ask(command('a70000')).sw).toBe('9c06');
    channel.ask(pinCommand());
    expect(channel.ask(command('a70000')).body.toString('hex')).toBe(parts.join(''));
  });

  it('a wrong PIN is written into the log of a SeedKeeper', () => {
    const { channel } = open('used-seedkeeper', 'seedkeeper');
    channel.ask(pinCommand('0000'));
    channel.ask(pinCommand());
    const { body } = channel.ask(command('a70000'));
    expect(body.subarray(6, 8).toString('hex')).toBe('0004');
    expect(body.subarray(10).toString('hex')).toBe('42ffffffff63c4');
  });

  it('the commands of one product are unknown to the others', () => {
    const sw = (id: string, product: 'satochip' | 'satodime', head: string) => {
      const { channel } = open(id, product);
      if (product === 'satochip') channel.ask(pinCommand());
      return channel.ask(command(head)).sw;
    };
    expect(sw('genuine', 'satodime', 'a70000')).toBe('6d00');
    expect(sw('set-up-satochip', 'satochip', 'a70000')).toBe('6d00');
    expect(sw('set-up-satochip', 'satochip', '500000')).toBe('6d00');
  });

  it('two-applets keeps channel and PIN apart', () => {
    const { card, channel } = open('two-applets', 'satochip');
    channel.ask(pinCommand());
    const chipKey = channel.ask(exportKey).body;
    const dime = openOn(card);
    expect(dime.ask(challengeCommand).sw).toBe('9000');
    expect(dime.ask(exportKey).body).not.toEqual(chipKey);
    expect(channel.ask(exportKey).sw).not.toBe('9000');
  });

  function openOn(card: SimulatedCard): Channel {
    select(card, 'satodime');
    return new Channel(card);
  }
});
