/** `touchstone log`: from a new log to its copy elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/bytes/bytes.ts';
import { encodeKey } from '../../../src/tlog/key.ts';
import { parsePolicy } from '../../../src/tlog/policy.ts';
import { parseProof, verifyProof } from '../../../src/tlog/proof.ts';
import {
  type CliResult,
  expectNoControls,
  runCli,
  temporaryFile,
  temporaryFolder,
  testClock,
} from '../../support/cli.ts';
import { filesIn, vectorFolder } from '../../support/static-logs.ts';
import { tessera } from '../../tlog/given.ts';

const now = BigInt(testClock / 1000);
const origin = 'log.example.org/cards';
const tesseraPolicy = () => temporaryFile(`log ${tessera.vkey}\nquorum none\n`, 'policy');

/** A log with some notices; gives its folder. */
async function logWith(...notices: readonly string[]): Promise<string> {
  const folder = join(temporaryFolder(), 'log');
  await ran('init', '--log', folder, '--origin', origin);
  for (const notice of notices) await ran('append', '--log', folder, '--notice', notice);
  return folder;
}

/** Runs a command that must succeed. */
async function ran(...args: readonly string[]): Promise<CliResult> {
  const result = await runCli(['log', ...args]);
  expect(result.stderr).not.toMatch(/\([A-Z_]+\)\n$/);
  expect(result.exit).toBe(0);
  return result;
}

const jsonOf = ({ stdout }: CliResult) => JSON.parse(stdout) as Record<string, unknown>;

describe('a new log', () => {
  test('stands in the state folder, under a name of its own, and is called unwitnessed', async () => {
    const stateFolder = join(temporaryFolder(), 'state');
    const result = await runCli(['log', 'init', '--json'], { stateFolder });
    expect(result.exit).toBe(0);
    const made = jsonOf(result);
    expect(made).toMatchObject({
      origin: expect.stringMatching(/^local\.touchstone\.invalid\/[0-9a-f]{8}$/),
      folder: join(stateFolder, 'log'),
      policy: join(stateFolder, 'log/policy'),
      witnessed: false,
    });
    const policy = parsePolicy(readFileSync(join(stateFolder, 'log/policy'), 'utf8'));
    expect(policy.logs.map(({ key }) => encodeKey(key))).toEqual([made['key']]);
    expect(readdirSync(join(stateFolder, 'log')).sort()).toEqual(
      expect.arrayContaining(['key', 'log.db', 'policy', 'signed']),
    );
  });

  test.each([[[]], [['--plain']], [['--no-color']]])('is shown to people: %j', async (style) => {
    const folder = await logWith('one');
    const target = join(temporaryFolder(), 'export');
    for (const args of [
      ['init', '--log', join(temporaryFolder(), 'new')],
      ['show', '--log', folder],
      ['check', '--log', folder],
      ['export', target, '--log', folder],
    ]) {
      const { stdout, exit } = await runCli(['log', ...args, ...style]);
      expect(exit).toBe(0);
      expect(stdout).toMatch(/unwitnessed/);
      expectNoControls(stdout);
    }
    const secret = readFileSync(join(folder, 'key'), 'utf8').trim();
    const { stdout } = await ran('show', '--log', folder);
    expect(stdout).not.toContain(secret);
  });
});

describe('from the first entry to a copy elsewhere', () => {
  test('recorded, shown, proven, checked, exported, copied, checked again', async () => {
    const folder = await logWith('one', 'two');
    const [receipt, proof] = ['a.receipt', 'a.tlog-proof'].map((n) => join(temporaryFolder(), n));
    const appended = await ran(
      ...['append', '--log', folder, '--notice', 'three', '--json'],
      ...['--receipt', receipt ?? '', '--proof', proof ?? ''],
    );
    expect(jsonOf(appended)).toMatchObject({ index: '2', known: false, witnessed: false });
    const policyFile = join(folder, 'policy');
    const receiptCheck = await runCli([
      ...['receipt', 'verify', receipt ?? '', '--policy', policyFile, '--json'],
    ]);
    expect(receiptCheck.exit).toBe(3);
    expect(parseProof(readFileSync(proof ?? '', 'utf8')).index).toBe(2n);

    const sizes = { sequenced: '3', integrated: '3', signed: '3', published: '3' };
    expect(jsonOf(await ran('show', '--log', folder, '--json'))).toMatchObject({
      kind: 'log',
      origin,
      witnessed: false,
      mode: 'writable',
      ...sizes,
    });
    expect(jsonOf(await ran('check', '--log', folder, '--json'))).toMatchObject({
      result: 'sound',
      size: '3',
      counts: { entries: '3', tiles: 1 },
    });

    const files = join(temporaryFolder(), 'export');
    await ran('export', files, '--log', folder);
    const onFiles = ['--policy', policyFile, '--json'];
    expect(jsonOf(await ran('check', files, ...onFiles))).toMatchObject({ result: 'sound' });
    expect(jsonOf(await ran('show', files, ...onFiles))).toMatchObject({
      kind: 'export',
      published: '3',
    });

    const copy = join(temporaryFolder(), 'copy');
    await ran('import', files, '--log', copy, '--policy', policyFile);
    expect(readdirSync(copy)).not.toContain('key');
    expect(jsonOf(await ran('show', '--log', copy, '--json'))).toMatchObject({
      kind: 'copy',
      mode: 'copy',
      ...sizes,
    });
    await ran('check', '--log', copy);
    const again = join(temporaryFolder(), 'again');
    await ran('export', again, '--log', copy);
    expect(filesIn(again)).toEqual(filesIn(files));

    await ran('append', '--log', folder, '--notice', 'four');
    await ran('export', files, '--log', folder);
    const grown = await ran('import', files, '--log', copy, '--json');
    expect(jsonOf(grown)).toMatchObject({ result: 'copied', from: '3', size: '4' });
    const same = await ran('import', files, '--log', copy, '--json');
    expect(jsonOf(same)).toMatchObject({ result: 'unchanged' });
  });

  test('any bytes with --raw, once', async () => {
    const folder = await logWith();
    const file = temporaryFile(Uint8Array.of(0, 255, 10));
    const first = await ran('append', '--log', folder, '--raw', file, '--json');
    expect(jsonOf(first)).toMatchObject({ index: '0', known: false });
    const stdin = Readable.from([Buffer.of(0, 255, 10)]);
    const again = await runCli(['log', 'append', '--log', folder, '--raw', '-', '--json'], {
      stdin,
    });
    expect(jsonOf(again)).toMatchObject({ index: '0', known: true });
  });

  test("Tessera's log: shown, checked, copied, proven", async () => {
    const from = vectorFolder('tessera-log');
    const policy = tesseraPolicy();
    const copy = join(temporaryFolder(), 'copy');
    expect(jsonOf(await ran('check', from, '--policy', policy, '--json'))).toMatchObject({
      result: 'sound',
      size: '15',
      counts: { checkpoints: 16 },
    });
    await ran('import', from, '--log', copy, '--policy', policy);
    const { stdout } = await ran('prove', '6', '--log', copy);
    const proven = verifyProof({
      proof: parseProof(stdout),
      entry: utf8('seven'),
      policy: parsePolicy(readFileSync(policy, 'utf8')),
      at: now,
    });
    expect(proven).toMatchObject({ kind: 'verified', index: 6n });
    const byBytes = await ran('prove', '--entry', temporaryFile('seven'), '--log', copy);
    expect(byBytes.stdout).toBe(stdout);
  });
});
