/** One check, shared by every command that makes one: from a card to an outcome, and onto the screen. */
import type { Verdict } from '../src/appraisal/appraise.ts';
import { Exit } from '../src/errors/exit.ts';
import type { Purpose } from '../src/evidence/challenge.ts';
import type { CardEvidence, Evidence } from '../src/evidence/evidence.ts';
import { type EvidenceNames, nameEvidence } from '../src/evidence/names.ts';
import type { CardFamily } from '../src/families/family.ts';
import { families, findFamily } from '../src/families/index.ts';
import { openCard } from '../src/reader/card.ts';
import type { CardChannel } from '../src/reader/channel.ts';
import { fill } from '../src/report/texts.ts';
import { stepNotes, stepTexts } from '../src/report/texts-steps.ts';
import { verdictJson } from '../src/report/verdict-json.ts';
import { collectEvidence, meetCard } from '../src/verifier/collect.ts';
import type { Accepted, Verifier, Wish } from '../src/verifier/embedded.ts';
import { type EndorsementSources, endorse } from '../src/verifier/endorse.ts';
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

/** How one card is to be checked. */
export interface Check {
  readonly verifier: Verifier;
  readonly wish: Wish;
  /** Left out: found out from the card. */
  readonly familyId?: string | undefined;
  /** What the answers will be used for; the card signs it. Left out: the verdict alone. */
  readonly purpose?: Purpose | undefined;
  readonly accessCode?: string | undefined;
  /** Where the maker's signatures may come from; left out: they are not looked for. */
  readonly sources?:
    | ((family: CardFamily) => Omit<EndorsementSources, 'now' | 'onStep'>)
    | undefined;
}

/**
 * The check of one card, from the first byte to the verdict. The maker is asked, and its answer
 * awaited, when the card has been let go.
 *
 * @throws ReaderError when the link fails: then there is no verdict
 */
export async function verifyChannel(
  channel: CardChannel,
  { verifier, wish, familyId, purpose = 'verify', accessCode, sources }: Check,
  steps: Steps,
  deps: Pick<Deps, 'micros' | 'now' | 'random'>,
): Promise<Outcome> {
  const { now, random } = deps;
  const onStep = stepsWithTexts(steps);
  const card = openCard(channel, deps.micros, checkMillis);
  let collected: { family: CardFamily; accepted: Accepted; evidence: CardEvidence };
  try {
    onStep('detect');
    const named = familyId === undefined ? undefined : findFamily(familyId);
    const met = await meetCard(card, families, named);
    if (met === undefined) return { verdict: verifier.judgeUnknown(wish) };
    const { family } = met;
    if (accessCode !== undefined && family.takesCode !== true) onStep('code-unused');
    const session = verifier.open(purpose);
    const evidence = await collectEvidence({
      ...met,
      card,
      session,
      freshness: 'verifier',
      collectedAt: now(),
      talk: { random, onStep, accessCode },
    });
    collected = { family, accepted: verifier.accept(session.id, evidence), evidence };
  } finally {
    await card.close();
  }
  const { family, accepted } = collected;
  const evidence =
    sources === undefined
      ? collected.evidence
      : await endorse(collected.evidence, family, { ...sources(family), now, onStep });
  onStep('judge');
  const verdict = accepted.judge(wish, evidence.attachments);
  return { verdict, names: nameEvidence(evidence), evidence };
}

/** Steps by the key of their sentence. */
export function stepsWithTexts(steps: Steps) {
  return (step: string, params: Readonly<Record<string, string>> = {}) => {
    const note = stepNotes[step];
    if (note === undefined) steps.begin(fill(stepTexts[step] ?? step, params));
    else steps.note(fill(note, params));
  };
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
