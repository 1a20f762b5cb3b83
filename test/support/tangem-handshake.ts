/** A line on which a test plays the card's part in setting up a channel. */
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import type { Handshake } from '../../src/families/tangem/handshake.ts';
import { fieldsOf, parseTangemResponse } from '../../src/families/tangem/messages.ts';

export interface Played extends Handshake {
  /** What was asked, in hex. */
  readonly asked: readonly string[];
}

/** Answers in this order, whole response bytes; fails the test when it is asked more. */
export function play(...answers: readonly (Uint8Array | string)[]): Played {
  const asked: string[] = [];
  const next = (command: Uint8Array): Uint8Array => {
    const answer = answers[asked.length];
    asked.push(toHex(command));
    if (answer === undefined) throw new Error(`asked too much: ${toHex(command)}`);
    return typeof answer === 'string' ? fromHex(answer) : answer;
  };
  const ask = async (command: Uint8Array) => fieldsOf(parseTangemResponse(next(command)));
  return {
    asked,
    ask,
    askWithCode: ask,
    askReader: async (command) => next(command),
  };
}
