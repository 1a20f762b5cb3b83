/**
 * Good evidence, altered in every way we can think of: no mutant may prove more than the original, or
 * be genuine under another key, chip or product.
 */
import { describe, expect, it } from 'vitest';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import { explain } from '../../../src/families/satochip/explain.ts';
import { prove } from '../../../src/families/satochip/prove.ts';
import {
  byteMutants,
  commandMutants,
  type Mutant,
  sequenceMutants,
  withResponse,
} from '../../support/mutants-shared.ts';
import { talkTo } from './cards.ts';
import { isGenuine, worth } from './worth.ts';

const accessCode = '123456';
const other = (await talkTo('genuine', { seed: 'another card' })).evidence;
const subjects: readonly (readonly [string, CardEvidence, CardEvidence])[] = [
  ['Satodime', (await talkTo('genuine')).evidence, other],
  [
    'Satochip',
    (await talkTo('set-up-satochip', { accessCode })).evidence,
    (await talkTo('set-up-satochip', { accessCode, seed: 'another' })).evidence,
  ],
  [
    'SeedKeeper',
    (await talkTo('used-seedkeeper', { accessCode })).evidence,
    (await talkTo('used-seedkeeper', { accessCode, seed: 'another' })).evidence,
  ],
];

interface Count {
  tried: number;
  stillProven: number;
  genuine: number;
}

function judge(mutants: Iterable<Mutant>, evidence: CardEvidence): Count {
  const original = worth(prove(evidence));
  const count = { tried: 0, stillProven: 0, genuine: 0 };
  for (const { name, evidence: mutant } of mutants) {
    const proof = prove(mutant);
    expect(
      worth(proof).filter((line) => !original.includes(line)),
      name,
    ).toEqual([]);
    count.tried += 1;
    if (proof.key !== undefined) count.stillProven += 1;
    if (isGenuine(proof)) count.genuine += 1;
  }
  return count;
}

/** Every answer cut at its end and at its start, made longer, or taken for a refusal. */
function* lengthMutants(evidence: CardEvidence): Generator<Mutant> {
  for (const [index, { response }] of evidence.transcript.entries()) {
    const make = (name: string, changed: number[]): Mutant => ({
      name: `exchange ${index} ${name}`,
      evidence: withResponse(evidence, index, Uint8Array.from(changed)),
    });
    const body = [...response.subarray(0, -2)];
    for (let length = 0; length < body.length; length += 1) {
      yield make(`cut to ${length}`, [...body.slice(0, length), 0x90, 0x00]);
    }
    yield make('without its beginning', [...body.slice(1), 0x90, 0x00]);
    yield make('longer', [...body, 0, 0x90, 0x00]);
    for (const sw of [0x6d00, 0x9c04, 0x9c06]) {
      yield make(`refused with ${sw}`, [sw >> 8, sw & 0xff]);
      yield make(`whole under ${sw}`, [...body, sw >> 8, sw & 0xff]);
    }
  }
}

const said = (name: string, what: string, { tried, stillProven, genuine }: Count) =>
  console.info(
    `${name}: ${tried} ${what}, ${stillProven} leave the key proven, ${genuine} genuine`,
  );

describe.each(subjects)('%s', (name, evidence, foreign) => {
  it('is good to begin with', () => {
    expect(isGenuine(prove(evidence))).toBe(true);
    expect(isGenuine(prove(foreign))).toBe(true);
  });

  it('gains nothing by any altered byte', { timeout: 120_000 }, () => {
    const count = judge(byteMutants(evidence, [0x01, 0x80]), evidence);
    said(name, 'altered bytes', count);
    expect(count.tried).toBeGreaterThan(1500);
    expect(count.stillProven).toBeGreaterThan(0);
  });

  it('gains nothing by any altered command', { timeout: 120_000 }, () => {
    const count = judge(commandMutants(evidence, [0x01, 0x80]), evidence);
    said(name, 'altered bytes of commands', count);
    expect(count.tried).toBeGreaterThan(250);
  });

  it('gains nothing by exchanges dropped, doubled, swapped or spliced', {
    timeout: 120_000,
  }, () => {
    const count = judge(sequenceMutants(evidence, foreign), evidence);
    said(name, 'altered sequences', count);
    expect(count.tried).toBeGreaterThan(500);
  });

  it('gains nothing by answers cut, longer or refused', { timeout: 120_000 }, () => {
    const count = judge(lengthMutants(evidence), evidence);
    said(name, 'altered lengths', count);
    expect(count.tried).toBeGreaterThan(500);
  });

  it('can be explained however it is altered', () => {
    for (const mutant of lengthMutants(evidence)) {
      for (const exchange of mutant.evidence.transcript) expect(explain(exchange)).toMatch(/\.$/);
    }
  });
});
