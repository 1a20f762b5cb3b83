/** Appraisal on real proofs: registry, policy and clock decide, each by itself. */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../src/appraisal/appraise.ts';
import type { Policy } from '../../src/appraisal/facts.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { prove } from '../../src/families/coinkite-tap/prove.ts';
import { fill } from '../../src/report/texts.ts';
import { findingTexts } from '../../src/report/texts-findings.ts';
import { overallTier, rowSentences, trustVector } from '../../src/report/verdict-json.ts';
import { simulations } from '../../src/simulator/index.ts';
import { Registry } from '../../src/trust/registry.ts';
import {
  demoRegistry,
  overlay,
  packagedRegistry,
  pinnedLayer,
  rootEntry,
  testNow,
} from '../support/registry.ts';
import { simulateEvidence } from '../support/tap-evidence.ts';

const live: Policy = { freshness: 'verifier', expectNew: false, log: 'not-consulted' };
const genuine = prove(await simulateEvidence('genuine'));
const day = 86_400_000;
const demoRootHex = toHex(genuine.issuers?.at(-1) ?? new Uint8Array());
const batchHex = toHex(genuine.issuers?.[0] ?? new Uint8Array());
const cardHex = toHex(genuine.key?.publicKey ?? new Uint8Array());

/** The packaged registry, the demo root, and more of our own on top. */
const withEntry = (entry: object) =>
  new Registry([pinnedLayer, overlay({ roots: [rootEntry(demoRootHex)], ...entry })]);
const rowUnder = (registry: Registry, policy: Policy = live, at = testNow) =>
  appraise(genuine, registry, policy, at).row;

describe('registry', () => {
  it('pins: the same card is genuine with its root and not genuine without', () => {
    expect(rowUnder(withEntry({}))).toBe('genuine-by-overlay');
    expect(rowUnder(packagedRegistry)).toBe('foreign-root');
  });

  it.each([
    ['the card', cardHex],
    ['its batch', batchHex],
    ['its root', demoRootHex],
  ])('revokes by the key of %s', (_, key) => {
    const revoked = [{ key, reason: 'stolen', source: 'this test' }];
    const verdict = appraise(genuine, withEntry({ revoked }), live, testNow);
    expect(verdict).toMatchObject({ row: 'revoked', exit: 5 });
    expect(verdict.findings).toContainEqual(expect.objectContaining({ code: 'revoked' }));
  });

  it('does not revoke by the key of another card', () => {
    const other = `02${'11'.repeat(32)}`;
    const revoked = [{ key: other, reason: 'stolen', source: 'this test' }];
    expect(rowUnder(withEntry({ revoked }))).toBe('genuine-by-overlay');
  });

  it.each(['development', 'test'])('names a %s root', (role) => {
    const registry = new Registry([
      pinnedLayer,
      overlay({ roots: [rootEntry(demoRootHex, role)] }),
    ]);
    expect(rowUnder(registry)).toBe('test-key');
  });

  it('ages: warns after its expiry, decides nothing 180 days later', () => {
    const expires = Date.parse(pinnedLayer.file.expires);
    const registry = withEntry({});
    expect(rowUnder(registry, live, expires)).toBe('genuine-by-overlay');
    expect(rowUnder(registry, live, expires + 1)).toBe('registry-expired');
    expect(rowUnder(registry, live, expires + 180 * day)).toBe('registry-expired');
    expect(rowUnder(registry, live, expires + 180 * day + 1)).toBe('registry-ancient');
  });

  it('refuses firmware, and no overlay can take that back', () => {
    const firmware = (status: string) => [{ id: '1.0.3', status, source: 'this test' }];
    expect(rowUnder(withEntry({ firmware: firmware('refused') }))).toBe('firmware-refused');
    const both = new Registry([
      pinnedLayer,
      overlay({ roots: [rootEntry(demoRootHex)], firmware: firmware('refused') }),
      overlay({ firmware: firmware('approved') }),
    ]);
    expect(rowUnder(both)).toBe('firmware-refused');
  });

  it('marks everything under a demo registry', () => {
    expect(appraise(genuine, demoRegistry, live, testNow).demo).toBe(true);
    expect(appraise(genuine, withEntry({}), live, testNow).demo).toBe(false);
  });
});

describe('policy', () => {
  const number = genuine.number?.value ?? '';
  it.each([
    ['as printed', number, 'genuine-by-overlay'],
    [
      'without dashes, in lower case',
      number.replaceAll('-', '').toLowerCase(),
      'genuine-by-overlay',
    ],
    ['with spaces', number.replaceAll('-', ' '), 'genuine-by-overlay'],
    ['with one letter changed', `${number.slice(0, -1)}7`, 'other-number'],
    ['in part', number.slice(0, 11), 'other-number'],
  ])('compares the number %s', (_, expectedNumber, row) => {
    expect(rowUnder(demoRegistry, { ...live, expectedNumber })).toBe(row);
  });

  it('does not compare a number that no signature proves', async () => {
    const proof = prove(await simulateEvidence('refuses'));
    const verdict = appraise(
      proof,
      demoRegistry,
      { ...live, expectedNumber: proof.number?.value },
      testNow,
    );
    expect(verdict.facts.number).toBe('not-comparable');
  });

  it.each(['self', 'imported', 'beacon'] as const)('%s is never plainly genuine', (freshness) => {
    expect(appraise(genuine, demoRegistry, { ...live, freshness }, testNow).word).not.toBe(
      'genuine',
    );
  });

  it('minds use only where a new card was expected', async () => {
    const proof = prove(await simulateEvidence('used'));
    expect(appraise(proof, demoRegistry, live, testNow)).toMatchObject({
      row: 'genuine-in-use',
      exit: 0,
    });
    expect(appraise(proof, demoRegistry, { ...live, expectNew: true }, testNow).row).toBe(
      'not-new',
    );
  });
});

describe('every simulated card', () => {
  const silent = new Set(['removed-mid-way', 'mute', 'endless']);
  const ids = (simulations['coinkite-tap']?.cases ?? [])
    .map((entry) => entry.id)
    .filter((id) => !silent.has(id));

  it.each(ids)('%s: sentences are whole, tiers never better than their worst part', async (id) => {
    const proof = prove(await simulateEvidence(id));
    for (const expectNew of [true, false]) {
      const verdict = appraise(proof, demoRegistry, { ...live, expectNew }, testNow);
      for (const { code, params } of verdict.findings) {
        expect(findingTexts[code], code).toBeDefined();
        expect(() => fill(findingTexts[code] ?? '', params)).not.toThrow();
      }
      expect(rowSentences(verdict).todo).not.toContain('{');
      const vector = trustVector(verdict);
      const tier = overallTier(verdict, vector);
      const worst = Math.max(...Object.values(vector));
      if (tier === 'affirming') expect(worst).toBeLessThan(32);
      if (tier === 'warning') expect(worst).toBeLessThan(96);
    }
  });
});
