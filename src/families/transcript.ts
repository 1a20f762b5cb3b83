/** A transcript as every family's `prove` reads it. */
import { EvidenceError } from '../errors/error.ts';
import type { RecordedExchange } from '../reader/card.ts';
import { platformLength } from './platform.ts';

/**
 * Hands the exchanges with the application on in their order, without those with the chip before it,
 * and without the private ones: nobody but this computer has them, so nothing may rest on them.
 *
 * @throws EvidenceError naming the exchange that cannot be read
 */
export function readExchanges(
  transcript: readonly RecordedExchange[],
  take: (exchange: RecordedExchange) => void,
): void {
  const first = platformLength(transcript);
  for (const [index, exchange] of transcript.entries()) {
    if (index < first || exchange.disclosure === 'private') continue;
    try {
      take(exchange);
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      throw new EvidenceError(`exchange ${index + 1}: ${error.message}`, { cause: error });
    }
  }
}
