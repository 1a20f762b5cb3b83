/** What readers there are and what lies on them, kept from the child's events. */
import { fromHex } from '../../bytes/hex.ts';
import { ReaderError, UsageError } from '../../errors/error.ts';
import type { ReaderEvent } from './messages.ts';

export interface ReaderInfo {
  /** As the system names it, e.g. "ACS ACR1252 Dual Reader 00 00". */
  readonly name: string;
  readonly cardPresent: boolean;
  /** Answer to reset of the card that lies there, at most 33 bytes; empty if it gave none. */
  readonly atr?: Uint8Array;
}

export class ReaderTable {
  readonly #readers = new Map<string, ReaderInfo>();

  /** Takes in one event. */
  apply(event: ReaderEvent): void {
    const name = event.reader;
    switch (event.kind) {
      case 'reader-added':
      case 'card-removed':
        this.#readers.set(name, { name, cardPresent: false });
        return;
      case 'reader-removed':
        this.#readers.delete(name);
        return;
      case 'card-inserted':
        this.#readers.set(name, { name, cardPresent: true, atr: fromHex(event.atr) });
        return;
    }
  }

  /** In the order in which they were found. */
  list(): ReaderInfo[] {
    return [...this.#readers.values()];
  }

  /**
   * The one reader with a card that a request means, or undefined while none has a card.
   *
   * @param wanted name or part of one, upper and lower case alike; a whole name wins over parts
   * @param exclude whole names of readers to leave alone
   * @throws ReaderError READER_NONE, READER_UNKNOWN
   * @throws UsageError READER_AMBIGUOUS when cards lie on several of the readers meant: which one was asked
   *   for must never be a guess
   */
  choose(wanted: string | undefined, exclude: readonly string[]): ReaderInfo | undefined {
    const all = this.list();
    if (all.length === 0) {
      throw new ReaderError('READER_NONE', 'No reader is connected to this computer.');
    }
    const meant = wanted === undefined ? all : matching(all, wanted);
    const ready = meant.filter(({ name, cardPresent }) => cardPresent && !exclude.includes(name));
    if (ready.length > 1) {
      throw new UsageError('READER_AMBIGUOUS', `Cards lie on several readers: ${quoted(ready)}.`);
    }
    return ready[0];
  }
}

function matching(all: readonly ReaderInfo[], wanted: string): readonly ReaderInfo[] {
  const low = wanted.toLowerCase();
  const exact = all.filter(({ name }) => name.toLowerCase() === low);
  const found =
    exact.length > 0 ? exact : all.filter(({ name }) => name.toLowerCase().includes(low));
  if (found.length > 0) return found;
  throw new ReaderError(
    'READER_UNKNOWN',
    `No reader is called "${wanted}". There is: ${quoted(all)}.`,
  );
}

function quoted(readers: readonly ReaderInfo[]): string {
  return readers.map(({ name }) => `"${name}"`).join(', ');
}
