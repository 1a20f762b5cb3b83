import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { concat } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import type { VirtualCard } from '../../src/reader/virtual.ts';
import { encodeFrame, FrameReader, serveVpcd, type VpcdEnd } from '../../src/simulator/vpcd.ts';
import { answer, failureOf, stubCard } from '../support/pcsc-cards.ts';

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

interface Side {
  readonly socket: Socket;
  readonly ended: Promise<VpcdEnd>;
  /** The next `count` payloads that the card has sent. */
  take(count: number): Promise<string[]>;
}

/** A reader of this test's own, with the card on it. */
async function serve(card: VirtualCard, signal?: AbortSignal): Promise<Side> {
  const here = createServer();
  server = here;
  const accepted = new Promise<Socket>((resolve) => here.once('connection', resolve));
  await new Promise<void>((resolve) => here.listen(0, '127.0.0.1', resolve));
  const address = here.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  let ended: Promise<VpcdEnd> = Promise.resolve('aborted');
  await new Promise<void>((resolve, reject) => {
    ended = serveVpcd(card, {
      port: address.port,
      onConnect: resolve,
      ...(signal === undefined ? {} : { signal }),
    });
    ended.catch(reject);
  });
  const socket = await accepted;
  socket.on('error', () => {});
  const frames = new FrameReader();
  const got: string[] = [];
  socket.on('data', (chunk) => got.push(...frames.push(chunk).map(toHex)));
  return {
    socket,
    ended,
    async take(count) {
      await expect.poll(() => got.length, { timeout: 3_000 }).toBeGreaterThanOrEqual(count);
      return got.splice(0, count);
    },
  };
}

test('answers ATR requests and commands, resets on power and reset, several frames at once', async () => {
  const card = stubCard((command) => ({ kind: 'answer', bytes: concat(command, fromHex('9000')) }));
  const { socket, take } = await serve(card);
  const frames = ['01', '04', '00a40400', '02', '00', '00b00000'].map((hex) =>
    encodeFrame(fromHex(hex)),
  );
  socket.write(concat(...frames));
  expect(await take(3)).toEqual(['3b80800101', '00a404009000', '00b000009000']);
  expect(card.resets).toBe(4); // laid down, 01, 02, 00
});

test('frames split over reads', async () => {
  const { socket, take } = await serve(stubCard(() => answer('9000')));
  socket.setNoDelay(true);
  for (const byte of encodeFrame(fromHex('00a4040002a000'))) {
    socket.write(Uint8Array.of(byte));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await take(1)).toEqual(['9000']);
});

test('commands too short to be any never reach the card', async () => {
  const card = stubCard(() => answer('9000'));
  const { socket, take } = await serve(card);
  socket.write(concat(fromHex('0000'), encodeFrame(fromHex('00a404'))));
  expect(await take(2)).toEqual(['6700', '6700']);
  expect(card.received).toEqual([]);
});

test('silence keeps the connection and answers nothing', async () => {
  const { socket, take } = await serve(stubCard(() => ({ kind: 'silence' })));
  socket.write(concat(encodeFrame(fromHex('00a40400')), encodeFrame(fromHex('04'))));
  expect(await take(1)).toEqual(['3b80800101']);
  expect(socket.closed).toBe(false);
  socket.destroy();
});

test('says why it ended: removed, closed by the reader, aborted', async () => {
  const removed = await serve(stubCard(() => ({ kind: 'removed' })));
  removed.socket.write(encodeFrame(fromHex('00a40400')));
  expect(await removed.ended).toBe('removed');
  server?.close();

  const closed = await serve(stubCard(() => answer('9000')));
  closed.socket.resetAndDestroy();
  expect(await closed.ended).toBe('reader-closed');
  server?.close();

  const control = new AbortController();
  const aborted = await serve(
    stubCard(() => answer('9000')),
    control.signal,
  );
  control.abort();
  expect(await aborted.ended).toBe('aborted');
  expect(
    await serveVpcd(
      stubCard(() => answer('9000')),
      { port: 9, signal: control.signal },
    ),
  ).toBe('aborted');
});

test.each([0, 65_536])('a card that answers %i bytes is a fault, not a frame', async (length) => {
  const card = stubCard(() => ({ kind: 'answer', bytes: new Uint8Array(length) }));
  const { socket, ended } = await serve(card);
  socket.write(encodeFrame(fromHex('00a40400')));
  await expect(ended).rejects.toThrow(RangeError);
});

test('nothing listens: a clear error', async () => {
  const { socket, ended } = await serve(stubCard(() => answer('9000')));
  const port = socket.localPort ?? 0;
  socket.destroy();
  await ended;
  await new Promise((resolve) => server?.close(resolve));
  const error = await failureOf(
    serveVpcd(
      stubCard(() => answer('9000')),
      { port },
    ),
  );
  expect(error.code).toBe('USAGE');
  expect(error.message).toContain(`127.0.0.1:${port}`);
});
