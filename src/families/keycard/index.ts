/** Keycard, the smart card of Status: its applets from 2.0 to 4.0. */
import { attempt } from '../check.ts';
import type { CardFamily } from '../family.ts';
import { keycard } from './constants.ts';
import { explain } from './explain.ts';
import { interview } from './interview.ts';
import { prove } from './prove.ts';
import { parseSelected } from './select.ts';

export const keycardFamily: CardFamily = {
  id: keycard.familyId,
  name: 'Keycard',
  aids: [keycard.aids.keycard],
  recognises: (response) => attempt(() => parseSelected(response).form !== 'refused') === true,
  interview,
  prove,
  explain,
};
