/** `touchstone receipt verify`: receipts, and with --tap the card on the reader held against them. */
import { maxReceiptBytes, parseReceipt, verifyReceipt } from '../src/activation/receipt.ts';
import type { Verdict } from '../src/appraisal/appraise.ts';
import { TouchstoneError, UsageError } from '../src/errors/error.ts';
import { Exit, worstExit } from '../src/errors/exit.ts';
import { families } from '../src/families/index.ts';
import {
  type Comparison,
  compareCard,
  type ReceiptReport,
  receiptExit,
  receiptJson,
} from '../src/report/receipt-report.ts';
import { codeQuestion, codeRisk } from '../src/report/texts.ts';
import { createEmbeddedVerifier } from '../src/verifier/embedded.ts';
import { verifyChannel } from './check.ts';
import type { Deps } from './deps.ts';
import { type EndorsementOptions, endorsementSources } from './endorsements.ts';
import { readSecret, readTextFile } from './files.ts';
import { onReader } from './on-reader.ts';
import { loadPolicy, type TrustedPolicy } from './policy.ts';
import { loadRegistry } from './registry.ts';
import { printError } from './ui/error.ts';
import { jsonLine, printable } from './ui/printable.ts';
import { renderReceipt } from './ui/receipt-screen.ts';
import { createSteps } from './ui/steps.ts';
import { type ScreenOptions, styleFor, wrap } from './ui/style.ts';

export interface ReceiptOptions extends ScreenOptions, EndorsementOptions {
  readonly policy?: string;
  readonly tap?: boolean;
  readonly reader?: string;
  readonly registry?: string;
  /** Seconds; left out: 60. */
  readonly timeout?: number;
  readonly pinStdin?: boolean;
  readonly debug?: boolean;
}

/** A receipt that was read, or why it was not. */
type Opened =
  | { readonly path: string; readonly report: ReceiptReport }
  | { readonly path: string; readonly error: unknown };

/** @param paths of receipts, - for standard input */
export async function verifyReceipts(
  paths: readonly string[],
  options: ReceiptOptions,
  deps: Deps,
): Promise<Exit> {
  checkOptions(paths, options);
  const trusted = await loadPolicy(options.policy, deps);
  const opened: Opened[] = [];
  for (const path of paths) opened.push(await open(path, trusted, deps));
  const tap = await tapCard(opened, options, deps);
  const exits = opened.map((each, index) => {
    if ('error' in each) return showError(each.error, each.path, paths.length > 1, options, deps);
    const { report, path } = each;
    const comparison = compare(report, tap.verdict, options);
    if (paths.length > 1 && options.json !== true) {
      const name = printable(path);
      deps.stdout.write(
        options.plain ? `file: ${name}\n` : `${index === 0 ? '' : '\n'}${name}\n\n`,
      );
    }
    return show({ ...report, comparison }, path, options, deps);
  });
  // Told last, so that what was found out about the files stands above it.
  if (tap.error !== undefined) exits.push(showError(tap.error, '', false, options, deps));
  return worstExit(exits);
}

/** Options that cannot go together are refused before anything happens. */
function checkOptions(paths: readonly string[], options: ReceiptOptions): void {
  const refuse = (message: string) => new UsageError('USAGE', message);
  const forCards = (
    ['reader', 'registry', 'timeout', 'attach', 'online', 'pinStdin'] as const
  ).find((name) => options[name] !== undefined);
  if (forCards !== undefined && options.tap !== true) {
    const name = forCards === 'pinStdin' ? 'pin-stdin' : forCards;
    throw refuse(`--${name} is for the card on the reader: add --tap.`);
  }
  const files = [...paths, options.policy, options.registry, options.attach];
  const fromStdin = files.filter((path) => path === '-').length;
  if (fromStdin + (options.pinStdin ? 1 : 0) > 1) {
    throw refuse('Standard input can be read once: give a file in place of one "-".');
  }
}

/** Each file by itself: an unreadable one is reported and does not hide the next. */
async function open(
  path: string,
  { policy, ownRecord }: TrustedPolicy,
  deps: Deps,
): Promise<Opened> {
  try {
    const receipt = parseReceipt(await readTextFile(path, maxReceiptBytes, deps));
    const at = BigInt(Math.floor(deps.now() / 1000));
    const result = verifyReceipt({ receipt, policy, at });
    // The policy of the own log may name others beside it, which other people run.
    const isOwn = result.kind === 'verified' && result.log === policy.logs[0]?.key;
    return { path, report: { result, ownRecord: ownRecord && isOwn } };
  } catch (error) {
    if (deps.signal.aborted) throw error;
    return { path, error };
  }
}

/** Asks for a card where one was wanted, and some receipt holds that it could be the card of. */
async function tapCard(
  opened: readonly Opened[],
  options: ReceiptOptions,
  deps: Deps,
): Promise<{ readonly verdict?: Verdict; readonly error?: unknown }> {
  const comparable = opened.some(
    (each) =>
      'report' in each &&
      each.report.result.kind === 'verified' &&
      each.report.result.entry.kind === 'card',
  );
  if (options.tap !== true || !comparable) return {};
  try {
    return { verdict: await checkCard(options, deps) };
  } catch (error) {
    if (deps.signal.aborted) throw error;
    return { error };
  }
}

/** A receipt about no card was not compared, and must not look as if nobody had asked. */
function compare(
  { result }: ReceiptReport,
  verdict: Verdict | undefined,
  options: ReceiptOptions,
): Comparison | undefined {
  if (options.tap !== true || result.kind === 'refused') return undefined;
  if (result.entry.kind !== 'card') return { kind: 'no-card' };
  return verdict && compareCard(result.entry, verdict);
}

async function checkCard(options: ReceiptOptions, deps: Deps): Promise<Verdict> {
  const registry = await loadRegistry(options.registry, deps);
  const { random, now } = deps;
  const verifier = createEmbeddedVerifier({ registry, families, random, now });
  const sources = await endorsementSources(options, registry, deps);
  const accessCode = await readCode(options, deps);
  const steps = createSteps(deps, options);
  const check = { verifier, wish: { expectNew: false }, sources, accessCode };
  const { timeout = 60, reader } = options;
  const { verdict } = await onReader(
    { timeout, ...(reader !== undefined && { reader }) },
    steps,
    deps,
    (channel) => verifyChannel(channel, check, steps, deps),
  );
  return verdict;
}

async function readCode(options: ReceiptOptions, deps: Deps): Promise<string | undefined> {
  if (options.pinStdin !== true) return undefined;
  const { width } = styleFor(deps.stderr, deps, options);
  deps.stderr.write(`${wrap(codeRisk, width, '')}\n`);
  return readSecret(codeQuestion, deps);
}

function show(report: ReceiptReport, path: string, options: ReceiptOptions, deps: Deps): Exit {
  const exit = receiptExit(report);
  if (options.json === true) {
    deps.stdout.write(jsonLine(receiptJson(report, path, exit)));
  } else {
    deps.stdout.write(renderReceipt(report, styleFor(deps.stdout, deps, options)));
  }
  return exit;
}

function showError(
  error: unknown,
  path: string,
  named: boolean,
  options: ReceiptOptions,
  deps: Deps,
): Exit {
  if (named) deps.stderr.write(`${printable(path)}: `);
  printError(error, deps, options.debug === true);
  return error instanceof TouchstoneError ? error.entry.exit : Exit.internal;
}
