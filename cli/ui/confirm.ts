/** A question to the person at the terminal, on standard error. Only "yes" is yes. */
import { confirm as ask } from '@clack/prompts';
import { TouchstoneError } from '../../src/errors/error.ts';

/**
 * @param interrupt aborted by Ctrl-C at the question, as everywhere else
 * @throws TouchstoneError INTERRUPTED
 */
export async function confirm(message: string, interrupt: AbortController): Promise<boolean> {
  const { signal } = interrupt;
  // The step that was under way stands on this line.
  process.stderr.write('\r\u001b[2K');
  const options = { output: process.stderr, signal, withGuide: false, initialValue: false };
  const answer = await ask({ message, ...options });
  if (typeof answer === 'boolean') return answer;
  interrupt.abort();
  throw new TouchstoneError('INTERRUPTED', 'Interrupted. Nothing was recorded.');
}
