/** POST: the limits are those of GET (http.test.ts); here is what a body adds. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { createHttpPost } from '../../src/net/http.ts';
import { listen } from '../support/witnessing.ts';

const limits = { timeoutMs: 20_000, maxBytes: 1000 };
const body = Uint8Array.of(0x00, 0xff, 0x0a, 0x80);

interface Seen {
  readonly method: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server that keeps what it is asked, and answers by the given function. */
async function recorder(answer: (response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const url = await listen(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, headers } = request;
    seen.push({ method, headers, body: Buffer.concat(chunks) });
    answer(response);
  });
  return { url, seen };
}

describe('a POST', () => {
  it('carries its bytes and headers once, and nothing beside them', async () => {
    const { url, seen } = await recorder((response) => response.end('good'));
    const post = createHttpPost({ fetch, ...limits });
    const reply = await post(`${url}/x`, { 'content-type': 'text/x.test' }, body);
    expect(reply).toEqual({
      kind: 'answer',
      status: 200,
      contentType: undefined,
      body: new TextEncoder().encode('good'),
    });
    await post(`${url}/x`, {}, new Uint8Array());
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({ method: 'POST', headers: { 'content-type': 'text/x.test' } });
    expect(new Uint8Array(seen[0]?.body ?? [])).toEqual(body);
    expect(seen[1]?.body).toHaveLength(0);
    expect(Object.keys(seen[1]?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'accept-language',
      'connection',
      'content-length',
      'host',
      'sec-fetch-mode',
      'user-agent',
    ]);
  });

  it('tells the type of the answer, whatever the status', async () => {
    const { url } = await recorder((response) =>
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('7\n'),
    );
    expect(await createHttpPost({ fetch, ...limits })(url, {}, body)).toEqual({
      kind: 'answer',
      status: 409,
      contentType: 'text/x.tlog.size',
      body: new TextEncoder().encode('7\n'),
    });
  });

  it.each([301, 302, 303, 307, 308])('is not sent again after a redirect (%d)', async (status) => {
    const { url, seen } = await recorder((response) =>
      response.writeHead(status, { location: '/' }).end(),
    );
    const post = createHttpPost({ fetch, ...limits });
    expect(await post(url, {}, body)).toEqual({ kind: 'failed', why: 'redirected' });
    expect(seen).toHaveLength(1);
  });

  it('is not sent again when the connection breaks', async () => {
    const { url, seen } = await recorder((response) => response.destroy());
    const post = createHttpPost({ fetch, ...limits });
    expect(await post(url, {}, body)).toEqual({ kind: 'failed', why: 'unreachable' });
    expect(seen).toHaveLength(1);
  });

  it('ends with the time-out, and at the limit of the answer', async () => {
    const mute = await recorder(() => undefined);
    const hasty = createHttpPost({ fetch, timeoutMs: 200, maxBytes: 1000 });
    expect(await hasty(mute.url, {}, body)).toEqual({ kind: 'failed', why: 'timeout' });
    const long = await recorder((response) => response.end('x'.repeat(1001)));
    const post = createHttpPost({ fetch, ...limits });
    expect(await post(long.url, {}, body)).toEqual({ kind: 'failed', why: 'too-large' });
  });

  it('goes to no address that a GET would not go to', async () => {
    const fetchSpy = vi.fn<typeof fetch>();
    const post = createHttpPost({ fetch: fetchSpy, ...limits });
    for (const url of ['http://witness.example/', 'https://user@witness.example/', 'x']) {
      expect(await post(url, {}, body)).toEqual({ kind: 'failed', why: 'refused-address' });
    }
    expect(fetchSpy).not.toHaveBeenCalled();
  });

  it('rejects with the reason of an abort, and with a TypeError for a header', async () => {
    const { url } = await recorder(() => undefined);
    const controller = new AbortController();
    const reason = new Error('enough');
    const post = createHttpPost({ fetch, ...limits, signal: controller.signal });
    await expect(post(url, { 'x-a': 'a\r\nb: c' }, body)).rejects.toThrow(TypeError);
    const reply = post(url, {}, body);
    setTimeout(() => controller.abort(reason), 50);
    await expect(reply).rejects.toBe(reason);
  });

  it.each([
    [0, 1],
    [1, -1],
  ])('with limits of %d ms and %d bytes is none', (timeoutMs, maxBytes) => {
    expect(() => createHttpPost({ fetch, timeoutMs, maxBytes })).toThrow(RangeError);
  });
});
