/** Waits for a card on a reader and hands it on; Ctrl-C lets go of both. */
import { TouchstoneError } from '../src/errors/error.ts';
import type { CardChannel } from '../src/reader/channel.ts';
import type { Deps } from './deps.ts';
import { listReaders } from './readers.ts';
import type { Steps } from './ui/steps.ts';

export interface ReaderOptions {
  /** A part of the reader's name. */
  readonly reader?: string;
  /** Seconds. */
  readonly timeout: number;
}

/**
 * @throws ReaderError where there is no reader, no card in time, or the link fails; TouchstoneError
 *   INTERRUPTED
 */
export async function onReader<Result>(
  { reader, timeout }: ReaderOptions,
  steps: Steps,
  deps: Deps,
  act: (channel: CardChannel) => Promise<Result>,
): Promise<Result> {
  steps.begin('Looking for an NFC reader');
  const pcsc = await deps.startPcsc();
  // Ctrl-C in mid-check: letting go of the reader ends whatever is under way.
  const interrupt = () => void pcsc.close();
  deps.signal.addEventListener('abort', interrupt);
  try {
    await listReaders(pcsc);
    const where = reader === undefined ? '' : ` on ${reader}`;
    steps.begin(`Waiting for a card${where}, up to ${timeout} s: lay it flat on the reader`);
    const timeoutMs = timeout * 1000;
    return await act(await pcsc.waitForCard({ reader, timeoutMs, signal: deps.signal }));
  } catch (cause) {
    if (!deps.signal.aborted) throw cause;
    throw new TouchstoneError('INTERRUPTED', 'Interrupted. Nothing was recorded.', { cause });
  } finally {
    steps.end();
    deps.signal.removeEventListener('abort', interrupt);
    await pcsc.close();
  }
}
