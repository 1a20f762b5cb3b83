/** Cards with certificates, from registry and lists to facts and verdict. */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../src/appraisal/appraise.ts';
import type { Facts, Policy } from '../../src/appraisal/facts.ts';
import { traceOrigin } from '../../src/appraisal/origin.ts';
import { toHex } from '../../src/bytes/hex.ts';
import type { CheckResult, Proof } from '../../src/families/family.ts';
import { Registry } from '../../src/trust/registry.ts';
import { parseCrl, type RevocationList } from '../../src/trust/x509/crl.ts';
import { certificate, keyNamed, revocationList } from '../support/certificates.ts';
import {
  certificates,
  issuerOf,
  keys,
  layer,
  leaf,
  makeRoot,
  makersEntry,
  proofOf,
  registryWith,
  rootName,
  rootOf,
  testEntry,
} from '../support/pki.ts';
import { testNow } from '../support/registry.ts';
import { line } from '../support/tap-cards.ts';

const live: Policy = { freshness: 'verifier', expectNew: true, log: 'not-consulted' };
const good = proofOf([leaf()]);
const foreign = proofOf([leaf({ signer: keys.foreign })]);
const unknown = proofOf([leaf({ issuer: 'Cards C' })]);
const byTests = proofOf([leaf({ signer: keys.testA })]);
const otherRoot = makeRoot({ key: keys.foreign, signer: keys.foreign });
const overlaid = new Registry([
  layer({ ...makersEntry, roots: [rootOf(otherRoot)], issuers: [] }),
  layer(makersEntry, 'overlay'),
]);
const complete = registryWith({ rootsAreComplete: true });
const bare = proofOf([leaf({ without: ['keyUsage'] })]);
const bareByTests = proofOf([leaf({ without: ['keyUsage'], signer: keys.testA })]);
/** Long past the end of the registry. */
const late = Date.parse('2029-01-01T00:00:00Z');

const list = (revoked: readonly string[], until = '270131', signer = keys.a) =>
  parseCrl(revocationList({ issuer: 'Cards A', signer, revoked, from: '261101', until }));
const clean = await list([]);
const named = await list(['0c01']);
const stale = await list([], '261125');
const staleOfTests = await list([], '261125', keys.testA);
const otherMakers = await parseCrl(
  revocationList({ issuer: 'Cards C', signer: keys.foreign, revoked: ['0c01'] }),
);

interface Given {
  readonly proof?: Proof;
  readonly registry?: Registry;
  readonly crls?: readonly RevocationList[];
  readonly at?: number;
}

const judge = ({ proof = good, registry = registryWith(), crls, at = testNow }: Given) =>
  appraise(proof, registry, { ...live, crls }, at);

const withCheck = (role: 'live' | 'chain', result: CheckResult): Partial<Proof> => ({
  checks: [...good.checks.filter((check) => check.role !== role), line(role, result)],
});
/** The proof without the card's own signature: what it shows could be a copy. */
function unproven(result: CheckResult): Proof {
  const { key: _, ...rest } = { ...good, ...withCheck('live', result) };
  return rest;
}

describe('the chain, as a fact', () => {
  it.each<[string, Given, Facts['chain'], string]>([
    ['to the pinned root', {}, 'pinned', 'genuine'],
    ['to a root of an overlay', { registry: overlaid }, 'overlay', 'genuine-by-overlay'],
    [
      'to a root for tests',
      { proof: byTests, registry: registryWith(testEntry) },
      'test',
      'test-key',
    ],
    [
      'to one, with a list that is too old',
      {
        proof: byTests,
        registry: registryWith(testEntry),
        crls: [staleOfTests],
      },
      'test',
      'test-key',
    ],
    ['by a foreign issuer of the same name', { proof: foreign }, 'refuted', 'chain-wrong'],
    [
      'that has run out',
      { proof: proofOf([leaf({ until: '261125' })]) },
      'undated',
      'chain-undated',
    ],
    [
      'that has not begun',
      { proof: proofOf([leaf({ from: '261127' })]) },
      'undated',
      'chain-undated',
    ],
    [
      'that has run out, by others',
      { proof: proofOf([leaf({ until: '261125', signer: keys.foreign })]) },
      'refuted',
      'chain-wrong',
    ],
    ['of another form', { proof: bare }, 'unfit', 'chain-unfit'],
    [
      'of another form, to a root for tests',
      { proof: bareByTests, registry: registryWith(testEntry) },
      'test',
      'test-key',
    ],
    [
      'of a card that does not fit it',
      { proof: proofOf([leaf()], withCheck('chain', 'unfit')) },
      'unfit',
      'chain-unfit',
    ],
    [
      'that is wrong, of a card that does not fit it',
      { proof: { ...foreign, ...withCheck('chain', 'unfit') } },
      'refuted',
      'chain-wrong',
    ],
    [
      'of another form, of a card that refuted it',
      { proof: { ...bare, ...withCheck('chain', 'refuted') } },
      'refuted',
      'chain-wrong',
    ],
    [
      'to a root for tests, of a card that does not fit it',
      { proof: { ...byTests, ...withCheck('chain', 'unfit') }, registry: registryWith(testEntry) },
      'test',
      'test-key',
    ],
    [
      'by another key, long after the registry',
      { proof: foreign, at: late },
      'unknown-issuer',
      'registry-ancient',
    ],
    [
      'by another key under the same name, long after it',
      { proof: proofOf([leaf({ signer: keys.foreign, keyIdOf: keys.a })]), at: late },
      'unknown-issuer',
      'registry-ancient',
    ],
    [
      'by another key, a while after it',
      { proof: foreign, at: Date.parse('2027-03-01T00:00:00Z') },
      'refuted',
      'chain-wrong',
    ],
    [
      'for another product, long after it',
      { proof: { ...good, product: { value: 'card-b', authority: 'reported' } }, at: late },
      'refuted',
      'chain-wrong',
    ],
    [
      'that has run out, long after it',
      { proof: proofOf([leaf({ until: '271231' })]), at: late },
      'undated',
      'registry-ancient',
    ],
    [
      'by an issuer for another product',
      { proof: { ...good, product: { value: 'card-b', authority: 'reported' } } },
      'refuted',
      'chain-wrong',
    ],
    ['by an unknown issuer', { proof: unknown }, 'unknown-issuer', 'issuer-unknown'],
    [
      'by one, where the roots are all there are',
      { proof: unknown, registry: complete },
      'elsewhere',
      'foreign-root',
    ],
    [
      'that the family could not read',
      { proof: proofOf([leaf()], withCheck('chain', 'unreadable')) },
      'missing',
      'chain-missing',
    ],
    [
      'that the card did not give',
      { proof: proofOf([leaf()], withCheck('chain', 'missing')) },
      'missing',
      'chain-missing',
    ],
    [
      'refuted, of a card that withholds the rest',
      { proof: { ...foreign, ...withCheck('chain', 'withheld') } },
      'refuted',
      'chain-wrong',
    ],
    ['under a list that names the card', { crls: [named] }, 'pinned', 'revoked'],
    ['under a list that is too old', { crls: [stale] }, 'unchecked', 'chain-unchecked'],
    ['under a list that does not name it', { crls: [clean] }, 'pinned', 'genuine'],
    ['under a list of others', { crls: [otherMakers] }, 'pinned', 'genuine'],
  ])('%s', (_, given, chain, row) => {
    const verdict = judge(given);
    expect([verdict.facts.chain, verdict.row]).toEqual([chain, row]);
  });

  it('that holds makes no card genuine that cannot prove itself', () => {
    const verdict = judge({ proof: unproven('incapable') });
    expect(verdict).toMatchObject({ word: 'not decided', row: 'incapable', exit: 4 });
    expect(verdict.facts).toMatchObject({ live: 'incapable', chain: 'pinned' });
  });

  it('that does not hold makes such a card not genuine', () => {
    const { key: _, ...proof } = { ...foreign, ...withCheck('live', 'incapable') };
    const verdict = judge({
      proof: { ...proof, checks: [line('live', 'incapable'), line('chain', 'held')] },
    });
    expect(verdict).toMatchObject({ word: 'not genuine', row: 'chain-wrong' });
  });

  it('is decided at the moment of judging', () => {
    const proof = proofOf([leaf({ until: '261127' })]);
    expect(judge({ proof, at: Date.parse('2026-11-27T00:00:00Z') }).row).toBe('genuine');
    expect(judge({ proof, at: Date.parse('2026-11-27T00:00:01Z') }).row).toBe('chain-undated');
  });
});

describe('what the registry revokes', () => {
  const why = { reason: 'stolen', source: 'this test' };
  const revoking = (name: object) => registryWith({ revoked: [{ ...name, ...why }] });
  const batch = (value: string) => ({ ...good, batch: { value, authority: 'reported' } }) as const;
  const rowsOf = (name: object, proof = good) => judge({ proof, registry: revoking(name) }).row;

  it.each<[string, object, Proof]>([
    ["the card's key", { spki: keys.card.spkiHex }, good],
    ["its issuer's key", { spki: keys.a.spkiHex }, good],
    ["its root's key", { spki: keys.root.spkiHex }, good],
    ['the key as a point', { key: toHex(keys.card.point) }, good],
    ["the card's certificate", { issuer: keys.a.spkiHex, serial: '0c01' }, good],
    ["its issuer's certificate", { issuer: keys.root.spkiHex, serial: '0a' }, good],
    ['its batch', { batch: 'AF56' }, batch('AF56')],
    ['all batches that begin like its', { batch: 'AF*' }, batch('AF56')],
    ['its batch, which is the beginning', { batch: 'AF*' }, batch('AF')],
    ['the key of a card without a live proof', { spki: keys.card.spkiHex }, unproven('missing')],
    ['the key of a card of an unknown issuer', { spki: keys.card.spkiHex }, unknown],
  ])('by %s', (_, name, proof) => {
    const verdict = judge({ proof, registry: revoking(name) });
    expect(verdict).toMatchObject({ word: 'not genuine', row: 'revoked', exit: 5 });
    expect(judge({ proof }).row).not.toBe('revoked');
  });

  it.each<[string, object, Proof]>([
    ['of another issuer', { spki: keys.b.spkiHex }, good],
    ['by the number of another issuer', { issuer: keys.b.spkiHex, serial: '0c01' }, good],
    ['by another number', { issuer: keys.a.spkiHex, serial: '0c02' }, good],
    ['by a longer batch', { batch: 'AF567' }, batch('AF56')],
    ['by a shorter batch', { batch: 'AF5' }, batch('AF56')],
    ['by other batches', { batch: 'AE*' }, batch('AF56')],
    ['by a batch, of a card that tells none', { batch: 'AF*' }, good],
    ['by another key', { key: `02${'11'.repeat(32)}` }, good],
  ])('not what is %s', (_, name, proof) => {
    expect(rowsOf(name, proof)).toBe('genuine');
  });

  it('goes before a list that is too old', () => {
    const byIssuer = { spki: keys.a.spkiHex };
    const bySerial = { issuer: keys.a.spkiHex, serial: '0c01' };
    for (const name of [byIssuer, bySerial]) {
      expect(judge({ registry: revoking(name), crls: [stale] }).row).toBe('revoked');
    }
  });

  describe('by a key on the path, as a point', () => {
    const sub = keyNamed('issuer on secp256k1', 'secp256k1');
    const subCertificate = certificate({
      ...{ subject: 'Cards K', issuer: rootName, key: sub, signer: keys.root, ca: true },
      serial: '0d',
    });
    const issuers = [issuerOf(subCertificate, { id: 'k' })];
    const {
      key: _,
      shownKey: __,
      ...keyless
    } = proofOf([leaf({ issuer: 'Cards K', signer: sub })]);
    const { key: ___, shownKey: ____, ...unfit } = bare;
    const under = (key: Uint8Array) =>
      registryWith({ issuers, revoked: [{ key: toHex(key), ...why }] });

    it.each<[string, Proof, Uint8Array]>([
      ["the card's", keyless, keys.card.point],
      ["its issuer's", keyless, sub.point],
      ['that of a card with a certificate of another form', unfit, keys.card.point],
    ])('revokes by %s', (_name, proof, key) => {
      expect(judge({ proof, registry: under(key) })).toMatchObject({ row: 'revoked', exit: 5 });
      expect(judge({ proof, registry: under(keys.a.point) }).row).not.toBe('revoked');
    });
  });

  it('is refuted and revoked where the chain does not hold', () => {
    const registry = revoking({ spki: keys.card.spkiHex });
    expect(judge({ proof: foreign, registry })).toMatchObject({
      row: 'chain-wrong',
      facts: { revoked: true },
    });
  });

  it('is named, with the reason', () => {
    const names = [
      [{ spki: keys.a.spkiHex }, `key with the SHA-256 ${keys.a.spkiHex}`],
      [{ issuer: keys.a.spkiHex, serial: '0c01' }, `certificate 0c01 by ${keys.a.spkiHex}`],
    ] as const;
    for (const [name, what] of names) {
      const { revocations } = traceOrigin(good, revoking(name), testNow);
      expect(revocations).toEqual([{ what, reason: 'stolen' }]);
    }
    const { revocations } = traceOrigin(good, registryWith(), testNow, [named]);
    expect(revocations).toEqual([
      {
        what: 'certificate',
        reason: expect.stringContaining("the card's certificate, serial number: 0c01"),
      },
    ]);
  });

  it('holds where an overlay revokes, and where one does not', () => {
    const revoked = [{ spki: keys.a.spkiHex, ...why }];
    const above = registryWith({}, { revoked });
    const below = registryWith({ revoked }, makersEntry);
    expect([judge({ registry: above }).row, judge({ registry: below }).row]).toEqual([
      'revoked',
      'revoked',
    ]);
  });
});

describe('the product', () => {
  const anyIssuers = [issuerOf(certificates.a, { products: undefined })];
  const unbound = new Registry([
    layer({ ...makersEntry, issuers: anyIssuers, products: [] }),
    layer({ products: makersEntry.products }, 'overlay'),
  ]);
  const testIssuers = [issuerOf(certificates.testA, { id: 'ta', root: 'tests' })];
  const ofTests = {
    proof: byTests,
    registry: registryWith({ ...testEntry, issuers: testIssuers }),
  };

  it.each<[string, Given, 'maker' | 'reported']>([
    ['its own issuer signs', {}, 'maker'],
    ['an issuer of any product signs', { registry: unbound }, 'reported'],
    ['a root of an overlay stands above', { registry: overlaid }, 'reported'],
    ['the chain does not hold', { proof: foreign }, 'reported'],
    ['the issuer is unknown', { proof: unknown }, 'reported'],
    ['the list is too old', { crls: [stale] }, 'reported'],
    ['the list names the card', { crls: [named] }, 'reported'],
    ['nothing live was proven', { proof: unproven('missing') }, 'reported'],
    ['the live proof is refuted', { proof: unproven('refuted') }, 'reported'],
    ['the card cannot prove itself', { proof: unproven('incapable') }, 'reported'],
    ['a root for tests stands above', ofTests, 'reported'],
  ])('where %s', (_, given, authority) => {
    const verdict = judge(given);
    expect(verdict.product).toEqual({ value: 'card-a', authority });
    const said = verdict.findings.filter(({ code }) => code === 'product-known');
    expect(said.map((finding) => finding.authority)).toEqual([authority]);
  });

  it('is vouched for by an issuer for it below a root of the maker alone', () => {
    const vouches = (proof: Proof, registry = registryWith(testEntry)) => {
      const { certificates: result, vouchesForProduct } = traceOrigin(proof, registry, testNow);
      return [result, vouchesForProduct];
    };
    expect(vouches(good)).toEqual(['held', true]);
    expect(vouches(byTests)).toEqual(['held', false]);
    expect(vouches(good, unbound)).toEqual(['held', false]);
  });

  it('of any issuer holds for every product', () => {
    const proof = { ...good, product: { value: 'card-b', authority: 'reported' } } as const;
    expect(judge({ proof, registry: unbound }).row).toBe('genuine');
  });
});

describe('the origin', () => {
  it('tells how many lists are by an issuer of the chain', async () => {
    const root = await parseCrl(
      revocationList({ issuer: rootName, signer: keys.root, revoked: [] }),
    );
    const asked = (...crls: RevocationList[]) =>
      traceOrigin(good, registryWith(), testNow, crls).listsAsked;
    expect([asked(), asked(clean), asked(otherMakers), asked(root, clean, otherMakers)]).toEqual([
      ...[0, 1, 0, 2],
    ]);
    // A card issues no lists, whatever it is called.
    const byCard = await parseCrl(
      revocationList({ issuer: 'card 1', signer: keys.card, revoked: [] }),
    );
    expect(asked(byCard)).toBe(0);
  });

  it('tells what is wrong with certificates', () => {
    const faultOf = (proof: Proof) => traceOrigin(proof, registryWith(), testNow).fault;
    expect(faultOf(good)).toBeUndefined();
    expect(faultOf(foreign)).toMatchObject({ certificate: 0, rule: 'key-id' });
    expect(faultOf(bare)).toMatchObject({ certificate: 0, rule: 'key-usage', got: 'none' });
  });

  it('of a proof without certificates has none of theirs', () => {
    const { shown: _, ...proof } = good;
    expect(traceOrigin(proof, registryWith(), testNow, [clean])).toMatchObject({
      anchor: undefined,
      certificates: undefined,
      exceptions: [],
      vouchesForProduct: false,
      listsAsked: 0,
    });
  });

  it('is that of the certificates where a proof has issuers, too', () => {
    const own = `02${toHex(keys.card.point).slice(2)}`;
    const roots = [{ id: 'k', role: 'maker', key: own, name: 'a key', source: 'this test' }];
    const proof = { ...foreign, issuers: [Uint8Array.from(Buffer.from(own, 'hex'))] };
    expect(judge({ proof, registry: registryWith({ roots }) }).row).toBe('chain-wrong');
  });

  it('is never that of keys where certificates lead nowhere', () => {
    const own = toHex(keys.card.point);
    const named = { id: 'k', key: own, name: 'a key', source: 'this test' };
    const registry = registryWith({ roots: [{ ...named, role: 'maker' }], issuers: [named] });
    const issuers = [keys.card.point];
    const { shown: _, ...without } = { ...unknown, issuers };
    expect(traceOrigin(without, registry, testNow)).toMatchObject({
      anchor: { id: 'k' },
      issuerName: 'a key',
    });
    for (const proof of [unknown, foreign]) {
      const origin = traceOrigin({ ...proof, issuers }, registry, testNow);
      expect(origin.anchor).toBeUndefined();
      expect(origin.issuerName).toBeUndefined();
    }
    expect(judge({ proof: { ...unknown, issuers }, registry }).row).toBe('issuer-unknown');
  });
});
