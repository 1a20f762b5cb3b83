/** `touchstone log export` and `touchstone log import`: a log as plain files, and back as a copy. */
import { resolve } from 'node:path';
import { UsageError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { exportLog } from '../../src/log/export.ts';
import { importLog } from '../../src/log/import.ts';
import { fill } from '../../src/report/texts.ts';
import { unwitnessedNote } from '../../src/report/texts-log.ts';
import {
  exportText,
  exportTodo,
  exportUncosigned,
  importTexts,
} from '../../src/report/texts-log-screen.ts';
import { isWitnessed, type Policy } from '../../src/tlog/policy.ts';
import { verifyCheckpoint } from '../../src/tlog/witnessed.ts';
import type { Deps } from '../deps.ts';
import { readPolicyFile } from '../policy.ts';
import { renderFacts } from '../ui/facts.ts';
import { jsonLine } from '../ui/printable.ts';
import { type ScreenOptions, styleFor } from '../ui/style.ts';
import { indexKeyOf } from './card-key.ts';
import { inWords, type Place, type PlaceOptions, problemOf, sourceOf, withPlace } from './place.ts';

export async function exportToFolder(
  target: string,
  options: ScreenOptions & Pick<PlaceOptions, 'log'>,
  deps: Deps,
): Promise<Exit> {
  const folder = resolve(target);
  return withPlace(undefined, options, deps, async (place) => {
    if (place.kind === 'export') throw new UsageError('USAGE', 'These are plain files already.');
    const { store } = place;
    const problem = await problemOf(place);
    // Else an old state would be served as the newest.
    if (problem !== undefined) throw problem;
    const result = await exportLog({ store, folder, signal: deps.signal });
    const { origin, size, files, from } = result;
    const witnessed = await isCosigned(place, deps);
    if (options.json) {
      const sizes = { from: from === undefined ? null : `${from}`, size: `${size}` };
      deps.stdout.write(jsonLine({ origin, folder, ...sizes, files, witnessed }));
      return Exit.genuine;
    }
    const text = fill(exportText, { size: `${size}`, folder, files: `${files}` });
    const alone = isWitnessed(place.policy) ? exportUncosigned : unwitnessedNote;
    say([text, exportTodo, ...(witnessed ? [] : [alone])], options, deps);
    return Exit.genuine;
  });
}

export async function importToFolder(
  from: string,
  options: ScreenOptions & PlaceOptions,
  deps: Deps,
): Promise<Exit> {
  if (options.log === undefined) {
    throw new UsageError('USAGE', 'Give the folder of the copy with --log.');
  }
  const folder = resolve(options.log);
  const policy =
    options.policy === undefined ? undefined : await readPolicyFile(options.policy, deps);
  const source = await sourceOf(from, deps);
  const result = await inWords(`${source.place}, or the copy in ${folder},`, () =>
    importLog({
      source,
      folder,
      policy,
      at: BigInt(Math.floor(deps.now() / 1000)),
      keyOf: indexKeyOf,
      signal: deps.signal,
    }),
  );
  const { kind, checkpoint, size } = result;
  if (options.json) {
    const { witnessed } = checkpoint;
    const { origin } = checkpoint.checkpoint;
    const sizes = { from: `${result.from}`, size: `${size}` };
    deps.stdout.write(jsonLine({ result: kind, origin, folder, ...sizes, witnessed }));
    return Exit.genuine;
  }
  const text = fill(importTexts[kind], { from: `${result.from}`, size: `${size}` });
  say([text, ...(checkpoint.witnessed ? [] : [unwitnessedNote])], options, deps);
  return Exit.genuine;
}

/** What is published may be older than the witnesses of the policy. */
async function isCosigned(
  place: Place & { readonly policy: Policy },
  deps: Deps,
): Promise<boolean> {
  const note = await place.source.checkpoint();
  if (note === undefined) return false;
  const verified = verifyCheckpoint(note, place.policy, BigInt(Math.floor(deps.now() / 1000)));
  return verified.kind === 'verified' && verified.witnessed;
}

function say(
  [headline = '', ...notes]: readonly string[],
  options: ScreenOptions,
  deps: Deps,
): void {
  const screen = { headline, facts: [], notes };
  deps.stdout.write(renderFacts(screen, styleFor(deps.stdout, deps, options)));
}
