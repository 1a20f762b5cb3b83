/** A check that was just made, into the log of this computer, and its receipt into a file. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCardEntry, type NoEntry } from '../../src/activation/card-entry.ts';
import { encodeEntry, signEntry } from '../../src/activation/entry.ts';
import { demoOrigin } from '../../src/log/admission.ts';
import { createLogFolder } from '../../src/log/folder.ts';
import { fill } from '../../src/report/texts.ts';
import { noReceiptTexts, receiptWrittenText } from '../../src/report/texts-log-screen.ts';
import type { Registry } from '../../src/trust/registry.ts';
import type { Outcome } from '../check.ts';
import type { Deps } from '../deps.ts';
import { writeNewFile } from '../files.ts';
import { ownLog } from '../policy.ts';
import { localOrigin, makeState } from './init.ts';
import { receiptOf, recordEntry, withLog } from './record.ts';

/** Where demo cards go: no entry about one stands in a log that people rely on. */
export const demoLog = 'demo-log';

/** What became of a check in the log. */
export type CheckRecord =
  | {
      readonly kind: 'recorded';
      readonly index: bigint;
      /** Path of what whoever checks the receipt needs besides it. */
      readonly policy: string;
    }
  | { readonly kind: 'none'; readonly why: NoEntry };

/** @param path of the receipt, as it was typed */
export function receiptSentence(record: CheckRecord, path: string): string {
  return record.kind === 'none'
    ? noReceiptTexts[record.why]
    : fill(receiptWrittenText, { path, index: `${record.index}`, policy: record.policy });
}

/**
 * Records what a check found out, as an observation under no owner's key.
 *
 * @param outcome of a session for the purpose `observed`
 * @param path of the receipt; nothing may be there
 * @returns the index of its entry, or why there is none
 * @throws LogError, UsageError when it could not be recorded or written
 */
export async function recordCheck(
  { verdict, evidence }: Outcome,
  registry: Registry,
  path: string,
  deps: Deps,
): Promise<CheckRecord> {
  if (evidence?.kind !== 'card') return { kind: 'none', why: 'not-decided' };
  const built = buildCardEntry({ type: 'observed', evidence, verdict, registry });
  if (built.kind === 'none') return built;
  const entry = signEntry(built.entry, {});
  const folder = await ownFolder(verdict.demo, deps);
  return withLog(folder, deps, async (desk) => {
    const recorded = await recordEntry(desk, encodeEntry(entry), deps);
    await writeNewFile(path, receiptOf(entry, recorded));
    return { kind: 'recorded', index: recorded.index, policy: join(folder, 'policy') };
  });
}

/** Folder of the log of this computer; made where there is none. */
async function ownFolder(demo: boolean, deps: Deps): Promise<string> {
  const folder = join(deps.stateFolder(), demo ? demoLog : ownLog);
  if ((await stat(folder).catch(() => undefined)) !== undefined) return folder;
  await makeState(deps);
  const name = localOrigin(deps);
  const origin = demo ? `${demoOrigin}${name.slice(name.indexOf('/') + 1)}` : name;
  await createLogFolder({ folder, origin, seed: deps.random(32) });
  return folder;
}
