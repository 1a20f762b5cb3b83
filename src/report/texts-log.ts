/**
 * What a log says about a card, a receipt, and what its silence is worth. Whole sentences with {named}
 * gaps, as in texts.ts.
 *
 * Never "first": that nobody else activated a card, no log can tell.
 */
import type { CardEntryType } from '../activation/entry-schema.ts';
import type { Absence } from '../activation/history.ts';
import type { ReceiptFault, ReceiptStep } from '../activation/receipt.ts';

/** What it means that a log holds no entry by anybody else. */
export const absenceTexts: Readonly<Record<Absence, string>> = {
  reported:
    'The log reports no activation by anybody else. That is its word: nobody here read all of it.',
  scanned:
    'No activation by anybody else: every entry of the log was read, up to a checkpoint that witnesses signed too. What was never logged, no log can show.',
};

/** In place of these, where the log is the one on this computer. */
export const ownRecordAbsence =
  "This computer's own record holds no activation by anybody else. It knows only what was checked here.";

export const ownRecordNote =
  "The log is this computer's own record: whoever can write to its files can write it anew.";

export const unwitnessedNote =
  'The log is unwitnessed: the policy asks for nobody else who signed this state of it, so whoever runs it could show another one to others.';

export const witnessedText =
  'Cosigned by {name} at {time}, by its clock: it has signed no other history of this log.';

/** What happened to a card, by the type of its entry. */
export const entryTexts: Readonly<Record<CardEntryType, string>> = {
  observed: 'Card {card} ({family}) was seen and checked: {word}.',
  activated: 'Card {card} ({family}) was activated by owner {owner}: {word}.',
  reverified: 'Card {card} ({family}) was checked again by owner {owner}: {word}.',
  retired: 'Card {card} ({family}) was given up by owner {owner}. This rests on the owner alone.',
  disputed:
    'Owner {owner} says that something is wrong with card {card} ({family}). This rests on the owner alone.',
};

export const registryEntryText = 'Edition {serial} of the registry, {hash}, was published.';
export const noticeEntryText = 'The operator of the log writes: {text}';

/** When the entry was made, by its own word. */
export const entryHourText = 'Hour of the entry, by its own word: {hour}.';

export const receiptWords = {
  verified: 'RECEIPT HOLDS',
  unwitnessed: 'RECEIPT HOLDS, UNWITNESSED',
  refused: 'RECEIPT DOES NOT HOLD',
} as const;

export const receiptHeadlines = {
  verified: 'The log {origin} holds this entry, and its witnesses saw that state of the log.',
  unwitnessed: 'The log {origin} holds this entry, by its own signature alone.',
} as const;

/** In front of these, where the owner gave the card up or complains. */
export const declaredHeadlines = {
  retired: 'Its owner gave this card up.',
  disputed: 'Its owner says that something is wrong with this card.',
} as const;

/** Where the card on the reader is the same, and shows something else than the entry says. */
export const changedTexts = {
  usage: 'Its use changed: {before} in the entry, {now} now.',
  firmware: 'Its firmware changed: {before} in the entry, {now} now.',
  product: 'Its product changed: {before} in the entry, {now} now.',
  family: 'Its kind changed: {before} in the entry, {now} now.',
} as const;

/** Why a receipt does not hold. */
export const receiptFaultTexts: Readonly<Record<ReceiptFault, string>> = {
  'owner-unsigned': 'The entry names an owner who did not sign it.',
  'owner-key': 'The entry names an owner, and another key signed it.',
  'owner-signature': "The owner's signature does not hold: the entry was altered, or never theirs.",
  'actor-signature':
    'The signature of who made the entry does not hold: the entry was altered, or never theirs.',
  malformed: 'Its checkpoint cannot be read.',
  'unknown-log': 'It is of a log that your policy does not name.',
  'wrong-signature': "The log's signature, or that of a witness, does not hold.",
  'quorum-missing':
    'Too few of the witnesses that your policy asks for signed this state of the log.',
  'future-cosignature':
    'Witnesses dated their signatures into the future. If the clock of this computer is wrong, set it.',
  'not-included': 'The log that signed this does not hold this entry at that place.',
};

/** What was verified, by step and in the order of the steps. */
export const receiptStepTexts: Readonly<Record<ReceiptStep, string>> = {
  entry: 'The entry is as it was signed, by whom is said above.',
  log: 'A log that the policy names signed this state of itself.',
  quorum: 'The witnesses that the policy asks for signed the same state.',
  inclusion: 'The entry stands in it, at place {index} of {size}, counted from 0.',
};

/** In place of the first one, and with the entry, where it carries no signature. */
export const unsignedEntryText =
  'The entry carries no signature of its own: it is the word of the log.';

/** Whose word an entry is, as far as keys tell. */
export const signerTexts = {
  owner: 'Signed by the owner {key}.',
  actor: 'Signed by {key}, who says to have made the entry. Whose key that is, nothing here shows.',
} as const;

/** Whose roots and reference values the check was made by. */
export const judgedByTexts = {
  pinned: 'Judged by edition {serial} of the registry.',
  overlays:
    'Judged by edition {serial} of the registry and {count} of a local one: not all that is said of a maker need be its own.',
} as const;

/** Where the answers of the card were not made for that check. */
export const recordedEntryText =
  'That check was of a recording: the card need not have been there at that hour.';

/** The same for what was not come to. */
export const receiptSkippedTexts: Readonly<Record<ReceiptStep, string>> = {
  entry: 'Whether the entry is as it was signed.',
  log: 'Whether a log of your policy signed this.',
  quorum: 'Whether enough witnesses signed the same state.',
  inclusion: 'Whether the log holds this entry.',
};

/** What the entry says of the card, and what each rests on. */
export const entryClaimTexts = {
  product: 'Product, by the entry: {value}.',
  firmware: {
    live: 'Firmware: {value}, which the card proved.',
    maker: 'Firmware: {value}, which the maker signed.',
    reported: 'Firmware: {value}, which the card only said.',
  },
  usage: {
    live: 'Use: {value}, which the card proved.',
    maker: 'Use: {value}, which the maker signed.',
    reported: 'Use: {value}, which the card only said.',
  },
} as const;

/** True of every receipt of an entry that rests on evidence. */
export const evidenceNotInside =
  'The check behind the entry: its evidence is not in a receipt. That it was done right is the word of who made the entry, and of the log that took it.';

/** True of every receipt about a card. */
export const receiptNeverChecked =
  'Whether a card that you hold now is that one: lay it on the reader and add --tap.';

/** True of every receipt. */
export const laterEntriesNote =
  'What the log says about the card since then: a receipt shows one entry and nothing later.';

export const receiptTodo = {
  verified: 'Keep the file. It can be checked again at any time, without a network.',
  unwitnessed:
    'Keep the file. For more than the word of the log itself, use a log with witnesses, and its policy.',
  'quorum-missing':
    'If the log got its witnesses after this receipt was written, have it written anew: `touchstone log prove INDEX --receipt FILE`. Else do not rely on it, and ask who runs the log.',
  refused:
    'Do not rely on it. Check that --policy is that of this log; if it is, keep the file and ask whoever gave it to you, and who runs the log.',
} as const;

/** Is the card on the reader the one of the receipt? */
export const tapWords = {
  same: 'THE SAME CARD',
  other: 'ANOTHER CARD',
  unproven: 'CARD NOT COMPARED',
  unkeyed: 'CARD NOT COMPARED',
  'no-card': 'CARD NOT COMPARED',
} as const;

export const tapTexts = {
  same: 'The card on the reader is this card: it proved the same key.',
  other: 'The card on the reader is ANOTHER card: it proved another key.',
  unproven: 'The card on the reader could not be compared: {word}. {headline}',
  unkeyed: 'The card on the reader could not be compared: it proved no key of its own.',
  'no-card':
    'This entry is about no card, so there is nothing to compare the card on the reader with.',
} as const;

/** What to do then; takes the place of the sentence above where it is not empty. */
export const tapTodo = {
  same: '',
  other:
    'Stop. If this receipt is that of your card, the card in your hand was exchanged: do not use it, and put no money on it.',
  unproven: '{todo}',
  unkeyed: 'Compare cards of this kind by other means.',
  'no-card': 'Give the receipt of an entry about a card.',
} as const;

/** The check of the card on the reader, which is another question than which card it is. */
export const comparedVerdict = 'Its check just now: {word}. `touchstone verify` tells all of it.';
