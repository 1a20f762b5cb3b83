/**
 * A counter in a shop, all of it in this process: a registry, a verifier, and one new simulated card
 * after the other. The path is the one of `touchstone verify --fresh`, and for cards whose maker
 * keeps a server, of `--online` with a stand-in for that server.
 */

import { randomBytes } from 'node:crypto';
import { type Check, verifyChannel } from '../../cli/check.ts';
import { packageFile } from '../../cli/package.ts';
import { loadRegistry } from '../../cli/registry.ts';
import { Exit } from '../../src/errors/exit.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { families } from '../../src/families/index.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { createSimulatedCard } from '../../src/simulator/index.ts';
import { makerGet } from '../../src/simulator/maker-get.ts';
import { createMemoryCache } from '../../src/state/endorsement-cache.ts';
import type { Registry } from '../../src/trust/registry.ts';
import { createEmbeddedVerifier, type Verifier } from '../../src/verifier/embedded.ts';
import { type TimedCard, timeCard } from './timed-card.ts';

/** One card checked. */
export interface Checked {
  readonly evidence: CardEvidence;
  /** From the first byte to the verdict, less the time inside the card; milliseconds. */
  readonly hostMillis: number;
}

export interface CheckRoom {
  readonly verifier: Verifier;
  /**
   * Checks the card of that name; every name is another card by the same maker.
   *
   * @throws Error when the verdict is anything but genuine: then something else was timed
   */
  check(unit: string): Promise<Checked>;
}

const random = (length: number) => new Uint8Array(randomBytes(length));
const micros = () => performance.now() * 1000;
const steps = { begin: () => undefined, note: () => undefined, end: () => undefined };

/** @param family whose cards are checked: all of them the simulated card "genuine" */
export async function createCheckRoom(family: string): Promise<CheckRoom> {
  const registry = await loadRegistry(packageFile('certs/demo/registry.json'), process);
  const at = dayAfterIssue(registry);
  const now = () => at;
  const verifier = createEmbeddedVerifier({ registry, families, random, now });
  return {
    verifier,
    async check(unit) {
      const card = timeCard(createSimulatedCard(family, 'genuine', random, unit));
      const channel = openVirtualCard(card);
      const cardBefore = card.millis;
      const start = performance.now();
      const wish = { expectNew: true };
      const check = { verifier, wish, sources: standIn(card, registry) };
      const outcome = await verifyChannel(channel, check, steps, { micros, now, random });
      const total = performance.now() - start;
      const { verdict, evidence } = outcome;
      if (verdict.exit !== Exit.genuine || evidence?.kind !== 'card') {
        throw new Error(`the card ${unit} was judged as "${verdict.row}", genuine expected`);
      }
      return { evidence, hostMillis: total - (card.millis - cardBefore) };
    },
  };
}

/** The maker's server as the virtual card knows it; none for a card whose maker keeps none. */
function standIn(card: TimedCard, registry: Registry): Check['sources'] {
  if (card.askMaker === undefined) return undefined;
  const cache = createMemoryCache();
  return () => ({
    cache,
    registry,
    mayAsk: async () => true,
    get: makerGet(card),
  });
}

/** So that a registry growing old changes nothing here. Milliseconds since 1970, UTC. */
function dayAfterIssue(registry: Registry): number {
  return Math.max(...registry.layers.map(({ file }) => Date.parse(file.issued))) + 86_400_000;
}
