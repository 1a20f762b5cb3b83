/** Questions to the person at the terminal, on standard error. */
import * as prompts from '@clack/prompts';
import { TouchstoneError } from '../../src/errors/error.ts';

/**
 * Only "yes" is yes: Enter alone is no.
 *
 * @param interrupt aborted by Ctrl-C or Escape at the question, as by Ctrl-C everywhere else
 * @throws TouchstoneError INTERRUPTED
 */
export async function confirm(message: string, interrupt: AbortController): Promise<boolean> {
  clearStep();
  const options = { ...terminal(interrupt), initialValue: false };
  return answered<boolean>(await prompts.confirm({ message, ...options }), interrupt);
}

/**
 * What is typed is not shown.
 *
 * @param interrupt as in `confirm`
 * @throws TouchstoneError INTERRUPTED
 */
export async function secret(message: string, interrupt: AbortController): Promise<string> {
  return answered<string>(await prompts.password({ message, ...terminal(interrupt) }), interrupt);
}

function terminal({ signal }: AbortController) {
  return { output: process.stderr, signal, withGuide: false };
}

/** The step that was under way stands on this line. */
function clearStep(): void {
  process.stderr.write('\r\u001b[2K');
}

function answered<T extends string | boolean>(answer: T | symbol, interrupt: AbortController): T {
  if (typeof answer !== 'symbol') return answer;
  interrupt.abort();
  throw new TouchstoneError('INTERRUPTED', 'Interrupted. Nothing was recorded.');
}
