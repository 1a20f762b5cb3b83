import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { EvidenceError } from '../../../src/errors/error.ts';
import { attachmentKind, Tag } from '../../../src/families/tangem/constants.ts';
import { endorser } from '../../../src/families/tangem/endorser.ts';
import {
  attest,
  cardId,
  cardKey,
  evidenceOf,
  longForm,
  read,
  select,
  sw,
} from '../../support/tangem-cards.ts';
import {
  importOnline,
  type OnlineAttestation,
  onlineAttestations,
} from '../../support/tangem-evidence.ts';

const record = onlineAttestations[0] as OnlineAttestation;
const issuer = 'ab'.repeat(64);
const maker = 'CD'.repeat(64);
const good = { manufacturer_signature: maker, issuer_signature: issuer };
const parse = (body: unknown) => endorser.parse(utf8(JSON.stringify(body)));
const fault = (body: Uint8Array) => {
  try {
    return endorser.parse(body);
  } catch (error) {
    expect(error).toBeInstanceOf(EvidenceError);
    return (error as Error).message;
  }
};

describe('the question to the maker', () => {
  it('names the real card as the maker expects it', () => {
    expect(endorser.request(importOnline(record))?.headers).toEqual({
      'content-type': 'application/json',
      card_id: record.cardId,
      card_public_key: record.cardPublicKey,
    });
  });

  it('tells the key as the card wrote it, and is kept under the compressed one', () => {
    const long = longForm(cardKey.publicKey);
    for (const written of [cardKey.publicKey, long]) {
      const evidence = evidenceOf(select(), read({ [Tag.cardPublicKey]: written }), attest());
      expect(endorser.request(evidence)).toEqual({
        cardKey: cardKey.publicKey,
        headers: {
          'content-type': 'application/json',
          card_id: toHex(cardId).toUpperCase(),
          card_public_key: toHex(written).toUpperCase(),
        },
      });
    }
  });

  it.each([
    ['was not read', [select()]],
    ['refused READ', [select(), read(sw(0x6a86))]],
    ['shows no key', [select(), read({ [Tag.cardPublicKey]: undefined })]],
    ['cannot be read', [select(), read(), read()]],
    ['was never selected', []],
  ])('is not asked about a card that %s', (_, transcript) => {
    expect(endorser.request(evidenceOf(...transcript))).toBeUndefined();
  });
});

describe("the maker's answer", () => {
  it('is two signatures', () => {
    expect(parse(good).map(({ kind, data }) => [kind, toHex(data)])).toEqual([
      [attachmentKind.issuerSignature, issuer],
      [attachmentKind.manufacturerSignature, maker.toLowerCase()],
    ]);
  });

  it('may say more', () => {
    expect(parse({ ...good, note: { deep: [1] } }).length).toBe(2);
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['no issuer', { manufacturer_signature: maker }],
    ['no manufacturer', { issuer_signature: issuer }],
    ['127 digits', { ...good, issuer_signature: issuer.slice(1) }],
    ['126 digits', { ...good, issuer_signature: issuer.slice(2) }],
    ['130 digits', { ...good, manufacturer_signature: `${maker}00` }],
    ['no digits', { ...good, manufacturer_signature: 'x'.repeat(128) }],
    ['a line feed behind', { ...good, issuer_signature: `${issuer}\n` }],
    ['a prefix', { ...good, issuer_signature: `0x${issuer.slice(2)}` }],
    ['an empty one', { ...good, issuer_signature: '' }],
    ['null', { ...good, issuer_signature: null }],
    ['a list', { ...good, issuer_signature: [issuer] }],
    ['a number', { ...good, issuer_signature: 5 }],
    ['names in another style', { manufacturerSignature: maker, issuerSignature: issuer }],
    ['a list around it', [good]],
    ['a text', 'signature'],
    ['null for all', null],
  ])('with %s is refused', (_, body) => {
    expect(() => parse(body)).toThrow(EvidenceError);
  });

  it.each<[string, Uint8Array]>([
    ['empty', utf8('')],
    ['HTML', utf8('<html>404</html>')],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe, 0x7b)],
    ['two values', utf8(`${JSON.stringify(good)}${JSON.stringify(good)}`)],
    ['cut', utf8(JSON.stringify(good).slice(0, -1))],
    ['deep', utf8('['.repeat(100_000))],
  ])('that is %s is refused without being repeated', (_, body) => {
    expect(fault(body)).toBe("the maker's answer: not one JSON value");
  });

  it('is never shown: a reason holds none of what the server said', () => {
    const reason = fault(utf8(JSON.stringify({ ...good, issuer_signature: '\u001b[2Jhello' })));
    expect(reason).toMatch(/^the maker's answer: /);
    expect(reason).not.toContain('hello');
  });

  it('a signature twice in one answer is one or a refusal, not two', () => {
    const body = `{"issuer_signature":"${issuer}","issuer_signature":"${maker}","manufacturer_signature":"${maker}"}`;
    const found = fault(utf8(body));
    expect(typeof found === 'string' || found.length === 2).toBe(true);
  });
});

it('a refusal keeps its word', () => {
  expect(endorser.refusal('http-404')).toEqual({
    kind: attachmentKind.refusal,
    data: utf8('http-404'),
  });
});
