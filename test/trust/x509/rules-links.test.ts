/** The rules of size, form, names, keys and signatures, each broken once in a chain that holds. */
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { oid, sequence, set, tlv } from '../der-encode.ts';
import {
  algorithm,
  authorityKeyId,
  certificate,
  digitalSignature,
  extension,
  keyIdOf,
  name,
} from './build.ts';
import {
  anchor,
  type Broken,
  card,
  cardKey,
  cards,
  cardWith,
  hex,
  issuer,
  issuerKey,
  issuers,
  issuerWith,
  otherKey,
  profile,
  root,
  rootForm,
  rootKey,
  validate,
} from './chain.ts';
import { eachIsRefuted } from './rules.ts';

const size: readonly Broken[] = [
  ['no certificate', { certificates: [] }, [0, 'size', 'certificates', '0', '1 to 5']],
  [
    'six certificates',
    { certificates: Array<Uint8Array>(6).fill(issuer()) },
    [0, 'size', 'certificates', '6', '1 to 5'],
  ],
  [
    'a certificate of 8193 bytes',
    { certificates: [new Uint8Array(8193), issuer()] },
    [0, 'size', 'certificate', '8193 bytes', 'at most 8192'],
  ],
  [
    'an issuer that is too long',
    { certificates: [card(), new Uint8Array(9000)] },
    [1, 'size', 'certificate', '9000 bytes', 'at most 8192'],
  ],
];

const form: readonly Broken[] = [
  [
    'bytes after a certificate',
    { certificates: [concat(card(), Uint8Array.of(0)), issuer()] },
    [0, 'form', 'certificate', '1 bytes after its end', 'none'],
  ],
  [
    'nothing for an issuer',
    { certificates: [card(), new Uint8Array()] },
    [1, 'form', 'certificate', 'an element cut short', 'tag and length'],
  ],
  [
    'another algorithm outside',
    cards({ outerAlgorithm: algorithm.sha384 }),
    [0, 'form', 'algorithm', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.2, as in the signed part'],
  ],
  [
    'another algorithm inside',
    issuers({ algorithm: algorithm.sha384, outerAlgorithm: algorithm.sha256 }),
    [1, 'form', 'algorithm', '1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3, as in the signed part'],
  ],
  [
    'an extension twice',
    cardWith({ again: digitalSignature }),
    [0, 'form', 'extension 2.5.29.15', 'twice', 'once'],
  ],
];

const links: readonly Broken[] = [
  [
    'a lone certificate that signed itself',
    { certificates: [card({ issuer: name('Card'), signer: cardKey })] },
    [0, 'self-signed', 'issuer', 'its own subject', 'another certificate'],
  ],
  [
    'the anchor itself for a card',
    { certificates: [root()] },
    [0, 'self-signed', 'issuer', 'its own subject', 'another certificate'],
  ],
  [
    'a card with the name and the key of a foreign root',
    { certificates: [certificate({ ...rootForm, key: otherKey, signer: otherKey })] },
    [0, 'self-signed', 'issuer', 'its own subject', 'another certificate'],
  ],
  [
    'an issuer of another name',
    cards({ issuer: name('Another') }),
    [0, 'issuer', 'issuer', '"Another"', '"Issuer"'],
  ],
  [
    'an issuer written another way',
    cards({
      issuer: sequence(
        set(sequence(oid('2.5.4.3'), tlv(0x13, new TextEncoder().encode('Issuer')))),
      ),
    }),
    [0, 'issuer', 'issuer', '"Issuer"', '"Issuer"'],
  ],
  [
    'certificates in the wrong order',
    { certificates: [issuer(), card()] },
    [0, 'issuer', 'issuer', '"Root"', '"Card"'],
  ],
  [
    'another key identifier',
    cardWith({ aki: authorityKeyId(otherKey) }),
    [0, 'key-id', 'authority key identifier', hex(keyIdOf(otherKey)), hex(keyIdOf(issuerKey))],
  ],
  [
    'another key identifier of the anchor',
    issuerWith({ aki: authorityKeyId(otherKey) }),
    [1, 'key-id', 'authority key identifier', hex(keyIdOf(otherKey)), hex(keyIdOf(rootKey))],
  ],
  [
    'another serial number of the issuer',
    cardWith({
      aki: extension(
        '2.5.29.35',
        false,
        sequence(
          tlv(0x80, keyIdOf(issuerKey)),
          tlv(0xa1, tlv(0xa4, name('Root'))),
          tlv(0x82, Uint8Array.of(5)),
        ),
      ),
    }),
    [0, 'key-id', 'serial number of the issuer', '05', '80'],
  ],
  [
    'another issuer of the issuer',
    cardWith({
      aki: extension(
        '2.5.29.35',
        false,
        sequence(
          tlv(0x80, keyIdOf(issuerKey)),
          tlv(0xa1, tlv(0xa4, name('Other'))),
          tlv(0x82, Uint8Array.of(0, 0x80)),
        ),
      ),
    }),
    [0, 'key-id', 'issuer of the issuer', 'another name', '"Root"'],
  ],
];

const signatures: readonly Broken[] = [
  [
    'an algorithm that the family does not name',
    cards({ algorithm: algorithm.sha384, hash: 'sha384' }),
    [0, 'algorithm', 'algorithm', 'ecdsa-SHA384', 'ecdsa-SHA256'],
  ],
  [
    'SHA-1',
    cards({ algorithm: algorithm.sha1, hash: 'sha1' }),
    [0, 'algorithm', 'algorithm', 'ecdsa-SHA1', 'ecdsa-SHA256'],
  ],
  [
    'an unknown algorithm',
    cards({ algorithm: sequence(oid('1.2.3.4')) }),
    [0, 'algorithm', 'algorithm', '1.2.3.4', 'ecdsa-SHA256'],
  ],
  [
    'parameters where there are none',
    cards({ algorithm: algorithm.sha256WithNull }),
    [0, 'algorithm', 'algorithm', '1.2.840.10045.4.3.2', 'ecdsa-SHA256'],
  ],
  [
    'an algorithm of another kind of key',
    {
      ...cards({ algorithm: algorithm.rsaSha256 }),
      profile: { ...profile, algorithms: ['ecdsa-SHA256', 'RSA-SHA256'] },
    },
    [0, 'algorithm', 'key of the issuer', 'P-384', 'one for RSA-SHA256'],
  ],
  [
    'an altered signature of a card',
    cards({ alter: (bytes) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1) }),
    [0, 'signature', 'signature', 'not by the key of the issuer', 'by the key of the issuer'],
  ],
  [
    'an altered signature of an issuer',
    issuers({ alter: (bytes) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1) }),
    [1, 'signature', 'signature', 'not by the key of the issuer', 'by the key of the issuer'],
  ],
  [
    'a signature with a byte more',
    cards({ alter: (bytes) => concat(bytes, Uint8Array.of(0)) }),
    [0, 'signature', 'signature', 'not by the key of the issuer', 'by the key of the issuer'],
  ],
  [
    'a signature in BER',
    cards({ alter: (bytes) => concat(Uint8Array.of(0x30, 0x81), bytes.slice(1)) }),
    [0, 'signature', 'signature', 'not by the key of the issuer', 'by the key of the issuer'],
  ],
  [
    'a foreign root of the same name and key identifier',
    { anchors: [anchor(root({ key: otherKey, signer: otherKey }))] },
    [1, 'signature', 'signature', 'not by the key of the issuer', 'by the key of the issuer'],
  ],
];

describe('refuted', () => {
  eachIsRefuted([...size, ...form, ...links, ...signatures]);

  it('any bit of the leaf altered', () => {
    const leaf = card();
    for (let bit = 0; bit < leaf.length * 8; bit += 3) {
      const at8 = bit >> 3;
      const altered = leaf.with(at8, (leaf[at8] ?? 0) ^ (1 << (bit & 7)));
      expect(validate({ certificates: [altered, issuer()] }).result, `bit ${bit}`).toBe('refuted');
    }
  });
});
