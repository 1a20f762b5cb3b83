/** A transcript as every family's `prove` reads it. */
import { EvidenceError } from '../errors/error.ts';
import type { RecordedExchange } from '../reader/card.ts';

/**
 * Hands the exchanges on in their order, the private ones left out: nobody but this computer has them,
 * so nothing may rest on them.
 *
 * @throws EvidenceError naming the exchange that cannot be read
 */
export function readExchanges(
  transcript: readonly RecordedExchange[],
  take: (exchange: RecordedExchange) => void,
): void {
  for (const [index, exchange] of transcript.entries()) {
    if (exchange.disclosure === 'private') continue;
    try {
      take(exchange);
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      throw new EvidenceError(`exchange ${index + 1}: ${error.message}`, { cause: error });
    }
  }
}
