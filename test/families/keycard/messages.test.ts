import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import {
  channelMessage,
  encodeKeycardCommand,
  isRefusal,
  parseChannel,
  parseIdentify,
  parseKeycardCommand,
} from '../../../src/families/keycard/messages.ts';
import {
  bytes,
  challenge,
  channelDigest,
  channelKey,
  client,
  command,
  hash,
  identified,
  identity,
  ok,
  opened,
  ownCertificate,
  signDigest,
  sw,
  tlv,
} from './cards.ts';

describe('commands', () => {
  it.each([
    ['select the Keycard applet', { name: 'select', applet: 'keycard' }, command.keycard],
    ['select the cash applet', { name: 'select', applet: 'cash' }, command.cash],
    ['select the identification applet', { name: 'select', applet: 'ident' }, command.ident],
    ['IDENTIFY', { name: 'identify', challenge }, command.identify()],
    [
      'OPEN SECURE CHANNEL',
      { name: 'open-channel', salt: challenge, clientKey: client.point },
      command.open(),
    ],
  ] as const)('%s is written and read back', (_, spoken, written) => {
    expect(toHex(encodeKeycardCommand(spoken))).toBe(toHex(written));
    expect(parseKeycardCommand(written)).toEqual(spoken);
  });

  it('may ask for an answer, and IDENTIFY may come with class 00', () => {
    const select = concat(command.keycard, bytes(0));
    expect(parseKeycardCommand(select)).toEqual({ name: 'select', applet: 'keycard' });
    const plain = command.identify();
    plain[0] = 0;
    expect(parseKeycardCommand(plain)).toEqual({ name: 'identify', challenge });
  });

  it.each<[string, Uint8Array]>([
    ['FACTORY RESET', bytes(0x80, 0xfd, 0xaa, 0x55)],
    ['INIT', bytes(0x80, 0xfe, 0, 0, 1, 0)],
    ['PAIR', bytes(0x80, 0x12, 0, 0, 1, 0)],
    ['VERIFY PIN', bytes(0x80, 0x20, 0, 0, 1, 0)],
    ['GET STATUS', bytes(0x80, 0xf2, 0, 0)],
    ['a secured command', bytes(0x80, 0x18, 0, 0, 1, 0)],
    ['STORE DATA', bytes(0x80, 0xe2, 0, 0, 1, 0)],
    ['IDENTIFY with P1', bytes(0x80, 0x14, 1, 0, 1, 0)],
    ['IDENTIFY with P2', bytes(0x80, 0x14, 0, 1, 1, 0)],
    ['IDENTIFY of another class', bytes(0x84, 0x14, 0, 0, 1, 0)],
    ['SELECT of another application', concat(bytes(0, 0xa4, 4, 0, 5), bytes(0xa0, 0, 0, 0, 4))],
    ['SELECT of another instance', command.keycard.with(13, 2)],
    ['SELECT by another way', command.keycard.with(2, 0)],
    ['SELECT of the next', command.keycard.with(3, 2)],
    ['a channel without its key', concat(bytes(0x80, 0x10, 0, 0, 32), challenge)],
    ['a channel with a short salt', command.open(challenge.subarray(1))],
    ['a channel with a compressed key', command.open(challenge, client.publicKey)],
    ['a channel with no point', command.open(challenge, client.point.with(64, 1))],
    ['a cut command', bytes(0x80, 0x14)],
  ])('%s is none', (_, written) => {
    expect(() => parseKeycardCommand(written)).toThrow(EvidenceError);
  });
});

describe('an answer to IDENTIFY', () => {
  it('holds certificate and signature', () => {
    const answer = parseIdentify(identified());
    if (isRefusal(answer)) throw new Error('refused');
    expect(answer.certificate.bytes).toEqual(ownCertificate);
    expect(answer.signature.length).toBe(64);
  });

  it('may refuse', () => {
    expect(parseIdentify(sw(0x6985))).toEqual({ sw: 0x6985 });
  });

  const signature = signDigest(challenge, identity);
  const answer = (...parts: Uint8Array[]) => concat(tlv(0xa0, concat(...parts)), ok);
  it.each<[string, Uint8Array]>([
    ['nothing', ok],
    ['no status', bytes()],
    ['data beside a refusal', concat(bytes(1), sw(0x6985))],
    ['another outer tag', identified().with(0, 0xa1)],
    ['another tag for the certificate', answer(tlv(0x8b, ownCertificate), signature)],
    ['bytes after it', concat(identified().subarray(0, -2), bytes(0), ok)],
    ['no signature', answer(tlv(0x8a, ownCertificate))],
    ['no certificate', answer(signature)],
    ['a short certificate', answer(tlv(0x8a, ownCertificate.subarray(1)), signature)],
    ['a long certificate', answer(tlv(0x8a, concat(ownCertificate, bytes(0))), signature)],
    ['bytes after the signature', answer(tlv(0x8a, ownCertificate), signature, bytes(0))],
    ['a second signature', answer(tlv(0x8a, ownCertificate), signature, signature)],
    ['signature first', answer(signature, tlv(0x8a, ownCertificate))],
    ['a raw signature', answer(tlv(0x8a, ownCertificate), new Uint8Array(64).fill(1))],
    ['a signature of zeros', answer(tlv(0x8a, ownCertificate), bytes(0x30, 6, 2, 1, 0, 2, 1, 0))],
  ])('with %s cannot be read', (_, response) => {
    expect(() => parseIdentify(response)).toThrow(EvidenceError);
  });
});

describe('an answer to OPEN SECURE CHANNEL', () => {
  it('holds a key and a signature over label, salt and both keys', () => {
    const answer = parseChannel(opened());
    if (isRefusal(answer)) throw new Error('refused');
    expect(answer.cardKey).toEqual(channelKey.point);
    const message = channelMessage(challenge, client.point, answer.cardKey);
    expect(message.length).toBe(171);
    expect(hash(message)).toEqual(channelDigest(challenge));
    const options = { prehash: false, lowS: false, format: 'der' } as const;
    expect(secp256k1.verify(answer.signature, hash(message), identity.publicKey, options)).toBe(
      true,
    );
  });

  it('may refuse', () => {
    expect(parseChannel(sw(0x6a80))).toEqual({ sw: 0x6a80 });
  });

  const signature = signDigest(channelDigest(challenge), identity);
  it.each<[string, Uint8Array]>([
    ['nothing', ok],
    ['data beside a refusal', concat(bytes(1), sw(0x6a80))],
    ['a key alone', concat(channelKey.point, ok)],
    ['a compressed key', concat(channelKey.publicKey, signature, ok)],
    ['no point', concat(channelKey.point.with(64, 7), signature, ok)],
    ['bytes after the signature', concat(channelKey.point, signature, bytes(0), ok)],
    ['a raw signature', concat(channelKey.point, new Uint8Array(64).fill(1), ok)],
  ])('with %s cannot be read', (_, response) => {
    expect(() => parseChannel(response)).toThrow(EvidenceError);
  });
});
