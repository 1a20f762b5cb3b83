/** Every card family that Touchstone speaks with, in the order in which cards are probed. */
import { coinkiteTap } from './coinkite-tap/index.ts';
import type { CardFamily } from './family.ts';
import { tangemFamily } from './tangem/index.ts';

export const families: readonly CardFamily[] = [coinkiteTap, tangemFamily];

export function findFamily(id: string): CardFamily | undefined {
  return families.find((family) => family.id === id);
}
