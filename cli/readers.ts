/** `touchstone readers`: what is plugged in. What is missing is said by the error, with its remedy. */
import { toHex } from '../src/bytes/hex.ts';
import { ReaderError } from '../src/errors/error.ts';
import { Exit } from '../src/errors/exit.ts';
import type { Pcsc, ReaderInfo } from '../src/reader/pcsc/pcsc.ts';
import type { Deps } from './deps.ts';
import { jsonLine, printable } from './ui/printable.ts';
import type { ScreenOptions } from './ui/style.ts';

export async function readers(options: ScreenOptions, deps: Deps): Promise<Exit> {
  const pcsc = await deps.startPcsc();
  try {
    for (const { name, cardPresent, atr } of await listReaders(pcsc)) {
      const atrHex = atr && toHex(atr);
      if (options.json) {
        deps.stdout.write(jsonLine({ name, cardPresent, atr: atrHex ?? null }));
      } else {
        const card = cardPresent ? `a card lies on it (ATR ${atrHex || 'none'})` : 'no card';
        deps.stdout.write(`${printable(name)}: ${card}\n`);
      }
    }
    return Exit.genuine;
  } finally {
    await pcsc.close();
  }
}

/** @throws ReaderError READER_NONE when the service sees no reader */
export async function listReaders(pcsc: Pcsc): Promise<readonly ReaderInfo[]> {
  const found = await pcsc.readers();
  if (found.length > 0) return found;
  throw new ReaderError('READER_NONE', 'The PC/SC service runs, but it sees no reader.');
}
