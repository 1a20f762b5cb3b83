/** `touchstone log append`: entries from files into a log. */
import { resolve } from 'node:path';
import { encodeEntry, parseEntry } from '../../src/activation/entry.ts';
import { type Entry, entrySchemaId, hourOf } from '../../src/activation/entry-schema.ts';
import { LogError, UsageError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { demoOrigin } from '../../src/log/admission.ts';
import type { Appended } from '../../src/log/log.ts';
import { fill } from '../../src/report/texts.ts';
import { unwitnessedNote } from '../../src/report/texts-log.ts';
import { appendTexts } from '../../src/report/texts-log-screen.ts';
import { isWitnessed, type Policy } from '../../src/tlog/policy.ts';
import { encodeProof } from '../../src/tlog/proof.ts';
import { maxEntryBytes } from '../../src/tlog/tile.ts';
import type { Deps } from '../deps.ts';
import { readBinaryFile, requireNewFile, writeNewFile } from '../files.ts';
import { renderFacts } from '../ui/facts.ts';
import { jsonLine } from '../ui/printable.ts';
import { type ScreenOptions, styleFor } from '../ui/style.ts';
import { folderPolicy, logFolder, type PlaceOptions } from './place.ts';
import { type Desk, placeEntry, proven, type Recorded, receiptOf, withLog } from './record.ts';

export interface AppendOptions extends ScreenOptions, Pick<PlaceOptions, 'log'> {
  readonly raw?: boolean;
  /** Text of a notice, in place of files. */
  readonly notice?: string;
  readonly receipt?: string;
  readonly proof?: string;
}

/** One entry that is to go in. */
interface Item {
  readonly bytes: Uint8Array;
  /** Undefined with --raw. */
  readonly entry: Entry | undefined;
}

export async function appendToLog(
  paths: readonly string[],
  options: AppendOptions,
  deps: Deps,
): Promise<Exit> {
  checkOptions(paths, options);
  const outputs = [options.receipt, options.proof].filter((path) => path !== undefined);
  for (const path of outputs) await requireNewFile(path);
  const folder = logFolder(options, deps);
  const policy = await folderPolicy(folder);
  const witnessed = isWitnessed(policy);
  const items: Item[] = [];
  for (const path of paths) items.push(await readItem(path, options, deps));
  if (options.notice !== undefined) items.push(noticeOf(options.notice, policy, deps));
  const style = styleFor(deps.stdout, deps, options);
  await withLog(folder, deps, async (desk) => {
    // All of them first: one checkpoint serves them all.
    const { placed, failure } = await placeAll(desk, items, deps);
    for (const [at, { item, appended }] of placed.entries()) {
      const recorded = await proven(desk, item.bytes, appended, deps);
      await writeOutputs(item, recorded, options);
      const { index, known } = recorded;
      if (options.json) {
        deps.stdout.write(jsonLine({ index: index.toString(), known, witnessed }));
        continue;
      }
      const headline = fill(appendTexts[known ? 'known' : 'new'], { index: index.toString() });
      const notes = witnessed || at < placed.length - 1 ? [] : [unwitnessedNote];
      deps.stdout.write(renderFacts({ headline, facts: [], notes }, style));
    }
    if (failure !== undefined) throw failure;
  });
  return Exit.genuine;
}

/** The first that is not taken ends it; what was taken before is told all the same. */
async function placeAll(desk: Desk, items: readonly Item[], deps: Deps) {
  const placed: { readonly item: Item; readonly appended: Appended }[] = [];
  try {
    for (const item of items) {
      const { bytes, entry } = item;
      const appended =
        entry === undefined
          ? await desk.log.append({ bytes })
          : await placeEntry(desk, bytes, deps);
      placed.push({ item, appended });
    }
    return { placed, failure: undefined };
  } catch (failure) {
    return { placed, failure };
  }
}

function checkOptions(paths: readonly string[], options: AppendOptions): void {
  const { raw, notice, receipt, proof } = options;
  const refuse = (message: string) => new UsageError('USAGE', message);
  const count = paths.length + (notice === undefined ? 0 : 1);
  if (count === 0) throw refuse('Give the file of an entry, - for standard input, or --notice.');
  if (raw && notice !== undefined) throw refuse('--notice makes an entry: leave out --raw.');
  if (raw && receipt !== undefined) {
    throw refuse('A receipt is of an activation entry: with --raw give --proof in its place.');
  }
  if (count > 1 && (receipt !== undefined || proof !== undefined)) {
    throw refuse('--receipt and --proof are of one entry: hand in one at a time.');
  }
  if (receipt !== undefined && proof !== undefined && resolve(receipt) === resolve(proof)) {
    throw refuse('--receipt and --proof are two files.');
  }
  if (paths.filter((path) => path === '-').length > 1) {
    throw refuse('Standard input can be read once: give a file in place of one "-".');
  }
}

async function readItem(path: string, { raw }: AppendOptions, deps: Deps): Promise<Item> {
  const read = await readBinaryFile(path, maxEntryBytes, deps);
  // An editor ends a file with a line feed, which is no part of canonical JSON.
  const bytes = read.at(-1) === 0x0a ? read.subarray(0, -1) : read;
  if (raw) {
    // It would stand there without what an activation entry has to fulfil, and be found by no card.
    if (!isEntry(bytes)) return { bytes: read, entry: undefined };
    throw new UsageError('USAGE', `${path} is an activation entry: leave out --raw.`);
  }
  return { bytes, entry: parseEntry(bytes) };
}

function isEntry(bytes: Uint8Array): boolean {
  try {
    parseEntry(bytes);
    return true;
  } catch (error) {
    if (error instanceof LogError) return false;
    throw error;
  }
}

function noticeOf(text: string, { logs }: Policy, deps: Deps): Item {
  const notice = { schema: entrySchemaId, kind: 'notice', text, hour: hourOf(deps.now()) } as const;
  const isDemo = logs.some(({ origin }) => origin.startsWith(demoOrigin));
  const entry: Entry = isDemo ? { ...notice, demo: true } : notice;
  return { bytes: encodeEntry(entry), entry };
}

async function writeOutputs(item: Item, recorded: Recorded, options: AppendOptions): Promise<void> {
  if (options.receipt !== undefined && item.entry !== undefined) {
    await writeNewFile(options.receipt, receiptOf(item.entry, recorded));
  }
  if (options.proof !== undefined) await writeNewFile(options.proof, encodeProof(recorded.proof));
}
