/** The end of `touchstone demo`: a check in a log, its receipt, and a receipt that somebody altered. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogError } from '../src/errors/error.ts';
import { Exit } from '../src/errors/exit.ts';
import type { Registry } from '../src/trust/registry.ts';
import type { Outcome } from './check.ts';
import type { Deps } from './deps.ts';
import { writeNewFile } from './files.ts';
import { demoLog, receiptSentence, recordCheck } from './log/observe.ts';
import { verifyReceipts } from './receipt.ts';
import { type ScreenOptions, styleFor, wrap } from './ui/style.ts';

interface Stage {
  readonly outcome: Outcome;
  readonly registry: Registry;
  /** Number of the scene before. */
  readonly scenes: number;
}

/**
 * The log lives in a folder of its own, which is removed at the end.
 *
 * @param deps with the clock and the randomness of the demo
 * @returns what did not end as it should
 */
export async function demoRecord(
  { outcome, registry, scenes }: Stage,
  options: ScreenOptions,
  deps: Deps,
): Promise<readonly string[]> {
  const { colors, width } = styleFor(deps.stdout, deps, options);
  const say = (text: string) => deps.stdout.write(`${text}\n`);
  const command = (text: string) => say(`${colors.dim(`$ ${text}`)}\n`);
  const title = (number: number, text: string, story: string) =>
    say(`\n${colors.bold(`${number}. ${text}`)}\n${wrap(story, width, '')}`);

  const folder = await mkdtemp(join(tmpdir(), 'touchstone-demo-'));
  const inFolder: Deps = { ...deps, stateFolder: () => folder };
  const receipt = join(folder, 'ada.json');
  const policy = join(folder, demoLog, 'policy');
  const check = async (path: string): Promise<Exit> => {
    const exit = await verifyReceipts([path], { ...options, policy }, inFolder);
    say(`  ${colors.dim(`(exit code ${exit})`)}`);
    return exit;
  };
  try {
    title(
      scenes + 1,
      'A check on record',
      'Ada checks her card again and has it written into a log that only grows. The receipt shows it to anybody, without a network.',
    );
    command('touchstone verify --receipt ada.json');
    const recorded = await recordCheck(outcome, registry, receipt, inFolder);
    const shown = { ...recorded, policy: 'demo-log/policy' };
    say(`${wrap(receiptSentence(shown, 'ada.json'), width, '')}\n`);
    command('touchstone receipt verify ada.json --policy demo-log/policy');
    const exits = [await check(receipt)];

    title(
      scenes + 2,
      'An altered receipt',
      "Ivo sells a SATSCARD with Ada's receipt, in which he changed one word.",
    );
    command('touchstone receipt verify ivo.json --policy demo-log/policy');
    const altered = join(folder, 'ivo.json');
    const text = await readFile(receipt, 'utf8');
    await writeNewFile(altered, text.replace('"tapsigner"', '"satscard"'));
    exits.push(await check(altered));
    return exits[0] === Exit.warnings && exits[1] === Exit.remote ? [] : ['receipt'];
  } catch (error) {
    if (!(error instanceof LogError) || error.code !== 'LOG_NO_DRIVER') throw error;
    say(wrap(`Left out: ${error.message} ${error.entry.remedy}`, width, ''));
    return [];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
