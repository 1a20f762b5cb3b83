/** `touchstone log prove`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { decodeBase64 } from '../../../src/bytes/base64.ts';
import { utf8 } from '../../../src/bytes/bytes.ts';
import { unwitnessedNote } from '../../../src/report/texts-log.ts';
import { parseCheckpoint } from '../../../src/tlog/checkpoint.ts';
import { verifyConsistency } from '../../../src/tlog/merkle.ts';
import { parseNote } from '../../../src/tlog/note.ts';
import { parseProof, verifyProof } from '../../../src/tlog/proof.ts';
import { expectError, runCli, temporaryFile, temporaryFolder } from '../../support/cli.ts';
import { alice, entryBy } from '../../support/receipts.ts';
import {
  at,
  entryFile,
  filesIn,
  grow,
  linesOf,
  log,
  mustLog,
  newLog,
  onOneLine,
  policyOf,
} from './logs.ts';

const verified = (folder: string, text: string, entry: string) =>
  verifyProof({ proof: parseProof(text), entry: utf8(entry), policy: policyOf(folder), at });

const headOf = (text: string) => parseCheckpoint(parseNote(parseProof(text).checkpoint).text);

describe('an entry', () => {
  it('is proven by its index: the proof alone goes to standard output', async () => {
    const folder = await newLog(5);
    const before = filesIn(folder);
    for (const n of [0, 4]) {
      const result = await mustLog(['prove', `${n}`, '--log', folder]);
      expect(verified(folder, result.stdout, `entry ${n}`)).toMatchObject({
        kind: 'verified',
        index: BigInt(n),
        witnessed: false,
      });
      expect(verified(folder, result.stdout, 'entry 9')).toMatchObject({ why: 'not-included' });
      expect(onOneLine(result.stderr)).toBe(
        `Entry ${n} stands in the tree of size 5. ${unwitnessedNote} `,
      );
    }
    expect(filesIn(folder)).toEqual(before);
  });

  it('is found by its bytes, as append read them', async () => {
    const folder = await newLog(3);
    const raw = await mustLog(['prove', '--entry', temporaryFile('entry 2'), '--log', folder]);
    expect(verified(folder, raw.stdout, 'entry 2')).toMatchObject({ index: 2n });
    const none = await log(['prove', '--entry', temporaryFile('entry 3'), '--log', folder]);
    expectError(none, 'LOG_UNSUITABLE', 'does not hold an entry of these bytes');
    const edited = temporaryFile(`${readFileSync(entryFile(entryBy('activated', alice)))}\n`);
    await mustLog(['append', '--log', folder, edited]);
    const found = await mustLog(['prove', '--entry', edited, '--log', folder, '--json']);
    expect(linesOf(found)).toMatchObject([{ index: '3', size: '4', witnessed: false }]);
  });

  it('is proven in the log of this computer, into a file, in JSON and on plain lines', async () => {
    const scene = { stateFolder: temporaryFolder() };
    await mustLog(['init'], scene);
    await mustLog(['append', '--raw', temporaryFile('mine')], scene);
    const out = join(scene.stateFolder, 'mine.tlog-proof');
    const result = await mustLog(['prove', '0', '--out', out, '--plain'], scene);
    expect(result.stdout).toBe('');
    expect(result.stderr).toBe(
      `result: Entry 0 stands in the tree of size 1.\nnote: ${unwitnessedNote}\n`,
    );
    const folder = join(scene.stateFolder, 'log');
    const text = readFileSync(out, 'utf8');
    expect(verified(folder, text, 'mine')).toMatchObject({ kind: 'verified' });
    expect(linesOf(await mustLog(['prove', '0', '--json'], scene))).toEqual([
      { index: '0', size: '1', witnessed: false, proof: text },
    ]);
    expectError(await log(['prove', '0', '--out', out], scene), 'FILE_EXISTS', out);
    expect(readFileSync(out, 'utf8')).toBe(text);
  });

  it('has a receipt, if it is one of this format', async () => {
    const folder = await newLog(1);
    await mustLog(['append', '--log', folder, entryFile(entryBy('activated', alice))]);
    const receipt = join(temporaryFolder(), 'receipt.json');
    const result = await mustLog(['prove', '1', '--log', folder, '--receipt', receipt]);
    expect(result.stdout).toBe('');
    const args = ['receipt', 'verify', receipt, '--policy', join(folder, 'policy')];
    expect((await runCli(args)).exit).toBe(3);
    const other = join(temporaryFolder(), 'receipt.json');
    const raw = await log(['prove', '0', '--log', folder, '--receipt', other]);
    expectError(raw, 'ENTRY_INVALID', 'not an entry');
    expect(() => readFileSync(other)).toThrow('ENOENT');
  });

  it('of a copy is proven as well', async () => {
    const folder = await newLog(3);
    const files = join(temporaryFolder(), 'files');
    const copy = join(temporaryFolder(), 'copy');
    await mustLog(['export', '--log', folder, files]);
    await mustLog(['import', files, '--log', copy, '--policy', join(folder, 'policy')]);
    const { stdout } = await mustLog(['prove', '1', '--log', copy]);
    expect(verified(folder, stdout, 'entry 1')).toMatchObject({ kind: 'verified' });
    expectError(await log(['prove', '1', '--log', files]), 'LOG_UNSUITABLE', 'import it first');
  });

  test.each(['3', '9223372036854775807'])('%s, which is not there', async (index) => {
    const result = await log(['prove', index, '--log', await newLog(3)]);
    expectError(
      result,
      'LOG_UNSUITABLE',
      `There is no entry ${index}: 3 are published, counted from 0.`,
    );
  });

  test.each(['9223372036854775808', '00', '1.5', '0x1', '1e3', 'x', ''])('%j', async (index) => {
    expectError(await log(['prove', index, '--log', await newLog()]), 'USAGE', 'whole number');
  });

  it('in an empty log', async () => {
    const folder = await newLog();
    expectError(await log(['prove', '0', '--log', folder]), 'LOG_UNSUITABLE', 'published nothing');
  });

  it('by a policy of another log is no proof', async () => {
    const [folder, other] = [await newLog(1), await newLog(0, 'demo.touchstone.invalid/other')];
    const result = await log(['prove', '0', '--log', folder, '--policy', join(other, 'policy')]);
    expectError(result, 'LOG_WRONG', 'the policy names no log');
  });
});

describe('growth', () => {
  it('is proven from every size that was signed', async () => {
    const folder = await newLog(3);
    const old = headOf((await mustLog(['prove', '0', '--log', folder])).stdout);
    await grow(folder, 3, 7);
    const now = headOf((await mustLog(['prove', '0', '--log', folder])).stdout);
    const result = await mustLog(['prove', '--consistency', '3', '--log', folder]);
    const proof = result.stdout.trimEnd().split('\n').map(decodeBase64);
    expect(verifyConsistency({ from: old, to: now, proof })).toBe(true);
    const from = {
      ...old,
      root: Uint8Array.from(old.root, (byte, n) => (n === 0 ? byte ^ 1 : byte)),
    };
    expect(verifyConsistency({ from, to: now, proof })).toBe(false);
    expect(onOneLine(result.stderr)).toBe(
      `The tree of size 3 is the beginning of the tree of size 7. ${unwitnessedNote} `,
    );
    const json = await mustLog(['prove', '--consistency', '3', '--log', folder, '--json']);
    expect(linesOf(json)).toEqual([{ from: '3', to: '7', witnessed: false, proof: result.stdout }]);
    for (const size of ['0', '7']) {
      expect((await mustLog(['prove', '--consistency', size, '--log', folder])).stdout).toBe('');
    }
  });

  test.each(['2', '8', '9223372036854775807'])('from %s, never signed', async (size) => {
    const result = await log(['prove', '--consistency', size, '--log', await newLog(3)]);
    expectError(result, 'LOG_UNSUITABLE', `signed no checkpoint of ${size} entries`);
  });

  it('by a policy of another log is no proof', async () => {
    const [folder, other] = [await newLog(1), await newLog(0, 'demo.touchstone.invalid/other')];
    const policy = ['--policy', join(other, 'policy')];
    const result = await log(['prove', '--consistency', '1', '--log', folder, ...policy]);
    expectError(result, 'LOG_WRONG', 'the policy names no log');
  });
});

describe('wrong command lines', () => {
  test.each([
    [[], 'Give one of'],
    [['0', '--entry', 'x'], 'Give one of'],
    [['0', '--consistency', '1'], 'Give one of'],
    [['--consistency', '1', '--receipt', 'r'], 'A receipt is of an entry'],
    [['0', '--out', 'r', '--receipt', './r'], 'two files'],
    [['--consistency', '-1'], 'whole number'],
  ])('%j', async (args, why) => {
    expectError(await log(['prove', '--log', await newLog(), ...args]), 'USAGE', why);
  });
});
