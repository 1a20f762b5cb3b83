/** Revocation lists: what is read, what is refused, and what they say of a path. */
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/bytes/bytes.ts';
import { sha256 } from '../../../src/bytes/sha256.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { maxCrlBytes, parseCrl, type RevocationList } from '../../../src/trust/x509/crl.ts';
import { type PathResult, validatePath } from '../../../src/trust/x509/path.ts';
import { asn1Null, integer, octets, sequence, time, tlv } from '../der-encode.ts';
import {
  algorithm,
  type CrlForm,
  certSign,
  crl,
  ecPair,
  entry,
  extension,
  keyUsage,
  name,
} from './build.ts';
import { at, card, issuer, issuerForm, issuerKey, profile, root, rootKey } from './chain.ts';

const cardSerial = integer(0x1234);
const issuerSerial = integer(0x80);
const byIssuer = { issuer: name('Issuer'), signer: issuerKey };
const byRoot = { issuer: name('Root'), signer: rootKey };
const list = (change: Partial<CrlForm> = {}) => crl({ ...byIssuer, ...change });
const number = extension('2.5.29.20', false, integer(1));
const pem = (der: Uint8Array) =>
  utf8(
    `-----BEGIN X509 CRL-----\n${Buffer.from(der).toString('base64')}\n-----END X509 CRL-----\n`,
  );

describe('a revocation list', () => {
  it('tells what it holds, from DER and from PEM', async () => {
    const der = list({
      entries: [entry(cardSerial), entry(issuerSerial, extension('2.5.29.21', false, octets()))],
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

  it('tells what is critical, in itself and in its entries', async () => {
    const read = await parseCrl(
      list({
        entries: [entry(cardSerial, extension('2.5.29.29', true, sequence()))],
        extensions: [number, extension('2.5.29.28', true, sequence())],
      }),
    );
    expect(read.criticalExtensions).toEqual(['2.5.29.28', '2.5.29.29']);
  });

  it('holds more entries than pkijs reads by itself, and no more than 100,000', async () => {
    const entries = Array.from({ length: 100_001 }, (_, index) => entry(integer(index + 1)));
    const read = await parseCrl(list({ entries: entries.slice(0, 4000) }));
    expect(read.revoked.size).toBe(4000);
    expect(read.revoked.has('0fa0')).toBe(true);
    await expect(parseCrl(list({ entries }))).rejects.toThrow('100001 entries');
  });

  const der = list({ entries: [entry(cardSerial)] });
  const text = Buffer.from(pem(der)).toString('latin1');
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['more than 4 MiB', new Uint8Array(maxCrlBytes + 1)],
    ['a byte after its end', concat(der, Uint8Array.of(0))],
    ['a byte less', der.slice(0, -1)],
    ['an indefinite length', concat(Uint8Array.of(0x30, 0x80), der.slice(2))],
    ['a certificate', card()],
    ['an empty SEQUENCE', sequence()],
    ['another algorithm outside', list({ outerAlgorithm: algorithm.sha384 })],
    ['version 3', list({ version: 2 })],
    ['an entry without a date', list({ entries: [sequence(cardSerial)] })],
    ['an entry that is none', list({ entries: [asn1Null] })],
    ['a serial number that is no number', list({ entries: [entry(octets())] })],
    ['an extension that is none', list({ extensions: [asn1Null] })],
    ['a date that is none', list({ entries: [sequence(cardSerial, tlv(0x17, utf8('240101')))] })],
    ['two blocks of PEM', concat(pem(der), pem(der))],
    ['PEM of a certificate', utf8(text.replaceAll('X509 CRL', 'CERTIFICATE'))],
    ['text before the PEM', utf8(`hello\n${text}`)],
    ['base64 with a wrong end', utf8(text.replace('\n-----END', '=\n-----END'))],
    ['PEM without content', utf8('-----BEGIN X509 CRL-----\n\n-----END X509 CRL-----\n')],
  ])('is not %s', async (_, bytes) => {
    await expect(parseCrl(bytes)).rejects.toThrow(EvidenceError);
  });
});

async function validate(
  lists: readonly Uint8Array[],
  change: { certificates?: readonly Uint8Array[]; anchor?: Uint8Array; at?: number } = {},
): Promise<PathResult> {
  const crls: readonly RevocationList[] = await Promise.all(lists.map(parseCrl));
  return validatePath({
    certificates: change.certificates ?? [card(), issuer()],
    anchors: [{ certificate: change.anchor ?? root(), exceptions: [] }],
    profile,
    at: change.at ?? at,
    crls,
  });
}

describe('a path', () => {
  it.each<[string, readonly Uint8Array[]]>([
    ['no list', []],
    ['an empty list', [list()]],
    ['a list of others', [list({ entries: [entry(integer(0x34)), entry(integer(0x123400))] })]],
    ['lists of both issuers', [list(), crl(byRoot)]],
    ['a list of another issuer', [crl({ ...byRoot, entries: [entry(cardSerial)] })]],
    [
      'a stranger’s list',
      [crl({ issuer: name('X'), signer: ecPair(), entries: [entry(cardSerial)] })],
    ],
    ['a list that begins now', [list({ thisUpdate: '2024-06-01T00:00:00Z' })]],
    ['a list that ends now', [list({ nextUpdate: '2024-06-01T00:00:00Z' })]],
    ['an old list and a new one', [list({ nextUpdate: '2024-02-01T00:00:00Z' }), list()]],
    ['a number that is not critical', [list({ extensions: [number] })]],
  ])('holds with %s', async (_, lists) => {
    expect((await validate(lists)).result).toBe('held');
  });

  const listed = { entries: [entry(cardSerial)] };
  it.each<[string, readonly Uint8Array[], number]>([
    ['the card', [list(listed)], 0],
    ['the card, among others', [list({ entries: [entry(integer(1)), entry(cardSerial)] })], 0],
    ['the issuer', [list(), crl({ ...byRoot, entries: [entry(issuerSerial)] })], 1],
    ['the card, in one of two lists', [list(), list(listed)], 0],
    [
      'the card, in a list whose time is over',
      [list({ ...listed, nextUpdate: '2024-02-01T00:00:00Z' })],
      0,
    ],
    ['the card, in a list without an end', [list({ ...listed, nextUpdate: undefined })], 0],
  ])('is revoked with %s', async (_, lists, certificate) => {
    const [result, serial] = ['revoked', certificate === 0 ? '1234' : '80'];
    expect(await validate(lists)).toEqual({
      result,
      fault: {
        certificate,
        rule: 'revocation',
        field: 'serial number',
        got: `${serial}, which is in the list`,
        expected: 'none of the list',
      },
    });
  });

  const altered = (bytes: Uint8Array) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1);
  const otherKey = ecPair();
  it.each<[string, readonly Uint8Array[], string, string]>([
    [
      'a stale list',
      [list({ nextUpdate: '2024-05-31T23:59:59Z' })],
      'list until',
      '2024-05-31T23:59:59Z',
    ],
    ['a list without an end', [list({ nextUpdate: undefined })], 'list until', 'nothing'],
    [
      'a list of tomorrow',
      [list({ thisUpdate: '2024-06-01T00:00:01Z' })],
      'list from',
      '2024-06-01T00:00:01Z',
    ],
    [
      'an altered signature',
      [list({ alter: altered })],
      'signature of the list',
      'one that does not hold',
    ],
    [
      'an altered list that names the card',
      [list({ ...listed, alter: altered })],
      'signature of the list',
      'one that does not hold',
    ],
    [
      'a list that another key signed',
      [list({ signer: otherKey })],
      'signature of the list',
      'one that does not hold',
    ],
    [
      'a signature in BER',
      [list({ alter: (bytes) => concat(Uint8Array.of(0x30, 0x81), bytes.slice(1)) })],
      'signature of the list',
      'one that does not hold',
    ],
    [
      'SHA-1',
      [list({ algorithm: algorithm.sha1, hash: 'sha1' })],
      'algorithm of the list',
      'ecdsa-SHA1',
    ],
    [
      'an unknown algorithm',
      [list({ algorithm: sequence(tlv(6, Uint8Array.of(42))) })],
      'algorithm of the list',
      '1.2',
    ],
    [
      'an unknown critical extension',
      [list({ extensions: [extension('2.5.29.28', true, sequence())] })],
      'extension 2.5.29.28 of the list',
      'critical',
    ],
    [
      'a delta that names the card',
      [list({ ...listed, extensions: [extension('2.5.29.27', true, integer(1))] })],
      'extension 2.5.29.27 of the list',
      'critical',
    ],
    [
      'an entry of another issuer',
      [list({ entries: [entry(cardSerial, extension('2.5.29.29', true, sequence()))] })],
      'extension 2.5.29.29 of the list',
      'critical',
    ],
  ])('is not checked with %s', async (_, lists, field, got) => {
    expect(await validate(lists)).toMatchObject({
      result: 'unchecked',
      fault: { certificate: 0, rule: 'revocation', field, got },
    });
  });

  it('is not checked with a list of an issuer that may not sign lists', async () => {
    const usage = certSign;
    const certificates = [card(), issuer({ extensions: { ...issuerForm.extensions, usage } })];
    expect(await validate([list(listed)], { certificates })).toMatchObject({
      result: 'unchecked',
      fault: { field: 'key usage of the issuer', got: 'keyCertSign', expected: 'cRLSign' },
    });
  });

  it('is refuted for what is wrong in it, whatever the lists say', async () => {
    const certificates = [card({ notAfter: time('2023-01-01T00:00:00Z') }), issuer()];
    expect((await validate([list(listed)], { certificates })).result).toBe('refuted');
    const wrong = [card({ extensions: { usage: keyUsage(0x08, 3) } }), issuer()];
    expect((await validate([list()], { certificates: wrong })).result).toBe('refuted');
  });
});
