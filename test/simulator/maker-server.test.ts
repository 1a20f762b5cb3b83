import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../src/errors/error.ts';
import { createSimulatedCard, type SimulatedCard } from '../../src/simulator/index.ts';
import { type MakerServerOptions, serveMaker } from '../../src/simulator/maker-server.ts';
import { make, readCard, value } from './tangem-client.ts';
import { seeded } from './tap-client.ts';

interface Running {
  readonly port: number;
  readonly ended: Promise<void>;
  readonly abort: () => void;
}

async function start(card: SimulatedCard, host?: string): Promise<Running> {
  const control = new AbortController();
  onTestFinished(() => control.abort());
  let ended: Promise<void> = Promise.resolve();
  const port = await new Promise<number>((resolve, reject) => {
    ended = serveMaker(card, {
      port: 0,
      signal: control.signal,
      onListen: resolve,
      ...(host === undefined ? {} : { host }),
    });
    ended.catch(reject);
  });
  return { port, ended, abort: () => control.abort() };
}

function headersOf(card: SimulatedCard): Record<string, string> {
  const { tlv } = readCard(card);
  return {
    card_id: value(tlv, 0x01).toString('hex').toUpperCase(),
    card_public_key: value(tlv, 0x03).toString('hex').toUpperCase(),
  };
}

describe('serveMaker', () => {
  test('says what the card says', async () => {
    const card = make('genuine');
    const { port } = await start(card);
    expect(port).toBeGreaterThan(0);
    const headers = headersOf(card);
    for (const target of ['/card', '/card?again']) {
      const response = await fetch(`http://127.0.0.1:${port}${target}`, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      const expected = card.askMaker?.(headers);
      expect({ kind: 'reply', status: 200, body: await response.text() }).toEqual(expected);
    }
    const stranger = await fetch(`http://127.0.0.1:${port}/card`, {
      headers: { ...headers, card_id: '00' },
    });
    expect([stranger.status, await stranger.text()]).toEqual([404, '']);
    expect((await fetch(`http://127.0.0.1:${port}/card`)).status).toBe(404);
  });

  test.each([
    ['endpoint-down', 503],
    ['endpoint-refuses', 403],
    ['endpoint-empty', 200],
  ])('gives the status of %s', async (id, status) => {
    const { port } = await start(make(id), 'localhost');
    const response = await fetch(`http://localhost:${port}/card`);
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  test('knows one path and one method', async () => {
    const { port } = await start(make('genuine'));
    for (const target of ['', '/', '/card/', '/cards', '/card/x?y']) {
      expect((await fetch(`http://127.0.0.1:${port}${target}`)).status, target).toBe(404);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) {
      const response = await fetch(`http://127.0.0.1:${port}/card`, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
    }
  });

  test('leaves a question open for endpoint-mute, until it ends', async () => {
    const { port, ended, abort } = await start(make('endpoint-mute'));
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /card HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const data: Buffer[] = [];
    socket.on('data', (chunk) => data.push(chunk));
    socket.on('error', () => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([socket.closed, data]).toEqual([false, []]);
    const closed = once(socket, 'close');
    abort();
    await Promise.all([ended, closed]);
    expect(data).toEqual([]);
    await expect(fetch(`http://127.0.0.1:${port}/card`)).rejects.toThrow();
  });

  test('ends with the signal, also one that came before', async () => {
    const { ended, abort } = await start(make('genuine'));
    abort();
    await ended;
    const early = AbortSignal.abort();
    await serveMaker(make('genuine'), { port: 0, signal: early });
  });

  const failure = async (card: SimulatedCard, options: Partial<MakerServerOptions>) => {
    const { signal } = new AbortController();
    const error = await serveMaker(card, { port: 0, signal, ...options }).catch((e) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.code).toBe('USAGE');
    return error.message;
  };

  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.org', ''])('refuses %j', async (host) => {
    expect(await failure(make('genuine'), { host })).toContain(`not at ${host}`);
  });

  test('says when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const message = await failure(make('genuine'), { port: address.port });
    expect(message).toContain(`127.0.0.1:${address.port}`);
  });

  test('has nothing to serve for a maker without a server', async () => {
    const card = createSimulatedCard('coinkite-tap', 'genuine', seeded('no server'));
    expect(await failure(card, {})).toContain('keeps no server');
  });
});
