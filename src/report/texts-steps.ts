/** What is said while a check goes on. */

/** Steps of an interview, as they begin. */
export const stepTexts: Readonly<Record<string, string>> = {
  detect: 'Finding out what kind of card this is',
  status: 'Reading what the card says about itself',
  certificates: "Reading the maker's certificates",
  slot: 'Reading the active slot',
  challenge: 'Challenging the card to sign',
  link: 'Reading the link that it shows to phones',
  'opened-slots': 'Reading the opened slots',
  applets: 'Reading what its other applets say',
  wallets: 'Reading what it says about its wallets',
  channel: 'Opening an encrypted channel, as the card demands',
  code: "Sending the card's code, once",
  slots: 'Reading the state of its slots',
  secrets: 'Reading how much it says it holds',
  pause: 'The card makes a pause before it answers, {seconds} s by its word: leave it there',
  'pause-untold': 'The card makes a pause before it answers: leave it there',
  maker: "Asking the maker's server for its signatures",
  judge: 'Judging',
};

/** What a step found that is worth reading when it is over. */
export const stepNotes: Readonly<Record<string, string>> = {
  'code-unused': 'This kind of card is never asked for its code: it was not sent.',
  'code-unneeded': 'The PIN was not sent: as it is, this card asks for none.',
  'code-tries': 'Tries left of the PIN of this {product}, by its own word: {tries}.',
  'code-last-try': 'The PIN was not sent: the last try is never taken.',
  'code-unfit': 'The PIN was not sent: one of this card has 4 to 16 characters.',
  'not-kept': 'The answer could not be kept: the state folder cannot be used.',
};
