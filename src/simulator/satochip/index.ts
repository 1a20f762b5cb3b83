/** Simulated Satochip, SeedKeeper and Satodime cards with demo keys. */
import { defineSimulation, type Simulation } from '../simulation.ts';
import { SatochipCard } from './card.ts';
import { satochipCases } from './cases.ts';

export const satochip: Simulation = defineSimulation(
  'satochip',
  satochipCases,
  (profile, random, unit) => new SatochipCard(profile, random, unit),
);
