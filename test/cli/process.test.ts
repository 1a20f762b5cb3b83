/** The built program as a process: what only a real process can get wrong. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBuilt, startBuilt } from '../support/built-cli.ts';
import {
  expectError,
  expectNoControls,
  expectNoTrace,
  repositoryFile,
  savedEvidence,
  temporaryFolder,
} from '../support/cli.ts';

const program = repositoryFile('dist/cli/touchstone.js');

/** No PC/SC service, whatever runs on this computer. */
const noService = { PCSCLITE_CSOCK_NAME: '/not-there/pcscd.comm' };

const shell = (script: string) =>
  spawnSync('bash', ['-c', script, 'bash', process.execPath, program], {
    cwd: temporaryFolder(),
    encoding: 'utf8',
    timeout: 20_000,
  });

test('demo works from any folder and prints no escape codes into a pipe', async () => {
  const { exit, stdout, stderr } = await runBuilt(['demo']);
  expect([exit, stderr]).toEqual([0, '']);
  expectNoControls(stdout);
});

test('evidence is judged from any folder, by a relative path', async () => {
  const path = await savedEvidence();
  const args = ['verify', '--json', '--evidence', 'genuine.json'];
  const { exit, stdout } = await runBuilt(args, { cwd: join(path, '..') });
  expect(exit).toBe(5);
  expect(JSON.parse(stdout).touchstone.verdict).toBe('not genuine');
});

test('a person without a home gets a verdict: nothing needs to be kept for it', async () => {
  const path = await savedEvidence();
  const { exit, stderr } = await runBuilt(['verify', '--evidence', path], { env: { HOME: '.' } });
  expect([exit, stderr]).toEqual([5, '']);
});

test('a wrong word on the command line exits with 2', async () => {
  const { exit, stdout, stderr } = await runBuilt(['verify', '--no-such-option']);
  expect([exit, stdout]).toEqual([2, '']);
  expect(stderr).toContain("Unknown option '--no-such-option'.");
});

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test.each([['verify'], ['readers']])(
    '%s ends with 7 within 5 seconds where no PC/SC service runs',
    async (command) => {
      const { exit, stdout, stderr } = await runBuilt([command], {
        env: noService,
        timeoutMs: 5_000,
      });
      expect([exit, stdout]).toEqual([7, '']);
      expect(stderr).toContain('(READER_NO_SERVICE)');
      expectNoTrace({ stdout, stderr });
    },
  );

  test('a result that a full disk swallows is no success', () => {
    const { status, stderr } = shell('"$1" "$2" demo > /dev/full');
    expect(status).toBe(1);
    expect(stderr).toBe('The output could not be written: ENOSPC.\n');
  });
});

describe('Ctrl-C', () => {
  test('ends a wait for standard input with 130', async () => {
    const running = startBuilt(['verify', '--evidence', '-']);
    setTimeout(() => running.kill('SIGINT'), 2_500);
    const { exit, stdout, stderr } = await running.ended;
    expect([exit, stdout]).toEqual([130, '']);
    expect(stderr).toContain('(INTERRUPTED)');
    expectNoTrace({ stdout, stderr });
  });
});

describe('a pipe whose reader leaves', () => {
  test('ends the program quietly, and its exit code still tells', () => {
    const { stdout, stderr } = shell('"$1" "$2" demo | true; echo $PIPESTATUS');
    expect([stdout, stderr]).toEqual(['0\n', '']);
  });
});

test('an error of the program reads the same in a process', async () => {
  expectError(await runBuilt(['evidence', 'show', '/not-there']), 'FILE_UNREADABLE');
});
