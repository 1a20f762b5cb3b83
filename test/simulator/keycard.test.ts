import { describe, expect, it } from 'vitest';
import type { SimulatedCard } from '../../src/simulator/index.ts';
import { KeycardCard } from '../../src/simulator/keycard/card.ts';
import { applet32, applet40 } from '../../src/simulator/keycard/profile.ts';
import {
  apdu,
  challenge,
  clientKey,
  fieldsOf,
  identify,
  identityOf,
  make,
  openChannel,
  portrait,
  select,
  send,
  sendHex,
  value,
} from './keycard-client.ts';
import { isSignedBy, parseSignature } from './keycard-formulas.ts';
import { seeded } from './tap-client.ts';

const asked = challenge.toString('hex');
const identifyHex = `8014000020${asked}`;
const getCplc = '80ca9f7f00';

describe('selection', () => {
  it.each([
    [
      'the card manager at power-up, and its data to anybody',
      'genuine',
      [
        [getCplc, /^9f7f2a[0-9a-f]{84}9000$/],
        ['80ca004200', /^4208[0-9a-f]{16}9000$/],
        ['80ca004500', /^450a[0-9a-f]{20}9000$/],
        ['80ca006600', /^6a88$/],
        [identifyHex, /^6d00$/],
        ['80f2000000', /^6d00$/],
      ],
    ],
    [
      'data of the card manager only while it is selected',
      'genuine',
      [
        ['00a4040009a00000080400010101', /^8041.*9000$/],
        [getCplc, /^6d00$/],
        ['00a40400', /^9000$/],
        [getCplc, /9000$/],
        ['00a4040009a0000008040001040100', /^0[23].*9000$/],
        [getCplc, /^6d00$/],
        ['00a4040000', /^9000$/],
        [getCplc, /9000$/],
      ],
    ],
    [
      'nothing of the card manager inside of 4.0 either',
      'genuine-40',
      [
        ['00a4040009a00000080400010101', /^a46f.*9000$/],
        [getCplc, /^6985$/],
        ['00a4040000', /^9000$/],
        [getCplc, /9000$/],
      ],
    ],
    [
      'other applications not found, and the selection left as it was',
      'genuine',
      [
        ['00a4040009a00000080400010101', /9000$/],
        ['00a4040009a00000080400010102', /^6a82$/],
        ['00a4040008a000000804000101', /^6a82$/],
        ['00a4040007d2760000850101', /^6a82$/],
        [identifyHex, /^a081.*9000$/],
      ],
    ],
    [
      'no cash applet where there is none',
      'no-cash',
      [
        ['00a4040009a00000080400010301', /^6a82$/],
        ['00a4040009a00000080400010401', /9000$/],
      ],
    ],
    [
      'no identification applet before 3.1',
      'old-applet',
      [
        ['00a4040009a00000080400010401', /^6a82$/],
        ['00a4040009a00000080400010301', /9000$/],
      ],
    ],
    [
      'lengths that disagree refused',
      'genuine',
      [
        ['00a404000aa00000080400010101', /^6700$/],
        ['00a4040009a00000080400010101', /9000$/],
        [`8014000021${asked}`, /^6a80$|^6700$/],
        [`8014000020${asked}0000`, /^6700$/],
        [`801400000020${asked}`, /^6700$/],
        ['8014', /^6700$/],
        ['', /^6700$/],
      ],
    ],
    [
      'IDENTIFY with any class and with Le, but for no other challenge than 32 bytes',
      'genuine-32',
      [
        ['00a4040009a00000080400010101', /9000$/],
        [`0014000020${asked}`, /^a081.*9000$/],
        [`8414000020${asked}00`, /^a081.*9000$/],
        [`ff14000020${asked}`, /^6d00$/],
        [`801400001f${asked.slice(2)}`, /^6a80$/],
        [`8014000021${asked}01`, /^6a80$/],
        ['8014000000', /^6a80$/],
      ],
    ],
    [
      'IDENTIFY by the cash applet, and nothing by the identification applet',
      'genuine',
      [
        ['00a4040009a00000080400010301', /^a44b8041.*9000$/],
        [identifyHex, /^a081.*9000$/],
        ['80f2000000', /^6d00$/],
        ['00a4040009a00000080400010401', /9000$/],
        [identifyHex, /^6d00$/],
      ],
    ],
  ] as [string, string, [string, RegExp][]][])('gives %s', (_, caseId, exchanges) => {
    const card = make(caseId);
    for (const [command, answer] of exchanges) {
      const { sw, data } = sendHex(card, command);
      expect(`${data.toString('hex')}${sw}`, command).toMatch(answer);
    }
    expect(card.forbiddenCommands).toBe(0);
  });

  it('is lost when the power goes', () => {
    const card = make('genuine');
    select(card, 'keycard');
    expect(identify(card).sw).toBe('9000');
    card.reset();
    expect(identify(card).sw).toBe('6d00');
    expect(sendHex(card, getCplc).sw).toBe('9000');
  });
});

describe('GET STATUS outside of a channel', () => {
  it.each([
    ['genuine', '6d00'],
    ['set-up', '6985'],
    ['used', '6985'],
    ['genuine-40', '6985'],
    ['used-40', '6985'],
    ['uncertified-40', '6985'],
  ])('of %s is %s', (caseId, sw) => {
    const card = make(caseId);
    select(card, 'keycard');
    expect(sendHex(card, '80f2000000').sw).toBe(sw);
    expect(card.forbiddenCommands).toBe(0);
  });
});

describe('OPEN SECURE CHANNEL of 4.0', () => {
  it.each([
    ['P1', apdu(0x10, Buffer.concat([challenge, clientKey]), 1, 0), '6a86'],
    ['P2', apdu(0x10, Buffer.concat([challenge, clientKey]), 0, 1), '6a86'],
    ['no data', apdu(0x10), '6a80'],
    ['a byte too few', apdu(0x10, Buffer.concat([challenge, clientKey.subarray(0, 64)])), '6a80'],
    ['a byte too many', apdu(0x10, Buffer.concat([challenge, clientKey, Buffer.of(0)])), '6a80'],
    ['no point', apdu(0x10, Buffer.concat([challenge, Buffer.alloc(65, 4)])), '6a80'],
    ['infinity', apdu(0x10, Buffer.concat([challenge, Buffer.alloc(65)])), '6a80'],
    ['hybrid key', apdu(0x10, Buffer.concat([challenge, hybrid(clientKey)])), '6a80'],
  ])('is refused for %s', (_, command, sw) => {
    const card = make('genuine-40');
    select(card, 'keycard');
    expect(send(card, command)).toEqual({ sw, data: Buffer.alloc(0) });
    expect(card.forbiddenCommands).toBe(0);
    expect(openChannel(card).sw).toBe('9000');
  });

  it('answers with another key each time', () => {
    const card = make('genuine-40');
    select(card, 'keycard');
    const keys = [1, 2, 3].map(() => openChannel(card).cardKey.toString('hex'));
    expect(new Set(keys).size).toBe(3);
  });

  function hybrid(key: Buffer): Buffer {
    return Buffer.concat([Buffer.of(6 + ((key[64] ?? 0) & 1)), key.subarray(1)]);
  }
});

describe('the keys of a card', () => {
  it('belong to its unit, whatever the randomness and the state', () => {
    const units = ['a', 'a', 'b'].map((unit, i) => make('genuine', unit, `${i}`));
    const [first, again, other] = units.map((card) => portrait(card));
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    const keys = ['genuine', 'used', 'genuine-32'].map((id) =>
      identityOf(make(id, 'a', id)).certificate.toString('hex'),
    );
    expect(new Set(keys).size).toBe(1);
    const [v4, posing] = ['genuine-40', 'as-40'].map((id) => {
      const card = make(id, 'a', id);
      return value(fieldsOf(select(card, 'keycard')), 0x8a).toString('hex');
    });
    expect(v4).toBe(keys[0]);
    expect(posing).toBe(keys[0]);
  });

  it('come from the randomness where no unit is named', () => {
    const [first, again, other] = ['x', 'x', 'y'].map((seed) =>
      portrait(make('used', undefined, seed)),
    );
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('come with a chip of their own', () => {
    const [first, again, other, unnamed] = [
      make('genuine', 'a', '1'),
      make('used', 'a', '2'),
      make('genuine', 'b', '1'),
      make('genuine', undefined, '1'),
    ].map((card) => sendHex(card, getCplc).data.toString('hex'));
    expect(again).toBe(first);
    expect(new Set([first, other, unnamed]).size).toBe(3);
    expect(sendHex(make('genuine', undefined, '2'), getCplc).data.toString('hex')).not.toBe(
      unnamed,
    );
  });

  it('differ between the secure channel of a blank and of a set-up card', () => {
    const blank = select(make('genuine-32', 'a'), 'keycard').data.subarray(2);
    const setUp = value(fieldsOf(select(make('set-up', 'a'), 'keycard')), 0x80);
    expect(setUp).toHaveLength(65);
    expect(setUp.equals(blank)).toBe(false);
  });
});

it('does not make a card with more pairings than slots', () => {
  const build = (pairings: number, applet = applet32) =>
    new KeycardCard({ applet, state: 'loaded', pairings }, seeded(''));
  for (const pairings of [-1, 11, 1.5]) expect(() => build(pairings)).toThrow(RangeError);
  expect(() => build(1, applet40)).toThrow(RangeError);
  const full = fieldsOf(select(build(10) as SimulatedCard, 'keycard'));
  expect(value(full, 0x02, 1).readUInt8(0)).toBe(0);
});

it('signs any 32 bytes as they are, also none at all and more than the order', () => {
  for (const bytes of [Buffer.alloc(32), Buffer.alloc(32, 0xff)]) {
    const { key, signature } = identityOf(make('genuine', 'a'), bytes);
    expect(parseSignature(signature).r > 0n).toBe(true);
    expect(isSignedBy(signature, bytes, key)).toBe(true);
  }
});
