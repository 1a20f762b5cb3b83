/** Cards that say anything at all: no run hangs, and nothing but a broken link is an error. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/bytes.ts';
import { ReaderError } from '../../../src/errors/error.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import { explain } from '../../../src/families/satochip/explain.ts';
import { prove } from '../../../src/families/satochip/prove.ts';
import { seededRandom } from '../../support/tap-evidence.ts';
import { channelCard, collect, hex, scriptedCard, talkTo } from './cards.ts';

const random = seededRandom('hostile');
const talk = { random, onStep: () => undefined, accessCode: '123456' };
const response = fc.oneof(
  fc.uint8Array({ minLength: 2, maxLength: 150 }),
  fc.constantFrom(...['9000', '9c04', '9c06', '6d00', '6a82', '63c0', '9c20'].map(hex)),
  fc.uint8Array({ maxLength: 140 }).map((bytes) => concat(bytes, hex('9000'))),
);
/** A card of each product that goes as far as a card of it can. */
const kinds = fc.constantFrom(
  ...([
    ['satodime', '00010002 00000000 00 00 00 01 9000'],
    ['satochip', '000c0006 05010101 00 01 01 01 9000'],
    ['seedkeeper', '00020001 05010000 00 01 01 01 00 9000'],
  ] as const),
);

/** What gets a conversation as far as its challenge: a PIN that is taken, a certificate of one byte. */
function tame([, ins, , p2]: Uint8Array): Uint8Array | undefined {
  if (ins === 0x42) return hex('9000');
  if (ins !== 0x93) return undefined;
  return hex(p2 === 1 ? '00019000' : '009000');
}

async function evidenceOf(talking: Promise<CardEvidence>): Promise<CardEvidence | undefined> {
  try {
    return await talking;
  } catch (error) {
    expect(error).toBeInstanceOf(ReaderError);
    return undefined;
  }
}

function judge(evidence: CardEvidence): void {
  expect(prove(evidence).key).toBeUndefined();
  for (const exchange of evidence.transcript) expect(explain(exchange).length).toBeGreaterThan(10);
}

describe('a card that answers anything', () => {
  it('in the clear', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(response, { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        async (said, named) => {
          const { card, sent } = scriptedCard(
            (_, index) => said[index % said.length] ?? hex('6f00'),
          );
          const evidence = await evidenceOf(collect(card, random, talk, named));
          expect(sent.length).toBeLessThan(400);
          if (evidence !== undefined) judge(evidence);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('inside its channel', async () => {
    const asked = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        kinds,
        fc.boolean(),
        fc.array(response, { minLength: 1, maxLength: 30 }),
        async ([product, status], isTame, said) => {
          const { card, inside } = channelCard(
            product,
            hex(status),
            (command, index) =>
              (isTame ? tame(command) : undefined) ?? said[index % said.length] ?? hex('6f00'),
          );
          const evidence = await evidenceOf(collect(card, random, talk, true));
          for (const [, ins = 0] of inside) asked.add(ins);
          expect(inside.length).toBeLessThan(80);
          expect(inside.filter(([, ins]) => ins === 0x42).length).toBeLessThanOrEqual(1);
          if (evidence !== undefined) judge(evidence);
        },
      ),
      { numRuns: 300 },
    );
    // The answers are random, but all that can be asked is asked at some time.
    expect([...asked].sort()).toEqual([0x3d, 0x42, 0x50, 0x93, 0x98, 0x9a, 0xa7].sort());
  });

  it('about its certificate, in any size and any pieces', async () => {
    let furthest = 0;
    const piece = fc.oneof(
      { weight: 5, arbitrary: fc.constant('as asked' as const) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.nat(0xffff), fc.nat(9000)),
        fc.array(piece, { minLength: 1, maxLength: 8 }),
        async (size, pieces) => {
          const { card, inside } = channelCard(
            'satodime',
            hex('00010002 00000000 00 00 00 01 9000'),
            (command, index) => {
              if (command[1] !== 0x93) return hex('6f00');
              if (command[3] === 1)
                return concat(Uint8Array.of(size >> 8, size & 0xff), hex('9000'));
              const said = pieces[index % pieces.length] ?? 'as asked';
              const wanted = new Uint8Array(((command[7] ?? 0) << 8) | (command[8] ?? 0));
              return concat(said === 'as asked' ? wanted : said, hex('9000'));
            },
          );
          const evidence = await evidenceOf(collect(card, random, talk, true));
          const asked = inside.filter(([, ins, , p2]) => ins === 0x93 && p2 === 2);
          expect(asked.length).toBeLessThanOrEqual(size > 8192 ? 0 : Math.ceil(size / 128));
          for (const command of asked)
            expect(((command[7] ?? 0) << 8) | (command[8] ?? 0)).toBeLessThanOrEqual(128);
          furthest = Math.max(furthest, asked.length);
          if (evidence !== undefined) judge(evidence);
        },
      ),
      { numRuns: 300 },
    );
    expect(furthest).toBeGreaterThan(30);
  });
});

it('any transcript at all is judged without an error', async () => {
  const { evidence } = await talkTo('genuine');
  const known = evidence.transcript.map(({ command }) => command);
  const anything = fc.array(
    fc.record({
      command: fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...known)),
      response: fc.oneof(response, fc.uint8Array({ maxLength: 120 })),
      micros: fc.constant(0),
      disclosure: fc.constantFrom('proof' as const, 'state' as const, 'private' as const),
    }),
    { maxLength: 8 },
  );
  const opening = evidence.transcript.slice(0, 6);
  fc.assert(
    fc.property(anything, fc.boolean(), (exchanges, opened) => {
      const transcript = opened ? [...opening, ...exchanges] : exchanges;
      expect(prove({ ...evidence, transcript }).key).toBeUndefined();
    }),
    { numRuns: 1500 },
  );
});
