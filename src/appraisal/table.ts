/**
 * The verdict table: from what is known to one word and one advice. Rows are read from the top and
 * the first that fits decides, so worse comes first. The row for "genuine" asks for every fact by
 * name; what fits no row is not decided.
 */
import { Exit } from '../errors/exit.ts';
import type { Facts } from './facts.ts';

export type Word = 'genuine' | 'genuine with warnings' | 'not genuine' | 'not decided';

/** `fetch`: get what is missing. `prepare`: bring the card into a state in which it can attest. */
export type Advice = 'use' | 'care' | 'stop' | 'fetch' | 'prepare' | 'retry';

export interface Row {
  /** Names the row in the JSON verdict and its sentences in the texts. */
  readonly id: string;
  readonly when: (facts: Facts) => boolean;
  readonly word: Word;
  readonly advice: Advice;
  readonly exit: Exit;
}

const notGenuine = { word: 'not genuine', advice: 'stop', exit: Exit.notGenuine } as const;
const notDecided = { word: 'not decided', exit: Exit.notDecided } as const;
const stop = { word: 'genuine with warnings', advice: 'stop', exit: Exit.stop } as const;
const care = { word: 'genuine with warnings', advice: 'care', exit: Exit.warnings } as const;

/** A registry too old to decide cannot call a root foreign: the maker may have a new one. */
const registryUsable = (facts: Facts) => facts.registry !== 'ancient';

export const verdictTable: readonly Row[] = [
  { id: 'signature-wrong', when: (f) => f.live === 'refuted', ...notGenuine },
  { id: 'chain-wrong', when: (f) => f.chain === 'refuted', ...notGenuine },
  { id: 'part-wrong', when: (f) => f.consistency === 'refuted', ...notGenuine },
  { id: 'revoked', when: (f) => f.revoked, ...notGenuine },
  { id: 'test-key', when: (f) => f.chain === 'test', ...notGenuine },
  {
    id: 'foreign-root',
    when: (f) => f.chain === 'elsewhere' && registryUsable(f),
    ...notGenuine,
  },

  { id: 'family-unknown', when: (f) => f.family === 'unknown', ...notDecided, advice: 'fetch' },
  { id: 'foreign-challenge', when: (f) => f.live === 'foreign', ...notDecided, advice: 'retry' },
  { id: 'unreadable', when: (f) => f.live === 'unreadable', ...notDecided, advice: 'retry' },
  {
    id: 'not-yet-trouble',
    when: (f) => f.live === 'not-yet' && f.trouble,
    ...notDecided,
    advice: 'care',
  },
  { id: 'not-yet', when: (f) => f.live === 'not-yet', ...notDecided, advice: 'prepare' },
  { id: 'incapable', when: (f) => f.live === 'incapable', ...notDecided, advice: 'care' },
  { id: 'locked', when: (f) => f.live === 'locked', ...notDecided, advice: 'prepare' },
  { id: 'code-refused', when: (f) => f.live === 'code-refused', ...notDecided, advice: 'prepare' },
  { id: 'replayable', when: (f) => f.live === 'replayable', ...notDecided, advice: 'retry' },
  { id: 'nothing-live', when: (f) => f.live === 'missing', ...notDecided, advice: 'retry' },
  { id: 'registry-ancient', when: (f) => !registryUsable(f), ...notDecided, advice: 'fetch' },
  {
    id: 'chain-unattached',
    when: (f) => f.chain === 'unattached',
    ...notDecided,
    advice: 'fetch',
  },
  {
    id: 'chain-withheld',
    when: (f) => f.chain === 'withheld',
    ...notDecided,
    advice: 'fetch',
  },
  { id: 'chain-undated', when: (f) => f.chain === 'undated', ...notDecided, advice: 'retry' },
  { id: 'chain-unfit', when: (f) => f.chain === 'unfit', ...notDecided, advice: 'fetch' },
  { id: 'chain-unchecked', when: (f) => f.chain === 'unchecked', ...notDecided, advice: 'fetch' },
  { id: 'chain-missing', when: (f) => f.chain === 'missing', ...notDecided, advice: 'fetch' },
  {
    id: 'issuer-unknown',
    when: (f) => f.chain === 'unknown-issuer',
    ...notDecided,
    advice: 'fetch',
  },
  { id: 'imported', when: (f) => f.freshness === 'imported', ...notDecided, advice: 'retry' },

  { id: 'contradiction', when: (f) => f.consistency === 'contradicted', ...stop },
  { id: 'trouble', when: (f) => f.trouble, ...stop },
  { id: 'other-number', when: (f) => f.number === 'differs', ...stop },
  { id: 'firmware-refused', when: (f) => f.firmware === 'refused', ...stop },
  {
    id: 'other-owner-and-used',
    when: (f) => f.log === 'other-owner' && f.usage === 'unexpected',
    ...stop,
  },
  { id: 'not-new', when: (f) => f.usage === 'unexpected', ...stop },
  {
    id: 'other-owner',
    when: (f) => f.log === 'other-owner',
    ...stop,
    advice: 'care',
  },

  { id: 'model-only', when: (f) => f.unit === 'model-only', ...care },
  { id: 'part-unreadable', when: (f) => f.consistency === 'unreadable', ...care },
  { id: 'number-unvouched', when: (f) => f.consistency === 'unvouched', ...care },
  { id: 'firmware-advised', when: (f) => f.firmware === 'advised', ...care },
  { id: 'firmware-superseded', when: (f) => f.firmware === 'superseded', ...care },
  { id: 'firmware-unread', when: (f) => f.firmware === 'unread', ...care },
  { id: 'firmware-unknown', when: (f) => f.firmware === 'unknown', ...care },
  { id: 'number-not-comparable', when: (f) => f.number === 'not-comparable', ...care },
  { id: 'usage-unusual', when: (f) => f.usage === 'unusual', ...care },
  { id: 'set-up-by-whom', when: (f) => f.usage === 'set-up', ...care },
  { id: 'usage-unknown', when: (f) => f.usage === 'unknown', ...care },
  { id: 'part-missing', when: (f) => f.consistency === 'incomplete', ...care },
  { id: 'clock-wrong', when: (f) => f.registry === 'early', ...care },
  { id: 'registry-expired', when: (f) => f.registry === 'expired', ...care },
  { id: 'recorded', when: (f) => f.freshness !== 'verifier', ...care },

  {
    id: 'genuine-in-use',
    when: (f) =>
      (f.chain === 'pinned' || f.chain === 'overlay') &&
      f.usage === 'in-use' &&
      allElseGood({ ...f, usage: 'not-asked' }),
    word: 'genuine',
    advice: 'use',
    exit: Exit.genuine,
  },
  {
    id: 'genuine',
    when: (f) => f.chain === 'pinned' && allElseGood(f),
    word: 'genuine',
    advice: 'use',
    exit: Exit.genuine,
  },
  {
    id: 'genuine-by-overlay',
    when: (f) => f.chain === 'overlay' && allElseGood(f),
    word: 'genuine',
    advice: 'use',
    exit: Exit.genuine,
  },
];

/** Every fact but the root, by name: nothing is good because nobody asked. */
function allElseGood(f: Facts): boolean {
  return (
    f.family === 'known' &&
    f.live === 'proven' &&
    !f.revoked &&
    f.unit === 'per-card' &&
    f.consistency === 'held' &&
    (f.number === 'not-asked' || f.number === 'matches') &&
    f.firmware === 'approved' &&
    (f.usage === 'not-asked' || f.usage === 'expected') &&
    !f.trouble &&
    f.freshness === 'verifier' &&
    f.registry === 'valid' &&
    (f.log === 'not-consulted' || f.log === 'no-other-owner')
  );
}

const undecided: Row = { id: 'undecided', when: () => true, ...notDecided, advice: 'retry' };

/** The first row that fits. */
export function decide(facts: Facts): Row {
  return verdictTable.find((row) => row.when(facts)) ?? undecided;
}
