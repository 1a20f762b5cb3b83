import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/bytes/base64.ts';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { LogError } from '../../src/errors/error.ts';
import { encodeKey, KeyType, keyIdHex, noteKey, parseKey } from '../../src/tlog/key.ts';
import {
  changedCharacters,
  log7,
  mlDsa,
  mlDsaLog,
  notes,
  tessera,
  vectorJson,
  vkeys,
} from './given.ts';

const skylight = ['witness/witness', 'witness2/witness', 'witness/mirror/mirror'].flatMap(
  (path) =>
    vectorJson<{ verifier_keys: string[] }>(`sunlight-skylight/${path}.v0.json`).verifier_keys,
);

const all = [
  ...notes.flatMap((note) => note.vkeys.map((vkey) => [1, vkey] as const)),
  ...vkeys.map(({ type, vkey }) => [type, vkey] as const),
  ...skylight.map((vkey) => [4, vkey] as const),
  [1, tessera.vkey] as const,
  [1, log7.vkey] as const,
  [4, log7.wvkey] as const,
  [6, mlDsa.vkey] as const,
  [6, mlDsaLog.vkey] as const,
];

const example = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const ecdsa = vkeys.find(({ type }) => type === 2)?.vkey ?? '';
const spki = decodeBase64(ecdsa.split('+').slice(2).join('+')).slice(1);

const malformed = (run: () => unknown) => {
  expect(run).toThrow(LogError);
  expect(run).toThrow(expect.objectContaining({ code: 'LOG_MALFORMED' }));
};

/** A vkey of the ordinary form, whatever the type. */
const ordinary = (name: string, type: number, publicKey: Uint8Array) => {
  const body = concat(Uint8Array.of(type), publicKey);
  const id = toHex(sha256(utf8(`${name}\n`), body)).slice(0, 8);
  return `${name}+${id}+${encodeBase64(body)}`;
};

describe('a vkey', () => {
  it('stands in the vectors', () => {
    expect(all.length).toBeGreaterThan(14);
    expect(ecdsa).not.toBe('');
  });

  it.each(all)('of type %i is read and written back', (type, vkey) => {
    const key = parseKey(vkey);
    expect(key.type).toBe(type);
    expect(encodeKey(key)).toBe(vkey);
    expect(noteKey(key.name, key.type, key.publicKey)).toEqual(key);
  });

  it('is read in its parts', () => {
    const key = parseKey(example);
    expect(key).toMatchObject({
      name: 'example.com/foo',
      keyId: 0x530d903a,
      type: KeyType.ed25519,
    });
    expect(key.publicKey).toHaveLength(32);
  });

  it('is refused with any one character changed', () => {
    for (const { text } of changedCharacters(example)) malformed(() => parseKey(text));
    for (const { text } of changedCharacters(log7.wvkey)) malformed(() => parseKey(text));
  });

  it('is refused cut short, and with something behind', () => {
    for (let end = 0; end < example.length; end++) malformed(() => parseKey(example.slice(0, end)));
    for (const more of ['\n', ' ', '=', 'A', '+', 'AAAA'])
      malformed(() => parseKey(example + more));
  });

  it('of type 2 has the hash of its SPKI alone for a key ID', () => {
    expect(keyIdHex(parseKey(ecdsa).keyId)).toBe(toHex(sha256(spki)).slice(0, 8));
    malformed(() => parseKey(ordinary('rekor.sigstore.dev', 2, spki)));
    malformed(() => parseKey(ecdsa.replace('+c0d23d6a+', '+c0d23d6b+')));
  });

  it('of type 5 has the hash of its SPKI in the key ID', () => {
    const name = 'ct.example.org';
    const id = toHex(sha256(utf8(`${name}\n\x05`), sha256(spki))).slice(0, 8);
    const vkey = `${name}+${id}+${encodeBase64(concat(Uint8Array.of(5), spki))}`;
    expect(parseKey(vkey)).toMatchObject({ name, type: KeyType.rfc6962, publicKey: spki });
    expect(encodeKey(parseKey(vkey))).toBe(vkey);
    malformed(() => parseKey(ordinary(name, 5, spki)));
  });

  it.each([0, 3, 7, 0xfa, 0xff])('of type %i is refused', (type) => {
    malformed(() => parseKey(ordinary('a', type, new Uint8Array(32))));
  });

  it.each([
    [1, 0],
    [1, 31],
    [1, 33],
    [4, 31],
    [4, 33],
    [6, 1311],
    [6, 1313],
    [6, 32],
    [2, 0],
    [5, 0],
  ] as const)('of type %i with %i bytes is refused', (type, length) => {
    malformed(() => noteKey('a', type, new Uint8Array(length)));
    malformed(() => parseKey(ordinary('a', type, new Uint8Array(length))));
  });

  const key32 = new Uint8Array(32).fill(7);
  it.each([
    '',
    'a b',
    'a\u2003b',
    'a\nb',
    'a\tb',
    'a\0b',
    'a\u007fb',
    'a\ud800',
    'n'.repeat(256),
    'ö'.repeat(128),
  ])('with the name %j is refused', (name) => {
    malformed(() => noteKey(name, KeyType.ed25519, key32));
    malformed(() => parseKey(ordinary(name, 1, key32)));
  });

  it('has no plus in its name, for it would be cut there', () => {
    malformed(() => noteKey('a+b', KeyType.ed25519, key32));
  });

  it.each(['a', 'ö', 'n'.repeat(255), 'oid/1.3.6.1'])('with the name %j is read', (name) => {
    expect(parseKey(ordinary(name, 1, key32)).name).toBe(name);
  });

  it.each([
    ['nothing', ''],
    ['a name alone', 'example.com/foo'],
    ['no key', 'example.com/foo+530d903a'],
    ['an empty key', 'example.com/foo+530d903a+'],
    ['an ID in upper case', example.replace('530d903a', '530D903A')],
    ['an ID of 7 digits', example.replace('530d903a', '530d903')],
    ['an ID of 9 digits', example.replace('530d903a', '0530d903a')],
    ['no padding', mlDsa.vkey.replace('=', '')],
    ['a secret key', log7.skey],
    ['very much', `a+00000000+${'A'.repeat(5000)}`],
  ])('is not %s', (_, text) => {
    malformed(() => parseKey(text));
  });

  it('is not written with a wrong ID, or a name that it cannot have', () => {
    const key = parseKey(example);
    malformed(() => encodeKey({ ...key, keyId: key.keyId + 1 }));
    malformed(() => encodeKey({ ...key, name: 'example.com/bar' }));
    malformed(() => encodeKey({ ...key, publicKey: key.publicKey.slice(1) }));
  });
});
