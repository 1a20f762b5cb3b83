/**
 * Exit codes of every command: a promise to scripts, so none is ever given a second meaning.
 * A script that only tests for zero stays safe.
 */
export const Exit = {
  genuine: 0,
  internal: 1,
  usage: 2,
  warnings: 3,
  notDecided: 4,
  notGenuine: 5,
  stop: 6,
  noVerdict: 7,
  remote: 8,
  interrupted: 130,
} as const;

export type Exit = (typeof Exit)[keyof typeof Exit];

/** Worst first. A batch, or `verify` over several files, exits with the worst that occurred. */
const worstFirst: readonly Exit[] = [
  Exit.interrupted,
  Exit.internal,
  Exit.usage,
  Exit.notGenuine,
  Exit.stop,
  Exit.remote,
  Exit.notDecided,
  Exit.noVerdict,
  Exit.warnings,
  Exit.genuine,
];

/**
 * The worst of several exit codes, 5 > 6 > 8 > 4 > 7 > 3 > 0 among verdicts.
 *
 * @throws RangeError for an empty list: "nothing was checked" must not read as success
 */
export function worstExit(codes: readonly Exit[]): Exit {
  const worst = worstFirst.find((code) => codes.includes(code));
  if (worst === undefined) throw new RangeError('no exit code to choose from');
  return worst;
}
