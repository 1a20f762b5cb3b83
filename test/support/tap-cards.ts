/** Tap cards of any profile, with answers altered on their way, and exchanges made by hand. */
import { decode, encode } from 'cborg';
import { appraise } from '../../src/appraisal/appraise.ts';
import type { Facts, Policy } from '../../src/appraisal/facts.ts';
import type { Finding, Subject } from '../../src/appraisal/finding.ts';
import { findingsOf } from '../../src/appraisal/findings.ts';
import { traceOrigin } from '../../src/appraisal/origin.ts';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import { coinkiteTap } from '../../src/families/coinkite-tap/index.ts';
import {
  encodeSelect,
  encodeTapCommand,
  type TapCommand,
} from '../../src/families/coinkite-tap/messages.ts';
import type { CheckResult, CheckRole, Proof, ProofCheck } from '../../src/families/family.ts';
import { openCard, type RecordedExchange } from '../../src/reader/card.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { TapCard } from '../../src/simulator/coinkite-tap/card.ts';
import { makeKeys, type TapKeys } from '../../src/simulator/coinkite-tap/keys.ts';
import type {
  SatscardProfile,
  SignerProfile,
  TapProfile,
} from '../../src/simulator/coinkite-tap/profile.ts';
import { keyPairFrom } from '../../src/simulator/demo-keys.ts';
import type { SimulatedCard } from '../../src/simulator/simulation.ts';
import type { Registry } from '../../src/trust/registry.ts';
import { collectEvidence } from '../../src/verifier/collect.ts';
import { demoRegistry, packagedRegistry, testNow } from './registry.ts';
import { quietTalk } from './talk.ts';
import { seededRandom } from './tap-evidence.ts';

export type Answer = Readonly<Record<string, unknown>>;

/** Gives another answer in place of the card's, whole response bytes, or undefined to keep it. */
export type Alter = (
  cmd: string,
  answer: Answer,
  request: Answer,
) => Answer | Uint8Array | undefined;

const birth = 760_000;
export const tapsigner: SignerProfile = { product: 'tapsigner', ver: '1.0.3', birth };
export const satschip: SignerProfile = { product: 'satschip', ver: '1.0.3', birth };
export const satscard: SatscardProfile = {
  product: 'satscard',
  ver: '1.0.3',
  birth,
  activeSlot: 0,
  sealed: true,
};

export const session = {
  id: 'test',
  context: { origin: 'embedded', purpose: 'verify' },
  nonce: sha256(utf8('a nonce for tests')),
  expires: 0,
} as const;

const unit = 'a card for tests';

/** Keys of the card that `tapCard` makes of this profile. */
export function keysOf(profile: TapProfile): TapKeys {
  return makeKeys(profile, seededRandom('unused'), unit);
}

/** Some key pair; the same for the same name. */
export const keyPair = (name: string) => keyPairFrom(sha256(utf8(name)));

/** A simulated card whose answers pass through `alter`; all else is as the card has it. */
export function tapCard(profile: TapProfile, alter: Alter = () => undefined): SimulatedCard {
  const card = new TapCard(profile, seededRandom(`tap card ${profile.product}`), unit);
  return {
    atr: card.atr,
    get forbiddenCommands() {
      return card.forbiddenCommands;
    },
    reset: () => card.reset(),
    respond(command) {
      const reply = card.respond(command);
      if (reply.kind !== 'answer') return reply;
      const { cmd, ...request } = requestOf(command);
      const altered = alter(String(cmd), answerOf(reply.bytes), request);
      if (altered === undefined) return reply;
      return { kind: 'answer', bytes: altered instanceof Uint8Array ? altered : ok(altered) };
    },
  };
}

/** What the card answers in one check under `session`. */
export function evidenceOf(profile: TapProfile, alter?: Alter): Promise<CardEvidence> {
  return collectEvidence({
    card: openCard(openVirtualCard(tapCard(profile, alter)), () => 0),
    family: coinkiteTap,
    platform: [],
    session,
    freshness: 'verifier',
    collectedAt: testNow,
    talk: quietTalk,
  });
}

/** Alters the answers to some commands by adding or replacing fields; undefined takes one out. */
export function withFields(changes: Readonly<Record<string, Answer>>): Alter {
  return (cmd, answer) => {
    const change = changes[cmd === 'status' ? 'select' : cmd];
    if (change === undefined || 'error' in answer) return undefined;
    const merged = Object.entries({ ...answer, ...change });
    return Object.fromEntries(merged.filter(([, value]) => value !== undefined));
  };
}

/** The command as a map; SELECT of an application is the command "select". */
export function requestOf(command: Uint8Array): Answer {
  const [, ins] = command;
  if (ins === 0xa4) return { cmd: 'select' };
  return ins === 0xcb ? decode(command.subarray(5)) : {};
}

/** The answer as a map; empty where it is none. */
export function answerOf(response: Uint8Array): Answer {
  try {
    return decode(response.subarray(0, -2));
  } catch {
    return {};
  }
}

/** Names of the commands in their order. */
export function commandsOf(transcript: readonly RecordedExchange[]): string[] {
  return transcript.map(({ command }) => String(requestOf(command)['cmd']));
}

/** The evidence without the exchanges of one command. */
export function without(evidence: CardEvidence, cmd: string): CardEvidence {
  const kept = evidence.transcript.filter(({ command }) => requestOf(command)['cmd'] !== cmd);
  return { ...evidence, transcript: kept };
}

/** A map under a status word. */
export function ok(answer: Answer, sw = 0x9000): Uint8Array {
  return concat(encode(answer), Uint8Array.of(sw >> 8, sw & 0xff));
}

export const refusal = (code: number, error = 'no'): Answer => ({ error, code });

/** One exchange made by hand. */
export function exchange(command: TapCommand | 'select', answer: Answer): RecordedExchange {
  const bytes = command === 'select' ? encodeSelect() : encodeTapCommand(command);
  return { command: bytes, response: ok(answer), micros: 0, disclosure: 'proof' };
}

/** The status map of a plain TAPSIGNER, with fields replaced or (undefined) left out. */
export function statusFields(changes: Answer = {}): Answer {
  const fields = {
    proto: 1,
    ver: '1.0.3',
    birth,
    pubkey: keyPair('card').publicKey,
    card_nonce: new Uint8Array(16).fill(1),
    tapsigner: true,
    num_backups: 0,
    ...changes,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Every check as "id role result". */
export function linesOf({ checks }: Proof): string[] {
  return checks.map(({ id, role, result }) => `${id} ${role} ${result}`);
}

/** The row of the verdict table that decides under the demo registry. */
export function rowOf(proof: Proof, wish: Partial<Policy> = {}): string {
  const policy = { freshness: 'verifier', expectNew: false, log: 'not-consulted' } as const;
  return appraise(proof, demoRegistry, { ...policy, ...wish }, testNow).row;
}

/** One line of a proof made by hand. */
export const line = (role: CheckRole, result: CheckResult, detail = ''): ProofCheck => ({
  id: role,
  role,
  result,
  detail,
});

export const goodKeys = {
  card: keyPair('card').publicKey,
  batch: keyPair('batch').publicKey,
  /** The production root of the packaged registry. */
  root: fromHex('03028a0e89e70d0ec0d932053a89ab1da7d9182bdc6d2f03e706ee99517d05d9e1'),
} as const;

/** What a new TAPSIGNER would prove, made by hand. */
export const goodProof: Proof = {
  family: 'coinkite-tap',
  checks: [line('live', 'held'), line('chain', 'held'), line('side', 'held')],
  key: { curve: 'secp256k1', publicKey: goodKeys.card, perCard: true },
  shownKey: goodKeys.card,
  issuers: [goodKeys.batch, goodKeys.root],
  product: { value: 'tapsigner', authority: 'reported' },
  number: { value: 'ABCDE-FGHIJ', authority: 'live' },
  firmware: { value: '1.0.3', authority: 'reported' },
  usage: { value: 'new', authority: 'reported', signals: [] },
  facts: [],
};

/** That proof without some of its parts; those that it must have are kept. */
export function lacking(...parts: Exclude<keyof Proof, 'family' | 'checks' | 'facts'>[]): Proof {
  const { family, checks, facts, ...rest } = goodProof;
  const left = Object.entries(rest).filter(([name]) => !parts.some((part) => part === name));
  return { family, checks, facts, ...Object.fromEntries(left) };
}

/** Every fact as that proof makes it. */
export const goodFacts: Facts = {
  family: 'known',
  live: 'proven',
  chain: 'pinned',
  revoked: false,
  unit: 'per-card',
  consistency: 'held',
  number: 'not-asked',
  firmware: 'approved',
  usage: 'expected',
  trouble: false,
  freshness: 'verifier',
  registry: 'valid',
  log: 'not-consulted',
};
export const newWanted: Policy = { freshness: 'verifier', expectNew: true, log: 'not-consulted' };

/** What an appraisal is given, where it is not all good. */
export interface Given {
  readonly facts?: Partial<Facts>;
  readonly proof?: Proof;
  readonly registry?: Registry;
  readonly policy?: Partial<Policy>;
  readonly at?: number;
}

/** The findings on one subject. */
export function about(subject: Subject, given: Given): readonly Finding[] {
  const { proof = goodProof, registry = packagedRegistry, at = testNow } = given;
  return findingsOf({
    proof,
    registry,
    policy: { ...newWanted, ...given.policy },
    facts: { ...goodFacts, ...given.facts },
    origin: traceOrigin(proof, registry, at),
    at,
  }).filter((finding) => finding.subject === subject);
}

/** Findings as "status code authority", with "-" where the statement is ours. */
export const findingLines = (findings: readonly Finding[]) =>
  findings.map(({ status, code, authority }) => `${status} ${code} ${authority ?? '-'}`);

/** The findings on one subject, as lines. */
export const said = (subject: Subject, given: Given) => findingLines(about(subject, given));
