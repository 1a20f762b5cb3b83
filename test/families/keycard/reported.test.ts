/**
 * A shell around a genuine card can change everything that no signature covers, all of it at once.
 * Whatever it says, what the card proved and what its certificate leads to neither rise nor change.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import type { Proof } from '../../../src/families/family.ts';
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
  command,
  evidence,
  exchange,
  four,
  hash,
  ident,
  identified,
  identify,
  identity,
  ok,
  open,
  opened,
  otherCa,
  ownCertificate,
  select,
  stranger,
  sw,
  three,
} from './cards.ts';

const byte = fc.integer({ min: 0, max: 255 });
type Pair = readonly [number, number];
const versions: readonly Pair[] = [
  [3, 0],
  [3, 1],
  [3, 2],
  [4, 0],
  [2, 2],
];
const version: fc.Arbitrary<Pair> = fc.oneof(fc.constantFrom(...versions), fc.tuple(byte, byte));
const keyUid = fc.oneof(fc.constant(bytes()), fc.uint8Array({ minLength: 32, maxLength: 32 }));
const capabilities = byte.map((value) => bytes(value));
const instance = fc.uint8Array({ minLength: 16, maxLength: 16 });
const refusal = fc.constantFrom(0x6a82, 0x6d00, 0x6985, 0x6f00).map(sw);

/** Answers to SELECT in the form of 3.x, of any content. */
const asThree = fc.oneof(
  { weight: 1, arbitrary: fc.constant(blank()) },
  {
    weight: 4,
    arbitrary: fc
      .record({ version, slots: byte, keyUid, capabilities, instance })
      .map((said) => three(said)),
  },
);
/** The same in the form of 4.0; the certificate is the one that the proof is about. */
const asFour = fc
  .record({ version, status: byte, keyUid, capabilities, short: fc.constantFrom(0, 1) })
  .map((said) => four(said));

const cashAnswer = fc.option(
  fc.oneof(
    refusal,
    fc.tuple(version, fc.uint8Array({ maxLength: 20 })).map((said) => cash(...said)),
  ),
  { nil: undefined },
);
const identAnswer = fc.option(
  fc.oneof(
    refusal,
    fc.constantFrom(
      ok,
      ident(),
      ident(certificate(identity.publicKey, otherCa)),
      ident(certificate(stranger.publicKey, ca)),
    ),
  ),
  { nil: undefined },
);
const chip = fc.option(fc.uint8Array({ minLength: 42, maxLength: 42 }), { nil: undefined });

interface Shell {
  readonly selected: Uint8Array;
  readonly cashed: Uint8Array | undefined;
  readonly shown: Uint8Array | undefined;
  readonly cplc: Uint8Array | undefined;
}
const shell = (selected: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Shell> =>
  fc.record({ selected, cashed: cashAnswer, shown: identAnswer, cplc: chip });

function speak({ selected, cashed, shown, cplc }: Shell, question: RecordedExchange): CardEvidence {
  return evidence([
    ...(cplc === undefined
      ? []
      : [
          exchange(selectCardManager, ok),
          exchange(bytes(0x80, 0xca, 0x9f, 0x7f, 0), concat(bytes(0x9f, 0x7f, 42), cplc, ok)),
        ]),
    select(selected),
    question,
    ...(cashed === undefined ? [] : [askCash(cashed)]),
    ...(shown === undefined ? [] : [askIdent(shown)]),
  ]);
}

/** Everything in a proof that is worth more than the card's word. */
function worth({ key, issuers, ...proof }: Proof): string[] {
  const { product, number, firmware, batch, platform, usage, facts } = proof;
  return [
    ...(key === undefined ? [] : [`key ${toHex(key.publicKey)}`]),
    ...(issuers ?? []).map((issuer) => `issuer ${toHex(issuer)}`),
    ...Object.entries({ product, number, firmware, batch, platform, usage }).flatMap(
      ([name, claim]) =>
        claim === undefined || claim.authority === 'reported' ? [] : [`${name} ${claim.value}`],
    ),
    ...[...(usage?.signals ?? []), ...facts]
      .filter(({ authority }) => authority !== 'reported')
      .map(({ code, params }) => `${code} ${JSON.stringify(params)}`),
  ];
}

describe.each([
  ['3.x', asThree, identify(), three()],
  ['4.0', asFour, open(), four()],
] as const)('a genuine %s card in a shell', (_, selected, question, honest) => {
  const original = prove(evidence([select(honest), question]));

  it('proves its key and nothing else', () => {
    expect(original.key?.publicKey).toEqual(identity.publicKey);
    let proven = 0;
    fc.assert(
      fc.property(shell(selected), (told) => {
        const proof = prove(speak(told, question));
        expect(worth(proof).filter((line) => !worth(original).includes(line))).toEqual([]);
        if (proof.key !== undefined) proven += 1;
      }),
      { numRuns: 1000, seed: 20_261_126 },
    );
    // The property would hold for nonsense as well; much of what was said must be readable.
    expect(proven).toBeGreaterThan(500);
  });
});

describe.each([
  ['a clone, 3.x', asThree, identify(identified(challenge, stranger))],
  ['a clone, 4.0', asFour, open(opened(challenge, stranger))],
  ['a replay, 3.x', asThree, identify(identified(hash(ok)), hash(ok))],
  ['a replay, 4.0', asFour, open(opened(hash(ok)), hash(ok))],
  ['a card that refuses, 3.x', asThree, identify(sw(0x6985))],
  ['a card that refuses, 4.0', asFour, open(sw(0x6982))],
] as const)('%s in a shell', (_, selected, question) => {
  it('proves no key, whatever it says', () => {
    fc.assert(
      fc.property(shell(selected), (told) => {
        const { key, number, checks } = prove(speak(told, question));
        expect(key).toBeUndefined();
        expect(number?.authority ?? 'reported').toBe('reported');
        const live = checks.filter(({ role }) => role === 'live');
        expect(live.every(({ result }) => result === 'held')).toBe(false);
      }),
      { numRuns: 500, seed: 20_261_126 },
    );
  });
});

it('any transcript at all is judged without an error', () => {
  const commands = [
    command.keycard,
    command.cash,
    command.ident,
    command.identify(),
    command.open(),
  ];
  const answers = [blank(), three(), four(), cash(), ident(), identified(), opened(), ok];
  const anything = fc.uint8Array({ maxLength: 150 });
  const spoken = fc.record({
    command: fc.oneof(fc.constantFrom(...commands), anything),
    response: fc.oneof(fc.constantFrom(...answers), anything),
    micros: fc.constant(0),
    disclosure: fc.constantFrom('proof' as const, 'state' as const, 'private' as const),
  });
  fc.assert(
    fc.property(fc.array(spoken, { maxLength: 6 }), (transcript) => {
      const { key, checks } = prove(evidence(transcript));
      expect(checks.length).toBeGreaterThan(1);
      // By chance a whole conversation may come together; then it is this card's and no other's.
      if (key !== undefined) expect(key.publicKey).toEqual(ownCertificate.subarray(0, 33));
    }),
    { numRuns: 3000 },
  );
});
