/**
 * From a row to its figure: warm up, then time both sides in turn, A B A B, and compare medians.
 *
 * Taking turns matters more than many rounds: whatever else the machine does meets both sides
 * alike, so the ratio stands where each single time would not.
 */
import type { Effort, Figure, Row, Target } from './row.ts';

/**
 * Measures one row, which must be one that can be run here.
 *
 * @param effort left out, the row's own
 * @param onNote told the row's note, where it has one, before the first round
 * @throws RangeError when a side gives a figure that is not a positive number: nothing was timed
 */
export async function measureRow(
  row: Row,
  effort: Effort = row.effort,
  onNote: (note: string) => void = () => undefined,
): Promise<Figure> {
  const sides = await row.prepare(effort.items);
  const values: number[] = [];
  const baselines: number[] = [];
  try {
    if (sides.note !== undefined) onNote(sides.note);
    for (let round = -effort.warmUps; round < effort.rounds; round += 1) {
      const value = requirePositive(await sides.measured(), row, 'measured side');
      const baseline = requirePositive(await sides.baseline(), row, 'baseline');
      if (round < 0) continue;
      values.push(value);
      baselines.push(baseline);
    }
  } finally {
    await sides.close?.();
  }
  const value = median(values);
  const baseline = median(baselines);
  const { name, unit, target } = row;
  const ratio = value / baseline;
  return { name, value, unit, baseline, ratio, target, met: isMet(target, value, ratio) };
}

/** True when the figure is on the right side of the target; on the line counts. */
export function isMet(target: Target, value: number, ratio: number): boolean {
  const figure = target.of === 'value' ? value : ratio;
  return target.direction === 'at most' ? figure <= target.number : figure >= target.number;
}

/**
 * The middle value; of an even count, halfway between the two in the middle.
 *
 * @throws RangeError for an empty list
 */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (lower === undefined || upper === undefined) throw new RangeError('median of nothing');
  return (lower + upper) / 2;
}

/** Milliseconds that some work takes, by the monotonic clock. */
export function millisecondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** The same for work that waits. */
export async function millisecondsOfAsync(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** How many of `count` things are done in a second, by the time that all of them take. */
export function perSecond(count: number, work: () => void): number {
  return (count * 1000) / millisecondsOf(work);
}

function requirePositive(figure: number, row: Row, side: string): number {
  if (Number.isFinite(figure) && figure > 0) return figure;
  throw new RangeError(`${row.name}: the ${side} gave ${figure}, a number above 0 expected`);
}
