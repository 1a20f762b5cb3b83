import { createHash, createPublicKey, ECDH, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { provenIndexKey } from '../../src/activation/card-entry.ts';
import { cardIndexKey, spkiIndexKey } from '../../src/activation/index-key.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { checkedCard } from '../support/checked-cards.ts';

interface CardRow {
  readonly family: string;
  readonly card: string;
  readonly publicKey: string;
  readonly spki: string;
  readonly indexKey: string;
  readonly from: string;
}
interface KeyRow {
  readonly kind: string;
  readonly spki: string;
  readonly indexKey: string;
}
const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/${path}`, import.meta.url), 'utf8'));
const vectors: { cards: readonly CardRow[]; otherKinds: readonly KeyRow[] } = read(
  'activation/index-keys.json',
);

const shown = (key: Uint8Array | undefined) => key && toHex(key);
const onSecp256k1 = (publicKeyHex: string) =>
  shown(cardIndexKey({ curve: 'secp256k1', publicKey: fromHex(publicKeyHex) }));

const convert = (keyHex: string, form: 'compressed' | 'uncompressed' | 'hybrid') =>
  String(ECDH.convertKey(keyHex, 'secp256k1', 'hex', 'hex', form));

/** By OpenSSL alone: the point, then a key of it, then its SubjectPublicKeyInfo. */
function secondOpinion(publicKeyHex: string): string {
  const point = Buffer.from(convert(publicKeyHex, 'uncompressed'), 'hex');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) =>
    part.toString('base64url'),
  );
  const key = createPublicKey({
    key: { kty: 'EC', crv: 'secp256k1', x: x ?? '', y: y ?? '' },
    format: 'jwk',
  });
  const spki = key.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update('touchstone/card-index/v1\0').update(spki).digest('hex');
}

describe('the index key of a card', () => {
  test.each(vectors.cards)('$family, $card', ({ publicKey, spki, indexKey }) => {
    expect(onSecp256k1(publicKey)).toBe(indexKey);
    expect(shown(spkiIndexKey(fromHex(spki)))).toBe(indexKey);
    expect(secondOpinion(publicKey)).toBe(indexKey);
  });

  test.each(vectors.otherKinds)('$kind', ({ spki, indexKey }) => {
    expect(shown(spkiIndexKey(fromHex(spki)))).toBe(indexKey);
    const byOpenSsl = createPublicKey({
      key: Buffer.from(spki, 'hex'),
      format: 'der',
      type: 'spki',
    });
    expect(byOpenSsl.export({ format: 'der', type: 'spki' }).toString('hex')).toBe(spki);
  });

  it('the vectors are of every family, each key once', () => {
    expect(new Set(vectors.cards.map(({ family }) => family))).toEqual(
      new Set(['coinkite-tap', 'tangem', 'keycard', 'satochip']),
    );
    expect(new Set(vectors.cards.map(({ indexKey }) => indexKey)).size).toBe(vectors.cards.length);
  });

  it('the keys are those of the files that the rows name', () => {
    const inFile = vectors.cards.filter(({ from }) => from.startsWith('../'));
    expect(inFile).toHaveLength(7);
    for (const { publicKey, from } of inFile) {
      const [path = '', field = ''] = from.slice(3).split(/, | /);
      const content = read(path);
      const found = (Array.isArray(content) ? content[0] : content)[field];
      expect(convert(found.toLowerCase(), 'compressed')).toBe(publicKey);
    }
  });

  test.each(vectors.cards.filter(({ card }) => card.startsWith('virtual-')))(
    'the virtual card of $family proves the key of its row',
    async ({ family, indexKey }) => {
      const { verdict } = await checkedCard(family, 'genuine', { unit: 'index-key vector' });
      expect(provenIndexKey(verdict)).toEqual({ kind: 'key', keyHex: indexKey });
    },
  );

  it('the worked example', () => {
    const base = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
    const head = readFileSync(
      new URL('../../src/activation/index-key.ts', import.meta.url),
      'utf8',
    );
    const example = onSecp256k1(base);
    expect(example).toBe('968b665fc6d7a5a7cefae6e068e92b494cedb4ddb80fb559ad83f1d69f88669b');
    expect(head).toContain(example);
  });
});

describe('one key has one index key', () => {
  const { publicKey, spki, indexKey } = vectors.cards[0] as CardRow;
  const uncompressed = convert(publicKey, 'uncompressed');
  const wrap = (header: string, point: string) => fromHex(`${header}${point}`);

  it('the uncompressed point gives the same', () => {
    expect(onSecp256k1(uncompressed)).toBe(indexKey);
  });

  test.each([
    ['the hybrid form', convert(publicKey, 'hybrid')],
    ['the compressed form with a byte after it', `${publicKey}00`],
    ['a byte too few', publicKey.slice(0, -2)],
    ['the bare coordinates', uncompressed.slice(2)],
    ['another first byte', `05${publicKey.slice(2)}`],
    ['infinity', '00'],
    ['nothing', ''],
    [
      'y of the other point, prefix 04',
      `${uncompressed.slice(0, -2)}${uncompressed.endsWith('00') ? '01' : '00'}`,
    ],
    ['an x off the curve', `02${'00'.repeat(31)}05`],
    ['an x beyond the field', `02${'ff'.repeat(32)}`],
  ])('%s gives none', (_name, form) => expect(onSecp256k1(form)).toBeUndefined());

  it('the two points of one x have two', () => {
    const other = `${publicKey.startsWith('02') ? '03' : '02'}${publicKey.slice(2)}`;
    expect(onSecp256k1(other)).toMatch(/^[0-9a-f]{64}$/);
    expect(onSecp256k1(other)).not.toBe(indexKey);
  });

  const explicit = () => {
    const { publicKey: key } = generateKeyPairSync('ec', {
      namedCurve: 'secp256k1',
      paramEncoding: 'explicit',
    });
    return new Uint8Array(key.export({ format: 'der', type: 'spki' }));
  };

  test.each<readonly [string, Uint8Array]>([
    ['a compressed point', wrap('3036301006072a8648ce3d020106052b8104000a032200', publicKey)],
    [
      'a hybrid point',
      wrap('3056301006072a8648ce3d020106052b8104000a034200', convert(publicKey, 'hybrid')),
    ],
    ['a curve written out', explicit()],
    [
      'the point under another curve',
      wrap('3059301306072a8648ce3d020106082a8648ce3d030107034200', uncompressed),
    ],
    ['a byte after it', fromHex(`${spki}00`)],
    ['a length in two bytes', fromHex(`308156${spki.slice(4)}`)],
    ['unused bits', fromHex(spki.replace('034200', '034204'))],
    ['nothing', new Uint8Array()],
  ])('an SPKI with %s gives none', (_name, der) => expect(spkiIndexKey(der)).toBeUndefined());

  it('OpenSSL would take the compressed and the hybrid point: the refusal is ours', () => {
    for (const der of [
      `3036301006072a8648ce3d020106052b8104000a032200${publicKey}`,
      `3056301006072a8648ce3d020106052b8104000a034200${convert(publicKey, 'hybrid')}`,
    ]) {
      const key = createPublicKey({ key: Buffer.from(der, 'hex'), format: 'der', type: 'spki' });
      expect(key.asymmetricKeyType).toBe('ec');
    }
  });

  const ed25519 = (key: string) => shown(spkiIndexKey(fromHex(`302a300506032b6570032100${key}`)));
  const top = (first: string, last = '7f') => `${first}${'ff'.repeat(30)}${last}`;

  test.each([
    ['y = p + 3', top('f0')],
    ['y = p + 3 and the sign', top('f0', 'ff')],
    ['y = p + 18', top('ff')],
    ['a point of small order', top('ec')],
  ])('Ed25519: %s gives none', (_name, key) => expect(ed25519(key)).toBeUndefined());

  it('Ed25519: y below p gives one', () => {
    expect(ed25519(top('eb'))).toMatch(/^[0-9a-f]{64}$/);
    expect(ed25519(`f0${'fe'.repeat(30)}7f`)).toMatch(/^[0-9a-f]{64}$/);
    expect(ed25519(top('f0', '7e'))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('RSA keys give none', () => {
    const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const der = new Uint8Array(rsa.export({ format: 'der', type: 'spki' }));
    expect(spkiIndexKey(der)).toBeUndefined();
  });
});
