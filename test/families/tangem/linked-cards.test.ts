/** Cards that were linked to this one: what a full attestation proves about them. */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/hex.ts';
import { setHash, setName } from '../../../src/families/set.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import {
  attest,
  bytes,
  cardKey,
  emptySlots,
  evidenceOf,
  filled,
  keyPair,
  linesOf,
  longForm,
  read,
  select,
  sw,
} from '../../support/tangem-cards.ts';
import { simulateSet, simulateTangem } from '../../support/tangem-evidence.ts';

const [one, two] = [keyPair('backup 1').publicKey, keyPair('backup 2').publicKey];

function proofOf(linked: readonly Uint8Array[], count = linked.length, full = true) {
  const backup = { [Tag.backupStatus]: bytes(2), [Tag.backupCount]: bytes(count) };
  return prove(evidenceOf(select(), read(backup), emptySlots, attest({}, { full, linked })));
}
const lineOf = (...args: Parameters<typeof proofOf>) =>
  linesOf(proofOf(...args)).filter((line) => line.startsWith('linked-cards'));
const signalsOf = (...args: Parameters<typeof proofOf>) =>
  (proofOf(...args).usage?.signals ?? []).map(({ code, authority }) => `${code} ${authority}`);

describe('linked cards', () => {
  it.each<[string, readonly Uint8Array[], number, string]>([
    ['two, as said', [one, two], 2, 'held'],
    ['one, as said', [one], 1, 'held'],
    ['in 65 bytes', [longForm(one), two], 2, 'held'],
    ['none listed', [], 2, 'missing'],
    ['one more than said', [one, two], 1, 'contradicted'],
    ['one less than said', [one], 2, 'contradicted'],
    ['none said', [one], 0, 'contradicted'],
    ['the same card twice', [one, one], 2, 'contradicted'],
    ['the same card twice in two forms', [one, longForm(one)], 2, 'contradicted'],
    ['the card itself', [one, cardKey.publicKey], 2, 'contradicted'],
    ['the card itself in its other form', [one, longForm(cardKey.publicKey)], 2, 'contradicted'],
    ['no key', [one, filled(33, 0)], 2, 'unreadable'],
    ['a key of 32 bytes', [one.subarray(1)], 1, 'unreadable'],
    ['an empty key', [one, filled(0, 0)], 2, 'unreadable'],
    ['a key off the curve', [Uint8Array.of(2, ...filled(31, 0), 5)], 1, 'unreadable'],
    ['two keys in one', [Uint8Array.of(...one, ...two)], 1, 'unreadable'],
  ])('%s: %s', (_, linked, count, result) => {
    const proof = proofOf(linked, count);
    expect(lineOf(linked, count)).toEqual([`linked-cards side ${result}`]);
    // The signature is right in each of these cases; only the list is not what it should be.
    expect(linesOf(proof)).toContain('signature live held');
    expect(proof.set === undefined).toBe(result !== 'held');
    expect(signalsOf(linked, count).includes('linked-cards live')).toBe(result === 'held');
  });

  it('are counted without the card itself', () => {
    const signals = proofOf([one, two]).usage?.signals ?? [];
    expect(signals.find(({ code }) => code === 'linked-cards')?.params).toEqual({ count: '2' });
  });

  it('that were not asked for are not missed', () => {
    expect(lineOf([], 2, false)).toEqual([]);
    expect(signalsOf([], 2, false)).toContain('backup-cards reported');
  });

  it('make no set without a live proof', () => {
    const evidence = evidenceOf(
      select(),
      read({ [Tag.backupStatus]: bytes(2), [Tag.backupCount]: bytes(2) }),
      emptySlots,
      attest({}, { full: true, linked: [one, two], signer: keyPair('x') }),
    );
    const proof = prove(evidence);
    expect(proof.set).toBeUndefined();
    expect(proof.usage?.signals.map(({ authority }) => authority)).not.toContain('live');
  });

  it('are not looked at where the attestation was refused', () => {
    const evidence = evidenceOf(select(), read(), attest(sw(0x6985), { full: true }));
    expect(linesOf(prove(evidence)).join()).not.toContain('linked-cards');
  });
});

describe('a set', () => {
  it('holds the key of this card too, sorted, compressed', () => {
    const expected = [cardKey.publicKey, one, two].map(toHex).sort();
    for (const linked of [
      [one, two],
      [two, one],
      [longForm(two), longForm(one)],
    ]) {
      expect(proofOf(linked).set?.map(toHex)).toEqual(expected);
    }
  });

  it('is the same on each of its cards, and another one for other cards', async () => {
    const sets = (await simulateSet('a')).map((evidence) => prove(evidence).set ?? []);
    const others = (await simulateSet('b')).map((evidence) => prove(evidence).set ?? []);
    const names = sets.map(setName);
    expect(sets.map(({ length }) => length)).toEqual([3, 3, 3]);
    expect(new Set(names).size).toBe(1);
    expect(new Set([...names, ...others.map(setName)]).size).toBe(2);
    expect(names[0]).toMatch(/^SET-[0-9a-f]{10}$/);
    expect(new Set(sets.map((set) => toHex(setHash(set)))).size).toBe(1);
  });

  it('holds the proven key of each card', async () => {
    const proofs = (await simulateSet('a')).map(prove);
    const keys = proofs.map(({ key }) => toHex(key?.publicKey ?? new Uint8Array())).sort();
    expect(proofs[0]?.set?.map(toHex)).toEqual(keys);
  });

  it.each(['genuine', 'hidden-links', 'hidden-backup', 'used-wallet'])(
    'is none for %s',
    async (id) => {
      expect(prove(await simulateTangem(id)).set).toBeUndefined();
    },
  );
});
