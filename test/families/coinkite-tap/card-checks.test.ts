import { describe, expect, it } from 'vitest';
import { deriveChallenge } from '../../../src/evidence/challenge.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import { witnessAddress } from '../../../src/families/coinkite-tap/identity.ts';
import { prove } from '../../../src/families/coinkite-tap/prove.ts';
import type { SatscardProfile, TapProfile } from '../../../src/simulator/coinkite-tap/profile.ts';
import {
  type Alter,
  type Answer,
  evidenceOf,
  exchange,
  keyPair,
  keysOf,
  linesOf,
  refusal,
  requestOf,
  rowOf,
  satscard,
  satschip,
  session,
  tapsigner,
  withFields,
  without,
} from '../../support/tap-cards.ts';

const challenge = (label: string) =>
  deriveChallenge({ family: 'coinkite-tap', label, length: 16, ...session });
const first: SatscardProfile = { ...satscard, ver: '0.9.0' };
const second: SatscardProfile = { ...satscard, activeSlot: 1 };
const refuse =
  (name: string): Alter =>
  (cmd) =>
    cmd === name ? refusal(404, 'unknown cmd') : undefined;
const masked = (address: string) => `${address.slice(0, 12)}___${address.slice(-12)}`;

/** What is proven of a card, with each check by its id. */
async function proofOf(profile: TapProfile, alter?: Alter, change = (it: CardEvidence) => it) {
  const proof = prove(change(await evidenceOf(profile, alter)));
  const detail = (id: string) =>
    proof.checks.filter((check) => check.id === id).map((check) => check.detail);
  return { proof, lines: linesOf(proof), detail };
}

/** The evidence as if it had been collected under another nonce for one command. */
const imported =
  (changes: Readonly<Record<string, Uint8Array | undefined>>) => (evidence: CardEvidence) => {
    const challenges = { check: challenge('check'), read: challenge('read'), ...changes };
    const known = Object.entries(challenges).flatMap(([label, value]) =>
      value === undefined ? [] : [[label, value] as const],
    );
    return { ...evidence, challenges: Object.fromEntries(known) };
  };

describe('a card as it should be', () => {
  const signer = ['challenge live held', 'signature live held', 'chain chain held'];
  const slot = ['slot-signature side held', 'slot-address side held'];
  const rest = ['link side held', 'link-state side held', 'behaviour side held'];
  it.each<[string, TapProfile, string[]]>([
    ['TAPSIGNER', tapsigner, [...signer, ...rest]],
    ['SATSCHIP', satschip, [...signer, ...rest]],
    ['SATSCARD', satscard, [...signer, ...slot, ...rest]],
    ['SATSCARD 0.9.0', first, [...signer, ...slot, ...rest]],
    ['SATSCARD with an opened slot', second, [...signer, ...slot, ...rest]],
    ['blank SATSCARD', { ...satscard, sealed: false }, [...signer, 'behaviour side held']],
  ])('%s: every check holds', async (_, profile, expected) => {
    const { proof, lines } = await proofOf(profile);
    expect(lines).toEqual(expected);
    expect(proof.key).toMatchObject({ publicKey: keysOf(profile).shownPublicKey, perCard: true });
  });

  it.each<[string, TapProfile, string]>([
    ['sealed SATSCARD', satscard, 'live'],
    ['SATSCARD 0.9.0, which does not sign its slot', first, 'reported'],
    ['blank SATSCARD', { ...satscard, sealed: false }, 'reported'],
    ['TAPSIGNER', tapsigner, 'reported'],
  ])('%s: what it says of itself', async (_, profile, authority) => {
    const { proof } = await proofOf(profile);
    expect(proof.product).toEqual({ value: profile.product, authority });
    expect(proof.number?.authority).toBe('live');
    expect(proof.facts.at(-1)).toMatchObject({ code: 'birth', params: { height: '760000' } });
    const slot = proof.facts.find(({ code }) => code === 'slot-address');
    expect(slot?.authority ?? authority).toBe(authority);
    expect(slot?.params['address']).toBe(keysOf(profile).slots[0]?.address);
  });
});

describe('the live signature', () => {
  it('of another key is refuted', async () => {
    const { proof, lines } = await proofOf({ ...tapsigner, fault: { kind: 'wrong-key' } });
    expect(lines.slice(0, 2)).toEqual(['challenge live held', 'signature live refuted']);
    expect([proof.key, proof.number?.authority]).toEqual([undefined, 'reported']);
    expect(proof.shownKey).toEqual(keysOf(tapsigner).shownPublicKey);
  });

  it('of another key leaves a slot that was rightly signed as only reported', async () => {
    const { proof, lines } = await proofOf({ ...satscard, fault: { kind: 'wrong-key' } });
    expect(lines).toEqual(
      expect.arrayContaining(['signature live refuted', 'slot-signature side held']),
    );
    expect([proof.product, proof.usage, ...proof.facts].map((it) => it?.authority)).toEqual(
      Array(4).fill('reported'),
    );
  });

  it('over another challenge is foreign', async () => {
    const { proof, lines } = await proofOf(tapsigner, undefined, (evidence) => ({
      ...evidence,
      nonce: new Uint8Array(32),
    }));
    expect(lines[0]).toBe('challenge live foreign');
    expect([lines.join().includes('signature live'), proof.key]).toEqual([false, undefined]);
  });

  it.each([
    ['the challenge of the slot', { check: undefined }],
    ['no challenge that the evidence names', { check: new Uint8Array(16) }],
    ['a challenge that goes on', { check: new Uint8Array([...challenge('check'), 0]) }],
  ])('over %s is foreign', async (_, changes) => {
    const { lines } = await proofOf(tapsigner, undefined, imported(changes));
    expect(lines[0]).toBe('challenge live foreign');
  });

  it.each(['check', 'check-2', 'check-3'])('may answer the challenge %s', async (label) => {
    const change = imported({ check: undefined, [label]: challenge('check') });
    expect((await proofOf(tapsigner, undefined, change)).proof.key).toBeDefined();
  });

  it.each(['check-4', 'read', 'constructor'])('may not answer %s', async (label) => {
    const change = imported({ check: undefined, [label]: challenge('check') });
    expect((await proofOf(tapsigner, undefined, change)).lines[0]).toBe('challenge live foreign');
  });

  it('that was refused is missing, in the words of the card', async () => {
    const { proof, detail } = await proofOf(tapsigner, refuse('check'));
    expect(linesOf(proof)[0]).toBe('challenge live missing');
    expect(detail('challenge')).toEqual(['check: the card refused, "unknown cmd" (404)']);
    const silent = await proofOf(tapsigner, undefined, (it) => without(it, 'check'));
    expect(silent.detail('challenge')).toEqual(['check: not asked']);
  });

  it('of a SATSCARD does not hold with the key of another slot in the read', async () => {
    const pubkey = keyPair('other slot').publicKey;
    const { lines } = await proofOf(satscard, withFields({ read: { pubkey } }));
    expect(lines).toContain('signature live refuted');
    expect(lines).toContain('slot-signature side refuted');
    expect(lines).toContain('slot-address side contradicted');
  });

  it('is not tried in both forms: the version decides', async () => {
    const actsAsFirst = { ...satscard, fault: { kind: 'behaves-as', ver: '0.9.0' } } as const;
    expect((await proofOf(actsAsFirst)).lines).toContain('signature live refuted');
    const actsAsLater = { ...first, fault: { kind: 'behaves-as', ver: '1.0.3' } } as const;
    expect((await proofOf(actsAsLater)).lines).toContain('signature live refuted');
  });
});

describe('the slot of a SATSCARD', () => {
  it('missing on a sealed card leaves nothing proven', async () => {
    const { proof, lines, detail } = await proofOf(satscard, undefined, (it) =>
      without(it, 'read'),
    );
    expect(lines).toContain('signature live missing');
    expect(lines).toContain('slot-signature side missing');
    expect(detail('signature')).toEqual(['read: not asked; check covers the slot key']);
    expect(proof.key).toBeUndefined();
    expect(rowOf(proof)).toBe('nothing-live');
  });

  it('refused on 0.9.0 is missing, not refuted, and the card itself is proven', async () => {
    const { proof, lines, detail } = await proofOf(first, refuse('read'));
    expect(lines.slice(0, 2)).toEqual(['challenge live held', 'signature live held']);
    expect(lines).toContain('slot-signature side missing');
    expect(detail('slot-signature')).toEqual(['read: the card refused, "unknown cmd" (404)']);
    expect([proof.key === undefined, proof.product?.authority]).toEqual([false, 'reported']);
  });

  it.each([satscard, first])('under another nonce is foreign, and no key is proven', async (it) => {
    const change = imported({ read: new Uint8Array(16).fill(9) });
    const { proof, lines, detail } = await proofOf(it, undefined, change);
    expect(lines[0]).toBe('challenge live held');
    expect(lines).toContain('challenge live foreign');
    expect(detail('challenge')[1]).toContain('read: answers another challenge');
    expect(lines.join()).not.toContain('slot-signature');
    expect(proof.key).toBeUndefined();
    expect(rowOf(proof)).toBe('foreign-challenge');
  });

  it('may answer under the second and third label, not under those of check', async () => {
    for (const label of ['read-2', 'read-3', 'check-2']) {
      const change = imported({ read: undefined, [label]: challenge('read') });
      const { proof, lines } = await proofOf(satscard, undefined, change);
      expect(proof.key !== undefined).toBe(label !== 'check-2');
      expect(lines.includes('challenge live foreign')).toBe(label === 'check-2');
    }
  });

  it('with the address of another key, be it in part, is contradicted', async () => {
    const right = masked(keysOf(satscard).slots[0]?.address ?? '');
    const whole = masked(witnessAddress(keyPair('x').publicKey, 'bc'));
    for (const addr of [whole, `${right.slice(0, -1)}9`, right.replace('bc1q', 'bc1z')]) {
      const { proof, lines } = await proofOf(satscard, withFields({ select: { addr } }));
      expect(lines).toContain('slot-signature side held');
      expect(lines).toContain('slot-address side contradicted');
      expect(proof.product?.authority).toBe('reported');
      expect(proof.usage?.authority).toBe('reported');
      expect(rowOf(proof)).toBe('contradiction');
    }
  });

  it('signed for another slot number is refuted', async () => {
    const { lines } = await proofOf(second, withFields({ select: { slots: [2, 10] } }));
    expect(lines).toContain('slot-signature side refuted');
    expect(lines).toContain('slot-address side held');
  });

  it('in a read from an unsealed card is judged all the same', async () => {
    const blank = { ...satscard, sealed: false };
    const stray = exchange(
      { cmd: 'read', nonce: challenge('read') },
      { sig: new Uint8Array(64).fill(1), pubkey: keyPair('x').publicKey },
    );
    const { lines } = await proofOf(blank, undefined, (it) => ({
      ...it,
      transcript: [...it.transcript, stray],
    }));
    expect(lines).toContain('slot-signature side refuted');
    expect(lines).toContain('slot-address side contradicted');
    expect(lines).toContain('signature live held');
  });
});

describe('behaviour', () => {
  const right = ['behaviour side held'];
  const wrong = ['behaviour side contradicted'];
  const found = async (profile: TapProfile, alter?: Alter) => {
    const { lines, detail } = await proofOf(profile, alter);
    const about = lines.filter((line) => /^(behaviour|opened-slots) /.test(line));
    return { about, why: [...detail('behaviour'), ...detail('opened-slots')].join('; ') };
  };
  const acting = (ver: string, as: string): TapProfile => ({
    ...second,
    ver,
    fault: { kind: 'behaves-as', ver: as },
  });

  it.each<[string, TapProfile, string[], string]>([
    ['1.0.2 hides the key of an opened slot', acting('1.0.2', '1.0.2'), right, '1.0.2 does'],
    ['1.0.3 shows it', acting('1.0.3', '1.0.3'), right, 'behaves as 1.0.3 does'],
    ['1.1.0 shows it', acting('1.1.0', '1.0.3'), right, 'behaves as 1.1.0 does'],
    ['2.0.0 shows it', acting('2.0.0', '1.0.3'), right, 'behaves as 2.0.0 does'],
    ['1.0.2 that shows it', acting('1.0.2', '1.0.3'), wrong, 'dump: shows the slot key'],
    ['1.0.3 that hides it', acting('1.0.3', '1.0.2'), wrong, 'hides the slot key, unlike 1.0.3'],
    ['1.1.0 that hides it', acting('1.1.0', '1.0.2'), wrong, 'hides the slot key, unlike 1.1.0'],
    ['2.0.0 that hides it', acting('2.0.0', '1.0.2'), wrong, 'hides the slot key, unlike 2.0.0'],
    ['0.9.0 shows a nonce with its chain', first, right, 'behaves as 0.9.0 does'],
    ['1.0.0 that shows one', acting('1.0.0', '0.9.0'), wrong, 'certs: holds a card nonce as 0.9.0'],
  ])('%s', async (_, profile, about, why) => {
    const result = await found(profile);
    expect(result.about).toEqual(about);
    expect(result.why).toContain(why);
  });

  const marks = { satschip: true };
  it.each<[string, TapProfile, Answer, string[]]>([
    ['a TAPSIGNER with the mark', tapsigner, marks, wrong],
    ['a SATSCHIP without it', satschip, { satschip: undefined }, wrong],
    ['a SATSCHIP without it, of 1.0.0', { ...satschip, ver: '1.0.0' }, { satschip: false }, wrong],
    ['a SATSCHIP without it, of 0.9.0', { ...satschip, ver: '0.9.0' }, { satschip: false }, right],
    ['a SATSCARD with it', satscard, marks, right],
  ])('SATSCHIP mark: %s', async (_, profile, select, about) => {
    expect((await found(profile, withFields({ select }))).about).toEqual(about);
  });

  const key = keysOf(second).slots[0]?.payment.publicKey ?? new Uint8Array();
  it.each<[string, Answer, Answer, string[], string]>([
    ['of another key', { addr: witnessAddress(keyPair('x').publicKey, 'bc') }, {}, wrong, 'slot 0'],
    ['left out', { addr: undefined }, {}, wrong, "address of slot 0 is not its key's"],
    ['of testnet', { addr: witnessAddress(key, 'tb') }, {}, wrong, 'slot 0'],
    ['of testnet, there', { addr: witnessAddress(key, 'tb') }, { testnet: true }, right, ''],
    ['of a slot that says sealed', { sealed: true, pubkey: undefined }, {}, wrong, 'not opened'],
    ['of a slot that says unused', { sealed: undefined, used: false }, {}, wrong, 'not opened'],
  ])('address of an opened slot: %s', async (_, dump, select, about, why) => {
    const result = await found(second, withFields({ dump, select }));
    expect(result.about).toEqual(about);
    expect(result.why).toContain(why);
  });

  it('refused for an opened slot is missing, and faults are all named beside it', async () => {
    expect(await found(second, refuse('dump'))).toEqual({
      about: ['opened-slots side missing'],
      why: 'dump 0: the card refused, "unknown cmd" (404)',
    });
    const more: Alter = (cmd, answer, request) =>
      refuse('dump')(cmd, answer, request) ??
      withFields({ certs: { card_nonce: new Uint8Array(16) } })(cmd, answer, request);
    expect((await found(second, more)).about).toEqual([...wrong, 'opened-slots side missing']);
  });

  const third: SatscardProfile = { ...satscard, activeSlot: 2 };
  it.each([0, 1])('slot %i refused is missing, whatever the other slot answers', async (slot) => {
    const alter: Alter = (cmd, answer, request) =>
      request['slot'] === slot ? refuse('dump')(cmd, answer, request) : undefined;
    const result = await found(third, alter);
    expect(result.about).toEqual(['opened-slots side missing']);
    expect(result.why).toContain(`dump ${slot}: the card refused`);
  });

  it.each([0, 1])('slot %i that nobody asked about is missing', async (slot) => {
    const isAsked = ({ command }: { readonly command: Uint8Array }) => {
      const request = requestOf(command);
      return request['cmd'] === 'dump' && request['slot'] === slot;
    };
    const { proof } = await proofOf(third, undefined, (evidence) => ({
      ...evidence,
      transcript: evidence.transcript.filter((recorded) => !isAsked(recorded)),
    }));
    const opened = proof.checks.filter(({ id }) => id === 'opened-slots');
    expect(opened).toMatchObject([{ result: 'missing', detail: `dump ${slot}: not asked` }]);
  });
});
