/** Every case: what it shows of itself, what it proves, and how it departs from a genuine card. */
import { createECDH } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keycardDemo } from '../../src/simulator/demo-keys.ts';
import { keycard } from '../../src/simulator/keycard/index.ts';
import {
  challenge,
  clientKey,
  fieldsOf,
  handshake,
  identify,
  identityOf,
  make,
  openChannel,
  otherChallenge as other,
  provesIdentity,
  select,
  shapeOf,
  value,
} from './keycard-client.ts';
import { caOf, handshakeDigest, hasHighS, hash, isSignedBy, parseTlv } from './keycard-formulas.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const demoCa = hex(keycardDemo.ca.publicKey);

it('are these', () => {
  expect(keycard.cases.map(({ id }) => id)).toEqual([
    ...['genuine', 'genuine-32', 'genuine-40', 'set-up', 'used', 'used-40'],
    ...['old-applet', 'old-applet-blank', 'no-cash'],
    ...['fake-ca', 'test-ca', 'clone', 'clone-40', 'bad-certificate', 'replayed', 'version-liar'],
    ...['as-40', 'ident-differs', 'uncertified', 'uncertified-40'],
    ...['refuses', 'removed-mid-way', 'mute', 'garbage', 'endless', 'oversized'],
  ]);
  for (const { id, description, expected } of keycard.cases) {
    expect(description, id).toMatch(/^[A-Z].*\.$/);
    expect(expected, id).not.toBe('');
    expect(make(id).forbiddenCommands).toBe(0);
  }
});

it('has keys that follow from public labels (computed with node:crypto from the labels)', () => {
  expect(demoCa).toBe('0241a7aeec830a153a2c02df3df8fb9595db619919ad9136b6617f29aeebf09097');
  expect(hex(keycardDemo.foreignCa.publicKey)).toBe(
    '025f629b3ac5935d142900664a956563d58bc43c76c0b8dbb42497e172068f2519',
  );
  expect(hex(identityOf(make('used', 'a')).key)).toBe(
    '035fee0d330fcc4744fe16a4ffea2ba02a6c2449cbc87bef4bff957d0e83cba485',
  );
});

describe('certified cards up to 3.2', () => {
  it.each(['genuine', 'genuine-32', 'set-up', 'used', 'no-cash', 'ident-differs'])(
    '%s proves the key that the demo CA certified',
    (id) => {
      const card = make(id);
      const { certificate, key, signature } = identityOf(card);
      expect(caOf(certificate)).toBe(demoCa);
      expect(isSignedBy(signature, challenge, key)).toBe(true);
      expect(isSignedBy(signature, other, key)).toBe(false);
      expect(isSignedBy(signature, hash(challenge), key)).toBe(false);
      expect(provesIdentity(card, other)).toBe(true);
      expect(card.forbiddenCommands).toBe(0);
    },
  );

  it('the cash applet proves the same key', () => {
    const card = make('genuine', 'a');
    const { certificate } = identityOf(card);
    select(card, 'cash');
    const { data } = identify(card);
    expect(hex(data)).toContain(hex(certificate));
  });

  it('have a high S when the last bit of the challenge is set, and a low one otherwise', () => {
    const card = make('genuine');
    for (const last of [0x00, 0x01, 0x7e, 0xff]) {
      const asked = Buffer.concat([challenge.subarray(0, 31), Buffer.of(last)]);
      const { key, signature } = identityOf(card, asked);
      expect(hasHighS(signature)).toBe((last & 1) === 1);
      expect(isSignedBy(signature, asked, key)).toBe(true);
    }
  });

  it('have certificates with a high and with a low S', () => {
    const units = Array.from({ length: 24 }, (_, i) => identityOf(make('genuine', `${i}`)));
    const firstBits = units.map(({ certificate }) => (certificate[65] ?? 0) >= 0x80);
    expect(new Set(firstBits).size).toBe(2);
    expect(new Set(units.map(({ certificate }) => caOf(certificate)))).toEqual(new Set([demoCa]));
  });
});

describe('states up to 3.2', () => {
  it.each(['genuine', 'genuine-32', 'old-applet-blank', 'no-cash', 'uncertified'])(
    '%s shows a channel key and nothing else',
    (id) => {
      const { sw, data } = select(make(id), 'keycard');
      expect([sw, shapeOf(parseTlv(data)), data[2]]).toEqual(['9000', '80:65', 4]);
    },
  );

  it.each([
    ['set-up', '0302', 10, 0, '1f', 'a461'],
    ['used', '0302', 8, 32, '1f', 'a48181'],
    ['old-applet', '0300', 5, 0, '0f', 'a461'],
    ['version-liar', '0302', 10, 0, '1f', 'a461'],
  ])('%s shows version %s with %i free slots', (id, version, free, uid, capabilities, head) => {
    const answer = select(make(id), 'keycard');
    const fields = fieldsOf(answer);
    expect(hex(answer.data).startsWith(`${head}8f10`)).toBe(true);
    expect(shapeOf(fields)).toBe(`8f:16 80:65 2:2 2:1 8e:${uid} 8d:1`);
    expect(hex(value(fields, 0x02))).toBe(version);
    expect(value(fields, 0x02, 1).readUInt8(0)).toBe(free);
    expect(hex(value(fields, 0x8d))).toBe(capabilities);
    // The outer length is right, up to 3.2.
    expect(parseTlv(answer.data)).toHaveLength(1);
  });

  it.each([
    ['genuine', '0301'],
    ['genuine-32', '0302'],
    ['set-up', '0302'],
    ['old-applet', '0300'],
    ['old-applet-blank', '0300'],
    ['genuine-40', '0400'],
    ['uncertified-40', '0400'],
  ])('the cash applet of %s says %s', (id, version) => {
    const fields = fieldsOf(select(make(id), 'cash'));
    expect(shapeOf(fields)).toBe('80:65 2:2 82:2');
    expect(hex(value(fields, 0x02))).toBe(version);
  });
});

describe('4.0', () => {
  it.each([
    ['genuine-40', '00', 0, 'a46f'],
    ['used-40', '13', 32, 'a4818f'],
    ['as-40', '00', 0, 'a46f'],
    ['clone-40', '00', 0, 'a46f'],
  ])('%s shows status %s and a key UID of %i bytes', (id, status, uid, head) => {
    const answer = select(make(id), 'keycard');
    const fields = fieldsOf(answer);
    expect(shapeOf(fields)).toBe(`2:2 8c:1 8e:${uid} 8d:1 8a:98`);
    expect(hex(answer.data).startsWith(head)).toBe(true);
    // The outer length leaves out the last byte, so that strict reading fails.
    expect(() => parseTlv(answer.data)).toThrow();
    expect([0x02, 0x8c, 0x8d].map((tag) => hex(value(fields, tag)))).toEqual([
      '0400',
      status,
      '1f',
    ]);
  });

  it.each(['genuine-40', 'used-40', 'as-40'])('%s proves its key in the handshake', (id) => {
    const card = make(id);
    const { certificate, holds, holdsForOther } = handshake(card);
    expect([caOf(certificate), holds, holdsForOther]).toEqual([demoCa, true, false]);
    expect(select(card, 'ident').data).toEqual(certificate);
    expect(select(card, 'keycard').sw).toBe('9000');
    expect(identify(card)).toEqual({ sw: '6985', data: Buffer.alloc(0) });
    select(card, 'cash');
    expect(identify(card).sw).toBe('6d00');
    expect(card.forbiddenCommands).toBe(0);
  });

  it('has signatures with a high and with a low S', () => {
    const card = make('genuine-40');
    const seen = Array.from({ length: 16 }, (_, i) =>
      hasHighS(handshake(card, hash(Buffer.of(i))).signature),
    );
    expect(new Set(seen).size).toBe(2);
  });

  it('could be any 3.x card, which signs a handshake for whoever asks', () => {
    const card = make('used', 'a');
    const cardKey = createECDH('secp256k1').generateKeys();
    const digest = handshakeDigest(Buffer.concat([challenge, clientKey]), cardKey);
    const { key, signature } = identityOf(card, digest);
    expect(isSignedBy(signature, digest, key)).toBe(true);
    expect(key).toEqual(handshake(make('genuine-40', 'a')).certificate.subarray(0, 33));
    expect(card.forbiddenCommands).toBe(0);
  });

  it('cannot be told from a 3.x card behind a front, byte for byte', () => {
    const answers = ['genuine-40', 'as-40'].map((id) => {
      const card = make(id, 'a', 'same');
      return [
        ...(['manager', 'ident', 'cash', 'keycard'] as const).map((each) => select(card, each)),
        openChannel(card),
        identify(card),
      ];
    });
    expect(answers[1]).toEqual(answers[0]);
  });
});
