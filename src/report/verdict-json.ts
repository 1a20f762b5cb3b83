/**
 * A verdict for machines. The shape follows the EAT attestation result (draft-ietf-rats-ear):
 * overall tier, trustworthiness vector, policy id; the draft still moves, so the profile tag is our
 * own and no conformity is claimed. What is ours stands in the map `touchstone`.
 */
import type { Verdict } from '../appraisal/appraise.ts';
import type { Facts } from '../appraisal/facts.ts';
import { isVouched } from '../appraisal/finding.ts';
import { toHex } from '../bytes/hex.ts';
import type { Json } from '../bytes/json.ts';
import type { Exit } from '../errors/exit.ts';
import type { EvidenceNames } from '../evidence/names.ts';
import { setHash } from '../families/set.ts';
import { fill, noLogNote, notAsNewNote, notDecidedNote, notNewNote, overlayNote } from './texts.ts';
import { findingTexts } from './texts-findings.ts';
import { rowTexts } from './texts-rows.ts';

/** `.invalid` is reserved (RFC 6761): the tag can never collide with somebody's domain. */
const profile = 'tag:touchstone.invalid,2026:verdict/1';

/** Tiers of AR4SI (draft-ietf-rats-ar4si): none, affirming, warning, contraindicated. */
const tiers = ['none', 'affirming', 'warning', 'contraindicated'] as const;
export type Tier = (typeof tiers)[number];

export interface TrustVector {
  readonly 'instance-identity': number;
  readonly configuration: number;
  readonly executables: number;
  readonly hardware: number;
}

/**
 * @param build name and version of this program
 * @param exit the exit code that the command will end with
 */
export function verdictJson(
  verdict: Verdict,
  evidence: Partial<EvidenceNames> & { readonly file?: string | undefined },
  build: string,
  exit: Exit,
): Json {
  const vector = trustVector(verdict);
  const { headline, todo } = rowSentences(verdict);
  return {
    eat_profile: profile,
    iat: Math.floor(verdict.at / 1000),
    ear_verifier_id: { developer: 'Touchstone', build },
    submods: {
      card: {
        ear_status: overallTier(verdict, vector),
        ear_trustworthiness_vector: { ...vector },
        ear_appraisal_policy_ids: verdict.registry.layers.map((layer) => `sha256:${layer.hash}`),
        ...(evidence.nonce === undefined ? {} : { eat_nonce: evidence.nonce }),
      },
    },
    touchstone: {
      schema: 'touchstone.verdict/1',
      demo: verdict.demo,
      verdict: verdict.word,
      headline,
      reason: verdict.row,
      advice: verdict.advice,
      todo,
      exit,
      id: evidence.id ?? null,
      ...(evidence.file === undefined ? {} : { file: evidence.file }),
      family: verdict.family,
      product: claim(verdict.product),
      number: claim(verdict.number),
      batch: claim(verdict.proof.batch),
      set: setClaim(verdict),
      firmware: claim(verdict.firmware),
      usage: claim(verdict.usage),
      freshness: verdict.facts.freshness,
      findings: verdict.findings.map(({ subject, status, code, params, authority }) => ({
        subject,
        status,
        code,
        ...(authority === undefined ? {} : { authority }),
        text: fill(findingTexts[code] ?? code, params),
      })),
      checks: verdict.proof.checks.map(({ id, role, result, detail }) => ({
        id,
        role,
        result,
        detail,
      })),
      registry: {
        age: verdict.registry.age,
        layers: verdict.registry.layers.map((l) => ({ ...l })),
      },
      evidence: {
        proofHash: evidence.proofHash ?? null,
        challengeHash: evidence.challengeHash ?? null,
      },
    },
  };
}

/** Headline and advice of the row that decided, gaps filled, with what must not be left unsaid. */
export function rowSentences(verdict: Verdict): { headline: string; todo: string } {
  const texts = rowTexts[verdict.row];
  if (texts === undefined) throw new RangeError(`no text for row ${verdict.row}`);
  const params = { maker: verdict.maker ?? 'the maker' };
  const headline = [fill(texts.headline, params)];
  if (verdict.word === 'not decided') headline.push(notDecidedNote);
  if (
    verdict.word.startsWith('genuine') &&
    verdict.facts.chain === 'overlay' &&
    verdict.row !== 'genuine-by-overlay'
  ) {
    headline.push(overlayNote);
  }
  if (verdict.word.startsWith('genuine') && verdict.facts.log === 'not-consulted') {
    headline.push(noLogNote);
  }
  const todo = [fill(texts.todo, params)];
  if (
    verdict.word.startsWith('genuine') &&
    verdict.facts.usage === 'in-use' &&
    verdict.row !== 'genuine-in-use'
  ) {
    todo.push(notNewNote);
  }
  if (verdict.word === 'not decided' && verdict.facts.usage === 'unexpected') {
    todo.unshift(notAsNewNote);
  }
  return { headline: headline.join(' '), todo: todo.join(' ') };
}

/** AR4SI section 2.3: the worst applicable standard value in each category; 0 = no statement. */
export function trustVector({ word, facts }: Verdict): TrustVector {
  if (word === 'not decided') {
    return { 'instance-identity': 0, configuration: 0, executables: 0, hardware: 0 };
  }
  const origin = originValue(facts);
  return {
    'instance-identity': facts.unit === 'model-only' && origin === 2 ? 0 : origin,
    configuration: facts.chain === 'test' ? 96 : facts.trouble ? 32 : 0,
    executables: { approved: 2, superseded: 32, advised: 32, unknown: 33, unread: 33, refused: 96 }[
      facts.firmware
    ],
    hardware: origin,
  };
}

function originValue(facts: Facts): number {
  const wrong = [facts.live, facts.chain, facts.consistency].includes('refuted');
  if (wrong) return 99;
  if (facts.revoked || facts.chain === 'test') return 96;
  if (facts.chain === 'elsewhere') return 97;
  return 2;
}

/** Never better than the word, the advice, or the worst entry of the vector. */
export function overallTier({ word, advice }: Verdict, vector: TrustVector): Tier {
  if (word === 'not decided') return 'none';
  const byWord = { genuine: 1, 'genuine with warnings': 2, 'not genuine': 3 }[word];
  const byAdvice = advice === 'stop' ? 3 : 0;
  const worst = Math.max(byWord, byAdvice, ...Object.values(vector).map(tierOf));
  return tiers[worst] ?? 'contraindicated';
}

function tierOf(value: number): number {
  if (value >= 96) return 3;
  if (value >= 32) return 2;
  return value >= 2 ? 1 : 0;
}

/** Cards that were linked to each other; two cards of one set have the same hash. */
function setClaim({ proof, facts }: Verdict): Json {
  if (proof.set === undefined || !isVouched(facts)) return null;
  return { hash: toHex(setHash(proof.set)), cards: proof.set.length, authority: 'live' };
}

function claim(value: { readonly value: string; readonly authority: string } | undefined): Json {
  return value === undefined ? null : { value: value.value, authority: value.authority };
}
