/** Every card family that Touchstone speaks with, in the order in which cards are probed. */
import { coinkiteTap } from './coinkite-tap/index.ts';
import type { CardFamily } from './family.ts';
import { keycardFamily } from './keycard/index.ts';
import { satochipFamily } from './satochip/index.ts';
import { tangemFamily } from './tangem/index.ts';

export const families: readonly CardFamily[] = [
  coinkiteTap,
  tangemFamily,
  satochipFamily,
  // Last: a bare refusal of its SELECT is one of its answers, and could be another card's.
  keycardFamily,
];

export function findFamily(id: string): CardFamily | undefined {
  return families.find((family) => family.id === id);
}
