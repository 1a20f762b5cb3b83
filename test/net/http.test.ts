/** Against a real server on this computer that behaves as badly as one can. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHttpGet, type HttpReply } from '../../src/net/http.ts';

const maxBytes = 100_000;
/** Long enough for a local answer on a busy computer. */
const patient = 20_000;
const hasty = 200;

const seen: { path: string; headers: IncomingMessage['headers'] }[] = [];
let connections = 0;
/** Requests whose connection has been closed by the caller before the answer was whole. */
const givenUp = new Set<string>();

const answers: Record<string, (response: ServerResponse) => void> = {
  '/good': (response) => response.end('good'),
  '/empty': (response) => response.end(),
  '/no-content': (response) => response.writeHead(204).end(),
  '/not-modified': (response) => response.writeHead(304).end(),
  '/limit': (response) => response.end('x'.repeat(maxBytes)),
  '/above': (response) => response.end('x'.repeat(maxBytes + 1)),
  '/slow-headers': () => undefined,
  '/drip': (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  },
  '/endless': (response) => {
    response.writeHead(200);
    const piece = 'x'.repeat(10_000);
    const pour = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', pour);
    pour();
  },
  '/bomb': (response) => {
    const body = gzipSync(Buffer.alloc(50_000_000));
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
  },
  '/packed': (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('unpacked'));
  },
  '/not-gzip': (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain');
  },
  '/drop': (response) => response.destroy(),
  '/drop-in-body': (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('some', () => response.destroy());
  },
  '/lie-less': (response) => {
    response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ngood');
  },
  '/lie-more': (response) => {
    response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 4000000000\r\n\r\ngood');
  },
  '/garbage': (response) => response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n'),
};

const server = createServer((request, response) => {
  const path = request.url ?? '';
  seen.push({ path, headers: request.headers });
  response.on('close', () => {
    if (!response.writableFinished) givenUp.add(path);
  });
  const status = /^\/status\/(\d+)$/.exec(path)?.[1];
  if (status === undefined) answers[path]?.(response);
  else response.writeHead(Number(status), { location: '/good' }).end('a body');
});
server.on('connection', () => {
  connections += 1;
});

let origin = '';
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  origin = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function get(path: string, timeoutMs = patient): Promise<HttpReply> {
  return createHttpGet({ fetch, timeoutMs, maxBytes })(`${origin}${path}`, {});
}

const answer = (status: number, body: string): HttpReply => ({
  kind: 'answer',
  status,
  body: new TextEncoder().encode(body),
});
const failed = (why: string) => ({ kind: 'failed', why });

describe('an answer', () => {
  it.each([
    ['/good', 200, 'good'],
    ['/empty', 200, ''],
    ['/no-content', 204, ''],
    ['/not-modified', 304, ''],
    ['/packed', 200, 'unpacked'],
    ['/lie-less', 200, 'good'],
    ['/status/404', 404, 'a body'],
    ['/status/500', 500, 'a body'],
    ['/status/503', 503, 'a body'],
  ])('%s is one', async (path, status, body) => {
    expect(await get(path)).toEqual(answer(status, body));
  });

  it('may be as long as the limit, and not a byte more', async () => {
    expect(await get('/limit')).toEqual(answer(200, 'x'.repeat(maxBytes)));
    expect(await get('/above')).toEqual(failed('too-large'));
  });

  it('may have to be empty', async () => {
    const none = createHttpGet({ fetch, timeoutMs: patient, maxBytes: 0 });
    expect(await none(`${origin}/empty`, {})).toEqual(answer(200, ''));
    expect(await none(`${origin}/good`, {})).toEqual(failed('too-large'));
  });
});

describe('no answer', () => {
  it.each([
    ['/drop', 'unreachable'],
    ['/drop-in-body', 'unreachable'],
    ['/lie-more', 'unreachable'],
    ['/garbage', 'unreachable'],
    ['/not-gzip', 'unreachable'],
    ['/endless', 'too-large'],
    ['/bomb', 'too-large'],
    ['/status/301', 'redirected'],
    ['/status/302', 'redirected'],
    ['/status/303', 'redirected'],
    ['/status/307', 'redirected'],
    ['/status/308', 'redirected'],
  ])('%s is %s', async (path, why) => {
    expect(await get(path)).toEqual(failed(why));
  });

  it.each(['/slow-headers', '/drip'])('%s ends with the time-out', async (path) => {
    expect(await get(path, hasty)).toEqual(failed('timeout'));
  });

  it('to an endless or slow body closes the connection', async () => {
    await get('/endless');
    await get('/drip', hasty);
    await vi.waitFor(() =>
      expect([...givenUp]).toEqual(expect.arrayContaining(['/endless', '/drip'])),
    );
  });

  it('does not follow a redirect', async () => {
    seen.length = 0;
    await get('/status/302');
    await wait(50);
    expect(seen.map(({ path }) => path)).toEqual(['/status/302']);
  });

  it('is told from a redirect that the runtime hides, as browsers do', async () => {
    const hidden = { type: 'opaqueredirect', status: 0, body: null } as Response;
    const call = createHttpGet({ fetch: async () => hidden, timeoutMs: patient, maxBytes });
    expect(await call(`${origin}/good`, {})).toEqual(failed('redirected'));
  });

  it('where nobody listens, or TLS is not spoken', async () => {
    const call = createHttpGet({ fetch, timeoutMs: patient, maxBytes });
    expect(await call('http://127.0.0.1:9/', {})).toEqual(failed('unreachable'));
    expect(await call(`https://127.0.0.1:${port}/good`, {})).toEqual(failed('unreachable'));
  });
});

describe('an address', () => {
  /** What it was called with; nothing goes out. */
  function spied() {
    const fetchSpy = vi.fn<typeof fetch>(async () => new Response('good'));
    return { fetchSpy, call: createHttpGet({ fetch: fetchSpy, timeoutMs: patient, maxBytes }) };
  }

  it.each([
    'https://maker.example/cards?x=1',
    'https://192.0.2.1/',
    'http://127.0.0.1/',
    'http://127.1/',
    'http://127.255.255.254:8080/',
    'http://[::1]:8080/',
    'http://localhost/',
    'HTTP://LOCALHOST/',
  ])('%s is called', async (url) => {
    const { fetchSpy, call } = spied();
    expect(await call(url, {})).toEqual(answer(200, 'good'));
    expect(fetchSpy).toHaveBeenCalledOnce();
  });

  it.each([
    'http://maker.example/',
    'http://128.0.0.1/',
    'http://126.255.255.255/',
    'http://127.0.0.1.example/',
    'http://localhost.example/',
    'http://example.localhost/',
    'http://[::2]/',
    'http://[::ffff:127.0.0.1]/',
    'http://127.0.0.1@maker.example/',
    'https://user@maker.example/',
    'https://:secret@maker.example/',
    'http://user:secret@127.0.0.1/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'data:text/plain,good',
    'wss://maker.example/',
    '//maker.example/',
    'maker.example',
    'https://',
    '',
  ])('%j is not called', async (url) => {
    const { fetchSpy, call } = spied();
    expect(await call(url, {})).toEqual(failed('refused-address'));
    expect(fetchSpy).not.toHaveBeenCalled();
  });

  it('that leads here without being a loopback one gets no connection', async () => {
    const before = connections;
    const call = createHttpGet({ fetch, timeoutMs: patient, maxBytes });
    expect(await call(`http://0.0.0.0:${port}/good`, {})).toEqual(failed('refused-address'));
    await wait(50);
    expect(connections).toBe(before);
  });
});

describe('headers', () => {
  it('are those that were given, beside those of the runtime', async () => {
    seen.length = 0;
    const call = createHttpGet({ fetch, timeoutMs: patient, maxBytes });
    await call(`${origin}/good`, { 'User-Agent': 'touchstone/0.0.0', 'x-card': 'CB01' });
    await call(`${origin}/good`, {});
    const [given, none] = seen.map(({ headers }) => headers);
    expect(given).toMatchObject({ 'user-agent': 'touchstone/0.0.0', 'x-card': 'CB01' });
    expect(Object.keys(none ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'accept-language',
      'connection',
      'host',
      'sec-fetch-mode',
      'user-agent',
    ]);
    expect(none?.['user-agent']).toBe('node');
  });

  it('that HTTP cannot carry are a mistake of the caller', async () => {
    const call = createHttpGet({ fetch, timeoutMs: patient, maxBytes });
    await expect(call(`${origin}/good`, { 'x-card': 'a\r\nb: c' })).rejects.toThrow(TypeError);
    await expect(call(`${origin}/good`, { 'x card': 'a' })).rejects.toThrow(TypeError);
  });
});

describe('an abort', () => {
  const reason = new Error('enough');

  it.each(['/slow-headers', '/drip'])('during %s rejects with its reason', async (path) => {
    const controller = new AbortController();
    const call = createHttpGet({ fetch, timeoutMs: patient, maxBytes, signal: controller.signal });
    const reply = call(`${origin}${path}`, {});
    setTimeout(() => controller.abort(reason), 100);
    await expect(reply).rejects.toBe(reason);
  });

  it('beforehand rejects without a connection', async () => {
    const fetchSpy = vi.fn<typeof fetch>();
    const signal = AbortSignal.abort(reason);
    const call = createHttpGet({ fetch: fetchSpy, timeoutMs: patient, maxBytes, signal });
    await expect(call(`${origin}/good`, {})).rejects.toBe(reason);
    expect(fetchSpy).not.toHaveBeenCalled();
  });

  it('that does not come leaves nothing behind on the signal', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const call = createHttpGet({ fetch, timeoutMs: patient, maxBytes, signal });
    expect(await call(`${origin}/good`, {})).toEqual(answer(200, 'good'));
    expect(await call(`${origin}/drop`, {})).toEqual(failed('unreachable'));
    expect(removed.mock.calls).toEqual(added.mock.calls);
    expect(added).toHaveBeenCalledTimes(2);
  });
});

describe('limits', () => {
  it.each([
    [0, 1],
    [-1, 1],
    [1.5, 1],
    [Number.NaN, 1],
    [2 ** 31, 1],
    [1, -1],
    [1, 0.5],
    [1, Number.POSITIVE_INFINITY],
  ])('of %s ms and %s bytes are none', (timeoutMs, bytes) => {
    expect(() => createHttpGet({ fetch, timeoutMs, maxBytes: bytes })).toThrow(RangeError);
  });

  it('leave no timer behind that would keep the process alive', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const call = createHttpGet({
      fetch: async () => new Response('good'),
      timeoutMs: patient,
      maxBytes,
    });
    const reply = call(`${origin}/good`, {});
    expect(vi.getTimerCount()).toBe(1);
    await reply;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of the longest time-out do not end at once', async () => {
    expect(await get('/good', 2 ** 31 - 1)).toEqual(answer(200, 'good'));
  });
});
