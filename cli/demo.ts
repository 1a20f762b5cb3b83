/**
 * `touchstone demo`: eight people check a card, one of them twice. Virtual cards, the real path from the
 * first byte to the screen. Clock and randomness stand still, so that everybody sees the same.
 */
import { createHash } from 'node:crypto';
import { Exit } from '../src/errors/exit.ts';
import { families } from '../src/families/index.ts';
import { openVirtualCard } from '../src/reader/virtual.ts';
import { createSimulatedCard, type SimulatedCard } from '../src/simulator/index.ts';
import { makerGet } from '../src/simulator/maker-get.ts';
import { createMemoryCache } from '../src/state/endorsement-cache.ts';
import type { Registry } from '../src/trust/registry.ts';
import { createEmbeddedVerifier } from '../src/verifier/embedded.ts';
import { type Check, printOutcome, verifyChannel } from './check.ts';
import type { Deps } from './deps.ts';
import { loadDemoRegistry } from './registry.ts';
import { type ScreenOptions, styleFor, wrap } from './ui/style.ts';

interface Scene {
  readonly title: string;
  readonly story: string;
  /** Left out: a Coinkite card. */
  readonly family?: string;
  readonly card: string;
  /** True where the maker's server is asked; it is a stand-in, in this process. */
  readonly online?: boolean;
  readonly exit: Exit;
}

const scenes: readonly Scene[] = [
  {
    title: 'A card as it should be',
    story: 'Ada unpacks a TAPSIGNER and lays it on her reader.',
    card: 'genuine',
    exit: Exit.genuine,
  },
  {
    title: 'A fake',
    story: 'Ben bought his at a market. It speaks the same protocol and looks the same.',
    card: 'fake-root',
    exit: Exit.notGenuine,
  },
  {
    title: 'A cut chain',
    story: 'Cleo has a card that shows only a part of its papers.',
    card: 'cut-chain',
    exit: Exit.notGenuine,
  },
  {
    title: 'A used card sold as new',
    story: 'Dan got a genuine card, but somebody set it up before him and knows its key.',
    card: 'used',
    exit: Exit.stop,
  },
  {
    title: 'Firmware under an advisory',
    story: 'Eve has an early genuine card with a known weakness.',
    card: 'old-firmware',
    exit: Exit.warnings,
  },
  {
    title: 'A card whose maker keeps its papers',
    story: 'Finn unpacks a Tangem card. Its maker signed its key, but not on the card.',
    family: 'tangem',
    card: 'genuine',
    exit: Exit.notDecided,
  },
  {
    title: 'The same card, with its papers',
    story: "Finn lets Touchstone ask the maker's server.",
    family: 'tangem',
    card: 'genuine',
    online: true,
    exit: Exit.genuine,
  },
  {
    title: 'A copy',
    story: 'Gus has a card that shows the certificate of a genuine Keycard, without its key.',
    family: 'keycard',
    card: 'clone',
    exit: Exit.notGenuine,
  },
  {
    title: 'A card that cannot prove itself yet',
    story: 'Hana unpacks a Satochip. Such a card can prove itself once it has been set up.',
    family: 'satochip',
    card: 'new-satochip',
    exit: Exit.notDecided,
  },
];

/** A day after the first registry was issued: the demo must not change as that registry ages. */
const demoClock = Date.parse('2026-11-26T12:00:00Z');

export async function demo(options: ScreenOptions, deps: Deps): Promise<Exit> {
  const style = styleFor(deps.stdout, deps, options);
  const say = (text: string) => options.json || deps.stdout.write(text);
  const registry = loadDemoRegistry();
  const random = seededRandom('touchstone demo');
  const now = () => demoClock;
  const verifier = createEmbeddedVerifier({ registry, families, random, now });
  say(
    `${wrap('Eight cards, each on the reader for a moment. They are virtual and signed with demo keys; everything else is what a real card meets. The clock of this demo stands at 2026-11-26.', style.width, '')}\n`,
  );
  const surprises: string[] = [];
  for (const [index, scene] of scenes.entries()) {
    say(
      `\n${style.colors.bold(`${index + 1}. ${scene.title}`)}\n${wrap(scene.story, style.width, '')}\n`,
    );
    const command = `touchstone verify --fresh${scene.online ? ' --online' : ''}`;
    say(`${style.colors.dim(`$ ${command}`)}\n\n`);
    const { family = 'coinkite-tap' } = scene;
    // The unit's name gives a card of a family the same keys in each of its scenes.
    const unit = family === 'tangem' ? 'demo' : undefined;
    const card = createSimulatedCard(family, scene.card, random, unit);
    const outcome = await verifyChannel(
      openVirtualCard(card),
      {
        verifier,
        wish: { expectNew: true },
        ...(scene.online && { sources: standIn(card, registry) }),
      },
      { begin: () => undefined, note: () => undefined, end: () => undefined },
      { now, random, micros: () => 0 },
    );
    printOutcome(outcome, options, deps);
    say(`  ${style.colors.dim(`(exit code ${outcome.verdict.exit})`)}\n`);
    if (outcome.verdict.exit !== scene.exit) surprises.push(scene.card);
  }
  if (!options.json) {
    const quiet = { begin: () => undefined, note: () => undefined, end: () => undefined };
    const random = seededRandom('touchstone demo record');
    const still = { ...deps, now, random };
    const card = createSimulatedCard('coinkite-tap', 'genuine', random, 'ada');
    const verifier = createEmbeddedVerifier({ registry, families, random, now });
    const outcome = await verifyChannel(
      openVirtualCard(card),
      { verifier, wish: { expectNew: false }, purpose: 'observed' },
      quiet,
      { now, random, micros: () => 0 },
    );
    const { demoRecord } = await import('./demo-record.ts');
    const stage = { outcome, registry, scenes: scenes.length };
    surprises.push(...(await demoRecord(stage, options, still)));
  }
  say(
    `\n${wrap('Next: `touchstone readers` shows your reader; `touchstone verify --fresh` checks a new card.', style.width, '')}\n`,
  );
  if (surprises.length === 0) return Exit.genuine;
  deps.stderr.write(`Not as expected: ${surprises.join(', ')}\n`);
  return Exit.internal;
}

/** The maker's server as the virtual card knows it, without a network. */
function standIn(card: SimulatedCard, registry: Registry): Check['sources'] {
  const cache = createMemoryCache();
  return () => ({
    cache,
    registry,
    mayAsk: async () => true,
    get: makerGet(card),
  });
}

/** Bytes that look random and are the same each time. For demos only: anybody can compute them. */
function seededRandom(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    counter += 1;
    const bytes = createHash('shake256', { outputLength: length }).update(`${seed} ${counter}`);
    return new Uint8Array(bytes.digest());
  };
}
