/**
 * The command line of the benchmark: all rows or one, as a table or as JSON. Results go to standard
 * output, what is under way to standard error.
 *
 * A missed target is a result, not a failure, and so is a row that cannot be run on this machine: the
 * exit code says only whether the benchmark took place.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { UsageError } from '../../src/errors/error.ts';
import { Exit } from '../../src/errors/exit.ts';
import { measureRow } from './measure.ts';
import { formatJson, formatTable } from './report.ts';
import type { Outcome, Row } from './row.ts';

/** Where text goes; process.stdout and process.stderr fit. */
export interface Output {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

interface Options {
  readonly json: boolean;
  readonly help: boolean;
  readonly only?: string | undefined;
}

/**
 * Runs the benchmark.
 *
 * @param args the words after the program's name
 * @returns 0 when the rows were run or skipped, whatever the figures; 2 for wrong usage
 * @throws what a row throws: then there is no figure to show
 */
export async function run(
  args: readonly string[],
  rows: readonly Row[],
  { stdout, stderr }: Output,
): Promise<Exit> {
  try {
    const { json, help, only } = parseOptions(args);
    if (help) {
      stdout.write(helpText(rows));
      return Exit.genuine;
    }
    const chosen = chooseRows(rows, only);
    stderr.write(`Node.js ${process.versions.node}, ${machine()}\n`);
    const outcomes: Outcome[] = [];
    for (const row of chosen) {
      const outcome = await runRow(row, (text) => stderr.write(`${row.name}: ${text}\n`));
      outcomes.push(outcome);
      if (json) stdout.write(formatJson(outcome));
    }
    if (!json) stdout.write(formatTable(outcomes));
    return Exit.genuine;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${error.message}\n`);
    return Exit.usage;
  }
}

async function runRow(row: Row, tell: (text: string) => void): Promise<Outcome> {
  tell(`${row.measures}, against ${row.against} ...`);
  const missing = await row.missing?.();
  if (missing !== undefined) {
    tell(`skipped: ${missing}`);
    return { name: row.name, skipped: missing };
  }
  return measureRow(row, row.effort, tell);
}

/** @throws UsageError for an unknown option, a missing name or a stray word */
function parseOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError('USAGE', why, { cause });
  }
}

/** @throws UsageError listing the rows when there is none of that name */
function chooseRows(rows: readonly Row[], only: string | undefined): readonly Row[] {
  if (only === undefined) return rows;
  const found = rows.filter((row) => row.name === only);
  if (found.length > 0) return found;
  const names = rows.map((row) => row.name).join(', ');
  throw new UsageError('USAGE', `There is no row named ${JSON.stringify(only)}. Known: ${names}.`);
}

function machine(): string {
  const processors = cpus();
  return `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}`;
}

function helpText(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ name, unit, measures, against }) => `  ${name} (${unit}): ${measures}, against ${against}`,
  );
  return [
    'Usage: npm run --silent bench -- [--json] [--only NAME]',
    '',
    '  --json        print JSON, one object a row',
    '  --only NAME   measure this row alone',
    '',
    'Rows:',
    ...lines,
    '',
  ].join('\n');
}
