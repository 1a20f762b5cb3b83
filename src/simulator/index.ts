/** All card families that can be simulated. A new family is one line in this table. */
import { coinkiteTap } from './coinkite-tap/index.ts';
import { keycard } from './keycard/index.ts';
import { satochip } from './satochip/index.ts';
import { type Random, type SimulatedCard, type Simulation, unknownName } from './simulation.ts';
import { tangem } from './tangem/index.ts';

export type {
  MakerReply,
  Random,
  SimulatedCard,
  Simulation,
  SimulationCase,
} from './simulation.ts';

/** Family id to its simulated cards. */
export const simulations: Readonly<Record<string, Simulation>> = {
  'coinkite-tap': coinkiteTap,
  tangem,
  keycard,
  satochip,
};

/**
 * The simulated cards of one family.
 *
 * @throws UsageError (USAGE) listing the families when there is none of that id
 */
export function findSimulation(family: string): Simulation {
  const found = Object.hasOwn(simulations, family) ? simulations[family] : undefined;
  if (found === undefined) throw unknownName('simulated family', family, Object.keys(simulations));
  return found;
}

/**
 * Makes one simulated card; see Simulation.create for `unit`.
 *
 * @throws UsageError (USAGE) listing the known names for an unknown family or case
 */
export function createSimulatedCard(
  family: string,
  caseId: string,
  random: Random,
  unit?: string,
): SimulatedCard {
  return findSimulation(family).create(caseId, random, unit);
}
