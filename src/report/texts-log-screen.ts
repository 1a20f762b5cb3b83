/** What the commands about logs say. Whole sentences with {named} gaps, as in texts.ts. */
import type { NoEntry } from '../activation/card-entry.ts';
import type { SetAside } from '../activation/history.ts';
import type { LogFault } from '../log/check.ts';

export const placeTexts = {
  log: 'The log {origin}.',
  copy: 'A copy of the log {origin}: it can be read and checked, and nothing can be added.',
  export: 'Plain files of the log {origin}.',
} as const;

export const modeTexts = {
  writable: 'Entries can be added.',
  'read-only': 'READ-ONLY: {problem}',
} as const;

export const initText = 'A new log, {origin}.';
export const initTodo =
  'Give the file "policy" to whoever should check receipts of this log. To have witnesses, add them to it and set its quorum. Never copy the file "key" to a computer with a database of its own.';

export const appendTexts = {
  new: 'Recorded as entry {index}, and published.',
  known: 'Recorded before as entry {index}, and published: the same bytes are one entry.',
} as const;

export const proveText = 'Entry {index} stands in the tree of size {size}.';
export const consistencyText = 'The tree of size {from} is the beginning of the tree of size {to}.';

export const checkTexts = {
  sound:
    'The log adds up. Entries: {entries}, published: {published}, tiles: {tiles}, checkpoints: {checkpoints}.',
  empty: 'The log adds up. It has published nothing yet.',
  unwitnessed:
    'NOT WITNESSED. The witnesses that the policy asks for have not signed what is published.',
  wrong: 'The log does NOT add up. {detail}',
  why: 'Why: {why}.',
  before: 'What held before that: entries {entries}, checkpoints {checkpoints}.',
  todo: 'Do not rely on this log. Keep what you have of it, and show it to whoever runs it and to its witnesses.',
} as const;

/** Why a log does not add up, in a few words. */
export const faultTexts: Readonly<Record<LogFault, string>> = {
  malformed: 'a part of it has not the form that it must have',
  'unknown-log': 'it is another log than the policy names',
  'wrong-signature': 'a signature does not hold',
  'quorum-missing': 'too few witnesses signed it',
  'future-cosignature': 'witnesses dated their signatures into the future',
  missing: 'a part of it is missing',
  altered: 'a part of it was altered',
  forked: 'the log signed two histories',
};

export const exportText = 'The log of size {size} is in {folder}. Files written: {files}.';
export const exportTodo = 'Any web server can serve this folder as it is.';

/** In place of what is said of logs without witnesses, where the policy has some. */
export const exportUncosigned =
  'The checkpoint is not signed by the witnesses that the policy asks for: whoever reads these files by it takes them once they have signed.';

export const importTexts = {
  copied: 'The copy grew from size {from} to size {size}; every entry was verified on the way.',
  unchanged: 'The copy has all of the log already, size {size}.',
  behind: 'The copy is ahead of the source, and the source is the beginning of it.',
} as const;

/** After `verify --receipt`. */
export const receiptWrittenText =
  'Receipt written to {path}: entry {index} of the log on this computer. Whoever checks it needs the policy of that log, too: {policy}';

/** Why a check leaves no receipt. */
export const noReceiptTexts: Readonly<Record<NoEntry, string>> = {
  'not-genuine': 'No receipt: a card that is not genuine is not recorded.',
  'not-decided': 'No receipt: what was not decided is not recorded.',
  'no-key': 'No receipt: the card proved no key by which it could be found again.',
  'model-only': 'No receipt: a key that many cards share tells no card from another.',
  'not-chained': 'No receipt: the key of the card leads to no maker that is known.',
  'other-evidence': 'No receipt: the evidence is of another card.',
  'other-purpose': 'No receipt: the card was asked for another purpose.',
  'other-owner': 'No receipt: the card was asked on behalf of another owner.',
};

/** `touchstone log history`. */
export const historyTexts = {
  none: 'The log {origin} holds no entry about card {card}.',
  some: 'The log {origin} holds {count} about card {card}.',
  others: 'ACTIVATED BY ANOTHER OWNER. The log {origin} holds {count} about card {card}.',
  seen: "SEEN UNDER ANOTHER OWNER'S KEY. The log {origin} holds {count} about card {card}.",
  item: 'Entry {index}, {hour}: {sentence}',
  setAside: 'Entry {index} counts for nothing: {why}.',
} as const;

/** Why an entry that is there counts for nothing. */
export const setAsideTexts: Readonly<Record<SetAside['why'], string>> = {
  'owner-unsigned': 'it names an owner who did not sign it',
  'owner-key': 'another key signed it than that of the owner whom it names',
  'owner-signature': "the owner's signature does not hold",
  'actor-signature': 'the signature of who made it does not hold',
  'not-the-owner': 'its owner had never activated the card here',
};
