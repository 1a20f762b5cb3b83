/**
 * Every sentence about a card that a person reads stands in the files texts*.ts, in one place for
 * translation. Whole sentences with {named} gaps; none is put together from parts. Keys are the codes
 * of findings, rows and steps.
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

/** Added to every NOT DECIDED. */
export const notDecidedNote = 'This does not mean that the card is fake; treat it as unchecked.';

/** Added to what to do, where a card is not new and another row than that one decided. */
export const notNewNote = 'It is not new: if you bought it as new, stop.';

/** Goes before what to do, where nothing is decided about a card that should be new and is not. */
export const notAsNewNote = 'If it was sold to you as new, stop: it is not, by its own word.';

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
  "Your card's code will be used once, and only where the card says that it has one. A wrong code counts: after some of them a card makes long pauses, or locks itself. Where a card tells how many tries are left, you will see it, and the last one is never used; others do not tell. And a substitute that lies there in place of your card would learn the code. Ctrl-C now if you are not sure.";

export const demoNote =
  'DEMO: with keys that anybody can compute. It says nothing about a real card.';

/** True of every check, so said on every screen. */
export const neverChecked =
  'Whether a genuine card elsewhere answers through this one (a relay): no reader can tell.';

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
