/**
 * Every sentence about a card that a person reads, in one place for translation. Whole sentences
 * with {named} gaps; none is put together from parts. Keys are the codes of findings, rows and
 * steps.
 *
 * Rules: say what happened, then what to do. Never "fake" for a technical failure; never "genuine"
 * without saying on the same screen what was not checked.
 */
import type { Word } from '../appraisal/table.ts';

export const wordTexts: Readonly<Record<Word, string>> = {
  genuine: 'GENUINE',
  'genuine with warnings': 'GENUINE WITH WARNINGS',
  'not genuine': 'NOT GENUINE',
  'not decided': 'NOT DECIDED',
};

/** Heads the screen where the advice is to stop. */
export const stopTitle = '{word}: STOP';

/** By row of the verdict table: the sentence under the word, and what to do now. */
export const rowTexts: Readonly<Record<string, { headline: string; todo: string }>> = {
  genuine: {
    headline: 'The card proved that {maker} made it. The firmware it reports is approved.',
    todo: 'You can use this card. Keep its number with your papers, apart from the card.',
  },
  'genuine-in-use': {
    headline: 'The card proved itself. It is not new.',
    todo: 'If you bought it as new, stop: somebody may know its secrets. Your own card you can use.',
  },
  'genuine-by-overlay': {
    headline: 'The card proved that it is signed by a key that you chose to trust yourself.',
    todo: 'You can use this card as far as you trust that registry: Touchstone does not know the root.',
  },
  'signature-wrong': {
    headline: 'The card could not prove that it holds the key it shows.',
    todo: 'Stop. Put no money or secret on it. Keep the packaging and ask the seller and {maker}.',
  },
  'chain-wrong': {
    headline: "The card's proof of origin is broken: it does not lead to {maker}.",
    todo: 'Stop. Put no money or secret on it. Keep the packaging and ask the seller and {maker}.',
  },
  'part-wrong': {
    headline: 'A signature that the card gave is wrong.',
    todo: 'Stop. Put no money or secret on it. Keep the packaging and ask the seller and {maker}.',
  },
  revoked: {
    headline: 'This card, or the key that vouches for it, has been revoked.',
    todo: 'Stop. Put no money or secret on it. Keep the packaging and ask {maker} for a replacement.',
  },
  'test-key': {
    headline:
      'This card was signed with a test key that is not secret: anybody can make such a card.',
    todo: 'Stop. Put no money or secret on it. Keep the packaging and ask the seller and {maker}.',
  },
  'foreign-root': {
    headline: 'This card calls itself a {maker} card, but {maker} did not sign it.',
    todo: 'Stop. Put no money or secret on it. Keep the packaging and ask the seller and {maker}.',
  },
  'family-unknown': {
    headline: 'Touchstone does not know this kind of card.',
    todo: 'Lay only the card itself on the reader and try again, or install the newest Touchstone.',
  },
  'foreign-challenge': {
    headline: 'These answers were not made for this check: they belong to another one.',
    todo: 'Check the card itself, on a reader, instead of a recording.',
  },
  unreadable: {
    headline: 'The card answered, but not in a form that can be read.',
    todo: 'Lay the card on again and repeat. If it stays so, do not use it and ask the seller.',
  },
  'not-yet': {
    headline: 'This card can prove itself only after it has been set up.',
    todo: 'Set it up, load no money, and check it again.',
  },
  locked: {
    headline: 'This card proves itself only to somebody who knows its access code.',
    todo: 'If you bought it as new, stop: a new card has no code of its own. If it is yours, check it again with --pin-stdin and its own code. Do not guess: wrong codes count.',
  },
  'code-refused': {
    headline: 'The card did not accept the code that you gave: one try is used up.',
    todo: 'Do not guess. Check again only if you are sure of the code: after some wrong ones a card makes long pauses, or locks itself.',
  },
  'nothing-live': {
    headline: 'Nothing here shows that a genuine card is present now.',
    todo: 'Check the card itself on a reader. If it keeps refusing, do not use it and ask the seller.',
  },
  replayable: {
    headline: 'A link can be copied: whoever has seen it once can show it again.',
    todo: 'Lay the card itself on a reader: a link proves nothing by itself.',
  },
  'registry-ancient': {
    headline: 'The registry is too old to judge any card.',
    todo: 'Install a newer Touchstone; if a local registry of yours has expired, renew it.',
  },
  'chain-unattached': {
    headline:
      "The card holds its own key. {maker}'s signatures over that key are kept apart from the card, and they are not here: who made it is not known yet.",
    todo: "Check it again with --online, which fetches {maker}'s signatures from its server, or with --attach and a file that holds them. Until then put no money or secret on it.",
  },
  'chain-withheld': {
    headline:
      "The card holds its own key, but {maker}'s server does not vouch for it: who made it is not known.",
    todo: 'Put no money or secret on it. Ask the seller and {maker} about this card.',
  },
  'chain-missing': {
    headline: 'The card holds its own key, but who made it could not be checked.',
    todo: 'Check again; if the card keeps back its certificates, do not use it and ask the seller.',
  },
  'issuer-unknown': {
    headline: 'The card is signed by somebody whom the registry does not know.',
    todo: 'Install the newest Touchstone and check again before you use the card.',
  },
  imported: {
    headline: 'This is a recording made elsewhere: it shows no card that is present now.',
    todo: 'Check the card itself on a reader.',
  },
  undecided: {
    headline: 'What is known about this card fits no verdict.',
    todo: 'Check again, and report this: it should not happen.',
  },
  contradiction: {
    headline: 'A genuine key answered, but the card contradicts itself.',
    todo: 'Stop. A device between you and a genuine card could do this. Ask the seller and {maker}.',
  },
  trouble: {
    headline: 'A genuine key answered, but the card reports that something happened to it.',
    todo: 'Stop. Put no money or secret on it. Ask {maker} what this state means.',
  },
  'other-number': {
    headline: 'A genuine card, but not the one you expected.',
    todo: 'Stop. Compare the number with your order once more. If it differs, ask the seller.',
  },
  'firmware-refused': {
    headline: 'A genuine card with firmware that must not be used.',
    todo: 'Stop. Put no money or secret on it. Ask {maker} for a replacement.',
  },
  'other-owner-and-used': {
    headline: 'A genuine card, but not new, and somebody else activated it before.',
    todo: 'Stop. Somebody else may know its secrets. Send it back to the seller.',
  },
  'not-new': {
    headline: 'A genuine card, but not new.',
    todo: 'Stop, if it was sold to you as new: somebody may know its secrets. Send it back.',
  },
  'other-owner': {
    headline: 'A genuine card, but somebody else activated it before.',
    todo: 'Was that you, on another computer? If not, do not use the card and ask the seller.',
  },
  'model-only': {
    headline: 'A genuine model; this single card cannot be told from its siblings.',
    todo: 'You can use it. Nobody can show later that it is the same card.',
  },
  'part-unreadable': {
    headline: 'The card proved itself, but a part of what it says could not be read.',
    todo: 'Check it once more. If it stays so, ask {maker} before you rely on it.',
  },
  'number-unvouched': {
    headline:
      'A genuine card, but its number is signed by somebody whom the registry does not know.',
    todo: 'Compare the number with your order. If it differs, or you have none, ask {maker} about it.',
  },
  'firmware-advised': {
    headline: 'A genuine card, with a known weakness in its firmware.',
    todo: 'Do what the warning says before you rely on this card.',
  },
  'firmware-superseded': {
    headline: 'A genuine card, with firmware that is no longer the newest.',
    todo: 'You can use it. For a new purchase, ask for a card with newer firmware.',
  },
  'firmware-unknown': {
    headline: 'A genuine card, with firmware that the registry does not know.',
    todo: 'Install the newest Touchstone and check again, or ask {maker} about this version.',
  },
  'number-not-comparable': {
    headline: 'A genuine card, but nothing proves that its number is the one you expected.',
    todo: 'Compare the number on this screen with the one that is printed on the card.',
  },
  'usage-unusual': {
    headline: 'A genuine card, in a state that is uncommon for a new one.',
    todo: 'Read the warning above. Ask the seller whether the card was sold like this.',
  },
  'usage-unknown': {
    headline: 'A genuine card, but whether it is new could not be checked.',
    todo: 'Treat it as used: ask the seller, or set it up anew before you trust it.',
  },
  'part-missing': {
    headline: 'The card proved itself, but it held back something that genuine cards tell.',
    todo: 'Check it once more. If it stays so, do not rely on what it says about its use.',
  },
  'clock-wrong': {
    headline: 'The card proved itself, but the clock of this computer is wrong.',
    todo: 'Set the clock and check again: warnings about cards depend on the date.',
  },
  'registry-expired': {
    headline: 'The card proved itself, but the registry is out of date.',
    todo: 'Install a newer Touchstone; if a local registry of yours has expired, renew it.',
  },
  recorded: {
    headline:
      'The recorded answers are genuine; whether the card is present now, they cannot show.',
    todo: 'Tap the card itself to be sure that it is still the same one.',
  },
};

/** Added to every NOT DECIDED. */
export const notDecidedNote = 'This does not mean that the card is fake; treat it as unchecked.';

/** Added to what to do, where a card is not new and another row than that one decided. */
export const notNewNote = 'It is not new: if you bought it as new, stop.';

/** Added to every GENUINE, with warnings or without, where no log was consulted. */
export const noLogNote = 'No activation log was asked.';

/** Added to other verdicts under a root that only a local registry pins. */
export const overlayNote = 'Its root is one that you chose to trust yourself.';

/** Follows a warning that rests on nothing but the card's word. */
export const reportedNote = "(By the card's own word, not proven.)";

/** Asked before anything about a card leaves this computer. */
export const mayAskMaker =
  "Ask {maker} for its signatures over this card? The card's number and public key go to {host}, which also sees your network address. The signatures are kept here, so that nobody has to be asked again.";

/** The same, where a local registry names another server than the maker's. */
export const mayAskOther =
  "Ask {host}, which your local registry names, for {maker}'s signatures over this card? It will see the card's number and public key, and your network address. The signatures are kept here, so that nobody has to be asked again.";

/** After several files, for each set that genuine cards among them belong to. */
export const wholeSet = 'Set {name}: all {count} of its cards are among these files.';
export const partOfSet = 'Set {name}: {found} of its {count} cards are among these files.';

/** Asked at a terminal, right after `codeRisk`. */
export const codeQuestion = 'The code of your card';

/** Said before a code is taken. */
export const codeRisk =
  "Your card's code will be used once, and only where the card says that it has one. A wrong code counts: after some of them a card makes long pauses, or locks itself. Touchstone cannot see how many tries are left. And a substitute that lies there in place of your card would learn it. Ctrl-C now if you are not sure.";

export const demoNote =
  'DEMO: with keys that anybody can compute. It says nothing about a real card.';

/** Finding codes. */
export const findingTexts: Readonly<Record<string, string>> = {
  'unit-proven': 'It holds its own key: it signed a challenge that it had not seen before.',
  'unit-recorded':
    'It holds its own key: it signed the challenge in this recording. Whether that was new, a recording cannot show.',
  'unit-model-only': 'It holds a key that all cards of its batch share.',
  'unit-signature-wrong': 'Its signature over our challenge is wrong. ({detail})',
  'unit-foreign-challenge': 'Its signature is for another check than this one. ({detail})',
  'unit-unreadable': 'Its answers cannot be read. ({detail})',
  'unit-not-yet': 'It cannot sign before it has been set up. ({detail})',
  'unit-locked': 'It signs only for somebody who knows its access code. ({detail})',
  'unit-code-refused': 'It signs only with its access code, and refused the one given. ({detail})',
  'unit-replayable': 'Its key signed something at some time, but no challenge of ours. ({detail})',
  'unit-no-answer': 'It signed no challenge of ours. ({detail})',
  revoked: 'Revoked: {reason} (key {key})',
  'model-pinned': '{maker} signed its key: the chain ends at the pinned "{root}".',
  'model-not-proven':
    'The key that it shows leads to "{root}", but it did not prove that it holds that key.',
  'model-overlay': 'Its chain ends at "{root}", pinned by your local registry ({layer}).',
  'model-chain-wrong': 'The chain from its key to {maker} is broken. ({detail})',
  'model-test-root':
    'Its chain ends at "{root}", a published key that must never be in a real card.',
  'model-test-key': 'It goes by "{root}", a published key that anybody can sign with.',
  'model-foreign-signer': "Its issuer's key is signed by none of {maker}'s keys: {root}",
  'model-unknown-signer':
    "Its issuer's key is signed by somebody whom the registry does not know: {root}",
  'model-unattached':
    'Who made it: {maker} keeps its signature apart from the card, and it is not here. ({detail})',
  'model-foreign-root': "Its chain ends at a key that is not one of {maker}'s: {root}",
  'model-unknown-issuer': 'Its chain ends at an issuer that the registry does not know: {root}',
  'model-no-chain': 'Who made it: there is no chain to check. ({detail})',
  'product-known': 'Product: {product}.',
  'product-unknown-batch': 'Batch {product}: the registry knows no product of it.',
  'product-unknown': 'Product: {product}, which the registry does not know.',
  'number-matches': 'Its number is {number}: the one you expected.',
  'number-differs': 'Its number is {number}. You expected {expected}.',
  'number-not-comparable':
    'It shows {number}, the number you expected, but nothing proves that number.',
  'number-issued':
    '{maker} issued a card with the number {number}. That signature can be copied: it does not cover the key.',
  'number-issued-overlay':
    'A card with the number {number} was issued by "{root}", pinned by your local registry.',
  'number-signer-unknown': "Its number is signed, but by none of {maker}'s known keys.",
  'model-issuer': 'The key between is known, too: {issuer}.',
  set: 'It belongs to a set of {count} cards, {name}. Each card of the set shows that name.',
  'number-compare': 'Its number is {number}. {printed}',
  'number-shown': 'Its number is {number}.',
  'firmware-shown': 'Firmware {firmware}.',
  'firmware-approved': 'Firmware {firmware}: approved.',
  'firmware-superseded': 'Firmware {firmware}: a newer one exists.',
  'firmware-advised': 'Firmware {firmware}: there is a warning about it.',
  'firmware-unknown': 'Firmware {firmware}: not in the registry.',
  'firmware-refused': 'Firmware {firmware}: must not be used.',
  'firmware-not-read': 'Firmware: it could not be read.',
  advisory: '{title}. {meaning} {action} ({id})',
  'usage-new': 'Use: new. No key was made on it.',
  'usage-set-up': 'Use: not new. Somebody has made a key on it.',
  'usage-backed-up': 'Use: not new. Somebody has made a key on it and a backup of that key.',
  'usage-sealed': 'Use: as sold. The first slot is sealed.',
  'usage-blank': 'Use: no slot has a key yet. {note}',
  'usage-opened': 'Use: not new. An earlier slot was opened.',
  'usage-used-up': 'Use: not new. Every slot was opened.',
  'usage-tampered': 'Use: the card reports tampering.',
  'usage-not-read': 'Whether it was used: it could not be read.',
  'slot-sealed': 'Slot {slot} is the active one, and sealed.',
  'slot-unsealed': 'Slot {slot} is the active one, without a key.',
  backups: "Backups made: {count}. Each needed the card's code.",
  'usage-prepared': 'Use: not new. It holds no wallet, but somebody has changed its settings.',
  'usage-wiped': 'Use: not new. It held a wallet, and that was wiped.',
  'usage-untold': 'Use: it did not tell all that would show it.',
  'usage-no-product': 'Whether it is as it was sold: the registry knows no such product.',
  'usage-unfinished': 'Use: by its own word its maker has not finished it.',
  wallets: 'Wallets on it: {count}, of {slots} places.',
  'purged-wallets': 'Wallets that were wiped: {count}.',
  signed: 'Its wallets have signed {count} times.',
  imported: 'A wallet on it was made from a phrase: whoever has that phrase has its money.',
  'access-code': 'An access code was set on it.',
  passcode: 'A passcode was set on it.',
  'linked-cards':
    'Other cards that hold the same wallets: {count}. Are all of them yours, and with you?',
  'backup-linked': 'Other cards that it is linked to: {count}. The backup is not finished.',
  'backup-cards': 'Other cards that hold the same wallets: {count}.',
  'backup-made': 'A backup of its wallets was made.',
  health: 'It reports that something is wrong with its chip. (code {code})',
  'developer-firmware': 'It runs firmware for developers, which is not for sale.',
  'use-unsigned': 'Whether it was used: no signature covers what it says of that.',
  'reset-unseen': 'Whether it was used and then reset: a reset leaves no trace on this card.',
  'needs-activation': 'It waits for its activation.',
  batch: 'Batch {batch}, made {made}.',
  'issuer-name': 'Issued by {name}.',
  testnet: 'It is marked as a development card.',
  'wrong-codes': 'Somebody entered wrong codes: it now waits {seconds} seconds before each try.',
  'part-refuted': 'A signature is wrong. ({detail})',
  'part-contradicted': 'It contradicts itself. ({detail})',
  'part-unreadable': 'A part of its answers could not be read. ({detail})',
  'part-foreign': 'A part of its answers belongs to another check. ({detail})',
  'part-missing': 'A part of its answers is missing. ({detail})',
  'fresh-verifier': 'Its signature was made for this check, a moment ago.',
  'fresh-unproven': 'When its answers were made: it signed nothing for this check.',
  'fresh-replayable': 'Nothing shows when it was signed: it can be shown again by anybody.',
  'fresh-beacon': 'Recorded: not older than a public checkpoint, but not made for this check.',
  'fresh-self': 'Recorded: the collector made the challenge, and the card may be elsewhere now.',
  'fresh-imported': 'Recorded elsewhere: the challenges are not ours.',
  'registry-valid': 'Judged by: {layers}.',
  'registry-early': 'Judged by: {layers}, which by this clock was not issued yet.',
  'registry-expired': 'Judged by: {layers}. "{oldest}" expired {days} days ago.',
  'registry-ancient': 'The registry "{oldest}" expired {days} days ago.',
  'log-not-consulted':
    'Not asked: no activation log was consulted, so nothing is said about earlier owners.',
  'log-no-other-owner': 'The server reports no activation by anybody else.',
  'log-other-owner': 'Somebody else activated this card before. Was it you?',
  'slot-address': 'Address of the slot shown: {address}',
  birth: 'Made about block {height} of the Bitcoin chain.',
  'link-slot-S': 'The link shows slot {slot}, sealed.',
  'link-slot-U': 'The link shows slot {slot}, opened.',
  'link-slot-E': 'The link reports tampering.',
  'link-key-S': 'The link says that a key was made on the card.',
  'link-key-U': 'The link says that no key was made on the card.',
  'link-key-E': 'The link reports tampering.',
};

/** True of every check, so said on every screen. */
export const neverChecked =
  'Whether a genuine card elsewhere answers through this one (a relay): no reader can tell.';

/** Steps of an interview, as they begin. */
export const stepTexts: Readonly<Record<string, string>> = {
  detect: 'Finding out what kind of card this is',
  status: 'Reading what the card says about itself',
  certificates: "Reading the maker's certificates",
  slot: 'Reading the active slot',
  challenge: 'Challenging the card to sign',
  link: 'Reading the link that it shows to phones',
  'opened-slots': 'Reading the opened slots',
  wallets: 'Reading what it says about its wallets',
  channel: 'Opening an encrypted channel, as the card demands',
  code: "Sending the card's code, once",
  'code-unused': 'This kind of card is never asked for its code: it was not sent',
  pause: 'The card makes a pause before it answers, {seconds} s by its word: leave it there',
  'pause-untold': 'The card makes a pause before it answers: leave it there',
  maker: "Asking the maker's server for its signatures",
  'not-kept': 'The answer could not be kept: the state folder cannot be used',
  judge: 'Judging',
};

/**
 * Fills the gaps of a sentence.
 *
 * @throws RangeError for a gap without a value (a fault of ours, caught by tests)
 */
export function fill(text: string, params: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new RangeError(`no value for {${name}} in: ${text}`);
    return value;
  });
}
