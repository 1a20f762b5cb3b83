/** The ways to roots that a registry writes down. */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { Registry } from '../../src/trust/registry.ts';
import { certificate, type TestKey } from '../support/certificates.ts';
import {
  family,
  issuerOf,
  keys,
  layer,
  makeRoot,
  makersEntry,
  registryWith,
  rootOf,
  testEntry,
} from '../support/pki.ts';

/** Each path from the card outwards, and what the root is. */
const paths = (registry: Registry) =>
  registry.paths(family).map(({ between, anchor, root, products }) => {
    const names = [...between, anchor].map(({ subject }) => subject.commonName);
    return `${names.join(' < ')}, ${root.role} ${root.layer.role}, ${products ?? 'any'}`;
  });

describe('the paths', () => {
  it('go by each issuer of a root', () => {
    expect(paths(registryWith())).toEqual([
      'Cards A < Maker Root, maker pinned, card-a',
      'Cards B < Maker Root, maker pinned, card-b',
    ]);
    expect(registryWith().paths(family)[0]).toMatchObject({
      issuerName: 'issuer of a',
      root: { id: 'root', exceptions: [] },
    });
  });

  it('are the root alone where it has no issuers', () => {
    const registry = new Registry([layer({ ...makersEntry, issuers: [] })]);
    expect(paths(registry)).toEqual(['Maker Root, maker pinned, any']);
  });

  it('are none where roots are keys', () => {
    const key = `02${'11'.repeat(32)}`;
    const roots = [{ id: 'k', role: 'maker', key, name: 'a key', source: 'this test' }];
    expect(paths(new Registry([layer({ roots })]))).toEqual([]);
  });

  it('are none for another family', () => {
    expect(registryWith().paths('other')).toEqual([]);
    expect(registryWith().paths('__proto__')).toEqual([]);
  });

  it('keep each issuer below its own root', () => {
    expect(paths(registryWith(testEntry))).toEqual([
      'Cards A < Maker Root, maker pinned, card-a',
      'Cards B < Maker Root, maker pinned, card-b',
      'Cards A < Test Root, test pinned, card-a,card-b',
    ]);
  });

  it('do not go by an issuer of one layer to a root of another', () => {
    const mine = { subject: 'Mine', issuer: 'Mine', key: keys.foreign, signer: keys.foreign };
    const ofMine = certificate({ ...mine, subject: 'Cards A', key: keys.testA, ca: true });
    const roots = [rootOf(certificate({ ...mine, ca: true }))];
    const issuers = [issuerOf(ofMine, { products: undefined })];
    expect(paths(registryWith({}, { ...testEntry, roots, issuers })).at(-1)).toBe(
      'Cards A < Mine, maker overlay, any',
    );
  });

  it('are found once for each family', () => {
    const registry = registryWith({}, { roots: [rootOf(own())] });
    expect(registry.paths(family)).toHaveLength(3);
    expect(registry.paths(family)).toBe(registry.paths(family));
    expect(registry.paths('other')).toEqual([]);
  });

  it('leave keys among the issuers out', () => {
    const key = { id: 'k', key: `02${'11'.repeat(32)}`, name: 'a key', source: 'this test' };
    expect(paths(registryWith({ issuers: [key] }))).toHaveLength(2);
  });
});

/** A root of somebody else, with what the parts change in it. */
function own(more = {}): Uint8Array {
  const key = { key: keys.foreign, signer: keys.foreign };
  return makeRoot({ subject: 'Mine', issuer: 'Mine', ...key, ...more });
}

describe('a key of the pinned layer', () => {
  const below = (key: TestKey) =>
    certificate({ subject: 'X', issuer: 'Mine', key, signer: keys.foreign, ca: true });
  const rootWith = (key: TestKey) => ({ roots: [rootOf(own({ key, signer: key }))] });
  const issuerWith = (key: TestKey) => ({
    roots: [rootOf(own())],
    issuers: [issuerOf(below(key), { products: undefined })],
  });
  const pinned = paths(registryWith());

  it.each<[string, object]>([
    ['all of it', makersEntry],
    ['the key of its root', rootWith(keys.root)],
    ['the key of an issuer as a root', rootWith(keys.b)],
    ['the key of its root as an issuer', issuerWith(keys.root)],
    ['the key of an issuer below another root', issuerWith(keys.b)],
  ])('opens no way by an overlay that lists %s', (_, entry) => {
    expect(paths(registryWith({}, entry))).toEqual(pinned);
  });

  it.each<[string, object]>([
    ['another key as a root', rootWith(keys.foreign)],
    ['another key as an issuer', issuerWith(keys.testA)],
  ])('takes no way from an overlay that lists %s', (_, entry) => {
    const [more, ...rest] = paths(registryWith({}, entry)).slice(pinned.length);
    expect(more).toMatch(/Mine, maker overlay, any$/);
    expect(rest).toEqual([]);
  });

  it('opens none where it is pinned as a bare point, as a root or an issuer', () => {
    const key = toHex(keys.card.point);
    const bare = { id: 'bare', key, name: 'a key', source: 'this test' };
    const entry = rootWith(keys.card);
    expect(paths(registryWith({}, entry))).toHaveLength(3);
    expect(paths(registryWith({ roots: [{ ...bare, role: 'maker' }] }, entry))).toEqual(pinned);
    expect(paths(registryWith({ issuers: [bare] }, entry))).toEqual(pinned);
  });

  it('of one overlay takes none from another', () => {
    const both = registryWith({}, rootWith(keys.foreign), issuerWith(keys.testA));
    expect(paths(both)).toHaveLength(4);
  });
});

describe('a root that is refused by name', () => {
  const again = (more = {}) =>
    makeRoot({
      subject: 'Mine',
      issuer: 'Mine',
      key: keys.testRoot,
      signer: keys.testRoot,
      ...more,
    });
  const alone = (der: Uint8Array) => ({ roots: [rootOf(der)] });

  it('is refused in every certificate with its key, in every layer', () => {
    const registry = registryWith(testEntry, alone(again()), alone(again({ serial: '02' })));
    expect(paths(registry).slice(3)).toEqual(['Mine, test pinned, any', 'Mine, test pinned, any']);
  });

  it('is refused by an overlay as well', () => {
    const roots = [rootOf(again(), { id: 'again' })];
    expect(paths(registryWith({ roots }, testEntry))).toContain('Mine, test overlay, any');
  });

  it('is refused by the key of an issuer below it', () => {
    const issuerAgain = again({ key: keys.testA, signer: keys.testA });
    const found = paths(registryWith(testEntry, alone(issuerAgain)));
    expect(found.slice(3)).toEqual(['Mine, test pinned, any']);
    expect(paths(registryWith({}, alone(issuerAgain))).at(-1)).toBe('Mine, maker overlay, any');
  });

  it('is refused as a bare point', () => {
    const key = toHex(keys.card.point);
    const refused = { id: 'bare', role: 'development', key, name: 'a key', source: 'this test' };
    const root = alone(again({ key: keys.card, signer: keys.card }));
    expect(paths(registryWith({ roots: [refused] }, root)).at(-1)).toBe(
      'Mine, development pinned, any',
    );
    const other = { ...refused, key: `02${'11'.repeat(32)}` };
    expect(paths(registryWith({ roots: [other] }, root)).at(-1)).toBe('Mine, maker overlay, any');
  });

  it.each([
    ['root', keys.testRoot],
    ['issuer', keys.testA],
  ])('is refused where a certificate between has the key of its %s', (_, key) => {
    const between = certificate({
      ...{ subject: 'Cards A', issuer: 'Mine', key, signer: keys.foreign, ca: true },
    });
    const entry = {
      roots: [rootOf(own())],
      issuers: [issuerOf(between, { products: undefined })],
    };
    expect(paths(registryWith(testEntry, entry)).at(-1)).toBe('Cards A < Mine, test pinned, any');
  });

  it('does not refuse another key of the same name', () => {
    const other = makeRoot({ subject: 'Test Root', issuer: 'Test Root', key: keys.foreign });
    expect(paths(registryWith(testEntry, alone(other))).at(-1)).toBe(
      'Test Root, maker overlay, any',
    );
  });
});
