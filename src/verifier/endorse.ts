/**
 * Completes evidence with the maker's signatures, where a maker keeps them apart from its cards: from
 * a file of the user's, from what was kept of an earlier check, or from the maker's server.
 *
 * None of these sources is trusted: whatever they give is evidence, and `prove` checks it. What they
 * refuse is kept with the evidence too, so that the verdict can say why there is no chain.
 */
import { TouchstoneError } from '../errors/error.ts';
import { type Endorsements, findEndorsements } from '../evidence/endorsements.ts';
import type { Attachment, CardEvidence } from '../evidence/evidence.ts';
import { attempt } from '../families/check.ts';
import type { Endorser } from '../families/endorser.ts';
import type { CardFamily, CheckResult, Interview } from '../families/family.ts';
import type { HttpGet } from '../net/http.ts';
import type { EndorsementCache } from '../state/endorsement-cache.ts';

export interface EndorsementSources {
  /** A file that the user gave. */
  readonly attached?: Endorsements | undefined;
  /** What was kept of earlier checks. */
  readonly cache: EndorsementCache;
  /** The maker's server; undefined where the registry names none. */
  readonly server?: string | undefined;
  /** Asked before anything is sent to that server, at most once a card. */
  readonly mayAsk: (server: string) => Promise<boolean>;
  readonly get: HttpGet;
  /** Milliseconds since 1970, UTC. */
  readonly now: () => number;
  readonly onStep: Interview['onStep'];
}

/**
 * The same evidence, with the maker's signatures or the reason why there are none. Evidence that
 * needs none comes back as it is, and so does that of a card that did not prove its key: nobody has
 * to be told of it.
 */
export async function endorse(
  evidence: CardEvidence,
  family: CardFamily,
  sources: EndorsementSources,
): Promise<CardEvidence> {
  const { endorser } = family;
  const request = endorser?.request(evidence);
  if (endorser === undefined || request === undefined || !lacksChain(evidence, family)) {
    return evidence;
  }
  const { cardKey, headers } = request;
  const given = sources.attached && findEndorsements(sources.attached, family.id, cardKey);
  const known = given ?? (await sources.cache.find(family.id, cardKey));
  if (known !== undefined) return withAttachments(evidence, endorser, known);

  const { server } = sources;
  if (server === undefined || !(await sources.mayAsk(server))) {
    if (sources.attached === undefined) return evidence;
    const refusal = { ...endorser.refusal('not-in-file'), ...origin('the attached file', sources) };
    return withAttachments(evidence, endorser, [refusal]);
  }
  sources.onStep('maker');
  const answer = await ask(server, headers, endorser, sources);
  const complete = withAttachments(evidence, endorser, answer);
  if (family.prove(complete).issuers !== undefined) {
    await keep(family, cardKey, answer, sources);
  }
  return complete;
}

/** True when the card proved its key, and nothing but the maker's signatures is missing. */
function lacksChain(evidence: CardEvidence, family: CardFamily): boolean {
  const { key, checks } = family.prove(evidence);
  const lacking: readonly CheckResult[] = ['unattached', 'withheld'];
  return key !== undefined && checks.some((check) => lacking.includes(check.result));
}

async function ask(
  server: string,
  headers: Readonly<Record<string, string>>,
  endorser: Endorser,
  sources: EndorsementSources,
): Promise<readonly Attachment[]> {
  const from = origin(server, sources);
  const refuse = (why: string) => [{ ...endorser.refusal(why), ...from }];
  const reply = await sources.get(server, headers);
  if (reply.kind === 'failed') return refuse(reply.why);
  if (reply.status !== 200) return refuse(`http-${reply.status}`);
  if (reply.body.length === 0) return refuse('empty');
  const found = attempt(() => endorser.parse(reply.body));
  if (typeof found === 'string') return refuse('malformed');
  return found.map((item) => ({ ...item, ...from }));
}

/** A cache that cannot be written costs another question next time, not the verdict. */
async function keep(
  family: CardFamily,
  cardKey: Uint8Array,
  attachments: readonly Attachment[],
  sources: EndorsementSources,
): Promise<void> {
  try {
    await sources.cache.keep(family.id, cardKey, attachments);
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
    sources.onStep('not-kept');
  }
}

/** Earlier refusals give way: what is known now stands. */
function withAttachments(
  evidence: CardEvidence,
  endorser: Endorser,
  more: readonly Attachment[],
): CardEvidence {
  const { kind } = endorser.refusal('');
  const kept = evidence.attachments.filter((item) => item.kind !== kind);
  return { ...evidence, attachments: [...kept, ...more] };
}

function origin(source: string, { now }: EndorsementSources) {
  return { source, fetchedAt: new Date(now()).toISOString() };
}
