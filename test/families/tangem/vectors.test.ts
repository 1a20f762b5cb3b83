/** The published dumps and records of Tangem cards, judged under the packaged registry. */
import { describe, expect, it } from 'vitest';
import { appraise, type Verdict } from '../../../src/appraisal/appraise.ts';
import type { Policy } from '../../../src/appraisal/facts.ts';
import { traceOrigin } from '../../../src/appraisal/origin.ts';
import { recordedFreshness } from '../../../src/evidence/evidence.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import { encodeElements, parseElements } from '../../../src/families/tangem/tlv.ts';
import { packagedRegistry, testNow } from '../../support/registry.ts';
import { linesOf } from '../../support/tangem-cards.ts';
import {
  cardRecords,
  type Dump,
  dumps,
  importRead,
  readOfRecord,
  tlvOf,
} from '../../support/tangem-evidence.ts';

/** As if the recording were a session of ours: what the bytes prove, freshness apart. */
const live: Policy = { freshness: 'verifier', expectNew: false, log: 'not-consulted' };
const smartCash = "Tangem's second manufacturer key, SMART CASH";
const sdk = "Tangem's manufacturer key for developers";

const proofOf = (tlv: Uint8Array) => prove(importRead(tlv));
const detailsOf = (tlv: Uint8Array) => proofOf(tlv).checks.map(({ detail }) => detail);
const judge = (tlv: Uint8Array, policy: Policy = live) =>
  appraise(proofOf(tlv), packagedRegistry, policy, testNow);
const findingsOf = (verdict: Verdict, ...codes: string[]) =>
  verdict.findings.filter(({ code }) => codes.includes(code));
const signerOf = (tlv: Uint8Array) => {
  const signer = traceOrigin(proofOf(tlv), packagedRegistry, testNow).numberSigner;
  return typeof signer === 'string' ? signer : signer.name;
};
const labelled = (list: readonly Dump[]) =>
  list.map((dump, index) => [`${dump.name} ${dump.cardId} (${index})`, tlvOf(dump), dump] as const);
const signedBy = (name: string) =>
  labelled(dumps.filter((dump) => dump.cardIdManufacturerSignature?.signerKey === name));

/** The dump with one value of some tag altered, in the card data where it stands there. */
function alter(tlv: Uint8Array, tag: number, change: (value: Uint8Array) => Uint8Array) {
  const altered = (bytes: Uint8Array): Uint8Array =>
    encodeElements(
      parseElements(bytes).map(([found, value]) => {
        if (found === tag) return [found, change(value)];
        return [found, found === Tag.cardData ? altered(value) : value];
      }),
    );
  return altered(tlv);
}

const flip = (value: Uint8Array) => value.with(value.length - 1, (value.at(-1) ?? 0) ^ 1);

/** Without one tag, wherever it stands. */
function strip(tlv: Uint8Array, tag: number): Uint8Array {
  return encodeElements(parseElements(tlv).filter(([found]) => found !== tag));
}

it('the file holds 34 dumps: 13 of release cards, 17 of development cards, 4 others', () => {
  expect(dumps.length).toBe(34);
  expect(signedBy('SMART CASH').length).toBe(13);
  expect(signedBy('TANGEM SDK').length).toBe(17);
  expect(dumps.filter((dump) => dump.walletAttest !== null).length).toBe(21);
});

describe.each(labelled(dumps))('%s', (_, tlv, dump) => {
  it('is about the card that the file names', () => {
    const { number, batch, firmware, facts } = proofOf(tlv);
    expect(number?.value.replaceAll(' ', '')).toBe(dump.cardId);
    expect(batch).toEqual({ value: dump.batch, authority: 'reported' });
    expect(firmware?.value ?? null).toBe(dump.firmware);
    expect(facts).toContainEqual(expect.objectContaining({ params: { name: dump.issuerName } }));
  });

  it('proves nothing live and is never genuine', () => {
    const proof = proofOf(tlv);
    expect(proof.key).toBeUndefined();
    expect(proof.set).toBeUndefined();
    expect(proof.issuers).toBeUndefined();
    expect(linesOf(proof)).toContain('challenge live missing');
    expect(judge(tlv).word).not.toMatch(/^genuine/);
    const recorded = { ...live, freshness: recordedFreshness(importRead(tlv)) };
    expect(judge(tlv, recorded).word).not.toMatch(/^genuine/);
  });

  it('survives no cut', () => {
    for (let length = 0; length < tlv.length; length += 7) {
      expect(judge(tlv.subarray(0, length)).word).not.toMatch(/^genuine/);
    }
  });
});

describe.each(signedBy('SMART CASH'))('a release card, %s', (_, tlv) => {
  it('has a number that the maker issued, and is not decided', () => {
    const verdict = judge(tlv);
    expect([verdict.row, verdict.word]).toEqual(['nothing-live', 'not decided']);
    expect(findingsOf(verdict, 'number-issued')).toEqual([
      expect.objectContaining({
        status: 'affirmed',
        authority: 'maker',
        params: expect.objectContaining({ root: smartCash }),
      }),
    ]);
  });

  it.each([
    ['card ID', Tag.cardId],
    ['signature', Tag.cardIdSignature],
  ])('with another %s was issued by nobody', (__, tag) => {
    const verdict = judge(alter(tlv, tag, flip));
    expect(findingsOf(verdict, 'number-issued')).toEqual([]);
    expect(findingsOf(verdict, 'number-signer-unknown')).toEqual([
      expect.objectContaining({ subject: 'number', status: 'warned' }),
    ]);
    expect(verdict.facts.consistency).toBe('unvouched');
  });
});

describe.each(signedBy('TANGEM SDK'))('a development card, %s', (_, tlv) => {
  it('is not genuine, and the key is named', () => {
    const verdict = judge(tlv);
    expect([verdict.row, verdict.word]).toEqual(['test-key', 'not genuine']);
    expect(findingsOf(verdict, 'number-issued')).toEqual([]);
    const [finding] = findingsOf(verdict, 'model-test-key');
    expect(finding?.status).toBe('failed');
    expect(finding?.params['root']).toMatch(/for developers$/);
  });

  it('is known by the signature over its number alone', () => {
    const anonymous = strip(tlv, Tag.issuerDataPublicKey);
    expect(signerOf(anonymous)).toBe(sdk);
    expect(judge(anonymous).row).toBe('test-key');
  });

  it('with another number and no other trace is nobody we know', () => {
    const altered = alter(strip(tlv, Tag.issuerDataPublicKey), Tag.cardId, flip);
    expect(signerOf(altered)).toBe('unknown');
    expect(judge(altered).word).toBe('not decided');
  });
});

describe('cards without a signature over their number', () => {
  const unsigned = labelled(dumps.filter((dump) => dump.cardIdManufacturerSignature === null));
  it.each(unsigned)('%s names the development key as its manufacturer', (_, tlv) => {
    const verdict = judge(tlv);
    expect(verdict.row).toBe('test-key');
    expect(findingsOf(verdict, 'model-test-key')[0]?.params['root']).toBe(sdk);
    const nameless = judge(alter(tlv, Tag.manufacturerPublicKey, () => issuerOfRelease()));
    expect(nameless.row).toBe('nothing-live');
  });

  const broken = labelled(
    dumps.filter((dump) => dump.cardIdManufacturerSignature?.verified === false),
  );
  it.each(broken)('%s holds something else in its place', (_, tlv) => {
    expect(broken.length).toBe(1);
    expect(linesOf(proofOf(tlv))).toContain('form side unreadable');
    expect(detailsOf(tlv)).toContainEqual(
      expect.stringMatching(/^tag 86: \d+ bytes, 64 expected$/),
    );
    const verdict = judge(tlv);
    expect(verdict.facts.consistency).toBe('unreadable');
    expect(findingsOf(verdict, 'part-unreadable').length).toBe(1);
    expect(findingsOf(verdict, 'number-issued', 'number-signer-unknown')).toEqual([]);
  });

  it('are three that name a key and one with a broken signature', () => {
    expect([unsigned.length, broken.length]).toEqual([3, 1]);
  });
});

/** A key that is on the curve and on no list. */
function issuerOfRelease(): Uint8Array {
  const tlv = tlvOf(dumps[0] as Dump);
  return parseElements(tlv).find(([tag]) => tag === Tag.cardPublicKey)?.[1] ?? new Uint8Array();
}

describe.each(labelled(dumps.filter((dump) => dump.walletAttest !== null)))(
  'the wallet of %s',
  (_, tlv) => {
    it('signed its challenge', () => {
      expect(linesOf(proofOf(tlv))).toContain('wallet-signature side held');
    });

    it.each([
      ['challenge', Tag.challenge],
      ['salt', Tag.salt],
      ['signature', Tag.walletSignature],
    ])('did not sign another %s', (__, tag) => {
      const altered = alter(tlv, tag, flip);
      expect(linesOf(proofOf(altered))).toContain('wallet-signature side refuted');
      expect(judge(altered).word).toBe('not genuine');
    });

    it('is not another wallet', () => {
      const others = dumps.map(tlvOf).filter((other) => walletKey(other) !== walletKey(tlv));
      for (const other of others.slice(0, 3)) {
        const altered = alter(tlv, Tag.walletPublicKey, () => Buffer.from(walletKey(other), 'hex'));
        expect(linesOf(proofOf(altered))).not.toContain('wallet-signature side held');
      }
    });
  },
);

function walletKey(tlv: Uint8Array): string {
  const found = parseElements(tlv).find(([tag]) => tag === Tag.walletPublicKey);
  return Buffer.from(found?.[1] ?? []).toString('hex');
}

describe('card records', () => {
  it('are 6 that were issued and 3 that were edited by hand', () => {
    expect(cardRecords.length).toBe(9);
    expect(cardRecords.filter(({ verified }) => verified).length).toBe(6);
  });

  it.each(cardRecords.map((record) => [record.cardId, record] as const))('%s', (_, record) => {
    const verdict = judge(readOfRecord(record));
    const isDevelopment = record.firmware.endsWith('d SDK');
    expect(verdict.word).toBe(isDevelopment ? 'not genuine' : 'not decided');
    const expected = record.verified ? (isDevelopment ? sdk : smartCash) : 'unknown';
    expect(signerOf(readOfRecord(record))).toBe(expected);
    const codes = findingsOf(verdict, 'number-issued', 'number-signer-unknown');
    expect(codes.map(({ status, code }) => `${status} ${code}`)).toEqual(
      record.verified
        ? isDevelopment
          ? []
          : ['affirmed number-issued']
        : ['warned number-signer-unknown'],
    );
  });

  it.each(cardRecords.map((record) => [record.cardId, record] as const))(
    '%s with another number was issued by nobody',
    (_, record) => {
      expect(signerOf(alter(readOfRecord(record), Tag.cardId, flip))).toBe('unknown');
    },
  );
});
