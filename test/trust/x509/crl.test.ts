/** Revocation lists: what they say of a path. */
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { parseCrl, type RevocationList } from '../../../src/trust/x509/crl.ts';
import { type Anchor, type PathResult, validatePath } from '../../../src/trust/x509/path.ts';
import { integer, sequence, time, tlv } from '../der-encode.ts';
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
import {
  anchor,
  at,
  card,
  issuer,
  issuerForm,
  issuerKey,
  profile,
  root,
  rootExtensions,
  rootKey,
  withoutKey,
} from './chain.ts';

const cardSerial = integer(0x1234);
const issuerSerial = integer(0x80);
const byIssuer = { issuer: name('Issuer'), signer: issuerKey };
const byRoot = { issuer: name('Root'), signer: rootKey };
const altered = (bytes: Uint8Array) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1);
const list = (change: Partial<CrlForm> = {}) => crl({ ...byIssuer, ...change });
const number = extension('2.5.29.20', false, integer(1));
async function validate(
  lists: readonly Uint8Array[],
  change: { certificates?: readonly Uint8Array[]; anchors?: readonly Anchor[] } = {},
): Promise<PathResult> {
  const crls: readonly RevocationList[] = await Promise.all(lists.map(parseCrl));
  return validatePath({
    certificates: change.certificates ?? [card(), issuer()],
    anchors: change.anchors ?? [anchor(root())],
    profile,
    at,
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
    [
      'the issuer, whatever a stale list leaves open of the card',
      [
        list({ nextUpdate: '2024-02-01T00:00:00Z' }),
        crl({ ...byRoot, entries: [entry(issuerSerial)] }),
      ],
      1,
    ],
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
      'not by the key of the issuer',
    ],
    [
      'an altered list that names the card',
      [list({ ...listed, alter: altered })],
      'signature of the list',
      'not by the key of the issuer',
    ],
    [
      'a list that another key signed',
      [list({ signer: otherKey })],
      'signature of the list',
      'not by the key of the issuer',
    ],
    [
      'a signature in BER',
      [list({ alter: (bytes) => concat(Uint8Array.of(0x30, 0x81), bytes.slice(1)) })],
      'signature of the list',
      'not by the key of the issuer',
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

  it('is revoked by an issuer that tells no use of its key', async () => {
    const silent = root({ extensions: withoutKey(rootExtensions, 'usage') });
    const anchors = [anchor(silent, 'no-key-usage')];
    const lists = [crl({ ...byRoot, entries: [entry(issuerSerial)] })];
    expect(await validate(lists, { anchors })).toMatchObject({
      result: 'revoked',
      fault: { certificate: 1 },
    });
  });
});

describe('several anchors of one name and one key', () => {
  const signsLists = anchor(root());
  const signsNone = anchor(root({ extensions: { ...rootExtensions, usage: certSign } }));
  const expired = anchor(root({ notAfter: time('2023-01-01T00:00:00Z') }));
  const lists = [crl({ ...byRoot, entries: [entry(issuerSerial)] })];

  it.each<[string, readonly Anchor[], string]>([
    ['revoked before unchecked', [signsNone, signsLists], 'revoked'],
    ['revoked before unchecked, whichever is first', [signsLists, signsNone], 'revoked'],
    ['unchecked before refuted', [expired, signsNone], 'unchecked'],
    ['unchecked before refuted, whichever is first', [signsNone, expired], 'unchecked'],
  ])('tell what weighs most: %s', async (_, anchors, result) => {
    expect((await validate(lists, { anchors })).result).toBe(result);
  });
});

describe('what is remembered of a list', () => {
  const under = (certificates: readonly Uint8Array[], ...crls: readonly RevocationList[]) =>
    validatePath({ certificates, anchors: [anchor(root())], profile, at, crls }).result;

  it('is for one key and for one list', async () => {
    const good = await parseCrl(list());
    const wrong = await parseCrl(list({ alter: altered }));
    const other = ecPair('P-384');
    const others = [card({ signer: other }), issuer({ key: other })];
    for (const _ of [1, 2]) {
      expect(under([card(), issuer()], good)).toBe('held');
      expect(under(others, good)).toBe('unchecked');
      expect(under([card(), issuer()], wrong)).toBe('unchecked');
    }
  });

  it('spares all cards but the first one the hash of the list', async () => {
    const parsed = await parseCrl(list());
    let reads = 0;
    const counted = {
      ...parsed,
      get tbs() {
        reads += 1;
        return parsed.tbs;
      },
    };
    for (const serial of [1, 2, 3]) {
      expect(under([card({ serial: integer(serial) }), issuer()], counted)).toBe('held');
    }
    expect(reads).toBe(1);
  });
});
