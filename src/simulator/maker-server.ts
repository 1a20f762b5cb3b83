/**
 * A stand-in for a maker's server, for demos and tests on this machine.
 *
 *   GET /card   request headers card_id and card_public_key; the card decides what is answered
 *   anything else: 404, or 405 for other methods of /card
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { UsageError } from '../errors/error.ts';
import type { SimulatedCard } from './simulation.ts';

export interface MakerServerOptions {
  /** 127.0.0.1, ::1 or localhost. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** Called once it can be asked, with its port. */
  readonly onListen?: (port: number) => void;
}

/** Answers with demo signatures: nothing for the outside world. */
const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

const path = '/card';
const jsonType = { 'content-type': 'application/json' };

/**
 * Serves what the maker would say about this card until the signal aborts. Open requests, those
 * that the card leaves without an answer among them, end with it.
 *
 * @throws UsageError when the maker of this card keeps no server, when the host is not this
 *   machine, and when the port cannot be had
 */
export async function serveMaker(card: SimulatedCard, options: MakerServerOptions): Promise<void> {
  const { host = '127.0.0.1', port, signal, onListen } = options;
  if (card.askMaker === undefined) {
    throw new UsageError('USAGE', 'The maker of this card keeps no server that could be asked.');
  }
  if (!loopback.has(host)) {
    throw new UsageError(
      'USAGE',
      `The stand-in for a maker's server listens on this machine only, not at ${host}.`,
    );
  }
  if (signal.aborted) return;
  const server = createServer((request, response) => answer(card, request, response));
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    server.once('error', (cause) => {
      signal.removeEventListener('abort', abort);
      reject(noPort(host, port, cause));
    });
    signal.addEventListener('abort', abort, { once: true });
    server.listen({ host, port }, () => onListen?.(portOf(server)));
  });
}

function answer(card: SimulatedCard, request: IncomingMessage, response: ServerResponse): void {
  const [asked] = (request.url ?? '').split('?');
  if (asked !== path) {
    response.writeHead(404).end();
    return;
  }
  if (request.method !== 'GET') {
    response.writeHead(405, { allow: 'GET' }).end();
    return;
  }
  const reply = card.askMaker?.({
    card_id: headerOf(request, 'card_id'),
    card_public_key: headerOf(request, 'card_public_key'),
  });
  // Silence: the socket stays open until one side gives up.
  if (reply?.kind === 'reply') response.writeHead(reply.status, jsonType).end(reply.body);
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function noPort(host: string, port: number, cause: Error): UsageError {
  return new UsageError('USAGE', `Nothing can listen at ${host}:${port}. Is the port taken?`, {
    cause,
  });
}
