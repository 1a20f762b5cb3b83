/** A certificate that its issuer signed, in a form that the rules do not take: it is unfit. */
import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { parseCertificate } from '../../src/trust/x509/certificate.ts';
import type { PathProfile } from '../../src/trust/x509/path.ts';
import { certificate } from '../support/certificates.ts';
import { certificates, keys, leaf, profile, registryWith, rootName } from '../support/pki.ts';
import { type Case, ofForeigner, sameKey, told, trace } from './chains.ts';
import { bits, sequence } from './der-encode.ts';

describe('a certificate that its issuer signed in another form', () => {
  const bare = leaf({ without: ['keyUsage'] });
  const fakeIssuer = certificate({
    ...{ subject: 'Own', issuer: rootName, ...sameKey(keys.foreign), keyIdOf: keys.root, ca: true },
  });
  const noIssuers = registryWith({ issuers: undefined });
  const keyUsageOid = '0603551d0f';
  const keyIdOid = '0603551d0e';

  it.each<[string, Case]>([
    ['algorithm', { demands: { ...profile, algorithms: ['ecdsa-SHA384'] } }],
    ['critical-extension', { shown: [leafWith(keyUsageOid, '0603551d7f')] }],
    ['extended-key-usage', { demands: demanding({ extendedKeyUsage: '1.3.6.1.5.5.7.3.2' }) }],
    ['key-id', { shown: [leaf({ without: ['authorityKeyId'] })] }],
    ['key-id', { shown: [leaf({ keyIdOf: keys.foreign })] }],
    ['key-usage', { shown: [bare] }],
    ['key-usage', { demands: demanding({ keyUsage: 'keyAgreement' }) }],
    ['name-constraints', { shown: [leafWith(keyIdOid, '0603551d1e')] }],
    ['subject', { shown: [leafWith(nameHex('card 1'), '3000')] }],
    ['key-usage', { shown: [bare, certificates.a], registry: noIssuers }],
    ['key-usage', { shown: [bare, certificates.a] }],
  ])('is unfit by the rule %s', async (rule, given) => {
    expect(await told(given)).toBe(`unfit ${rule}`);
  });

  it.each<[string, Case, string]>([
    ['that somebody else signed', { shown: [leaf({ ...ofForeigner })] }, 'refuted key-id'],
    [
      'that somebody else signed under the name of its key',
      { shown: [leaf({ ...ofForeigner, keyIdOf: keys.a, without: ['keyUsage'] })] },
      'refuted signature',
    ],
    [
      'with an algorithm that is not taken, and a signature that does not hold',
      {
        shown: [leaf({ ...ofForeigner, keyIdOf: keys.a })],
        demands: { ...profile, algorithms: ['ecdsa-SHA384'] },
      },
      'refuted algorithm',
    ],
    [
      'whose issuer is of another form',
      { shown: [leaf(), bareIssuer()], registry: noIssuers },
      'refuted key-usage',
    ],
    [
      'below an issuer that the maker did not sign',
      {
        shown: [leaf({ issuer: 'Own', ...ofForeigner, keyIdOf: keys.a }), fakeIssuer],
        registry: noIssuers,
      },
      'refuted key-id',
    ],
    ['that is out of time', { shown: [leaf({ until: '261125' })] }, 'undated validity'],
    [
      'that is out of time and for another product',
      { shown: [leaf({ until: '261125' })], product: 'card-b' },
      'refuted product',
    ],
    ['for another product', { product: 'card-b' }, 'refuted product'],
  ])('is not only that: %s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });

  it('is told with its root and its path', async () => {
    const outcome = await trace({ shown: [bare] });
    expect(outcome).toMatchObject({ root: { id: 'root', layer: { role: 'pinned' } } });
    expect('path' in outcome && outcome.path.map(({ serialHex }) => serialHex)).toEqual([
      ...['0c01', '0a', '01'],
    ]);
  });

  function demanding(change: Partial<PathProfile['leaf']>): PathProfile {
    return { ...profile, leaf: { ...profile.leaf, ...change } };
  }

  function bareIssuer(): Uint8Array {
    return certificate({
      ...{ subject: 'Cards A', issuer: rootName, key: keys.a, signer: keys.root, ca: true },
      without: ['keyUsage'],
    });
  }

  function nameHex(common: string): string {
    const text = Buffer.from(common).toString('hex');
    const length = (more: number) => (common.length + more).toString(16).padStart(2, '0');
    return `30${length(11)}31${length(9)}30${length(7)}06035504030c${length(0)}${text}`;
  }

  /** The card's certificate with other bytes in it, signed by its issuer. */
  function leafWith(from: string, to: string): Uint8Array {
    const { tbs } = parseCertificate(leaf());
    const head = (tbs[1] ?? 0) < 0x80 ? 2 : 2 + ((tbs[1] ?? 0) & 0x7f);
    const body = toHex(tbs.subarray(head));
    expect(body).toContain(from);
    const altered = sequence(fromHex(body.replace(from, to)));
    const signature = sign('sha256', altered, { key: keys.a.privateKey, dsaEncoding: 'der' });
    const algorithm = sequence(fromHex('06082a8648ce3d040302'));
    return sequence(altered, algorithm, bits(signature));
  }
});
