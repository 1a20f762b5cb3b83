/** Every value of every fact: code, status and authority of the finding that it makes. */
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/appraisal/facts.ts';
import type { Subject } from '../../src/appraisal/finding.ts';
import { findingsOf } from '../../src/appraisal/findings.ts';
import { traceOrigin } from '../../src/appraisal/origin.ts';
import { toHex } from '../../src/bytes/hex.ts';
import type { Authority, CheckResult, Proof, UsageSignal } from '../../src/families/family.ts';
import { Registry } from '../../src/trust/registry.ts';
import { overlay, packagedRegistry, pinnedLayer, rootEntry, testNow } from '../support/registry.ts';
import {
  about,
  type Given,
  goodProof as good,
  goodFacts,
  goodKeys,
  keyPair,
  lacking,
  line,
  findingLines as lines,
  newWanted as policy,
  said,
} from '../support/tap-cards.ts';

const own = keyPair('own root').publicKey;
const withOwn = new Registry([pinnedLayer, overlay({ roots: [rootEntry(toHex(own))] })]);

describe('the findings', () => {
  it('on a good card stand in the order in which they are shown', () => {
    const findings = findingsOf({
      ...{ registry: packagedRegistry, policy, facts: goodFacts, at: testNow },
      proof: { ...good, facts: [signal('birth', 'neutral')] },
      origin: traceOrigin(good, packagedRegistry, testNow),
    });
    expect(lines(findings)).toEqual([
      'affirmed unit-proven live',
      'affirmed model-pinned maker',
      'affirmed product-known reported',
      'affirmed number-compare live',
      'affirmed firmware-approved reported',
      'affirmed usage-new reported',
      'affirmed birth reported',
      'affirmed fresh-verifier -',
      'affirmed registry-valid -',
      'skipped log-not-consulted -',
    ]);
  });
});

function signal(
  code: string,
  weight: UsageSignal['weight'],
  authority: Authority = 'reported',
): UsageSignal {
  return { code, params: { count: '2' }, authority, weight };
}

describe('the unit', () => {
  it.each<[Partial<Facts>, string]>([
    [{ live: 'proven' }, 'affirmed unit-proven live'],
    [{ live: 'proven', freshness: 'self' }, 'affirmed unit-recorded live'],
    [{ live: 'proven', freshness: 'beacon' }, 'affirmed unit-recorded live'],
    [{ live: 'proven', unit: 'model-only' }, 'warned unit-model-only live'],
    [{ live: 'refuted' }, 'failed unit-signature-wrong -'],
    [{ live: 'foreign' }, 'failed unit-foreign-challenge -'],
    [{ live: 'unreadable' }, 'failed unit-unreadable -'],
    [{ live: 'not-yet' }, 'skipped unit-not-yet -'],
    [{ live: 'replayable' }, 'skipped unit-replayable -'],
    [{ live: 'missing' }, 'skipped unit-no-answer -'],
  ])('%j: %s', (facts, expected) => {
    expect(said('unit', { facts })).toEqual([expected]);
    const known = facts.live === 'proven';
    expect(about('unit', { facts })[0]?.params).toEqual(known ? {} : { detail: '' });
  });

  it('gives the detail of the first live check that did not hold', () => {
    const lives = [line('live', 'held', 'a'), line('live', 'foreign', 'b')];
    const checks = [line('side', 'refuted', 's'), ...lives, line('live', 'refuted', 'c')];
    const [unit] = about('unit', { facts: { live: 'refuted' }, proof: { ...good, checks } });
    expect(unit?.params).toEqual({ detail: 'b' });
  });

  it('names each revoked key with its reason', () => {
    const revoked = [
      { key: toHex(goodKeys.card), reason: 'stolen', source: 'this test' },
      { key: toHex(goodKeys.batch), reason: 'leaked', source: 'this test' },
    ];
    const registry = new Registry([pinnedLayer, overlay({ revoked })]);
    const found = about('unit', { registry, facts: { revoked: true } }).slice(1);
    expect(lines(found)).toEqual(['failed revoked -', 'failed revoked -']);
    expect(found.map(({ params }) => params)).toEqual([
      { what: `key ${toHex(goodKeys.card)}`, reason: 'stolen' },
      { what: `key ${toHex(goodKeys.batch)}`, reason: 'leaked' },
    ]);
  });
});

describe('the model', () => {
  it.each<[Partial<Facts>, string]>([
    [{ chain: 'pinned' }, 'affirmed model-pinned maker'],
    [{ chain: 'overlay' }, 'affirmed model-overlay -'],
    [{ chain: 'refuted' }, 'failed model-chain-wrong -'],
    [{ chain: 'test' }, 'failed model-test-root -'],
    [{ chain: 'elsewhere' }, 'failed model-foreign-root -'],
    [{ chain: 'unknown-issuer' }, 'skipped model-unknown-issuer -'],
    [{ chain: 'missing' }, 'skipped model-no-chain -'],
    [{ chain: 'undated' }, 'skipped model-undated -'],
    [{ chain: 'unfit' }, 'skipped model-unfit -'],
    [{ chain: 'unchecked' }, 'skipped model-unchecked -'],
    [{ chain: 'unattached' }, 'skipped model-unattached -'],
    [{ chain: 'withheld' }, 'skipped model-unattached -'],
    [{ chain: 'pinned', live: 'missing' }, 'skipped model-not-proven -'],
    [{ chain: 'pinned', live: 'refuted' }, 'skipped model-not-proven -'],
    [{ chain: 'overlay', live: 'foreign' }, 'skipped model-not-proven -'],
    [{ chain: 'test', live: 'missing' }, 'failed model-test-root -'],
    [{ chain: 'missing', live: 'missing' }, 'skipped model-no-chain -'],
  ])('%j: %s', (facts, expected) => {
    expect(said('model', { facts })).toEqual([expected]);
  });

  const toOwn = { ...good, issuers: [own] };
  const whole = { ...good, checks: [line('live', 'held', 'x'), line('chain', 'held', 'why')] };
  it.each<[string, Given, object]>([
    ['pinned', {}, { root: /factory|Coinkite/i, layer: pinnedLayer.file.name }],
    ['pinned by overlay', { registry: withOwn, proof: toOwn }, { layer: 'overlay for tests' }],
    ['called so there', { registry: withOwn, proof: toOwn }, { root: 'a root for tests' }],
    ['nowhere', { proof: toOwn }, { root: toHex(own), maker: 'Coinkite' }],
    ['not there', { proof: lacking('issuers') }, { root: '', layer: '' }],
    ['of another family', { proof: { ...good, family: 'x' } }, { maker: '', layer: '' }],
    ['named in the detail of the chain', { proof: whole }, { detail: 'why' }],
  ])('names a root that is %s', (_, given, expected) => {
    const { params } = about('model', given)[0] ?? {};
    for (const [name, value] of Object.entries(expected)) {
      expect(params?.[name]).toEqual(
        value instanceof RegExp ? expect.stringMatching(value) : value,
      );
    }
  });
});

describe('the product', () => {
  const other = { ...good, product: { value: 'x', authority: 'live' } } as const;
  it.each<[string, Proof, string[], (string | undefined)[]]>([
    ['known', good, ['affirmed product-known reported'], ['TAPSIGNER']],
    ['unknown', other, ['warned product-unknown live'], ['x']],
    ['not told', lacking('product'), [], []],
  ])('%s', (_, proof, expected, names) => {
    expect(said('product', { proof })).toEqual(expected);
    expect(about('product', { proof }).map(({ params }) => params['product'])).toEqual(names);
  });
});

describe('the number', () => {
  const shown = { ...good, number: { value: 'ABCDE', authority: 'reported' } } as const;
  const apart = { number: 'not-comparable' } as const;
  it.each<[string, Given, string[]]>([
    ['matches', { facts: { number: 'matches' } }, ['affirmed number-matches live']],
    ['differs', { facts: { number: 'differs' } }, ['failed number-differs live']],
    ['not asked for', {}, ['affirmed number-compare live']],
    ['of an overlay', { facts: { chain: 'overlay' } }, ['affirmed number-compare live']],
    ['of no maker', { facts: { chain: 'elsewhere' } }, ['affirmed number-shown live']],
    ['of no proven key', { facts: { live: 'missing' } }, ['affirmed number-shown live']],
    ['not proven', { proof: shown }, ['affirmed number-compare reported']],
    ['of no product', { proof: lacking('product') }, ['affirmed number-shown live']],
    ['not comparable', { facts: apart, proof: shown }, ['skipped number-not-comparable reported']],
    ['not told', { facts: apart, proof: lacking('number') }, []],
  ])('%s', (_, given, expected) => {
    expect(said('number', given)).toEqual(expected);
  });

  it('stands beside what was expected and where it is printed', () => {
    const asked = about('number', { policy: { expectedNumber: 'X' } })[0]?.params;
    const printed = expect.stringContaining('on the back');
    expect(asked).toEqual({ number: 'ABCDE-FGHIJ', expected: 'X', printed });
    const bare = about('number', { proof: lacking('product') })[0]?.params;
    expect(bare).toMatchObject({ expected: '', printed: '' });
  });
});

describe('the firmware', () => {
  it.each<[Facts['firmware'], string]>([
    ['approved', 'affirmed firmware-approved reported'],
    ['superseded', 'warned firmware-superseded reported'],
    ['advised', 'warned firmware-advised reported'],
    ['unknown', 'warned firmware-unknown reported'],
    ['refused', 'failed firmware-refused reported'],
  ])('%s: %s', (firmware, expected) => {
    expect(said('firmware', { facts: { firmware } })).toEqual([expected]);
    expect(about('firmware', { facts: { firmware } })[0]?.params).toEqual({ firmware: '1.0.3' });
  });

  const nothing: Partial<Facts>[] = [
    { chain: 'elsewhere' },
    { live: 'refuted' },
    { chain: 'test' },
  ];
  it.each(nothing)('of a card that proved nothing is only shown: %j', (facts) => {
    const found = about('firmware', { facts: { ...facts, firmware: 'refused' } });
    expect(lines(found)).toEqual(['affirmed firmware-shown reported']);
    expect(found[0]?.params).toEqual({ firmware: '1.0.3' });
  });

  it('not told is not checked', () => {
    const given = { proof: lacking('firmware'), facts: { firmware: 'unread' } } as const;
    expect(said('firmware', given)).toEqual(['skipped firmware-not-read -']);
  });

  it.each([
    ['tapsigner', ['coinkite-free-code-guesses']],
    ['satscard', ['coinkite-slot-not-signed']],
    ['x', []],
  ])('of a %s brings the advisories that concern it', (value, ids) => {
    const firmware = { value: '0.9.0', authority: 'reported' } as const;
    const proof = { ...good, firmware, product: { value, authority: 'reported' } as const };
    const advisories = about('firmware', { proof }).slice(1);
    expect(lines(advisories)).toEqual(ids.map(() => 'warned advisory -'));
    expect(advisories.map(({ params }) => params['id'])).toEqual(ids);
    const names = advisories.flatMap(({ params }) => Object.keys(params));
    expect(names).toEqual(ids.flatMap(() => ['id', 'title', 'meaning', 'action']));
  });
});

describe('the usage', () => {
  const signals = [
    signal('quiet', 'neutral'),
    signal('backups', 'use', 'live'),
    signal('testnet', 'trouble'),
    signal('tampered', 'trouble'),
  ];
  const proof = { ...good, usage: { value: 'tampered', authority: 'maker', signals } as const };
  it.each<[Facts['usage'], string, string]>([
    ['not-asked', 'affirmed', 'affirmed'],
    ['expected', 'affirmed', 'affirmed'],
    ['in-use', 'warned', 'warned'],
    ['set-up', 'warned', 'warned'],
    ['unusual', 'warned', 'warned'],
    ['unexpected', 'failed', 'warned'],
    ['unknown', 'skipped', 'warned'],
  ])('%s is %s, a sign of use is then %s, one of trouble is failed', (usage, state, use) => {
    expect(said('usage', { proof, facts: { usage } })).toEqual([
      `${state} usage-tampered maker`,
      `${use} backups live`,
      'failed testnet reported',
    ]);
  });

  it('new is not what is wrong with a card in trouble', () => {
    const usage = {
      value: 'new',
      authority: 'reported',
      signals: [signal('testnet', 'trouble')],
    } as const;
    const facts = { usage: 'unexpected', trouble: true } as const;
    expect(said('usage', { proof: { ...good, usage }, facts })).toEqual([
      'affirmed usage-new reported',
      'failed testnet reported',
    ]);
    const calm = { usage: 'unexpected', trouble: false } as const;
    expect(said('usage', { proof: { ...good, usage }, facts: calm })[0]).toBe(
      'failed usage-new reported',
    );
  });

  it('of a product that is not known is told, and that nothing was held against it', () => {
    const usage = { value: 'new', authority: 'reported', signals: [] } as const;
    const unknown = { ...lacking('product'), usage };
    expect(said('usage', { proof: unknown, facts: { usage: 'unknown' } })).toEqual([
      'affirmed usage-new reported',
      'skipped usage-no-product -',
    ]);
  });

  it('brings the note of the product and the params of its signals', () => {
    const [state, backups] = about('usage', { proof });
    expect(state?.params['note']).toContain('A new TAPSIGNER has no key yet');
    expect(backups?.params['count']).toBe('2');
    expect(about('usage', { proof: lacking('product') })[0]?.params).toEqual({ note: '' });
  });

  it('not told is not checked', () => {
    expect(said('usage', { proof: lacking('usage') })).toEqual(['skipped usage-not-read -']);
  });
});

describe('consistency', () => {
  const results: CheckResult[] = ['held', 'refuted', 'contradicted', 'foreign', 'unreadable'];
  const rest: CheckResult[] = ['missing', 'replayable', 'not-yet'];
  it('has a finding for each side check that did not hold, and no other', () => {
    const checks = [
      line('live', 'refuted'),
      line('chain', 'missing'),
      ...[...results, ...rest].map((result) => line('side', result, result)),
    ];
    const found = about('consistency', { proof: { ...good, checks } });
    const wrong = [...results.slice(1), ...rest].map((result) =>
      result === 'missing' ? 'skipped part-missing -' : `failed part-${result} -`,
    );
    expect(lines(found)).toEqual(wrong);
    expect(found.map(({ params }) => params['detail'])).toEqual([...results.slice(1), ...rest]);
  });
});

describe('freshness, registry and log', () => {
  it.each<[Subject, Partial<Facts>, string]>([
    ['freshness', {}, 'affirmed fresh-verifier -'],
    ['freshness', { live: 'missing' }, 'skipped fresh-unproven -'],
    ['freshness', { live: 'refuted' }, 'skipped fresh-unproven -'],
    ['freshness', { freshness: 'beacon' }, 'warned fresh-beacon -'],
    ['freshness', { freshness: 'self' }, 'warned fresh-self -'],
    ['freshness', { freshness: 'imported', live: 'missing' }, 'warned fresh-imported -'],
    ['freshness', { freshness: 'imported', live: 'replayable' }, 'warned fresh-replayable -'],
    ['freshness', { live: 'replayable' }, 'warned fresh-replayable -'],
    ['registry', { registry: 'early' }, 'warned registry-early -'],
    ['registry', { registry: 'valid' }, 'affirmed registry-valid -'],
    ['registry', { registry: 'expired' }, 'warned registry-expired -'],
    ['registry', { registry: 'ancient' }, 'failed registry-ancient -'],
    ['log', { log: 'not-consulted' }, 'skipped log-not-consulted -'],
    ['log', { log: 'no-other-owner' }, 'affirmed log-no-other-owner -'],
    ['log', { log: 'other-owner' }, 'failed log-other-owner -'],
  ])('%s under %j: %s', (subject, facts, expected) => {
    expect(said(subject, { facts })).toEqual([expected]);
  });

  it('names every layer with its edition, whose it is, and the one that ends first', () => {
    const at = Date.parse(pinnedLayer.file.expires) + 1;
    const { name, serial } = pinnedLayer.file;
    const layers = `${name}, edition ${serial} + overlay for tests (yours), edition 1`;
    const later = about('registry', { registry: withOwn, at })[0]?.params;
    expect(later).toEqual({ layers, oldest: name, days: '1' });
    const short = overlay({}, { expires: '2026-11-25T00:00:01Z' });
    const sooner = about('registry', { registry: new Registry([pinnedLayer, short]) })[0]?.params;
    expect(sooner).toMatchObject({ oldest: 'overlay for tests', days: '2' });
    expect(about('registry', {})[0]?.params['days']).toBe('0');
  });
});
