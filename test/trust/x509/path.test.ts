/** Chains that hold, anchors, and what is ours to get right. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { curves } from '../../../src/trust/curves.ts';
import { parseEcdsaDer } from '../../../src/trust/signature.ts';
import { asn1Null, integer, octets, oid, sequence, time, tlv } from '../der-encode.ts';
import {
  algorithm,
  authorityKeyId,
  ca,
  certificate,
  certSign,
  extendedKeyUsage,
  extension,
  keyIdOf,
  name,
  subjectKeyId,
} from './build.ts';
import {
  altName,
  anchor,
  type Chain,
  card,
  cardExtensions,
  emptyName,
  good,
  host,
  issuer,
  issuerExtensions,
  issuerKey,
  late,
  otherKey,
  profile,
  purpose,
  root,
  rootExtensions,
  rootForm,
  rootKey,
  unknown,
  validate,
  withLeaf,
} from './chain.ts';

/** Extensions of a card that name issuer and serial number of its issuer. */
const issuedBy = (...names: readonly Uint8Array[]) => ({
  ...cardExtensions,
  aki: extension(
    '2.5.29.35',
    false,
    sequence(tlv(0x80, keyIdOf(issuerKey)), tlv(0xa1, ...names), tlv(0x82, Uint8Array.of(0, 0x80))),
  ),
});

const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Card and root, the card signed by a root with an RSA key. */
function rsaChain(cardAlgorithm: Uint8Array, hash = 'sha256'): Partial<Chain> {
  const aki = authorityKeyId(rsaKey);
  const extensions = { ...cardExtensions, aki };
  const form = { issuer: name('Root'), signer: rsaKey, algorithm: cardAlgorithm, hash };
  const own = { key: rsaKey, extensions: { ...rootExtensions, ski: subjectKeyId(rsaKey) } };
  return {
    certificates: [card({ ...form, extensions })],
    anchors: [anchor(root(own))],
    profile: { ...profile, algorithms: ['RSA-SHA1', 'RSA-SHA256', 'RSA-SHA384', 'RSA-SHA512'] },
  };
}

describe('parameters of RSA', () => {
  const rsa = (last: number, ...parameters: readonly Uint8Array[]) =>
    sequence(oid(`1.2.840.113549.1.1.${last}`), ...parameters);

  it.each([
    [12, 'sha384'],
    [13, 'sha512'],
  ])('may be NULL or absent for algorithm %d', (last, hash) => {
    expect(validate(rsaChain(rsa(last, asn1Null), hash)).result).toBe('held');
    expect(validate(rsaChain(rsa(last), hash)).result).toBe('held');
  });

  it('are NULL alone with SHA-1', () => {
    expect(validate(rsaChain(rsa(5, asn1Null), 'sha1')).result).toBe('held');
    expect(validate(rsaChain(rsa(5), 'sha1'))).toMatchObject({ fault: { rule: 'algorithm' } });
  });

  it('are nothing else', () => {
    for (const other of [integer(0), octets(), sequence()]) {
      expect(validate(rsaChain(rsa(11, other)))).toMatchObject({
        result: 'refuted',
        fault: { certificate: 0, rule: 'algorithm', got: '1.2.840.113549.1.1.11' },
      });
    }
  });

  it('are the same inside and outside', () => {
    const outerAlgorithm = algorithm.rsaSha256;
    const differing = card({ algorithm: rsa(11), outerAlgorithm });
    expect(validate({ certificates: [differing, issuer()] })).toMatchObject({
      fault: { rule: 'form', field: 'algorithm' },
    });
  });
});

describe('a good chain', () => {
  it('holds, and tells path and anchor', () => {
    const result = validate();
    expect(result).toMatchObject({ result: 'held', exceptions: [], anchor: good.anchors[0] });
    const path = result.result === 'held' ? result.path : [];
    expect(path.map(({ subject }) => subject.commonName)).toEqual(['Card', 'Issuer', 'Root']);
  });

  it.each<[string, Partial<Chain>]>([
    [
      'straight under the anchor',
      {
        certificates: [
          card({
            issuer: name('Root'),
            signer: rootKey,
            extensions: { ...cardExtensions, aki: authorityKeyId(rootKey) },
          }),
        ],
      },
    ],
    ['in its first second', { at: Date.UTC(2020, 0, 1) }],
    ['in its last second', { at: Date.UTC(2040, 0, 1) + 999 }],
    [
      'with a known critical extension of the family',
      {
        certificates: [card({ extensions: { ...cardExtensions, unknown } }), issuer()],
        profile: withLeaf({ extensions: ['1.3.6.1.4.1.55555.2'] }),
      },
    ],
    [
      'with an unknown extension that is not critical',
      {
        certificates: [
          card({ extensions: { ...cardExtensions, other: extension('1.2.3', false, octets()) } }),
          issuer(),
        ],
      },
    ],
    [
      'with the purpose',
      {
        certificates: [
          card({ extensions: { ...cardExtensions, eku: extendedKeyUsage(true, purpose) } }),
          issuer(),
        ],
        profile: withLeaf({ extendedKeyUsage: purpose }),
      },
    ],
    [
      'with the purpose in the issuer, too',
      {
        certificates: [
          card({ extensions: { ...cardExtensions, eku: extendedKeyUsage(true, purpose) } }),
          issuer({ extensions: { ...issuerExtensions, eku: extendedKeyUsage(false, purpose) } }),
        ],
        profile: withLeaf({ extendedKeyUsage: purpose }),
      },
    ],
    [
      'with any purpose in the issuer',
      {
        certificates: [
          card({ extensions: { ...cardExtensions, eku: extendedKeyUsage(true, purpose) } }),
          issuer({
            extensions: { ...issuerExtensions, eku: extendedKeyUsage(false, '2.5.29.37.0') },
          }),
        ],
        profile: withLeaf({ extendedKeyUsage: purpose }),
      },
    ],
    [
      'with a critical alternative name instead of a subject',
      {
        certificates: [
          card({ subject: emptyName, extensions: { ...cardExtensions, san: altName(true, host) } }),
          issuer(),
        ],
      },
    ],
    [
      'with no key usage asked for or there',
      {
        certificates: [card({ extensions: { aki: cardExtensions.aki } }), issuer()],
        profile: { algorithms: profile.algorithms, leaf: { keys: ['secp256k1'] } },
      },
    ],
    [
      'with a self-issued issuer, which no path length counts',
      {
        certificates: [
          card(),
          issuer(),
          issuer({
            subject: name('Root'),
            key: rootKey,
            extensions: {
              ca: ca(),
              usage: certSign,
              ski: subjectKeyId(rootKey),
              aki: authorityKeyId(rootKey),
            },
          }),
        ],
      },
    ],
    [
      'with an issuer of the issuer among other names of it',
      {
        certificates: [card({ extensions: issuedBy(host, tlv(0xa4, name('Root'))) }), issuer()],
      },
    ],
    [
      'with an issuer of the issuer that has no directory name',
      { certificates: [card({ extensions: issuedBy(host) }), issuer()] },
    ],
    ['with RSA and parameters of NULL', rsaChain(algorithm.rsaSha256)],
    ['with RSA and no parameters', rsaChain(sequence(oid('1.2.840.113549.1.1.11')))],
    [
      'with a card of version 1',
      {
        certificates: [card({ version: undefined, extensions: {} }), issuer()],
        anchors: [anchor(root(), 'no-authority-key-id', 'no-key-usage')],
      },
    ],
  ])('holds %s', (_, change) => {
    expect(validate(change)).toMatchObject({ result: 'held' });
  });

  it('holds with low S and with high S', () => {
    const order = BigInt(`0x${toHex(curves['P-384'].order)}`);
    const withS = (high: boolean) => (signature: Uint8Array) => {
      const scalars = parseEcdsaDer(signature, 48) ?? new Uint8Array();
      const [r, s] = [scalars.slice(0, 48), scalars.slice(48)].map((x) => BigInt(`0x${toHex(x)}`));
      if (r === undefined || s === undefined) throw new Error('no signature');
      return sequence(integer(r), integer(s > order / 2n === high ? s : order - s));
    };
    for (const high of [false, true]) {
      expect(validate({ certificates: [card({ alter: withS(high) }), issuer()] }).result).toBe(
        'held',
      );
    }
  });
});

describe('an unknown issuer', () => {
  it('is one that no anchor is named like', () => {
    const elsewhere = root({ subject: name('Elsewhere'), issuer: name('Elsewhere') });
    expect(validate({ anchors: [anchor(elsewhere)] })).toEqual({
      result: 'unknown-issuer',
      fault: {
        certificate: 1,
        rule: 'issuer',
        field: 'issuer',
        got: '"Root"',
        expected: 'the subject of an anchor',
      },
    });
  });

  it('does not hide what is wrong below it', () => {
    const elsewhere = anchor(root({ subject: name('Elsewhere'), issuer: name('Elsewhere') }));
    const altered = card({ alter: (bytes) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1) });
    expect(validate({ anchors: [elsewhere], certificates: [altered, issuer()] })).toMatchObject({
      result: 'refuted',
      fault: { certificate: 0, rule: 'signature' },
    });
  });

  it('is an anchor that only the card shows', () => {
    const foreign = { ...rootForm, subject: name('Foreign'), issuer: name('Foreign') };
    const chain = [card(), issuer({ issuer: name('Foreign') }), certificate(foreign)];
    expect(validate({ certificates: chain })).toMatchObject({ result: 'unknown-issuer' });
  });
});

describe('several anchors of one name', () => {
  const foreign = root({ key: otherKey, signer: otherKey });
  const told = root({
    key: otherKey,
    signer: otherKey,
    extensions: { ...rootExtensions, ski: subjectKeyId(otherKey) },
  });
  const real = anchor(root());
  const expired = anchor(root({ notAfter: time('2023-01-01T00:00:00Z') }));

  it.each([
    ['the other first', [anchor(foreign), real]],
    ['the other last', [real, anchor(foreign)]],
    ['one that tells another key', [anchor(told), real]],
    ['an old one', [expired, real]],
  ])('hold by the one that signed: %s', (_, anchors) => {
    expect(validate({ anchors })).toMatchObject({ result: 'held', anchor: real });
  });

  it.each([
    ['first', [expired, anchor(foreign), anchor(told)]],
    ['last', [anchor(told), anchor(foreign), expired]],
  ])('are refuted by what is wrong under the one that signed, %s', (_, anchors) => {
    expect(validate({ anchors })).toMatchObject({
      result: 'refuted',
      fault: { certificate: 2, rule: 'validity' },
    });
  });

  it('are not refuted for a key of another kind that one of them has', () => {
    const edwards = anchor(root({ key: generateKeyPairSync('ed25519') }));
    expect(validate({ anchors: [edwards] })).toMatchObject({ fault: { rule: 'algorithm' } });
    for (const anchors of [
      [edwards, expired],
      [expired, edwards],
    ]) {
      expect(validate({ anchors })).toMatchObject({
        result: 'refuted',
        fault: { certificate: 2, rule: 'validity' },
      });
    }
  });

  it('lend each other no exception', () => {
    const anchors = [anchor(foreign, 'dates-ignored'), real];
    expect(validate({ anchors, at: late }).result).toBe('refuted');
  });
});

describe('faults of ours', () => {
  it('throw: no anchor', () => {
    expect(() => validate({ anchors: [] })).toThrow(RangeError);
  });

  it('throw: an anchor that is no certificate', () => {
    expect(() => validate({ anchors: [anchor(root()), anchor(root().slice(1))] })).toThrow(
      'anchor 1: not a certificate',
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 8.7e15])('throw: a time of %s', (moment) => {
    expect(() => validate({ at: moment })).toThrow(RangeError);
  });
});

describe('what is remembered', () => {
  it('changes no outcome', () => {
    const altered = issuer({ alter: (bytes) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1) });
    const leaf = card();
    const right = issuer();
    for (const _ of [1, 2]) {
      expect(validate({ certificates: [leaf, right] }).result).toBe('held');
      expect(validate({ certificates: [leaf, altered] }).result).toBe('refuted');
      expect(validate({ at: late }).result).toBe('refuted');
      expect(validate({ profile: { ...profile, algorithms: ['ecdsa-SHA384'] } }).result).toBe(
        'refuted',
      );
    }
  });

  it('is not what the caller changes afterwards', () => {
    const shared = issuer({ serial: integer(77) });
    const kept = new Uint8Array(shared);
    const leaf = card();
    expect(validate({ certificates: [leaf, shared] }).result).toBe('held');
    shared.fill(0);
    expect(validate({ certificates: [leaf, shared] }).result).toBe('refuted');
    expect(validate({ certificates: [leaf, kept] }).result).toBe('held');
  });
});
