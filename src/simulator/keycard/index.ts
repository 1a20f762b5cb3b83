/** Simulated Keycards with demo keys. */
import { defineSimulation, type Simulation } from '../simulation.ts';
import { KeycardCard } from './card.ts';
import { keycardCases } from './cases.ts';

export const keycard: Simulation = defineSimulation(
  'keycard',
  keycardCases,
  (profile, random, unit) => new KeycardCard(profile, random, unit),
);
