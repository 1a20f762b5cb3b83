/** What the command line must say about every simulated card, judged with the demo registry. */
import type { Word } from '../../src/appraisal/table.ts';
import type { ErrorCode } from '../../src/errors/codes.ts';

export type Expected =
  /** `finding`: the code of the one that matters most. */
  | { readonly exit: 0 | 3 | 4 | 5 | 6; readonly word: Word; readonly finding: string }
  /** The link failed: no verdict at all. */
  | { readonly exit: 7; readonly code: ErrorCode };

export interface CliCase {
  readonly family: string;
  readonly id: string;
  /** With --online, where the family's maker keeps a server. */
  readonly usual: Expected;
  /** With --fresh, where that makes a difference. */
  readonly fresh?: Expected;
  /** True where the card talks so that no family takes it for its own. */
  readonly stranger?: boolean;
}

type Row = Omit<CliCase, 'family'>;

const genuine = (finding: string): Expected => ({ exit: 0, word: 'genuine', finding });
const care = (finding: string): Expected => ({ exit: 3, word: 'genuine with warnings', finding });
const notDecided = (finding: string): Expected => ({ exit: 4, word: 'not decided', finding });
const notGenuine = (finding: string): Expected => ({ exit: 5, word: 'not genuine', finding });
const stop = (finding: string): Expected => ({ exit: 6, word: 'genuine with warnings', finding });
const noVerdict = (code: ErrorCode): Expected => ({ exit: 7, code });

const coinkite: readonly Row[] = [
  { id: 'genuine', usual: genuine('product-known') },
  { id: 'genuine-satscard', usual: genuine('usage-sealed') },
  { id: 'genuine-satschip', usual: genuine('product-known') },
  { id: 'fake-root', usual: notGenuine('model-foreign-root') },
  { id: 'cut-chain', usual: notGenuine('model-chain-wrong') },
  { id: 'replayed', usual: notGenuine('unit-signature-wrong') },
  { id: 'wrong-key', usual: notGenuine('unit-signature-wrong') },
  { id: 'used', usual: genuine('usage-backed-up'), fresh: stop('usage-backed-up') },
  { id: 'used-satscard', usual: genuine('usage-opened'), fresh: stop('usage-opened') },
  { id: 'blank-satscard', usual: genuine('usage-blank'), fresh: care('usage-blank') },
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

const tangem: readonly Row[] = [
  { id: 'genuine', usual: genuine('firmware-approved') },
  { id: 'genuine-wallet', usual: care('firmware-superseded') },
  { id: 'genuine-v8', usual: care('firmware-unknown') },
  { id: 'old-cos', usual: care('firmware-superseded') },
  { id: 'first-cos', usual: care('firmware-superseded') },
  { id: 'encryption-fast', usual: care('firmware-superseded') },
  { id: 'encryption-strong', usual: genuine('firmware-approved') },
  { id: 'pause', usual: genuine('firmware-approved') },
  { id: 'set-up', usual: genuine('usage-set-up'), fresh: stop('usage-set-up') },
  { id: 'code-set', usual: notDecided('unit-locked') },
  { id: 'code-set-old', usual: notDecided('unit-locked') },
  { id: 'code-set-v8', usual: notDecided('unit-locked') },
  { id: 'imported', usual: genuine('imported'), fresh: stop('imported') },
  { id: 'used', usual: genuine('linked-cards'), fresh: stop('linked-cards') },
  { id: 'used-wallet', usual: care('firmware-superseded'), fresh: stop('usage-backed-up') },
  { id: 'wiped', usual: care('firmware-superseded'), fresh: stop('usage-wiped') },
  { id: 'purged', usual: care('firmware-superseded'), fresh: stop('usage-wiped') },
  { id: 'set-primary', usual: genuine('set'), fresh: stop('linked-cards') },
  { id: 'set-backup-1', usual: genuine('set'), fresh: stop('linked-cards') },
  { id: 'set-backup-2', usual: genuine('set'), fresh: stop('linked-cards') },
  { id: 'tampered-health', usual: stop('health') },
  { id: 'wrong-issuer', usual: notGenuine('model-foreign-signer') },
  { id: 'sdk-key', usual: notGenuine('model-test-key') },
  { id: 'copied-id', usual: notDecided('model-unattached') },
  { id: 'hidden-backup', usual: notGenuine('unit-signature-wrong') },
  { id: 'hidden-links', usual: care('part-missing'), fresh: stop('usage-backed-up') },
  { id: 'developer', usual: stop('firmware-refused') },
  { id: 'lying-key', usual: notGenuine('unit-signature-wrong') },
  { id: 'replayed', usual: notGenuine('unit-signature-wrong') },
  { id: 'endless-pause', usual: notDecided('unit-no-answer') },
  { id: 'refuses', usual: notDecided('unit-no-answer') },
  // What answers so to the question by which the family is found out could be any card.
  { id: 'garbage', usual: notDecided('unit-no-answer'), stranger: true },
  { id: 'oversized', usual: notDecided('unit-no-answer'), stranger: true },
  { id: 'removed-mid-way', usual: noVerdict('READER_CARD_REMOVED') },
  { id: 'mute', usual: noVerdict('READER_CARD_MUTE') },
  { id: 'endpoint-down', usual: notDecided('model-unattached') },
  { id: 'endpoint-empty', usual: notDecided('model-unattached') },
  { id: 'endpoint-malformed', usual: notDecided('model-unattached') },
  { id: 'endpoint-wrong', usual: notGenuine('model-chain-wrong') },
  { id: 'endpoint-mute', usual: notDecided('model-unattached') },
  { id: 'endpoint-refuses', usual: notDecided('model-unattached') },
];

const keycard: readonly Row[] = [
  { id: 'genuine', usual: genuine('firmware-approved') },
  { id: 'genuine-32', usual: genuine('firmware-approved') },
  { id: 'genuine-40', usual: care('firmware-unknown') },
  { id: 'set-up', usual: genuine('usage-initialised'), fresh: stop('usage-initialised') },
  { id: 'used', usual: genuine('usage-key-loaded'), fresh: stop('usage-key-loaded') },
  { id: 'used-40', usual: care('firmware-unknown'), fresh: stop('usage-key-loaded') },
  { id: 'old-applet', usual: notDecided('unit-incapable') },
  { id: 'old-applet-blank', usual: notDecided('unit-incapable') },
  { id: 'no-cash', usual: care('firmware-not-read') },
  { id: 'fake-ca', usual: notDecided('model-unknown-issuer') },
  { id: 'test-ca', usual: notGenuine('model-test-root') },
  { id: 'clone', usual: notGenuine('unit-signature-wrong') },
  { id: 'clone-40', usual: notGenuine('unit-signature-wrong') },
  { id: 'bad-certificate', usual: notDecided('model-unknown-issuer') },
  { id: 'replayed', usual: notGenuine('unit-signature-wrong') },
  { id: 'version-liar', usual: notDecided('part-contradicted') },
  { id: 'as-40', usual: care('version-confusion') },
  { id: 'ident-differs', usual: stop('part-contradicted') },
  { id: 'uncertified', usual: notDecided('unit-incapable') },
  { id: 'uncertified-40', usual: notDecided('unit-incapable') },
  { id: 'refuses', usual: notDecided('unit-no-answer') },
  { id: 'removed-mid-way', usual: noVerdict('READER_CARD_REMOVED') },
  { id: 'mute', usual: noVerdict('READER_CARD_MUTE') },
  { id: 'garbage', usual: notDecided('unit-unreadable') },
  { id: 'endless', usual: noVerdict('READER_TRANSPORT') },
  { id: 'oversized', usual: notDecided('unit-unreadable') },
];

/** Without a PIN: those that demand one stay undecided. */
const satochip: readonly Row[] = [
  { id: 'genuine', usual: genuine('product-known') },
  { id: 'new-satochip', usual: notDecided('unit-not-yet') },
  { id: 'new-seedkeeper', usual: notDecided('unit-not-yet') },
  { id: 'open-pki', usual: notDecided('personalisation-open') },
  { id: 'open-pki-seedkeeper', usual: notDecided('personalisation-open') },
  { id: 'unpersonalised', usual: notDecided('unit-incapable') },
  { id: 'old-applet', usual: notDecided('unit-incapable') },
  { id: 'old-applet-channel', usual: notDecided('unit-incapable') },
  { id: 'set-up-satochip', usual: notDecided('unit-locked') },
  { id: 'seeded-satochip', usual: notDecided('unit-locked') },
  { id: 'set-up-seedkeeper', usual: notDecided('unit-locked') },
  { id: 'used-seedkeeper', usual: notDecided('unit-locked') },
  { id: 'reset-seedkeeper', usual: notDecided('unit-locked') },
  { id: 'last-try', usual: notDecided('wrong-pins') },
  { id: 'blocked-pin', usual: notDecided('wrong-pins') },
  { id: 'claimed-satodime', usual: genuine('usage-owned'), fresh: stop('usage-owned') },
  { id: 'used-satodime', usual: genuine('usage-slots-sealed'), fresh: stop('usage-slots-sealed') },
  {
    id: 'unsealed-satodime',
    usual: genuine('usage-slots-unsealed'),
    fresh: stop('usage-slots-unsealed'),
  },
  {
    id: 'transferred-satodime',
    usual: genuine('usage-slots-sealed'),
    fresh: stop('usage-slots-sealed'),
  },
  { id: 'labelled-satodime', usual: genuine('label'), fresh: care('label') },
  { id: 'two-applets', usual: notDecided('unit-locked') },
  { id: 'fake-ca', usual: notGenuine('model-chain-wrong') },
  { id: 'wrong-product', usual: notGenuine('model-chain-wrong') },
  { id: 'other-chip', usual: notDecided('model-unfit') },
  { id: 'no-chip-data', usual: notDecided('model-no-chain') },
  { id: 'expired-certificate', usual: notDecided('model-undated') },
  { id: 'ca-leaf', usual: notGenuine('model-chain-wrong') },
  { id: 'cloned-certificate', usual: notGenuine('unit-signature-wrong') },
  { id: 'replayed', usual: notGenuine('unit-signature-wrong') },
  { id: 'foreign-authentikey', usual: stop('part-contradicted') },
  { id: 'channel-liar', usual: stop('part-contradicted') },
  { id: 'refuses', usual: notDecided('unit-no-answer') },
  { id: 'garbage', usual: notDecided('unit-no-answer'), stranger: true },
  { id: 'oversized', usual: notDecided('unit-unreadable') },
  { id: 'endless', usual: noVerdict('READER_TRANSPORT') },
  { id: 'removed-mid-way', usual: noVerdict('READER_CARD_REMOVED') },
  { id: 'mute', usual: noVerdict('READER_CARD_MUTE') },
];

export const cliCases: readonly CliCase[] = [
  ...coinkite.map((row) => ({ family: 'coinkite-tap', ...row })),
  ...tangem.map((row) => ({ family: 'tangem', ...row })),
  ...keycard.map((row) => ({ family: 'keycard', ...row })),
  ...satochip.map((row) => ({ family: 'satochip', ...row })),
];

/** The cases of one family. */
export function casesOf(family: string): readonly CliCase[] {
  return cliCases.filter((row) => row.family === family);
}
