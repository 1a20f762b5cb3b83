/** SATSCARD, TAPSIGNER and SATSCHIP by Coinkite: one protocol, one application. */
import { attempt } from '../check.ts';
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
    const status = attempt(() => {
      const answer = parseTapResponse(selectResponse);
      return isRefusal(answer) ? undefined : parseStatus(answer);
    });
    return typeof status === 'object';
  },
  interview,
  prove,
  proveUrl,
  explain,
};
