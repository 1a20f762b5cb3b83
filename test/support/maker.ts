/** The maker's server for tests, in this process: what the card knows of it, and what it was asked. */
import { vi } from 'vitest';
import { utf8 } from '../../src/bytes/bytes.ts';
import type { HttpGet, HttpReply } from '../../src/net/http.ts';
import type { MakerReply, SimulatedCard } from '../../src/simulator/index.ts';

export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What answers in place of a server. */
export type Answering = (headers: Readonly<Record<string, string>>) => MakerReply;

/** The same, for the client above `fetch`, or what that client itself finds wrong. */
export type AnsweringClient = (headers: Readonly<Record<string, string>>) => MakerReply | HttpReply;

/** What this card's maker says about it. */
export function makerOf(card: SimulatedCard): Answering {
  return (headers) => card.askMaker?.(headers) ?? { kind: 'reply', status: 404, body: '' };
}

/** The same body for every question. */
export function always(status: number, body = ''): Answering {
  return () => ({ kind: 'reply', status, body });
}

/** Stands in for `fetch`. Silence lasts until the caller gives up. */
export function makerFetch(answering: Answering): { fetch: typeof fetch; asked: Question[] } {
  const asked: Question[] = [];
  const stand: typeof fetch = async (input, init) => {
    const question = {
      url: String(input),
      headers: Object.fromEntries(new Headers(init?.headers)),
    };
    asked.push(question);
    const reply = answering(question.headers);
    if (reply.kind === 'reply') {
      const { status, body } = reply;
      return new Response(body === '' ? null : body, { status });
    }
    return new Promise<Response>((_, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      if (vi.isFakeTimers()) queueMicrotask(() => vi.advanceTimersByTime(60_000));
    });
  };
  return { fetch: stand, asked };
}

/** Stands in for the client above `fetch`. Silence is a time-out. */
export function makerGet(answering: AnsweringClient): { get: HttpGet; asked: Question[] } {
  const asked: Question[] = [];
  const get: HttpGet = async (url, headers): Promise<HttpReply> => {
    asked.push({ url, headers });
    const reply = answering(headers);
    if (reply.kind === 'silence') return { kind: 'failed', why: 'timeout' };
    if (reply.kind !== 'reply') return reply;
    return { kind: 'answer', status: reply.status, body: utf8(reply.body) };
  };
  return { get, asked };
}
