/** Errors as people read them: what happened, what to do, the code. A trace only on demand. */

import { errorTable } from '../../src/errors/codes.ts';
import { TouchstoneError } from '../../src/errors/error.ts';
import type { Deps } from '../deps.ts';
import { printable } from './printable.ts';

export function printError(error: unknown, deps: Deps, debug: boolean): void {
  const known = error instanceof TouchstoneError;
  const message = known ? error.message : 'Something went wrong inside Touchstone.';
  const remedy = known ? error.entry.remedy : errorTable.INTERNAL.remedy;
  deps.stderr.write(`${printable(message)}\n${remedy} (${known ? error.code : 'INTERNAL'})\n`);
  if (debug) deps.stderr.write(`\n${trace(error).split('\n').map(printable).join('\n')}\n`);
}

/** The stack, and the causes below it, each on its own. */
function trace(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${trace(error.cause)}`;
}
