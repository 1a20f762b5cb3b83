/** `touchstone log check`: reads all of a log and says whether it adds up. */
import { errorTable } from '../../src/errors/codes.ts';
import type { TouchstoneError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { checkLog, type LogCheck } from '../../src/log/check.ts';
import { fill } from '../../src/report/texts.ts';
import { unwitnessedNote, witnessedText } from '../../src/report/texts-log.ts';
import { checkTexts, faultTexts } from '../../src/report/texts-log-screen.ts';
import { isWitnessed } from '../../src/tlog/policy.ts';
import type { Deps } from '../deps.ts';
import { type Facts, renderFacts } from '../ui/facts.ts';
import { jsonLine } from '../ui/printable.ts';
import { createSteps } from '../ui/steps.ts';
import { type ScreenOptions, styleFor } from '../ui/style.ts';
import { type PlaceOptions, problemOf, readOnlyText, requirePolicy, withPlace } from './place.ts';
import { isoOf } from './time.ts';

/** Entries between two lines of progress. */
const progressStep = 65_536n;

export async function checkWholeLog(
  where: string | undefined,
  options: ScreenOptions & PlaceOptions,
  deps: Deps,
): Promise<Exit> {
  return withPlace(where, options, deps, async (place) => {
    const policy = requirePolicy(place);
    const steps = createSteps(deps, options);
    steps.begin(`Reading ${place.source.place}`);
    const result = await checkLog({
      source: place.source,
      policy,
      at: BigInt(Math.floor(deps.now() / 1000)),
      signal: deps.signal,
      onProgress: (done, total) => {
        if (done % progressStep === 0n) steps.begin(`Read ${done} of ${total} entries`);
      },
    });
    steps.end();
    const problem = await problemOf(place);
    const isWhole = result.kind === 'sound' && problem === undefined;
    const exit = isWhole ? Exit.genuine : Exit.remote;
    if (options.json) deps.stdout.write(jsonLine(resultJson(result, problem, exit)));
    else {
      const screen = screenOf(result, problem, isWitnessed(policy));
      deps.stdout.write(renderFacts(screen, styleFor(deps.stdout, deps, options)));
    }
    return exit;
  });
}

/** @param problem what is the matter with a log whose rows may add up nevertheless */
function screenOf(
  result: LogCheck,
  problem: TouchstoneError | undefined,
  isWitnessed: boolean,
): Facts {
  const { entries, tiles, checkpoints } = result.counts;
  const published = result.kind === 'sound' ? (result.checkpoint?.checkpoint.size ?? 0n) : 0n;
  const counts = {
    entries: `${entries}`,
    published: `${published}`,
    tiles: `${tiles}`,
    checkpoints: `${checkpoints}`,
  };
  const behind = problem === undefined ? [] : [readOnlyText(problem)];
  if (result.kind === 'wrong' && result.why === 'quorum-missing') {
    const notes = [sentence(result.detail), errorTable.LOG_UNWITNESSED.remedy, ...behind];
    return { headline: checkTexts.unwitnessed, facts: [], notes };
  }
  if (result.kind === 'wrong') {
    const headline = fill(checkTexts.wrong, { detail: sentence(result.detail) });
    const notes = [
      fill(checkTexts.why, { why: faultTexts[result.why] }),
      fill(checkTexts.before, counts),
      checkTexts.todo,
      ...behind,
    ];
    return { headline, facts: [], notes };
  }
  const cosignatures = result.checkpoint?.cosignatures ?? [];
  return {
    headline: result.checkpoint === undefined ? checkTexts.empty : fill(checkTexts.sound, counts),
    facts: [],
    notes: [
      ...(isWitnessed
        ? cosignatures.map(({ name, time }) => fill(witnessedText, { name, time: isoOf(time) }))
        : [unwitnessedNote]),
      ...behind,
    ],
  };
}

/** The detail of a fault may be a few words of a parser. */
function sentence(detail: string): string {
  const whole = /[.?]$/.test(detail) ? detail : `${detail}.`;
  return /^[a-z]+:\/\//.test(whole) ? whole : whole.charAt(0).toUpperCase() + whole.slice(1);
}

function resultJson(result: LogCheck, problem: TouchstoneError | undefined, exit: Exit) {
  const { entries, tiles, checkpoints } = result.counts;
  const counts = { entries: `${entries}`, tiles, checkpoints };
  if (result.kind === 'wrong') {
    return {
      result: 'wrong',
      why: result.why,
      detail: sentence(result.detail),
      counts,
      problem: problem?.message ?? null,
      exit,
    };
  }
  const { checkpoint } = result;
  return {
    result: 'sound',
    origin: checkpoint?.checkpoint.origin ?? null,
    size: `${result.size}`,
    witnessed: checkpoint?.witnessed ?? false,
    counts,
    problem: problem?.message ?? null,
    exit,
  };
}
