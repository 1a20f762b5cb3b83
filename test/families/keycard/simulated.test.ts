/**
 * The virtual cards, which are written from the public sources alone and share no code with the family:
 * what the interview gets from them, and what it proves.
 */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { explain } from '../../../src/families/keycard/explain.ts';
import { keycardFamily } from '../../../src/families/keycard/index.ts';
import { openCard } from '../../../src/reader/card.ts';
import { openVirtualCard } from '../../../src/reader/virtual.ts';
import { createSimulatedCard, findSimulation } from '../../../src/simulator/index.ts';
import { collectEvidence } from '../../../src/verifier/collect.ts';
import { seededRandom } from '../../support/tap-evidence.ts';
import { lines } from './cards.ts';

async function check(caseId: string) {
  const random = seededRandom(caseId);
  const simulated = createSimulatedCard('keycard', caseId, random);
  const card = openCard(openVirtualCard(simulated), () => 0);
  const collecting = collectEvidence({
    card,
    family: keycardFamily,
    platform: [],
    session: {
      context: { origin: 'embedded', purpose: 'verify' },
      nonce: random(32),
    },
    freshness: 'verifier',
    collectedAt: Date.parse('2026-11-26T12:00:00Z'),
    talk: { random, onStep: () => undefined },
  });
  const evidence = await collecting.catch((error: unknown) => {
    expect(simulated.forbiddenCommands).toBe(0);
    throw error;
  });
  expect(simulated.forbiddenCommands).toBe(0);
  return { evidence, proof: keycardFamily.prove(evidence) };
}

const held = ['challenge live held', 'signature live held', 'chain chain held'];
const same = 'identification side held';
const fits = 'behaviour side held';
const incapable = ['challenge live incapable', 'chain chain missing'];
const clone = ['challenge live held', 'signature live refuted', 'chain chain held'];
const unreadable = ['answers live unreadable', 'chain chain missing'];

/** Case, checks, use, version. */
type Case = readonly [id: string, checks: readonly string[], usage?: string, version?: string];
const expected: readonly Case[] = [
  ['genuine', [...held, same, fits], 'new', '3.1'],
  ['genuine-32', [...held, same, fits], 'new', '3.2'],
  ['genuine-40', [...held, same, fits], 'new', '4.0'],
  ['set-up', [...held, same, fits], 'initialised', '3.2'],
  ['used', [...held, same, fits], 'key-loaded', '3.2'],
  ['used-40', [...held, same, fits], 'key-loaded', '4.0'],
  ['old-applet', [...incapable, fits], 'initialised', '3.0'],
  ['old-applet-blank', [...incapable, fits], 'new', '3.0'],
  ['no-cash', [...held, same], 'new'],
  ['fake-ca', [...held, same, fits], 'new', '3.1'],
  ['test-ca', [...held, same, fits], 'new', '3.2'],
  ['clone', [...clone, same, fits], 'new', '3.1'],
  ['clone-40', [...clone, same, fits], 'new', '4.0'],
  ['bad-certificate', [...held, same, fits], 'new', '3.1'],
  ['replayed', [...clone, same, fits], 'new', '3.1'],
  [
    'version-liar',
    ['challenge live missing', 'chain chain missing', 'behaviour side contradicted'],
    'initialised',
    '3.2',
  ],
  // No check can find this one: the key is genuine, and version and state are the card's word.
  ['as-40', [...held, same, fits], 'new', '4.0'],
  ['ident-differs', [...held, 'identification side contradicted', fits], 'new', '3.1'],
  ['uncertified', [...incapable, fits], 'new', '3.2'],
  ['uncertified-40', incapable],
  ['refuses', ['challenge live missing', 'chain chain missing', fits], 'new', '3.1'],
  ['garbage', unreadable],
  ['oversized', unreadable],
];
const failing = [
  ['removed-mid-way', 'READER_CARD_REMOVED'],
  ['mute', 'READER_CARD_MUTE'],
  ['endless', 'READER_TRANSPORT'],
] as const;

describe('a virtual card', () => {
  it.each(expected.map((entry) => [entry[0], entry] as const))('%s', async (_, entry) => {
    const [id, checks, usage, version] = entry;
    const { evidence, proof } = await check(id);
    expect(lines(proof)).toEqual(checks);
    expect(proof.usage?.value).toBe(usage);
    expect(proof.firmware?.value).toBe(version);
    expect(proof.key !== undefined).toBe(checks.includes('signature live held'));
    for (const exchange of evidence.transcript) expect(explain(exchange)).toMatch(/\.$/);
  });

  it.each(failing)('%s: the error of the reader passes through', async (id, code) => {
    await expect(check(id)).rejects.toMatchObject({ name: 'ReaderError', code });
  });

  it('of every case is tried here', () => {
    const tried = [...expected, ...failing].map(([id]) => id).toSorted();
    expect(
      findSimulation('keycard')
        .cases.map(({ id }) => id)
        .toSorted(),
    ).toEqual(tried);
  });

  it('leads to the one demo maker, and the others elsewhere', async () => {
    const issuer = async (id: string) => (await check(id)).proof.issuers?.map(toHex).join();
    const maker = await issuer('genuine');
    for (const id of ['genuine-32', 'genuine-40', 'used', 'as-40', 'clone']) {
      expect(await issuer(id)).toBe(maker);
    }
    for (const id of ['fake-ca', 'test-ca', 'bad-certificate']) {
      expect(await issuer(id)).not.toBe(maker);
    }
    expect(await issuer('test-ca')).toBe(
      '025877220aaae6e54a6f974602d5995c0fe24a3ea7ddabd8644bec795b9da00743',
    );
  });

  it('is called by one number, and another card by another', async () => {
    const { proof } = await check('genuine');
    const { proof: other } = await check('genuine-40');
    expect(proof.number?.value).toMatch(/^[0-9A-F]{4}(?:-[0-9A-F]{4}){4}$/);
    expect(proof.number?.value).not.toBe(other.number?.value);
  });
});
