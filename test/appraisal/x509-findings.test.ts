/** What a verdict says of certificates, revocation lists and the chip. */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../src/appraisal/appraise.ts';
import type { Finding, Subject } from '../../src/appraisal/finding.ts';
import type { Proof } from '../../src/families/family.ts';
import { fill } from '../../src/report/texts.ts';
import { findingTexts } from '../../src/report/texts-findings.ts';
import { Registry } from '../../src/trust/registry.ts';
import { parseCrl, type RevocationList } from '../../src/trust/x509/crl.ts';
import { pathExceptions } from '../../src/trust/x509/path.ts';
import { revocationList } from '../support/certificates.ts';
import {
  certificates,
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
import { findingLines, line } from '../support/tap-cards.ts';

const good = proofOf([leaf()]);
const foreign = proofOf([leaf({ signer: keys.foreign })]);
const listBy = (issuer: string, signer: typeof keys.a, revoked: string[], until = '270131') =>
  parseCrl(revocationList({ issuer, signer, revoked, from: '261101', until }));
const clean = await listBy('Cards A', keys.a, []);
const named = await listBy('Cards A', keys.a, ['0c01']);
const stale = await listBy('Cards A', keys.a, [], '261125');
const ofRoot = await listBy(rootName, keys.root, []);
const others = await listBy('Cards C', keys.foreign, ['0c01']);

function findings(
  subject: Subject,
  proof: Proof,
  registry = registryWith(),
  crls?: readonly RevocationList[],
): readonly Finding[] {
  const policy = { freshness: 'verifier', expectNew: true, log: 'not-consulted', crls } as const;
  const found = appraise(proof, registry, policy, testNow).findings;
  for (const { code, params } of found) fill(findingTexts[code] ?? `no text: {${code}}`, params);
  return found.filter((finding) => finding.subject === subject);
}

const lines = (...given: Parameters<typeof findings>) => findingLines(findings(...given));

describe('the model', () => {
  it('is the pinned root, and the issuer below it by name', () => {
    const found = findings('model', good);
    expect(findingLines(found)).toEqual([
      'affirmed model-pinned maker',
      'affirmed model-issuer maker',
    ]);
    expect(found.map(({ params }) => params['root'] ?? params['issuer'])).toEqual([
      'the root',
      'issuer of a',
    ]);
  });

  it('is told without the maker where the root is one of an overlay', () => {
    const registry = new Registry([
      layer({ ...makersEntry, roots: [rootOf(certificates.testRoot)], issuers: [] }),
      layer(makersEntry, 'overlay'),
    ]);
    expect(lines('model', good, registry)).toEqual([
      'affirmed model-overlay -',
      'affirmed model-issuer -',
    ]);
    expect(lines('product', good, registry)).toEqual(['affirmed product-known reported']);
  });

  it('names what is wrong with a chain', () => {
    const [model, ...more] = findings('model', foreign);
    expect(more).toEqual([]);
    expect(model).toMatchObject({ status: 'failed', code: 'model-chain-wrong' });
    expect(model?.params['detail']).toMatch(/^the card's certificate, authority key identifier: /);
  });

  it.each([
    ['undated', leaf({ until: '261125' }), /not after: 2026-11-25T00:00:00Z/],
    ['unfit', leaf({ without: ['keyUsage'] }), /^the card's certificate, key usage: none/],
  ])('%s names what it is that does not fit', (code, shown, detail) => {
    const found = findings('model', proofOf([shown]));
    expect(findingLines(found)).toEqual([`skipped model-${code} -`]);
    expect(found[0]?.params['detail']).toMatch(detail);
  });

  it('is of an issuer that nobody knows', () => {
    const proof = proofOf([leaf({ issuer: 'Cards C' })]);
    expect(lines('model', proof)).toEqual(['skipped model-unknown-issuer -']);
  });

  it('is by the root for tests, by name', () => {
    const proof = proofOf([leaf({ signer: keys.testA })]);
    const found = findings('model', proof, registryWith(testEntry));
    expect(findingLines(found)).toEqual(['failed model-test-root -']);
    expect(found[0]?.params['root']).toBe('the test root');
  });

  it('is by the root for tests, also where the certificate is out of its time', () => {
    const proof = proofOf([leaf({ signer: keys.testA, until: '261125' })]);
    const found = findings('model', proof, registryWith(testEntry));
    expect(findingLines(found)).toEqual(['failed model-test-root -']);
  });

  it('is not lent to a card that did not prove its key', () => {
    const { key: _, ...rest } = good;
    const proof = { ...rest, checks: [line('live', 'missing'), line('chain', 'held')] };
    expect(lines('model', proof)).toEqual(['skipped model-not-proven -']);
    expect(lines('product', proof)).toEqual(['affirmed product-known reported']);
  });
});

describe('exceptions', () => {
  const bare = makeRoot({ without: ['keyUsage', 'subjectKeyId'], lax: true });
  const under = (root: Uint8Array, exceptions: readonly string[]) =>
    new Registry([layer({ ...makersEntry, roots: [rootOf(root, { exceptions })] })]);

  it('are told by name, those that were needed alone', () => {
    const codes = lines('model', good, under(bare, [...pathExceptions])).slice(2);
    expect(codes.sort()).toEqual([
      'affirmed exception-no-key-usage -',
      'affirmed exception-no-subject-key-id -',
      'affirmed exception-non-critical-basic-constraints -',
    ]);
    expect(lines('model', good, under(certificates.root, [...pathExceptions]))).toHaveLength(2);
  });

  it('are not told of a chain that does not hold', () => {
    expect(lines('model', foreign, under(bare, [...pathExceptions]))).toEqual([
      'failed model-chain-wrong -',
    ]);
  });

  it('are not told of a card that nobody vouches for', () => {
    const { key: _, ...rest } = good;
    const copy = { ...rest, checks: [line('live', 'missing'), line('chain', 'held')] };
    expect(lines('model', copy, under(bare, [...pathExceptions]))).toEqual([
      'skipped model-not-proven -',
    ]);
  });

  it.each(pathExceptions)('%s has its sentence', (exception) => {
    expect(findingTexts[`exception-${exception}`]).toMatch(/\.$/);
  });
});

describe('revocation lists', () => {
  const calm = ['affirmed model-pinned maker', 'affirmed model-issuer maker'];
  it.each<[string, readonly RevocationList[] | undefined, readonly string[]]>([
    ['not given', undefined, calm],
    ['none', [], calm],
    ['of its issuer', [clean], [...calm, 'affirmed lists-asked -']],
    ['of others', [others], [...calm, 'skipped lists-not-its-own -']],
    ['too old', [stale], ['skipped model-unchecked -']],
    ['that name it', [named], calm.slice(0, 1)],
  ])('%s', (_, crls, expected) => {
    expect(lines('model', good, registryWith(), crls)).toEqual(expected);
  });

  it('are counted', () => {
    const found = findings('model', good, registryWith(), [clean, ofRoot, others]);
    expect(found.at(-1)?.params).toEqual({ asked: '2', given: '3' });
  });

  it('that name the card are the reason', () => {
    const found = findings('unit', good, registryWith(), [named]);
    expect(findingLines(found)).toEqual(['affirmed unit-proven live', 'failed revoked -']);
    expect(found[1]?.params['reason']).toContain('0c01, which is in the list');
  });

  it('that are too old say until when', () => {
    const [model] = findings('model', good, registryWith(), [stale]);
    expect(model?.params['detail']).toContain('list until: 2026-11-25T00:00:00Z');
  });
});

describe('the chip', () => {
  const id = '4790d321470000000000';
  const proof: Proof = { ...good, platform: { value: id, authority: 'reported' } };
  const platforms = [{ id, name: 'NXP P71', source: 'this test' }];
  const naming = (list: object[], role: 'pinned' | 'overlay' = 'pinned') =>
    role === 'pinned'
      ? new Registry([layer(makersEntry, 'pinned', { platforms: list })])
      : new Registry([layer(makersEntry), layer({}, 'overlay', { platforms: list })]);

  it.each<[string, Registry, string, string]>([
    ['without a name', registryWith(), 'affirmed platform-unnamed reported', ''],
    ['by its name', naming(platforms), 'affirmed platform-named reported', 'NXP P71'],
    ['by an overlay', naming(platforms, 'overlay'), 'affirmed platform-named reported', 'NXP P71'],
    [
      'not by the name of another',
      naming([{ ...platforms[0], id: '4790d321470000000001' }]),
      'affirmed platform-unnamed reported',
      '',
    ],
  ])('is told %s', (_, registry, expected, name) => {
    const found = findings('platform', proof, registry);
    expect(findingLines(found)).toEqual([expected]);
    expect(found[0]?.params).toEqual({ platform: id, name });
  });

  it('is not told where the card gave none', () => {
    expect(findings('platform', good)).toEqual([]);
  });

  it('keeps the name that the pinned registry gives it', () => {
    const other = [{ ...platforms[0], name: 'another' }];
    const registry = new Registry([
      layer(makersEntry, 'pinned', { platforms }),
      layer({}, 'overlay', { platforms: other }),
    ]);
    expect(registry.platformName(id)).toBe('NXP P71');
  });
});
