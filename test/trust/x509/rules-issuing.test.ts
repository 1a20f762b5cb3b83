/** The rules of extensions and of who may issue, each broken once in a chain that holds. */
import { describe, expect, it } from 'vitest';
import { sequence, tlv } from '../der-encode.ts';
import { ca, certificate, extendedKeyUsage, extension, keyIdOf, keyUsage, name } from './build.ts';
import {
  anchor,
  type Broken,
  byCard,
  card,
  cardExtensions,
  cards,
  cardWith,
  emptyName,
  issuer,
  issuerExtensions,
  issuerKey,
  issuers,
  issuerWith,
  low,
  purpose,
  root,
  rootExtensions,
  roots,
  second,
  signsCards,
  unknown,
  validate,
  withLeaf,
  withoutKey,
} from './chain.ts';
import { eachIsRefuted } from './rules.ts';

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

describe('refuted', () => {
  eachIsRefuted([...holdsNot, ...issuing, ...below]);

  it('an anchor without a subject', () => {
    // No certificate can name it: an empty issuer is refused before.
    const nameless = root({ subject: emptyName });
    expect(validate({ anchors: [anchor(nameless)] })).toMatchObject({ result: 'unknown-issuer' });
  });
});
