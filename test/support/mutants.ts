/** Everything that alters good evidence of cards that speak CBOR. */
export { lieMutants, structureMutants } from './mutants-cbor.ts';
export { byteMutants, type Mutant, sequenceMutants } from './mutants-shared.ts';
