/** Forged and broken Keycards: how each departs from a genuine one. */
import { describe, expect, it } from 'vitest';
import { openCard } from '../../src/reader/card.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { keycardDemo } from '../../src/simulator/demo-keys.ts';
import { testSuiteCa } from '../../src/simulator/keycard/published.ts';
import {
  apdu,
  challenge,
  handshake,
  identify,
  identityOf,
  make,
  openChannel,
  otherChallenge as other,
  provesIdentity,
  type Recording,
  readVector,
  select,
  selectApdus,
  send,
} from './keycard-client.ts';
import { caOf, isSignedBy, parseTlv } from './keycard-formulas.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const demoCa = hex(keycardDemo.ca.publicKey);

describe('forgeries', () => {
  it('fake-ca ends at a CA of its own', () => {
    const card = make('fake-ca');
    expect(provesIdentity(card)).toBe(true);
    expect(caOf(identityOf(card).certificate)).toBe(hex(keycardDemo.foreignCa.publicKey));
  });

  it('test-ca ends at the CA of the recorded cards', () => {
    const card = make('test-ca');
    expect(provesIdentity(card)).toBe(true);
    const { testCaPublicKey } = readVector<Recording>('applet-3.2');
    expect(caOf(identityOf(card).certificate)).toBe(testCaPublicKey);
    expect(hex(testSuiteCa.publicKey)).toBe(testCaPublicKey);
  });

  it('clone shows the certificate of its unit and signs with another key', () => {
    const card = make('clone', 'a');
    const genuine = identityOf(make('genuine', 'a'));
    const { certificate, signature } = identityOf(card);
    expect(certificate).toEqual(genuine.certificate);
    expect(isSignedBy(genuine.signature, challenge, genuine.key)).toBe(true);
    expect(isSignedBy(signature, challenge, genuine.key)).toBe(false);
  });

  it('clone-40 does the same in the handshake', () => {
    const { certificate, holds } = handshake(make('clone-40', 'a'));
    const genuine = handshake(make('genuine-40', 'a'));
    expect(certificate).toEqual(genuine.certificate);
    expect([genuine.holds, holds]).toEqual([true, false]);
  });

  it('bad-certificate ends at nobody, in one bit', () => {
    const { certificate } = identityOf(make('bad-certificate', 'a'));
    const genuine = identityOf(make('genuine', 'a')).certificate;
    expect(certificate.filter((byte, i) => byte !== genuine[i])).toHaveLength(1);
    expect(caOf(certificate)).toMatch(/^0[23][0-9a-f]{64}$/);
    expect(caOf(certificate)).not.toBe(demoCa);
    expect(provesIdentity(make('bad-certificate', 'a'))).toBe(true);
    expect(select(make('bad-certificate', 'a'), 'ident').data).toEqual(certificate);
  });

  it('bad-certificate can be walked to a key for every unit', () => {
    for (let i = 0; i < 24; i += 1) {
      const { certificate } = identityOf(make('bad-certificate', `${i}`));
      expect(caOf(certificate)).toMatch(/^0[23]/);
    }
  });

  it('replayed gives one answer to every challenge', () => {
    const card = make('replayed');
    const { certificate, signature } = identityOf(card);
    expect(caOf(certificate)).toBe(demoCa);
    expect(provesIdentity(card)).toBe(false);
    card.reset();
    expect(provesIdentity(card, other)).toBe(false);
    expect(identityOf(card, other).signature).toEqual(signature);
  });

  it('version-liar does not know IDENTIFY, in no applet', () => {
    const card = make('version-liar');
    for (const application of ['keycard', 'cash', 'ident'] as const) {
      expect(select(card, application).sw).toBe('9000');
      expect(identify(card).sw).toBe('6d00');
    }
  });

  it.each(['old-applet', 'old-applet-blank'])('%s has no identity', (id) => {
    const card = make(id);
    select(card, 'keycard');
    expect(identify(card).sw).toBe('6d00');
    select(card, 'cash');
    expect(identify(card).sw).toBe('6d00');
    expect(select(card, 'ident').sw).toBe('6a82');
  });

  it('ident-differs shows two certificates of one CA', () => {
    const card = make('ident-differs', 'a');
    const { certificate } = identityOf(card);
    const shown = select(card, 'ident').data;
    expect(shown.equals(certificate)).toBe(false);
    expect([caOf(shown), caOf(certificate)]).toEqual([demoCa, demoCa]);
    expect(select(make('genuine', 'a'), 'ident').data).toEqual(certificate);
  });

  it('uncertified has neither certificate nor proof', () => {
    const card = make('uncertified');
    expect(select(card, 'ident')).toEqual({ sw: '9000', data: Buffer.alloc(0) });
    for (const application of ['keycard', 'cash'] as const) {
      select(card, application);
      expect(identify(card).sw).toBe('6985');
    }
  });

  it('uncertified-40 answers 6985 to SELECT and to everything after it', () => {
    const card = make('uncertified-40');
    expect(select(card, 'ident')).toEqual({ sw: '9000', data: Buffer.alloc(0) });
    expect(select(card, 'keycard')).toEqual({ sw: '6985', data: Buffer.alloc(0) });
    expect(identify(card).sw).toBe('6985');
    expect(openChannel(card).sw).toBe('6985');
    for (const ins of [0xca, 0xf2, 0x18, 0xfd]) expect(send(card, apdu(ins)).sw).toBe('6985');
  });
});

describe('troubles', () => {
  it.each(['refuses', 'removed-mid-way', 'mute', 'garbage', 'endless', 'oversized'])(
    '%s answers SELECT like a blank card',
    (id) => {
      const card = make(id, 'a');
      for (const application of ['ident', 'cash', 'keycard'] as const) {
        expect(select(card, application)).toEqual(select(make('genuine', 'a'), application));
      }
    },
  );

  it('refuses answers IDENTIFY with 6F00, for ever', () => {
    const card = make('refuses');
    select(card, 'keycard');
    for (let i = 0; i < 5; i += 1) expect(identify(card).sw).toBe('6f00');
  });

  it('removed-mid-way is gone until it is laid on again', () => {
    const card = make('removed-mid-way');
    select(card, 'keycard');
    expect(card.respond(apdu(0x14, challenge))).toEqual({ kind: 'removed' });
    expect(card.respond(selectApdus.manager)).toEqual({ kind: 'removed' });
    card.reset();
    expect(select(card, 'keycard').sw).toBe('9000');
  });

  it('mute never answers IDENTIFY', () => {
    const card = make('mute');
    select(card, 'keycard');
    expect(card.respond(apdu(0x14, challenge))).toEqual({ kind: 'silence' });
  });

  it('garbage answers 48 bytes and 9000, never the same', () => {
    const card = make('garbage');
    select(card, 'keycard');
    const answers = [identify(card), identify(card)];
    for (const { sw, data } of answers) expect([sw, data.length]).toEqual(['9000', 48]);
    expect(answers[0]).not.toEqual(answers[1]);
  });

  it('endless is cut off by the card connection', async () => {
    const card = openCard(openVirtualCard(make('endless')), () => 0);
    await card.transmit(selectApdus.keycard, 'proof');
    await expect(card.transmit(apdu(0x14, challenge), 'proof')).rejects.toMatchObject({
      code: 'READER_TRANSPORT',
    });
  });

  it('oversized sends 590 certificates that a reader can still carry', () => {
    const card = make('oversized');
    select(card, 'keycard');
    const { sw, data } = identify(card);
    const [outer, ...more] = parseTlv(data);
    expect([sw, outer?.[0], more.length]).toEqual(['9000', 0xa0, 0]);
    expect(parseTlv(outer?.[1] ?? Buffer.alloc(0))).toHaveLength(590);
    expect(data.length).toBeLessThan(65_534);
  });
});
