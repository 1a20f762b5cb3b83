/** A pcscd for one test file at a time; the benchmark takes turns with the tests for it. */
export {
  firstReader,
  type Pcscd,
  pcscdSocket,
  pcscdTurnMs,
  pcscMissing,
  secondReader,
  startPcscd,
} from '../../bench/subjects/pcscd.ts';
