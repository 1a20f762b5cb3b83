/** Which root counts: one refused by name, one of several ways, one with exceptions of its own. */
import { describe, expect, it } from 'vitest';
import { Registry } from '../../src/trust/registry.ts';
import type { KnownPath } from '../../src/trust/registry-paths.ts';
import { revocationList } from '../support/certificates.ts';
import {
  certificates,
  family,
  issuerOf,
  keys,
  layer,
  leaf,
  makeRoot,
  makersEntry,
  registryWith,
  rootOf,
  testEntry,
} from '../support/pki.ts';
import { type Case, listOf, ofForeigner, oldList, sameKey, told, trace } from './chains.ts';

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
