/**
 * A row of the benchmark: one thing that is timed, and the baseline it is held against.
 *
 * A row lives in a file of its own below bench/rows/ and is listed in bench/rows/index.ts. It says
 * what it measures in words and its target as data; the harness does the rounds, the medians and
 * the comparing, so that every figure comes about in the same way.
 */

/** What a figure should be. `of`: the value itself, or value / baseline. */
export interface Target {
  readonly direction: 'at most' | 'at least';
  readonly of: 'value' | 'ratio';
  /** For `value` in the row's unit; for `ratio` without one. */
  readonly number: number;
}

/** How much work goes into one figure. */
export interface Effort {
  /** Rounds before counting begins: compiled code, filled caches, files read once. */
  readonly warmUps: number;
  /** Rounds that count, 1 or more. Each one times the measured side, then the baseline. */
  readonly rounds: number;
  /** How many different things a side works through in one round, 1 or more. */
  readonly items: number;
}

/** The two sides of a row. Both give one figure in the row's unit, greater than 0. */
export interface Sides {
  /** What only the prepared data tell about the work, as a phrase, for whoever watches. */
  readonly note?: string;
  measured(): number | Promise<number>;
  /** Called after `measured` in each round, so it can work on the same data. */
  baseline(): number | Promise<number>;
  /** Lets go of what `prepare` took hold of. Called once, also when a round fails. */
  close?(): Promise<void>;
}

export interface Row {
  /** Area and thing, joined by a dot; unique. */
  readonly name: string;
  readonly unit: string;
  /** What is measured, as a phrase. */
  readonly measures: string;
  /** What it is held against, as a phrase. */
  readonly against: string;
  readonly target: Target;
  readonly effort: Effort;
  /**
   * What keeps this machine from running the row and what to do about it, as a phrase; undefined
   * when nothing does. Left out: the row runs wherever Touchstone does.
   */
  missing?(): Promise<string | undefined>;
  /** Makes the data both sides work on, untimed. */
  prepare(items: number): Sides | Promise<Sides>;
}

/** The outcome of a row that was run; exactly what `--json` prints. */
export interface Figure {
  readonly name: string;
  /** Median over the rounds. */
  readonly value: number;
  readonly unit: string;
  /** Median over the same rounds, in the same unit. */
  readonly baseline: number;
  /** value / baseline. */
  readonly ratio: number;
  readonly target: Target;
  readonly met: boolean;
}

/** The outcome of a row that cannot be run here; exactly what `--json` prints. */
export interface Skipped {
  readonly name: string;
  /** What is missing. */
  readonly skipped: string;
}

export type Outcome = Figure | Skipped;
