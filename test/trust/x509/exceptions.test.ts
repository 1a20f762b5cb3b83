/** Exceptions of makers: refused without, held and told with, and what none of them helps. */
import { describe, expect, it } from 'vitest';
import { type PathException, pathExceptions, validatePath } from '../../../src/trust/x509/path.ts';
import { sequence, time, tlv } from '../der-encode.ts';
import { ca, digitalSignature, extension, keyIdOf, keyUsage, name } from './build.ts';
import {
  byCard,
  type Chain,
  cardExtensions,
  cards,
  cardWith,
  good,
  issuer,
  issuerExtensions,
  issuerKey,
  issuers,
  issuerWith,
  late,
  otherKey,
  root,
  rootExtensions,
  roots,
  signsCards,
  unknown,
  withoutKey,
} from './chain.ts';

describe('exceptions', () => {
  const cases: readonly (readonly [PathException, Partial<Chain>])[] = [
    ['dates-ignored', { at: late }],
    ['dates-ignored', cards({ notBefore: time('2030-01-01T00:00:00Z') })],
    ['no-key-usage', issuers({ extensions: withoutKey(issuerExtensions, 'usage') })],
    ['no-key-usage', roots({ extensions: withoutKey(rootExtensions, 'usage') })],
    ['no-key-usage', cards({ extensions: { aki: cardExtensions.aki } })],
    ['no-authority-key-id', issuers({ extensions: withoutKey(issuerExtensions, 'aki') })],
    ['no-authority-key-id', cards({ extensions: withoutKey(cardExtensions, 'aki') })],
    ['no-authority-key-id', roots({ issuer: name('Elsewhere') })],
    ['no-subject-key-id', issuers({ extensions: withoutKey(issuerExtensions, 'ski') })],
    ['no-subject-key-id', roots({ extensions: withoutKey(rootExtensions, 'ski') })],
    [
      'critical-key-id',
      cardWith({ aki: extension('2.5.29.35', true, sequence(tlv(0x80, keyIdOf(issuerKey)))) }),
    ],
    [
      'non-critical-basic-constraints',
      issuerWith({ ca: extension('2.5.29.19', false, sequence(tlv(1, Uint8Array.of(255)))) }),
    ],
    ['no-basic-constraints', roots({ extensions: withoutKey(rootExtensions, 'ca') })],
    ['version-1', roots({ version: undefined, extensions: {} })],
  ];
  const grant = (chain: Chain, ...exceptions: PathException[]): Chain => ({
    ...chain,
    anchors: chain.anchors.map(({ certificate }) => ({ certificate, exceptions })),
  });

  it('are all tried here', () => {
    expect(new Set(cases.map(([exception]) => exception))).toEqual(new Set(pathExceptions));
  });

  it.each(cases)('%s: refused without it, held and told with it', (exception, change) => {
    const chain = { ...good, ...change };
    const others = pathExceptions.filter((other) => other !== exception);
    expect(validatePath(grant(chain)).result).toBe('refuted');
    expect(validatePath(grant(chain, ...others)).result).toBe('refuted');
    for (const granted of [[exception], pathExceptions]) {
      expect(validatePath(grant(chain, ...granted))).toMatchObject({
        result: 'held',
        exceptions: [exception],
      });
    }
  });

  it('are not told when they are not needed', () => {
    expect(validatePath(grant(good, ...pathExceptions))).toMatchObject({
      result: 'held',
      exceptions: [],
    });
  });

  it('are told in their own order, not in that of the rules', () => {
    const chain = {
      ...good,
      ...roots({ extensions: withoutKey(rootExtensions, 'usage') }),
      at: late,
    };
    expect(validatePath(grant(chain, 'no-key-usage', 'dates-ignored'))).toMatchObject({
      result: 'held',
      exceptions: ['dates-ignored', 'no-key-usage'],
    });
  });

  it('version-1 is enough for an anchor that another one issued', () => {
    const chain = roots({ issuer: name('Elsewhere'), version: undefined, extensions: {} });
    expect(validatePath(grant({ ...good, ...chain }, 'version-1'))).toMatchObject({
      result: 'held',
      exceptions: ['version-1'],
    });
  });

  it.each<[string, Partial<Chain>]>([
    [
      'an issuer without basic constraints',
      issuers({ extensions: withoutKey(issuerExtensions, 'ca') }),
    ],
    ['an issuer of version 1', issuers({ version: undefined, extensions: {} })],
    ['an issuer that is no CA', issuerWith({ ca: extension('2.5.29.19', true, sequence()) })],
    ['an issuer that may not sign certificates', issuerWith({ usage: digitalSignature })],
    [
      'a card that signed a card',
      {
        certificates: [
          byCard,
          signsCards,
          issuer({ extensions: { ...issuerExtensions, ca: ca() } }),
        ],
      },
    ],
    [
      'an anchor that is no CA',
      roots({ extensions: { ...rootExtensions, ca: extension('2.5.29.19', true, sequence()) } }),
    ],
    ['a card that is a CA', cardWith({ ca: ca(0) })],
    [
      'another key identifier',
      cardWith({ aki: extension('2.5.29.35', true, sequence(tlv(0x80, keyIdOf(otherKey)))) }),
    ],
    ['another use', cardWith({ usage: keyUsage(0x08, 3) })],
    ['an unknown critical extension of a card', cardWith({ unknown })],
    ['an unknown critical extension of an issuer', issuerWith({ unknown })],
    ['a lone self-signed certificate', { certificates: [root()] }],
  ])('all of them do not help %s', (_, change) => {
    expect(validatePath(grant({ ...good, ...change }, ...pathExceptions)).result).toBe('refuted');
  });
});
