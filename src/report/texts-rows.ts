/** What a verdict says: its sentence, and what to do now. */

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
    headline: "The card's proof of origin does not hold: {maker} does not vouch for it.",
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
      'This card was signed with a test key, which must never be in a real card: others than the maker may have it.',
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
  'not-yet-trouble': {
    headline: 'This card cannot prove itself yet, and it is not in the state in which it is sold.',
    todo: 'Do not set it up: ask the seller and {maker} about it first.',
  },
  'not-yet': {
    headline: 'This card can prove itself only after it has been set up.',
    todo: 'Choose a PIN for it and do nothing else: make no seed on it, import no seed and no secret, least of all one that you use already. Then check it again, with --fresh --pin-stdin.',
  },
  incapable: {
    headline: 'This card holds nothing with which it could prove what it is.',
    todo: 'Nobody can tell it from a copy. Keep no savings on it that you would miss; ask {maker} for a card that can prove itself.',
  },
  locked: {
    headline: 'This card proves itself only to somebody who knows its access code.',
    todo: 'If you bought it as new, stop: a new card has no code of its own. If it is yours, check it again with --pin-stdin and its own code; where one try is left, enter the code in the app of {maker} first, which brings the others back. Do not guess: wrong codes count.',
  },
  'code-refused': {
    headline: 'The card did not accept the code that you gave: a try may be used up.',
    todo: 'Do not guess. Check again only if you are sure of the code: after some wrong ones a card makes long pauses, or locks itself.',
  },
  'nothing-live': {
    headline: 'Nothing here shows that a genuine card is present now.',
    todo: 'Lay the card itself on a reader and check again. If it keeps refusing, do not use it and ask the seller.',
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
  'chain-undated': {
    headline:
      'The card is signed, but its certificates are not valid at the time that this computer tells.',
    todo: 'Is the clock of this computer right? If not, set it and check again. If it is, ask {maker} about this card before you use it.',
  },
  'chain-unfit': {
    headline:
      'The card holds its own key and shows a certificate, but not in the form that is known of {maker}.',
    todo: 'Install the newest Touchstone and check again. If it stays so, do not use the card, and ask the seller and {maker}.',
  },
  'chain-unchecked': {
    headline: 'The card is signed, but whether {maker} has revoked it could not be checked.',
    todo: 'Get a newer revocation list and check again before you use the card.',
  },
  'chain-missing': {
    headline: 'The card holds its own key, but who made it could not be checked.',
    todo: 'Check again; if the card keeps back its certificates, do not use it and ask the seller.',
  },
  'issuer-unknown': {
    headline: 'The card is signed by somebody whom the registry does not know.',
    todo: 'Put no money or secret on it. Install the newest Touchstone and check again; if it stays so, ask the seller and {maker}: a copy with an authority of its own looks like this.',
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
  'firmware-unread': {
    headline: 'A genuine card, but which firmware it has could not be read.',
    todo: 'Check it once more. If it stays so, ask {maker} what firmware it has.',
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
  'set-up-by-whom': {
    headline: 'A genuine card that somebody has set up: it could not be checked before.',
    todo: 'If you set it up yourself, and chose its PIN, you can use it. If it came like this, stop: somebody else may know its secrets.',
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
    todo: 'Lay the card itself on a reader to be sure that it is still the same one.',
  },
};
