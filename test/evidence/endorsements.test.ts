import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { TouchstoneError } from '../../src/errors/error.ts';
import {
  type Endorsements,
  encodeEndorsements,
  endorsementsSchema,
  findEndorsements,
  maxEndorsementsFileBytes,
  parseEndorsements,
} from '../../src/evidence/endorsements.ts';

const cardKey = (number: number) => Uint8Array.of(2, ...new Uint8Array(31), number);
const hashOf = (number: number) => toHex(sha256(cardKey(number)));
const attachment = (data: number) => ({
  kind: 'maker/signature',
  source: 'https://maker.example/cards',
  fetchedAt: '2026-11-22T10:00:00Z',
  data: Uint8Array.of(data),
});

const endorsements: Endorsements = {
  family: 'some-family',
  cards: [
    { cardKeyHash: hashOf(1), attachments: [attachment(1), attachment(2)] },
    { cardKeyHash: hashOf(2), attachments: [attachment(3)] },
  ],
};
const text = encodeEndorsements(endorsements);

type Fields = Record<string, unknown>;
type Loose = Fields & { cards: (Fields & { attachments: Fields[] })[] };

/** The file with something altered. */
function altered(change: (file: Loose) => void): string {
  const file = JSON.parse(text);
  change(file);
  return JSON.stringify(file);
}

const first = (file: Loose) => file.cards[0] as Loose['cards'][number];
const firstAttachment = (file: Loose) => first(file).attachments[0] as Fields;

function refusal(content: string): string {
  try {
    parseEndorsements(content, 'stock.json');
  } catch (error) {
    if (error instanceof TouchstoneError && error.code === 'ENDORSEMENTS_INVALID') {
      return error.message;
    }
    throw error;
  }
  return 'accepted';
}

describe('endorsements file', () => {
  it('gives back what was written', () => {
    expect(parseEndorsements(text, 'stock.json')).toEqual(endorsements);
  });

  it('holds hex in lower case, and its name', () => {
    expect(JSON.parse(text)).toMatchObject({
      schema: endorsementsSchema,
      family: 'some-family',
      cards: [{ cardKeyHash: hashOf(1), attachments: [{ data: '01' }, { data: '02' }] }, {}],
    });
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('may be about no card yet', () => {
    const none = { family: 'x', cards: [] };
    expect(parseEndorsements(encodeEndorsements(none), 'x')).toEqual(none);
  });

  it.each<[string, (file: Loose) => void, string]>([
    ['another schema', (f) => (f['schema'] = 'touchstone.endorsements/2'), '"schema"'],
    ['no schema', (f) => delete f['schema'], '"schema"'],
    ['an extra field', (f) => (f['extra'] = 1), '"extra"'],
    ['no family', (f) => delete f['family'], '"family"'],
    ['a family that is no name', (f) => (f['family'] = '../x'), '"family"'],
    ['no cards', (f) => Reflect.deleteProperty(f, 'cards'), '"cards"'],
    ['cards that are no list', (f) => (f['cards'] = {} as never), '"cards"'],
    ['a card that is none', (f) => f.cards.push(null as never), '"cards.2"'],
    ['a field in a card', (f) => (first(f)['extra'] = 1), '"extra" in "cards.0"'],
    ['no hash', (f) => delete first(f)['cardKeyHash'], '"cards.0.cardKeyHash"'],
    ['a short hash', (f) => (first(f)['cardKeyHash'] = 'ab'), '"cards.0.cardKeyHash"'],
    [
      'a hash in upper case',
      (f) => (first(f)['cardKeyHash'] = hashOf(1).toUpperCase()),
      '"cards.0.cardKeyHash"',
    ],
    ['a card twice', (f) => f.cards.push(first(f)), '"cards.2.cardKeyHash": this card is listed'],
    ['no attachment', (f) => (first(f).attachments = []), '"cards.0.attachments"'],
    [
      'seventeen attachments',
      (f) => (first(f).attachments = Array(17).fill(firstAttachment(f))),
      '"cards.0.attachments"',
    ],
    [
      'a field in an attachment',
      (f) => (firstAttachment(f)['extra'] = 1),
      '"extra" in "cards.0.attachments.0"',
    ],
    [
      'data in upper case',
      (f) => (firstAttachment(f)['data'] = 'AB'),
      '"cards.0.attachments.0.data": lower-case',
    ],
    [
      'more data than an attachment holds',
      (f) => (firstAttachment(f)['data'] = '00'.repeat(65_537)),
      '"cards.0.attachments.0.data"',
    ],
    [
      'a time without zone',
      (f) => (firstAttachment(f)['fetchedAt'] = '2026-11-22T10:00'),
      '"cards.0.attachments.0.fetchedAt"',
    ],
  ])('is refused with %s', (_, change, field) => {
    expect(refusal(altered(change))).toContain(field);
  });

  it.each([
    ['nothing', ''],
    ['half a file', text.slice(0, text.length / 2)],
    ['a list', '[]'],
    ['null', 'null'],
    ['prototype keys', text.replace('{', '{"__proto__": {"family": "x"},')],
    ['deep nesting', `"\\u0041"${'['.repeat(1_000_000)}`],
  ])('is refused when it holds %s', (_, content) => {
    expect(refusal(content)).toMatch(/^stock\.json is not a readable endorsements file: .*\.$/);
  });

  it('may hold sixteen attachments of a card and 65,536 bytes in each', () => {
    const data = new Uint8Array(65_536).fill(7);
    const attachments = Array(16).fill({ ...attachment(0), data });
    const large = encodeEndorsements({
      family: 'x',
      cards: [{ cardKeyHash: hashOf(1), attachments }],
    });
    expect(encodeEndorsements(parseEndorsements(large, 'x'))).toBe(large);
  });
});

describe('the size of an endorsements file', () => {
  const withCards = (cards: string) =>
    `{"schema":"${endorsementsSchema}","family":"x","cards":[${cards}]}`;
  const item = JSON.stringify({ ...attachment(0), data: '00' });
  const card = (number: number) =>
    `{"cardKeyHash":"${number.toString(16).padStart(64, '0')}","attachments":[${item}]}`;
  const cards = (count: number) =>
    withCards(Array.from({ length: count }, (_, i) => card(i)).join());

  it('may be 100,000 cards, and not a card more', () => {
    expect(refusal(cards(10_000))).toBe('accepted');
    expect(refusal(cards(10_001))).toContain('"cards"');
  });

  it('may be the limit, and not a character more', () => {
    expect(refusal(text.padEnd(maxEndorsementsFileBytes))).toBe('accepted');
    expect(refusal(text.padEnd(maxEndorsementsFileBytes + 1))).toContain('8388608 characters');
  });

  it('is noticed before millions of wrong cards or attachments are looked at', () => {
    const wrong = '0,'.repeat(3_000_000);
    expect(refusal(withCards(`${wrong}0`))).toContain('"cards"');
    const attachments = `{"cardKeyHash":"${hashOf(1)}","attachments":[${wrong}0]}`;
    expect(refusal(withCards(attachments))).toContain('"cards.0.attachments"');
    expect(refusal(withCards(`${'{},'.repeat(9_999)}{}`))).toContain('"cards.0.cardKeyHash"');
  });
});

describe('writing endorsements', () => {
  const [one] = endorsements.cards;
  it.each<[string, Endorsements]>([
    ['a family that is no name', { ...endorsements, family: '../x' }],
    ['a card twice', { ...endorsements, cards: [...endorsements.cards, ...endorsements.cards] }],
    ['no attachment', { family: 'x', cards: [{ cardKeyHash: hashOf(1), attachments: [] }] }],
    ['a hash that is none', { family: 'x', cards: [{ ...one, cardKeyHash: '00' } as never] }],
  ])('is refused for %s', (_, file) => {
    expect(() => encodeEndorsements(file)).toThrow(RangeError);
  });
});

describe('finding endorsements', () => {
  it('gives those of the card', () => {
    expect(findEndorsements(endorsements, 'some-family', cardKey(1))).toEqual([
      attachment(1),
      attachment(2),
    ]);
    expect(findEndorsements(endorsements, 'some-family', cardKey(2))).toEqual([attachment(3)]);
  });

  it('gives nothing for another card or another family', () => {
    expect(findEndorsements(endorsements, 'some-family', cardKey(3))).toBeUndefined();
    expect(findEndorsements(endorsements, 'other-family', cardKey(1))).toBeUndefined();
    expect(findEndorsements(endorsements, 'some-family', new Uint8Array())).toBeUndefined();
  });
});
