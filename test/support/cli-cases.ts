/** What the command line must say about every simulated card, judged with the demo registry. */
import type { Word } from '../../src/appraisal/table.ts';
import type { ErrorCode } from '../../src/errors/codes.ts';

export type Expected =
  /** `finding`: the code of the one that matters most. */
  | { readonly exit: 0 | 3 | 4 | 5 | 6; readonly word: Word; readonly finding: string }
  /** The link failed: no verdict at all. */
  | { readonly exit: 7; readonly code: ErrorCode };

export interface CliCase {
  readonly id: string;
  readonly usual: Expected;
  /** With --fresh, where that makes a difference. */
  readonly fresh?: Expected;
}

const genuine = (finding: string): Expected => ({ exit: 0, word: 'genuine', finding });
const care = (finding: string): Expected => ({ exit: 3, word: 'genuine with warnings', finding });
const notDecided = (finding: string): Expected => ({ exit: 4, word: 'not decided', finding });
const notGenuine = (finding: string): Expected => ({ exit: 5, word: 'not genuine', finding });
const stop = (finding: string): Expected => ({ exit: 6, word: 'genuine with warnings', finding });
const noVerdict = (code: ErrorCode): Expected => ({ exit: 7, code });

export const cliCases: readonly CliCase[] = [
  { id: 'genuine', usual: genuine('product-known') },
  { id: 'genuine-satscard', usual: genuine('usage-sealed') },
  { id: 'genuine-satschip', usual: genuine('product-known') },
  {
    id: 'fake-root',
    usual: notGenuine('model-foreign-root'),
  },
  { id: 'cut-chain', usual: notGenuine('model-chain-wrong') },
  { id: 'replayed', usual: notGenuine('unit-signature-wrong') },
  { id: 'wrong-key', usual: notGenuine('unit-signature-wrong') },
  {
    id: 'used',
    usual: genuine('usage-backed-up'),
    fresh: stop('usage-backed-up'),
  },
  {
    id: 'used-satscard',
    usual: genuine('usage-opened'),
    fresh: stop('usage-opened'),
  },
  {
    id: 'blank-satscard',
    usual: genuine('usage-blank'),
    fresh: care('usage-blank'),
  },
  { id: 'old-firmware', usual: care('firmware-advised') },
  { id: 'first-firmware', usual: stop('advisory') },
  { id: 'unknown-firmware', usual: care('firmware-unknown') },
  { id: 'lying-firmware', usual: notGenuine('part-contradicted') },
  { id: 'tampered', usual: stop('usage-tampered') },
  { id: 'removed-mid-way', usual: noVerdict('READER_CARD_REMOVED') },
  { id: 'mute', usual: noVerdict('READER_CARD_MUTE') },
  { id: 'garbage', usual: notDecided('unit-unreadable') },
  { id: 'endless', usual: noVerdict('READER_TRANSPORT') },
  { id: 'oversized', usual: notDecided('unit-unreadable') },
  { id: 'refuses', usual: notDecided('unit-no-answer') },
  { id: 'unlucky', usual: genuine('product-known') },
];
