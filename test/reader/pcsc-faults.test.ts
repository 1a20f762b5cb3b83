/** What virtual readers cannot do, with a stand-in for nfc-pcsc in the child process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import type { CardChannel } from '../../src/reader/channel.ts';
import {
  type Pcsc,
  type PcscOptions,
  type ReaderChange,
  startPcsc,
} from '../../src/reader/pcsc/pcsc.ts';
import { failureOf, pcscChildren } from '../support/pcsc-cards.ts';

const fakeDriver = fileURLToPath(new URL('../support/pcsc-fake-driver.cjs', import.meta.url));
const select = fromHex('00a4040002a00000');
const patient = { timeoutMs: 3_000 };

describe.runIf(process.platform === 'linux')('PC/SC child process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-pcsc-'));
  const socketPath = join(folder, 'service');
  let service: Server;
  let pcsc: Pcsc | undefined;

  beforeAll(async () => {
    service = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => service.listen(socketPath, resolve));
  });

  afterEach(async () => {
    await pcsc?.close();
    pcsc = undefined;
    expect(pcscChildren()).toEqual([]);
  });

  afterAll(() => {
    service.close();
    rmSync(folder, { recursive: true });
  });

  async function start(scene: string, options: PcscOptions = {}): Promise<Pcsc> {
    process.env['FAKE_PCSC'] = scene;
    pcsc = await startPcsc({ socketPath, driver: fakeDriver, ...options });
    return pcsc;
  }

  async function open(scene: string, options: PcscOptions = {}): Promise<CardChannel> {
    return (await start(scene, options)).waitForCard(patient);
  }

  test('a good card answers', async () => {
    expect(toHex(await (await open('good')).exchange(select))).toBe('9000');
  });

  test('Ctrl-C does not end it before its parent does', async () => {
    const channel = await open('good');
    const children = pcscChildren();
    expect(children).toHaveLength(1);
    for (const pid of children) process.kill(pid, 'SIGINT');
    expect(toHex(await channel.exchange(select))).toBe('9000');
  });

  test.each([
    ['nothing at the socket', join(folder, 'nobody')],
    ['a file that is no socket', fakeDriver],
  ])('no service, %s: READER_NO_SERVICE at once', async (_, path) => {
    const before = Date.now();
    const error = await failureOf(startPcsc({ socketPath: path }));
    expect(error.code).toBe('READER_NO_SERVICE');
    expect(Date.now() - before).toBeLessThan(2_000);
  });

  test('nfc-pcsc not installed: READER_NO_DRIVER', async () => {
    const error = await failureOf(start('', { driver: 'nfc-pcsc-that-nobody-installed' }));
    expect(error.code).toBe('READER_NO_DRIVER');
    expect(error.message).toContain('not installed');
  });

  test('nfc-pcsc that cannot be loaded: READER_NO_DRIVER', async () => {
    const error = await failureOf(start('', { driver: 'node:path' }));
    expect(error.code).toBe('READER_NO_DRIVER');
    expect(error.message).toContain('cannot be loaded');
  });

  test('a service that refuses: READER_NO_SERVICE', async () => {
    expect((await failureOf(start('refused'))).code).toBe('READER_NO_SERVICE');
  });

  test('a driver that blocks at the start is ended: READER_STOPPED', async () => {
    const before = Date.now();
    const error = await failureOf(start('blocks', { startTimeoutMs: 800 }));
    expect(error.code).toBe('READER_STOPPED');
    expect(Date.now() - before).toBeLessThan(2_000);
  });

  test('no reader: an empty list, READER_NONE for a card', async () => {
    const stack = await start('no-reader');
    expect(await stack.readers()).toEqual([]);
    expect((await failureOf(stack.waitForCard(patient))).code).toBe('READER_NONE');
  });

  test('readers plugged in and out', async () => {
    const stack = await start('hotplug');
    const changes: ReaderChange[] = [];
    stack.onChange((change) => changes.push(change));
    const channel = await stack.waitForCard({ ...patient, reader: 'Fake' });
    expect(channel.readerName).toBe('Fake Reader 01 00');
    await expect.poll(async () => (await stack.readers()).length).toBe(1);
    expect(changes.map(({ kind }) => kind)).toEqual([
      'reader-added',
      'card-inserted',
      'reader-removed',
    ]);
    const error = await failureOf(channel.exchange(select));
    expect(error.code).toBe('READER_UNPLUGGED');
    expect(error.message).toContain('unplugged');
  });

  test('a reader unplugged in mid-exchange ends the exchange at once', async () => {
    const channel = await open('unplugged');
    const before = Date.now();
    const error = await failureOf(channel.exchange(select));
    expect(error.message).toContain('unplugged');
    expect(Date.now() - before).toBeLessThan(1_000);
  });

  test('a card exchanged between two looks kills the old channel', async () => {
    expect((await failureOf((await open('exchanged')).exchange(select))).code).toBe(
      'READER_CARD_REMOVED',
    );
  });

  test('a transport error just before the news of a removal counts as removal', async () => {
    expect((await failureOf((await open('late-removal')).exchange(select))).code).toBe(
      'READER_CARD_REMOVED',
    );
  });

  test.each([
    ['connect-fails', 'READER_CARD_MUTE'],
    ['another-program', 'READER_TRANSPORT'],
  ])('connecting: %s gives %s, though nfc-pcsc says nothing', async (scene, code) => {
    expect((await failureOf(open(scene))).code).toBe(code);
  });

  test.each([
    ['80100069', 'READER_CARD_REMOVED'],
    ['8010000c', 'READER_CARD_REMOVED'],
    ['80100067', 'READER_CARD_MUTE'],
    ['80100017', 'READER_UNPLUGGED'],
    ['80100068', 'READER_TRANSPORT'],
    ['80100016', 'READER_TRANSPORT'],
    ['8010001d', 'READER_STOPPED'],
    ['80100013', 'READER_STOPPED'],
  ])('exchange fails with 0x%s: %s', async (result, code) => {
    expect((await failureOf((await open(`transmit-${result}`)).exchange(select))).code).toBe(code);
  });

  test('an answer longer than any card may send ends the child', async () => {
    expect((await failureOf((await open('too-long')).exchange(select))).code).toBe(
      'READER_STOPPED',
    );
  });

  test('the child crashes in mid-exchange: READER_STOPPED, then a fresh child', async () => {
    const channel = await open('crash');
    expect((await failureOf(channel.exchange(select))).code).toBe('READER_STOPPED');
    process.env['FAKE_PCSC'] = 'good';
    const again = await pcsc?.waitForCard(patient);
    expect(toHex((await again?.exchange(select)) ?? new Uint8Array())).toBe('9000');
  });

  test('an error of one reader does not end the rest', async () => {
    const stack = await start('reader-error');
    await new Promise((resolve) => setTimeout(resolve, 150));
    const channel = await stack.waitForCard(patient);
    expect(toHex(await channel.exchange(select))).toBe('9000');
  });

  test('an error that means the service is gone: READER_STOPPED', async () => {
    const stack = await start('service-error');
    const changes: ReaderChange[] = [];
    stack.onChange((change) => changes.push(change));
    const waiting = stack.waitForCard({ timeoutMs: 3_000, exclude: ['Fake Reader 00 00'] });
    expect((await failureOf(waiting)).code).toBe('READER_STOPPED');
    expect(changes.map(({ kind }) => kind)).toContain('stopped');
  });

  test('closed: every further call fails, closing again does not', async () => {
    const stack = await start('good');
    const channel = await stack.waitForCard(patient);
    await stack.close();
    await stack.close();
    expect((await failureOf(stack.readers())).code).toBe('READER_STOPPED');
    expect((await failureOf(channel.exchange(select))).code).toBe('READER_TRANSPORT');
  });
});
