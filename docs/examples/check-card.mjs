/**
 * Touchstone as a library: checks the card on the reader, or judges evidence that was saved before.
 * A registry of one's own may stand beside the built-in one.
 *
 *   node check-card.mjs card [registry.json]
 *   node check-card.mjs evidence.json [registry.json]
 *
 * In a clone, build first (`npm run setup`); elsewhere, install the package.
 * In a shop's own program the nonce comes from whoever judges, and only the evidence travels.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  appraise,
  interview,
  openCard,
  parseEvidence,
  parseRegistryLayer,
  prove,
  Registry,
  startPcsc,
} from 'touchstone';

const [what = 'card', ownRegistry] = process.argv.slice(2);
const registry = await loadRegistry();
const evidence = what === 'card' ? await checkCard() : parseEvidence(await readFile(what, 'utf8'));

if (evidence === undefined) {
  console.log('NOT DECIDED: no card of a known kind.');
  process.exitCode = 4;
} else {
  const policy = {
    // Only a judge who made the nonce in this very session may say so; a file is a recording.
    freshness: what === 'card' ? 'verifier' : 'self',
    expectNew: true,
    log: 'not-consulted',
  };
  const verdict = appraise(prove(evidence), registry, policy, Date.now());
  console.log(`${verdict.word.toUpperCase()} (${verdict.row}), advice: ${verdict.advice}`);
  for (const { subject, status, code, authority } of verdict.findings) {
    console.log(`  ${subject}: ${status}, ${code}${authority ? ` (${authority})` : ''}`);
  }
  process.exitCode = verdict.exit;
}

async function checkCard() {
  const pcsc = await startPcsc();
  try {
    const channel = await pcsc.waitForCard({ timeoutMs: 30_000 });
    const card = openCard(channel, () => performance.now() * 1000, 120_000);
    try {
      return await interview(card, {
        nonce: new Uint8Array(randomBytes(32)),
        context: { origin: 'check-card-example', purpose: 'verify' },
        at: Date.now(),
        random: (length) => new Uint8Array(randomBytes(length)),
      });
    } finally {
      await card.close();
    }
  } finally {
    await pcsc.close();
  }
}

/** The built-in registry is pinned; one's own only adds to it. */
async function loadRegistry() {
  const builtIn = new URL(import.meta.resolve('touchstone/registry.json'));
  const layers = [parseRegistryLayer(await readFile(builtIn, 'utf8'), 'pinned', 'built-in')];
  if (ownRegistry !== undefined) {
    layers.push(parseRegistryLayer(await readFile(ownRegistry, 'utf8'), 'overlay', ownRegistry));
  }
  return new Registry(layers);
}
