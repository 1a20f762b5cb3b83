/** SATSCARD, TAPSIGNER and SATSCHIP by Coinkite: one protocol, one application. */
import { EvidenceError } from '../../errors/error.ts';
import type { CardFamily } from '../family.ts';
import { tap } from './constants.ts';
import { explain } from './explain.ts';
import { interview } from './interview.ts';
import { isRefusal, parseTapResponse } from './messages.ts';
import { prove, proveUrl } from './prove.ts';
import { parseStatus } from './status.ts';

export const coinkiteTap: CardFamily = {
  id: tap.familyId,
  name: 'Coinkite SATSCARD, TAPSIGNER, SATSCHIP',
  aids: [tap.aid],
  recognises(selectResponse) {
    try {
      const answer = parseTapResponse(selectResponse);
      if (isRefusal(answer)) return false;
      parseStatus(answer);
      return true;
    } catch (error) {
      if (error instanceof EvidenceError) return false;
      throw error;
    }
  },
  interview,
  prove,
  proveUrl,
  explain,
};
