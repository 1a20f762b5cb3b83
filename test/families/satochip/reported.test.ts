/**
 * A shell around a genuine card can change everything that no signature covers, all of it at once.
 * Whatever it says, what the card proved and what the maker signed neither rise nor change.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import { products } from '../../../src/families/satochip/constants.ts';
import { encodeSatochipCommand } from '../../../src/families/satochip/messages.ts';
import { prove } from '../../../src/families/satochip/prove.ts';
import { hex, talkTo } from './cards.ts';
import { isByMaker, isGenuine, worth } from './worth.ts';

const byte = fc.nat(255);
const bit = fc.nat(1);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const refusals = fc.constantFrom('6d00', '9c04', '9c06', '6f00').map(hex);
const ok = hex('9000');

/** GET STATUS in any length: versions, tries, second factor, seeded, set up, channel, policies. */
const status = fc
  .tuple(
    ...Array.from({ length: 8 }, () => byte),
    ...Array.from({ length: 4 }, () => bit),
    ...Array.from({ length: 4 }, () => byte),
  )
  .chain((bytes) => fc.integer({ min: 8, max: 16 }).map((length) => bytes.slice(0, length)))
  .map((bytes) => concat(Uint8Array.from(bytes), ok));
const slots = fc
  .array(fc.nat(2), { minLength: 1, maxLength: 16 })
  .map((states) => concat(hex('00000007'), Uint8Array.of(states.length, ...states), ok));
const secrets = fc.uint8Array({ minLength: 17, maxLength: 17 }).map((bytes) => concat(bytes, ok));
const label = fc.nat(64).map((length) => concat(Uint8Array.of(length), ok));
const chip = (head: string, length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => concat(hex(head), bytes, ok));
const handshakes = await Promise.all(
  ['genuine', 'new-seedkeeper', 'channel-liar'].map(
    async (id) =>
      (await talkTo(id, { seed: 'other' })).evidence.transcript.find(
        ({ command }) => command[1] === 0x81,
      )?.response ?? ok,
  ),
);

/** Answers by the beginning of the command that they answer. */
const shell = fc.record({
  product: maybe(fc.constantFrom(...products)),
  b03c: maybe(fc.oneof({ weight: 8, arbitrary: status }, { weight: 1, arbitrary: refusals })),
  b042: maybe(fc.oneof(fc.constant(ok), refusals)),
  b050: maybe(fc.oneof(slots, refusals)),
  b03d: maybe(fc.oneof(label, refusals)),
  b0a7: maybe(fc.oneof(secrets, refusals)),
  b081: maybe(fc.oneof(fc.constantFrom(...handshakes), refusals)),
  b098: maybe(fc.oneof(fc.constant(concat(hex(`04${'79'.repeat(64)}`), ok)), refusals)),
  '80ca9f7f': maybe(fc.oneof(chip('9f7f2a', 42), fc.constant(hex('6a88')))),
  '80ca0042': maybe(fc.oneof(chip('4208', 8), fc.constant(hex('6a88')))),
  '80ca0045': maybe(fc.oneof(chip('450a', 10), fc.constant(hex('6a88')))),
});
type Shell = typeof shell extends fc.Arbitrary<infer T> ? T : never;

/** What the shell says in place of the card. */
function speak(evidence: CardEvidence, { product, ...told }: Shell): CardEvidence {
  const answers = Object.entries(told);
  const transcript = evidence.transcript.map((exchange) => {
    const command = toHex(exchange.command);
    if (product !== undefined && command.startsWith('00a40400') && command.length > 10) {
      return { ...exchange, command: encodeSatochipCommand({ name: 'select', product }) };
    }
    const [, response] = answers.find(([head]) => command.startsWith(head)) ?? [];
    return response === undefined ? exchange : { ...exchange, response };
  });
  return { ...evidence, transcript };
}

const accessCode = '123456';
const genuine = [
  ['a Satodime', (await talkTo('genuine')).evidence],
  ['a used Satodime', (await talkTo('unsealed-satodime')).evidence],
  ['a Satochip', (await talkTo('seeded-satochip', { accessCode })).evidence],
  ['a SeedKeeper', (await talkTo('used-seedkeeper', { accessCode })).evidence],
] as const;

describe.each(genuine)('%s', (_, evidence) => {
  const original = prove(evidence);
  const before = worth(original);

  it('in a shell proves nothing else and nothing more', () => {
    let proven = 0;
    fc.assert(
      fc.property(shell, (told) => {
        const proof = prove(speak(evidence, told));
        expect(worth(proof).filter((line) => !before.includes(line))).toEqual([]);
        const { product, firmware, usage, platform } = proof;
        for (const claim of [product, firmware, usage, platform]) {
          if (claim !== undefined) expect(claim.authority).toBe('reported');
        }
        if (proof.key !== undefined) proven += 1;
      }),
      { numRuns: 500, seed: 20_261_126 },
    );
    // The property would hold for nonsense as well; most of what was said must be readable.
    expect(proven).toBeGreaterThan(300);
  });

  it.each(products)(
    'under the name of a %s keeps its key, and its maker for itself only',
    (product) => {
      const told = { product } as Shell;
      const proof = prove(speak(evidence, told));
      expect(proof.product).toEqual({ value: product, authority: 'reported' });
      expect(proof.key).toEqual(original.key);
      expect(proof.shown).toEqual(original.shown);
      expect(isByMaker(proof)).toBe(product === original.product?.value);
    },
  );

  it('on another chip is genuine in no way', () => {
    fc.assert(
      fc.property(chip('9f7f2a', 42), (cplc) => {
        const told = { '80ca9f7f': cplc } as unknown as Shell;
        expect(isGenuine(prove(speak(evidence, told)))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

it.each(['cloned-certificate', 'replayed', 'fake-ca', 'wrong-product', 'refuses'])(
  '%s in a shell is genuine in no way',
  async (id) => {
    const { evidence } = await talkTo(id);
    fc.assert(
      fc.property(shell, ({ product: _, ...told }) => {
        expect(isGenuine(prove(speak(evidence, { ...told, product: undefined })))).toBe(false);
      }),
      { numRuns: 200, seed: 20_261_126 },
    );
  },
);

it('a locked card that is made to look like a new one proves nothing', async () => {
  const { evidence } = await talkTo('set-up-satochip');
  fc.assert(
    fc.property(shell, (told) => {
      const proof = prove(speak(evidence, told));
      expect(proof.key).toBeUndefined();
      expect(worth(proof)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
