/** Roots, issuers, revocations and platforms that a registry file may hold, and what it may not. */
import { describe, expect, it } from 'vitest';
import { RegistryError } from '../../src/errors/error.ts';
import { parseRegistryLayer } from '../../src/trust/registry-layer.ts';
import { pathExceptions } from '../../src/trust/x509/path.ts';
import {
  base64,
  certificates,
  issuerOf,
  keys,
  layer,
  makeRoot,
  makersEntry,
  rootOf,
} from '../support/pki.ts';

const key = `02${'11'.repeat(32)}`;
const hash = 'ab'.repeat(32);
const why = { reason: 'stolen', source: 'this test' };
const id = '4790d321470000000000';
const platform = { id, name: 'a chip', source: 'this test' };
const { root, a, b } = certificates;
/** Called as the maker's root is, with a key of somebody else. */
const impostor = makeRoot({ key: keys.foreign, signer: keys.foreign });

const roots = (...list: object[]) => ({ ...makersEntry, issuers: [], roots: list });
const issuers = (...list: object[]) => ({ ...makersEntry, issuers: list });
const revoked = (change: object) => ({ ...makersEntry, revoked: [{ ...why, ...change }] });
const keyRoot = { ...rootOf(root), certificate: undefined, key };
const keyIssuer = { id: 'k', key, name: 'a key', source: 'this test' };

/** What the layer holds when it is read again, as it was written. */
const read = (entry: object, head: object = {}) => layer(entry, 'pinned', head);

describe('a registry may hold', () => {
  it.each<[string, object]>([
    ['a root as a certificate', roots(rootOf(root))],
    ['a root as a key', roots(keyRoot)],
    ['every exception', roots(rootOf(root, { exceptions: [...pathExceptions] }))],
    ['an issuer as a key', issuers(keyIssuer)],
    ['an issuer as a certificate', issuers(issuerOf(a))],
    [
      'an issuer of any product, where there is but one',
      {
        ...issuers(issuerOf(a, { products: undefined })),
        products: makersEntry.products.slice(0, 1),
      },
    ],
    [
      'an issuer of any product, where none is listed',
      { ...issuers(issuerOf(a, { products: undefined })), products: [] },
    ],
    ['a serial of twenty bytes', revoked({ issuer: hash, serial: '11'.repeat(20) })],
    ['a serial that ends with zero', revoked({ issuer: hash, serial: '0100' })],
    ['a revoked key', revoked({ key })],
    ['a revoked key by its hash', revoked({ spki: hash })],
    ['a revoked certificate', revoked({ issuer: hash, serial: '0c01' })],
    ['a revoked batch', revoked({ batch: 'AF56' })],
    ['revoked batches', revoked({ batch: 'AF*' })],
  ])('%s', (_, entry) => {
    expect(read(entry).role).toBe('pinned');
  });

  it('a platform, and does with none', () => {
    expect(read(makersEntry, { platforms: [platform] }).file.platforms).toEqual([platform]);
    expect(read(makersEntry).file.platforms).toEqual([]);
  });
});

describe('a registry is refused', () => {
  const at = (path: string) => `field "families.cards.${path}": `;
  it.each<[string, object, string]>([
    ['with a root by key and certificate', roots(rootOf(root, { key })), at('roots.root')],
    ['with a root by neither', roots({ ...keyRoot, key: undefined }), at('roots.root')],
    [
      'with a root whose certificate is garbage',
      roots(rootOf(root, { certificate: base64(Uint8Array.of(0x30, 1, 0)) })),
      at('roots.root.certificate'),
    ],
    [
      'with a root whose certificate has a byte more',
      roots(rootOf(Uint8Array.of(...root, 0))),
      at('roots.root.certificate'),
    ],
    ['with a root as PEM', roots(rootOf(root, { certificate: pem() })), at('roots.0.certificate')],
    [
      'with an empty certificate',
      roots(rootOf(root, { certificate: '' })),
      at('roots.0.certificate'),
    ],
    [
      'with a certificate that is too long',
      roots(rootOf(root, { certificate: 'A'.repeat(11_004) })),
      at('roots.0.certificate'),
    ],
    [
      'with exceptions of a key',
      roots({ ...keyRoot, exceptions: ['dates-ignored'] }),
      at('roots.root'),
    ],
    [
      'with an unknown exception',
      roots(rootOf(root, { exceptions: ['signature-ignored'] })),
      at('roots.0.exceptions.0'),
    ],
    [
      'with one certificate twice',
      roots(rootOf(root), rootOf(root, { id: 'again', role: 'test' })),
      at('roots'),
    ],
    ['with an issuer by key and certificate', issuers(issuerOf(a, { key })), at('issuers.a')],
    ['with an issuer by neither', issuers({ ...keyIssuer, key: undefined }), at('issuers.k')],
    [
      'with an issuer whose certificate is garbage',
      issuers(issuerOf(a, { certificate: 'AAAA' })),
      at('issuers.a.certificate'),
    ],
    [
      'with a certificate without its root',
      issuers(issuerOf(a, { root: undefined })),
      at('issuers.a'),
    ],
    ['with a certificate below no root', issuers(issuerOf(a, { root: 'none' })), at('issuers.a')],
    [
      'with a certificate below a key',
      { ...issuers(issuerOf(a)), roots: [keyRoot] },
      at('issuers.a'),
    ],
    ['with a key below a root', issuers({ ...keyIssuer, root: 'root' }), at('issuers.k')],
    [
      'with an issuer of an unknown product',
      issuers(issuerOf(a, { products: ['card-a', 'card-c'] })),
      at('issuers.a'),
    ],
    [
      'with an issuer of no product',
      issuers(issuerOf(a, { products: [] })),
      at('issuers.0.products'),
    ],
    [
      'with an issuer that another root of that name signed',
      { ...issuers(issuerOf(a)), roots: [rootOf(impostor)] },
      at('issuers.a'),
    ],
    [
      'with an issuer below a root of another name',
      { ...issuers(issuerOf(a)), roots: [rootOf(makeRoot({ subject: 'X', issuer: 'X' }))] },
      at('issuers.a'),
    ],
    ['with one issuer twice', issuers(issuerOf(a), issuerOf(b)), at('issuers')],
    [
      'with an issuer of any product, where there are several',
      issuers(issuerOf(a, { products: undefined })),
      'field "families.cards.issuers.a": "products" is needed where there are several',
    ],
    ['with a revocation of nothing', revoked({}), at('revoked.0')],
    ['with a revocation of two', revoked({ key, spki: hash }), at('revoked.0')],
    ['with a revocation of key and batch', revoked({ key, batch: 'AF56' }), at('revoked.0')],
    [
      'with a revocation of key and certificate',
      revoked({ key, issuer: hash, serial: '01' }),
      at('revoked.0'),
    ],
    ['with an issuer without a serial', revoked({ issuer: hash }), at('revoked.0')],
    ['with a serial alone', revoked({ serial: '01' }), at('revoked.0')],
    ['with a serial of a key', revoked({ key, serial: '01' }), at('revoked.0')],
    [
      'with half a byte of a serial',
      revoked({ issuer: hash, serial: '1' }),
      at('revoked.0.serial'),
    ],
    ['with an empty serial', revoked({ issuer: hash, serial: '' }), at('revoked.0.serial')],
    [
      'with a serial that is too long',
      revoked({ issuer: hash, serial: '11'.repeat(21) }),
      at('revoked.0.serial'),
    ],
    [
      'with a serial that begins with zero',
      revoked({ issuer: hash, serial: '000c01' }),
      at('revoked.0.serial'),
    ],
    ['with a serial of zero', revoked({ issuer: hash, serial: '00' }), at('revoked.0.serial')],
    ['with a short hash', revoked({ spki: hash.slice(2) }), at('revoked.0.spki')],
    ['with a hash in upper case', revoked({ spki: hash.toUpperCase() }), at('revoked.0.spki')],
    ['with a star for every batch', revoked({ batch: '*' }), at('revoked.0.batch')],
    ['with a batch in lower case', revoked({ batch: 'af56' }), at('revoked.0.batch')],
  ])('%s', (_, entry, field) => {
    expect(() => read(entry)).toThrow(RegistryError);
    expect(() => read(entry)).toThrow(field);
  });

  it.each([
    ['nine bytes', { id: id.slice(2) }],
    ['upper case', { id: id.toUpperCase() }],
    ['eleven bytes', { id: `${id}00` }],
  ])('with a platform of %s', (_, change) => {
    const head = { platforms: [{ ...platform, ...change }] };
    expect(() => read(makersEntry, head)).toThrow('field "platforms.0.id": 20 lower-case hex');
  });

  it('with a platform that stands twice', () => {
    const head = { platforms: [platform, { ...platform, name: 'another' }] };
    expect(() => read(makersEntry, head)).toThrow('field "platforms": one is listed twice');
  });

  it('with a misspelt field of a platform', () => {
    const head = { platforms: [{ ...platform, nmae: 'x' }] };
    expect(() => read(makersEntry, head)).toThrow('"nmae" in "platforms.0"');
  });

  it('and names the file', () => {
    const text = JSON.stringify({ schema: 'touchstone.registry/1' });
    expect(() => parseRegistryLayer(text, 'overlay', 'mine.json')).toThrow('mine.json');
  });

  function pem(): string {
    return `-----BEGIN CERTIFICATE-----\n${base64(root)}\n-----END CERTIFICATE-----\n`;
  }
});
