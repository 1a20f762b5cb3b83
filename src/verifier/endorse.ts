/**
 * Completes evidence with the maker's signatures, where a maker keeps them apart from its cards: from
 * a file of the user's, from what was kept of an earlier check, or from the maker's server.
 *
 * None of these sources is trusted: whatever they give is evidence, and `prove` checks it. What they
 * refuse is kept with the evidence too, so that the verdict can say why there is no chain.
 */
import { traceOrigin } from '../appraisal/origin.ts';
import { TouchstoneError } from '../errors/error.ts';
import { type Endorsements, findEndorsements } from '../evidence/endorsements.ts';
import type { Attachment, CardEvidence } from '../evidence/evidence.ts';
import { attempt } from '../families/check.ts';
import type { Endorser } from '../families/endorser.ts';
import type { CardFamily, Interview, Proof } from '../families/family.ts';
import type { HttpGet } from '../net/http.ts';
import type { EndorsementCache } from '../state/endorsement-cache.ts';
import type { Registry } from '../trust/registry.ts';

export interface EndorsementSources {
  /** A file that the user gave. */
  readonly attached?: Endorsements | undefined;
  /** What was kept of earlier checks. */
  readonly cache: EndorsementCache;
  /** Names the maker's server, and what completes a chain. */
  readonly registry: Registry;
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
 *
 * Only what completes the chain is kept and taken from the cache: a file that was damaged there, or a
 * server that erred once, must not speak against a card for ever.
 */
export async function endorse(
  evidence: CardEvidence,
  family: CardFamily,
  sources: EndorsementSources,
): Promise<CardEvidence> {
  const { endorser } = family;
  const request = endorser?.request(evidence);
  if (endorser === undefined || request === undefined) return evidence;
  if (!lacksSignatures(family.prove(evidence), sources)) return evidence;

  const { cardKey, headers } = request;
  const completes = (candidate: CardEvidence) =>
    traceOrigin(family.prove(candidate), sources.registry, sources.now()).anchor?.role === 'maker';
  const given = sources.attached && attachedTo(evidence, family, endorser, cardKey, sources);
  if (given !== undefined && completes(given)) return given;
  const kept = await sources.cache.find(family.id, cardKey);
  const cached = kept && withAttachments(evidence, endorser, kept);
  if (cached !== undefined && completes(cached)) return cached;

  const server = sources.registry.makerServer(family.id);
  if (server === undefined || !(await sources.mayAsk(server))) return given ?? evidence;
  sources.onStep('maker');
  const answer = await ask(server, headers, endorser, sources);
  const answered = withAttachments(evidence, endorser, answer);
  if (completes(answered)) await keep(family, cardKey, answer, sources);
  return answered;
}

/** True when the card proved its key, and signatures by its maker could change the verdict. */
function lacksSignatures(proof: Proof, { registry, now }: EndorsementSources): boolean {
  const { anchor, testKey, revocations } = traceOrigin(proof, registry, now());
  return (
    proof.key !== undefined &&
    anchor?.role !== 'maker' &&
    testKey === undefined &&
    revocations.length === 0
  );
}

/** With what the user's file holds about the card, or with word that it holds nothing. */
function attachedTo(
  evidence: CardEvidence,
  family: CardFamily,
  endorser: Endorser,
  cardKey: Uint8Array,
  sources: EndorsementSources,
): CardEvidence {
  const found = sources.attached && findEndorsements(sources.attached, family.id, cardKey);
  const none = { ...endorser.refusal('not-in-file'), ...origin('the attached file', sources) };
  return withAttachments(evidence, endorser, found ?? [none]);
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

/** Earlier refusals and earlier material of the same kinds give way: what is known now stands. */
function withAttachments(
  evidence: CardEvidence,
  endorser: Endorser,
  more: readonly Attachment[],
): CardEvidence {
  const replaced = new Set([endorser.refusal('').kind, ...more.map((item) => item.kind)]);
  const kept = evidence.attachments.filter((item) => !replaced.has(item.kind));
  return { ...evidence, attachments: [...kept, ...more] };
}

function origin(source: string, { now }: EndorsementSources) {
  return { source, fetchedAt: new Date(now()).toISOString() };
}
