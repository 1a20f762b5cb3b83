/** `touchstone log check`: reads all of a log and says whether it adds up. */
import { UsageError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { checkLog, type LogCheck } from '../../src/log/check.ts';
import { fill } from '../../src/report/texts.ts';
import { unwitnessedNote, witnessedText } from '../../src/report/texts-log.ts';
import { checkTexts, faultTexts } from '../../src/report/texts-log-screen.ts';
import type { Deps } from '../deps.ts';
import { jsonLine, printable } from '../ui/printable.ts';
import { createSteps } from '../ui/steps.ts';
import { type ScreenOptions, styleFor, wrap } from '../ui/style.ts';
import { type PlaceOptions, requirePolicy, withPlace } from './place.ts';

/** Entries between two lines of progress. */
const progressStep = 65_536n;

export async function checkWholeLog(
  where: string | undefined,
  options: ScreenOptions & PlaceOptions,
  deps: Deps,
): Promise<Exit> {
  if (where !== undefined && options.log !== undefined) {
    throw new UsageError('USAGE', 'Give a place or --log, not both.');
  }
  return withPlace(where, options, deps, async (place) => {
    const steps = createSteps(deps, options);
    steps.begin(`Reading ${place.source.place}`);
    const result = await checkLog({
      source: place.source,
      policy: requirePolicy(place),
      at: BigInt(Math.floor(deps.now() / 1000)),
      signal: deps.signal,
      onProgress: (done, total) => {
        if (done % progressStep === 0n) steps.begin(`Read ${done} of ${total} entries`);
      },
    });
    steps.end();
    const exit = result.kind === 'sound' ? Exit.genuine : Exit.remote;
    if (options.json) deps.stdout.write(jsonLine(resultJson(result, exit)));
    else {
      const { width, plain } = styleFor(deps.stdout, deps, options);
      const [headline = '', ...notes] = sentences(result);
      const lines = [
        wrap(printable(headline), width, ''),
        ...notes.map((note) => wrap(printable(note), width, plain ? '' : '  ')),
      ];
      deps.stdout.write(`${lines.join('\n')}\n`);
    }
    return exit;
  });
}

function sentences(result: LogCheck): string[] {
  const { entries, tiles, checkpoints } = result.counts;
  const counts = { entries: `${entries}`, tiles: `${tiles}`, checkpoints: `${checkpoints}` };
  if (result.kind === 'wrong') {
    const found = `Until then ${entries} entries and ${checkpoints} checkpoints held.`;
    return [
      fill(checkTexts.wrong, { detail: result.detail }),
      `Why: ${faultTexts[result.why]}.`,
      found,
    ];
  }
  if (result.checkpoint === undefined) return [checkTexts.empty];
  const { cosignatures, witnessed } = result.checkpoint;
  return [
    fill(checkTexts.sound, counts),
    ...(witnessed
      ? cosignatures.map(({ name, time }) =>
          fill(witnessedText, { name, time: new Date(Number(time) * 1000).toISOString() }),
        )
      : [unwitnessedNote]),
  ];
}

function resultJson(result: LogCheck, exit: Exit) {
  const { entries, tiles, checkpoints } = result.counts;
  const counts = { entries: `${entries}`, tiles, checkpoints };
  if (result.kind === 'wrong') {
    return { result: 'wrong', why: result.why, detail: result.detail, counts, exit };
  }
  const { checkpoint } = result;
  return {
    result: 'sound',
    origin: checkpoint?.checkpoint.origin ?? null,
    size: `${result.size}`,
    witnessed: checkpoint?.witnessed ?? false,
    counts,
    exit,
  };
}
