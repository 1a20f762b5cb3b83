/** The rules of time and of the card’s own certificate, each broken once in a chain that holds. */
import { describe } from 'vitest';
import { time } from '../der-encode.ts';
import { ca, certSign, extendedKeyUsage, keyUsage } from './build.ts';
import {
  altName,
  type Broken,
  card,
  cardExtensions,
  cards,
  cardWith,
  early,
  emptyName,
  host,
  issuer,
  issuerExtensions,
  issuers,
  late,
  otherKey,
  purpose,
  withLeaf,
} from './chain.ts';
import { eachIsRefuted } from './rules.ts';

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
  eachIsRefuted([...times, ...leaves]);
});
