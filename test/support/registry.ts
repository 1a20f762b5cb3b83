/** Registries for tests: the packaged one, and overlays that pin the roots of test cards. */
import { readFileSync } from 'node:fs';
import { type Facts, gatherFacts, type Policy } from '../../src/appraisal/facts.ts';
import { traceOrigin } from '../../src/appraisal/origin.ts';
import type { Proof } from '../../src/families/family.ts';
import { Registry } from '../../src/trust/registry.ts';
import { parseRegistryLayer } from '../../src/trust/registry-layer.ts';

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** A day after the packaged registry was issued. */
export const testNow = Date.parse('2026-11-26T12:00:00Z');

export const pinnedLayer = parseRegistryLayer(file('certs/registry.json'), 'pinned', 'pinned');

export const packagedRegistry = new Registry([pinnedLayer]);

export const demoRegistry = new Registry([
  pinnedLayer,
  parseRegistryLayer(file('certs/demo/registry.json'), 'overlay', 'demo'),
]);

/** Root of the public emulator when started with seed 1337; see test/vectors/coinkite-tap. */
export const emulatorRoot = '0312d005ca1501b1603c3b00412eefe27c6b20a74c29377263b357b3aff12de6fa';

/** The packaged registry with one more root for the family, as a user would pin it by hand. */
export function withRoot(key: string, more: object = {}): Registry {
  return new Registry([pinnedLayer, overlay({ roots: [rootEntry(key)], ...more })]);
}

export function rootEntry(key: string, role = 'maker', id = 'test-root'): object {
  return { id, role, key, name: 'a root for tests', source: 'this test' };
}

/** An overlay layer whose entry for the Coinkite family holds the given fields. */
export function overlay(entry: object, head: object = {}) {
  return parseRegistryLayer(
    JSON.stringify({
      schema: 'touchstone.registry/1',
      name: 'overlay for tests',
      serial: 1,
      issued: '2026-11-22T00:00:00Z',
      expires: '2046-11-22T00:00:00Z',
      ...head,
      families: {
        'coinkite-tap': { maker: 'Coinkite', website: 'https://coinkite.com', ...entry },
      },
    }),
    'overlay',
    'overlay',
  );
}

/** The facts about a proof, its origin traced anew. */
export function factsFrom(proof: Proof, registry: Registry, policy: Policy, at = testNow): Facts {
  return gatherFacts(proof, registry, traceOrigin(proof, registry, at), policy, at);
}
