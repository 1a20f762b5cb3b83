/** Every signature of simulated Tangem cards and of their maker, checked by node:crypto. */
import { describe, expect, it } from 'vitest';
import { tangemDemo } from '../../src/simulator/demo-keys.ts';
import { findSimulation, type SimulatedCard } from '../../src/simulator/index.ts';
import {
  all,
  attestBody,
  challenge,
  find,
  idOf,
  make,
  ownCode,
  readCard,
  send,
  value,
} from './tangem-client.ts';
import { compress, hasHighS, isLuhn, isSignedBy, parseTlv } from './tangem-formulas.ts';

const mark = Buffer.from('BACKUP_CARDS');
const marked = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);

/** The same bytes with one bit of the last byte turned. */
function altered(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)));
}

interface Attestation {
  readonly cardKey: Buffer;
  readonly salt: Buffer;
  readonly signature: Buffer;
  readonly linked: readonly Buffer[];
}

function attest(card: SimulatedCard, full = false, code = '000000'): Attestation {
  const read = readCard(card, code).tlv;
  const { sw, tlv } = send(card, 0xf3, attestBody(value(read, 0x01), { full, code }));
  expect(sw).toBe('9000');
  expect(value(tlv, 0x01)).toEqual(value(read, 0x01));
  return {
    cardKey: value(read, 0x03),
    salt: value(tlv, 0x17),
    signature: value(tlv, 0x04),
    linked: all(tlv, 0xd6),
  };
}

const plainCases = [
  ...['genuine', 'genuine-wallet', 'old-cos', 'first-cos', 'set-up', 'imported', 'used'],
  ...['used-wallet', 'wiped', 'purged', 'set-primary', 'set-backup-1', 'set-backup-2'],
  ...['tampered-health', 'developer', 'wrong-issuer', 'sdk-key', 'copied-id', 'hidden-links'],
  ...['endpoint-down', 'endpoint-wrong'],
];

describe('plain attestation', () => {
  it.each(plainCases)('%s signs challenge and salt', (id) => {
    const card = make(id);
    const { cardKey, salt, signature, linked } = attest(card);
    const message = marked(challenge, salt);
    expect(salt).toHaveLength(16);
    expect(linked).toEqual([]);
    expect(isSignedBy(signature, message, cardKey)).toBe(true);
    expect(isSignedBy(altered(signature), message, cardKey)).toBe(false);
    expect(isSignedBy(signature, altered(message), cardKey)).toBe(false);
    expect(attest(card).salt).not.toEqual(salt);
  });

  it('of a card with its own code works with that code', () => {
    for (const id of ['code-set', 'code-set-old']) {
      const { cardKey, salt, signature } = attest(make(id), false, ownCode);
      expect(isSignedBy(signature, marked(challenge, salt), cardKey), id).toBe(true);
    }
  });

  it('gives both halves of S', () => {
    const card = make('genuine');
    const highs = Array.from({ length: 24 }, () => hasHighS(attest(card).signature));
    expect(new Set(highs).size).toBe(2);
  });
});

describe('full attestation', () => {
  it.each(['used', 'set-primary', 'set-backup-1', 'set-backup-2'])('%s names two cards', (id) => {
    const { cardKey, salt, signature, linked } = attest(make(id), true);
    expect(linked.map((key) => key.length)).toEqual([33, 33]);
    const message = marked(challenge, salt, mark, ...linked);
    expect(isSignedBy(signature, message, cardKey)).toBe(true);
    expect(isSignedBy(signature, marked(challenge, salt), cardKey)).toBe(false);
    expect(
      isSignedBy(signature, marked(challenge, salt, mark, ...[...linked].reverse()), cardKey),
    ).toBe(false);
  });

  it.each(['genuine', 'set-up', 'used-wallet', 'old-cos', 'hidden-links'])(
    '%s answers as if plain mode were asked',
    (id) => {
      const { cardKey, salt, signature, linked } = attest(make(id), true);
      expect(linked).toEqual([]);
      expect(isSignedBy(signature, marked(challenge, salt), cardKey)).toBe(true);
    },
  );

  it('lists the cards of one set crosswise, in the order of the set', () => {
    const ids = ['set-primary', 'set-backup-1', 'set-backup-2'];
    const cards = ids.map((id, i) => attest(make(id, 'one set', `${i}`), true));
    const keys = cards.map(({ cardKey }) => cardKey);
    expect(new Set(keys.map(String)).size).toBe(3);
    for (const [i, { linked }] of cards.entries()) {
      expect(linked).toEqual(keys.filter((_, other) => other !== i));
    }
    const other = attest(make('set-primary', 'other set'), true);
    expect(other.linked).not.toEqual(cards[0]?.linked);
    const cardIds = ids.map((id) => idOf(make(id, 'one set')).toString('hex'));
    expect(new Set(cardIds).size).toBe(3);
  });
});

describe('faults', () => {
  it('hidden-backup makes a full signature pass as a plain one', () => {
    for (const full of [false, true]) {
      const { cardKey, salt, signature, linked } = attest(make('hidden-backup'), full);
      expect(linked).toEqual([]);
      expect(salt).toHaveLength(16 + 12 + 2 * 33);
      expect(salt.subarray(16, 28)).toEqual(mark);
      expect(isSignedBy(signature, marked(challenge, salt), cardKey)).toBe(true);
    }
  });

  it('lying-key signs with another key', () => {
    const { cardKey, salt, signature } = attest(make('lying-key'));
    expect(isSignedBy(signature, marked(challenge, salt), cardKey)).toBe(false);
  });

  it('replayed answers every challenge with one recorded signature', () => {
    const card = make('replayed');
    const first = attest(card);
    expect(isSignedBy(first.signature, marked(challenge, first.salt), first.cardKey)).toBe(false);
    const nonce = Buffer.alloc(16, 9);
    const { tlv } = send(card, 0xf3, attestBody(idOf(card), { nonce, full: true }));
    expect(value(tlv, 0x04)).toEqual(first.signature);
    expect(value(tlv, 0x17)).toEqual(first.salt);
  });
});

describe('the signature over the card ID', () => {
  const signed = findSimulation('tangem')
    .cases.map(({ id }) => id)
    .filter((id) => !/^(garbage|oversized|code-set-old|.*v8|encryption.*|sdk-key)$/.test(id));

  it.each(signed)('of %s is by the right key, and the ID is well formed', (id) => {
    const read = readCard(make(id)).tlv;
    const cardId = value(read, 0x01);
    const signature = value(parseTlv(value(read, 0x0c)), 0x86);
    const { idSigner, foreignManufacturer } = tangemDemo;
    const foreign = id === 'wrong-issuer';
    expect(isSignedBy(signature, cardId, idSigner.publicKey)).toBe(!foreign);
    expect(isSignedBy(signature, cardId, foreignManufacturer.publicKey)).toBe(foreign);
    expect(isLuhn(cardId.toString('hex').toUpperCase())).toBe(true);
  });

  it('of sdk-key is the published one', () => {
    const read = readCard(make('sdk-key')).tlv;
    const developer = Buffer.from(
      '03bab86d56298c996f564a84fc88e28aed38184b12f07e519113bef48c76f3df3a',
      'hex',
    );
    const signature = value(parseTlv(value(read, 0x0c)), 0x86);
    expect(value(read, 0x01).toString('hex')).toBe('bb00000000000015');
    expect(isSignedBy(signature, value(read, 0x01), developer)).toBe(true);
    expect(value(read, 0x30).toString('hex')).toMatch(/^045f16bd.{114}e110cd26$/);
    expect(value(read, 0x03).toString('hex')).not.toMatch(/^0446d415/);
  });

  it('is missing on COS 8', () => {
    expect(find(parseTlv(value(readCard(make('genuine-v8')).tlv, 0x0c)), 0x86)).toBeUndefined();
  });

  it('of copied-id belongs to the unit "copied", the key does not', () => {
    const original = readCard(make('genuine', 'copied')).tlv;
    for (const card of [make('copied-id'), make('copied-id', 'copied'), make('copied-id', 'x')]) {
      const copy = readCard(card).tlv;
      for (const tag of [0x01, 0x0c, 0x30]) expect(value(copy, tag)).toEqual(value(original, tag));
      expect(value(copy, 0x03)).not.toEqual(value(original, 0x03));
      expect(ask(card)).toEqual({ kind: 'reply', status: 404, body: '' });
    }
  });
});

/** Asks the maker about a card as it shows itself. */
function ask(card: SimulatedCard, alter: (hex: string) => string = (hex) => hex, code?: string) {
  const read = readCard(card, code).tlv;
  return card.askMaker?.({
    card_id: alter(value(read, 0x01).toString('hex')),
    card_public_key: alter(value(read, 0x03).toString('hex')),
  });
}

function signaturesOf(card: SimulatedCard, code?: string) {
  const reply = ask(card, undefined, code);
  if (reply?.kind !== 'reply') throw new Error('no reply');
  expect(reply.status).toBe(200);
  const { manufacturer_signature: top, issuer_signature: leaf } = JSON.parse(reply.body);
  expect(`${top}${leaf}`).toMatch(/^[0-9A-F]+$/);
  return { manufacturer: Buffer.from(top, 'hex'), issuer: Buffer.from(leaf, 'hex') };
}

describe('the maker', () => {
  it.each([
    ...['genuine', 'genuine-wallet', 'genuine-v8', 'old-cos', 'first-cos', 'used', 'wiped'],
    ...['set-backup-2', 'developer', 'lying-key', 'replayed', 'hidden-backup'],
  ])('vouches for %s by two signatures', (id) => {
    const card = make(id);
    const read = readCard(card).tlv;
    const { manufacturer, issuer } = signaturesOf(card);
    const issuerKey = value(read, 0x30);
    expect(compress(issuerKey)).toEqual(Buffer.from(tangemDemo.issuer.publicKey));
    expect(isSignedBy(issuer, value(read, 0x03), issuerKey)).toBe(true);
    expect(isSignedBy(altered(issuer), value(read, 0x03), issuerKey)).toBe(false);
    const { publicKey } = tangemDemo.manufacturer;
    expect(isSignedBy(manufacturer, compress(issuerKey), publicKey)).toBe(true);
    expect(isSignedBy(altered(manufacturer), compress(issuerKey), publicKey)).toBe(false);
  });

  it('takes any case and either encoding, and knows no other card', () => {
    for (const id of ['genuine', 'old-cos']) {
      const card = make(id);
      const read = readCard(card).tlv;
      const card_id = value(read, 0x01).toString('hex');
      const key = value(read, 0x03);
      const status = (headers: Record<string, string>) => card.askMaker?.(headers);
      const known = ask(card);
      expect(known).toMatchObject({ status: 200 });
      expect(ask(card, (hex) => hex.toUpperCase())).toEqual(known);
      const short = compress(key).toString('hex');
      expect(status({ card_id, card_public_key: short })).toEqual(known);
      for (const headers of [
        {},
        { card_id },
        { card_public_key: short },
        { card_id, card_public_key: `${short}00` },
        { card_id, card_public_key: short.replace(/^0./, '05') },
        { card_id: `${card_id.slice(0, -1)}f`, card_public_key: short },
        {
          card_id,
          card_public_key: compress(value(readCard(make(id, 'x')).tlv, 0x03)).toString('hex'),
        },
      ]) {
        expect(status(headers)).toEqual({ kind: 'reply', status: 404, body: '' });
      }
    }
  });

  it('gives a high S for one half of the cards', () => {
    const highs = Array.from({ length: 12 }, (_, i) => {
      const { manufacturer, issuer } = signaturesOf(make('genuine', `${i}`));
      expect(hasHighS(issuer)).toBe(hasHighS(manufacturer));
      return hasHighS(issuer);
    });
    expect(new Set(highs).size).toBe(2);
  });

  it('of wrong-issuer is a foreign one', () => {
    const card = make('wrong-issuer');
    const read = readCard(card).tlv;
    const { manufacturer, issuer } = signaturesOf(card);
    const { foreignIssuer, foreignManufacturer } = tangemDemo;
    expect(value(read, 0x30)).toEqual(Buffer.from(foreignIssuer.publicKey));
    expect(isSignedBy(issuer, value(read, 0x03), foreignIssuer.publicKey)).toBe(true);
    expect(isSignedBy(manufacturer, foreignIssuer.publicKey, foreignManufacturer.publicKey)).toBe(
      true,
    );
  });

  it('mixes cards up for endpoint-wrong', () => {
    const card = make('endpoint-wrong');
    const { manufacturer, issuer } = signaturesOf(card);
    const { issuer: demoIssuer, manufacturer: demoManufacturer } = tangemDemo;
    const cardKey = value(readCard(card).tlv, 0x03);
    expect(isSignedBy(issuer, cardKey, demoIssuer.publicKey)).toBe(false);
    expect(isSignedBy(manufacturer, demoIssuer.publicKey, demoManufacturer.publicKey)).toBe(true);
  });

  it('cuts a signature short for endpoint-malformed', () => {
    const { manufacturer, issuer } = signaturesOf(make('endpoint-malformed'));
    expect([manufacturer.length, issuer.length]).toEqual([63, 64]);
  });

  it.each([
    ['endpoint-down', { kind: 'reply', status: 503, body: '' }],
    ['endpoint-refuses', { kind: 'reply', status: 403, body: '' }],
    ['endpoint-empty', { kind: 'reply', status: 200, body: '' }],
    ['endpoint-mute', { kind: 'silence' }],
    ['sdk-key', { kind: 'reply', status: 404, body: '' }],
  ])('answers for %s', (id, reply) => {
    expect(ask(make(id))).toEqual(reply);
  });
});

it('repeats a card byte for byte from the same randomness', () => {
  const [first, second, other] = ['a', 'a', 'b'].map((seed) => make('used', undefined, seed));
  if (!first || !second || !other) throw new Error('three cards');
  expect(readCard(first)).toEqual(readCard(second));
  expect(attest(first, true)).toEqual(attest(second, true));
  expect(readCard(other)).not.toEqual(readCard(first));
});
