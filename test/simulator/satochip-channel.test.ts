/** Selection, the card manager, and the secure channel of simulated Satochip cards. */
import { ECDH } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  aidOf,
  Channel,
  challengeCommand,
  chipNumbers,
  command,
  isSigned,
  make,
  open,
  type Product,
  parseOpening,
  pinCommand,
  prefixed,
  select,
  send,
  vouchedBytes,
} from './satochip-client.ts';

const exportKey = command('980000');
const getStatus = 'b03c0000';
const generator =
  '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798' +
  '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';

/** The two points with this X, uncompressed. */
function pointsWith(x: Buffer): Buffer[] {
  return [2, 3].map((sign) => {
    const compressed = Buffer.concat([Buffer.of(sign), x]);
    const point = ECDH.convertKey(compressed, 'secp256k1', undefined, undefined, 'uncompressed');
    return Buffer.from(point);
  });
}

describe('the card manager', () => {
  it('is selected at power-up, and tells of the chip only while it is', () => {
    const card = make('genuine', 'a');
    const cplc = send(card, '80ca9f7f00');
    expect([cplc.sw, cplc.body.length, cplc.body.subarray(0, 3).toString('hex')]).toEqual([
      '9000',
      45,
      '9f7f2a',
    ]);
    expect(send(card, '80ca0066').sw).toBe('6a88');
    expect(send(card, getStatus).sw).toBe('6d00');
    select(card, 'satodime');
    expect(send(card, '80ca9f7f00').sw).toBe('6e00');
    expect(send(card, '00a4040000').body.toString('hex')).toContain('8408a000000151000000');
    expect(send(card, '80ca9f7f00')).toEqual(cplc);
    select(card, 'satodime');
    card.reset();
    expect(send(card, '80ca9f7f00')).toEqual(cplc);
  });

  it('tells the same of a unit and nothing at all on a card that hides', () => {
    expect(chipNumbers(make('genuine', 'a'))).toEqual(chipNumbers(make('fake-ca', 'a', 'x')));
    expect(chipNumbers(make('genuine', 'a'))).not.toEqual(chipNumbers(make('genuine', 'b')));
    for (const get of ['80ca9f7f00', '80ca004200', '80ca004500']) {
      expect(send(make('no-chip-data'), get)).toEqual({ sw: '6a88', body: Buffer.alloc(0) });
    }
  });
});

describe('SELECT', () => {
  it.each([
    ['genuine', ['satodime']],
    ['new-satochip', ['satochip']],
    ['new-seedkeeper', ['seedkeeper']],
    ['two-applets', ['satochip', 'satodime']],
  ])('on %s finds %j and nothing else', (id, there) => {
    for (const product of ['satochip', 'seedkeeper', 'satodime'] as const) {
      expect(select(make(id), product).sw).toBe(there.includes(product) ? '9000' : '6a82');
    }
  });

  it('answers with the status on a SeedKeeper, with nothing on the others', () => {
    const card = make('new-seedkeeper');
    const { body } = select(card, 'seedkeeper');
    expect(body.toString('hex')).toBe('00020001000000000001000100');
    expect(send(card, getStatus).body).toEqual(body);
    expect(select(make('genuine'), 'satodime').body).toHaveLength(0);
    expect(select(make('new-satochip'), 'satochip').body).toHaveLength(0);
  });

  it.each([
    ['genuine', 'satodime', '9000'],
    ['old-applet', 'satochip', '9000'],
    ['new-satochip', 'satochip', '6a82'],
    ['new-seedkeeper', 'seedkeeper', '6a82'],
  ] as const)('of a stranger, with %s selected: %s stays and says %s', (id, product, sw) => {
    const card = make(id);
    select(card, product);
    const before = send(card, getStatus);
    expect(send(card, '00a404000ff0436f696e6b697465434152447631')).toEqual({
      sw,
      body: Buffer.alloc(0),
    });
    expect(send(card, getStatus)).toEqual(before);
  });

  it('with lengths that disagree is refused', () => {
    expect(send(make('genuine'), `00a4040009${aidOf.satodime}`).sw).toBe('6700');
    expect(send(make('genuine'), `00a4040008${aidOf.satodime}00`).sw).toBe('9000');
  });

  it('ends the channel and the PIN', () => {
    const { card, channel } = open('set-up-satochip', 'satochip');
    channel.ask(pinCommand());
    expect(channel.ask(exportKey).sw).toBe('9000');
    select(card, 'satochip');
    expect(channel.ask(exportKey).sw).toBe('9c21');
    expect(new Channel(card).ask(exportKey).sw).toBe('9c06');
  });
});

describe('INIT', () => {
  it.each([
    ['genuine', 'satodime'],
    ['seeded-satochip', 'satochip'],
    ['set-up-seedkeeper', 'seedkeeper'],
  ] as const)('on %s shows an ephemeral key, for which the authentikey vouches', (id, product) => {
    const { channel } = open(id, product);
    if (product !== 'satodime') expect(channel.ask(pinCommand()).sw).toBe('9000');
    const key = channel.ask(exportKey).body;
    const { x, sig1, sig2, owner } = channel.opening;
    const isSelfSigned = (point: Buffer) => isSigned(prefixed(x), sig1, point);
    expect(pointsWith(x).filter(isSelfSigned)).toHaveLength(1);
    expect(isSigned(vouchedBytes(channel.opening), sig2, key)).toBe(true);
    expect(isSigned(prefixed(x), sig2, key)).toBe(false);
    expect(owner).toEqual(product === 'seedkeeper' ? key.subarray(1, 33) : undefined);
  });

  it('makes another ephemeral key each time', () => {
    const card = make('genuine');
    select(card, 'satodime');
    expect(new Channel(card).opening.x).not.toEqual(new Channel(card).opening.x);
  });

  it.each([
    ['64 bytes', 'b081000040', generator.slice(2), '6700'],
    ['66 bytes', 'b081000042', `${generator}00`, '6700'],
    ['a wrong first byte', 'b081000041', `06${generator.slice(2)}`, '9c0f'],
    ['a point beside the curve', 'b081000041', `${generator.slice(0, -2)}00`, '6f00'],
  ])('with %s is refused and ends a channel', (_, head, point, sw) => {
    const { card, channel } = open('genuine', 'satodime');
    expect(send(card, head + point).sw).toBe(sw);
    expect(channel.ask(exportKey).sw).toBe('9c21');
  });
});

describe('WRAP', () => {
  it('carries what clear commands do not reach', () => {
    const { card, channel } = open('genuine', 'satodime');
    for (const clear of ['b0980000', 'b0930001', 'b0500000', 'b0ad0000']) {
      expect(send(card, clear)).toEqual({ sw: '9c20', body: Buffer.alloc(0) });
    }
    expect(channel.ask(exportKey)).toMatchObject({ sw: '9000', body: { length: 65 } });
    expect(channel.ask(exportKey)).toMatchObject({ sw: '9000', body: { length: 65 } });
    expect(card.forbiddenCommands).toBe(0);
  });

  it('needs an open channel', () => {
    const { card, channel } = open('genuine', 'satodime');
    const wrapped = channel.wrap(exportKey).toString('hex');
    card.reset();
    select(card, 'satodime');
    expect(send(card, wrapped).sw).toBe('9c21');
  });

  it.each([
    ['even', [1, 3, 6], '9c22'],
    ['the same again', [1, 1], '9c22'],
    ['lower', [7, 5], '9c22'],
    ['zero', [0], '9c22'],
    ['odd and rising, with gaps', [1, 5, 65_537], '9000'],
    ['the highest', [1, 0xffff_ffff], '9000'],
  ])('with a counter that is %s: %j gives %s', (_, counters, sw) => {
    const { card, channel } = open('genuine', 'satodime');
    const answers = counters.map((counter) => {
      const wrapped = channel.wrap(exportKey, { counter });
      return send(card, wrapped.toString('hex')).sw;
    });
    expect(answers.slice(0, -1)).toEqual(counters.slice(1).map(() => '9000'));
    expect(answers.at(-1)).toBe(sw);
  });

  it('goes on after a refused counter, and after a wrong MAC', () => {
    const { channel } = open('genuine', 'satodime');
    const flip = (mac: Buffer) => Buffer.from(mac.map((byte, i) => (i === 0 ? byte ^ 1 : byte)));
    expect(channel.ask(exportKey, { counter: 2 }).sw).toBe('9c22');
    expect(channel.ask(exportKey, { counter: 1, mac: flip }).sw).toBe('9c23');
    expect(channel.ask(exportKey, { counter: 1 }).sw).toBe('9000');
    expect(channel.ask(exportKey, { counter: 3, mac: (mac) => mac.subarray(1) }).sw).toBe('9c23');
  });

  it('checks the MAC over every part', () => {
    const { card, channel } = open('genuine', 'satodime');
    const good = channel.wrap(exportKey);
    // IV, length, ciphertext and MAC follow a header of 5 bytes.
    for (const at of [5, 20, 24, 38, good.length - 1]) {
      const altered = Buffer.from(good.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      expect(send(card, altered.toString('hex')).sw, `${at}`).toBe('9c23');
    }
    expect(send(card, good.toString('hex')).sw).toBe('9000');
  });

  it('refuses lengths that disagree and bodies that are no command', () => {
    const { card, channel } = open('genuine', 'satodime');
    const good = channel.wrap(exportKey).toString('hex');
    const size = good.length / 2 - 5;
    const lc = (length: number) => length.toString(16).padStart(2, '0');
    expect(send(card, `b0820000${lc(size - 1)}${good.slice(10, -2)}`).sw).toBe('6700');
    expect(send(card, `b0820000${lc(size + 1)}${good.slice(10)}00`).sw).toBe('6700');
    expect(send(card, `b082000010${'00'.repeat(16)}`).sw).toBe('6700');
    expect(channel.ask(Buffer.from('00980000', 'hex')).sw).toBe('6e00');
    expect(channel.ask(Buffer.from('b098', 'hex')).sw).toBe('6700');
    expect(channel.ask(Buffer.alloc(0)).sw).toBe('6e00');
    expect(channel.ask(Buffer.from('b09a000020aa', 'hex')).sw).toBe('6700');
  });

  it('leaves status words and GET STATUS in clear', () => {
    const { card, channel } = open('set-up-satochip', 'satochip');
    expect(channel.ask(challengeCommand)).toEqual({ sw: '9c06', body: Buffer.alloc(0) });
    expect(channel.ask(pinCommand())).toEqual({ sw: '9000', body: Buffer.alloc(0) });
    const wrapped = channel.wrap(Buffer.from(getStatus, 'hex'));
    expect(send(card, wrapped.toString('hex'))).toEqual(send(card, getStatus));
  });
});

describe('GET STATUS', () => {
  it.each([
    ['genuine', 'satodime', '000100020000000000000001'],
    ['claimed-satodime', 'satodime', '000100020101010100000101'],
    ['new-satochip', 'satochip', '000c00060000000000000001'],
    ['open-pki', 'satochip', '000c00060000000000000001'],
    ['set-up-satochip', 'satochip', '000c00060501010100000101'],
    ['seeded-satochip', 'satochip', '000c00060501010100010101'],
    ['last-try', 'satochip', '000c00060101010100000101'],
    ['blocked-pin', 'satochip', '000c00060001010100000101'],
    ['set-up-seedkeeper', 'seedkeeper', '00020001050100000001010100'],
    ['old-applet', 'satochip', '000a0004050101010000'],
    ['old-applet-channel', 'satochip', '000b00010501010100000101'],
  ] as const)('of %s is plain and short', (id, product: Product, hex) => {
    const card = make(id);
    select(card, product);
    const { sw, body } = send(card, getStatus);
    expect([sw, body.toString('hex')]).toEqual(['9000', hex]);
    expect(send(card, `${getStatus}00`).body).toEqual(body);
  });

  it('looks at P1 and P2, but on a SeedKeeper', () => {
    const card = make('genuine');
    select(card, 'satodime');
    expect([send(card, 'b03c0100').sw, send(card, 'b03c0001').sw]).toEqual(['9c10', '9c11']);
    const keeper = make('new-seedkeeper');
    select(keeper, 'seedkeeper');
    expect(send(keeper, 'b03c0101').sw).toBe('9000');
  });
});

it('an answer to INIT of an old applet has nobody to vouch for it', () => {
  const card = make('old-applet-channel');
  select(card, 'satochip');
  const { sw, body } = send(card, `b081000041${generator}`);
  expect([sw, parseOpening(body).sig2.length, body.subarray(-2).toString('hex')]).toEqual([
    '9000',
    0,
    '0000',
  ]);
});
