/**
 * What certs/README.md tells people to write is a registry that works, and what the registries in
 * certs/ say agrees with published cards (test/vectors/tangem).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../src/bytes/hex.ts';
import { coinkiteTapDemo, tangemDemo } from '../src/simulator/demo-keys.ts';
import { Registry } from '../src/trust/registry.ts';
import { parseRegistryLayer } from '../src/trust/registry-layer.ts';
import { compressSecp256k1, verifySecp256k1 } from '../src/trust/signature.ts';
import { demoRegistry, packagedRegistry, pinnedLayer } from './support/registry.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('certs/README.md', () => {
  const page = read('../certs/README.md');

  it('has an example that pins the root of the virtual cards', () => {
    const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const registry = new Registry([pinnedLayer, parseRegistryLayer(example, 'overlay', 'example')]);
    const key = toHex(coinkiteTapDemo.root.publicKey);
    expect(registry.root('coinkite-tap', key)?.layer.role).toBe('overlay');
    expect(registry.demo).toBe(true);
  });

  it.each(['issuers', 'makerServer', 'products', 'firmware', 'revoked', 'roots'])(
    'explains "%s"',
    (field) => expect(page).toMatch(new RegExp(`^\\| .*\`${field}(\\[\\])?[.\`]`, 'm')),
  );
});

interface Key {
  readonly name: string;
  readonly publicKey: string;
}
interface IdSignature {
  readonly cardId: string;
  readonly batchId: string;
  readonly firmware: string;
  readonly issuerPublicKey: string;
  readonly signature: string;
  readonly verified: boolean;
  readonly signerKey: string | null;
}
interface Dump {
  readonly cardId: string;
  readonly firmware: string | null;
}
interface Online {
  readonly cardPublicKey: string;
  readonly issuerPublicKey: string;
  readonly firmware: string;
  readonly manufacturer_signature: string;
  readonly issuer_signature: string;
}

const vectors = <T>(name: string): T => JSON.parse(read(`./vectors/tangem/${name}.json`));
const bytes = (hex: string) => fromHex(hex.toLowerCase());
const compressed = (hex: string) => toHex(compressSecp256k1(bytes(hex)) ?? new Uint8Array());

describe('the packaged registry about Tangem cards', () => {
  const family = 'tangem';
  const pinned = vectors<{ manufacturerKeys: Key[]; issuerDataKeysSeenOnCards: Key[] }>(
    'pinned-keys',
  );
  const idSignatures = vectors<IdSignature[]>('card-id-signatures');
  const dumps = vectors<Dump[]>('read-responses');
  const online = vectors<Online[]>('online-attestation');
  const entry = pinnedLayer.file.families[family];
  const keyOf = (keys: readonly Key[], name: string) =>
    compressed(keys.find((key) => key.name.startsWith(name))?.publicKey ?? '');
  const firmwareSeen = new Set(
    [...dumps, ...idSignatures, ...online].flatMap(({ firmware }) => firmware ?? []),
  );

  it('knows all roots there are: those of pinned-keys.json, compressed', () => {
    expect(packagedRegistry.maker(family)).toBe('Tangem');
    expect(packagedRegistry.rootsAreComplete(family)).toBe(true);
    const role = (name: string) =>
      packagedRegistry.root(family, keyOf(pinned.manufacturerKeys, name))?.role;
    expect(role('TANGEM')).toBe('maker');
    expect(role('SMART CASH')).toBe('maker');
    expect(role('TANGEM SDK')).toBe('development');
    const developers = keyOf(pinned.issuerDataKeysSeenOnCards, 'TANGEM SDK');
    expect(packagedRegistry.root(family, developers)?.role).toBe('development');
    const keys = pinned.manufacturerKeys.map(({ publicKey }) => compressed(publicKey));
    expect(entry?.roots.map(({ key }) => key).toSorted()).toEqual([...keys, developers].toSorted());
  });

  it('calls the issuers seen on cards by name, and takes none for a root', () => {
    for (const name of ['TANGEM', 'TANGEM AG']) {
      const key = keyOf(pinned.issuerDataKeysSeenOnCards, name);
      expect(packagedRegistry.issuerName(family, key)).toContain(name);
    }
    expect(entry?.issuers).toHaveLength(13);
    for (const { key } of entry?.issuers ?? []) {
      expect(packagedRegistry.root(family, key ?? '')).toBeUndefined();
    }
  });

  it.each(online)('leads to the maker for the card of $firmware', (card) => {
    const issuer = compressed(card.issuerPublicKey);
    const signature = bytes(card.manufacturer_signature);
    const signer = packagedRegistry.signer(family, { message: fromHex(issuer), signature });
    expect(signer).toMatchObject({ id: 'tangem', role: 'maker' });
    const long = bytes(card.issuerPublicKey);
    expect(packagedRegistry.signer(family, { message: long, signature })).toBeUndefined();
    const overKey = (key: string) =>
      verifySecp256k1(fromHex(issuer), bytes(key), bytes(card.issuer_signature));
    expect(overKey(card.cardPublicKey)).toBe(true);
    expect(overKey(compressed(card.cardPublicKey))).toBe(false);
    expect(packagedRegistry.issuerName(family, issuer)).toBe('TANGEM, cards of COS 1 to 3');
  });

  it.each(idSignatures)('knows who signed the ID $cardId', (card) => {
    const statement = { message: bytes(card.cardId), signature: bytes(card.signature) };
    const ids: Record<string, string> = { 'SMART CASH': 'smart-cash', 'TANGEM SDK': 'tangem-sdk' };
    const expected = card.signerKey === null ? undefined : ids[card.signerKey];
    expect(expected !== undefined).toBe(card.verified);
    expect(packagedRegistry.signer(family, statement)?.id).toBe(expected);
  });

  it('has heard of every firmware that a published card reports', () => {
    expect(firmwareSeen.size).toBe(16);
    for (const id of firmwareSeen) {
      const status = packagedRegistry.firmware(family, id, undefined)?.status;
      expect(status, id).toBe(id.endsWith('d SDK') ? 'refused' : 'superseded');
    }
    const approved = entry?.firmware.filter(({ status }) => status === 'approved');
    expect(approved?.map(({ id }) => id)).toEqual(['6.33r']);
    expect(packagedRegistry.firmware(family, '8.58r', undefined)).toBeUndefined();
    expect(packagedRegistry.firmware(family, '6.33', undefined)).toBeUndefined();
  });

  it('refuses developer firmware, and advises nothing but notes', () => {
    for (const { id, status, advisories } of entry?.firmware ?? []) {
      expect(status === 'refused', id).toBe(!/^\d+\.\d\dr$/.test(id));
      expect(advisories, id).toHaveLength(status === 'refused' ? 0 : 2);
    }
    const advices = packagedRegistry.firmware(family, '6.33r', 'wallet-2')?.advisories;
    expect(advices?.map(({ id, advice }) => [id, advice])).toEqual([
      ['tangem-access-code-guesses', 'note'],
      ['cve-2025-27839', 'note'],
    ]);
  });

  it.each([
    ['AF07', 'wallet-2'],
    ['AF990016', 'wallet-2'],
    ['BB000013', 'wallet-2'],
    ['AC01', 'wallet'],
    ['AC05', 'wallet'],
    ['AC07', 'wallet'],
    ['AB01', 'note'],
    ['AB12', 'note'],
    ['AB13', undefined],
    ['AC17', undefined],
    ['BA01', undefined],
    ['CB79', undefined],
    ['0052', undefined],
    ['FFFF', undefined],
  ])('batch %s is the product %s', (batch, id) => {
    expect(packagedRegistry.product(family, undefined, batch)?.id).toBe(id);
  });

  it('expects cards to be sold new and able to prove themselves', () => {
    for (const { expectedAtSale, printedNumber } of entry?.products ?? []) {
      expect(expectedAtSale).toMatchObject({ usage: ['new'], attestableWhen: 'always' });
      expect(printedNumber).toMatch(/if they differ, stop.*no signature ties/);
    }
  });

  it("knows the maker's server", () => {
    expect(packagedRegistry.makerServer(family)).toBe('https://api.tangem.org/card');
  });
});

describe('the demo registry about Tangem cards', () => {
  const { manufacturer, idSigner, issuer, foreignManufacturer, foreignIssuer } = tangemDemo;
  const rootOf = (registry: Registry, { publicKey }: { publicKey: Uint8Array }) =>
    registry.root('tangem', toHex(publicKey));

  it('pins the two keys of the demo maker and no other', () => {
    for (const key of [manufacturer, idSigner]) {
      expect(rootOf(demoRegistry, key)?.role).toBe('maker');
      expect(rootOf(demoRegistry, key)?.layer.file.demo).toBe(true);
      expect(rootOf(packagedRegistry, key)).toBeUndefined();
    }
    for (const key of [issuer, foreignManufacturer, foreignIssuer]) {
      expect(rootOf(demoRegistry, key)).toBeUndefined();
    }
  });

  it('asks the stand-in on this machine instead of the maker', () => {
    expect(demoRegistry.makerServer('tangem')).toBe('http://127.0.0.1:35980/card');
  });
});
