/** Satochip, SeedKeeper and Satodime: three applets, one way to prove where they come from. */

import type { RecordedExchange } from '../../reader/card.ts';
import { attempt } from '../check.ts';
import type { CardFamily } from '../family.ts';
import { aids, products, satochip } from './constants.ts';
import { readConversation } from './conversation.ts';
import { explain } from './explain.ts';
import { interview } from './interview.ts';
import { encodeSatochipCommand } from './messages.ts';
import { prove } from './prove.ts';
import { parseStatus } from './status.ts';

/** False for one that cannot be read: nobody can compare it with the chip then. */
function showsCertificate(transcript: readonly RecordedExchange[]): boolean {
  const conversation = attempt(() => readConversation(transcript));
  return typeof conversation === 'object' && (conversation.certificate?.length ?? 0) > 0;
}

export const satochipFamily: CardFamily = {
  id: satochip.familyId,
  name: 'Satochip, SeedKeeper, Satodime',
  aids: products.map((product) => aids[product]),
  // Two of the three answer SELECT with a bare 9000.
  probe: {
    command: encodeSatochipCommand({ name: 'status' }),
    redact: (exchange) => exchange,
  },
  recognises: (response) => typeof attempt(() => parseStatus(response)) !== 'string',
  interview,
  takesCode: true,
  bindsChip: showsCertificate,
  prove,
  explain,
};
