/** Names of a foreign log, and what its server says, never reach a screen as they are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { exportLog } from '../../../src/log/export.ts';
import { encodePolicy } from '../../../src/tlog/policy.ts';
import {
  expectError,
  expectNoControls,
  temporaryFile,
  temporaryFolder,
} from '../../support/cli.ts';
import { growingLog } from '../../support/static-logs.ts';
import { listen, testCosigner } from '../../support/witnessing.ts';
import { at, linesOf, log, mustLog, newLog } from './logs.ts';
import { servedFolder } from './served.ts';

/** Turns the text around, steers a terminal (C1), hides. */
const origin = 'log.example\u202e\u009b2J\u200b/x';
const witness = 'w\u202e\u009b1';

/** Plain files of a log with that name, whose witness has such a name as well, and its policy. */
async function hostile() {
  const grown = await growingLog({ origin });
  await grown.append(3);
  const cosigner = testCosigner();
  await grown.publish(cosigner, at - 60n);
  const files = join(temporaryFolder(), 'files');
  await exportLog({ store: grown.store, folder: files });
  const policy = { ...grown.policy, witnesses: [{ name: witness, key: cosigner.key }] };
  return { files, policy: temporaryFile(encodePolicy({ ...policy, quorum: witness }), 'policy') };
}

const quiet = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => {
  expect(stdout.length + stderr.length).toBeGreaterThan(0);
  expectNoControls(stdout + stderr);
};

test.each<string[][]>([[[]], [['--plain']], [['--json']]])(
  'show, check, import with %j',
  async (style) => {
    const { files, policy } = await hostile();
    const url = await listen(servedFolder(files));
    const copy = join(temporaryFolder(), 'copy');
    const given = ['--policy', policy, ...style];
    for (const args of [
      ['show', files],
      ['check', files],
      ['show', url],
      ['check', url],
      ['import', files, '--log', copy],
    ]) {
      const result = await mustLog([...args, ...given], { fetch });
      quiet(result);
      if (style.includes('--json')) expect(linesOf(result)).toMatchObject([{ origin }]);
    }
    for (const args of [
      ['show', copy],
      ['check', copy],
      ['export', join(temporaryFolder(), 'out'), '--log', copy],
      ['prove', '0', '--log', copy, '--out', join(temporaryFolder(), 'proof')],
      ['append', '--log', copy, '--notice', 'x'],
      ['import', files, '--log', copy, '--policy', join(await newLog(), 'policy')],
    ]) {
      quiet(await log([...args, ...style]));
    }
  },
);

it('in errors', async () => {
  const { files } = await hostile();
  const policy = ['--policy', join(await newLog(), 'policy')];
  const shown = await log(['show', files, ...policy]);
  expectError(shown, 'LOG_WRONG', 'the policy names no log');
  quiet(shown);
  const checked = await log(['check', files, ...policy]);
  expect(checked.exit).toBe(8);
  quiet(checked);
  quiet(await log(['import', files, '--log', join(temporaryFolder(), 'c'), ...policy]));
  quiet(await log(['show', '/nowhere\u001b[2J\u202e']));
  quiet(await log(['append', '--log', '/nowhere\u001b[2J\u202e', '--raw', '/nowhere\u009b']));
});

it('a proof is handed on byte for byte, but not to a terminal', async () => {
  const { files, policy } = await hostile();
  const copy = join(temporaryFolder(), 'copy');
  await mustLog(['import', files, '--log', copy, '--policy', policy]);
  const args = ['prove', '1', '--log', copy];
  const piped = await mustLog(args);
  expect(piped.stdout).toContain(`\n${origin}\n3\n`);
  expectNoControls(piped.stderr);
  const shown = await log(args, { stdoutColumns: 80 });
  expectError(shown, 'USAGE', 'write it to a file with --out');
  const out = join(temporaryFolder(), 'proof');
  await mustLog([...args, '--out', out], { stdoutColumns: 80 });
  expect(readFileSync(out, 'utf8')).toBe(piped.stdout);
  const harmless = await mustLog(['prove', '0', '--log', await newLog(1)], { stdoutColumns: 80 });
  expect(harmless.stdout).toContain('index 0\n');
  const json = await mustLog([...args, '--json'], { stdoutColumns: 80 });
  expectNoControls(json.stdout);
  expect(linesOf(json)).toMatchObject([{ proof: piped.stdout }]);
});

it('what a server sends', async () => {
  const url = await listen((_request, response) => {
    response.end('\u001b[2J\u202eAll is well.\n');
  });
  const policy = ['--policy', join(await newLog(), 'policy')];
  for (const args of [
    ['show', url],
    ['check', url],
    ['import', url, '--log', '/nowhere/copy'],
  ]) {
    const result = await log([...args, ...policy], { fetch });
    expect([2, 8]).toContain(result.exit);
    quiet(result);
  }
});
