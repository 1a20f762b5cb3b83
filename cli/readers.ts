/** `touchstone readers`: what is plugged in. What is missing is said by the error, with its remedy. */
import { toHex } from '../src/bytes/hex.ts';
import { ReaderError } from '../src/errors/error.ts';
import { Exit } from '../src/errors/exit.ts';
import type { Deps } from './deps.ts';
import type { CommonOptions } from './run.ts';
import { jsonLine, printable } from './ui/printable.ts';

export async function readers(options: CommonOptions, deps: Deps): Promise<Exit> {
  const pcsc = await deps.startPcsc();
  try {
    const found = await pcsc.readers();
    if (found.length === 0) {
      throw new ReaderError('READER_NONE', 'The PC/SC service runs, but it sees no reader.');
    }
    for (const { name, cardPresent, atr } of found) {
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
