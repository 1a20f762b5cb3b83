/** Logs on a web server that is slow, wrong, gone or hostile. */
import { readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkLog } from '../../src/log/check.ts';
import { exportLog } from '../../src/log/export.ts';
import type { LogSource } from '../../src/log/source.ts';
import { openStaticUrl } from '../../src/log/static-url.ts';
import { createHttpGet, type HttpGet, type HttpReply } from '../../src/net/http.ts';
import { maxBundleBytes } from '../../src/tlog/tile.ts';
import { at, growingLog, newFolder, tesseraPolicy, vectorFolder } from '../support/static-logs.ts';
import { deadUrl, listen } from '../support/witnessing.ts';
import { tessera } from '../tlog/given.ts';

const realGet = (timeoutMs = 10_000) =>
  createHttpGet({ fetch, timeoutMs, maxBytes: maxBundleBytes });

type Answer = (request: IncomingMessage, response: ServerResponse, file: () => Buffer) => void;

const plain: Answer = (_request, response, file) => {
  try {
    response.end(file());
  } catch {
    response.writeHead(404).end();
  }
};

/** Serves a folder, and counts what was asked for. */
async function serve(folder: string, answer: Answer = plain) {
  const asked: string[] = [];
  const url = await listen((request, response) => {
    const path = (request.url ?? '').replace(/^\/logs\/one\//, '');
    asked.push(path);
    answer(request, response, () => readFileSync(join(folder, path)));
  });
  return { url: `${url}/logs/one`, asked };
}

function open(url: string, get: HttpGet = realGet()): { source: LogSource; pauses: number[] } {
  const pauses: number[] = [];
  const sleep = async (millis: number) => void pauses.push(millis);
  return { source: openStaticUrl({ url, get, sleep }), pauses };
}

const tile = (source: LogSource, width = 15) => source.tile({ level: 0, index: 0n, width });

describe('a log on a web server', () => {
  test("is read and checked: Tessera's", async () => {
    const { url, asked } = await serve(vectorFolder('tessera-log'));
    const { source } = open(url);
    expect(source.place).toBe(url);
    expect(await source.checkpoint()).toBe(tessera.checkpoints[15]?.note);
    expect(await checkLog({ source, policy: tesseraPolicy, at })).toMatchObject({
      kind: 'sound',
      size: 15n,
      counts: { entries: 15n, tiles: 1, checkpoints: 1 },
    });
    expect(new Set(asked)).toEqual(
      new Set(['checkpoint', 'tile/0/000.p/15', 'tile/entries/000.p/15']),
    );
  });

  test.each(['/', '///'])('may be named with %s at its end', async (slash) => {
    const { url } = await serve(vectorFolder('tessera-log'));
    expect((await tile(open(url + slash).source)).length).toBe(480);
  });

  test('may serve full tiles in place of partial ones, and pack what it sends', async () => {
    const { store, grow, policy } = await growingLog();
    await grow(300);
    const folder = join(newFolder(), 'export');
    await exportLog({ store, folder });
    await grow(512);
    const old = readFileSync(join(folder, 'checkpoint'));
    await exportLog({ store, folder });
    rmSync(join(folder, 'tile/0/001.p'), { recursive: true, force: true });
    const { url, asked } = await serve(folder, (request, response, file) => {
      if (request.url?.endsWith('checkpoint')) return void response.end(old);
      try {
        response.setHeader('content-encoding', 'gzip').end(gzipSync(file()));
      } catch {
        response.removeHeader('content-encoding');
        response.writeHead(404).end();
      }
    });
    const { source } = open(url);
    expect(await checkLog({ source, policy, at })).toMatchObject({ kind: 'sound', size: 300n });
    expect(asked).toContain('tile/0/001.p/44');
    expect(asked).toContain('tile/0/001');
  });

  test.each([403, 404, 410])('has no file where it answers %i', async (status) => {
    const { url, asked } = await serve('', (_request, response) => {
      response.writeHead(status).end('nothing here');
    });
    const { source, pauses } = open(url);
    await expect(source.checkpoint()).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
    await expect(tile(source)).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
    expect(asked).toEqual(['checkpoint', 'tile/0/000.p/15', 'tile/0/000']);
    expect(pauses).toEqual([]);
  });

  test.each([429, 500, 503])('that answers %i is asked again', async (status) => {
    let left = 2;
    const { url } = await serve(vectorFolder('tessera-log'), (request, response, file) => {
      if (left-- > 0) response.writeHead(status).end();
      else plain(request, response, file);
    });
    const { source, pauses } = open(url);
    expect((await tile(source)).length).toBe(480);
    expect(pauses).toEqual([250, 1000]);
  });

  test.each([429, 500])('that keeps answering %i is unavailable, not wrong', async (status) => {
    const { url, asked } = await serve('', (_request, response) => {
      response.writeHead(status).end();
    });
    const { source } = open(url);
    await expect(checkLog({ source, policy: tesseraPolicy, at })).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
    });
    expect(asked).toHaveLength(4);
  });

  test.each([204, 206, 400])('is not believed when it answers %i', async (status) => {
    const { url, asked } = await serve('', (_request, response) => {
      response.writeHead(status).end();
    });
    await expect(tile(open(url).source)).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' });
    expect(asked).toHaveLength(1);
  });

  test('that points elsewhere is not followed', async () => {
    const { url, asked } = await serve('', (_request, response) => {
      response.writeHead(302, { location: '/logs/one/other' }).end();
    });
    await expect(tile(open(url).source)).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' });
    expect(asked).toHaveLength(1);
  });

  test('that nobody runs is unavailable', async () => {
    const { source, pauses } = open(deadUrl);
    await expect(tile(source)).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' });
    expect(pauses).toEqual([250, 1000, 4000]);
  });

  test.each<[string, Answer]>([
    ['does not answer', () => undefined],
    [
      'gives a byte now and then',
      (_request, response) => {
        const dripping = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(dripping));
      },
    ],
  ])('that %s is unavailable', async (_what, answer) => {
    const { url, asked } = await serve('', answer);
    const { source, pauses } = open(url, realGet(150));
    await expect(tile(source)).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' });
    expect(asked).toHaveLength(4);
    expect(pauses).toHaveLength(3);
  });

  test('that never ends is cut off', async () => {
    const { url } = await serve('', (_request, response) => {
      const feed = () => response.write(Buffer.alloc(65_536), () => setImmediate(feed));
      feed();
    });
    const get = createHttpGet({ fetch, timeoutMs: 10_000, maxBytes: 100_000 });
    await expect(tile(open(url, get).source)).rejects.toMatchObject({ code: 'LOG_MALFORMED' });
  });

  test('with a tile above 8 kB is refused, with room for bundles or not', async () => {
    const { url } = await serve('', (_request, response) => response.end(Buffer.alloc(8193)));
    await expect(tile(open(url).source)).rejects.toMatchObject({
      code: 'LOG_MALFORMED',
      message: expect.stringContaining('longer than it can be'),
    });
  });

  test.each([1, -1, 32, -32])('with a tile %i bytes longer is refused', async (more) => {
    const { url } = await serve('', (_request, response) => response.end(Buffer.alloc(480 + more)));
    await expect(tile(open(url).source)).rejects.toMatchObject({ code: 'LOG_MALFORMED' });
  });
});

describe('a URL is refused', () => {
  const never: HttpGet = () => Promise.reject(new Error('was called'));

  test.each([
    ['', /no URL/],
    ['nonsense', /no URL/],
    ['https://example.org/log?x=1', /no query/],
    ['https://example.org/log?', /no query/],
    ['https://example.org/log#top', /no query/],
    ['https://user:secret@example.org/log', /user name/],
  ])('before anything is sent: %s', (url, message) => {
    const open = () => openStaticUrl({ url, get: never, sleep: async () => undefined });
    expect(open).toThrow(message);
    expect(open).not.toThrow(/secret/);
    expect(open).toThrow(expect.objectContaining({ code: 'LOG_UNSUITABLE' }));
  });

  test.each(['http://example.org/log', 'ftp://example.org/log', 'file:///etc/passwd'])(
    'when it is not https: %s',
    async (url) => {
      await expect(tile(open(url).source)).rejects.toMatchObject({
        code: 'LOG_UNSUITABLE',
        message: expect.stringContaining('https is needed'),
      });
    },
  );
});

test('a time-out is tried again, and then said', async () => {
  const replies: HttpReply[] = Array(4).fill({ kind: 'failed', why: 'timeout' });
  const { source, pauses } = open('https://log.example.org', async () => {
    const reply = replies.shift();
    if (reply === undefined) throw new Error('asked too often');
    return reply;
  });
  await expect(tile(source)).rejects.toMatchObject({
    code: 'LOG_UNREACHABLE',
    message: expect.stringContaining('timeout'),
  });
  expect(pauses).toHaveLength(3);
});
