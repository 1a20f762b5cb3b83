/** Both encrypted channels, spoken by a client that shares nothing with the cards. */
import { describe, expect, it } from 'vitest';
import {
  attestBody,
  CcmSession,
  challenge,
  find,
  LegacySession,
  make,
  number,
  ownCode,
  readBody,
  readCard,
  selectApdu,
  send,
  uidApdu,
  value,
  wrongCodesOf,
} from './tangem-client.ts';
import { buildTlv, ccmOpen, ccmSeal, isSignedBy, type Tlv } from './tangem-formulas.ts';
import { exchange } from './tap-client.ts';

function expectProof(tlv: Tlv, cardKey: Uint8Array) {
  const message = Buffer.concat([challenge, value(tlv, 0x17)]);
  expect(isSignedBy(value(tlv, 0x04), message, cardKey)).toBe(true);
}

describe('the session before COS 8', () => {
  it.each([
    ['encryption-fast', 'fast'],
    ['encryption-fast', 'strong'],
    ['encryption-strong', 'strong'],
    ['genuine', 'fast'],
    ['genuine', 'strong'],
    ['old-cos', 'fast'],
    ['first-cos', 'strong'],
  ] as const)('%s reads and proves itself in a %s session', (id, mode) => {
    const card = make(id);
    const session = new LegacySession(card, mode);
    expect(session.shownUid !== undefined).toBe(id === 'encryption-fast');
    const uid = Buffer.from(exchange(card, uidApdu).subarray(0, -2));
    if (session.shownUid) expect(session.shownUid).toEqual(uid);
    const read = session.send(0xf2, readBody());
    expect(read.sw).toBe('9000');
    const proof = session.send(0xf3, attestBody(value(read.tlv, 0x01)));
    expect(proof.sw).toBe('9000');
    expectProof(proof.tlv, value(read.tlv, 0x03));
    expect(session.send(0xf2, readBody())).toEqual(read);
    expect(session.send(0xf9, readBody()).sw).toBe('6d00');
    expect([card.forbiddenCommands, wrongCodesOf(card)]).toEqual([0, 0]);
  });

  it.each(['encryption-fast', 'encryption-strong'])('%s refuses plain commands', (id) => {
    const card = make(id);
    expect(readCard(card).sw).toBe('6982');
    expect(send(card, 0xf3, attestBody(Buffer.alloc(8))).sw).toBe('6982');
    expect(send(card, 0xf2, readBody(), 1).sw).toBe('6982');
  });

  it('encryption-strong refuses a fast session', () => {
    const card = make('encryption-strong');
    expect(send(card, 0xff, buildTlv([0x1a, challenge]), 0, 1).sw).toBe('6982');
    expect(() => new LegacySession(card, 'fast')).toThrow('6982');
  });

  it('shows in the settings which sessions are allowed', () => {
    const allowed = (['encryption-fast', 'encryption-strong'] as const).map((id) => {
      const { tlv } = new LegacySession(make(id), 'strong').send(0xf2, readBody());
      return value(tlv, 0x0a).readUInt32BE(0) & 0x3000;
    });
    expect(allowed).toEqual([0x2000, 0]);
    expect(value(readCard(make('genuine')).tlv, 0x0a).readUInt32BE(0) & 0x3000).toBe(0x3000);
  });

  it('keeps the body of a pause plain', () => {
    const card = make('pause');
    const id = value(readCard(card).tlv, 0x01);
    const session = new LegacySession(card, 'fast');
    const answers = Array.from({ length: 7 }, () => session.send(0xf3, attestBody(id)));
    expect(answers.map(({ sw }) => sw)).toEqual([...Array(6).fill('9789'), '9000']);
    expect(find(answers[0]?.tlv ?? [], 0x1c)).toBeDefined();
  });

  it('depends on the access code', () => {
    const card = make('code-set');
    const id = value(readCard(card).tlv, 0x01);
    const right = new LegacySession(card, 'strong', ownCode);
    expect(right.send(0xf3, attestBody(id, { code: ownCode })).sw).toBe('9000');
    const wrong = new LegacySession(card, 'strong');
    expect(wrong.send(0xf2, readBody()).sw).toBe('6286');
    expect(wrongCodesOf(card)).toBe(1);
  });

  it('ends with SELECT, and refuses odd keys', () => {
    const card = make('encryption-fast');
    const session = new LegacySession(card, 'fast');
    expect(session.send(0xf2, readBody()).sw).toBe('9000');
    exchange(card, selectApdu);
    expect(session.send(0xf2, readBody()).sw).toBe('6982');
    for (const [p2, key] of [
      [1, Buffer.alloc(15)],
      [2, Buffer.alloc(65, 4)],
      [2, Buffer.alloc(33, 2)],
      [3, challenge],
      [0x10, challenge],
    ] as const) {
      expect(send(card, 0xff, buildTlv([0x1a, key]), 0, p2).sw).toBe('6a86');
    }
    expect(send(card, 0xff, buildTlv(), 0, 1).sw).toBe('6a86');
    expect(send(card, 0xd3, buildTlv(number(0x23, 0x10))).sw).toBe('6d00');
  });
});

describe('AES-CCM of these tests', () => {
  it('opens what it seals, at every length, and notices another header', () => {
    const [key, nonce, aad] = [
      Buffer.alloc(32, 1),
      Buffer.alloc(12, 2),
      Buffer.of(0, 0xf3, 0x10, 0),
    ];
    for (const length of [0, 1, 15, 16, 17, 64]) {
      const text = Buffer.alloc(length, 3);
      const sealed = ccmSeal(key, nonce, aad, text);
      expect(ccmOpen(key, nonce, aad, sealed)).toEqual(text);
      expect(() => ccmOpen(key, nonce, Buffer.of(0, 0xf2, 0x10, 0), sealed)).toThrow('tag');
    }
  });
});

describe('the channel of COS 8', () => {
  it('proves a new card, again and again', () => {
    const card = make('genuine-v8');
    const { tlv } = readCard(card);
    const channel = new CcmSession(card);
    expect(channel.level).toBe(4);
    for (let i = 0; i < 3; i += 1) {
      const proof = channel.send(0xf3, attestBody(undefined, { code: null }));
      expect(proof.sw).toBe('9000');
      expect(find(proof.tlv, 0x01)).toBeUndefined();
      expectProof(proof.tlv, value(tlv, 0x03));
    }
    expect(channel.send(0xf2, readBody()).tlv).toEqual(tlv);
    expect(channel.send(0xf9, readBody()).sw).toBe('6d00');
    expect([card.forbiddenCommands, wrongCodesOf(card)]).toEqual([0, 0]);
  });

  it('is needed for the attestation, not for READ', () => {
    const card = make('genuine-v8');
    const plain = attestBody(undefined, { code: null });
    expect(readCard(card).sw).toBe('9000');
    expect(send(card, 0xf3, plain).sw).toBe('6982');
    expect(send(card, 0xf3, plain, 1).sw).toBe('6982');
    expect(send(card, 0xf3, plain, 0x10).sw).toBe('6982');
    expect(send(card, 0xd3, buildTlv(number(0x23, 0x21))).sw).toBe('6982');
    expect(send(card, 0xd3, buildTlv(number(0x23, 0x11))).sw).toBe('6a86');
  });

  it('notices a command that is out of step, and ends', () => {
    const channel = new CcmSession(make('genuine-v8'));
    channel.counter = 5;
    expect(channel.send(0xf3, attestBody(undefined)).sw).toBe('6982');
    channel.counter = 1;
    expect(channel.send(0xf3, attestBody(undefined)).sw).toBe('6982');
  });

  it('needs AUTHORIZE first, with the ID of this card', () => {
    const card = make('genuine-v8');
    const id = value(readCard(card).tlv, 0x01);
    const key = new Uint8Array(65).fill(4);
    expect(send(card, 0xff, buildTlv([0x01, id], [0x1b, key]), 0, 0x10).sw).toBe('6985');
    const named = (other: Uint8Array) => buildTlv(number(0x23, 0x10), [0x01, other]);
    expect(send(card, 0xd3, named(Buffer.alloc(8))).sw).toBe('6a86');
    expect(send(card, 0xd3, named(id)).sw).toBe('9000');
    expect(send(card, 0xff, buildTlv([0x01, id], [0x1b, key]), 0, 0x10).sw).toBe('6a86');
    expect(send(card, 0xff, buildTlv([0x1a, challenge]), 0, 1).sw).toBe('6a86');
  });

  it('gives a stranger no proof of a card with its own code', () => {
    const card = make('code-set-v8');
    const { tlv } = readCard(card);
    expect(find(tlv, 0x5a)).toBeUndefined();
    const channel = new CcmSession(card);
    expect(channel.level).toBe(2);
    const attest = () => channel.send(0xf3, attestBody(undefined, { code: null }));
    expect(attest().sw).toBe('6af3');
    expect(channel.prove('000000').sw).toBe('6af1');
    expect(wrongCodesOf(card)).toBe(1);
    expect(attest().sw).toBe('6af3');
    const proven = channel.prove(ownCode);
    expect(proven.sw).toBe('9000');
    expect(value(proven.tlv, 0x4a)).toEqual(Buffer.of(4));
    expectProof(attest().tlv, value(tlv, 0x03));
    expect(new CcmSession(card).send(0xf3, attestBody(undefined)).sw).toBe('6af3');
    expect(wrongCodesOf(card)).toBe(1);
  });

  it('takes a proof for its own challenge only, once', () => {
    const channel = new CcmSession(make('code-set-v8'));
    const proof = buildTlv(number(0x23, 0x22), [0x10, Buffer.alloc(32)]);
    expect(channel.send(0xd3, proof).sw).toBe('6985');
    expect(channel.prove('111111').sw).toBe('6af1');
    expect(channel.send(0xd3, proof).sw).toBe('6985');
  });
});
