/**
 * The child process that holds nfc-pcsc: it blocks its event loop for ever where the PC/SC service
 * is missing, and while a card stays silent (pokusew/node-pcsclite src/pcsclite.cpp retries in a
 * synchronous loop; src/cardreader.cpp takes the transmit lock on the main thread). Here that
 * harms nobody: the parent keeps the time and kills.
 *
 *   node child.js [driver module]
 */
import { Worker } from 'node:worker_threads';
import { toHex } from '../../bytes/hex.ts';
import { ChildReader } from './child-reader.ts';
import { type Driver, type DriverReader, loadDriver } from './driver.ts';
import { type FromChild, parseToChild, type ToChild } from './messages.ts';
import { pcscCode } from './result-code.ts';

/** No reader within this time after start means there is none: an empty list is not announced. */
const noReaderMs = 400;
/** A reader that reports no status within this time is listed without one. */
const firstStatusMs = 2_000;

const readers = new Map<string, ChildReader>();

// Ctrl-C reaches this process, too. The parent ends it when it has understood: were this one dead first,
// the parent would take that for a service that stopped.
process.on('SIGINT', () => undefined);

function tell(message: FromChild): void {
  // A parent that is gone shows as `disconnect`; the error of the lost message says no more.
  process.send?.(message, undefined, undefined, () => {});
}

/** Tells the parent why and ends. The message must be on its way before the process is. */
function fail(reason: 'driver' | 'service', error: unknown): void {
  const message: FromChild = { kind: 'failed', reason, detail: String(error) };
  process.send?.(message, undefined, undefined, () => process.exit(1));
  setTimeout(() => process.exit(1), 500);
}

function addReader(driverReader: DriverReader): void {
  const reader = new ChildReader(driverReader, tell);
  readers.set(reader.name, reader);
  // A reader's error without a listener would end the process. A lost service shows here first.
  driverReader.on('error', (error: unknown) => {
    reader.markKnown();
    if (isServiceGone(pcscCode(error))) fail('service', error);
  });
  driverReader.on('end', () => {
    reader.markKnown();
    // Only if a re-plugged reader of the same name has not taken the place already.
    if (readers.get(reader.name) !== reader) return;
    readers.delete(reader.name);
    tell({ kind: 'reader-removed', reader: reader.name });
  });
}

/** SCARD_E_NO_SERVICE, SCARD_E_SERVICE_STOPPED, SCARD_F_COMM_ERROR. */
function isServiceGone(code: number | null): boolean {
  return code === 0x8010001d || code === 0x8010001e || code === 0x80100013;
}

/** Waits until every reader there is at the start has told whether a card lies on it. */
async function settle(driver: Driver): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, noReaderMs);
    driver.once('reader', () => {
      clearTimeout(timer);
      setImmediate(resolve);
    });
  });
  const known = Promise.all([...readers.values()].map((reader) => reader.known));
  await Promise.race([known, new Promise((resolve) => setTimeout(resolve, firstStatusMs))]);
}

async function serve(request: ToChild): Promise<Uint8Array> {
  const reader = readers.get(request.reader);
  // SCARD_E_READER_UNAVAILABLE
  if (reader === undefined) throw new Error('reader is gone (0x80100017)');
  switch (request.kind) {
    case 'open':
      return reader.open();
    case 'exchange':
      return reader.exchange(request.command);
    case 'release':
      return reader.release();
  }
}

async function answer(request: ToChild): Promise<void> {
  try {
    tell({ kind: 'done', id: request.id, bytes: toHex(await serve(request)) });
  } catch (error) {
    tell({ kind: 'fault', id: request.id, code: pcscCode(error), detail: String(error) });
  }
}

async function main(driverName: string): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => void answer(parseToChild(message)));
  new Worker(new URL('./orphan.js', import.meta.url), { workerData: process.ppid }).unref();
  let Nfc: new () => Driver;
  try {
    Nfc = loadDriver(driverName);
  } catch (error) {
    fail('driver', error);
    return;
  }
  try {
    const driver = new Nfc();
    driver.on('reader', addReader);
    driver.on('error', (error: unknown) => fail('service', error));
    await settle(driver);
    tell({ kind: 'ready' });
  } catch (error) {
    fail('service', error);
  }
}

await main(process.argv[2] ?? 'nfc-pcsc');
