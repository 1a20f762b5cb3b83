/** A maker's server without a network: the virtual card answers in its place, in this process. */
import { utf8 } from '../bytes/bytes.ts';
import type { HttpGet } from '../net/http.ts';
import type { SimulatedCard } from './simulation.ts';

export function makerGet(card: Pick<SimulatedCard, 'askMaker'>): HttpGet {
  return async (_, headers) => {
    const reply = card.askMaker?.(headers);
    if (reply?.kind !== 'reply') return { kind: 'failed', why: 'unreachable' };
    return { kind: 'answer', status: reply.status, body: utf8(reply.body) };
  };
}
