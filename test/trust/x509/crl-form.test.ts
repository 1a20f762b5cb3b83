/** The form of revocation lists: what is read, and each refusal by altering a list that is read. */
import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/bytes/bytes.ts';
import { sha256 } from '../../../src/bytes/sha256.ts';
import { MalformedError } from '../../../src/trust/der.ts';
import { maxCrlBytes, parseCrl } from '../../../src/trust/x509/crl.ts';
import {
  asn1Null,
  bits,
  boolean,
  explicit,
  integer,
  octets,
  oid,
  sequence,
  time,
  tlv,
} from '../der-encode.ts';
import { algorithm, type CrlForm, crl, entry, extension, name } from './build.ts';
import { card, issuerKey } from './chain.ts';

const list = (change: Partial<CrlForm> = {}) =>
  crl({ issuer: name('Issuer'), signer: issuerKey, ...change });
const number = extension('2.5.29.20', false, integer(1));
const pem = (bytes: Uint8Array) =>
  utf8(
    `-----BEGIN X509 CRL-----\n${Buffer.from(bytes).toString('base64')}\n-----END X509 CRL-----\n`,
  );

type FieldName =
  | 'version'
  | 'algorithm'
  | 'issuer'
  | 'thisUpdate'
  | 'nextUpdate'
  | 'entries'
  | 'extensions'
  | 'more';

/** The fields of a good list, in order; any of them may be another, or none. */
const fields: Readonly<Record<FieldName, Uint8Array>> = {
  version: integer(1),
  algorithm: algorithm.sha256,
  issuer: name('Issuer'),
  thisUpdate: time('2024-01-01T00:00:00Z'),
  nextUpdate: time('2025-01-01T00:00:00Z'),
  entries: sequence(entry(integer(0x1234)), entry(integer(0x80))),
  extensions: explicit(0, sequence(number)),
  more: new Uint8Array(),
};
const absent: Uint8Array = new Uint8Array();

function signed(...parts: readonly Uint8Array[]): Uint8Array {
  const tbs = sequence(...parts);
  const signature = new Uint8Array(sign('sha256', tbs, issuerKey.privateKey));
  return sequence(tbs, algorithm.sha256, bits(signature));
}

const built = (change: Partial<typeof fields> = {}) =>
  signed(...Object.values({ ...fields, ...change }));
const withEntries = (...entries: readonly Uint8Array[]) =>
  built({ entries: sequence(Buffer.concat(entries)) });
const withExtensions = (...extensions: readonly Uint8Array[]) =>
  built({ extensions: explicit(0, sequence(Buffer.concat(extensions))) });
const repeated = (count: number, element: Uint8Array) =>
  Buffer.concat(Array<Uint8Array>(count).fill(element));

describe('a revocation list', () => {
  it('tells what it holds, from DER and from PEM', async () => {
    const der = list({
      entries: [
        entry(integer(0x1234)),
        entry(integer(0x80), extension('2.5.29.21', false, octets())),
      ],
      extensions: [number],
    });
    for (const form of [der, pem(der), concat(utf8(' \r\n'), pem(der))]) {
      expect(await parseCrl(form)).toMatchObject({
        sha256: sha256(der),
        algorithm: { oid: '1.2.840.10045.4.3.2' },
        issuer: name('Issuer'),
        thisUpdate: Date.UTC(2024, 0, 1),
        nextUpdate: Date.UTC(2025, 0, 1),
        revoked: new Set(['1234', '80']),
        criticalExtensions: [],
      });
    }
  });

  it('may be empty, and without an end', async () => {
    const read = await parseCrl(list({ nextUpdate: undefined }));
    expect(read.revoked.size).toBe(0);
    expect(read.nextUpdate).toBeUndefined();
  });

  it('of version 1 has no version and no extensions', async () => {
    const plain = built({ version: absent, extensions: absent });
    expect((await parseCrl(plain)).revoked).toEqual(new Set(['1234', '80']));
  });

  it('tells what is critical, in itself and in its entries, each once', async () => {
    const odd = extension('2.5.29.29', true, sequence());
    const read = await parseCrl(
      list({
        entries: [entry(integer(1), odd), entry(integer(2), odd)],
        extensions: [number, extension('2.5.29.28', true, sequence())],
      }),
    );
    expect(read.criticalExtensions).toEqual(['2.5.29.28', '2.5.29.29']);
  });

  it('may have a serial number of 20 bytes', async () => {
    const read = await parseCrl(withEntries(entry(tlv(2, new Uint8Array(20).fill(0x7f)))));
    expect(read.revoked).toEqual(new Set(['7f'.repeat(20)]));
  });

  it('does not change with the array that it was read from', async () => {
    const der = list();
    const read = await parseCrl(der);
    const tbs = new Uint8Array(read.tbs);
    der.fill(0);
    expect(read.tbs).toEqual(tbs);
  });
});

describe('a long revocation list', () => {
  const serials = Array.from({ length: 100_001 }, (_, index) => entry(integer(index + 1)));

  it('has 100,000 entries and no more, and is read at once', async () => {
    const bytes = list({ entries: serials.slice(0, -1) });
    const started = performance.now();
    const read = await parseCrl(bytes);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(read.revoked.size).toBe(100_000);
    expect(read.revoked.has('0186a0')).toBe(true);
    await expect(parseCrl(list({ entries: serials }))).rejects.toThrow('more than 100000 entries');
  });

  it.each<[string, Uint8Array, string]>([
    ['entries', built({ entries: sequence(repeated(900_000, sequence())) }), 'serial number'],
    ['extensions', withExtensions(repeated(900_000, sequence())), 'extension: nothing'],
    [
      'wrapped elements',
      built({ extensions: explicit(0, repeated(900_000, asn1Null)) }),
      'several',
    ],
    ['fields', built({ more: repeated(900_000, asn1Null) }), 'a further element'],
    ['elements', built({ more: repeated(1_000_001, asn1Null) }), 'more than 1000000 elements'],
  ])('of 2 MB of empty %s is refused without much time or memory', async (_, bytes, message) => {
    const before = process.memoryUsage().rss;
    const started = performance.now();
    await expect(parseCrl(bytes)).rejects.toThrow(message);
    expect(performance.now() - started).toBeLessThan(5000);
    // With an object for each of them at once it were 250 MB and more.
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 2 ** 20);
  });
});

describe('no revocation list', () => {
  const der = built();
  const text = Buffer.from(pem(der)).toString('latin1');
  const tooLong = new Uint8Array(maxCrlBytes + 1).fill(0x20);
  tooLong.set(pem(der));

  it('is what is altered below', async () => {
    expect((await parseCrl(der)).revoked.size).toBe(2);
    expect((await parseCrl(utf8(text))).revoked.size).toBe(2);
    expect((await parseCrl(tooLong.slice(0, -1))).revoked.size).toBe(2);
  });

  const date = time('2023-01-01T00:00:00Z');
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'DER, or one block of PEM'],
    ['more than 4 MiB', tooLong, `${maxCrlBytes + 1} bytes, expected at most ${maxCrlBytes}`],
    ['a byte after its end', concat(der, Uint8Array.of(0)), '1 bytes after its end'],
    ['a byte less', der.slice(0, -1), 'revocation list: a length'],
    [
      'an indefinite length',
      concat(Uint8Array.of(0x30, 0x80), der.slice(2)),
      'an indefinite length',
    ],
    ['a certificate', card(), 'signed algorithm: tag'],
    ['an empty SEQUENCE', sequence(), 'signed part: nothing'],
    [
      'an element after the signature',
      sequence(sequence(), algorithm.sha256, bits(absent), asn1Null),
      'revocation list: a further element, tag 05',
    ],
    [
      'unused bits of the signature',
      sequence(sequence(), algorithm.sha256, bits(Uint8Array.of(2), 1)),
      'signature: 1 unused bits',
    ],
    ['another algorithm outside', list({ outerAlgorithm: algorithm.sha384 }), 'algorithm: another'],
    [
      'an algorithm with two parameters',
      list({ algorithm: sequence(oid('1.2.3'), asn1Null, asn1Null) }),
      'signed algorithm: a further element',
    ],
    ['version 3', built({ version: integer(2) }), 'version: 02'],
    ['a negative version', built({ version: integer(-1) }), 'version: ff'],
    [
      'version 1 written out',
      built({ version: integer(0), extensions: absent }),
      'version: 1 written out',
    ],
    ['version 1 with extensions', built({ version: absent }), 'version: 1 with extensions'],
    [
      'version 1 with extensions of an entry',
      built({
        version: absent,
        entries: sequence(entry(integer(1), number)),
        extensions: absent,
      }),
      'version: 1 with extensions',
    ],
    ['no issuer', built({ issuer: absent }), 'issuer: tag 17'],
    ['no time', built({ thisUpdate: absent, nextUpdate: absent }), 'this update: tag 30'],
    [
      'three times',
      built({ nextUpdate: concat(fields.nextUpdate, fields.nextUpdate) }),
      'signed part: a further element, tag 17',
    ],
    [
      'a GeneralizedTime before 2050',
      built({ nextUpdate: tlv(0x18, utf8('20250101000000Z')) }),
      'next update: a GeneralizedTime before 2050',
    ],
    ['a list of entries that is empty', built({ entries: sequence() }), 'entries: an empty list'],
    [
      'two lists of entries',
      built({ entries: concat(fields.entries, fields.entries) }),
      'signed part: a further element, tag 30',
    ],
    [
      'entries after the extensions',
      built({ entries: fields.extensions, extensions: fields.entries }),
      'signed part: a further element, tag 30',
    ],
    [
      'extensions twice',
      built({ more: explicit(0, sequence(extension('2.5.29.28', true, sequence()))) }),
      'signed part: a further element, tag a0',
    ],
    ['another field at the end', built({ more: explicit(1, sequence()) }), 'element, tag a1'],
    ['a number at the end', built({ more: integer(7) }), 'element, tag 02'],
    ['extensions without SEQUENCE', built({ extensions: explicit(0) }), 'extensions: no element'],
    [
      'two lists of extensions in one',
      built({ extensions: explicit(0, sequence(number), sequence(number)) }),
      'extensions: several elements',
    ],
    ['no extension in the list', withExtensions(), 'extensions: an empty list'],
    ['an extension that is none', withExtensions(asn1Null), 'extension: tag 05'],
    ['an extension twice', withExtensions(number, number), 'extension 2.5.29.20: twice'],
    [
      'critical FALSE written out',
      withExtensions(sequence(oid('2.5.29.20'), boolean(false), octets(integer(1)))),
      'extension 2.5.29.20: critical FALSE written out',
    ],
    [
      'a delta that does not say so critically',
      withExtensions(extension('2.5.29.27', false, integer(1))),
      'extension 2.5.29.27: not critical',
    ],
    [
      'an issuing point that is not critical',
      withExtensions(extension('2.5.29.28', false, sequence())),
      'extension 2.5.29.28: not critical',
    ],
    [
      'an issuer of an entry that is not critical',
      withEntries(entry(integer(1), extension('2.5.29.29', false, sequence()))),
      'extension 2.5.29.29: not critical',
    ],
    ['an entry that is none', withEntries(asn1Null), 'entry: tag 05'],
    ['an entry without a date', withEntries(sequence(integer(1))), 'revocation date: nothing'],
    [
      'an entry without a number',
      withEntries(sequence(date)),
      'serial number: tag 17, expected tag 02',
    ],
    ['a serial number that is no number', withEntries(entry(octets())), 'serial number: tag 04'],
    ['a negative serial number', withEntries(entry(integer(-128))), 'serial number: 80'],
    ['serial number 0', withEntries(entry(integer(0))), 'serial number: 00'],
    [
      'a serial number of 21 bytes',
      withEntries(entry(tlv(2, new Uint8Array(21).fill(1)))),
      'serial number: 21 bytes',
    ],
    [
      'a date that is none',
      withEntries(sequence(integer(1), integer(1))),
      'revocation date: tag 02',
    ],
    [
      'a further field of an entry',
      withEntries(sequence(integer(1), date, sequence(number), integer(1))),
      'entry: a further element',
    ],
    [
      'an entry with no extension in its list',
      withEntries(sequence(integer(1), date, sequence())),
      'extensions: an empty list',
    ],
    [
      'an extension of an entry twice',
      withEntries(entry(integer(1), number, number)),
      'extension 2.5.29.20: twice',
    ],
    ['two blocks of PEM', concat(pem(der), pem(der)), 'one block of PEM'],
    ['PEM of a certificate', utf8(text.replaceAll('X509 CRL', 'CERTIFICATE')), 'one block of PEM'],
    ['text before the PEM', utf8(`hello\n${text}`), 'one block of PEM'],
    ['text after the PEM', utf8(`${text}hello`), 'one block of PEM'],
    [
      'base64 with a wrong end',
      utf8(text.replace('\n-----END', '=\n-----END')),
      'one block of PEM',
    ],
    [
      'PEM without content',
      utf8('-----BEGIN X509 CRL-----\n\n-----END X509 CRL-----\n'),
      'one block of PEM',
    ],
  ])('is %s', async (_, bytes, message) => {
    const refused = expect(parseCrl(bytes)).rejects;
    await refused.toThrow(MalformedError);
    await refused.toThrow(message);
  });
});
