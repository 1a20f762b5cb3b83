/** The maker's two signatures, which come apart from the card: a real card's, and made ones. */
import { describe, expect, it } from 'vitest';
import { appraise } from '../../../src/appraisal/appraise.ts';
import { traceOrigin } from '../../../src/appraisal/origin.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import type { Attachment, CardEvidence } from '../../../src/evidence/evidence.ts';
import { type CardData, parseCardData } from '../../../src/families/tangem/card-data.ts';
import { checkChain } from '../../../src/families/tangem/chain.ts';
import { attachmentKind, Tag } from '../../../src/families/tangem/constants.ts';
import { endorser } from '../../../src/families/tangem/endorser.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import { Tlv } from '../../../src/families/tangem/tlv.ts';
import { verifyStatement } from '../../../src/trust/signature.ts';
import { packagedRegistry, testNow } from '../../support/registry.ts';
import {
  attached,
  cardFields,
  cardKey,
  evidenceOf,
  type Fields,
  issuerKey,
  issuerSignature,
  keyPair,
  longForm,
  makerKey,
  makerSignature,
  sign,
  tlv,
} from '../../support/tangem-cards.ts';
import {
  importOnline,
  type OnlineAttestation,
  onlineAttestations,
} from '../../support/tangem-evidence.ts';

const tangemRoot = fromHex('02630ec6371da464986f51346b64e6a9711c530b1dd5fc3a145414373c231f7862');
const smartCashRoot = fromHex('022ede119bf337b264fda132cfc7c177824d3617dac80f25dbb2a4a8a1183c03b9');

const cardOf = (changes: Fields = {}): CardData =>
  parseCardData(new Tlv(tlv({ ...cardFields, ...changes })));
const chainOf = (attachments: readonly Attachment[], card = cardOf()) =>
  checkChain({ ...evidenceOf(), attachments }, card);
const line = (chain: ReturnType<typeof checkChain>) =>
  chain.checks.map(({ id, role, result, detail }) => `${id} ${role} ${result}: ${detail}`).join();
const flip = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1);

describe('the real card of COS 3.05', () => {
  const record = onlineAttestations[0] as OnlineAttestation;
  const evidence = importOnline(record);
  const proof = prove(evidence);
  const withData = (index: number, data: Uint8Array): CardEvidence => {
    const item = evidence.attachments[index] as Attachment;
    return { ...evidence, attachments: evidence.attachments.with(index, { ...item, data }) };
  };
  const written = (changes: Partial<OnlineAttestation>) =>
    prove(importOnline({ ...record, ...changes })).checks.find(({ role }) => role === 'chain');

  it('has a chain: its key was signed in the 65 bytes that it writes', () => {
    expect(proof.checks).toContainEqual({
      id: 'chain',
      role: 'chain',
      result: 'held',
      detail: 'issuer signature: over the card key, 65 bytes as written',
    });
    expect(proof.issuers?.map(toHex)).toEqual([
      '028196aa4b410ac44a3b9cce18e7be226aea070acc83a9cf67540fac49af25129f',
    ]);
  });

  it('ends at the production key TANGEM, and at no other', () => {
    expect(traceOrigin(proof, packagedRegistry, testNow).anchor).toMatchObject({
      id: 'tangem',
      role: 'maker',
    });
    const top = proof.topSignature;
    expect(top && verifyStatement(tangemRoot, top)).toBe(true);
    expect(top && verifyStatement(smartCashRoot, top)).toBe(false);
    expect(top && verifyStatement(makerKey.publicKey, top)).toBe(false);
    const issuer65 = fromHex(record.issuerPublicKey);
    expect(top && verifyStatement(tangemRoot, { ...top, message: issuer65 })).toBe(false);
  });

  it('is not decided without a live proof', () => {
    const policy = { freshness: 'verifier', expectNew: false, log: 'not-consulted' } as const;
    const verdict = appraise(proof, packagedRegistry, policy, testNow);
    expect(verdict.facts.chain).toBe('pinned');
    expect([verdict.row, verdict.word]).toEqual(['nothing-live', 'not decided']);
    expect(verdict.findings).toContainEqual(expect.objectContaining({ code: 'model-not-proven' }));
  });

  it('whose key would be written in 33 bytes is told apart', () => {
    const key = fromHex(record.cardPublicKey);
    const compressed = `${key[64] && key[64] % 2 ? '03' : '02'}${toHex(key.subarray(1, 33))}`;
    expect(written({ cardPublicKey: compressed })?.detail).toBe(
      'issuer signature: over the card key, 65 bytes, the card writes 33',
    );
  });

  it('has no chain with any byte of a signature altered', () => {
    for (const [index, { data }] of evidence.attachments.entries()) {
      for (const offset of data.keys()) {
        const altered = prove(withData(index, flip(data, offset)));
        expect(traceOrigin(altered, packagedRegistry, testNow).anchor).toBeUndefined();
        if (index === 0) expect(altered.issuers).toBeUndefined();
      }
    }
  });

  it.each([
    ['another card key', { cardPublicKey: toHex(cardKey.publicKey) }],
    ['another issuer', { issuerPublicKey: toHex(issuerKey.publicKey) }],
    [
      'the signatures swapped',
      {
        issuer_signature: record.manufacturer_signature,
        manufacturer_signature: record.issuer_signature,
      },
    ],
  ])('with %s is refuted', (_, changes) => {
    expect(written(changes)?.result).toBe('refuted');
  });
});

describe('a made chain', () => {
  const long = longForm(cardKey.publicKey);
  const over = (message: Uint8Array, signer = issuerKey) =>
    attached(attachmentKind.issuerSignature, sign(message, signer));

  it.each<[string, Fields, Uint8Array, string]>([
    ['33 of 33', {}, cardKey.publicKey, '33 bytes as written'],
    ['65 of 33', {}, long, '65 bytes, the card writes 33'],
    ['65 of 65', { [Tag.cardPublicKey]: long }, long, '65 bytes as written'],
    ['33 of 65', { [Tag.cardPublicKey]: long }, cardKey.publicKey, '33 bytes, the card writes 65'],
  ])('over the key form %s holds, and says so', (_, changes, message, form) => {
    const chain = chainOf([over(message), makerSignature], cardOf(changes));
    expect(line(chain)).toBe(`chain chain held: issuer signature: over the card key, ${form}`);
    expect(chain.issuer).toEqual(issuerKey.publicKey);
    expect(chain.topSignature).toEqual({
      message: issuerKey.publicKey,
      signature: makerSignature.data,
    });
  });

  it('whose issuer is written in 65 bytes is the same chain', () => {
    const card = cardOf({ [Tag.issuerDataPublicKey]: longForm(issuerKey.publicKey) });
    expect(chainOf([issuerSignature, makerSignature], card).issuer).toEqual(issuerKey.publicKey);
  });

  it.each<[string, readonly Attachment[], string]>([
    ['by another issuer', [over(cardKey.publicKey, keyPair('x')), makerSignature], 'refuted'],
    ['over another key', [over(keyPair('x').publicKey), makerSignature], 'refuted'],
    ['over the x coordinate', [over(cardKey.publicKey.subarray(1)), makerSignature], 'refuted'],
    ['by the card itself', [over(cardKey.publicKey, cardKey), makerSignature], 'refuted'],
    ['twice', [issuerSignature, issuerSignature, makerSignature], 'unreadable'],
    ['with two makers', [issuerSignature, makerSignature, makerSignature], 'unreadable'],
    ['without the maker', [issuerSignature], 'unattached'],
    ['without the issuer', [makerSignature], 'unattached'],
    ['of nothing', [], 'unattached'],
    ['of other kinds', [attached('something', issuerSignature.data)], 'unattached'],
    [
      'with 63 bytes',
      [{ ...issuerSignature, data: issuerSignature.data.subarray(1) }, makerSignature],
      'unreadable',
    ],
    [
      'with 65 bytes of the maker',
      [issuerSignature, { ...makerSignature, data: new Uint8Array(65) }],
      'unreadable',
    ],
    [
      'with 63 bytes of the maker',
      [issuerSignature, { ...makerSignature, data: makerSignature.data.subarray(1) }],
      'unreadable',
    ],
  ])('%s gives no issuer', (_, attachments, result) => {
    const chain = chainOf(attachments);
    expect(chain.checks.map((entry) => entry.result)).toEqual([result]);
    expect(chain.issuer).toBeUndefined();
    expect(chain.topSignature).toBeUndefined();
  });

  it('names the signature that is missing or there twice', () => {
    expect(line(chainOf([issuerSignature]))).toContain('manufacturer signature: not attached');
    expect(line(chainOf([makerSignature]))).toContain('issuer signature: not attached');
    expect(line(chainOf([issuerSignature, issuerSignature, makerSignature]))).toContain(
      'issuer signature: attached twice',
    );
  });

  it.each<[string, Fields, string]>([
    ['card key', { [Tag.cardPublicKey]: undefined }, 'tag 03'],
    ['issuer', { [Tag.issuerDataPublicKey]: undefined }, 'tag 30'],
  ])('of a card that shows no %s is missing', (_, changes, tag) => {
    const chain = chainOf([issuerSignature, makerSignature], cardOf(changes));
    expect(line(chain)).toContain(`chain chain missing: ${tag}`);
  });
});

describe('a refusal', () => {
  const refusal = (why: string) => ({
    ...attached('', new Uint8Array()),
    ...endorser.refusal(why),
  });
  it.each([
    ['http-404', 'withheld', 'answered 404: it does not know this card'],
    ['http-403', 'withheld', 'answered 403: it refuses to say'],
    ['http-503', 'unattached', 'answered 503'],
    ['empty', 'unattached', 'an empty answer'],
    ['malformed', 'unattached', 'cannot be read'],
    ['timeout', 'unattached', 'did not answer in time'],
    ['unreachable', 'unattached', 'could not be reached'],
    ['redirected', 'unattached', 'we do not follow'],
    ['too-large', 'unattached', 'far too long'],
    ['refused-address', 'unattached', 'not one that may be called'],
    ['not-in-file', 'unattached', 'the attached file holds nothing about this card'],
  ])('%s is told in words', (why, result, words) => {
    const said = line(chainOf([refusal(why)]));
    expect(said).toMatch(new RegExp(`^chain chain ${result}: `));
    expect(said).toContain(words);
  });

  it.each(['http-999', 'http-404 ', 'constructor', '__proto__', '\u001b[2J', 'x'.repeat(999), ''])(
    'of another making (%j) is not repeated',
    (why) => {
      expect(line(chainOf([refusal(why)]))).toBe(
        "chain chain unattached: the maker's server gave no signatures",
      );
    },
  );

  it('of several: the last one counts', () => {
    const said = line(chainOf([refusal('timeout'), refusal('http-404')]));
    expect(said).toContain('404');
  });

  it('beside both signatures takes nothing away, beside one gives nothing', () => {
    const both = [refusal('http-404'), issuerSignature, makerSignature];
    expect(line(chainOf(both))).toContain('held');
    expect(line(chainOf([refusal('http-404'), issuerSignature]))).toContain('withheld');
  });
});
