/** Progress on standard error: one line that is redrawn on a terminal, else one line a step. */
import type { Deps } from '../deps.ts';
import { printable } from './printable.ts';
import { type ScreenOptions, styleFor } from './style.ts';

export interface Steps {
  /** A step begins; the one before it is done. */
  begin(text: string): void;
  /** Something that is worth reading after the step is over. */
  note(text: string): void;
  /** All is done; a redrawn line is cleared. */
  end(): void;
}

const clearLine = '\r\u001b[2K';

export function createSteps(deps: Deps, options: ScreenOptions & { json?: boolean }): Steps {
  const { live, colors } = styleFor(deps.stderr, deps, options);
  if (!live || options.json) {
    return {
      begin: (text) => deps.stderr.write(`${printable(text)} ...\n`),
      note: (text) => deps.stderr.write(`${printable(text)}\n`),
      end: () => undefined,
    };
  }
  return {
    begin: (text) => deps.stderr.write(`${clearLine}${colors.dim(`${printable(text)} ...`)}`),
    note: (text) => deps.stderr.write(`${clearLine}${printable(text)}\n`),
    end: () => deps.stderr.write(clearLine),
  };
}
