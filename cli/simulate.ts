/** `touchstone simulate`: lays a virtual card on a virtual PC/SC reader. */
import { UsageError } from '../src/errors/error.ts';
import { Exit } from '../src/errors/exit.ts';
import { createSimulatedCard, findSimulation, simulations } from '../src/simulator/index.ts';
import { serveMaker } from '../src/simulator/maker-server.ts';
import type { SimulatedCard } from '../src/simulator/simulation.ts';
import { serveVpcd, type VpcdEnd } from '../src/simulator/vpcd.ts';
import type { Deps } from './deps.ts';

export interface SimulateOptions {
  readonly case: string;
  readonly unit?: string;
  readonly vpcd: string;
  readonly maker?: string;
  readonly list?: boolean;
}

export async function simulate(
  family: string | undefined,
  options: SimulateOptions,
  deps: Deps,
): Promise<Exit> {
  if (options.list) {
    deps.stdout.write(list(family));
    return Exit.genuine;
  }
  if (family === undefined) {
    const known = Object.keys(simulations).join(', ');
    throw new UsageError('USAGE', `Which family? Known: ${known}. --list shows their cards.`);
  }
  const card = createSimulatedCard(family, options.case, deps.random, options.unit);
  const vpcd = parseAddress('--vpcd', options.vpcd);
  // Both end together: whichever is over first ends the other.
  const over = new AbortController();
  const abort = () => over.abort();
  deps.signal.addEventListener('abort', abort);
  const maker = options.maker === undefined ? undefined : standIn(options.maker, card, over, deps);
  // Its failure ends the card, too, and is told below.
  maker?.catch(() => undefined);
  try {
    const end = await serveVpcd(card, {
      ...vpcd,
      signal: over.signal,
      onConnect: () =>
        deps.stderr.write(
          `Connected to ${options.vpcd}. The reader takes one card at a time ...\n`,
        ),
      onSeen: () =>
        deps.stderr.write(
          `A virtual card (${family}, ${options.case}) lies on the reader. Its keys are demo keys: check it with --registry certs/demo/registry.json. Ctrl-C takes it away.\n`,
        ),
    });
    abort();
    await maker;
    deps.stderr.write(`${endings[end]}\n`);
    return Exit.genuine;
  } finally {
    // Also where no reader takes the card: a server left behind would keep the program running.
    abort();
    deps.signal.removeEventListener('abort', abort);
  }
}

const endings: Readonly<Record<VpcdEnd, string>> = {
  aborted: 'The card was taken away.',
  removed: 'The card left the reader by itself, as this case does.',
  'reader-closed': 'The reader closed the connection.',
};

/** The maker's server, as far as this card is concerned. */
async function standIn(
  address: string,
  card: SimulatedCard,
  over: AbortController,
  deps: Deps,
): Promise<void> {
  try {
    await serveMaker(card, {
      ...parseAddress('--maker', address),
      signal: over.signal,
      onListen: (port) =>
        deps.stderr.write(`Standing in for its maker's server on port ${port}.\n`),
    });
  } catch (error) {
    over.abort();
    throw error;
  }
}

function list(family: string | undefined): string {
  const ids = family === undefined ? Object.keys(simulations) : [family];
  return ids
    .flatMap((id) => [
      `${id}\n`,
      ...findSimulation(id).cases.map((entry) => `  ${entry.id.padEnd(24)}${entry.description}\n`),
    ])
    .join('');
}

function parseAddress(option: string, text: string): { host: string; port: number } {
  const match = /^([\w.-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || port < 1 || port > 65_535) {
    throw new UsageError(
      'USAGE',
      `${option} ${text}: a host and a port like 127.0.0.1:35963 expected.`,
    );
  }
  return { host: match[1], port };
}
