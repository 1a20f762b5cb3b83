/** Evidence of Tangem cards for tests: from simulated cards, and from the published dumps. */
import { readFileSync } from 'node:fs';
import { concat } from '../../src/bytes/bytes.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import type { CardEvidence } from '../../src/evidence/evidence.ts';
import {
  attachmentKind,
  defaultCodeHash,
  ReadMode,
  Tag,
} from '../../src/families/tangem/constants.ts';
import { tangemFamily } from '../../src/families/tangem/index.ts';
import { encodeRead, encodeSelect } from '../../src/families/tangem/messages.ts';
import { encodeElements } from '../../src/families/tangem/tlv.ts';
import { openCard, type RecordedExchange } from '../../src/reader/card.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { createSimulatedCard, type SimulatedCard } from '../../src/simulator/index.ts';
import { collectEvidence } from '../../src/verifier/collect.ts';
import { testNow } from './registry.ts';
import { seededRandom } from './tap-evidence.ts';

/** The code that the owners of simulated cards have set. */
export const ownCode = '482915';

/** One READ answer as published, and what was found out about it. */
export interface Dump {
  readonly name: string;
  readonly cardId: string;
  readonly firmware: string | null;
  readonly batch: string;
  readonly issuerName: string;
  readonly cardIdManufacturerSignature: {
    readonly verified: boolean;
    readonly signerKey: string | null;
  } | null;
  readonly walletAttest: { readonly curve: string; readonly form: string } | null;
  readonly framing: '9000+tlv' | 'tlv+9000';
  readonly hex: string;
}

/** What an app wrote down about a card. */
export interface CardRecord {
  readonly cardId: string;
  readonly batchId: string;
  readonly firmware: string;
  readonly manufactureDate: string;
  readonly issuerName: string;
  readonly issuerPublicKey: string;
  readonly cardPublicKey: string;
  readonly signature: string;
  readonly verified: boolean;
  readonly signerKey: string | null;
}

/** A card together with what the maker's server said about it. */
export interface OnlineAttestation {
  readonly cardId: string;
  readonly firmware: string;
  readonly cardPublicKey: string;
  readonly issuerPublicKey: string;
  readonly manufacturer_signature: string;
  readonly issuer_signature: string;
}

const load = (name: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/tangem/${name}.json`, import.meta.url), 'utf8'));

export const dumps: readonly Dump[] = load('read-responses');
export const cardRecords: readonly CardRecord[] = load('card-id-signatures');
export const onlineAttestations: readonly OnlineAttestation[] = load('online-attestation');

const ok = Uint8Array.of(0x90, 0x00);

/** The TLV of a dump, without the status word that some software put before it. */
export function tlvOf({ framing, hex }: Dump): Uint8Array {
  const bytes = fromHex(hex);
  return framing === '9000+tlv' ? bytes.subarray(2) : bytes.subarray(0, -2);
}

/** What a card says about itself, as evidence without an attestation. */
export function importRead(tlv: Uint8Array): CardEvidence {
  const exchange = (command: Uint8Array, body: Uint8Array): RecordedExchange => ({
    command,
    response: concat(body, ok),
    micros: 0,
    disclosure: 'proof',
  });
  return {
    kind: 'card',
    family: 'tangem',
    nonce: new Uint8Array(32),
    context: { origin: 'imported', purpose: 'verify' },
    freshness: 'imported',
    collectedAt: '2026-11-24T09:00:00Z',
    readerName: 'recording',
    atr: new Uint8Array(),
    transcript: [
      exchange(encodeSelect(), new Uint8Array()),
      exchange(encodeRead(ReadMode.card, defaultCodeHash), tlv),
    ],
    attachments: [],
    challenges: {},
  };
}

/** The record as a card would have said it. */
export function readOfRecord(record: CardRecord): Uint8Array {
  const [year = 0, month = 0, day = 0] = record.manufactureDate.split('-').map(Number);
  return encodeElements([
    [Tag.cardId, fromHex(record.cardId)],
    [Tag.firmware, Buffer.from(`${record.firmware}\0`)],
    [Tag.cardPublicKey, fromHex(record.cardPublicKey)],
    [
      Tag.cardData,
      encodeElements([
        [Tag.batch, fromHex(record.batchId)],
        [Tag.manufactureDate, Uint8Array.of(year >> 8, year & 0xff, month, day)],
        [Tag.issuerName, Buffer.from(`${record.issuerName}\0`)],
        [Tag.cardIdSignature, fromHex(record.signature)],
      ]),
    ],
    [Tag.issuerDataPublicKey, fromHex(record.issuerPublicKey)],
    [Tag.accessCodeIsDefault, Uint8Array.of(1)],
    [Tag.passcodeIsDefault, Uint8Array.of(1)],
  ]);
}

/** That card, as evidence with the signatures of the maker's server attached. */
export function importOnline(record: OnlineAttestation): CardEvidence {
  const read = encodeElements([
    [Tag.cardId, fromHex(record.cardId)],
    [Tag.firmware, Buffer.from(`${record.firmware}\0`)],
    [Tag.cardPublicKey, fromHex(record.cardPublicKey)],
    [Tag.issuerDataPublicKey, fromHex(record.issuerPublicKey)],
  ]);
  const attached = (kind: string, hex: string) => ({
    kind,
    source: 'test/vectors/tangem/online-attestation.json',
    fetchedAt: '2026-11-24T09:00:00Z',
    data: fromHex(hex),
  });
  return {
    ...importRead(read),
    attachments: [
      attached(attachmentKind.issuerSignature, record.issuer_signature),
      attached(attachmentKind.manufacturerSignature, record.manufacturer_signature),
    ],
  };
}

/** How a simulated card is checked. */
export interface Simulated {
  /** Decides the nonce and the card's keys, where there is no unit. */
  readonly seed?: string;
  /** Names one physical card or one set. */
  readonly unit?: string;
  readonly accessCode?: string | undefined;
  readonly onStep?: (step: string, params?: Readonly<Record<string, string>>) => void;
}

/** What a simulated card answers in one check, with what the maker's server says about it. */
export async function simulateTangem(
  caseId: string,
  { seed = caseId, unit, ...talk }: Simulated = {},
): Promise<CardEvidence> {
  const random = seededRandom(seed);
  return collectTangem(createSimulatedCard('tangem', caseId, random, unit), { seed, ...talk });
}

/** The same for any card, be it altered or not. */
export async function collectTangem(
  card: SimulatedCard,
  { seed = 'a card for tests', accessCode, onStep = () => undefined }: Simulated = {},
): Promise<CardEvidence> {
  const random = seededRandom(`${seed}, asked`);
  const evidence = await collectEvidence({
    platform: [],
    card: openCard(openVirtualCard(card), () => 0),
    family: tangemFamily,
    session: {
      context: { origin: 'embedded', purpose: 'verify' },
      nonce: random(32),
    },
    freshness: 'verifier',
    collectedAt: testNow,
    talk: { random, onStep, accessCode },
  });
  return attach(evidence, card);
}

/** Asks the stand-in for the maker's server. */
export function attach(evidence: CardEvidence, card: SimulatedCard): CardEvidence {
  const { endorser } = tangemFamily;
  const request = endorser?.request(evidence);
  const reply = request && card.askMaker?.(request.headers);
  if (endorser === undefined || reply?.kind !== 'reply' || reply.status !== 200) return evidence;
  if (reply.body === '') return evidence;
  const origin = { source: 'the stand-in', fetchedAt: '2026-11-26T12:00:00Z' };
  const found = (() => {
    try {
      return endorser.parse(Buffer.from(reply.body));
    } catch {
      // The case "endpoint-malformed".
      return [endorser.refusal('malformed')];
    }
  })();
  return { ...evidence, attachments: found.map((item) => ({ ...item, ...origin })) };
}

/** The cards of one set, primary first. */
export function simulateSet(unit: string): Promise<CardEvidence[]> {
  const cases = ['set-primary', 'set-backup-1', 'set-backup-2'];
  return Promise.all(cases.map((id) => simulateTangem(id, { unit, seed: `${id} ${unit}` })));
}
