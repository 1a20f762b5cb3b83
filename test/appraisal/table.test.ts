/** The verdict table, one row a test: what is known, and the word, advice and exit code. */
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/appraisal/facts.ts';
import { decide, verdictTable } from '../../src/appraisal/table.ts';
import { rowTexts } from '../../src/report/texts-rows.ts';
import { goodFacts as good } from '../support/tap-cards.ts';

type Case = readonly [
  what: string,
  change: Partial<Facts>,
  outcome: readonly [string, string, string, number],
];

const warned = 'genuine with warnings';

const cases: readonly Case[] = [
  ['everything in order', {}, ['genuine', 'genuine', 'use', 0]],
  [
    'in use, and nobody asked for a new one',
    { usage: 'in-use' },
    ['genuine-in-use', 'genuine', 'use', 0],
  ],
  ['a root of the user', { chain: 'overlay' }, ['genuine-by-overlay', 'genuine', 'use', 0]],
  ['something held back', { consistency: 'incomplete' }, ['part-missing', warned, 'care', 3]],
  ['a clock before the registry', { registry: 'early' }, ['clock-wrong', warned, 'care', 3]],
  ['the expected number', { number: 'matches' }, ['genuine', 'genuine', 'use', 0]],
  ['nobody asked whether it is new', { usage: 'not-asked' }, ['genuine', 'genuine', 'use', 0]],
  ['the log knows nobody else', { log: 'no-other-owner' }, ['genuine', 'genuine', 'use', 0]],

  ['firmware superseded', { firmware: 'superseded' }, ['firmware-superseded', warned, 'care', 3]],
  ['firmware not told', { firmware: 'unread' }, ['firmware-unread', warned, 'care', 3]],
  ['firmware unknown', { firmware: 'unknown' }, ['firmware-unknown', warned, 'care', 3]],
  ['firmware under an advisory', { firmware: 'advised' }, ['firmware-advised', warned, 'care', 3]],
  ['registry past its expiry', { registry: 'expired' }, ['registry-expired', warned, 'care', 3]],
  ['firmware refused', { firmware: 'refused' }, ['firmware-refused', warned, 'stop', 6]],
  ['not as sold', { usage: 'unexpected' }, ['not-new', warned, 'stop', 6]],
  [
    'activated by another owner, and used',
    { log: 'other-owner', usage: 'unexpected' },
    ['other-owner-and-used', warned, 'stop', 6],
  ],
  ['activated by another owner', { log: 'other-owner' }, ['other-owner', warned, 'care', 6]],
  ['model proven, unit not', { unit: 'model-only' }, ['model-only', warned, 'care', 3]],

  ['no maker chain to be had', { chain: 'missing' }, ['chain-missing', 'not decided', 'fetch', 4]],
  ['nothing live', { live: 'missing' }, ['nothing-live', 'not decided', 'retry', 4]],
  [
    'a signature that can be replayed',
    { live: 'replayable' },
    ['replayable', 'not decided', 'retry', 4],
  ],
  ['holds nothing to attest with', { live: 'incapable' }, ['incapable', 'not decided', 'care', 4]],
  ['certificates out of time', { chain: 'undated' }, ['chain-undated', 'not decided', 'retry', 4]],
  ['a certificate of another form', { chain: 'unfit' }, ['chain-unfit', 'not decided', 'fetch', 4]],
  [
    'a revocation list that cannot be used',
    { chain: 'unchecked' },
    ['chain-unchecked', 'not decided', 'fetch', 4],
  ],
  [
    'cannot attest yet, and says something is wrong',
    { live: 'not-yet', trouble: true },
    ['not-yet-trouble', 'not decided', 'care', 4],
  ],
  ['cannot attest yet', { live: 'not-yet' }, ['not-yet', 'not decided', 'prepare', 4]],
  ['refuses the code', { live: 'code-refused' }, ['code-refused', 'not decided', 'prepare', 4]],
  ['proves itself to its owner alone', { live: 'locked' }, ['locked', 'not decided', 'prepare', 4]],
  [
    'the maker keeps its signatures apart',
    { chain: 'unattached' },
    ['chain-unattached', 'not decided', 'fetch', 4],
  ],
  [
    'the maker gave no signature',
    { chain: 'withheld' },
    ['chain-withheld', 'not decided', 'fetch', 4],
  ],
  ['unknown issuer', { chain: 'unknown-issuer' }, ['issuer-unknown', 'not decided', 'fetch', 4]],
  [
    'registry long past its expiry',
    { registry: 'ancient' },
    ['registry-ancient', 'not decided', 'fetch', 4],
  ],
  [
    'unknown family',
    { family: 'unknown', live: 'missing', chain: 'missing' },
    ['family-unknown', 'not decided', 'fetch', 4],
  ],
  ['recorded by its own collector', { freshness: 'self' }, ['recorded', warned, 'care', 3]],
  ['recorded after a public checkpoint', { freshness: 'beacon' }, ['recorded', warned, 'care', 3]],
  [
    'recorded with foreign challenges',
    { freshness: 'imported' },
    ['imported', 'not decided', 'retry', 4],
  ],
  [
    'answers another challenge',
    { live: 'foreign' },
    ['foreign-challenge', 'not decided', 'retry', 4],
  ],
  [
    'answers that cannot be read',
    { live: 'unreadable' },
    ['unreadable', 'not decided', 'retry', 4],
  ],

  ['signature wrong', { live: 'refuted' }, ['signature-wrong', 'not genuine', 'stop', 5]],
  ['chain wrong', { chain: 'refuted' }, ['chain-wrong', 'not genuine', 'stop', 5]],
  ['another signature wrong', { consistency: 'refuted' }, ['part-wrong', 'not genuine', 'stop', 5]],
  ['revoked', { revoked: true }, ['revoked', 'not genuine', 'stop', 5]],
  ['published test key', { chain: 'test' }, ['test-key', 'not genuine', 'stop', 5]],
  ["none of the maker's roots", { chain: 'elsewhere' }, ['foreign-root', 'not genuine', 'stop', 5]],

  ['contradicts itself', { consistency: 'contradicted' }, ['contradiction', warned, 'stop', 6]],
  ['reports tampering', { trouble: true }, ['trouble', warned, 'stop', 6]],
  ['another number', { number: 'differs' }, ['other-number', warned, 'stop', 6]],
  [
    'a number signed by nobody we know',
    { consistency: 'unvouched' },
    ['number-unvouched', warned, 'care', 3],
  ],
  ['a part unreadable', { consistency: 'unreadable' }, ['part-unreadable', warned, 'care', 3]],
  [
    'number not comparable',
    { number: 'not-comparable' },
    ['number-not-comparable', warned, 'care', 3],
  ],
  ['uncommon state', { usage: 'unusual' }, ['usage-unusual', warned, 'care', 3]],
  ['set up by whom', { usage: 'set-up' }, ['set-up-by-whom', warned, 'care', 3]],
  ['state unknown', { usage: 'unknown' }, ['usage-unknown', warned, 'care', 3]],
];

describe('verdict table', () => {
  it.each(cases)('%s', (_, change, [id, word, advice, exit]) => {
    const row = decide({ ...good, ...change });
    expect([row.id, row.word, row.advice, row.exit]).toEqual([id, word, advice, exit]);
  });

  it('has a test for every row', () => {
    const tested = new Set(cases.map(([, , [id]]) => id));
    expect(verdictTable.map((row) => row.id).filter((id) => !tested.has(id))).toEqual([]);
  });

  it('has sentences for every row', () => {
    const ids = [...verdictTable.map((row) => row.id), 'undecided'];
    expect(ids.filter((id) => rowTexts[id] === undefined)).toEqual([]);
    expect(Object.keys(rowTexts).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('lets the worse of two faults decide', () => {
    for (const [what, change, [, , , exit]] of cases) {
      const both = decide({ ...good, ...change, live: 'refuted' });
      expect(both.exit, what).toBe(5);
      if (exit === 3)
        expect(decide({ ...good, ...change, firmware: 'refused' }).exit, what).toBe(6);
      if (exit === 6)
        expect(decide({ ...good, ...change, freshness: 'imported' }).exit, what).toBe(4);
    }
  });

  it('calls a root foreign only while the registry is fit to say so', () => {
    expect(decide({ ...good, chain: 'elsewhere', registry: 'expired' }).word).toBe('not genuine');
    expect(decide({ ...good, chain: 'elsewhere', registry: 'ancient' }).word).toBe('not decided');
  });

  it('says genuine for one combination of facts only', () => {
    const values: { [Name in keyof Facts]: readonly Facts[Name][] } = {
      family: ['known', 'unknown'],
      live: [
        'proven',
        'refuted',
        'foreign',
        'unreadable',
        'missing',
        'not-yet',
        'locked',
        'code-refused',
      ],
      chain: [
        'pinned',
        'refuted',
        'test',
        'elsewhere',
        'unknown-issuer',
        'unattached',
        'withheld',
        'unchecked',
        'undated',
        'unfit',
        'missing',
      ],
      revoked: [true, false],
      unit: ['per-card', 'model-only'],
      consistency: ['held', 'refuted', 'contradicted', 'unreadable', 'unvouched', 'incomplete'],
      number: ['differs', 'not-comparable'],
      firmware: ['approved', 'superseded', 'advised', 'unknown', 'unread', 'refused'],
      usage: ['set-up', 'unusual', 'unexpected', 'unknown'],
      trouble: [true, false],
      freshness: ['verifier', 'beacon', 'self', 'imported'],
      registry: ['early', 'valid', 'expired', 'ancient'],
      log: ['other-owner'],
    };
    for (const [name, options] of Object.entries(values)) {
      for (const value of options) {
        const changed = { ...good, [name]: value };
        const same = JSON.stringify(changed) === JSON.stringify(good);
        expect(decide(changed).word === 'genuine', `${name} ${value}`).toBe(same);
      }
    }
  });
});
