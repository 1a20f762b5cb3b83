import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { deriveChallenge } from '../../../src/evidence/challenge.ts';
import { prove } from '../../../src/families/keycard/prove.ts';
import { selectCardManager } from '../../../src/families/platform.ts';
import type { RecordedExchange } from '../../../src/reader/card.ts';
import {
  askCash,
  askIdent,
  blank,
  bytes,
  ca,
  cash,
  certificate,
  challenge,
  channelDigest,
  channelKey,
  client,
  detailsOf,
  evidence,
  exchange,
  four,
  hash,
  ident,
  identified,
  identify,
  identity,
  lines,
  ok,
  open,
  opened,
  otherCa,
  ownCertificate,
  select,
  signDigest,
  stranger,
  sw,
  three,
} from './cards.ts';

const proofOf = (...transcript: RecordedExchange[]) => prove(evidence(transcript));
const linesOf = (...transcript: RecordedExchange[]) => lines(proofOf(...transcript));
const held = ['challenge live held', 'signature live held', 'chain chain held'];
const v30 = three({ version: [3, 0] });
const v32 = three({ version: [3, 2], slots: 10 });

describe('a card that proves its key', () => {
  it.each<[string, RecordedExchange[], string | undefined]>([
    ['blank, version untold', [select(blank()), identify()], undefined],
    ['blank, with the cash applet', [select(blank()), identify(), askCash()], '3.1'],
    ['blank, without it', [select(blank()), identify(), askCash(sw(0x6a82))], undefined],
    ['3.1', [select(three()), identify()], '3.1'],
    ['3.2', [select(v32), identify(), askIdent(sw(0x6a82))], '3.2'],
    ['4.0', [select(four()), open(), askIdent(ok)], '4.0'],
  ])('%s', (_, transcript, version) => {
    const proof = proofOf(...transcript);
    expect(lines(proof).slice(0, 3)).toEqual(held);
    expect(lines(proof).slice(3)).toEqual(version === undefined ? [] : ['behaviour side held']);
    expect(proof.key).toEqual({ curve: 'secp256k1', publicKey: identity.publicKey, perCard: true });
    expect(proof.shownKey).toEqual(identity.publicKey);
    expect(proof.issuers).toEqual([ca.publicKey]);
    expect(proof.number?.authority).toBe('live');
    expect(proof.product).toEqual({ value: 'keycard', authority: 'reported' });
    expect(proof.firmware).toEqual(
      version === undefined ? undefined : { value: version, authority: 'reported' },
    );
  });

  it('answers the challenge that nonce and context give', () => {
    const context = { origin: 'embedded', purpose: 'verify' } as const;
    const nonce = hash(bytes(1));
    const derived = (label: string) =>
      deriveChallenge({ family: 'keycard', label, context, nonce, length: 32 });
    const of = (transcript: RecordedExchange[]) =>
      lines(prove({ ...evidence(transcript), nonce, context, challenges: undefined }));
    const asked = derived('identify');
    expect(of([select(three()), identify(identified(asked), asked)])).toEqual([
      ...held,
      'behaviour side held',
    ]);
    const salt = derived('channel');
    expect(of([select(four()), open(opened(salt), salt)])).toContain('signature live held');
    // Each question has its own: an answer to one is none to the other.
    expect(of([select(four()), open(opened(asked), asked)])).toContain('challenge live foreign');
    expect(of([select(three()), identify(identified(salt), salt)])).toContain(
      'challenge live foreign',
    );
  });

  it('tells its chip', () => {
    const cplc = concat(bytes(0x9f, 0x7f, 0x2a), new Uint8Array(42).fill(0x47), ok);
    const chip = [
      exchange(selectCardManager, ok),
      exchange(bytes(0x80, 0xca, 0x9f, 0x7f, 0), cplc),
    ];
    expect(proofOf(...chip, select(three()), identify()).platform).toEqual({
      value: '47'.repeat(10),
      authority: 'reported',
    });
    expect(proofOf(...chip).platform).toBeDefined();
  });
});

describe('a card that does not', () => {
  const copied = certificate(stranger.publicKey, ca);
  it.each<[string, RecordedExchange[], string]>([
    [
      'a copied certificate',
      [select(three()), identify(identified(challenge, stranger))],
      'signature live refuted',
    ],
    [
      'a certificate of another key',
      [select(three()), identify(identified(challenge, identity, copied))],
      'signature live refuted',
    ],
    [
      'a copied certificate, 4.0',
      [select(four()), open(opened(challenge, stranger))],
      'signature live refuted',
    ],
    [
      'a signature over another client key',
      [select(four()), open(opened(challenge, identity, stranger.point))],
      'signature live refuted',
    ],
    [
      'a signature over another salt',
      [select(four()), open(opened(hash(ok)))],
      'signature live refuted',
    ],
    [
      'a signature over the hash of the challenge',
      [select(three()), identify(identified(hash(challenge)))],
      'signature live refuted',
    ],
    [
      'another challenge',
      [select(three()), identify(identified(hash(ok)), hash(ok))],
      'challenge live foreign',
    ],
    ['another salt', [select(four()), open(opened(hash(ok)), hash(ok))], 'challenge live foreign'],
    ['a refusal', [select(three()), identify(sw(0x6f00))], 'challenge live missing'],
    [
      'a refusal of the challenge',
      [select(three()), identify(sw(0x6a80))],
      'challenge live missing',
    ],
    ['a refusal, 4.0', [select(four()), open(sw(0x6982))], 'challenge live missing'],
    ['no question', [select(three())], 'challenge live missing'],
    ['no question, 4.0', [select(four())], 'challenge live missing'],
    ['no application', [select(sw(0x6a82))], 'challenge live missing'],
  ])('%s', (_, transcript, line) => {
    const proof = proofOf(...transcript);
    expect(lines(proof)).toContain(line);
    expect(proof.key).toBeUndefined();
    expect(proof.number?.authority ?? 'reported').toBe('reported');
  });

  it('names the status word that it was refused with', () => {
    expect(detailsOf(proofOf(select(four()), open(sw(0x6982))))[0]).toContain('6982');
    expect(detailsOf(proofOf(select(sw(0x6a82))))[0]).toContain('6A82');
    for (const refusal of [0x6a82, 0x6985]) {
      expect(proofOf(select(sw(refusal))).product).toBeUndefined();
    }
  });

  it('is not taken for proven where the recording names a challenge of another length', () => {
    const short = challenge.subarray(0, 16);
    const transcript = [select(three()), identify(identified(), short)];
    expect(lines(prove(evidence(transcript, { identify: short })))).toContain(
      'challenge live foreign',
    );
    expect(lines(prove(evidence([select(three()), identify()], {})))).toContain(
      'challenge live foreign',
    );
  });
});

describe('a card that can prove nothing', () => {
  const bare = four({ certificate: undefined });
  it.each<[string, RecordedExchange[], string]>([
    ['3.0', [select(v30)], 'applet 3.0: holds no identity'],
    ['2.2', [select(three({ version: [2, 2] }))], 'applet 2.2: holds no identity'],
    [
      'blank, 3.0 by its cash applet',
      [select(blank()), identify(sw(0x6d00)), askCash(cash([3, 0]))],
      'applet 3.0: holds no identity',
    ],
    [
      'blank, version untold',
      [select(blank()), identify(sw(0x6d00))],
      'applet 3.0 or older: holds no identity',
    ],
    [
      '3.1 without a certificate',
      [select(three()), identify(sw(0x6985))],
      'no certificate was loaded',
    ],
    [
      'blank without a certificate',
      [select(blank()), identify(sw(0x6985)), askCash()],
      'no certificate was loaded',
    ],
    ['4.0 without a certificate', [select(sw(0x6985))], 'no certificate was loaded'],
    ['4.0 that leaves it out', [select(bare)], 'no certificate was loaded'],
  ])('%s', (_, transcript, detail) => {
    const proof = proofOf(...transcript);
    expect(lines(proof).slice(0, 2)).toEqual(['challenge live incapable', 'chain chain missing']);
    expect(lines(proof)).not.toContain('behaviour side contradicted');
    expect(proof.checks[0]?.detail).toContain(detail);
    expect(proof.key ?? proof.issuers ?? proof.number).toBeUndefined();
  });
});

describe('the chain', () => {
  it('ends wherever it ends', () => {
    const foreign = certificate(identity.publicKey, otherCa);
    const proof = proofOf(select(three()), identify(identified(challenge, identity, foreign)));
    expect(lines(proof)).toContain('chain chain held');
    expect(proof.issuers?.map(toHex)).toEqual([toHex(otherCa.publicKey)]);
  });

  it('is broken where no key can have signed', () => {
    const shown = ownCertificate.with(97, 4);
    const proof = proofOf(select(four({ certificate: shown })), open());
    expect(lines(proof)).toContain('chain chain refuted');
    expect(proof.issuers).toBeUndefined();
  });

  it('is walked for a card that did not prove its key, too', () => {
    expect(proofOf(select(four()), open(sw(0x6a80))).issuers).toEqual([ca.publicKey]);
  });
});

describe('behaviour', () => {
  it.each<[string, RecordedExchange[], string]>([
    [
      '3.1 that does not know IDENTIFY',
      [select(three()), identify(sw(0x6d00))],
      '6D00, unlike 3.1',
    ],
    ['3.2 that does not know IDENTIFY', [select(v32), identify(sw(0x6d00))], '6D00, unlike 3.2'],
    [
      'blank 3.1 that does not know it',
      [select(blank()), identify(sw(0x6d00)), askCash()],
      '6D00, unlike 3.1',
    ],
    [
      '3.0 by its cash applet that answers it',
      [select(blank()), identify(), askCash(cash([3, 0]))],
      'answered, unlike 3.0',
    ],
    [
      '4.0 in the form of 3.x',
      [select(three({ version: [4, 0] })), identify()],
      'not in the form of 4.0',
    ],
    [
      '3.1 in the form of 4.0',
      [select(four({ version: [3, 1] })), open()],
      'not in the form of 3.1',
    ],
    [
      '3.0 in the form of 4.0',
      [select(four({ version: [3, 0] })), open()],
      'not in the form of 3.0',
    ],
    [
      'blank 4.0 in the form of 3.x',
      [select(blank()), identify(), askCash(cash([4, 0]))],
      'not in the form of 4.0',
    ],
    ['two versions', [select(three()), identify(), askCash(cash([3, 2]))], 'version 3.2, not 3.1'],
  ])('of %s contradicts it', (_, transcript, words) => {
    const proof = proofOf(...transcript);
    expect(lines(proof)).toContain('behaviour side contradicted');
    expect(detailsOf(proof).join('\n')).toContain(words);
    expect(lines(proof)).not.toContain('challenge live incapable');
  });

  it.each<[string, Uint8Array, string]>([
    ['the same', ident(), 'identification side held'],
    [
      'another',
      ident(certificate(identity.publicKey, otherCa)),
      'identification side contradicted',
    ],
  ])('with %s certificate in the identification applet', (_, response, line) => {
    expect(linesOf(select(three()), identify(), askIdent(response))).toContain(line);
    expect(linesOf(select(four()), open(), askIdent(response))).toContain(line);
  });

  it('with a certificate that the card denies to have contradicts itself', () => {
    const line = 'identification side contradicted';
    const bare = four({ certificate: undefined });
    expect(linesOf(select(three()), identify(sw(0x6985)), askIdent())).toContain(line);
    expect(linesOf(select(sw(0x6985)), askIdent())).toContain(line);
    expect(linesOf(select(bare), askIdent())).toContain(line);
    // A refusal for another reason denies nothing.
    expect(linesOf(select(three()), identify(sw(0x6f00)), askIdent())).not.toContain(line);
  });

  it('of an absent or empty identification applet is normal', () => {
    for (const response of [ok, sw(0x6a82)]) {
      const found = linesOf(select(three()), identify(), askIdent(response));
      expect(found).toEqual([...held, 'behaviour side held']);
    }
  });
});

describe('version confusion', () => {
  it('of a 3.x key that signs for a 4.0 card: the key is proven, the version is not', () => {
    // IDENTIFY signs any 32 bytes: a forger asks it to sign the digest of a channel that is his own.
    const signature = signDigest(channelDigest(challenge, client.point), identity);
    const forged = concat(channelKey.point, signature, ok);
    const proof = proofOf(select(four({ status: 0 })), open(forged));
    expect(lines(proof)).toEqual([...held, 'behaviour side held']);
    expect(proof.firmware).toEqual({ value: '4.0', authority: 'reported' });
    expect(proof.usage).toMatchObject({ value: 'new', authority: 'reported' });
    expect(proof.usage?.signals).toContainEqual({
      code: 'version-confusion',
      params: {},
      authority: 'reported',
      weight: 'blind',
    });
  });
});

describe('facts', () => {
  it('tell the build where the slots do', () => {
    const of = (version: readonly [number, number], slots: number) =>
      proofOf(select(three({ version, slots })), identify()).facts.map(({ code }) => code);
    expect(of([3, 1], 100)).toEqual(['applet-build']);
    expect(of([3, 1], 6)).toEqual(['applet-build']);
    expect(of([3, 1], 5)).toEqual([]);
    expect(of([3, 1], 101)).toEqual([]);
    expect(of([3, 2], 10)).toEqual([]);
  });
});
