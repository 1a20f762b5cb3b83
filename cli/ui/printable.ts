/**
 * Text that Touchstone did not write itself (from a card, a file, a reader, the command line) may
 * hold control characters. On a screen they could paint over a verdict or forge a line of one
 * (CWE-150), so all such text passes here first.
 */

/** Control and format characters, line feed and writing direction included; halves of characters. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text on one line, each unsafe character shown as "?". */
export function printable(text: string): string {
  return text.replace(unsafe, '?');
}

/** One line of JSON; JSON.stringify itself leaves some unsafe characters as they are. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replace(unsafe, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      const unit = character.charCodeAt(index).toString(16);
      return `\\u${unit.padStart(4, '0')}`;
    }).join(''),
  );
  return `${text}\n`;
}
