import { describe, expect, it } from 'vitest';
import { encodeCommand, parseCommand } from '../../../src/apdu/command.ts';
import { concat, utf8 } from '../../../src/bytes/bytes.ts';
import type { Proof } from '../../../src/families/family.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { encodeAttest } from '../../../src/families/tangem/messages.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import { encodeElements, parseElements } from '../../../src/families/tangem/tlv.ts';
import type { RecordedExchange } from '../../../src/reader/card.ts';
import { verifySecp256k1 } from '../../../src/trust/signature.ts';
import {
  attest,
  bytes,
  cardId,
  cardKey,
  challenge,
  emptySlots,
  evidenceOf,
  type Fields,
  filled,
  keyPair,
  linesOf,
  longForm,
  read,
  salt,
  select,
  sign,
  slot,
  sw,
  text,
  wallets,
} from '../../support/tangem-cards.ts';

const marker = utf8('BACKUP_CARDS');
const linked = [keyPair('backup 1').publicKey, keyPair('backup 2').publicKey];
const activeBackup = { [Tag.backupStatus]: bytes(2), [Tag.backupCount]: bytes(2) };

const proofOf = (...transcript: RecordedExchange[]) => prove(evidenceOf(select(), ...transcript));
const lines = (...transcript: RecordedExchange[]) => linesOf(proofOf(...transcript));
const withAttest = (changes: Fields) => proofOf(read(), emptySlots, attest(changes));
const detailOf = (proof: Proof, id: string) =>
  proof.checks.find((entry) => entry.id === id)?.detail;
const signedOver = (...parts: Uint8Array[]) => sign(concat(challenge, ...parts), cardKey);

describe('the live signature', () => {
  it('holds for a good card, and its key is proven', () => {
    const proof = proofOf(read(), emptySlots, attest());
    expect(linesOf(proof)).toEqual([
      'challenge live held',
      'signature live held',
      'chain chain held',
    ]);
    expect(proof.key).toEqual({
      curve: 'secp256k1',
      publicKey: cardKey.publicKey,
      perCard: true,
    });
  });

  it('holds for a key written in 65 bytes, which is the same key', () => {
    const proof = proofOf(
      read({ [Tag.cardPublicKey]: longForm(cardKey.publicKey) }),
      emptySlots,
      attest(),
    );
    expect(proof.key?.publicKey).toEqual(cardKey.publicKey);
  });

  it('is refuted for another key, though the rest holds', () => {
    const proof = proofOf(
      read({ [Tag.cardPublicKey]: keyPair('x').publicKey }),
      emptySlots,
      attest(),
    );
    expect(linesOf(proof)).toContain('signature live refuted');
    expect(proof.key).toBeUndefined();
    expect(proof.shownKey).toEqual(keyPair('x').publicKey);
  });

  it('is foreign for another challenge, though signed', () => {
    const other = filled(16, 7);
    const proof = proofOf(read(), emptySlots, attest({}, { asked: other }));
    expect(linesOf(proof)[0]).toBe('challenge live foreign');
    expect(proof.key).toBeUndefined();
  });

  it.each([15, 17, 32])('is foreign for a challenge of %d bytes', (length) => {
    const asked = concat(challenge, filled(16, 0)).subarray(0, length);
    expect(lines(read(), emptySlots, attest({}, { asked }))).toContain('challenge live foreign');
  });

  it('is foreign where an imported recording names no challenge', () => {
    const evidence = { ...evidenceOf(select(), read(), attest()), challenges: {} };
    expect(linesOf(prove(evidence))).toContain('challenge live foreign');
    const named = { ...evidence, challenges: { attest: challenge } };
    expect(linesOf(prove(named))).toContain('signature live held');
  });

  it.each<[string, Uint8Array]>([
    ['the challenge alone', sign(challenge, cardKey)],
    ['salt and challenge', sign(concat(salt, challenge), cardKey)],
    ['another salt', signedOver(filled(16, 1))],
    ['the card ID too', signedOver(salt, cardId)],
    ['the marker without keys', signedOver(salt, marker)],
    ['nothing', filled(64, 0)],
  ])('over %s is refuted', (_, signature) => {
    expect(linesOf(withAttest({ [Tag.cardSignature]: signature }))).toContain(
      'signature live refuted',
    );
  });
});

describe('the salt', () => {
  it.each([0, 1, 8, 15, 17, 28, 32, 48])('of %d bytes proves nothing, though signed', (length) => {
    const long = filled(length, 3);
    const proof = withAttest({ [Tag.salt]: long, [Tag.cardSignature]: signedOver(long) });
    expect(linesOf(proof).slice(0, 2)).toEqual(['challenge live held', 'salt live unreadable']);
    expect(proof.key).toBeUndefined();
    expect(detailOf(proof, 'salt')).toBe(`tag 17: a salt of ${length} bytes, 16 expected`);
  });

  it.each<[string, Uint8Array]>([
    ['that swallowed marker and keys', concat(salt, marker, ...linked)],
    ['that swallowed the marker', concat(salt, marker)],
    ['that is the marker', marker],
    ['of 16 bytes that begins with the marker', concat(marker, filled(4, 0))],
    ['of 16 bytes that ends with the marker', concat(filled(4, 0), marker)],
  ])('%s is refuted, though signed', (_, hiding) => {
    const proof = withAttest({ [Tag.salt]: hiding, [Tag.cardSignature]: signedOver(hiding) });
    expect(linesOf(proof).slice(0, 2)).toEqual(['challenge live held', 'salt live refuted']);
    expect(proof.key).toBeUndefined();
  });

  it('rules bind full attestations as well', () => {
    const long = filled(17, 3);
    const fields = {
      [Tag.salt]: long,
      [Tag.cardSignature]: signedOver(long, marker, ...linked),
    };
    const proof = proofOf(read(activeBackup), emptySlots, attest(fields, { full: true, linked }));
    expect(linesOf(proof)).toContain('salt live unreadable');
    expect([proof.key, proof.set]).toEqual([undefined, undefined]);
  });
});

describe('a full signature never passes as a plain one', () => {
  const full = signedOver(salt, marker, ...linked);
  const tail = concat(salt, marker, ...linked);

  it('though as bytes it is one, for a salt of the right length', () => {
    expect(verifySecp256k1(cardKey.publicKey, concat(challenge, tail), full)).toBe(true);
  });

  it('at whatever point the rest is cut into salt and linked keys', () => {
    for (let cut = 0; cut <= tail.length; cut += 1) {
      const shown = tail.subarray(0, cut);
      for (const asFull of [false, true]) {
        for (const keys of [[], [tail.subarray(cut)], linked, linked.slice(0, 1)]) {
          if (asFull && cut === salt.length && keys === linked) continue;
          const fields = { [Tag.salt]: shown, [Tag.cardSignature]: full };
          const answer = attest(fields, { full: asFull, linked: keys });
          const proof = proofOf(read(activeBackup), emptySlots, answer);
          expect(proof.key, `salt of ${cut} bytes, ${keys.length} keys`).toBeUndefined();
          expect(proof.set).toBeUndefined();
        }
      }
    }
  });

  it('nor when the question is rewritten afterwards', () => {
    const honest = attest({}, { full: true, linked });
    const command = encodeAttest({ challenge, cardId, full: false });
    const asked = { ...honest, command };
    expect(proofOf(read(activeBackup), emptySlots, asked).key).toBeUndefined();
    const bare = attest({ [Tag.cardSignature]: full, [Tag.linkedCardPublicKey]: undefined });
    expect(lines(read(activeBackup), emptySlots, bare)).toContain('signature live refuted');
  });

  it('nor a plain one as a full one', () => {
    const fields = { [Tag.cardSignature]: signedOver(salt) };
    const proof = proofOf(read(activeBackup), emptySlots, attest(fields, { full: true, linked }));
    expect(linesOf(proof)).toContain('signature live refuted');
    expect(proof.set).toBeUndefined();
  });
});

describe('no answer', () => {
  const refused = (recorded: RecordedExchange, status: number) => ({
    ...recorded,
    response: sw(status),
  });
  /** As it is written down when it carried a code of its owner's. */
  const coded10 = (recorded: RecordedExchange) => {
    const { data = bytes(), ...header } = parseCommand(recorded.command);
    const kept = parseElements(data).filter(([tag]) => tag !== Tag.pin);
    const body = encodeElements([[Tag.pin, bytes()], ...kept]);
    return { ...recorded, command: encodeCommand({ ...header, data: body, extended: true }) };
  };
  const coded = { [Tag.accessCodeIsDefault]: undefined };
  const old = (version: string) => ({ ...coded, [Tag.firmware]: text(version) });
  const inactive = { [Tag.needsActivation]: bytes(1) };

  it.each<[string, RecordedExchange[], string]>([
    ['to anything', [], 'missing'],
    ['READ refused with 6A86', [refused(read(), 0x6a86)], 'locked'],
    ['READ refused with 6AF1', [refused(read(), 0x6af1)], 'locked'],
    ['READ refused with 6985', [refused(read(), 0x6985)], 'missing'],
    ['READ refused with 6AF3', [refused(read(), 0x6af3)], 'missing'],
    ['never asked', [read()], 'missing'],
    ['6AF1', [read(), refused(attest(), 0x6af1)], 'locked'],
    ['6AF3', [read(), refused(attest(), 0x6af3)], 'locked'],
    ['6985', [read(), refused(attest(), 0x6985)], 'missing'],
    ['6A86, no code set', [read(), refused(attest(), 0x6a86)], 'missing'],
    ['6A86, code set', [read(coded), refused(attest(), 0x6a86)], 'locked'],
    ['6A86, 4.33 with a code', [read(old('4.33r')), refused(attest(), 0x6a86)], 'locked'],
    ['6A86, 4.32 tells no code', [read(old('4.32r')), refused(attest(), 0x6a86)], 'missing'],
    ['6985, code set', [read(coded), refused(attest(), 0x6985)], 'missing'],
    ['6985, not activated', [read(inactive), refused(attest(), 0x6985)], 'not-yet'],
    ['6AF1, not activated', [read(inactive), refused(attest(), 0x6af1)], 'locked'],
    ['not activated, not asked', [read(inactive)], 'missing'],
    [
      'READ refused with 6A86, a code was given',
      [refused(coded10(read()), 0x6a86)],
      'code-refused',
    ],
    [
      'READ refused with 6985, a code was given',
      [refused(coded10(read()), 0x6985)],
      'code-refused',
    ],
    [
      'READ refused with 6F00, a code was given',
      [refused(coded10(read()), 0x6f00)],
      'code-refused',
    ],
    ['6985, a code was given', [read(), refused(coded10(attest()), 0x6985)], 'missing'],
    ['6A86, a code was given', [read(), refused(coded10(attest()), 0x6a86)], 'code-refused'],
    ['6AF1, a code was given', [read(), refused(coded10(attest()), 0x6af1)], 'code-refused'],
    ['6AF3, a code was given', [read(), refused(coded10(attest()), 0x6af3)], 'code-refused'],
    ['6982, a code was given', [read(), refused(coded10(attest()), 0x6982)], 'locked'],
    ['6985, a code was taken before', [coded10(read()), refused(attest(), 0x6985)], 'missing'],
    ['a pause, a code was given', [read(), refused(coded10(attest()), 0x9789)], 'missing'],
    ['no question, a code was given', [coded10(read())], 'missing'],
    ['no key', [read({ [Tag.cardPublicKey]: undefined }), attest()], 'missing'],
  ])('%s: %s', (_, transcript, result) => {
    const live = proofOf(...transcript).checks.filter(({ role }) => role === 'live');
    expect(live.map((entry) => entry.result)).toEqual([result]);
    expect(proofOf(...transcript).key).toBeUndefined();
  });

  it('a pause without end is a missing answer, also of a card not activated', () => {
    const paused = refused(attest(), 0x9789);
    for (const changes of [{}, inactive]) {
      expect(lines(read(changes), paused)[0]).toBe('challenge live missing');
    }
  });

  it('an attestation of a card not activated counts', () => {
    const proof = proofOf(read(inactive), emptySlots, attest());
    expect(proof.key).toBeDefined();
    expect(proof.facts.map(({ code }) => code)).toContain('needs-activation');
  });

  it('an unreadable transcript says which exchange', () => {
    const proof = proofOf(read(), read());
    expect(linesOf(proof)).toEqual(['answers live unreadable', 'chain chain missing']);
    expect(detailOf(proof, 'answers')).toContain('exchange 3: READ of the card is answered twice');
  });
});

describe('the signature of a lone wallet', () => {
  const wallet = keyPair('wallet');
  const told = (curve: string | undefined, signer = wallet) => ({
    [Tag.walletPublicKey]: wallet.publicKey,
    [Tag.challenge]: challenge,
    [Tag.salt]: salt,
    [Tag.walletSignature]: sign(concat(challenge, salt), signer),
    [Tag.curve]: curve === undefined ? undefined : text(curve),
  });
  const found = (...args: Parameters<typeof told>) =>
    lines(read(told(...args)), emptySlots, attest()).filter((line) => line.startsWith('wallet-'));

  it.each(['secp256k1', undefined])('of curve %s is judged', (curve) => {
    expect(found(curve)).toEqual(['wallet-signature side held']);
    expect(found(curve, cardKey)).toEqual(['wallet-signature side refuted']);
  });

  it('of Ed25519 is judged by the length of its key', () => {
    const key = { ...told('ed25519'), [Tag.walletPublicKey]: wallet.publicKey.subarray(1) };
    expect(lines(read(key), emptySlots, attest())).toContain('wallet-signature side refuted');
  });

  it.each(['secp256r1', 'bls12381_G2', 'bip0340', 'SECP256K1', ''])(
    'of curve "%s" is not judged',
    (curve) => {
      expect(found(curve)).toEqual([]);
      expect(found(curve, cardKey)).toEqual([]);
    },
  );
});

describe('odd fields', () => {
  it('are a side check each, and the key is proven', () => {
    const odd = { [Tag.health]: bytes(), [Tag.backupCount]: bytes() };
    const proof = proofOf(read(odd), emptySlots, attest());
    const forms = proof.checks.filter(({ id }) => id === 'form');
    expect(forms).toEqual(
      ['tag 0F: 0 bytes, 1 expected', 'tag D1: 0 bytes, 1 or 2 or 3 or 4 expected'].map(
        (detail) => ({ id: 'form', role: 'side', result: 'unreadable', detail }),
      ),
    );
    expect(proof.key?.publicKey).toEqual(cardKey.publicKey);
  });

  it('are none on a card that has none', () => {
    expect(lines(read(), emptySlots, attest()).join()).not.toContain('form');
  });
});

describe('the wallet list', () => {
  const listed = (count: number, of: number, firmware = '6.33r') =>
    lines(
      read({ [Tag.walletsCount]: bytes(of), [Tag.firmware]: text(firmware) }),
      ...(count === 0 ? [] : [wallets(Array(count).fill(slot(1)))]),
      attest(),
    ).filter((entry) => entry.startsWith('wallets '));

  it.each([
    [2, 2, '6.33r', []],
    [1, 2, '6.33r', ['wallets side missing']],
    [3, 2, '6.33r', ['wallets side missing']],
    [0, 2, '6.33r', ['wallets side missing']],
    [0, 1, '4.0r', ['wallets side missing']],
    [0, 0, '6.33r', ['wallets side missing']],
    [1, 0, '6.33r', ['wallets side missing']],
    [0, 0, '3.99r', []],
    [0, 1, '3.99r', []],
  ])('%d of %d slots, COS %s: %j', (count, of, firmware, expected) => {
    expect(listed(count, of, firmware)).toEqual(expected);
  });

  it('refused says so', () => {
    const proof = proofOf(read(), wallets(sw(0x6985)), attest());
    expect(detailOf(proof, 'wallets')).toBe(
      '0 of 2 wallet slots listed; READ of the wallets: refused with status 6985',
    );
  });
});
