/** `touchstone verify`: a card on the reader, saved evidence, or a link, to a verdict. */

import { resolve } from 'node:path';
import type { Verdict } from '../src/appraisal/appraise.ts';
import { setsAmong } from '../src/appraisal/sets.ts';
import { TouchstoneError, UsageError } from '../src/errors/error.ts';
import { Exit, worstExit } from '../src/errors/exit.ts';
import type { Evidence } from '../src/evidence/evidence.ts';
import { encodeEvidence, maxEvidenceFileBytes, parseEvidence } from '../src/evidence/file.ts';
import { nameEvidence } from '../src/evidence/names.ts';
import { families, findFamily } from '../src/families/index.ts';
import { codeQuestion, codeRisk, fill, partOfSet, wholeSet } from '../src/report/texts.ts';
import type { Registry } from '../src/trust/registry.ts';
import { createEmbeddedVerifier } from '../src/verifier/embedded.ts';
import { endorse } from '../src/verifier/endorse.ts';
import { type Check, type Outcome, printOutcome, stepsWithTexts, verifyChannel } from './check.ts';
import { loadCrls } from './crls.ts';
import type { Deps } from './deps.ts';
import { type EndorsementOptions, endorsementSources } from './endorsements.ts';
import { readSecret, readTextFile, requireNewFile, writeNewFile } from './files.ts';
import { onReader } from './on-reader.ts';
import { loadRegistry } from './registry.ts';
import { printError } from './ui/error.ts';
import { printable } from './ui/printable.ts';
import { createSteps } from './ui/steps.ts';
import { type ScreenOptions, styleFor, wrap } from './ui/style.ts';

export interface VerifyOptions extends ScreenOptions, EndorsementOptions {
  readonly reader?: string;
  readonly family?: string;
  readonly expect?: string;
  readonly fresh?: boolean;
  readonly registry?: string;
  readonly crl?: readonly string[];
  readonly save?: string;
  readonly receipt?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly allowWarnings?: boolean;
  readonly evidence?: readonly string[];
  readonly url?: string;
  readonly pinStdin?: boolean;
  readonly debug?: boolean;
}

export async function verify(options: VerifyOptions, deps: Deps): Promise<Exit> {
  checkOptions(options);
  for (const path of [options.save, options.receipt]) {
    if (path !== undefined) await requireNewFile(path);
  }
  const registry = await loadRegistry(options.registry, deps);
  const { random, now } = deps;
  const check: Check = {
    verifier: createEmbeddedVerifier({ registry, families, random, now }),
    wish: {
      expectNew: options.fresh === true,
      expectedNumber: options.expect,
      crls: await loadCrls(options.crl ?? [], deps),
    },
    familyId: options.family,
    purpose: options.receipt === undefined ? 'verify' : 'observed',
    sources: await endorsementSources(options, registry, deps),
  };
  if (options.evidence !== undefined) {
    return worstExit(await verifyFiles(options.evidence, check, options, deps));
  }
  const outcome =
    options.url === undefined
      ? await verifyOnReader(check, options, deps)
      : judgeRecorded(urlEvidence(options.url, deps), check);
  const exit = printOutcome(outcome, options, deps);
  if (options.save !== undefined) await save(options.save, outcome, deps);
  if (options.receipt === undefined) return exit;
  return worstExit([exit, await writeReceipt(options.receipt, outcome, registry, options, deps)]);
}

/** What goes wrong here leaves the verdict as it is, and is told after it. */
async function writeReceipt(
  path: string,
  outcome: Outcome,
  registry: Registry,
  options: VerifyOptions,
  deps: Deps,
): Promise<Exit> {
  const { width } = styleFor(deps.stderr, deps, options);
  try {
    const { receiptSentence, recordCheck } = await import('./log/observe.ts');
    const text = receiptSentence(await recordCheck(outcome, registry, path, deps), path);
    deps.stderr.write(`${wrap(printable(text), width, '')}\n`);
    return Exit.genuine;
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
    printError(error, deps, options.debug === true);
    return error.entry.exit;
  }
}

/** Options that cannot go together are refused before anything happens. */
function checkOptions(options: VerifyOptions): void {
  const { evidence, url, expect, family } = options;
  const refuse = (message: string) => new UsageError('USAGE', message);
  if (evidence !== undefined && url !== undefined) {
    throw refuse('--evidence and --url are two different things to judge: give one of them.');
  }
  const forCards = (['reader', 'family', 'save', 'receipt', 'pinStdin'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (forCards !== undefined && (evidence !== undefined || url !== undefined)) {
    const name = forCards === 'pinStdin' ? 'pin-stdin' : forCards;
    throw refuse(`--${name} is for a card on a reader: leave it out with --evidence or --url.`);
  }
  if (expect !== undefined && !/^(?=.*[A-Za-z0-9])[A-Za-z0-9 -]{1,64}$/.test(expect)) {
    throw refuse('--expect takes the number of a card: letters, digits, spaces and dashes.');
  }
  const endorsing = (['attach', 'online'] as const).find((name) => options[name] !== undefined);
  if (endorsing !== undefined && url !== undefined) {
    throw refuse(`--${endorsing} is for a card or its evidence: leave it out with --url.`);
  }
  const files = [options.registry, options.attach, ...(options.crl ?? []), ...(evidence ?? [])];
  const fromStdin = files.filter((path) => path === '-').length;
  if (fromStdin + (options.pinStdin ? 1 : 0) > 1) {
    throw refuse('Standard input can be read once: give a file in place of one "-".');
  }
  const { save: kept, receipt } = options;
  if (kept !== undefined && receipt !== undefined && resolve(kept) === resolve(receipt)) {
    throw refuse('--save and --receipt are two files.');
  }
  for (const name of ['save', 'receipt'] as const) {
    if (options[name] !== '-') continue;
    throw refuse(`--${name} takes a file: standard output holds the verdict.`);
  }
  if (family !== undefined && findFamily(family) === undefined) {
    const known = families.map(({ id }) => id).join(', ');
    throw refuse(`--family ${JSON.stringify(family)} is not known. Known: ${known}.`);
  }
}

/** Each file by itself: an unreadable one is reported and does not hide the verdict on the next. */
async function verifyFiles(
  paths: readonly string[],
  check: Check,
  options: VerifyOptions,
  deps: Deps,
): Promise<Exit[]> {
  const exits: Exit[] = [];
  const verdicts: Verdict[] = [];
  for (const [index, path] of paths.entries()) {
    try {
      const saved = parseEvidence(await readTextFile(path, maxEvidenceFileBytes, deps));
      const evidence = await completeSaved(saved, check, options, deps);
      if (paths.length > 1 && !options.json) {
        const gap = index === 0 ? '' : '\n';
        const name = printable(path);
        deps.stdout.write(options.plain ? `file: ${name}\n` : `${gap}${name}\n\n`);
      }
      const outcome = { ...judgeRecorded(evidence, check), file: path };
      verdicts.push(outcome.verdict);
      exits.push(printOutcome(outcome, options, deps));
    } catch (error) {
      if (deps.signal.aborted) throw error;
      if (paths.length > 1) deps.stderr.write(`${printable(path)}: `);
      printError(error, deps, options.debug === true);
      exits.push(error instanceof TouchstoneError ? error.entry.exit : Exit.internal);
    }
  }
  if (paths.length > 1 && !options.json) printSets(verdicts, options, deps);
  return exits;
}

/** Which sets the files hold, and how much of each. */
function printSets(verdicts: readonly Verdict[], options: VerifyOptions, deps: Deps): void {
  const { width, plain } = styleFor(deps.stdout, deps, options);
  for (const { name, found, count } of setsAmong(verdicts)) {
    const text = fill(found === count ? wholeSet : partOfSet, {
      name,
      found: `${found}`,
      count: `${count}`,
    });
    deps.stdout.write(plain ? `set: ${text}\n` : `\n${wrap(text, width, '')}\n`);
  }
}

/** A file is completed only where that was asked for: nobody expects a question about it. */
async function completeSaved(
  evidence: Evidence,
  { sources }: Check,
  options: VerifyOptions,
  deps: Deps,
): Promise<Evidence> {
  const family = findFamily(evidence.family);
  const wanted = options.online === true || options.attach !== undefined;
  if (evidence.kind === 'url' || family === undefined || !wanted || sources === undefined) {
    return evidence;
  }
  const onStep = stepsWithTexts(createSteps(deps, options));
  return endorse(evidence, family, { ...sources(family), now: deps.now, onStep });
}

function judgeRecorded(evidence: Evidence, { verifier, wish }: Check): Outcome {
  return {
    verdict: verifier.judgeRecorded(evidence, wish),
    names: nameEvidence(evidence),
    evidence,
  };
}

/**
 * A link comes without a family: the first one that can read it takes it.
 *
 * @throws UsageError USAGE when none can
 */
function urlEvidence(url: string, deps: Deps): Evidence {
  const collectedAt = new Date(deps.now()).toISOString();
  for (const { id, proveUrl } of families) {
    const evidence = { kind: 'url', family: id, url, collectedAt } as const;
    const checks = proveUrl?.(evidence).checks ?? [];
    if (checks.length > 0 && checks.every(({ result }) => result !== 'unreadable')) return evidence;
  }
  throw new UsageError(
    'USAGE',
    'This is not a link that a known card shows: it lacks its signature.',
  );
}

async function verifyOnReader(check: Check, options: VerifyOptions, deps: Deps): Promise<Outcome> {
  const accessCode = await readCode(options, deps);
  const steps = createSteps(deps, options);
  return onReader(options, steps, deps, (channel) =>
    verifyChannel(channel, { ...check, accessCode }, steps, deps),
  );
}

async function readCode(options: VerifyOptions, deps: Deps): Promise<string | undefined> {
  if (options.pinStdin !== true) return undefined;
  const { width } = styleFor(deps.stderr, deps, options);
  deps.stderr.write(`${wrap(codeRisk, width, '')}\n`);
  return readSecret(codeQuestion, deps);
}

async function save(path: string, { evidence }: Outcome, deps: Deps): Promise<void> {
  if (evidence === undefined) {
    deps.stderr.write(
      `${printable(path)} was not written: a card of unknown kind gives no evidence.\n`,
    );
    return;
  }
  await writeNewFile(path, encodeEvidence(evidence));
  deps.stderr.write(`Evidence written to ${printable(path)}\n`);
}
