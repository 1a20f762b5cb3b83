/** A room in which evidence of Tangem cards is completed: a cache, a maker, a person. */

import { appraise } from '../../src/appraisal/appraise.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import type { Endorsements } from '../../src/evidence/endorsements.ts';
import type { Attachment, CardEvidence } from '../../src/evidence/evidence.ts';
import type { CardFamily } from '../../src/families/family.ts';
import { tangemFamily } from '../../src/families/tangem/index.ts';
import type { HttpReply } from '../../src/net/http.ts';
import { createSimulatedCard, type SimulatedCard } from '../../src/simulator/index.ts';
import { createMemoryCache, type EndorsementCache } from '../../src/state/endorsement-cache.ts';
import { Registry } from '../../src/trust/registry.ts';
import { endorse } from '../../src/verifier/endorse.ts';
import { type AnsweringClient, makerGet, makerOf } from './maker.ts';
import { demoRegistry, testNow } from './registry.ts';
import { collectTangem } from './tangem-evidence.ts';
import { seededRandom } from './tap-evidence.ts';

export const serverUrl = 'https://maker.example/card';

/** One of each way in which cards write their key and prove it: COS 3, COS 4, COS 8. */
export const threeKinds = ['old-cos', 'genuine-wallet', 'genuine-v8'];

export function cardOf(caseId: string, unit = 'ada'): SimulatedCard {
  return createSimulatedCard('tangem', caseId, seededRandom(`${caseId} ${unit}`), unit);
}

/** What one check of this card gives, without anything of its maker. */
export async function bareEvidence(card: SimulatedCard, seed = 'a check'): Promise<CardEvidence> {
  return { ...(await collectTangem(card, { seed })), attachments: [] };
}

/** What its maker signed about it. */
export async function signaturesOf(card: SimulatedCard): Promise<readonly Attachment[]> {
  return (await room({ maker: makerOf(card) }).endorse(await bareEvidence(card))).attachments;
}

/** The key that the card showed, and what its maker is asked. */
export function requestOf(evidence: CardEvidence) {
  const request = tangemFamily.endorser?.request(evidence);
  if (request === undefined) throw new Error('no request');
  return request;
}

/** A file that holds this about the card. */
export function endorsementsOf(
  evidence: CardEvidence,
  attachments: readonly Attachment[],
): Endorsements {
  const cardKeyHash = toHex(sha256(requestOf(evidence).cardKey));
  return { family: 'tangem', cards: [{ cardKeyHash, attachments }] };
}

export const kindsOf = (evidence: CardEvidence) => evidence.attachments.map(({ kind }) => kind);

export interface RoomParts {
  readonly maker: AnsweringClient | HttpReply;
  readonly attached?: Endorsements;
  readonly cache?: EndorsementCache;
  readonly server?: string | undefined;
  /** Hex. */
  readonly revokedKey?: string;
  /** What the person says. */
  readonly yes?: boolean;
}

/** The demo registry, its maker's server replaced or left out; and a key (hex) revoked. */
function namingServer(url: string | undefined, revokedKey: string | undefined): Registry {
  const layers = demoRegistry.layers.map((layer) => {
    const { tangem, ...others } = layer.file.families;
    if (tangem === undefined) return layer;
    const revoked = { key: revokedKey ?? '', reason: 'stolen', source: 'this test' };
    const { makerServer: _, ...whole } = tangem;
    const rest = revokedKey === undefined ? whole : { ...whole, revoked: [revoked] };
    const named = url === undefined ? rest : { ...rest, makerServer: { url, source: 'this test' } };
    return { ...layer, file: { ...layer.file, families: { ...others, tangem: named } } };
  });
  return new Registry(layers);
}

/** A room, and what happened in it. */
export function room(parts: RoomParts) {
  const { maker, attached, cache = createMemoryCache(), yes = true } = parts;
  const server = 'server' in parts ? parts.server : serverUrl;
  const { get, asked } = makerGet(typeof maker === 'function' ? maker : () => maker);
  const permissions: string[] = [];
  const steps: string[] = [];
  const mayAsk = async (name: string) => {
    permissions.push(name);
    return yes;
  };
  return {
    cache,
    asked,
    permissions,
    steps,
    keyOf: (evidence: CardEvidence) => requestOf(evidence).cardKey,
    headersOf: (evidence: CardEvidence) => requestOf(evidence).headers,
    endorse: (evidence: CardEvidence, family: CardFamily = tangemFamily) =>
      endorse(evidence, family, {
        attached,
        cache,
        registry: namingServer(server, parts.revokedKey),
        mayAsk,
        get,
        now: () => testNow,
        onStep: (step) => steps.push(step),
      }),
  };
}

/** The verdict on a card that lies there now, by the demo registry. */
export function judge(evidence: CardEvidence) {
  const proof = tangemFamily.prove(evidence);
  const policy = { freshness: 'verifier', expectNew: false, log: 'not-consulted' } as const;
  const { word, advice, facts, row } = appraise(proof, demoRegistry, policy, testNow);
  const detail = proof.checks.find(({ role }) => role === 'chain')?.detail ?? '';
  return { word, advice, row, chain: facts.chain, detail };
}
