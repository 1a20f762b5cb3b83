/** Simulated SATSCARD, TAPSIGNER and SATSCHIP cards with demo keys. */
import { defineSimulation, type Simulation } from '../simulation.ts';
import { TapCard } from './card.ts';
import { tapCases } from './cases.ts';

export const coinkiteTap: Simulation = defineSimulation(
  'coinkite-tap',
  tapCases,
  (profile, random, unit) => new TapCard(profile, random, unit),
);
