/** `touchstone log export` and `touchstone log import`. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwitnessedNote } from '../../../src/report/texts-log.ts';
import { exportTodo } from '../../../src/report/texts-log-screen.ts';
import {
  expectError,
  expectNoControls,
  temporaryFile,
  temporaryFolder,
} from '../../support/cli.ts';
import { alice, entryBy } from '../../support/receipts.ts';
import { alter, flipped } from '../../support/static-logs.ts';
import { listen } from '../../support/witnessing.ts';
import {
  demoOrigin,
  entryFile,
  filesIn,
  grow,
  linesOf,
  log,
  mustLog,
  newLog,
  onOneLine,
} from './logs.ts';
import { servedFolder } from './served.ts';

const newPath = (name: string) => join(temporaryFolder(), name);
const exportTo = (folder: string, files: string, ...more: string[]) =>
  log(['export', '--log', folder, files, ...more]);

async function exported(size: number) {
  const folder = await newLog(size);
  const files = newPath('files');
  await mustLog(['export', '--log', folder, files]);
  return { folder, files, policy: ['--policy', join(folder, 'policy')] };
}

/** Another log under the same key, whose history is another one: what nobody must ever make. */
async function forkOf(folder: string, size: number): Promise<string> {
  const fork = newPath('fork');
  cpSync(folder, fork, { recursive: true });
  // Rows and guard of its beginning, as from a backup of all of the folder.
  const beginning = await newLog();
  for (const name of ['log.db', 'signed']) cpSync(join(beginning, name), join(fork, name));
  await grow(fork, 0, size, 'another');
  return fork;
}

describe('export', () => {
  it('writes plain files, then what is new', async () => {
    const folder = await newLog(2);
    const files = newPath('files');
    const first = await exportTo(folder, files);
    expect(first.exit).toBe(0);
    expect(onOneLine(first.stdout)).toBe(
      `The log of size 2 is in ${files}. Files written: 2. ${exportTodo} ${unwitnessedNote} `,
    );
    expectNoControls(first.stdout);
    expect(Object.keys(filesIn(files))).toEqual([
      'checkpoint',
      'tile/0/000.p/2',
      'tile/entries/000.p/2',
    ]);
    const before = filesIn(files);
    const again = linesOf(await exportTo(folder, files, '--json'));
    expect(again).toEqual([
      { origin: demoOrigin, folder: files, from: '2', size: '2', files: 0, witnessed: false },
    ]);
    expect(filesIn(files)).toEqual(before);
    await grow(folder, 2, 5);
    const more = await exportTo(folder, files, '--plain');
    expect(more.stdout).toContain(`result: The log of size 5 is in ${files}. Files written: 2.\n`);
    expect(more.stdout).toContain(`note: ${unwitnessedNote}\n`);
    expect(filesIn(files)).toMatchObject({ 'tile/entries/000.p/5': expect.any(String) });
    const checked = await log(['check', files, '--policy', join(folder, 'policy')]);
    expect(checked.exit).toBe(0);
  });

  it('of the log of this computer; there is none, it is empty, it is there', async () => {
    const scene = { stateFolder: temporaryFolder() };
    const files = newPath('files');
    expectError(await log(['export', files], scene), 'LOG_UNSUITABLE', 'no log on this computer');
    await mustLog(['init'], scene);
    expectError(await log(['export', files], scene), 'LOG_UNSUITABLE', 'published nothing yet');
    expect(filesIn(join(files, '..'))).toEqual({});
    await mustLog(['append', '--notice', 'Hello.'], scene);
    expect(linesOf(await mustLog(['export', files, '--json'], scene))).toMatchObject([
      { from: null, size: '1' },
    ]);
  });

  it('leaves alone what is not its own', async () => {
    const { folder } = await exported(1);
    const foreign = temporaryFolder();
    writeFileSync(join(foreign, 'thesis.txt'), 'mine');
    expectError(await exportTo(folder, foreign), 'LOG_UNSUITABLE', 'thesis.txt is in it');
    expect(Object.keys(filesIn(foreign))).toEqual(['thesis.txt']);
    expectError(await exportTo(folder, folder), 'LOG_UNSUITABLE', 'no export of a log');
    const file = temporaryFile('mine');
    expectError(await exportTo(folder, file), 'LOG_UNSUITABLE', file);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const other = await newLog(1, 'demo.touchstone.invalid/other');
    const files = newPath('files');
    await mustLog(['export', '--log', other, files]);
    const before = filesIn(files);
    expectError(await exportTo(folder, files), 'LOG_UNSUITABLE', 'not an export of this log');
    expect(filesIn(files)).toEqual(before);
    expectError(
      await log(['export', '--log', files, newPath('x')]),
      'USAGE',
      'plain files already',
    );
  });

  it('finds a fork, and a folder that is ahead, and overwrites neither', async () => {
    const { folder, files } = await exported(2);
    const before = filesIn(files);
    const fork = await forkOf(folder, 3);
    expectError(await exportTo(fork, files), 'LOG_WRONG', 'The log has forked');
    expect(filesIn(files)).toEqual(before);
    const behind = await forkOf(folder, 1);
    expectError(await exportTo(behind, files), 'LOG_READ_ONLY', 'is ahead');
    expect(filesIn(files)).toEqual(before);
  });
});

describe('import', () => {
  it('makes a copy, renews it, and says when there is nothing to do', async () => {
    const { folder, files, policy } = await exported(2);
    const copy = newPath('copy');
    const args = ['import', files, '--log', copy];
    const first = await mustLog([...args, ...policy]);
    expect(onOneLine(first.stdout)).toBe(
      `The copy grew from size 0 to size 2; every entry was verified on the way. ${unwitnessedNote} `,
    );
    expect(Object.keys(filesIn(copy))).toEqual(['log.db', 'policy']);
    await grow(folder, 2, 4);
    await mustLog(['export', '--log', folder, files]);
    expect(linesOf(await mustLog([...args, '--json']))).toEqual([
      {
        result: 'copied',
        origin: demoOrigin,
        folder: copy,
        from: '2',
        size: '4',
        witnessed: false,
      },
    ]);
    const again = await mustLog([...args, '--plain']);
    expect(again.stdout).toBe(
      `result: The copy has all of the log already, size 4.\nnote: ${unwitnessedNote}\n`,
    );
  });

  it('reads a web server', async () => {
    const { files, policy } = await exported(3);
    const url = await listen(servedFolder(files));
    const copy = newPath('copy');
    const args = ['import', url, '--log', copy, ...policy, '--json'];
    expect(linesOf(await mustLog(args, { fetch }))).toMatchObject([
      { result: 'copied', size: '3' },
    ]);
  });

  it('takes a source that is behind for what it is', async () => {
    const { folder, files, policy } = await exported(1);
    const old = newPath('old');
    cpSync(files, old, { recursive: true });
    await grow(folder, 1, 3);
    await mustLog(['export', '--log', folder, files]);
    const copy = newPath('copy');
    await mustLog(['import', files, '--log', copy, ...policy]);
    const before = filesIn(copy);
    const result = await mustLog(['import', old, '--log', copy, '--json']);
    expect(linesOf(result)).toMatchObject([{ result: 'behind', from: '3', size: '3' }]);
    expect(filesIn(copy)).toEqual(before);
  });

  it('keeps both checkpoints of a log that forked', async () => {
    const { folder, files, policy } = await exported(2);
    const copy = newPath('copy');
    await mustLog(['import', files, '--log', copy, ...policy]);
    const before = filesIn(copy);
    const fork = newPath('fork-files');
    await mustLog(['export', '--log', await forkOf(folder, 3), fork]);
    const result = await log(['import', fork, '--log', copy]);
    expectError(result, 'LOG_WRONG', 'The log has forked');
    const after = filesIn(copy);
    const evidence = Object.keys(after).filter((name) => name.startsWith('fork-'));
    expect(evidence).toHaveLength(2);
    expect(after).toMatchObject(before);
    const notes = evidence.map((name) => readFileSync(join(copy, name), 'utf8')).sort();
    const both = [files, fork].map((place) => readFileSync(join(place, 'checkpoint'), 'utf8'));
    expect(notes).toEqual(both.sort());
    for (const name of evidence) expect(result.stderr).toContain(name);
    expect(linesOf(await mustLog(['show', copy, '--json']))).toMatchObject([{ published: '2' }]);
  });

  it('finds an entry by its card in a copy as in the log', async () => {
    const folder = await newLog();
    await mustLog(['append', '--log', folder, entryFile(entryBy('activated', alice))]);
    const files = newPath('files');
    await mustLog(['export', '--log', folder, files]);
    const copy = newPath('copy');
    await mustLog(['import', files, '--log', copy, '--policy', join(folder, 'policy')]);
    const receipt = newPath('receipt.json');
    const proven = await mustLog(['prove', '0', '--log', copy, '--receipt', receipt]);
    expect(proven.exit).toBe(0);
  });

  it('copies nothing of a source that was altered', async () => {
    const { files, policy } = await exported(2);
    alter(files, 'tile/entries/000.p/2', flipped(-1));
    const copy = newPath('copy');
    const result = await log(['import', files, '--log', copy, ...policy]);
    expectError(result, 'LOG_WRONG');
    expectError(await log(['prove', '0', '--log', copy]), 'LOG_UNSUITABLE', 'published nothing');
  });

  it('needs a folder, a policy, a source; and the folder must be a copy', async () => {
    const { folder, files, policy } = await exported(1);
    const copy = newPath('copy');
    expectError(await log(['import', files]), 'USAGE', '--log');
    expectError(await log(['import', files, '--log', copy]), 'LOG_UNSUITABLE', 'needs the policy');
    const nowhere = newPath('nowhere');
    const missing = await log(['import', nowhere, '--log', copy, ...policy]);
    expectError(missing, 'LOG_UNSUITABLE', nowhere);
    expect(filesIn(join(copy, '..'))).toEqual({});
    const before = filesIn(folder);
    expectError(await log(['import', files, '--log', folder]), 'LOG_UNSUITABLE', 'key of its own');
    expect(filesIn(folder)).toEqual(before);
    const foreign = temporaryFolder();
    writeFileSync(join(foreign, 'mine'), 'mine');
    const other = await log(['import', files, '--log', foreign, ...policy]);
    expectError(other, 'LOG_UNSUITABLE');
    expect(Object.keys(filesIn(foreign))).toEqual(['mine']);
  });
});
