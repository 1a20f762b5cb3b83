import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { RegistryError } from '../../src/errors/error.ts';
import { coinkiteTapDemo } from '../../src/simulator/demo-keys.ts';
import { parseRegistryLayer, Registry } from '../../src/trust/registry.ts';
import { isSecp256k1Key } from '../../src/trust/signature.ts';
import {
  demoRegistry,
  overlay,
  packagedRegistry,
  pinnedLayer,
  rootEntry,
} from '../support/registry.ts';

const family = 'coinkite-tap';
const production = '03028a0e89e70d0ec0d932053a89ab1da7d9182bdc6d2f03e706ee99517d05d9e1';
const development = '027722ef208e681bac05f1b4b3cc478d6bf353ac9a09ff0c843430138f65c27bab';
const other = '0312d005ca1501b1603c3b00412eefe27c6b20a74c29377263b357b3aff12de6fa';

describe('the packaged registry', () => {
  it('pins the production root and refuses the development root by name', () => {
    expect(packagedRegistry.root(family, production)?.role).toBe('maker');
    expect(packagedRegistry.root(family, development)?.role).toBe('development');
    expect(packagedRegistry.root(family, other)).toBeUndefined();
  });

  it('lists only keys that are points on the curve, each with a source', () => {
    for (const entry of Object.values(pinnedLayer.file.families)) {
      for (const { key, source } of entry.roots) {
        expect(isSecp256k1Key(fromHex(key))).toBe(true);
        expect(source.length).toBeGreaterThan(20);
      }
    }
  });

  it('holds no demo key, and is no demo', () => {
    const demoKey = toHex(coinkiteTapDemo.root.publicKey);
    expect(packagedRegistry.root(family, demoKey)).toBeUndefined();
    expect(packagedRegistry.demo).toBe(false);
    expect(demoRegistry.root(family, demoKey)?.layer.file.demo).toBe(true);
  });

  it('knows no family called after a property of every object', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(packagedRegistry.knows(name)).toBe(false);
      expect(packagedRegistry.root(name, production)).toBeUndefined();
    }
  });
});

describe('overlays', () => {
  it('add a root', () => {
    const registry = new Registry([pinnedLayer, overlay({ roots: [rootEntry(other)] })]);
    expect(registry.root(family, other)?.layer.role).toBe('overlay');
    expect(registry.root(family, production)?.layer.role).toBe('pinned');
  });

  it('cannot make the development root acceptable', () => {
    const registry = new Registry([pinnedLayer, overlay({ roots: [rootEntry(development)] })]);
    expect(registry.root(family, development)?.role).toBe('development');
  });

  it('can refuse what the pinned registry approves, not the other way round', () => {
    const firmware = (id: string, status: string) => ({ firmware: [{ id, status, source: 'x' }] });
    const stricter = new Registry([pinnedLayer, overlay(firmware('1.0.3', 'refused'))]);
    expect(stricter.firmware(family, '1.0.3', undefined)?.status).toBe('refused');
    const laxer = new Registry([pinnedLayer, overlay(firmware('1.0.1', 'approved'))]);
    expect(laxer.firmware(family, '1.0.1', 'tapsigner')).toMatchObject({
      status: 'superseded',
      advisories: [{ id: 'coinkite-free-code-guesses' }],
    });
  });

  it('cannot make a complete list of roots incomplete', () => {
    const registry = new Registry([pinnedLayer, overlay({ rootsAreComplete: false })]);
    expect(registry.rootsAreComplete(family)).toBe(true);
  });
});

describe('an empty trust list is an error', () => {
  it.each([
    ['no layer', []],
    ['an overlay alone', [overlay({ roots: [rootEntry(other)] })]],
    ['two pinned layers', [pinnedLayer, pinnedLayer]],
  ])('%s', (_, layers) => {
    expect(() => new Registry(layers)).toThrow(RegistryError);
  });

  it('a pinned registry without maker roots', () => {
    const text = JSON.stringify({ ...pinnedLayer.file, families: {} });
    expect(() => new Registry([parseRegistryLayer(text, 'pinned', 'x')])).toThrow(/no maker root/);
  });
});

describe('a registry file is refused', () => {
  const good = () => structuredClone(overlay({ roots: [rootEntry(other)] }).file) as never;
  type Loose = Record<string, unknown> & { families: Record<string, Record<string, unknown>> };
  const entry = (file: Loose) => file.families[family] as Record<string, unknown>;
  const parse = (file: unknown) => parseRegistryLayer(JSON.stringify(file), 'overlay', 'mine.json');

  it('not when it is as it should be', () => {
    expect(parse(good()).file.name).toBe('overlay for tests');
  });

  it.each<[string, (file: Loose) => unknown, RegExp]>([
    ['with a misspelt field', (f) => (f['revokd'] = []), /revokd/],
    ['with a misspelt field in a family', (f) => (entry(f)['revokd'] = []), /revokd/],
    ['without a schema', (f) => delete f['schema'], /"schema"/],
    ['of a later version', (f) => (f['schema'] = 'touchstone.registry/2'), /"schema"/],
    ['with serial 0', (f) => (f['serial'] = 0), /"serial"/],
    ['with a fractional serial', (f) => (f['serial'] = 1.5), /"serial"/],
    ['with an unreadable expiry', (f) => (f['expires'] = 'never'), /"expires"/],
    [
      'that expires before it was issued',
      (f) => (f['expires'] = '2000-01-01T00:00:00Z'),
      /"expires"/,
    ],
    ['with a short key', (f) => (entry(f)['roots'] = [rootEntry('02ab')]), /key/],
    [
      'with a key in upper case',
      (f) => (entry(f)['roots'] = [rootEntry(other.toUpperCase())]),
      /key/,
    ],
    ['with an unknown role', (f) => (entry(f)['roots'] = [rootEntry(other, 'any')]), /role/],
    [
      'with one key twice',
      (f) => (entry(f)['roots'] = [rootEntry(other), rootEntry(other, 'test', 'b')]),
      /twice/,
    ],
    [
      'with one name twice',
      (f) => (entry(f)['roots'] = [rootEntry(other), rootEntry(production)]),
      /twice/,
    ],
    [
      'with an advisory that is not there',
      (f) =>
        (entry(f)['firmware'] = [{ id: '1', status: 'approved', advisories: ['x'], source: 'y' }]),
      /advisory "x"/,
    ],
  ])('%s', (_, change, message) => {
    const file = good();
    change(file);
    expect(() => parse(file)).toThrow(RegistryError);
    expect(() => parse(file)).toThrow(message);
  });

  it.each([
    ['empty', ''],
    ['cut short', '{"schema": "touchstone.reg'],
    ['too large', ' '.repeat(2_000_000)],
    ['a list', '[]'],
  ])('when it is %s', (_, text) => {
    expect(() => parseRegistryLayer(text, 'overlay', 'mine.json')).toThrow(/mine\.json/);
  });
});
