import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { keycardFamily } from '../../../src/families/keycard/index.ts';
import { parseCash, parseIdent, parseSelected } from '../../../src/families/keycard/select.ts';
import { formatVersion, identityOf, pairingSlots } from '../../../src/families/keycard/version.ts';
import {
  blank,
  bytes,
  cash,
  channelKey,
  four,
  ident,
  ok,
  ownCertificate,
  sw,
  three,
  tlv,
} from './cards.ts';

const uid = new Uint8Array(32).fill(7);

describe('the Keycard applet', () => {
  it('is told in its forms', () => {
    expect(parseSelected(blank())).toEqual({ form: 'blank' });
    expect(parseSelected(three({ version: [3, 2], slots: 8, keyUid: uid }))).toEqual({
      form: 'three',
      version: { major: 3, minor: 2 },
      freeSlots: 8,
      hasKey: true,
    });
    expect(parseSelected(three({ version: [2, 1], capabilities: undefined }))).toMatchObject({
      form: 'three',
      hasKey: false,
    });
    expect(parseSelected(four({ certificate: undefined }))).toMatchObject({
      form: 'four',
      certificate: undefined,
    });
    expect(parseSelected(sw(0x6985))).toEqual({ form: 'uncertified' });
    expect(parseSelected(sw(0x6a82))).toEqual({ form: 'refused', sw: 0x6a82 });
  });

  it.each([0, 1])('of 4.0 is read with a length %i short, key or not', (short) => {
    for (const keyUid of [bytes(), uid]) {
      expect(parseSelected(four({ status: 0x33, keyUid, short }))).toMatchObject({
        form: 'four',
        version: { major: 4, minor: 0 },
        initialised: true,
        pinTries: 3,
        hasKey: keyUid.length > 0,
        certificate: { bytes: ownCertificate },
      });
    }
  });

  it('has one bit for "set up" and four for the tries; the others say nothing', () => {
    for (const status of [0x00, 0x20, 0xe0]) {
      expect(parseSelected(four({ status }))).toMatchObject({ initialised: false, pinTries: 0 });
    }
    for (const status of [0x12, 0x32, 0xf2]) {
      expect(parseSelected(four({ status }))).toMatchObject({ initialised: true, pinTries: 2 });
    }
  });

  const template = (...objects: Uint8Array[]) => concat(tlv(0xa4, concat(...objects)), ok);
  const point = tlv(0x80, channelKey.point);
  const head = [tlv(0x8f, new Uint8Array(16)), point, tlv(2, bytes(3, 1)), tlv(2, bytes(5))];
  it.each<[string, Uint8Array]>([
    ['nothing', ok],
    ['no status', bytes(0x90)],
    ['data beside a refusal', concat(bytes(1), sw(0x6985))],
    ['another object', concat(tlv(0x6f, bytes(1)), ok)],
    ['an empty template', template()],
    ['a point that is none', concat(tlv(0x80, channelKey.point.with(64, 9)), ok)],
    ['a compressed point', concat(tlv(0x80, channelKey.publicKey), ok)],
    ['a point and more', concat(blank().subarray(0, -2), tlv(0x02, bytes(3, 1)), ok)],
    ['a length too long', three().with(1, 0x62)],
    ['a length one short in the form of 3.x', three().with(1, 0x60)],
    ['a length two short', four({ short: 2 })],
    ['a byte after the template', concat(three().subarray(0, -2), bytes(0), ok)],
    ['another tag for the instance UID', three().with(2, 0x8e)],
    ['another tag for the status', four().with(6, 0x8d)],
    ['an object missing', template(...head)],
    ['objects in another order', template(...head.toReversed(), tlv(0x8e, bytes()))],
    [
      'an object more',
      template(...head, tlv(0x8e, bytes()), tlv(0x8d, bytes(1)), tlv(0x8b, bytes())),
    ],
    ['an object twice', template(...head, tlv(0x8e, bytes()), tlv(0x8e, bytes()))],
    ['a UID of half the length', three({ keyUid: uid.subarray(16) })],
    ['a short instance UID', three({ instance: new Uint8Array(15) })],
    ['two bytes of capabilities', three({ capabilities: bytes(1, 2) })],
    ['a certificate that is too short', four({ certificate: ownCertificate.subarray(1) })],
    ['an empty certificate', four({ certificate: bytes() })],
    ['far too much', concat(tlv(0xa4, new Uint8Array(120)), tlv(0xa4, new Uint8Array(200)), ok)],
  ])('with %s cannot be read and is not recognised', (_, response) => {
    expect(() => parseSelected(response)).toThrow(EvidenceError);
    expect(keycardFamily.recognises(response)).toBe(false);
  });

  it('is recognised in its forms, and when it says that it holds no certificate', () => {
    for (const response of [blank(), three(), four(), four({ short: 0 }), sw(0x6985)]) {
      expect(keycardFamily.recognises(response)).toBe(true);
    }
    for (const response of [sw(0x6a82), sw(0x9000), cash(), ident(), sw(0x6d00)]) {
      expect(keycardFamily.recognises(response)).toBe(false);
    }
  });

  it('recognises anything at all without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (response) => {
        expect([true, false]).toContain(keycardFamily.recognises(response));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the other applets', () => {
  it('tell a version, or are not there', () => {
    expect(parseCash(cash([3, 2]))).toEqual({ major: 3, minor: 2 });
    expect(parseCash(cash([3, 1], bytes()))).toEqual({ major: 3, minor: 1 });
    expect(parseCash(sw(0x6a82))).toBeUndefined();
  });

  it('show a certificate, or none', () => {
    expect(parseIdent(ident())?.bytes).toEqual(ownCertificate);
    expect(parseIdent(ok)).toBeUndefined();
    expect(parseIdent(sw(0x6a82))).toBeUndefined();
  });

  const whole = concat(
    tlv(0x80, channelKey.point),
    tlv(0x02, bytes(3, 1)),
    tlv(0x82, new Uint8Array(200)),
  );
  const longCash = concat(bytes(0xa4, 0x82, whole.length >> 8, whole.length & 0xff), whole, ok);
  it.each<[string, (response: Uint8Array) => unknown, Uint8Array]>([
    ['cash with nothing', parseCash, ok],
    ['cash in the form of a blank card', parseCash, blank()],
    ['cash with a length one short', parseCash, cash().with(1, 0x4a)],
    ['cash with a byte after it', parseCash, concat(cash().subarray(0, -2), bytes(0), ok)],
    ['cash in the form of the other', parseCash, three()],
    ['cash with more than fits a short answer', parseCash, longCash],
    ['a certificate cut', parseIdent, ident(ownCertificate.subarray(1))],
    ['a certificate of no key', parseIdent, ident(ownCertificate.with(0, 4))],
  ])('%s cannot be read', (_, parse, response) => {
    expect(() => parse(response)).toThrow(EvidenceError);
  });
});

describe('versions', () => {
  it.each([
    [2, 2, 'none'],
    [3, 0, 'none'],
    [3, 1, 'identify'],
    [3, 2, 'identify'],
    [3, 9, 'identify'],
    [4, 0, 'channel'],
    [255, 255, 'channel'],
  ])('%i.%i proves itself by %s', (major, minor, by) => {
    expect(identityOf({ major, minor })).toBe(by);
    expect(formatVersion({ major, minor })).toBe(`${major}.${minor}`);
  });

  it.each([
    [2, 2, 5, 5],
    [3, 0, 0, 5],
    [3, 0, 6, undefined],
    [3, 1, 5, 5],
    [3, 1, 6, 100],
    [3, 1, 101, undefined],
    [3, 2, 10, 10],
    [3, 2, 11, undefined],
    [3, 3, 1, undefined],
    [4, 0, 1, undefined],
  ])('%i.%i with %i free slots has %s', (major, minor, free, slots) => {
    expect(pairingSlots({ major, minor }, free)).toBe(slots);
  });
});
