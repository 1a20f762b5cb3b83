/**
 * A shell around a genuine card can change everything that no signature covers, all of it at once.
 * Whatever it says, what the card proved and what the maker signed neither rise nor change.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appraise } from '../../../src/appraisal/appraise.ts';
import { concat } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import type { Proof } from '../../../src/families/family.ts';
import { Tag } from '../../../src/families/tangem/constants.ts';
import { prove } from '../../../src/families/tangem/prove.ts';
import {
  encodeElements,
  parseElements,
  type TlvElement,
} from '../../../src/families/tangem/tlv.ts';
import { demoRegistry, testNow } from '../../support/registry.ts';
import { bytes, nameOf, sw, text, tlv } from '../../support/tangem-cards.ts';
import { simulateTangem } from '../../support/tangem-evidence.ts';

const byte = fc.integer({ min: 0, max: 255 });
const number = fc.uint8Array({ minLength: 1, maxLength: 4 });
const flag = fc.constantFrom(undefined, bytes(), bytes(1));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Everything that READ reports beside card key and issuer key, in any combination. */
const said = fc.record({
  [Tag.firmware]: fc
    .constantFrom(
      '1.28r',
      '3.05r',
      '4.12r',
      '4.52r',
      '6.20r',
      '6.33r',
      '6.33',
      '8.58r',
      '6.33d SDK',
    )
    .map(text),
  [Tag.status]: maybe(byte.map((value) => bytes(value))),
  [Tag.health]: maybe(byte.map((value) => bytes(value))),
  [Tag.walletsCount]: maybe(fc.constantFrom(0, 1, 2, 20, 255).map((value) => bytes(value))),
  [Tag.accessCodeIsDefault]: flag,
  [Tag.passcodeIsDefault]: flag,
  [Tag.needsActivation]: flag,
  [Tag.backupStatus]: maybe(fc.integer({ min: 0, max: 3 }).map((value) => bytes(value))),
  [Tag.backupCount]: maybe(fc.integer({ min: 0, max: 4 }).map((value) => bytes(value))),
  [Tag.walletPublicKey]: flag,
  [Tag.signedHashes]: maybe(number),
  [Tag.curve]: maybe(fc.constantFrom('secp256k1', 'ed25519').map(text)),
});
const made = fc.record({
  [Tag.batch]: maybe(fc.constantFrom(bytes(0xaf, 7), bytes(0xac, 1), bytes(0xff, 0xff))),
  [Tag.manufactureDate]: maybe(fc.uint8Array({ minLength: 4, maxLength: 4 })),
  [Tag.issuerName]: maybe(fc.constantFrom('TANGEM AG', 'TANGEM SDK').map(text)),
});
const record = fc.record({ status: maybe(byte), signed: maybe(number) });
const shell = fc.record({ said, made, records: fc.array(record, { maxLength: 25 }) });
type Shell = typeof shell extends fc.Arbitrary<infer T> ? T : never;

const without = (elements: readonly TlvElement[], fields: object) =>
  elements.filter(([tag]) => !Object.keys(fields).includes(String(tag)));

/** Before COS 8 every answer names the card; the shell knows that as well as we do. */
function namesCard(told: Shell): boolean {
  return !Buffer.from(told.said[Tag.firmware]).toString().startsWith('8.');
}

function cardIdOf({ transcript }: CardEvidence): Uint8Array {
  const read = transcript.find(({ command }) => nameOf(command) === 'read');
  const elements = parseElements(read?.response.subarray(0, -2) ?? bytes());
  return elements.find(([tag]) => tag === Tag.cardId)?.[1] ?? bytes();
}

/** What the shell says in place of the card: to READ of the card, and to the first page. */
function speak(evidence: CardEvidence, told: Shell): CardEvidence {
  const named = namesCard(told) ? tlv({ [Tag.cardId]: cardIdOf(evidence) }) : bytes();
  let isFirst = true;
  const transcript = evidence.transcript.map((exchange) => {
    const name = nameOf(exchange.command);
    if (exchange.disclosure === 'private' || exchange.response.length === 2) return exchange;
    const elements = parseElements(exchange.response.subarray(0, -2));
    if (name === 'read') {
      const kept = without(elements, told.said).map(([tag, value]): TlvElement => {
        if (tag !== Tag.cardData) return [tag, value];
        const rest = encodeElements(without(parseElements(value), told.made));
        return [tag, concat(rest, tlv(told.made))];
      });
      return { ...exchange, response: concat(encodeElements(kept), tlv(told.said), sw(0x9000)) };
    }
    if (name === 'attest') {
      const rest = encodeElements(elements.filter(([tag]) => tag !== Tag.cardId));
      return { ...exchange, response: concat(named, rest, sw(0x9000)) };
    }
    if (name !== 'wallets') return exchange;
    const records = isFirst
      ? told.records.map(({ status, signed }) =>
          tlv({
            [Tag.status]: status === undefined ? undefined : bytes(status),
            [Tag.signedHashes]: signed,
          }),
        )
      : [];
    isFirst = false;
    return { ...exchange, response: concat(named, tlv({ [Tag.wallet]: records }), sw(0x9000)) };
  });
  // Pages after the first would leave a gap; the shell asks for none.
  const first = transcript.findIndex(({ command }) => nameOf(command) === 'wallets');
  return {
    ...evidence,
    transcript: transcript.filter(
      ({ command }, index) => nameOf(command) !== 'wallets' || index === first,
    ),
  };
}

/** Everything in a proof that is worth more than the card's word. */
function worth({ key, set, issuers, topSignature, numberSignature, ...proof }: Proof) {
  const { product, number, firmware, batch, usage, facts } = proof;
  const claims = { product, number, firmware, batch, usage };
  return [
    `key ${key && toHex(key.publicKey)}`,
    ...(set === undefined ? [] : [`set ${set.map(toHex)}`]),
    ...(issuers ?? []).map((issuer) => `issuer ${toHex(issuer)}`),
    `top ${topSignature && toHex(topSignature.signature)}`,
    `number ${numberSignature && toHex(numberSignature.signature)}`,
    ...Object.entries(claims).flatMap(([name, claim]) =>
      claim === undefined || claim.authority === 'reported' ? [] : [`${name} ${claim.value}`],
    ),
    ...[...(usage?.signals ?? []), ...facts]
      .filter(({ authority }) => authority !== 'reported')
      .map(({ code, params }) => `${code} ${JSON.stringify(params)}`),
  ];
}

const policy = { freshness: 'verifier', expectNew: true, log: 'not-consulted' } as const;
const findingsOf = (proof: Proof) =>
  appraise(proof, demoRegistry, policy, testNow)
    .findings.filter(({ authority }) => authority === 'live' || authority === 'maker')
    .map(({ code, params }) => `${code} ${JSON.stringify(params)}`);

describe.each(['genuine', 'used', 'genuine-v8', 'set-primary', 'old-cos', 'hidden-links'])(
  '%s',
  async (id) => {
    const evidence = await simulateTangem(id);
    const original = prove(evidence);

    it('in a shell proves nothing else and nothing more', () => {
      let proven = 0;
      fc.assert(
        fc.property(shell, (told) => {
          const proof = prove(speak(evidence, told));
          const more = worth(proof).filter((line) => !worth(original).includes(line));
          expect(more.filter((line) => line !== 'key undefined')).toEqual([]);
          const stated = findingsOf(original);
          expect(findingsOf(proof).filter((line) => !stated.includes(line))).toEqual([]);
          if (proof.key !== undefined) proven += 1;
        }),
        { numRuns: 400, seed: 20_261_126 },
      );
      // The property would hold for nonsense as well; most of what was said must be readable.
      expect(proven).toBeGreaterThan(300);
    });
  },
);

it.each(['copied-id', 'wrong-issuer', 'lying-key', 'replayed', 'hidden-backup', 'sdk-key'])(
  '%s in a shell is genuine in no way',
  async (id) => {
    const evidence = await simulateTangem(id);
    fc.assert(
      fc.property(shell, (told) => {
        const proof = prove(speak(evidence, told));
        expect(appraise(proof, demoRegistry, policy, testNow).word).not.toMatch(/^genuine/);
      }),
      { numRuns: 200, seed: 20_261_126 },
    );
  },
);

it('any transcript at all is judged without an error', () => {
  const anything = fc.array(
    fc.record({
      command: fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc
          .constantFrom('00a4040008a000000812010208', '00f20000', '00f30000')
          .map((hex) => Uint8Array.from(Buffer.from(hex, 'hex'))),
      ),
      response: fc.uint8Array({ maxLength: 120 }),
      micros: fc.constant(0),
      disclosure: fc.constantFrom('proof', 'state', 'private'),
    }),
    { maxLength: 6 },
  );
  return simulateTangem('genuine').then((evidence) => {
    fc.assert(
      fc.property(anything, (transcript) => {
        const proof = prove({ ...evidence, transcript: transcript as CardEvidence['transcript'] });
        expect(proof.key).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
