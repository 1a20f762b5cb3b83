import { describe, expect, test } from 'vitest';
import { ReaderError } from '../../src/errors/error.ts';
import { expectError, expectNoControls, runCli, simulated } from '../support/cli.ts';

const readers = [
  { name: 'ACS ACR1252 Dual Reader 00 00', card: simulated('genuine') },
  { name: 'ACS ACR1252 Dual Reader 00 01' },
];

describe('readers', () => {
  test('lists each reader on a line, and what lies on it', async () => {
    const { exit, stdout, stderr, leftOpen } = await runCli(['readers'], { readers });
    expect(stdout).toBe(
      'ACS ACR1252 Dual Reader 00 00: a card lies on it (ATR 3b888001436f696e6b69746531)\n' +
        'ACS ACR1252 Dual Reader 00 01: no card\n',
    );
    expect([exit, stderr, leftOpen]).toEqual([0, '', 0]);
  });

  test('lists them as JSON, one object a line', async () => {
    const { stdout } = await runCli(['readers', '--json'], { readers, stdoutColumns: 80 });
    expectNoControls(stdout);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { name: readers[0]?.name, cardPresent: true, atr: '3b888001436f696e6b69746531' },
      { name: readers[1]?.name, cardPresent: false, atr: null },
    ]);
  });

  test('does not touch the card', async () => {
    const card = simulated('removed-mid-way');
    const { exit, requests } = await runCli(['readers'], { card });
    expect([exit, requests]).toEqual([0, []]);
  });

  test('says what to do when there is none', async () => {
    const result = await runCli(['readers'], { readers: [] });
    expectError(result, 'READER_NONE', 'it sees no reader');
    expect(result.leftOpen).toBe(0);
  });

  test.each(['READER_NO_SERVICE', 'READER_NO_DRIVER', 'READER_STOPPED'] as const)(
    'says what to do about %s',
    async (code) => {
      const pcscFailure = new ReaderError(code, 'The PC/SC service is not there.');
      for (const more of [[], ['--json'], ['--plain']]) {
        expectError(await runCli(['readers', ...more], { pcscFailure }), code);
      }
    },
  );
});
