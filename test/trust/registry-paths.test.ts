/** The ways to roots that a registry writes down. */
import { describe, expect, it } from 'vitest';
import { Registry } from '../../src/trust/registry.ts';
import { certificate } from '../support/certificates.ts';
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
      'Cards A < Test Root, test pinned, any',
    ]);
  });

  it('do not go by an issuer of one layer to a root of another', () => {
    const mine = { subject: 'Mine', issuer: 'Mine', key: keys.foreign, signer: keys.foreign };
    const ofMine = certificate({ ...mine, subject: 'Cards A', key: keys.b, ca: true });
    const roots = [rootOf(certificate({ ...mine, ca: true }))];
    const issuers = [issuerOf(ofMine, { products: undefined })];
    expect(paths(registryWith({}, { ...testEntry, roots, issuers })).at(-1)).toBe(
      'Cards A < Mine, maker overlay, any',
    );
  });

  it('leave keys among the issuers out', () => {
    const key = { id: 'k', key: `02${'11'.repeat(32)}`, name: 'a key', source: 'this test' };
    expect(paths(registryWith({ issuers: [key] }))).toHaveLength(2);
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
  const own = (der: Uint8Array) => ({ roots: [rootOf(der)] });

  it('is refused in every certificate with its key, in every layer', () => {
    const registry = registryWith(testEntry, own(again()), own(again({ serial: '02' })));
    expect(paths(registry).slice(3)).toEqual(['Mine, test pinned, any', 'Mine, test pinned, any']);
  });

  it('is refused by an overlay as well', () => {
    const roots = [rootOf(again(), { id: 'again' })];
    expect(paths(registryWith({ roots }, testEntry))).toContain('Mine, test overlay, any');
  });

  it('does not refuse another key of the same name', () => {
    const other = makeRoot({ subject: 'Test Root', issuer: 'Test Root', key: keys.foreign });
    expect(paths(registryWith(testEntry, own(other))).at(-1)).toBe('Test Root, maker overlay, any');
  });
});
