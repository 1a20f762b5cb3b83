/** Outcomes as text: an aligned table for people, one JSON object a line for programs. */
import type { Outcome, Target } from './row.ts';

const headings = ['name', 'value', 'baseline', 'ratio', 'target', 'met'] as const;

/** Columns that hold numbers: aligned to the right, the unit included. */
const numeric: ReadonlySet<number> = new Set([1, 2, 3]);

/** The whole table, headings first. Ends with a line feed. */
export function formatTable(outcomes: readonly Outcome[]): string {
  const lines = [[...headings], ...outcomes.map(cellsOf)];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const align = (cell: string, column: number) => {
    const width = widths[column] ?? 0;
    return numeric.has(column) ? cell.padStart(width) : cell.padEnd(width);
  };
  return lines.map((cells) => `${cells.map(align).join('  ').trimEnd()}\n`).join('');
}

/** One line of JSON, numbers unrounded. Ends with a line feed. */
export function formatJson(outcome: Outcome): string {
  if ('skipped' in outcome) {
    const { name, skipped } = outcome;
    return `${JSON.stringify({ name, skipped })}\n`;
  }
  const { name, value, unit, baseline, ratio, target, met } = outcome;
  return `${JSON.stringify({ name, value, unit, baseline, ratio, target, met })}\n`;
}

/** For example "ratio at least 0.7" or "value at most 30 ms". */
export function formatTarget({ direction, of, number }: Target, unit: string): string {
  return `${of} ${direction} ${number}${of === 'value' ? ` ${unit}` : ''}`;
}

/**
 * A number as people read it: whole from 1000 on, three digits that count below. Rounding is for
 * the table only; what decides `met` is the number itself.
 */
export function formatNumber(number: number): string {
  // 999.5 is where three digits would round up to four.
  return number >= 999.5 ? number.toFixed(0) : number.toPrecision(3);
}

/** Why a row was skipped is too long for a cell; it is told where what is under way is told. */
function cellsOf(outcome: Outcome): string[] {
  if ('skipped' in outcome) return [outcome.name, 'skipped', '', '', '', ''];
  const { name, value, unit, baseline, ratio, target, met } = outcome;
  return [
    name,
    `${formatNumber(value)} ${unit}`,
    `${formatNumber(baseline)} ${unit}`,
    formatNumber(ratio),
    formatTarget(target, unit),
    met ? 'yes' : 'no',
  ];
}
