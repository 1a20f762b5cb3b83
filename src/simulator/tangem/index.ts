/** Simulated Tangem cards with demo keys. */
import { defineSimulation, type Simulation } from '../simulation.ts';
import { TangemCard } from './card.ts';
import { tangemCases } from './cases.ts';

export const tangem: Simulation = defineSimulation(
  'tangem',
  tangemCases,
  (profile, random, unit) => new TangemCard(profile, random, unit),
);
