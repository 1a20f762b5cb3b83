import { describe, expect, test } from 'vitest';
import { ReaderError } from '../../src/errors/error.ts';
import { demoNote } from '../../src/report/texts.ts';
import { expectNoControls, runCli } from '../support/cli.ts';

/** A computer without any reader, long after the registry has expired. */
const bare = {
  pcscFailure: new ReaderError('READER_NO_SERVICE', 'There is none.'),
  now: Date.parse('2031-01-01T00:00:00Z'),
};

describe('demo', () => {
  test('shows eight cards and their verdicts, without a reader and at any time', async () => {
    const { exit, stdout, stderr } = await runCli(['demo'], bare);
    expect(exit).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.match(/^((NOT )?GENUINE( WITH WARNINGS)?|NOT DECIDED)(: STOP)?$/gm)).toEqual([
      'GENUINE',
      'NOT GENUINE: STOP',
      'NOT GENUINE: STOP',
      'GENUINE WITH WARNINGS: STOP',
      'GENUINE WITH WARNINGS',
      'NOT DECIDED',
      'GENUINE',
      'NOT GENUINE: STOP',
      'NOT DECIDED',
    ]);
    expect(stdout.match(/\(exit code \d\)/g)).toEqual(
      [0, 5, 5, 6, 3, 4, 0, 5, 4, 3, 8].map((code) => `(exit code ${code})`),
    );
    expect(stdout.match(/^RECEIPT .*$/gm)).toEqual([
      'RECEIPT HOLDS, UNWITNESSED',
      'RECEIPT DOES NOT HOLD',
    ]);
    expectNoControls(stdout);
  });

  test('says DEMO above every verdict and receipt', async () => {
    const { stdout } = await runCli(['demo'], bare);
    expect(stdout.split(demoNote)).toHaveLength(12);
    expect(stdout).toMatch(new RegExp(`${demoNote}\\n\\nGENUINE\\n`));
  });

  test('shows the same each time', async () => {
    expect((await runCli(['demo'], bare)).stdout).toBe((await runCli(['demo'])).stdout);
  });

  test('shows them as JSON, each marked as a demo', async () => {
    const { exit, stdout } = await runCli(['demo', '--json'], { ...bare, stdoutColumns: 80 });
    const verdicts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).touchstone);
    expect(exit).toBe(0);
    expect(verdicts.map((verdict) => verdict.exit)).toEqual([0, 5, 5, 6, 3, 4, 0, 5, 4]);
    expect(verdicts.every((verdict) => verdict.demo === true)).toBe(true);
  });

  test('fits a terminal, in colour where that is wanted', async () => {
    const { stdout } = await runCli(['demo'], { ...bare, stdoutColumns: 80 });
    expect(stdout).toContain('\u001b[');
    const plain = await runCli(['demo', '--no-color'], { ...bare, stdoutColumns: 80 });
    const widths = plain.stdout.split('\n').map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
    expectNoControls(plain.stdout);
  });
});
