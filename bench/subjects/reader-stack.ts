/**
 * A virtual card on a virtual reader of a real PC/SC service: the whole way that a command takes to
 * a card on the desk, but for the field.
 *
 *   this process, nfc-pcsc in its child, pcscd, vpcd, TCP, the virtual card in this process
 *
 * A pcscd that runs already is used as it is, and left running; where none does, one is started.
 */
import { ReaderError } from '../../src/errors/error.ts';
import type { CardChannel } from '../../src/reader/channel.ts';
import { type Pcsc, startPcsc } from '../../src/reader/pcsc/pcsc.ts';
import type { VirtualCard } from '../../src/reader/virtual.ts';
import { serveVpcd } from '../../src/simulator/vpcd.ts';
import { driverMissing, firstReader, foreignPcscdRuns, pcscMissing, startPcscd } from './pcscd.ts';

export interface ReaderStack {
  /** To the card, powered up. */
  readonly channel: CardChannel;
  /** Takes the card away and ends what was started. */
  close(): Promise<void>;
}

const cardMs = 10_000;

/** What keeps this machine from laying a card on a virtual reader. */
export async function readerStackMissing(): Promise<string | undefined> {
  const missing = await driverMissing();
  if (missing !== undefined) return missing;
  return (await foreignPcscdRuns()) ? foreignReaderMissing() : pcscMissing();
}

/**
 * Lays the card on the first virtual reader and powers it up.
 *
 * @throws Error when pcscd does not come up, ReaderError when the card cannot be reached
 */
export async function layOnReader(card: VirtualCard): Promise<ReaderStack> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    if (!(await foreignPcscdRuns())) {
      const pcscd = await startPcscd();
      undo.push(() => pcscd.stop());
    }
    const remove = await insert(card);
    undo.push(remove);
    const pcsc = await startPcsc();
    undo.push(() => pcsc.close());
    const channel = await pcsc.waitForCard({ reader: firstReader.name, timeoutMs: cardMs });
    return { channel, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @returns what takes the card away; it returns when the connection to the reader is closed */
async function insert(card: VirtualCard): Promise<() => Promise<unknown>> {
  const control = new AbortController();
  let ended: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const { port } = firstReader;
    ended = serveVpcd(card, { port, signal: control.signal, onConnect: resolve });
    ended.catch(reject);
  });
  return () => {
    control.abort();
    return ended;
  };
}

/** Somebody else's pcscd: is our virtual reader among its readers, and free? */
async function foreignReaderMissing(): Promise<string | undefined> {
  let pcsc: Pcsc | undefined;
  try {
    pcsc = await startPcsc();
    const found = (await pcsc.readers()).find(({ name }) => name === firstReader.name);
    if (found === undefined) return `the pcscd that runs here has no reader ${firstReader.name}`;
    return found.cardPresent ? `a card lies on ${firstReader.name}` : undefined;
  } catch (error) {
    if (error instanceof ReaderError) return error.message;
    throw error;
  } finally {
    await pcsc?.close();
  }
}
