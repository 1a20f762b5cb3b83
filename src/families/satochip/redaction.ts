/**
 * What a transcript must not hold. The PIN: of the command that carries it the four bytes of its header
 * stay, without the byte that tells how long the PIN is; of its answer the status word. And the label,
 * a text of the owner's choice: of it the length stays, which shows that there is one.
 */
import { concat } from '../../bytes/bytes.ts';
import type { Exchanged } from '../../reader/card.ts';

const headerLength = 4;

export function redactPin({ command, response }: Exchanged): Exchanged {
  return { command: command.slice(0, headerLength), response: response.slice(-2) };
}

export function redactLabel({ command, response }: Exchanged): Exchanged {
  const status = response.subarray(-2);
  return { command, response: concat(response.subarray(0, -2).subarray(0, 1), status) };
}
