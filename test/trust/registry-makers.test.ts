/** What a registry tells of makers: who signed, issuers' names, servers, products by batch. */

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { RegistryError } from '../../src/errors/error.ts';
import { type KeyPair, tangemDemo } from '../../src/simulator/demo-keys.ts';
import { Registry } from '../../src/trust/registry.ts';
import { overlay, packagedRegistry, pinnedLayer, rootEntry } from '../support/registry.ts';

const family = 'coinkite-tap';
const production = '03028a0e89e70d0ec0d932053a89ab1da7d9182bdc6d2f03e706ee99517d05d9e1';
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

describe('the signer of a statement', () => {
  const message = utf8('a message');
  const sign = ({ privateKey }: KeyPair, lowS = true) => ({
    message,
    signature: secp256k1.sign(message, privateKey, { lowS }),
  });
  const hexOf = ({ publicKey }: KeyPair) => toHex(publicKey);
  const { manufacturer, idSigner, issuer } = tangemDemo;
  const roots = [rootEntry(hexOf(manufacturer)), rootEntry(hexOf(idSigner), 'maker', 'ids')];
  const registry = new Registry([pinnedLayer, overlay({ roots })]);

  it.each([
    ['the first root', manufacturer, 'test-root'],
    ['a later one', idSigner, 'ids'],
  ])('is %s, by its signature alone', (_, pair, id) => {
    expect(registry.signer(family, sign(pair))).toMatchObject({ id, role: 'maker' });
    expect(registry.signer(family, sign(pair, false))?.id).toBe(id);
    expect(registry.signer(family, sign(pair))?.layer.role).toBe('overlay');
  });

  it('is nobody where no root signed it', () => {
    expect(registry.signer(family, sign(issuer))).toBeUndefined();
    const { signature } = sign(manufacturer);
    const changed = { message: utf8('another message'), signature };
    expect(registry.signer(family, changed)).toBeUndefined();
    const short = { message, signature: signature.subarray(1) };
    expect(registry.signer(family, short)).toBeUndefined();
    const empty = { message, signature: new Uint8Array() };
    expect(registry.signer(family, empty)).toBeUndefined();
  });

  it('is looked for in its own family only', () => {
    expect(registry.signer('tangem', sign(manufacturer))).toBeUndefined();
    expect(registry.signer('none', sign(manufacturer))).toBeUndefined();
    expect(packagedRegistry.signer(family, sign(manufacturer))).toBeUndefined();
  });

  it('is never an issuer that is only known by name', () => {
    const issuers = [{ ...issuerEntry, key: hexOf(issuer) }];
    const named = new Registry([pinnedLayer, overlay({ roots, issuers })]);
    expect(named.issuerName(family, hexOf(issuer))).toBe('an issuer');
    expect(named.signer(family, sign(issuer))).toBeUndefined();
  });

  it.each(['test', 'development'])(
    'is refused where one layer says %s, the other maker',
    (role) => {
      const refusing = overlay({ roots: [rootEntry(hexOf(manufacturer), role, 'refused')] });
      for (const layers of [
        [pinnedLayer, overlay({ roots }), refusing],
        [pinnedLayer, refusing, overlay({ roots })],
      ]) {
        const found = new Registry(layers).signer(family, sign(manufacturer));
        expect(found).toMatchObject({ id: 'refused', role });
      }
    },
  );
});

describe('the name of an issuer', () => {
  const issuers = [issuerEntry, { ...issuerEntry, id: 'j', key: other, name: 'another issuer' }];
  const registry = new Registry([pinnedLayer, overlay({ issuers })]);

  it('is found by the whole key, in its family', () => {
    expect(registry.issuerName(family, production)).toBe('an issuer');
    expect(registry.issuerName(family, other)).toBe('another issuer');
    expect(registry.issuerName(family, other.toUpperCase())).toBeUndefined();
    expect(registry.issuerName(family, other.slice(2))).toBeUndefined();
    expect(registry.issuerName('tangem', other)).toBeUndefined();
  });

  it('is that of the lowest layer', () => {
    const renamed = overlay({ issuers: [{ ...issuerEntry, name: 'renamed' }] });
    const layers = [pinnedLayer, overlay({ issuers }), renamed];
    expect(new Registry(layers).issuerName(family, production)).toBe('an issuer');
  });

  it('makes no root of its key', () => {
    expect(registry.root(family, other)).toBeUndefined();
  });
});

describe("the maker's server", () => {
  const at = (url: string) => overlay({ makerServer: { url, source: 'x' } });

  it('is none where no layer names one', () => {
    expect(packagedRegistry.makerServer(family)).toBeUndefined();
    expect(packagedRegistry.makerServer('none')).toBeUndefined();
  });

  it.each([
    'https://api.example.com/card',
    'http://127.0.0.1:35980/card',
    'http://localhost/card',
    'http://[::1]:1/card',
  ])('may be at %s', (url) => {
    expect(new Registry([pinnedLayer, at(url)]).makerServer(family)).toBe(url);
  });

  it.each([
    'http://api.example.com/card',
    'http://127.0.0.1.example.com/card',
    'http://localhost:x@example.com/card',
    'http://127.0.0.1@example.com/card',
    'ftp://127.0.0.1/card',
    `https://example.com/${'x'.repeat(512)}`,
  ])('may not be at %s', (url) => {
    expect(() => at(url)).toThrow(RegistryError);
  });

  it('is known to be the own choice of a user where an overlay names it', () => {
    const named = new Registry([pinnedLayer, at('https://one.example/card')]);
    expect(named.namesOwnServer(family)).toBe(true);
    expect(new Registry([pinnedLayer, overlay({})]).namesOwnServer(family)).toBe(false);
    expect(packagedRegistry.namesOwnServer('tangem')).toBe(false);
  });

  it('is the one that the last layer names', () => {
    const one = at('https://one.example/card');
    const two = at('http://127.0.0.1:1/card');
    const asked = (...layers: ReturnType<typeof at>[]) =>
      new Registry([pinnedLayer, ...layers]).makerServer(family);
    expect(asked(one)).toBe('https://one.example/card');
    expect(asked(one, two)).toBe('http://127.0.0.1:1/card');
    expect(asked(two, one, overlay({}))).toBe('https://one.example/card');
  });
});

describe('a product by its batch', () => {
  const products = [
    { ...productEntry, id: 'prefix', batches: ['AF*', 'BB0000*'] },
    { ...productEntry, id: 'exact', batches: ['AF99', 'AC05'] },
    { ...productEntry, id: 'none', batches: [] },
  ];
  const registry = new Registry([pinnedLayer, overlay({ products })]);

  it.each([
    ['AC05', 'exact'],
    ['AF99', 'exact'],
    ['AF990001', 'prefix'],
    ['AF', 'prefix'],
    ['BB000013', 'prefix'],
    ['BB0000', 'prefix'],
    ['BB00', undefined],
    ['BB010000', undefined],
    ['AC0', undefined],
    ['AC050001', undefined],
    ['af07', undefined],
    ['', undefined],
  ])('%s: %s', (batch, id) => {
    expect(registry.product(family, undefined, batch)?.id).toBe(id);
  });

  it('is asked only where the card names no product', () => {
    expect(registry.product(family, 'none', 'AC05')?.id).toBe('none');
    expect(registry.product(family, 'unheard-of', 'AC05')).toBeUndefined();
    expect(registry.product(family, undefined)).toBeUndefined();
    expect(registry.product('tangem', undefined, 'BB010000')).toBeUndefined();
  });

  it('is what the lower layer knows, also where a higher one is more exact', () => {
    const below = overlay({ products: [{ ...productEntry, id: 'below', batches: ['AF*'] }] });
    const above = overlay({
      products: [{ ...productEntry, id: 'above', batches: ['AF07', 'AF*'] }],
    });
    const both = new Registry([pinnedLayer, below, above]);
    expect(both.product(family, undefined, 'AF07')?.id).toBe('below');
    expect(both.product(family, undefined, 'AF08')?.id).toBe('below');
    const only = new Registry([pinnedLayer, above]);
    expect(only.product(family, undefined, 'AF07')?.id).toBe('above');
  });
});
