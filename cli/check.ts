/** One check, shared by every command that makes one: from a card to an outcome, and onto the screen. */
import type { Verdict } from '../src/appraisal/appraise.ts';
import { Exit } from '../src/errors/exit.ts';
import type { Evidence } from '../src/evidence/evidence.ts';
import { type EvidenceNames, nameEvidence } from '../src/evidence/names.ts';
import { families, findFamily } from '../src/families/index.ts';
import { openCard } from '../src/reader/card.ts';
import type { CardChannel } from '../src/reader/channel.ts';
import { stepTexts } from '../src/report/texts.ts';
import { verdictJson } from '../src/report/verdict-json.ts';
import { collectEvidence, detectFamily } from '../src/verifier/collect.ts';
import type { Verifier, Wish } from '../src/verifier/embedded.ts';
import type { Deps } from './deps.ts';
import { packageVersion } from './package.ts';
import { jsonLine } from './ui/printable.ts';
import type { Steps } from './ui/steps.ts';
import { type ScreenOptions, styleFor } from './ui/style.ts';
import { renderVerdict } from './ui/verdict-screen.ts';

/** No genuine card needs longer for a whole check; a hostile one could take days in small steps. */
const checkMillis = 120_000;

/** What was judged, and how to name it. */
export interface Outcome {
  readonly verdict: Verdict;
  /** Names and evidence are absent for a card that no family recognised. */
  readonly names?: EvidenceNames;
  readonly evidence?: Evidence;
  /** Where the evidence came from a file: its path. */
  readonly file?: string;
}

/**
 * The check of one card, from the first byte to the verdict.
 *
 * @throws ReaderError when the link fails: then there is no verdict
 */
export async function verifyChannel(
  channel: CardChannel,
  verifier: Verifier,
  wish: Wish,
  familyId: string | undefined,
  steps: Steps,
  deps: Pick<Deps, 'micros' | 'now'>,
): Promise<Outcome> {
  const card = openCard(channel, deps.micros, checkMillis);
  const onStep = (step: string) => steps.begin(stepTexts[step] ?? step);
  try {
    onStep('detect');
    const family =
      familyId === undefined ? await detectFamily(card, families) : findFamily(familyId);
    if (family === undefined) {
      return { verdict: verifier.judgeUnknown(wish) };
    }
    const session = verifier.open('verify');
    const evidence = await collectEvidence({
      card,
      family,
      session,
      freshness: 'verifier',
      collectedAt: deps.now(),
      onStep,
    });
    onStep('judge');
    const verdict = verifier.judge(session.id, evidence, wish);
    return { verdict, names: nameEvidence(evidence), evidence };
  } finally {
    await card.close();
  }
}

/** The verdict to standard output, as JSON or for a person. @returns the exit code that it means */
export function printOutcome(
  outcome: Outcome,
  options: ScreenOptions & { readonly allowWarnings?: boolean },
  deps: Deps,
): Exit {
  const { verdict, names, file } = outcome;
  const relaxed = verdict.exit === Exit.warnings && options.allowWarnings === true;
  const exit = relaxed ? Exit.genuine : verdict.exit;
  if (options.json) {
    const build = `touchstone ${packageVersion()}`;
    deps.stdout.write(jsonLine(verdictJson(verdict, { ...names, file }, build, exit)));
  } else {
    deps.stdout.write(renderVerdict(verdict, names?.id, styleFor(deps.stdout, deps, options)));
  }
  return exit;
}
