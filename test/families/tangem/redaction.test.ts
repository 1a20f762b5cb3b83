/** No access code, wallet key or chain code is ever written down. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { sha256 } from '../../../src/bytes/sha256.ts';
import { encodeEvidence, parseEvidence } from '../../../src/evidence/file.ts';
import { defaultCodeHash, ReadMode, Tag } from '../../../src/families/tangem/constants.ts';
import { tangemFamily } from '../../../src/families/tangem/index.ts';
import { encodeAttest, encodeRead } from '../../../src/families/tangem/messages.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import { redactCode, redactRead } from '../../../src/families/tangem/redaction.ts';
import {
  encodeElements,
  parseElements,
  type TlvElement,
} from '../../../src/families/tangem/tlv.ts';
import { openCard } from '../../../src/reader/card.ts';
import { openVirtualCard } from '../../../src/reader/virtual.ts';
import { tangemCases } from '../../../src/simulator/tangem/cases.ts';
import { makeKeys } from '../../../src/simulator/tangem/keys.ts';
import type { TangemProfile } from '../../../src/simulator/tangem/profile.ts';
import { detectFamily } from '../../../src/verifier/collect.ts';
import {
  type Alter,
  attest,
  bytes,
  cardFields,
  cardId,
  challenge,
  emptySlots,
  evidenceOf,
  exchange,
  type Fields,
  filled,
  linesOf,
  makerKey,
  read,
  select,
  slot,
  sw,
  tangemCard,
  text,
  tlv,
} from '../../support/tangem-cards.ts';
import { collectTangem, importRead, ownCode } from '../../support/tangem-evidence.ts';
import { seededRandom } from '../../support/tap-evidence.ts';

const unit = 'a card with secrets';
const codeHash = sha256(utf8(ownCode));

/** Whatever of a wallet must not be seen, in every form in which it could be written. */
function secretsOf(profile: TangemProfile): string[] {
  const { wallets, master } = makeKeys(profile, seededRandom('unused'), unit);
  const keys = [...wallets.values(), master].flatMap(({ publicKey, chainCode, curve }) => {
    if (curve === 'ed25519') return [publicKey, chainCode];
    const point = secp256k1.Point.fromBytes(publicKey);
    return [point.toBytes(true).subarray(1), point.toBytes(false), chainCode];
  });
  return [...keys, codeHash].map(toHex);
}

/** Ends in an error where the card ends the talk; what was recorded until then counts. */
async function recordedOf(profile: TangemProfile, accessCode: string | undefined, alter?: Alter) {
  const card = openCard(openVirtualCard(tangemCard(profile, alter, unit)), () => 0);
  const talk = {
    random: seededRandom('talk'),
    onStep: () => undefined,
    challenges: () => challenge,
    accessCode,
  };
  await detectFamily(card, [tangemFamily]);
  await tangemFamily.interview(card, talk).catch(() => undefined);
  return card.recorded;
}

describe.each(tangemCases.map(({ id, profile }) => [id, profile] as const))('%s', (_, profile) => {
  it.each([undefined, ownCode, '111111'])('with code %s leaves no secret', async (accessCode) => {
    const recorded = await recordedOf(profile, accessCode);
    const secrets = [...secretsOf(profile), toHex(sha256(utf8('111111')))];
    const seen = recorded.map(({ command, response }) => `${toHex(command)} ${toHex(response)}`);
    for (const secret of secrets) {
      expect(seen.filter((line) => line.includes(secret))).toEqual([]);
    }
    const blank = importRead(bytes());
    const file = encodeEvidence({ ...blank, transcript: recorded }).toLowerCase();
    for (const secret of secrets) expect(file).not.toContain(secret);
    for (const code of [ownCode, toHex(utf8(ownCode))]) expect(file).not.toContain(code);
  });
});

/** Stands for a key under a tag that nobody knows. */
const foreignKey = bytes(0xa7, 0x7a, 0x5c, 0xc5);
const known = new Set<number>([...Object.values(Tag), 0x09, 0x0a, 0x20, 0x2f, 0x8a]);
const unknownTags = Array.from({ length: 256 }, (_, tag) => tag).filter((tag) => !known.has(tag));

/** Answers in the clear with a key under every unknown tag: beside, in card data and in records. */
const talkative: Alter = (_, response, command) => {
  const isFields = response.at(-2) === 0x90 && response.length > 2;
  if (command[1] !== 0xf2 || command[2] !== 0 || !isFields) return undefined;
  const more = encodeElements(unknownTags.map((tag) => [tag, foreignKey]));
  const body = parseElements(response.subarray(0, -2)).map(([tag, value]): TlvElement => {
    const isNested = tag === Tag.cardData || tag === Tag.wallet;
    return [tag, isNested ? concat(value, more) : value];
  });
  return concat(encodeElements(body), more, sw(0x9000));
};

it.each(['genuine', 'used', 'old-cos', 'genuine-v8', 'code-set-old'])(
  'of %s with a key under every unknown tag none is written down',
  async (id) => {
    const profile = tangemCases.find((entry) => entry.id === id)?.profile as TangemProfile;
    let sent = 0;
    const alter: Alter = (...args) => {
      const altered = talkative(...args);
      if (altered !== undefined && toHex(altered).includes(toHex(foreignKey))) sent += 1;
      return altered;
    };
    const recorded = await recordedOf(profile, ownCode, alter);
    expect(sent).toBeGreaterThan(0);
    // They were emptied one by one, not the answers as a whole.
    expect(recorded.filter(({ response }) => response.length > 400).length).toBe(sent);
    for (const { response } of recorded) {
      expect(toHex(response)).not.toContain(toHex(foreignKey));
    }
  },
);

describe('a saved file', () => {
  it.each(['used', 'code-set', 'code-set-v8', 'code-set-old', 'encryption-strong'])(
    'of %s proves what the card proved',
    async (id) => {
      const profile = tangemCases.find((entry) => entry.id === id)?.profile as TangemProfile;
      const evidence = await collectTangem(tangemCard(profile), {
        accessCode: profile.accessCode,
      });
      const saved = parseEvidence(encodeEvidence(evidence));
      expect(saved.kind === 'card' && prove(saved)).toEqual(prove(evidence));
      expect(prove(evidence).key).toBeDefined();
    },
  );

  it('shows of a handshake its header and its end only', async () => {
    const profile = tangemCases.find((entry) => entry.id === 'code-set-v8')?.profile;
    const evidence = await collectTangem(tangemCard(profile as TangemProfile), {
      accessCode: ownCode,
    });
    const hidden = evidence.transcript.filter(({ disclosure }) => disclosure === 'private');
    // That the code was shown is written down, without it.
    expect(hidden.length).toBe(3);
    const saved = parseEvidence(encodeEvidence(evidence));
    const lengths = saved.kind === 'card' ? saved.transcript : [];
    for (const { command, response, disclosure } of lengths) {
      if (disclosure === 'private') expect([command.length, response.length]).toEqual([4, 2]);
    }
  });
});

describe('a READ', () => {
  const secret = filled(33, 9);
  const withSecrets = {
    [Tag.walletPublicKey]: secret,
    [Tag.walletSignature]: secret,
    [Tag.challenge]: secret,
    [Tag.salt]: secret,
    [0x6b]: secret, // chain code
    [0xaa]: secret, // proof of a wallet
    [0xd4]: secret, // links of a backup
    [Tag.uid]: secret,
    [0xc1]: secret,
  };
  const command = encodeRead(ReadMode.card, codeHash, cardId, 3);

  it('keeps the tags of what it loses, and all the rest', () => {
    const response = exchange(command, {
      ...cardFields,
      ...withSecrets,
      [Tag.wallet]: [slot(2, withSecrets), slot(1)],
    }).response;
    const written = redactRead({ command, response });
    expect(toHex(written.response)).not.toContain(toHex(secret));
    const tags = (body: Uint8Array) => parseElements(body).map(([tag]) => tag);
    const body = written.response.subarray(0, -2);
    expect(tags(body)).toEqual(tags(response.subarray(0, -2)));
    const kept = parseElements(body).filter(([tag]) => tag in cardFields);
    expect(encodeElements(kept)).toEqual(tlv(cardFields));
    const lost = parseElements(body).filter(([tag]) => tag in withSecrets);
    expect(lost.map(([, value]) => value.length)).toEqual(Array(9).fill(0));
    const records = parseElements(body).filter(([tag]) => tag === Tag.wallet);
    expect(records.map(([, record]) => tags(record).length)).toEqual([10, 1]);
  });

  /** Tags whose value is still there, when each has one. */
  const keptIn = (
    wrap: (element: Uint8Array) => Uint8Array,
    open: (body: Uint8Array) => Uint8Array,
  ) =>
    Array.from({ length: 256 }, (_, tag) => tag).filter((tag) => {
      // A record is looked into, so it must be one.
      const value = tag === Tag.wallet || tag === Tag.cardData ? tlv({ 193: secret }) : secret;
      const response = concat(wrap(encodeElements([[tag, value]])), sw(0x9000));
      const body = open(redactRead({ command, response }).response.subarray(0, -2));
      const [element] = parseElements(body);
      expect(element?.[0]).toBe(tag);
      expect([0, 2, secret.length]).toContain(element?.[1].length);
      return toHex(body).includes(toHex(secret));
    });
  const inside = (body: Uint8Array) => parseElements(body)[0]?.[1] ?? bytes();
  /** Not read by prove: kept for those who read a file. */
  const settings = [0x05, 0x09, 0x0a, 0x20, 0x2f, 0x65];
  const keptOfCard = [
    ...[0x01, 0x02, 0x03, 0x05, 0x08, 0x09, 0x0a, 0x0f, 0x20, 0x2f, 0x30, 0x3a],
    ...[0x59, 0x5a, 0x62, 0x63, 0x65, 0x66, 0x80, 0xd0, 0xd1],
  ];
  const keptOfMaking = [0x81, 0x82, 0x83, 0x85, 0x86, 0x8a];

  it('keeps the values of these tags and no other', () => {
    const same = (body: Uint8Array) => body;
    // Tag 1C is the time that is left of a pause.
    const ofCard = keptIn(same, same).filter((tag) => tag !== Tag.pause && tag !== Tag.backupHash);
    expect(ofCard).toEqual(keptOfCard);
    expect(keptIn((value) => encodeElements([[Tag.wallet, value]]), inside)).toEqual(keptOfCard);
    expect(keptIn((value) => encodeElements([[Tag.cardData, value]]), inside)).toEqual(
      keptOfMaking,
    );
  });

  it('keeps none that prove can do without, but for settings of its kind', () => {
    const { publicKey } = makerKey;
    const making = {
      [Tag.batch]: bytes(0xaf, 7),
      [Tag.manufactureDate]: bytes(7, 0xe8, 5, 14),
      [Tag.issuerName]: text('TANGEM AG'),
      [Tag.manufacturerPublicKey]: publicKey,
      [Tag.cardIdSignature]: filled(64, 1),
      138: bytes(1),
    };
    const whole = {
      ...cardFields,
      [Tag.status]: bytes(2),
      [Tag.health]: bytes(1),
      [Tag.maxSignatures]: bytes(9),
      [Tag.remainingSignatures]: bytes(2),
      [Tag.signedHashes]: bytes(3),
      [Tag.needsActivation]: bytes(1),
      [Tag.backupStatus]: bytes(1),
      [Tag.backupCount]: bytes(1),
      [Tag.cardData]: tlv(making),
    };
    const proven = (fields: Fields) => {
      const { response } = exchange(command, fields);
      const written = { ...read(), response: redactRead({ command, response }).response };
      return prove(evidenceOf(select(), written, emptySlots, attest()));
    };
    const isNeeded = (tag: number, fields: Fields) => {
      const [with_, without] = [fields, { ...fields, [tag]: undefined }].map(proven);
      return JSON.stringify(with_) !== JSON.stringify(without);
    };
    for (const tag of keptOfCard) {
      // Of the two counters the greater one counts.
      const fields = tag === 0x63 ? { ...whole, [Tag.remainingSignatures]: undefined } : whole;
      const isNamed = settings.includes(tag);
      const present = isNamed ? { ...fields, [tag]: text('x') } : fields;
      expect([tag, isNeeded(tag, present)]).toEqual([tag, !isNamed]);
    }
    for (const tag of keptOfMaking.filter((named) => named !== 0x8a)) {
      const without = tlv({ ...making, [tag]: undefined });
      expect(proven({ ...whole, [Tag.cardData]: without }), `${tag}`).not.toEqual(proven(whole));
    }
  });

  it.each([
    ['0000000000000000', '0000000000000000'],
    ['0000000000000001', 'ffffffffffffffff'],
    ['a1b2c3d4e5f60718', 'ffffffffffffffff'],
    ['00', '00'],
    ['010000', 'ffffff'],
    ['', ''],
  ])('says of the hash %s over all wallets only whether there is one', (hash, kept) => {
    const body = tlv({ [Tag.wallet]: [slot(1)], [Tag.backupHash]: Buffer.from(hash, 'hex') });
    const written = redactRead({ command, response: concat(body, sw(0x9000)) }).response;
    const [, element] = parseElements(written.subarray(0, -2)).toSorted(([a], [b]) => b - a);
    expect([element?.[0], toHex(element?.[1] ?? bytes())]).toEqual([Tag.backupHash, kept]);
  });

  it.each<[string, Uint8Array]>([
    ['cut short', concat(bytes(0x60, 40), secret)],
    ['with a tag twice', concat(tlv({ [Tag.batch]: secret }), tlv({ [Tag.batch]: secret }))],
    ['of one byte', bytes(0x60)],
    ['of too many fields', filled(1200, 0)],
  ])('with card data %s loses them alone, and they stay odd', (_, cardData) => {
    const { response } = exchange(command, { ...cardFields, [Tag.cardData]: cardData });
    const written = redactRead({ command, response }).response;
    expect(toHex(written)).not.toContain(toHex(secret));
    const expected = { ...cardFields, [Tag.cardData]: bytes(0) };
    expect(written).toEqual(concat(tlv(expected), sw(0x9000)));
    const recorded = { ...read(), response: written };
    const proof = prove(evidenceOf(select(), recorded, emptySlots, attest()));
    expect(linesOf(proof)).toContain('form side unreadable');
    expect(proof.key).toBeDefined();
  });

  it('keeps the time of a pause, and no more of it', () => {
    const pause = tlv({ [Tag.pause]: bytes(1, 0), 40: bytes(1), [Tag.walletPublicKey]: secret });
    const written = redactRead({ command, response: concat(pause, sw(0x9789)) }).response;
    expect(toHex(written)).toBe('1c020100280060009789');
  });

  it('keeps the default code, which is no secret, and empties any other', () => {
    const open = read().command;
    expect(redactRead({ command: open, response: sw(0x9000) }).command).toEqual(open);
    const written = redactRead({ command, response: sw(0x6a86) });
    expect(toHex(written.command)).toBe(
      `00f20000000012100001 08${toHex(cardId)}230101650103`.replace(' ', ''),
    );
    expect(written.response).toEqual(sw(0x6a86));
  });

  it.each<[string, Uint8Array]>([
    ['is cut', concat(tlv(withSecrets).subarray(0, -1), sw(0x9000))],
    [
      'has a broken record',
      concat(tlv({ [Tag.wallet]: concat(tlv(withSecrets), bytes(1)) }), sw(0x9000)),
    ],
    ['has a key twice', concat(tlv(withSecrets), tlv(withSecrets), sw(0x9000))],
    ['is too long', concat(filled(16_385, 9), sw(0x9000))],
    ['is a refusal with keys', concat(bytes(1), secret, sw(0x6a86))],
  ])('that %s loses all but its status', (_, response) => {
    expect(redactRead({ command, response }).response).toEqual(response.subarray(-2));
  });

  it('with records inside records comes to an end, and keeps none of them', () => {
    let nested: Uint8Array = tlv(withSecrets);
    while (nested.length < 16_300) nested = encodeElements([[Tag.wallet, nested]]);
    const written = redactRead({ command, response: concat(nested, sw(0x9000)) });
    expect(toHex(written.response)).not.toContain(toHex(secret));
    expect(written.response.length).toBeLessThan(10);
  });
});

describe('an attestation', () => {
  it('loses its code alone', () => {
    const whole = { challenge, cardId, full: true };
    const response = concat(tlv({ [Tag.salt]: filled(16, 1) }), sw(0x9000));
    const written = redactCode({ command: encodeAttest({ ...whole, codeHash }), response });
    expect(written.response).toEqual(response);
    expect(toHex(written.command)).not.toContain(toHex(codeHash));
    expect(written.command).toEqual(encodeAttest({ ...whole, codeHash: bytes() }));
    const open = encodeAttest({ ...whole, codeHash: defaultCodeHash });
    expect(redactCode({ command: open, response }).command).toEqual(open);
  });
});

it('the proof of a redacted READ is that of the whole one, but for the wallet signature', () => {
  const told = {
    ...cardFields,
    [Tag.firmware]: text('3.05r'),
    [Tag.walletPublicKey]: filled(33, 2),
    [Tag.signedHashes]: bytes(0, 0, 0, 5),
  };
  const whole = exchange(read().command, told);
  const evidence = importRead(bytes());
  const [selected] = evidence.transcript;
  const proofs = [whole, { ...whole, ...redactRead(whole) }].map((exchanged) =>
    prove({ ...evidence, transcript: selected ? [selected, exchanged] : [] }),
  );
  expect(proofs[1]).toEqual(proofs[0]);
  expect(proofs[0]?.usage?.value).toBe('set-up');
});
