/** Tangem cards, from COS 1 to COS 8: one application, its maker's chain apart from the card. */
import { attempt } from '../check.ts';
import type { CardFamily } from '../family.ts';
import { defaultCodeHash, ReadMode, Status, Tag, tangem } from './constants.ts';
import { endorser } from './endorser.ts';
import { explain } from './explain.ts';
import { interview } from './interview.ts';
import { encodeRead, parseTangemResponse } from './messages.ts';
import { prove } from './prove.ts';
import { redactRead } from './redaction.ts';

/** How READ is refused by a card that is there. A rough sign: other applications know these, too. */
const ownRefusals: readonly number[] = [
  Status.invalidParams,
  Status.encryptionNeeded,
  Status.accessCodeNeeded,
];

export const tangemFamily: CardFamily = {
  id: tangem.familyId,
  name: 'Tangem',
  aids: [tangem.aid],
  // A bare 9000 to SELECT could be any card's.
  probe: { command: encodeRead(ReadMode.card, defaultCodeHash), redact: redactRead },
  recognises: (response) => attempt(() => isOwn(response)) === true,
  interview,
  prove,
  explain,
  endorser,
  takesCode: true,
};

/** @throws EvidenceError when it is no answer to READ at all */
function isOwn(response: Uint8Array): boolean {
  const answer = parseTangemResponse(response);
  if (answer.kind === 'refusal') return ownRefusals.includes(answer.sw);
  if (answer.kind === 'pause') return true;
  // What else it holds need not be in order: then it is a Tangem card with odd answers.
  answer.fields.bytes(Tag.cardId, tangem.cardIdLength);
  return [Tag.cardPublicKey, Tag.cardData, Tag.firmware].some((tag) => answer.fields.has(tag));
}
