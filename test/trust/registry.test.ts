import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { RegistryError } from '../../src/errors/error.ts';
import { coinkiteTapDemo } from '../../src/simulator/demo-keys.ts';
import { Registry } from '../../src/trust/registry.ts';
import { parseRegistryLayer } from '../../src/trust/registry-layer.ts';
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
const advisory = { id: 'a', title: 't', meaning: 'm', action: 'a', source: 's' };
const issuerEntry = { id: 'i', key: production, name: 'an issuer', source: 's' };
const productEntry = {
  id: 'p',
  name: 'a product',
  batches: ['AC05', 'AF*'],
  expectedAtSale: { usage: ['new'], attestableWhen: 'always', note: 'n' },
  printedNumber: 'n',
  source: 's',
};
const other = '0312d005ca1501b1603c3b00412eefe27c6b20a74c29377263b357b3aff12de6fa';

describe('the packaged registry', () => {
  it('pins the production root and refuses the development root by name', () => {
    expect(packagedRegistry.root(family, production)?.role).toBe('maker');
    expect(packagedRegistry.root(family, development)?.role).toBe('development');
    expect(packagedRegistry.root(family, other)).toBeUndefined();
  });

  it('lists only keys that are points on the curve, each with a source', () => {
    for (const entry of Object.values(pinnedLayer.file.families)) {
      for (const { key, source } of [...entry.roots, ...entry.issuers]) {
        if (key !== undefined) expect(isSecp256k1Key(fromHex(key)), key).toBe(true);
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

  it('count after the pinned registry in whatever order they are given', () => {
    const registry = new Registry([overlay({ roots: [rootEntry(other)] }), pinnedLayer]);
    expect(registry.layers.map(({ role }) => role)).toEqual(['pinned', 'overlay']);
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
  const entries = {
    revoked: { key: other, reason: 'stolen', source: 'x' },
    firmware: { id: '9', status: 'approved', source: 'x' },
    advisories: advisory,
    issuers: issuerEntry,
    products: productEntry,
  };
  const good = () => structuredClone(overlay({ roots: [rootEntry(other)] }).file) as never;
  type Loose = Record<string, unknown> & { families: Record<string, Record<string, unknown>> };
  const entry = (file: Loose) => file.families[family] as Record<string, unknown>;
  const holding =
    (list: keyof typeof entries, ...changes: object[]) =>
    (file: Loose) => {
      entry(file)[list] = changes.map((change) => ({ ...entries[list], ...change }));
    };
  const server = { url: 'https://api.example.com/card', source: 'x' };
  const serving = (change: object) => (file: Loose) => {
    entry(file)['makerServer'] = { ...server, ...change };
  };
  const parse = (file: unknown) => parseRegistryLayer(JSON.stringify(file), 'overlay', 'mine.json');

  it('not when it is as it should be', () => {
    expect(parse(good()).file.name).toBe('overlay for tests');
  });

  it.each<[string, (file: Loose) => unknown]>([
    ['an issuer', holding('issuers', {})],
    ['a product with batches', holding('products', {})],
    ['a product without', holding('products', { batches: undefined })],
    [
      'a product and another of other batches',
      holding('products', {}, { id: 'q', batches: ['A'] }),
    ],
    ['an advisory that is a note', holding('advisories', { advice: 'note' })],
    ["a maker's server", serving({})],
    ['one on this machine', serving({ url: 'http://127.0.0.1:35980/card' })],
  ])('not for %s', (_, change) => {
    const file = good();
    change(file);
    expect(parse(file).file.name).toBe('overlay for tests');
  });

  it.each<[string, (file: Loose) => unknown, RegExp]>([
    ['with a misspelt field', (f) => (f['revokd'] = []), /revokd/],
    ['with a misspelt field in a family', (f) => (entry(f)['revokd'] = []), /revokd/],
    ['without a schema', (f) => delete f['schema'], /"schema"/],
    ['of a later version', (f) => (f['schema'] = 'touchstone.registry/2'), /"schema"/],
    ['with a misspelt field of a revocation', holding('revoked', { Key: other }), /"Key"/],
    ['with a revocation of no key', holding('revoked', { key: undefined }), /revoked\.0/],
    ['with a misspelt field of a firmware', holding('firmware', { advisorys: [] }), /"advisorys"/],
    ['with an unknown firmware status', holding('firmware', { status: 'revoked' }), /0\.status/],
    ['with an unknown advice', holding('advisories', { advice: 'halt' }), /0\.advice/],
    ['with an advisory for no product', holding('advisories', { products: [] }), /0\.products/],
    ['with a misspelt field of an advisory', holding('advisories', { product: 1 }), /"product"/],
    ['with one firmware twice', holding('firmware', {}, { status: 'refused' }), /"9" is listed tw/],
    ['with one advisory twice', holding('advisories', {}, {}), /"a" is listed twice/],
    ['with an issuer without a name', holding('issuers', { name: undefined }), /issuers\.0\.name/],
    ['with an issuer without a source', holding('issuers', { source: undefined }), /0\.source/],
    ['with a role of an issuer', holding('issuers', { role: 'maker' }), /"role"/],
    ['with a long key of an issuer', holding('issuers', { key: `04${'0'.repeat(128)}` }), /0\.key/],
    ['with one issuer twice', holding('issuers', {}, { key: other }), /"i" is listed twice/],
    ['with a batch in lower case', holding('products', { batches: ['ac05'] }), /batches\.0/],
    ['with an empty batch', holding('products', { batches: [''] }), /batches\.0/],
    ['with a batch that is a star', holding('products', { batches: ['*'] }), /batches\.0/],
    ['with a star inside a batch', holding('products', { batches: ['A*5'] }), /batches\.0/],
    ['with a batch that is none', holding('products', { batches: [5] }), /batches\.0/],
    ['with a misspelt field of a product', holding('products', { batch: 'AC05' }), /"batch"/],
    [
      'with one batch in one product twice',
      holding('products', { batches: ['AC05', 'AC05'] }),
      /batch "AC05" is listed twice/,
    ],
    [
      'with one batch in two products',
      holding('products', {}, { id: 'q', batches: ['AF*'] }),
      /batch "AF\*" is listed twice/,
    ],
    ['with a server without a source', serving({ source: undefined }), /makerServer\.source/],
    ['with a server that is no URL', serving({ url: 'api.example.com/card' }), /makerServer\.url/],
    ['with a server in a file', serving({ url: 'file:///etc/passwd' }), /makerServer\.url/],
    ['with a misspelt field of a server', serving({ urls: [] }), /"urls"/],
    ['that expires as it is issued', (f) => (f['expires'] = f['issued']), /"expires"/],
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

describe('layers that disagree', () => {
  const roots = (role: string) => overlay({ roots: [rootEntry(other, role)] });
  it.each([
    ['test', 'maker', 'test'],
    ['maker', 'test', 'test'],
    ['development', 'maker', 'development'],
    ['maker', 'development', 'development'],
    ['maker', 'maker', 'maker'],
  ])('%s below, %s above: the root is %s', (below, above, expected) => {
    const registry = new Registry([pinnedLayer, roots(below), roots(above)]);
    expect(registry.root(family, other)?.role).toBe(expected);
  });

  it('about the development root: it is refused on either side of the pinned layer', () => {
    const pinning = overlay({ roots: [rootEntry(development)] });
    const above = new Registry([pinnedLayer, pinning]);
    expect(above.root(family, development)?.role).toBe('development');
    const below = new Registry([pinning, pinnedLayer]);
    expect(below.root(family, development)?.role).toBe('development');
  });

  it('about a product: the pinned entry stays whole', () => {
    const product = pinnedLayer.file.families[family]?.products.find(({ id }) => id === 'satscard');
    const expectedAtSale = { ...product?.expectedAtSale, usage: ['opened', 'used-up'] };
    const lax = { ...product, name: 'another', expectedAtSale };
    const registry = new Registry([pinnedLayer, overlay({ products: [lax] })]);
    expect(registry.product(family, 'satscard')).toEqual(product);
    expect(registry.product(family, 'satscard')?.expectedAtSale.usage).toEqual(['sealed']);
  });

  it('about nothing: an overlay adds a product, a maker of a new family and a revocation', () => {
    const [product] = pinnedLayer.file.families[family]?.products ?? [];
    const revoked = [{ key: other, reason: 'stolen', source: 'x' }];
    const more = overlay({ products: [{ ...product, id: 'mine' }], revoked, maker: 'Mine' });
    const registry = new Registry([pinnedLayer, more]);
    expect(registry.product(family, 'mine')?.id).toBe('mine');
    expect(registry.product(family, 'none')).toBeUndefined();
    const named = { keys: [other], spkis: [], certificates: [] };
    expect(registry.revocations(family, named).map(({ reason }) => reason)).toEqual(['stolen']);
    expect(registry.revocations(family, { ...named, keys: [production] })).toEqual([]);
    expect(registry.maker(family)).toBe('Coinkite');
  });
});

describe('the age', () => {
  const issued = Date.parse(pinnedLayer.file.issued);
  const expires = Date.parse(pinnedLayer.file.expires);
  const day = 86_400_000;

  it.each([
    ['a day and a millisecond before', issued - day - 1, 'early', 0],
    ['a day before', issued - day, 'valid', 0],
    ['when issued', issued, 'valid', 0],
    ['when it expires', expires, 'valid', 0],
    ['a millisecond later', expires + 1, 'expired', 1],
    ['a day later', expires + day, 'expired', 1],
    ['a day and a millisecond later', expires + day + 1, 'expired', 2],
    ['180 days later', expires + 180 * day, 'expired', 180],
    ['180 days and a millisecond later', expires + 180 * day + 1, 'ancient', 181],
  ])('%s', (_, at, age, daysPast) => {
    expect(packagedRegistry.age(at)).toEqual({ age, daysPast });
  });

  it('is that of the layer that expires first and of the one issued last', () => {
    const layer = overlay({}, { issued: '2026-12-01T00:00:00Z', expires: '2026-12-31T00:00:00Z' });
    const registry = new Registry([pinnedLayer, layer]);
    expect(registry.age(Date.parse('2026-11-29T23:59:59.999Z')).age).toBe('early');
    expect(registry.age(Date.parse('2026-11-30T00:00:00Z')).age).toBe('valid');
    expect(registry.age(Date.parse('2027-01-02T00:00:00Z')).daysPast).toBe(2);
    const longer = overlay({}, { issued: '2000-01-01T00:00:00Z', expires: '2099-01-01T00:00:00Z' });
    expect(new Registry([pinnedLayer, longer]).age(issued - day - 1).age).toBe('early');
    expect(new Registry([pinnedLayer, longer]).age(expires + 1).age).toBe('expired');
  });
});

describe('advisories', () => {
  const registry = new Registry([
    pinnedLayer,
    overlay({
      advisories: [
        { ...advisory, id: 'all' },
        { ...advisory, id: 'some', advice: 'stop', products: ['satscard', 'satschip'] },
        { ...advisory, id: 'unnamed' },
      ],
      firmware: [{ id: '9', status: 'approved', advisories: ['all', 'some'], source: 'x' }],
    }),
  ]);

  it.each<[string | undefined, string[]]>([
    ['satscard', ['all', 'some']],
    ['satschip', ['all', 'some']],
    ['tapsigner', ['all']],
    [undefined, ['all', 'some']],
  ])('concern a %s', (product, ids) => {
    expect(registry.firmware(family, '9', product)?.advisories.map(({ id }) => id)).toEqual(ids);
  });

  it('advise care where they do not say stop', () => {
    const found = registry.firmware(family, '9', undefined)?.advisories;
    expect(found?.map(({ advice }) => advice)).toEqual(['care', 'stop']);
  });

  it('that are notes are given like the others', () => {
    const noting = overlay({
      advisories: [
        { ...advisory, advice: 'note' },
        { ...advisory, id: 'b' },
      ],
      firmware: [{ id: '9', status: 'approved', advisories: ['a', 'b'], source: 'x' }],
    });
    const standing = new Registry([pinnedLayer, noting]).firmware(family, '9', undefined);
    expect(standing).toMatchObject({
      status: 'approved',
      advisories: [
        { id: 'a', advice: 'note' },
        { id: 'b', advice: 'care' },
      ],
    });
  });

  it('of an overlay do not soften those below', () => {
    const softer = overlay({
      advisories: [{ ...advisory, id: 'coinkite-slot-not-signed', products: ['tapsigner'] }],
    });
    const standing = new Registry([pinnedLayer, softer]).firmware(family, '0.9.0', 'satscard');
    expect(standing?.advisories).toMatchObject([{ advice: 'stop' }]);
  });
});

describe('the size of a registry file', () => {
  const text = JSON.stringify(overlay({ roots: [rootEntry(other)] }).file);
  const limit = 1024 * 1024;
  it('may be the limit, and not a character more', () => {
    const read = (length: number) => parseRegistryLayer(text.padEnd(length), 'overlay', 'x.json');
    expect(read(limit).file.name).toBe('overlay for tests');
    expect(() => read(limit + 1)).toThrow('x.json cannot be used: longer than 1048576 characters.');
  });
});
