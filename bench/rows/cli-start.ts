/**
 * `cli.start`: how long a person waits for the program to be there at all. Whole processes, from
 * spawning to their end, with the same pipes on both sides.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { packageFile, packageVersion } from '../../cli/package.ts';
import { millisecondsOf } from '../harness/measure.ts';
import type { Row, Sides } from '../harness/row.ts';

export const cliStart: Row = {
  name: 'cli.start',
  unit: 'ms',
  measures: 'wall time of `touchstone --version`',
  against: '`node -e 0`, a process that does nothing',
  target: { direction: 'at most', of: 'ratio', number: 2.5 },
  effort: { warmUps: 3, rounds: 31, items: 1 },
  prepare,
};

/** @param items starts of the program in one round; the figure is the time of one */
function prepare(items: number): Sides {
  const program = packageFile('dist/cli/touchstone.js');
  if (!existsSync(program)) {
    throw new Error(`${program} is missing. Build it with \`npm run build\`.`);
  }
  const version = `${packageVersion()}\n`;
  return {
    measured: () => millisecondsOfProcess([program, '--version'], version, items),
    baseline: () => millisecondsOfProcess(['-e', '0'], '', items),
  };
}

/** @throws Error when a process fails or prints anything else: then it did not do its work */
function millisecondsOfProcess(args: readonly string[], expected: string, count: number): number {
  const total = millisecondsOf(() => {
    for (let started = 0; started < count; started += 1) {
      const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      if (status === 0 && stdout === expected) continue;
      throw new Error(`node ${args.join(' ')} failed: ${stderr}`, { cause: error });
    }
  });
  return total / count;
}
