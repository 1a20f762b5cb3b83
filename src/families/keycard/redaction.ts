/**
 * What a transcript must not hold. The key UID (8E) is the hash of a wallet's master public key: who
 * knows the wallet would recognise its card. The cash applet shows a wallet's key (80) and what its
 * owner wrote (82). Of these only the lengths stay, filled with FF. The instance UID (8F) is filled
 * with zeros: it is random, and would only follow a card around until its next reset.
 *
 * Of each answer only the values known to be harmless are kept, so that no tag of a newer applet
 * carries a key along.
 */

import { parseDataObjects } from '../../apdu/tlv.ts';
import { concat } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { Exchanged } from '../../reader/card.ts';
import { Tag } from './constants.ts';
import { openTemplate } from './select.ts';

const harmless: ReadonlySet<number> = new Set<number>([
  Tag.publicKey,
  Tag.number,
  Tag.capabilities,
  Tag.status,
  Tag.certificate,
]);

const harmlessOfCash: ReadonlySet<number> = new Set<number>([Tag.number]);

/** An answer of the Keycard applet to SELECT. */
export function redactSelected({ command, response }: Exchanged): Exchanged {
  return { command, response: withoutValues(response, harmless) };
}

/** An answer of the cash applet to SELECT. */
export function redactCash({ command, response }: Exchanged): Exchanged {
  return { command, response: withoutValues(response, harmlessOfCash) };
}

/** What cannot be read cannot be cleared of keys either: then only the status stays. */
function withoutValues(response: Uint8Array, kept: ReadonlySet<number>): Uint8Array {
  const status = response.slice(-2);
  const data = response.slice(0, -2);
  if (data.length === 0) return status;
  try {
    const isBare = data[0] === Tag.publicKey && kept.has(Tag.publicKey);
    const objects = parseDataObjects(isBare ? data : openTemplate(data).content);
    for (const { tag, value } of objects) {
      // The values are views into the copy.
      if (!kept.has(tag)) value.fill(tag === Tag.instanceUid ? 0x00 : 0xff);
    }
    return concat(data, status);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return status;
  }
}
