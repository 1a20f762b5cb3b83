/** Each rule broken once in a chain that holds: what is told of it. */
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { oid, sequence, set, time, tlv } from '../der-encode.ts';
import {
  algorithm,
  authorityKeyId,
  ca,
  certificate,
  certSign,
  digitalSignature,
  extendedKeyUsage,
  extension,
  keyIdOf,
  keyUsage,
  name,
} from './build.ts';
import {
  altName,
  anchor,
  type Broken,
  byCard,
  card,
  cardExtensions,
  cardKey,
  cards,
  cardWith,
  early,
  emptyName,
  hex,
  host,
  issuer,
  issuerExtensions,
  issuerKey,
  issuers,
  issuerWith,
  late,
  low,
  otherKey,
  profile,
  purpose,
  root,
  rootExtensions,
  rootForm,
  rootKey,
  roots,
  second,
  signsCards,
  unknown,
  validate,
  withLeaf,
  withoutKey,
} from './chain.ts';

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

const holdsNot: readonly Broken[] = [
  [
    'an unknown critical extension of the card',
    cardWith({ unknown }),
    [
      0,
      'critical-extension',
      'extension 1.3.6.1.4.1.55555.2',
      'critical',
      'not critical, or known',
    ],
  ],
  [
    'an unknown critical extension of the issuer',
    issuerWith({ unknown }),
    [
      1,
      'critical-extension',
      'extension 1.3.6.1.4.1.55555.2',
      'critical',
      'not critical, or known',
    ],
  ],
  [
    'the family’s extension in an issuer',
    { ...issuerWith({ unknown }), profile: withLeaf({ extensions: ['1.3.6.1.4.1.55555.2'] }) },
    [
      1,
      'critical-extension',
      'extension 1.3.6.1.4.1.55555.2',
      'critical',
      'not critical, or known',
    ],
  ],
  [
    'an unknown critical extension of the anchor',
    roots({ extensions: { ...rootExtensions, unknown } }),
    [
      2,
      'critical-extension',
      'extension 1.3.6.1.4.1.55555.2',
      'critical',
      'not critical, or known',
    ],
  ],
  [
    'critical purposes where none is asked for',
    cardWith({ eku: extendedKeyUsage(true, purpose) }),
    [0, 'critical-extension', 'extension 2.5.29.37', 'critical', 'not critical, or known'],
  ],
  [
    'a critical key identifier',
    cardWith({ aki: extension('2.5.29.35', true, sequence(tlv(0x80, keyIdOf(issuerKey)))) }),
    [0, 'critical-extension', 'extension 2.5.29.35', 'critical', 'not critical, or known'],
  ],
  [
    'name constraints of an issuer',
    issuerWith({ nc: extension('2.5.29.30', true, sequence()) }),
    [1, 'name-constraints', 'name constraints', 'present', 'none'],
  ],
  [
    'name constraints that are not critical',
    issuerWith({ nc: extension('2.5.29.30', false, sequence()) }),
    [1, 'name-constraints', 'name constraints', 'present', 'none'],
  ],
  [
    'name constraints of the anchor',
    roots({ extensions: { ...rootExtensions, nc: extension('2.5.29.30', true, sequence()) } }),
    [2, 'name-constraints', 'name constraints', 'present', 'none'],
  ],
];

const issuing: readonly Broken[] = [
  [
    'an issuer of version 1',
    issuers({ version: undefined, extensions: {} }),
    [1, 'version', 'version', '1', '3'],
  ],
  [
    'an anchor of version 1',
    roots({ version: undefined, extensions: {} }),
    [2, 'version', 'version', '1', '3'],
  ],
  [
    'an issuer without basic constraints',
    issuers({ extensions: withoutKey(issuerExtensions, 'ca') }),
    [1, 'basic-constraints', 'basic constraints', 'none', 'CA'],
  ],
  [
    'an anchor without basic constraints',
    roots({ extensions: withoutKey(rootExtensions, 'ca') }),
    [2, 'basic-constraints', 'basic constraints', 'none', 'CA'],
  ],
  [
    'an issuer that is no CA',
    issuerWith({ ca: extension('2.5.29.19', true, sequence()) }),
    [1, 'basic-constraints', 'basic constraints', 'no CA', 'CA'],
  ],
  [
    'basic constraints that are not critical',
    issuerWith({ ca: extension('2.5.29.19', false, sequence(tlv(1, Uint8Array.of(255)))) }),
    [1, 'basic-constraints', 'basic constraints', 'not critical', 'critical'],
  ],
  [
    'an issuer without key usage',
    issuers({ extensions: withoutKey(issuerExtensions, 'usage') }),
    [1, 'key-usage', 'key usage', 'none', 'keyCertSign'],
  ],
  [
    'an issuer that may sign lists alone',
    issuerWith({ usage: keyUsage(0x02, 1) }),
    [1, 'key-usage', 'key usage', 'cRLSign', 'keyCertSign'],
  ],
  [
    'an issuer without key identifier',
    issuers({ extensions: withoutKey(issuerExtensions, 'ski') }),
    [1, 'key-id', 'subject key identifier', 'none', 'one'],
  ],
  [
    'an issuer that does not name its issuer’s key',
    issuers({ extensions: withoutKey(issuerExtensions, 'aki') }),
    [1, 'key-id', 'authority key identifier', 'none', 'one'],
  ],
  [
    'a card that does not name its issuer’s key',
    cards({ extensions: withoutKey(cardExtensions, 'aki') }),
    [0, 'key-id', 'authority key identifier', 'none', 'one'],
  ],
  [
    'an anchor that another issued and that does not say by which key',
    roots({ issuer: name('Elsewhere') }),
    [2, 'key-id', 'authority key identifier', 'none', 'one'],
  ],
  [
    'an issuer without a name',
    { certificates: [card({ issuer: emptyName }), issuer({ subject: emptyName })] },
    [0, 'form', 'issuer', 'an empty name', 'a name'],
  ],
  [
    'a root that allows no issuer',
    roots({ extensions: { ...rootExtensions, ca: ca(0) } }),
    [2, 'path-length', 'issuers below it', '1', 'at most 0'],
  ],
];

const below: readonly Broken[] = [
  [
    'an issuer below one that allows none',
    {
      certificates: [low, certificate(second), issuer()],
      anchors: [anchor(root({ extensions: { ...rootExtensions, ca: ca() } }))],
    },
    [2, 'path-length', 'issuers below it', '1', 'at most 0'],
  ],
  [
    'a card that signed a card',
    {
      certificates: [byCard, signsCards, issuer()],
      anchors: [anchor(root({ extensions: { ...rootExtensions, ca: ca() } }))],
    },
    [2, 'path-length', 'issuers below it', '1', 'at most 0'],
  ],
  [
    'a card that signed a card, under an issuer without limit',
    {
      certificates: [byCard, signsCards, issuer({ extensions: { ...issuerExtensions, ca: ca() } })],
      anchors: [anchor(root({ extensions: { ...rootExtensions, ca: ca() } }))],
    },
    [1, 'basic-constraints', 'basic constraints', 'none', 'CA'],
  ],
];

const times: readonly Broken[] = [
  [
    'a time before the anchor',
    { at: early },
    [2, 'validity', 'not before', '2020-01-01T00:00:00Z', '2019-12-31T23:59:59Z or earlier'],
  ],
  [
    'a time after the anchor',
    { at: late },
    [2, 'validity', 'not after', '2040-01-01T00:00:00Z', '2040-01-01T00:00:01Z or later'],
  ],
  [
    'an expired card',
    cards({ notAfter: time('2023-01-01T00:00:00Z') }),
    [0, 'validity', 'not after', '2023-01-01T00:00:00Z', '2024-06-01T00:00:00Z or later'],
  ],
  [
    'a card of tomorrow',
    cards({ notBefore: time('2024-06-02T00:00:00Z') }),
    [0, 'validity', 'not before', '2024-06-02T00:00:00Z', '2024-06-01T00:00:00Z or earlier'],
  ],
  [
    'an expired issuer',
    issuers({ notAfter: time('2023-01-01T00:00:00Z') }),
    [1, 'validity', 'not after', '2023-01-01T00:00:00Z', '2024-06-01T00:00:00Z or later'],
  ],
];

const leaves: readonly Broken[] = [
  ['a card that is a CA', cardWith({ ca: ca(0) }), [0, 'leaf', 'basic constraints', 'CA', 'no CA']],
  [
    'a card that may sign certificates',
    cardWith({ usage: certSign }),
    [0, 'leaf', 'key usage', 'keyCertSign', 'a use of devices'],
  ],
  ['a key of another kind', cards({ key: otherKey }), [0, 'leaf', 'key', 'P-256', 'secp256k1']],
  [
    'a card without a name',
    cards({ subject: emptyName }),
    [0, 'subject', 'subject', 'an empty name', 'a name, or a critical alternative name'],
  ],
  [
    'an alternative name that is not critical',
    cards({ subject: emptyName, extensions: { ...cardExtensions, san: altName(false, host) } }),
    [0, 'subject', 'subject', 'an empty name', 'a name, or a critical alternative name'],
  ],
  [
    'another use',
    cardWith({ usage: keyUsage(0x08, 3) }),
    [0, 'key-usage', 'key usage', 'keyAgreement', 'digitalSignature'],
  ],
  [
    'no use',
    cards({ extensions: { aki: cardExtensions.aki } }),
    [0, 'key-usage', 'key usage', 'none', 'digitalSignature'],
  ],
  [
    'no purpose',
    { profile: withLeaf({ extendedKeyUsage: purpose }) },
    [0, 'extended-key-usage', 'extended key usage', 'none', purpose],
  ],
  [
    'another purpose',
    {
      ...cardWith({ eku: extendedKeyUsage(false, '1.2.3') }),
      profile: withLeaf({ extendedKeyUsage: purpose }),
    },
    [0, 'extended-key-usage', 'extended key usage', '1.2.3', purpose],
  ],
  [
    'any purpose',
    {
      ...cardWith({ eku: extendedKeyUsage(false, '2.5.29.37.0') }),
      profile: withLeaf({ extendedKeyUsage: purpose }),
    },
    [0, 'extended-key-usage', 'extended key usage', '2.5.29.37.0', purpose],
  ],
  [
    'another purpose of the issuer',
    {
      certificates: [
        card({ extensions: { ...cardExtensions, eku: extendedKeyUsage(true, purpose) } }),
        issuer({ extensions: { ...issuerExtensions, eku: extendedKeyUsage(false, '1.2.3') } }),
      ],
      profile: withLeaf({ extendedKeyUsage: purpose }),
    },
    [1, 'extended-key-usage', 'extended key usage', '1.2.3', purpose],
  ],
];

describe('refuted', () => {
  it.each([
    ...size,
    ...form,
    ...links,
    ...signatures,
    ...holdsNot,
    ...issuing,
    ...below,
    ...times,
    ...leaves,
  ])('%s', (_, change, [certificate, rule, field, got, expected]) => {
    expect(validate(change)).toEqual({
      result: 'refuted',
      fault: { certificate, rule, field, got, expected },
    });
  });

  it('an anchor without a subject', () => {
    // No certificate can name it: an empty issuer is refused before.
    const nameless = root({ subject: emptyName });
    expect(validate({ anchors: [anchor(nameless)] })).toMatchObject({ result: 'unknown-issuer' });
  });

  it('any bit of the leaf altered', () => {
    const leaf = card();
    for (let bit = 0; bit < leaf.length * 8; bit += 3) {
      const at8 = bit >> 3;
      const altered = leaf.with(at8, (leaf[at8] ?? 0) ^ (1 << (bit & 7)));
      expect(validate({ certificates: [altered, issuer()] }).result, `bit ${bit}`).toBe('refuted');
    }
  });
});
