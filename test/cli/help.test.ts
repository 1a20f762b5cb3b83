import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Exit } from '../../src/errors/exit.ts';
import { expectError, expectNoControls, repositoryFile, runCli } from '../support/cli.ts';

const commands = ['verify', 'readers', 'evidence', 'simulate', 'demo'] as const;

describe('help', () => {
  test('goes to standard output when asked for, and lists every command', async () => {
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { exit, stdout, stderr } = await runCli(args);
      expect([exit, stderr]).toEqual([0, '']);
      for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
      expectNoControls(stdout);
    }
  });

  test('goes to standard error when no command was given, and is no success', async () => {
    const { exit, stdout, stderr } = await runCli([]);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toBe((await runCli(['--help'])).stdout);
  });

  test('lists every exit code', async () => {
    const { stdout } = await runCli(['--help']);
    const table = stdout.slice(stdout.indexOf('Exit codes:'));
    const listed = [...table.matchAll(/(?:^ +| {2})(\d+) (?=[a-z])/gm)].map(([, code]) =>
      Number(code),
    );
    expect(listed.sort((a, b) => a - b)).toEqual(Object.values(Exit).sort((a, b) => a - b));
  });

  test.each(commands)('explains the command "%s"', async (command) => {
    const { exit, stdout, stderr } = await runCli([command, '--help']);
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: touchstone ${command}`);
    expect(stdout).toBe((await runCli(['help', command])).stdout);
  });

  test('names no option that is refused', async () => {
    const { stdout } = await runCli(['verify', '--help']);
    const options = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option ?? '');
    expect(options.length).toBeGreaterThan(10);
    for (const option of options) {
      const { stderr } = await runCli(['verify', option, '--no-such-option']);
      expect(stderr).not.toContain(`'${option}'.`);
    }
  });
});

test('--version prints the version of the package and nothing else', async () => {
  const { version } = JSON.parse(readFileSync(repositoryFile('package.json'), 'utf8'));
  for (const option of ['--version', '-V']) {
    const { exit, stdout, stderr } = await runCli([option]);
    expect([exit, stdout, stderr]).toEqual([0, `${version}\n`, '']);
  }
});

describe('a typing error', () => {
  test.each([
    [['verifi'], "Unknown command 'verifi'. Did you mean verify?"],
    [['nonsense'], "Unknown command 'nonsense'."],
    [['verify', '--frehs'], "Unknown option '--frehs'. Did you mean --fresh?"],
    [['verify', '--zzz'], "Unknown option '--zzz'."],
    [['--zzz'], "Unknown option '--zzz'."],
    [['verify', 'card.json'], "Too many arguments for 'verify'"],
    [['evidence', 'show'], "Missing required argument 'file'."],
    [['evidence', 'shwo'], "Unknown command 'shwo'. Did you mean show?"],
    [['verify', '--reader'], "Option '--reader <name>' argument missing."],
  ])('in %j is named, with a guess that is never run', async (args, message) => {
    const result = await runCli(args);
    expectError(result, 'USAGE');
    expect(result.stderr).toContain(message);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(result.requests).toEqual([]);
  });
});
