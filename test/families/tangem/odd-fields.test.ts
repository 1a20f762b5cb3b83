/**
 * A genuine card with one field that has not its form, as firmware that nobody has seen yet may write
 * it: it is recognised, interviewed and proven, and where the field matters no plain "genuine" follows.
 */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../../src/appraisal/appraise.ts';
import { concat, utf8 } from '../../../src/bytes/bytes.ts';
import { encodeEvidence, parseEvidence } from '../../../src/evidence/file.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { tangemFamily } from '../../../src/families/tangem/index.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import {
  encodeElements,
  parseElements,
  type TlvElement,
} from '../../../src/families/tangem/tlv.ts';
import { openCard } from '../../../src/reader/card.ts';
import { openVirtualCard } from '../../../src/reader/virtual.ts';
import { cos3, wallet2 } from '../../../src/simulator/tangem/models.ts';
import type { TangemProfile } from '../../../src/simulator/tangem/profile.ts';
import { detectFamily } from '../../../src/verifier/collect.ts';
import { demoRegistry, testNow } from '../../support/registry.ts';
import {
  type Alter,
  bytes,
  filled,
  linesOf,
  slot,
  sw,
  tangemCard,
  text,
  tlv,
  withFields,
} from '../../support/tangem-cards.ts';
import { collectTangem } from '../../support/tangem-evidence.ts';

const genuine: TangemProfile = { model: wallet2 };

/** READ with this value in place of the card's own, or beside the others. */
const saying = (tag: number, value: Uint8Array | undefined): Alter =>
  withFields((elements) => replaced(elements, tag, value));
const made = (tag: number, value: Uint8Array): Alter =>
  withFields((elements) =>
    elements.map(([found, body]) =>
      found === Tag.cardData
        ? [found, encodeElements(replaced(parseElements(body), tag, value))]
        : [found, body],
    ),
  );
const also = (...more: readonly TlvElement[]): Alter =>
  withFields((elements) => [...elements, ...more]);
const selecting =
  (response: Uint8Array): Alter =>
  (name) =>
    name === 'select' ? response : undefined;

function replaced(elements: readonly TlvElement[], tag: number, value: Uint8Array | undefined) {
  const rest = elements.filter(([found]) => found !== tag);
  return value === undefined ? rest : [...rest, [tag, value] as const];
}

async function judged(profile: TangemProfile, alter: Alter | undefined, expectNew: boolean) {
  const evidence = await collectTangem(tangemCard(profile, alter));
  const saved = parseEvidence(encodeEvidence(evidence));
  const proof = prove(evidence);
  expect(saved.kind === 'card' && prove(saved)).toEqual(proof);
  const policy = { freshness: 'verifier', expectNew, log: 'not-consulted' } as const;
  return { evidence, proof, verdict: appraise(proof, demoRegistry, policy, testNow) };
}

const fciHex = '6f0a8408a000000812010208';
const odd: readonly (readonly [string, Alter])[] = [
  ['an empty health', saying(Tag.health, bytes())],
  ['a health of 2 bytes', saying(Tag.health, bytes(0, 0))],
  ['an empty date', made(Tag.manufactureDate, bytes())],
  ['a date of 3 bytes', made(Tag.manufactureDate, bytes(7, 0xe8, 5))],
  ['an empty batch', made(Tag.batch, bytes())],
  ['a batch of 3 bytes', made(Tag.batch, bytes(0xaf, 7, 1))],
  ['an issuer name of 65 characters', made(Tag.issuerName, text('x'.repeat(65)))],
  ['an issuer name in Latin-1', made(Tag.issuerName, bytes(0x5a, 0xfc))],
  ['an empty manufacturer', made(Tag.manufacturerPublicKey, bytes())],
  ['an empty card ID signature', made(Tag.cardIdSignature, bytes())],
  ['a batch twice', made(Tag.batch, concat(bytes(0xaf, 7), tlv({ [Tag.batch]: bytes(1) })))],
  ['broken card data', saying(Tag.cardData, bytes(0x81, 9))],
  ['firmware v6.33r', saying(Tag.firmware, text('v6.33r'))],
  ['an empty firmware', saying(Tag.firmware, bytes())],
  ['an empty status', saying(Tag.status, bytes())],
  ['an empty count of slots', saying(Tag.walletsCount, bytes())],
  ['an empty count of backups', saying(Tag.backupCount, bytes())],
  ['an empty backup status', saying(Tag.backupStatus, bytes())],
  ['a counter of 5 bytes', saying(Tag.signedHashes, filled(5, 0))],
];
const harmless: readonly (readonly [string, Alter])[] = [
  ['the issuer name Zürich', made(Tag.issuerName, utf8('Zürich'))],
  ['an unknown tag twice', also([0xc1, bytes(1)], [0xc1, bytes(2)])],
  ['every unknown tag', also([0xc1, filled(300, 1)], [0xc2, bytes()], [0x00, bytes(0)])],
  ['SELECT answered 9001', selecting(sw(0x9001))],
  ['SELECT answered with an FCI', selecting(Buffer.from(`${fciHex}9000`, 'hex'))],
];

describe('a genuine card', () => {
  it('is genuine to begin with', async () => {
    const { verdict } = await judged(genuine, undefined, true);
    expect([verdict.word, verdict.exit]).toEqual(['genuine', 0]);
  });

  it.each(odd)('with %s is proven, with a warning', async (_, alter) => {
    for (const expectNew of [false, true]) {
      const { proof, verdict } = await judged(genuine, alter, expectNew);
      expect(proof.key).toBeDefined();
      expect(linesOf(proof)).toContain('signature live held');
      expect(linesOf(proof)).toContain('chain chain held');
      expect(linesOf(proof).filter((line) => line === 'form side unreadable').length).toBe(1);
      expect([verdict.word, verdict.advice]).toEqual(['genuine with warnings', 'care']);
      expect(verdict.facts.consistency).toBe('unreadable');
    }
  });

  it('with an empty issuer has no chain, and is proven all the same', async () => {
    const { proof, verdict } = await judged(
      genuine,
      saying(Tag.issuerDataPublicKey, bytes()),
      true,
    );
    expect(linesOf(proof)).toEqual(
      expect.arrayContaining(['signature live held', 'form side unreadable']),
    );
    expect(proof.key).toBeDefined();
    expect(verdict.word).toBe('not decided');
  });

  it.each(harmless)('with %s is as good as any', async (_, alter) => {
    const { proof, verdict } = await judged(genuine, alter, true);
    expect(linesOf(proof).join()).not.toContain('form');
    expect([verdict.word, verdict.exit]).toEqual(['genuine', 0]);
  });

  it.each([...odd, ...harmless])('with %s is recognised', async (_, alter) => {
    const simulated = tangemCard(genuine, alter);
    const evidence = await collectTangem(simulated);
    expect(tangemFamily.recognises(evidence.transcript[1]?.response ?? bytes())).toBe(true);
    const card = openCard(openVirtualCard(tangemCard(genuine, alter)), () => 0);
    expect((await detectFamily(card, [tangemFamily]))?.family).toBe(tangemFamily);
  });

  it.each([Tag.cardId, Tag.cardPublicKey])('with an odd tag %i is none', async (tag) => {
    const { proof, verdict } = await judged(genuine, saying(tag, bytes(1)), true);
    expect(proof.key).toBeUndefined();
    expect(verdict.word).toBe('not decided');
  });
});

describe('a card that hides its use', () => {
  it('does not hide its alarms with it', async () => {
    const damaged: Alter = (name, ...rest) =>
      name === 'wallets' ? sw(0x6985) : saying(Tag.health, bytes(1))(name, ...rest);
    const { verdict } = await judged(genuine, damaged, true);
    expect([verdict.row, verdict.exit]).toEqual(['trouble', 6]);
  });

  it.each([
    ['a backup status that is none', saying(Tag.backupStatus, bytes())],
    ['an odd date', made(Tag.manufactureDate, bytes(1))],
  ])('by %s is not new', async (_, alter) => {
    const { proof, verdict } = await judged(genuine, alter, true);
    expect(proof.usage?.value).toBe('untold');
    expect(verdict.exit).toBe(3);
  });
});

describe('a card that was used', () => {
  const refused: Alter = (name) => (name === 'wallets' ? sw(0x6985) : undefined);
  const full = { [Tag.wallet]: [slot(1)] };
  it.each<[string, TangemProfile, Alter, string]>([
    [
      'COS 3.05, 17 signatures, no wallet',
      { model: cos3 },
      saying(Tag.signedHashes, bytes(17)),
      'prepared',
    ],
    [
      'COS 3.05, 17 signatures of its maximum, no wallet',
      { model: cos3 },
      also([Tag.remainingSignatures, bytes(0x0f, 0x42, 0x2f)]),
      'prepared',
    ],
    [
      'COS 6, a wallet at card level',
      genuine,
      also([Tag.walletPublicKey, filled(33, 2)]),
      'set-up',
    ],
    ['COS 6, no slots', genuine, saying(Tag.walletsCount, bytes(0)), 'untold'],
    ['COS 6, one slot', genuine, saying(Tag.walletsCount, bytes(1)), 'untold'],
    ['COS 6, no status', genuine, saying(Tag.status, undefined), 'untold'],
    ['COS 6, an odd status', genuine, saying(Tag.status, bytes()), 'untold'],
    ['COS 6, no list of wallets', genuine, refused, 'untold'],
    [
      'COS 6, an empty list of wallets',
      genuine,
      (name, response) =>
        name === 'wallets'
          ? concat(
              encodeElements(
                parseElements(response.subarray(0, -2)).filter(([tag]) => !(tag in full)),
              ),
              sw(0x9000),
            )
          : undefined,
      'untold',
    ],
  ])('%s, is never new', async (_, profile, alter, state) => {
    const { proof, verdict } = await judged(profile, alter, true);
    expect(proof.key).toBeDefined();
    expect(proof.usage?.value).toBe(state);
    expect(verdict.word).toBe('genuine with warnings');
    expect(verdict.findings.map(({ code }) => code)).not.toContain('usage-new');
  });

  it('says on every new one that nothing of this is signed', async () => {
    for (const model of [cos3, wallet2]) {
      const { proof } = await judged({ model }, undefined, true);
      expect(proof.usage?.value).toBe('new');
      expect(proof.usage?.signals).toContainEqual(
        expect.objectContaining({ code: 'use-unsigned', weight: 'blind' }),
      );
    }
  });
});
