import { describe, expect, it, test } from 'vitest';
import {
  buildCardEntry,
  buildOwnerEntry,
  provenIndexKey,
} from '../../src/activation/card-entry.ts';
import { encodeEntry, parseEntry, signEntry } from '../../src/activation/entry.ts';
import { cardIndexKey } from '../../src/activation/index-key.ts';
import { appraise, type Verdict } from '../../src/appraisal/appraise.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { attachmentsHash, challengeHash, proofHash } from '../../src/evidence/hashes.ts';
import type { Proof } from '../../src/families/family.ts';
import { Registry } from '../../src/trust/registry.ts';
import { type Checked, checkedCard } from '../support/checked-cards.ts';
import { casesOf, cliCases } from '../support/cli-cases.ts';
import { alice, bob, shop } from '../support/receipts.ts';
import {
  demoRegistry,
  overlay,
  packagedRegistry,
  pinnedLayer,
  testNow,
} from '../support/registry.ts';
import { goodKeys, goodProof, lacking, newWanted } from '../support/tap-cards.ts';

const families = ['coinkite-tap', 'tangem', 'keycard', 'satochip'];

/** The entry; fails where there is none. */
function entryOf(
  checked: Checked,
  type: 'observed' | 'activated' | 'reverified',
  ownerHex?: string,
) {
  const built = buildCardEntry({ ...checked, type, ownerHex });
  if (built.kind === 'none') throw new Error(built.why);
  return built.entry;
}

const whyNot = (
  checked: Checked,
  type: 'observed' | 'activated' = 'observed',
  ownerHex?: string,
) => {
  const built = buildCardEntry({ ...checked, type, ownerHex });
  return built.kind === 'none' ? built.why : 'an entry';
};

describe('the entry about a check', () => {
  test.each(families)('of a genuine %s card', async (family) => {
    const checked = await checkedCard(family, 'genuine');
    const entry = entryOf(checked, 'observed');
    const { evidence, verdict } = checked;
    const { key } = verdict.proof;
    expect(entry).toEqual({
      schema: 'touchstone.entry/1',
      kind: 'card',
      type: 'observed',
      card: { family, key: toHex((key && cardIndexKey(key)) ?? new Uint8Array()) },
      product: expect.stringMatching(/^[a-z0-9.-]+$/),
      firmware: { id: verdict.firmware?.value, authority: 'reported' },
      usage: { state: 'new', authority: verdict.usage?.authority },
      word: 'genuine',
      freshness: 'verifier',
      registry: {
        serial: pinnedLayer.file.serial,
        hash: pinnedLayer.hash,
        overlays: [demoRegistry.layers[1]?.hash],
      },
      hashes: {
        proof: toHex(proofHash(evidence)),
        challenge: toHex(challengeHash(evidence)),
        attachments: toHex(attachmentsHash(evidence)),
      },
      hour: '2026-11-26T12Z',
      demo: true,
    });
  });

  test.each(families)('of a %s card can be signed, written and read', async (family) => {
    const checked = await checkedCard(family, 'genuine', {
      purpose: 'activated',
      ownerHex: alice.hashHex,
    });
    const signed = signEntry(entryOf(checked, 'activated', alice.hashHex), {
      owner: alice,
      actor: shop,
    });
    expect(parseEntry(encodeEntry(signed))).toEqual(signed);
    expect(signed.owner).toBe(alice.hashHex);
  });

  it('tells nothing by which a person or a card could be found', async () => {
    for (const family of families) {
      const checked = await checkedCard(family, 'genuine');
      const text = JSON.stringify(entryOf(checked, 'observed')).toLowerCase();
      const { number, batch, key } = checked.verdict.proof;
      const secrets = [number?.value, batch?.value, key && toHex(key.publicKey)];
      expect(number).toBeDefined();
      for (const secret of secrets) if (secret) expect(text).not.toContain(secret.toLowerCase());
      expect(text).not.toContain(checked.evidence.readerName.toLowerCase());
      expect(text).not.toContain(toHex(checked.evidence.nonce));
    }
  });

  it('the same card has the same key under another check, and other hashes', async () => {
    const one = entryOf(await checkedCard('tangem', 'genuine'), 'observed');
    const two = entryOf(
      await checkedCard('tangem', 'genuine', { purpose: 'reverified', ownerHex: bob.hashHex }),
      'reverified',
      bob.hashHex,
    );
    expect(two.card).toEqual(one.card);
    expect(
      'hashes' in two && 'hashes' in one && two.hashes.challenge !== one.hashes.challenge,
    ).toBe(true);
    const other = await checkedCard('tangem', 'genuine', { unit: 'another unit' });
    expect(entryOf(other, 'observed').card.key).not.toBe(one.card.key);
  });

  it('says the warnings of the verdict', async () => {
    const checked = await checkedCard('coinkite-tap', 'old-firmware');
    expect(entryOf(checked, 'observed')).toMatchObject({ word: 'genuine with warnings' });
  });
});

describe('what gives no entry', () => {
  const readable = cliCases.filter(({ usual, stranger }) => usual.exit !== 7 && stranger !== true);

  test.each(readable)('$family $id: an entry only where genuine', async ({ family, id, usual }) => {
    const checked = await checkedCard(family, id);
    const why = whyNot(checked);
    expect(checked.verdict.exit).toBe(usual.exit);
    switch (usual.exit) {
      case 5:
        return expect(why).toBe('not-genuine');
      case 4:
        return expect(why).toBe('not-decided');
      default:
        return expect(why).toBe('an entry');
    }
  });

  it('the table above holds every kind', () => {
    expect(new Set(readable.map(({ usual }) => usual.exit))).toEqual(new Set([0, 3, 4, 5, 6]));
    expect(casesOf('tangem').length).toBeGreaterThan(10);
  });

  const judged = (proof: Proof): Verdict => appraise(proof, packagedRegistry, newWanted, testNow);

  it('a key that a batch shares', () => {
    const key = { curve: 'secp256k1', publicKey: goodKeys.card, perCard: false } as const;
    const verdict = judged({ ...goodProof, key });
    expect(verdict.word).toBe('genuine with warnings');
    expect(provenIndexKey(verdict)).toEqual({ kind: 'none', why: 'model-only' });
  });

  it('verdicts that do not fit together, were there any', () => {
    const verdict = judged(goodProof);
    expect(provenIndexKey(verdict).kind).toBe('key');
    const with_ = (facts: Partial<Verdict['facts']>) =>
      provenIndexKey({ ...verdict, facts: { ...verdict.facts, ...facts } });
    expect(with_({ live: 'missing' })).toEqual({ kind: 'none', why: 'no-key' });
    expect(with_({ chain: 'unknown-issuer' })).toEqual({ kind: 'none', why: 'not-chained' });
    expect(with_({ unit: 'model-only' })).toEqual({ kind: 'none', why: 'model-only' });
    const shared = { curve: 'secp256k1', publicKey: goodKeys.card, perCard: false } as const;
    expect(provenIndexKey({ ...verdict, proof: { ...goodProof, key: shared } })).toEqual({
      kind: 'none',
      why: 'model-only',
    });
    expect(provenIndexKey({ ...verdict, proof: lacking('key') })).toEqual({
      kind: 'none',
      why: 'no-key',
    });
    const off = {
      ...goodProof,
      key: { curve: 'secp256k1', publicKey: new Uint8Array(33), perCard: true },
    } as const;
    expect(provenIndexKey({ ...verdict, proof: off })).toEqual({ kind: 'none', why: 'no-key' });
  });

  it('an answer to another purpose, owner or family', async () => {
    const checked = await checkedCard('keycard', 'genuine', { purpose: 'verify' });
    expect(whyNot(checked)).toBe('other-purpose');
    const activated = await checkedCard('keycard', 'genuine', {
      purpose: 'activated',
      ownerHex: alice.hashHex,
    });
    expect(whyNot(activated)).toBe('other-purpose');
    expect(whyNot(activated, 'activated', alice.hashHex)).toBe('an entry');
    expect(whyNot(activated, 'activated', bob.hashHex)).toBe('other-owner');
    expect(whyNot(activated, 'activated')).toBe('other-owner');
    const unowned = await checkedCard('keycard', 'genuine', { purpose: 'activated' });
    expect(whyNot(unowned, 'activated')).toBe('other-owner');
    expect(whyNot(unowned, 'activated', alice.hashHex)).toBe('other-owner');
    const other = await checkedCard('tangem', 'genuine');
    expect(whyNot({ ...other, evidence: { ...checked.evidence } })).toBe('other-evidence');
  });
});

describe('demo and local registries', () => {
  it('a registry without demo keys and overlays leaves both out', async () => {
    const { evidence } = await checkedCard('coinkite-tap', 'genuine');
    const verdict = appraise(goodProof, packagedRegistry, { ...newWanted }, testNow);
    const entry = entryOf({ evidence, verdict, registry: packagedRegistry }, 'observed');
    expect(entry).not.toHaveProperty('demo');
    expect(entry).toMatchObject({ registry: { overlays: [] } });
  });

  it('a local registry is named by its hash, though the root is the pinned one', async () => {
    const { evidence } = await checkedCard('coinkite-tap', 'genuine');
    const local = overlay({});
    const registry = new Registry([pinnedLayer, local]);
    const verdict = appraise(goodProof, registry, newWanted, testNow);
    const entry = entryOf({ evidence, verdict, registry }, 'observed');
    expect(entry).toMatchObject({ registry: { hash: pinnedLayer.hash, overlays: [local.hash] } });
    expect(entry).not.toHaveProperty('demo');
  });
});

describe('what a card says in another form', () => {
  const hostile = (changes: Partial<Proof>) => ({ ...goodProof, ...changes });

  test.each([
    ['firmware', { firmware: { value: 'x'.repeat(65), authority: 'reported' } }],
    ['firmware', { firmware: { value: '1.0\u001b[31m', authority: 'reported' } }],
    ['usage', { usage: { value: 'Bob Smith', authority: 'reported', signals: [] } }],
    ['product', { product: { value: 'a card of Bob', authority: 'reported' } }],
  ] as const)('%s is left out', async (field, changes) => {
    const { evidence } = await checkedCard('coinkite-tap', 'genuine');
    const verdict = appraise(hostile(changes), packagedRegistry, newWanted, testNow);
    const entry = entryOf({ evidence, verdict, registry: packagedRegistry }, 'observed');
    expect(entry).not.toHaveProperty(field);
    expect(parseEntry(encodeEntry(signEntry(entry, {})))).toMatchObject({ kind: 'card' });
  });
});

describe('entries on the word of an owner', () => {
  test.each(['retired', 'disputed'] as const)('%s', (type) => {
    const card = { family: 'tangem', key: '00'.repeat(32) };
    const input = { type, card, ownerHex: alice.hashHex, at: testNow };
    const entry = buildOwnerEntry({ ...input, demo: true });
    expect(entry).toEqual({
      schema: 'touchstone.entry/1',
      kind: 'card',
      type,
      card,
      owner: alice.hashHex,
      hour: '2026-11-26T12Z',
      demo: true,
    });
    expect(buildOwnerEntry({ ...input, demo: false })).not.toHaveProperty('demo');
    expect(signEntry(entry, { owner: alice }).type).toBe(type);
    expect(() => signEntry(entry, { owner: bob })).toThrow(/another key/);
  });
});
