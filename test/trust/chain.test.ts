/** From the certificates of a card to a root, by the paths of a registry. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import {
  type ChainOutcome,
  describeFault,
  leafKeyHash,
  traceChain,
} from '../../src/trust/chain.ts';
import { Registry } from '../../src/trust/registry.ts';
import type { KnownPath } from '../../src/trust/registry-paths.ts';
import { parseCertificate } from '../../src/trust/x509/certificate.ts';
import { parseCrl } from '../../src/trust/x509/crl.ts';
import type { PathProfile } from '../../src/trust/x509/path.ts';
import { certificate, revocationList, type TestKey } from '../support/certificates.ts';
import {
  certificates,
  family,
  issuerOf,
  keys,
  layer,
  leaf,
  makeRoot,
  makersEntry,
  product,
  profile,
  registryWith,
  rootName,
  rootOf,
  testEntry,
} from '../support/pki.ts';
import { testNow } from '../support/registry.ts';
import { bits, sequence } from './der-encode.ts';

interface Case {
  readonly shown?: readonly Uint8Array[];
  readonly registry?: ReturnType<typeof registryWith>;
  /** Left out: card-a; null: the card tells none. */
  readonly product?: string | null;
  readonly at?: number;
  readonly lists?: readonly Uint8Array[];
  readonly demands?: PathProfile;
  /** Left out: those of the registry. */
  readonly paths?: readonly KnownPath[];
}

async function trace(given: Case): Promise<ChainOutcome> {
  const { shown = [leaf()], registry = registryWith(), product = 'card-a', at = testNow } = given;
  const crls = await Promise.all((given.lists ?? []).map(parseCrl));
  const { paths = registry.paths(family), demands = profile } = given;
  return traceChain({
    ...{ certificates: shown, profile: demands, paths, at, crls },
    product: product ?? undefined,
  });
}

/** Outcome, and the rule that was broken or the layer that was reached. */
async function told(given: Case): Promise<string> {
  const outcome = await trace(given);
  const { result } = outcome;
  if (outcome.result === 'held') return `${result} ${outcome.root.role} ${outcome.root.layer.role}`;
  return `${result} ${outcome.fault.rule}`;
}

const pointHex = toHex(keys.card.point);
const listOf = (...revoked: string[]) =>
  revocationList({ issuer: 'Cards A', signer: keys.a, revoked });
const rootList = (...revoked: string[]) =>
  revocationList({ issuer: rootName, signer: keys.root, revoked });
const oldList = { issuer: 'Cards A', revoked: [], from: '260901', until: '261101' } as const;
const ofForeigner = { signer: keys.foreign } as const;
const keyAlone = new Registry([
  layer({ roots: [{ ...rootOf(certificates.root), certificate: undefined, key: pointHex }] }),
]);
const stale = revocationList({ ...oldList, signer: keys.a });
const sameKey = (key: TestKey) => ({ key, signer: key });
const cardAbove = [leaf({ issuer: 'card 1', subject: 'card 2', signer: keys.card }), leaf()];

describe('a chain that holds', () => {
  it('is told with its path, its issuer and its root', async () => {
    const outcome = await trace({});
    expect(outcome).toMatchObject({
      result: 'held',
      root: { id: 'root', role: 'maker', layer: { role: 'pinned' } },
      issuerName: 'issuer of a',
      bindsProduct: true,
      exceptions: [],
    });
    const names = outcome.result === 'held' ? outcome.path.map((each) => each.subject) : [];
    expect(names.map(({ commonName }) => commonName)).toEqual(['card 1', 'Cards A', rootName]);
  });

  it('binds no product where the issuer may sign any', async () => {
    const issuers = [issuerOf(certificates.a, { products: undefined })];
    const products = [product('card-a')];
    const registry = new Registry([layer({ ...makersEntry, issuers, products })]);
    const outcome = await trace({ registry, product: null });
    expect(outcome).toMatchObject({ result: 'held', bindsProduct: false });
  });

  const otherLeaf = leaf({ issuer: 'Cards B', signer: keys.b });
  const ownRoot = makeRoot({ subject: 'Mine', issuer: 'Mine', ...sameKey(keys.foreign) });
  const asReal = makeRoot({ subject: 'Cards A', issuer: 'Cards A', ...sameKey(keys.foreign) });
  it.each<[string, Case, string]>([
    ['to the pinned root', {}, 'held maker pinned'],
    [
      'to the pinned root where an overlay lists the same',
      { registry: registryWith({}, { ...makersEntry, maker: 'Mine' }) },
      'held maker pinned',
    ],
    [
      'of a card of the other product',
      { shown: [otherLeaf], product: 'card-b' },
      'held maker pinned',
    ],
    [
      'to a root of an overlay',
      {
        shown: [leaf({ issuer: 'Mine', ...ofForeigner })],
        registry: registryWith({}, { roots: [rootOf(ownRoot)] }),
      },
      'held maker overlay',
    ],
    [
      'to a root of an overlay that is called as an issuer of the maker',
      {
        shown: [leaf(ofForeigner)],
        registry: registryWith({}, { roots: [rootOf(asReal)] }),
      },
      'held maker overlay',
    ],
    [
      'to the real issuer of two with one name',
      { registry: registryWith({}, testEntry) },
      'held maker pinned',
    ],
    [
      'by a certificate between that the card shows, where the registry holds none',
      { shown: [leaf(), certificates.a], registry: registryWith({ issuers: undefined }) },
      'held maker pinned',
    ],
  ])('leads %s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });
});

describe('a root that is refused by name', () => {
  const byTests = leaf({ signer: keys.testA });
  const again = makeRoot({ subject: 'Mine', issuer: 'Mine', ...sameKey(keys.testRoot) });
  const below = leaf({ issuer: 'Mine', signer: keys.testRoot });
  it.each<[string, Case, string]>([
    ['by its issuer', { shown: [byTests], registry: registryWith(testEntry) }, 'held test pinned'],
    [
      'whatever an overlay says of the same certificate',
      {
        shown: [byTests],
        registry: registryWith(testEntry, {
          roots: [rootOf(certificates.testRoot)],
          issuers: [issuerOf(certificates.testA)],
          products: makersEntry.products,
        }),
      },
      'held test pinned',
    ],
    [
      'whatever certificate an overlay pins its key in',
      { shown: [below], registry: registryWith(testEntry, { roots: [rootOf(again)] }) },
      'held test pinned',
    ],
    [
      'by an overlay although the layer below pins it',
      {
        shown: [below],
        registry: registryWith({ roots: [rootOf(again, { id: 'again' })] }, testEntry),
      },
      'held test overlay',
    ],
    [
      'and not where nobody refuses it',
      { shown: [below], registry: registryWith({}, { roots: [rootOf(again)] }) },
      'held maker overlay',
    ],
    [
      'also where a list of its issuer is too old to be used',
      {
        shown: [byTests],
        registry: registryWith(testEntry),
        lists: [revocationList({ ...oldList, signer: keys.testA })],
      },
      'unchecked revocation',
    ],
  ])('%s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });

  it('is named where its list is too old', async () => {
    const lists = [revocationList({ ...oldList, signer: keys.testA })];
    const outcome = await trace({ shown: [byTests], registry: registryWith(testEntry), lists });
    expect(outcome).toMatchObject({ result: 'unchecked', root: { role: 'test' } });
  });
});

describe('a chain does not hold', () => {
  const exact = Date.parse('2049-12-31T00:00:00Z');
  it.each<[string, Case, string]>([
    ['for a card of another product', { product: 'card-b' }, 'refuted product'],
    ['for a card that tells no product', { product: null }, 'refuted product'],
    ['for a product that nobody knows', { product: 'card-c' }, 'refuted product'],
    ['by an issuer of the same name', { shown: [leaf(ofForeigner)] }, 'refuted key-id'],
    [
      'by an issuer of the same name that does not tell its key',
      { shown: [leaf({ ...ofForeigner, keyIdOf: keys.a })] },
      'refuted signature',
    ],
    ['a second after its end', { at: exact + 1000 }, 'undated validity'],
    [
      'after the end of the certificate',
      { shown: [leaf({ until: '261125' })] },
      'undated validity',
    ],
    [
      'before the begin of the certificate',
      { shown: [leaf({ from: '261127' })] },
      'undated validity',
    ],
    [
      'with the fault of the candidate whose key signed',
      {
        shown: [leaf({ until: '261125' })],
        registry: registryWith({}, testEntry),
      },
      'undated validity',
    ],
    [
      'with that fault in either order',
      {
        shown: [leaf({ signer: keys.testA, until: '261125' })],
        registry: registryWith({}, testEntry),
      },
      'undated validity',
    ],
    ['for a key of another kind', { shown: [leaf({ key: keys.foreign })] }, 'refuted leaf'],
    ['where a card vouches for another one', { shown: cardAbove }, 'refuted basic-constraints'],
    ['without a certificate', { shown: [] }, 'refuted form'],
    ['by garbage', { shown: [Uint8Array.of(0x30, 0)] }, 'refuted form'],
    ['by a byte more', { shown: [Uint8Array.of(...leaf(), 0)] }, 'refuted form'],
    ['by a certificate that is its own issuer', { shown: [selfMade()] }, 'refuted self-signed'],
    ['by a certificate that issues others', { shown: [leaf({ ca: true })] }, 'refuted leaf'],
    [
      'with the fault of the candidate whose key is of the right kind',
      { shown: [leaf({ until: '261125' })], registry: besideAnotherKind() },
      'undated validity',
    ],
  ])('%s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });

  it('not in its last second', async () => {
    expect(await told({ at: exact + 999 })).toBe('held maker pinned');
  });

  it.each([
    ['signed part', 40],
    ['signature', -1],
  ])('by one altered bit in the %s', async (_, index) => {
    const altered = Uint8Array.from(leaf());
    const at = index < 0 ? altered.length + index : index;
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect((await trace({ shown: [altered] })).result).not.toBe('held');
  });

  /** First in the registry: called as the issuer is, with a key that no such signature is by. */
  function besideAnotherKind(): Registry {
    const ed25519 = createPrivateKey({
      key: Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex'),
      ...{ format: 'der', type: 'pkcs8' },
    });
    const spki = createPublicKey(ed25519).export({ format: 'der', type: 'spki' });
    const names = { subject: 'Cards A', issuer: 'Cards A', ...sameKey(keys.foreign) };
    const other = makeRoot({
      ...{ ...names, key: { ...keys.foreign, spki }, without: ['subjectKeyId'] },
    });
    const roots = [rootOf(other, { id: 'other' }), ...makersEntry.roots];
    return new Registry([layer({ ...makersEntry, roots })]);
  }

  function selfMade(): Uint8Array {
    return leaf({ subject: 'Cards A', signer: keys.card });
  }
});

describe('an issuer that is unknown', () => {
  it.each<[string, Case]>([
    ['where none has that name', { shown: [leaf({ issuer: 'Cards C' })] }],
    ['where the registry has no certificates', { registry: keyAlone }],
  ])('%s', async (_, given) => {
    expect(await told(given)).toBe('unknown-issuer issuer');
  });

  it('is told by its name', async () => {
    const outcome = await trace({ shown: [leaf({ issuer: 'Cards C' })] });
    const text = outcome.result === 'held' ? '' : describeFault(outcome.fault);
    expect(text).toBe(
      "the card's certificate, issuer: Cards C; expected: an issuer that the registry lists",
    );
  });
});

describe('of several ways', () => {
  const [path] = registryWith().paths(family);
  if (path === undefined) throw new Error('no path');
  const refused: KnownPath = { ...path, root: { ...path.root, role: 'test' } };
  const [byOverlay] = new Registry([
    layer({ ...makersEntry, roots: [rootOf(makeRoot(sameKey(keys.foreign)))], issuers: [] }),
    layer(makersEntry, 'overlay'),
  ])
    .paths(family)
    .filter(({ root }) => root.layer.role === 'overlay');
  if (byOverlay === undefined) throw new Error('no path by the overlay');

  it('the one to a root that is not of the maker counts', async () => {
    for (const paths of [
      [path, refused],
      [refused, path],
    ]) {
      expect(await told({ paths })).toBe('held test pinned');
      const listed = await trace({ paths, lists: [listOf('0c01')] });
      expect(listed).toMatchObject({ result: 'revoked', root: { role: 'test' } });
    }
  });

  it('a pinned one goes before one of an overlay', async () => {
    expect(await told({ paths: [byOverlay] })).toBe('held maker overlay');
    expect(await told({ paths: [byOverlay, path] })).toBe('held maker pinned');
    expect(await told({ paths: [path, byOverlay] })).toBe('held maker pinned');
  });

  it('one that holds goes before one that is stopped, in either order', async () => {
    const mine = { subject: 'Mine', issuer: 'Mine', ...sameKey(keys.foreign) };
    const strict = { roots: [rootOf(makeRoot(mine))] };
    const exceptions = ['no-authority-key-id'];
    const loose = { roots: [rootOf(makeRoot({ ...mine, serial: '02' }), { exceptions })] };
    const shown = [leaf({ issuer: 'Mine', ...ofForeigner, without: ['authorityKeyId'] })];
    expect(await told({ shown, registry: registryWith({}, strict) })).toBe('unfit key-id');
    for (const registry of [registryWith({}, strict, loose), registryWith({}, loose, strict)]) {
      expect(await told({ shown, registry })).toBe('held maker overlay');
    }
  });
});

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

describe('what a card shows of what the registry holds', () => {
  const byRoot = leaf({ issuer: rootName, signer: keys.root });
  const { root, a, b } = certificates;
  const again = certificate({
    ...{ subject: 'Cards A', issuer: rootName, key: keys.a, signer: keys.root, ca: true },
    serial: '1a',
  });
  const alone = registryWith({ issuers: undefined });

  it.each<[string, Case, string]>([
    ['its issuer', { shown: [leaf(), a] }, 'held maker pinned'],
    ['its issuer and the root', { shown: [leaf(), a, root] }, 'held maker pinned'],
    ['the root', { shown: [byRoot, root], registry: alone }, 'held maker pinned'],
    [
      'its issuer, for another product',
      { shown: [leaf(), a], product: 'card-b' },
      'refuted product',
    ],
    [
      'its issuer and the root, revoked',
      { shown: [leaf(), a, root], lists: [listOf('0c01')] },
      'revoked revocation',
    ],
    // What is not the registry's, byte by byte, must find its own way: there is none beside the issuers.
    ['its issuer in another certificate', { shown: [leaf(), again] }, 'unknown-issuer issuer'],
    ['its issuer, and another below it', { shown: [leaf(), again, b] }, 'unknown-issuer issuer'],
    // The card's own certificate is never left out, whatever it is.
    ['an issuer as if it were the card', { shown: [a] }, 'unknown-issuer issuer'],
    ['the root as if it were the card', { shown: [root], registry: alone }, 'refuted self-signed'],
  ])('%s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });
});

describe('an overlay', () => {
  const any = { products: undefined };
  const late = leaf({ until: '261125' });
  const { root, a } = certificates;
  const exceptions = ['dates-ignored'];
  const mine = { subject: 'Mine', issuer: 'Mine', ...sameKey(keys.foreign) };
  const crossed = certificate({ ...mine, subject: 'Cards A', key: keys.a, ca: true });
  const rootAgain = makeRoot({ serial: '02' });
  it.each<[string, object]>([
    ['the issuer, for any product', { roots: [rootOf(root)], issuers: [issuerOf(a, any)] }],
    [
      'the issuer below the root with exceptions',
      { roots: [rootOf(root, { exceptions })], issuers: [issuerOf(a, any)] },
    ],
    [
      'it below the root in another certificate',
      { roots: [rootOf(rootAgain, { exceptions })], issuers: [issuerOf(a, any)] },
    ],
    ['the issuer as a root', { roots: [rootOf(a, { exceptions })] }],
    ['its key in another certificate', { roots: [rootOf(asRoot(), { exceptions })] }],
    [
      'its key below a root of another',
      { roots: [rootOf(makeRoot(mine), { exceptions })], issuers: [issuerOf(crossed, any)] },
    ],
  ])('that lists %s widens nothing', async (_, entry) => {
    const registry = registryWith({}, entry);
    expect(await told({ registry })).toBe('held maker pinned');
    expect(await told({ registry, product: 'card-b' })).toBe('refuted product');
    expect(await told({ registry, product: null })).toBe('refuted product');
    expect(await told({ registry, shown: [late] })).toBe('undated validity');
  });

  function asRoot(): Uint8Array {
    return makeRoot({ subject: 'Cards A', issuer: 'Cards A', ...sameKey(keys.a) });
  }
});

describe('exceptions', () => {
  const bare = makeRoot({ without: ['keyUsage', 'subjectKeyId'], lax: true });
  const forgiving = ['no-key-usage', 'no-subject-key-id', 'non-critical-basic-constraints'];
  const under = (root: Uint8Array, exceptions: readonly string[]) =>
    new Registry([layer({ ...makersEntry, roots: [rootOf(root, { exceptions })] })]);

  it.each<[string, Uint8Array, readonly string[], readonly string[] | string]>([
    ['all that were needed', bare, forgiving, forgiving],
    ['none that was not', certificates.root, forgiving, []],
    ['not one that is missing', bare, forgiving.slice(1), 'refuted'],
  ])('%s', async (_, root, allowed, expected) => {
    const outcome = await trace({ registry: under(root, allowed) });
    const found = outcome.result === 'held' ? [...outcome.exceptions].sort() : outcome.result;
    expect(found).toEqual(typeof expected === 'string' ? expected : [...expected].sort());
  });

  it('of one root do not hold for another', async () => {
    const generous = rootOf(certificates.testRoot, {
      ...{ id: 'other', exceptions: ['dates-ignored'] },
    });
    const registry = registryWith({ roots: [generous] });
    const shown = [leaf({ until: '261125' })];
    expect(await told({ registry, shown })).toBe('undated validity');
    expect(
      await trace({ shown, registry: under(certificates.root, ['dates-ignored']) }),
    ).toMatchObject({ result: 'held', exceptions: ['dates-ignored'] });
  });
});

describe('revocation lists', () => {
  const subPinned = { roots: [rootOf(certificates.a)] };
  it.each<[string, Case, string]>([
    ['that do not name the card', { lists: [listOf('0c02')] }, 'held maker pinned'],
    ['that name it', { lists: [listOf('0c01')] }, 'revoked revocation'],
    ['that name its issuer', { lists: [rootList('0a')] }, 'revoked revocation'],
    ['that are too old', { lists: [stale] }, 'unchecked revocation'],
    ['that somebody else signed', { lists: [forged()] }, 'unchecked revocation'],
    ['too old, beside one that is not', { lists: [stale, listOf()] }, 'held maker pinned'],
    ['too old, beside one that names it', { lists: [stale, listOf('0c01')] }, 'revoked revocation'],
    ['of another issuer', { lists: [ofB('0c01')] }, 'held maker pinned'],
    [
      'too old, of a card of another product',
      { lists: [stale], product: 'card-b' },
      'refuted product',
    ],
    [
      'that name its issuer, which an overlay pins as a root',
      { lists: [rootList('0a')], registry: registryWith({}, subPinned) },
      'revoked revocation',
    ],
    [
      'that do not, under that overlay',
      { registry: registryWith({}, subPinned) },
      'held maker pinned',
    ],
  ])('%s', async (_, given, expected) => {
    expect(await told(given)).toBe(expected);
  });

  it('that stop a chain leave its root and its path known', async () => {
    for (const lists of [[listOf('0c01')], [stale]]) {
      const outcome = await trace({ lists });
      expect(outcome).toMatchObject({ root: { id: 'root', layer: { role: 'pinned' } } });
      expect('path' in outcome && outcome.path.map(({ serialHex }) => serialHex)).toEqual([
        ...['0c01', '0a', '01'],
      ]);
    }
  });

  function forged(): Uint8Array {
    return revocationList({ issuer: 'Cards A', signer: keys.foreign, revoked: ['0c01'] });
  }

  function ofB(...revoked: string[]): Uint8Array {
    return revocationList({ issuer: 'Cards B', signer: keys.b, revoked });
  }
});

describe('the hash of the key that a card shows', () => {
  it('is that of the first certificate, whoever signed it', () => {
    expect(leafKeyHash([leaf(ofForeigner), certificates.a])).toBe(keys.card.spkiHex);
  });

  it.each([[[]], [[Uint8Array.of(1)]]])('is unknown for %j', (shown) => {
    expect(leafKeyHash(shown)).toBeUndefined();
  });
});
