/** A maker of cards with certificates: its keys, registries that list them, proofs that show them. */
import type { Proof } from '../../src/families/family.ts';
import { Registry } from '../../src/trust/registry.ts';
import { parseRegistryLayer, type RegistryLayer } from '../../src/trust/registry-layer.ts';
import { type CertificateParts, certificate, keyNamed } from './certificates.ts';
import { line } from './tap-cards.ts';

export const family = 'cards';

export const keys = {
  root: keyNamed('root of the maker', 'secp384r1'),
  a: keyNamed('issuer of product a'),
  b: keyNamed('issuer of product b'),
  testRoot: keyNamed('root for tests'),
  testA: keyNamed('issuer for tests'),
  foreign: keyNamed('somebody else'),
  card: keyNamed('a card', 'secp256k1'),
} as const;

const ca = (change: Pick<CertificateParts, 'subject' | 'issuer' | 'key' | 'signer'>, more = {}) =>
  certificate({ ...change, ca: true, ...more });

const { root, a, b, testRoot, testA } = keys;
export const rootName = 'Maker Root';
const selfMade = { subject: rootName, issuer: rootName, key: root, signer: root } as const;

/** The maker's own root, with what the parts change in it. */
export const makeRoot = (more: Partial<CertificateParts> = {}) => ca(selfMade, more);

export const certificates = {
  root: makeRoot(),
  a: ca({ subject: 'Cards A', issuer: rootName, key: a, signer: root }, { serial: '0a' }),
  b: ca({ subject: 'Cards B', issuer: rootName, key: b, signer: root }, { serial: '0b' }),
  testRoot: ca({ subject: 'Test Root', issuer: 'Test Root', key: testRoot, signer: testRoot }),
  /** Called as the real one is. */
  testA: ca({ subject: 'Cards A', issuer: 'Test Root', key: testA, signer: testRoot }),
} as const;

/** The certificate of a card of product a, with what the parts change in it. */
export const leaf = (more: Partial<CertificateParts> = {}) =>
  certificate({
    ...{ subject: 'card 1', issuer: 'Cards A', key: keys.card, signer: keys.a, serial: '0c01' },
    ...more,
  });

export const profile: NonNullable<Proof['shown']>['profile'] = {
  algorithms: ['ecdsa-SHA256', 'ecdsa-SHA384'],
  leaf: { keys: ['secp256k1'], keyUsage: 'digitalSignature' },
};

export const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64');

export function rootOf(der: Uint8Array, change: object = {}): object {
  const fields = { id: 'root', role: 'maker', name: 'the root', source: 'this test' };
  return { ...fields, certificate: base64(der), ...change };
}

export function issuerOf(der: Uint8Array, change: object = {}): object {
  const fields = { id: 'a', root: 'root', name: 'issuer of a', products: ['card-a'] };
  return { ...fields, source: 'this test', certificate: base64(der), ...change };
}

export const product = (id: string) => ({
  id,
  name: id.toUpperCase(),
  expectedAtSale: { usage: ['new'], attestableWhen: 'always', note: 'n' },
  printedNumber: 'p',
  source: 'this test',
});

/** What the maker's entry says: one root, an issuer for each of two products. */
export const makersEntry = {
  maker: 'Maker',
  website: 'https://maker.example',
  roots: [rootOf(certificates.root)],
  issuers: [
    issuerOf(certificates.a),
    issuerOf(certificates.b, { id: 'b', name: 'issuer of b', products: ['card-b'] }),
  ],
  products: [product('card-a'), product('card-b')],
  firmware: [{ id: '1.0', status: 'approved', source: 'this test' }],
};

/** The roots and issuers for tests, as a registry refuses them by name. */
export const testEntry = {
  roots: [rootOf(certificates.testRoot, { id: 'tests', role: 'test', name: 'the test root' })],
  issuers: [
    issuerOf(certificates.testA, {
      ...{ id: 'ta', root: 'tests', name: 'issuer for tests', products: ['card-a', 'card-b'] },
    }),
  ],
};

/** One registry file with this entry for the family. */
export function layer(entry: object, role: RegistryLayer['role'] = 'pinned', head: object = {}) {
  const file = {
    schema: 'touchstone.registry/1',
    name: role,
    serial: 1,
    issued: '2026-11-25T00:00:00Z',
    expires: '2027-02-23T00:00:00Z',
    ...head,
    families: { [family]: { maker: 'Maker', website: 'https://maker.example', ...entry } },
  };
  return parseRegistryLayer(JSON.stringify(file), role, role);
}

/** The maker's entry pinned, with more in its lists, and overlays above it. */
export function registryWith(
  more: Readonly<Record<string, unknown>> = {},
  ...overlays: readonly object[]
): Registry {
  const lists = Object.entries(more).map(([name, value]) => {
    const own = Object.entries(makersEntry).find(([key]) => key === name)?.[1];
    return [name, Array.isArray(own) && Array.isArray(value) ? [...own, ...value] : value];
  });
  const entry = { ...makersEntry, ...Object.fromEntries(lists) };
  return new Registry([layer(entry), ...overlays.map((each) => layer(each, 'overlay'))]);
}

/** What a genuine new card of product a proves. */
export function proofOf(shown: readonly Uint8Array[], change: Partial<Proof> = {}): Proof {
  const publicKey = keys.card.point;
  return {
    family,
    checks: [line('live', 'held'), line('chain', 'held'), line('side', 'held')],
    key: { curve: 'secp256k1', publicKey, perCard: true },
    shownKey: publicKey,
    shown: { certificates: shown, profile },
    product: { value: 'card-a', authority: 'reported' },
    firmware: { value: '1.0', authority: 'reported' },
    usage: { value: 'new', authority: 'reported', signals: [] },
    facts: [],
    ...change,
  };
}
