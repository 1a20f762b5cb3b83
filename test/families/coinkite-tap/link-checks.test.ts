import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { sha256 } from '../../../src/bytes/sha256.ts';
import { witnessAddress } from '../../../src/families/coinkite-tap/identity.ts';
import { prove } from '../../../src/families/coinkite-tap/prove.ts';
import type { SatscardProfile, TapProfile } from '../../../src/simulator/coinkite-tap/profile.ts';
import { sign } from '../../../src/simulator/coinkite-tap/signatures.ts';
import type { KeyPair } from '../../../src/simulator/demo-keys.ts';
import {
  type Alter,
  evidenceOf,
  keyPair,
  keysOf,
  linesOf,
  refusal,
  rowOf,
  satscard,
  satschip,
  tapsigner,
  withFields,
  without,
} from '../../support/tap-cards.ts';

const slotKey = (slot: number, profile: TapProfile = { ...satscard, activeSlot: 9 }): KeyPair =>
  keysOf(profile).slots[slot]?.payment ?? keyPair('none');
const cardKey: KeyPair = {
  publicKey: keysOf(tapsigner).shownPublicKey,
  privateKey: keysOf(tapsigner).signingKey,
};

function signed(start: string, text: string, key: KeyPair): string {
  const message = `${text}&n=0011223344556677&s=`;
  return `${start}${message}${toHex(sign(utf8(message), key.privateKey))}`;
}

/** The link of a slot: state, slot number, and the key that it names and that signs it. */
const slotLink = (state: string, slot: number, key: KeyPair, signer = key) =>
  signed(
    'https://getsatscard.com/start#',
    `u=${state}&o=${slot}&r=${witnessAddress(key.publicKey, 'bc').slice(-8)}`,
    signer,
  );
const cardLink = (state: string, key = cardKey, signer = key) =>
  signed(
    'https://tapsigner.com/start#',
    `t=1&u=${state}&c=${toHex(sha256(key.publicKey).subarray(0, 8))}`,
    signer,
  );

const url = (link: unknown) => withFields({ nfc: { url: link } });
const both =
  (...all: readonly Alter[]): Alter =>
  (cmd, answer, request) =>
    all.map((alter) => alter(cmd, answer, request)).find((altered) => altered !== undefined);

async function proofOf(profile: TapProfile, alter?: Alter) {
  const proof = prove(await evidenceOf(profile, alter));
  const lines = linesOf(proof).filter((line) => /^(link|link-state) /.test(line));
  const detail = (id: string) => proof.checks.find((check) => check.id === id)?.detail;
  return { proof, lines, detail, trouble: proof.usage?.value === 'tampered' };
}

const held = ['link side held', 'link-state side held'];
const wrongState = ['link side held', 'link-state side contradicted'];
const opened: SatscardProfile = { ...satscard, activeSlot: 1 };
const openedOnly: SatscardProfile = { ...satscard, activeSlot: 1, sealed: false };
const openedOld: SatscardProfile = { ...openedOnly, ver: '1.0.2' };
const blank: SatscardProfile = { ...satscard, sealed: false };
const path = { path: [1] };

describe('the link of', () => {
  const other = keyPair('another');
  it.each<[string, TapProfile, string, readonly string[]]>([
    ['a TAPSIGNER', tapsigner, cardLink('U'), held],
    ['a SATSCHIP', satschip, cardLink('U'), held],
    ['a TAPSIGNER with a key', { ...tapsigner, ...path }, cardLink('S'), held],
    ['a TAPSIGNER said to have a key', tapsigner, cardLink('S'), wrongState],
    ['a TAPSIGNER said to have none', { ...tapsigner, ...path }, cardLink('U'), wrongState],
    ['a TAPSIGNER signed by another key', tapsigner, cardLink('U', cardKey, other), ['refuted']],
    ['a TAPSIGNER that is another card', tapsigner, cardLink('U', other), ['refuted']],
    ['a TAPSIGNER that names another card', tapsigner, cardLink('U', other, cardKey), ['refuted']],
    ['a TAPSIGNER that is of a slot', tapsigner, slotLink('U', 0, cardKey), wrongState],
    ['a SATSCARD', satscard, slotLink('S', 0, slotKey(0)), held],
    ['a SATSCARD said to be open', satscard, slotLink('U', 0, slotKey(0)), wrongState],
    ['a SATSCARD said to be at slot 1', satscard, slotLink('S', 1, slotKey(0)), wrongState],
    ['a SATSCARD by another slot', satscard, slotLink('S', 0, slotKey(1)), ['refuted']],
    ['a SATSCARD by another key', satscard, slotLink('S', 0, slotKey(0), other), ['refuted']],
    ['a SATSCARD by the card key', satscard, cardLink('S'), ['refuted']],
    ['a SATSCARD on its second slot', opened, slotLink('S', 1, slotKey(1)), held],
    ['a SATSCARD by its slot before', opened, slotLink('U', 0, slotKey(0)), ['refuted']],
    ['an opened SATSCARD', openedOnly, slotLink('U', 0, slotKey(0)), held],
    ['an opened SATSCARD said to be sealed', openedOnly, slotLink('S', 0, slotKey(0)), wrongState],
    ['an opened SATSCARD by another key', openedOnly, slotLink('U', 0, other), ['refuted']],
    ['an opened SATSCARD forged', openedOnly, slotLink('U', 0, slotKey(0), other), ['refuted']],
    ['an opened SATSCARD that shows no key', openedOld, slotLink('U', 0, slotKey(0)), held],
    ['the same by any key that it names', openedOld, slotLink('U', 0, other), held],
    ['the same at another slot', openedOld, slotLink('U', 1, slotKey(0)), wrongState],
    ['the same forged', openedOld, slotLink('U', 0, slotKey(0), other), ['missing']],
    [
      'a used-up SATSCARD',
      { ...satscard, activeSlot: 10, sealed: false },
      slotLink('U', 9, slotKey(9, { ...satscard, activeSlot: 10, sealed: false })),
      held,
    ],
  ])('%s', async (_, profile, link, expected) => {
    const lines = expected.length === 1 ? [`link side ${expected[0]}`] : expected;
    const { proof, ...found } = await proofOf(profile, url(link));
    expect(found.lines).toEqual(lines);
    expect(found.trouble).toBe(false);
    const rows = { refuted: 'part-wrong', contradicted: 'contradiction' };
    const wrong = Object.entries(rows).find(([result]) => lines.join().includes(result));
    if (wrong !== undefined) expect(rowOf(proof)).toBe(wrong[1]);
  });

  it('says what it got and what status says', async () => {
    const { detail } = await proofOf(tapsigner, url(cardLink('S')));
    expect(detail('link-state')).toBe('nfc: tapsigner S -, status says tapsigner U -');
    const slot = await proofOf(satscard, url(slotLink('U', 3, slotKey(0))));
    expect(slot.detail('link-state')).toBe('nfc: satscard U 3, status says satscard S 0');
  });
});

describe('a link in state E', () => {
  const forged = keyPair('forged');
  it.each<[string, TapProfile, string, readonly string[], boolean]>([
    ['of a TAPSIGNER', tapsigner, cardLink('E'), held, true],
    ['of a TAPSIGNER with a key', { ...tapsigner, ...path }, cardLink('E'), held, true],
    ['of a SATSCARD at slot 0', satscard, slotLink('E', 0, slotKey(0)), held, true],
    ['of a SATSCARD at slot 7', satscard, slotLink('E', 7, slotKey(7)), held, true],
    ['of a SATSCARD at an opened slot', opened, slotLink('E', 0, slotKey(0)), held, true],
    ['of an opened SATSCARD', openedOnly, slotLink('E', 0, slotKey(0)), held, true],
    ['of an opened SATSCARD at slot 5', openedOnly, slotLink('E', 5, slotKey(5)), held, true],
    ['of a SATSCARD for a TAPSIGNER', tapsigner, slotLink('E', 0, cardKey), wrongState, true],
    ['forged', tapsigner, cardLink('E', cardKey, forged), ['link side refuted'], false],
    [
      'forged at a slot whose key is known',
      opened,
      slotLink('E', 0, forged),
      ['link side refuted'],
      false,
    ],
    [
      'forged at a slot whose key is not known',
      satscard,
      slotLink('E', 0, slotKey(0), forged),
      ['link side missing'],
      false,
    ],
  ])('%s', async (_, profile, link, expected, trouble) => {
    const found = await proofOf(profile, url(link));
    expect(found.lines).toEqual(expected);
    expect(found.trouble).toBe(trouble);
    if (expected === held) expect(rowOf(found.proof)).toBe('trouble');
  });
});

describe('the link of a blank SATSCARD', () => {
  it.each([
    ['its bare prefix', 'https://getsatscard.com/start#'],
    ['nothing', ''],
    ['something of another kind', 'https://example.com/'],
    ['a link that nobody signed', slotLink('U', 0, slotKey(0), keyPair('x'))],
  ])('may be %s', async (_, link) => {
    const { proof, lines } = await proofOf(blank, url(link));
    expect(lines).toEqual([]);
    expect(rowOf(proof)).toBe('genuine-by-overlay');
  });

  it.each([
    ['a slot', slotLink('U', 0, slotKey(0))],
    ['a slot in error', slotLink('E', 0, slotKey(0))],
    ['a card', cardLink('U')],
  ])('is contradicted when %s signed it', async (_, link) => {
    const { proof, lines } = await proofOf(blank, url(link));
    expect(lines).toEqual(['link-state side contradicted']);
    expect(rowOf(proof)).toBe('contradiction');
  });

  it('is missing when it was refused', async () => {
    const { lines } = await proofOf(blank, (cmd) => (cmd === 'nfc' ? refusal(404) : undefined));
    expect(lines).toEqual(['link side missing']);
  });
});

describe('a link that cannot be judged', () => {
  it('is missing when it was refused, in the words of the card', async () => {
    const refuse: Alter = (cmd) => (cmd === 'nfc' ? refusal(404, 'unknown') : undefined);
    const { proof, lines, detail } = await proofOf(tapsigner, refuse);
    expect(lines).toEqual(['link side missing']);
    expect(detail('link')).toBe('nfc: the card refused, "unknown" (404)');
    expect(rowOf(proof)).toBe('part-missing');
  });

  it('is missing when it was not asked for', async () => {
    const proof = prove(without(await evidenceOf(tapsigner), 'nfc'));
    expect(linesOf(proof)).toContain('link side missing');
    expect(proof.checks.find(({ id }) => id === 'link')?.detail).toBe('nfc: not asked');
  });

  it.each([
    ['of other fields', 'https://example.com/start#x', 'link: "#", fields and a signature'],
    ['without fields', 'https://tapsigner.com/start', 'link: "#", fields and a signature'],
    ['without a state', cardLink('U').replace('u=U', 'v=U'), 'link: field "u"'],
  ])('%s is unreadable', async (_, link, why) => {
    for (const profile of [tapsigner, satscard, openedOnly]) {
      const { proof, lines, detail } = await proofOf(profile, url(link));
      expect(lines).toEqual(['link side unreadable']);
      expect(detail('link')).toContain(why);
      expect(rowOf(proof)).toBe('part-unreadable');
    }
  });

  it('is missing when the slot that should have signed was not read', async () => {
    const refuse: Alter = (cmd) => (cmd === 'read' ? refusal(404) : undefined);
    const { lines, detail } = await proofOf({ ...satscard, ver: '0.9.0' }, refuse);
    expect(lines).toEqual(['link side missing']);
    expect(detail('link')).toBe('nfc: the key that should have signed is not known');
  });

  it('on testnet names the address of either network', async () => {
    const addr = (network: 'bc' | 'tb') => witnessAddress(slotKey(0).publicKey, network);
    const masked = `${addr('tb').slice(0, 12)}___${addr('tb').slice(-12)}`;
    const fields = withFields({ select: { testnet: true, addr: masked } });
    for (const network of ['bc', 'tb'] as const) {
      const text = `u=S&o=0&r=${addr(network).slice(-8)}`;
      const link = signed('https://getsatscard.com/start#', text, slotKey(0));
      expect((await proofOf(satscard, both(fields, url(link)))).lines).toEqual(held);
    }
  });

  it('on testnet belongs to a slot whose address is of that network', async () => {
    const address = witnessAddress(slotKey(0).publicKey, 'tb');
    const addr = `${address.slice(0, 12)}___${address.slice(-12)}`;
    const right = await proofOf(satscard, withFields({ select: { testnet: true, addr } }));
    expect(linesOf(right.proof)).toContain('slot-address side held');
    expect(right.proof.facts[0]).toMatchObject({ code: 'slot-address', params: { address } });
    expect(rowOf(right.proof)).toBe('trouble');
    const mixed = await proofOf(satscard, withFields({ select: { testnet: true } }));
    expect(linesOf(mixed.proof)).toContain('slot-address side contradicted');
  });
});
