/** Certificates that are refused: each departs from DER or from RFC 5280 in one place. */
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { fromHex } from '../../../src/bytes/hex.ts';
import { MalformedError, parseDer } from '../../../src/trust/der.ts';
import { parseCertificate } from '../../../src/trust/x509/certificate.ts';
import {
  asn1Null,
  bits,
  boolean,
  explicit,
  integer,
  octets,
  oid,
  sequence,
  set,
  time,
  tlv,
  utf8String,
} from '../der-encode.ts';
import { algorithm, ca, ecPair, extension, keyUsage, name, spkiOf } from './build.ts';
import { card, cardKey } from './chain.ts';

const serial = (hex: string) => card({ serial: tlv(2, fromHex(hex)) });
const subject = (...parts: readonly Uint8Array[]) => card({ subject: sequence(...parts) });
const cn = oid('2.5.4.3');
const attribute = (text: string) => sequence(cn, utf8String(text));
const withExtension = (...extensions: readonly Uint8Array[]) =>
  card({ extensions: Object.fromEntries(extensions.entries()) });
const raw = (...parts: readonly Uint8Array[]) => withExtension(sequence(...parts));
const der = card();

describe('refused', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'certificate'],
    ['a byte after the end', concat(der, Uint8Array.of(0)), 'certificate: 1 bytes after its end'],
    ['more than 8 KiB', new Uint8Array(8193), 'certificate: 8193 bytes, expected at most 8192'],
    ['PEM', new TextEncoder().encode('-----BEGIN CERTIFICATE-----'), 'certificate'],
    ['serial number 0', serial('00'), 'serial number: 00, expected a number above zero'],
    ['a negative serial number', serial('80'), 'serial number: 80'],
    ['a serial number of 21 bytes', serial(`01${'00'.repeat(20)}`), 'serial number: 21 bytes'],
    ['a serial number that is not minimal', serial('0001'), 'certificate: INTEGER 0001'],
    ['version 1 written out', card({ version: 0 }), 'version: 1 written out'],
    ['version 4', card({ version: 3 }), 'version: 03, expected 0 to 2'],
    ['version 1 with extensions', card({ version: undefined }), 'version: 1 with extensions'],
    ['version 2 with extensions', card({ version: 1 }), 'version: 2 with extensions'],
    [
      'an empty list of extensions',
      card({ extensions: {}, more: [explicit(3, sequence())] }),
      'extensions: an empty list',
    ],
    [
      'a unique identifier',
      card({ extensions: {}, more: [tlv(0x82, Uint8Array.of(0, 1))] }),
      'signed part: a further element, tag 82',
    ],
    [
      'something after the extensions',
      card({ more: [asn1Null] }),
      'signed part: a further element',
    ],
    [
      'another algorithm outside',
      card({ outerAlgorithm: algorithm.sha384 }),
      'algorithm: 1.2.840.10045.4.3.3',
    ],
    [
      'other parameters outside',
      card({ outerAlgorithm: algorithm.sha256WithNull }),
      'algorithm: 1.2.840.10045.4.3.2, expected',
    ],
    [
      'an algorithm with two parameters',
      card({ algorithm: sequence(oid('1.2.3'), asn1Null, asn1Null) }),
      'signed algorithm: a further element',
    ],
    ['an empty issuer', card({ issuer: sequence() }), 'issuer: an empty name'],
    ['an empty part of a name', subject(set()), 'subject: an empty part'],
    [
      'a part that is a SEQUENCE',
      subject(sequence(attribute('a'))),
      'subject: tag 30, expected tag 31',
    ],
    [
      'a part out of order',
      subject(set(attribute('b'), attribute('a'))),
      'subject: a SET out of order',
    ],
    [
      'a part that holds one thing twice',
      subject(set(attribute('a'), attribute('a'))),
      'subject: a SET out of order',
    ],
    ['an attribute without value', subject(set(sequence(cn))), 'subject: nothing'],
    [
      'an attribute with two values',
      subject(set(sequence(cn, utf8String('a'), utf8String('b')))),
      'subject: a further',
    ],
    [
      'a name that is not UTF-8',
      subject(set(sequence(cn, tlv(0x0c, Uint8Array.of(0xff))))),
      'subject: bytes that are not utf-8',
    ],
    [
      'a printable name above ASCII',
      subject(set(sequence(cn, tlv(0x13, Uint8Array.of(0xe9))))),
      'subject: bytes above 7f',
    ],
    [
      'GeneralizedTime before 2050',
      card({ notAfter: tlv(0x18, new TextEncoder().encode('20400101000000Z')) }),
      'not after: a GeneralizedTime before 2050',
    ],
    ['a time that is none', card({ notBefore: integer(1) }), 'not before: tag 02'],
    [
      'a key off its curve',
      card({ spki: spkiOf(cardKey).with(-1, (spkiOf(cardKey).at(-1) ?? 0) ^ 1) }),
      'public key',
    ],
    ['a key on an unknown curve', card({ key: ecPair('secp224r1') }), 'public key'],
    ['an extension twice', withExtension(ca(), ca(1)), 'extension 2.5.29.19: twice'],
    [
      'an unknown extension twice',
      withExtension(extension('1.2.3', false), extension('1.2.3', true)),
      'extension 1.2.3: twice',
    ],
    [
      'critical FALSE written out',
      raw(oid('1.2.3'), boolean(false), octets()),
      'extension 1.2.3: critical FALSE written out',
    ],
    ['an extension without value', raw(oid('1.2.3')), 'extension 1.2.3: nothing'],
    [
      'an extension with more',
      raw(oid('1.2.3'), octets(), asn1Null),
      'extension: a further element',
    ],
    [
      'CA FALSE written out',
      withExtension(extension('2.5.29.19', true, sequence(boolean(false)))),
      'basic constraints: CA FALSE written out',
    ],
    [
      'a path length without CA',
      withExtension(extension('2.5.29.19', true, sequence(integer(0)))),
      'basic constraints: a path length without CA',
    ],
    [
      'a negative path length',
      withExtension(extension('2.5.29.19', true, sequence(boolean(true), integer(-1)))),
      'path length: ff',
    ],
    [
      'basic constraints with more',
      withExtension(extension('2.5.29.19', true, sequence(boolean(true), integer(0), integer(0)))),
      'basic constraints: a further',
    ],
    [
      'bytes after basic constraints',
      withExtension(extension('2.5.29.19', true, sequence(), asn1Null)),
      'basic constraints: 2 bytes after its end',
    ],
    [
      'a key usage of nothing',
      withExtension(extension('2.5.29.15', true, bits(new Uint8Array()))),
      'key usage: no use',
    ],
    [
      'a key usage with zeros at its end',
      withExtension(keyUsage(0x80, 0)),
      'key usage: zero bits at its end',
    ],
    [
      'a key usage with a bit 9',
      withExtension(extension('2.5.29.15', true, bits(Uint8Array.of(0, 0x40), 6))),
      'key usage: bit 9',
    ],
    [
      'no purpose',
      withExtension(extension('2.5.29.37', false, sequence())),
      'extended key usage: no use',
    ],
    [
      'a purpose that is no OID',
      withExtension(extension('2.5.29.37', false, sequence(asn1Null))),
      'extended key usage: tag 05',
    ],
    [
      'an empty subject key identifier',
      withExtension(extension('2.5.29.14', false, octets())),
      'subject key identifier: nothing',
    ],
    [
      'an empty authority key identifier',
      withExtension(extension('2.5.29.35', false, sequence(tlv(0x80)))),
      'authority key identifier: nothing',
    ],
    [
      'an issuer of the issuer alone',
      withExtension(extension('2.5.29.35', false, sequence(tlv(0xa1, tlv(0xa4, name('x')))))),
      'authority key identifier: issuer or serial number alone',
    ],
    [
      'a serial number of the issuer alone',
      withExtension(extension('2.5.29.35', false, sequence(tlv(0x82, Uint8Array.of(1))))),
      'authority key identifier: issuer or serial number alone',
    ],
    ['a signature with unused bits', alteredBits(), 'signature: 1 unused bits'],
    [
      'something after the signature',
      sequence(concat(parseDer(der, { field: 'x', maxBytes: 8192 }).content, asn1Null)),
      'certificate: a further element, tag 05',
    ],
    [
      'a third time',
      card({ notAfter: concat(time('2040-01-01T00:00:00Z'), time('2041-01-01T00:00:00Z')) }),
      'validity: a further element, tag 17',
    ],
    [
      'a path length of 2^31',
      withExtension(ca(2 ** 31)),
      'path length: 0080000000, expected 0 to 2147483647',
    ],
    [
      'an authority key identifier with more',
      withExtension(extension('2.5.29.35', false, sequence(tlv(0x80, Uint8Array.of(1)), asn1Null))),
      'authority key identifier: a further element',
    ],
    [
      'a serial number of the issuer of 21 bytes',
      withExtension(
        extension(
          '2.5.29.35',
          false,
          sequence(tlv(0xa1, tlv(0xa4, name('x'))), tlv(0x82, new Uint8Array(21).fill(1))),
        ),
      ),
      'authority key identifier: 21 bytes, expected at most 20',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => parseCertificate(bytes)).toThrow(MalformedError);
    expect(() => parseCertificate(bytes)).toThrow(message);
  });

  function alteredBits(): Uint8Array {
    const { tbs } = parseCertificate(card());
    return sequence(tbs, algorithm.sha256, bits(Uint8Array.of(2), 1));
  }

  it('a serial number of 20 bytes is not', () => {
    expect(parseCertificate(serial(`01${'00'.repeat(19)}`)).serialHex).toHaveLength(40);
    expect(parseCertificate(serial(`0080${'00'.repeat(18)}`)).serialHex).toHaveLength(38);
  });

  it('dates beyond 2050 are not', () => {
    const far = parseCertificate(card({ notAfter: time('9999-12-31T23:59:59Z') }));
    expect(far.notAfter).toBe(Date.UTC(9999, 11, 31, 23, 59, 59));
  });
});
