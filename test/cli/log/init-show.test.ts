/** `touchstone log init` and `touchstone log show`. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, test } from 'vitest';
import { unwitnessedNote } from '../../../src/report/texts-log.ts';
import { initTodo, modeTexts, placeTexts } from '../../../src/report/texts-log-screen.ts';
import { encodeKey, parseKey } from '../../../src/tlog/key.ts';
import { createSigner, parseSecret } from '../../../src/tlog/signer.ts';
import {
  expectError,
  expectNoControls,
  temporaryFile,
  temporaryFolder,
  unusableFolder,
} from '../../support/cli.ts';
import { listen } from '../../support/witnessing.ts';
import {
  addWitness,
  demoOrigin,
  filesIn,
  grow,
  linesOf,
  log,
  mustLog,
  newLog,
  onOneLine,
  policyOf,
  policyText,
  startWitness,
} from './logs.ts';
import { servedFolder } from './served.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('init', () => {
  it('makes the log of this computer, and says that nobody witnesses it', async () => {
    const stateFolder = join(temporaryFolder(), 'state');
    const result = await log(['init'], { stateFolder });
    expect(result.exit).toBe(0);
    expect(result.stderr).toBe('');
    const folder = join(stateFolder, 'log');
    const screen = onOneLine(result.stdout);
    expect(screen).toMatch(/^A new log, local\.touchstone\.invalid\/[0-9a-f]{8}\. /);
    expect(screen).toContain(folder);
    expect(screen).toContain(unwitnessedNote);
    expect(screen).toContain(initTodo);
    expectNoControls(result.stdout);
    expect(Object.keys(filesIn(folder)).sort()).toEqual(['key', 'log.db', 'policy', 'signed']);
  });

  it('keeps the key to its owner, and names the public one', async () => {
    const folder = join(temporaryFolder(), 'log');
    const [line] = linesOf(
      await mustLog(['init', '--log', folder, '--origin', 'log.example.org/cards', '--json']),
    );
    const { seed, name } = parseSecret(readFileSync(join(folder, 'key'), 'utf8').trimEnd());
    const key = encodeKey(createSigner(name, seed).key);
    expect(line).toEqual({
      origin: 'log.example.org/cards',
      key,
      folder,
      policy: join(folder, 'policy'),
      witnessed: false,
    });
    expect(policyOf(folder)).toMatchObject({
      logs: [{ origin: 'log.example.org/cards', key: parseKey(key) }],
      witnesses: [],
      quorum: 'none',
    });
    if (process.platform === 'win32') return;
    expect(modeOf(join(folder, 'key'))).toBe(0o600);
    expect(modeOf(folder)).toBe(0o700);
  });

  it('tells one fact a line with --plain', async () => {
    const folder = join(temporaryFolder(), 'log');
    const { stdout } = await mustLog(['init', '--log', folder, '--plain', '--origin', 'a.example']);
    const tags = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(': ')[0]);
    expect(tags).toEqual(['result', 'folder', 'key', 'policy', 'note', 'note']);
    expect(stdout).toContain(`note: ${unwitnessedNote}\n`);
  });

  it('happens once: the second time nothing is overwritten', async () => {
    const folder = await newLog();
    const before = filesIn(folder);
    const result = await log(['init', '--log', folder, '--origin', 'other.example.org']);
    expectError(result, 'LOG_UNSUITABLE', 'holds something already');
    expect(filesIn(folder)).toEqual(before);
    const stateFolder = temporaryFolder();
    await mustLog(['init'], { stateFolder });
    const own = filesIn(stateFolder);
    expectError(await log(['init'], { stateFolder }), 'LOG_UNSUITABLE');
    expect(filesIn(stateFolder)).toEqual(own);
  });

  it('leaves alone a folder with anything in it, and a file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.hidden'), 'mine');
    const args = ['init', '--origin', demoOrigin, '--log'];
    expectError(await log([...args, folder]), 'LOG_UNSUITABLE', 'holds something already');
    const file = temporaryFile('mine');
    expectError(await log([...args, file]), 'LOG_UNSUITABLE', file);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(Object.keys(filesIn(folder))).toEqual(['.hidden']);
  });

  it('takes an empty folder', async () => {
    const folder = temporaryFolder();
    expect((await log(['init', '--log', folder, '--origin', 'a.example'])).exit).toBe(0);
  });

  test.each(['', 'a b', 'a+b', 'a\tb', 'a\u202eb', 'ä.example', 'x'.repeat(256), '\u001b[31m'])(
    'refuses the origin %j before anything is made',
    async (origin) => {
      const parent = temporaryFolder();
      const result = await log(['init', '--log', join(parent, 'log'), '--origin', origin]);
      expectError(result, 'USAGE', '--origin takes 1 to 255 visible ASCII characters');
      expect(filesIn(parent)).toEqual({});
    },
  );

  it('takes the longest origin', async () => {
    const folder = join(temporaryFolder(), 'log');
    const origin = 'x'.repeat(255);
    expect((await log(['init', '--log', folder, '--origin', origin])).exit).toBe(0);
  });

  it('says so when the state folder cannot be made', async () => {
    const result = await log(['init']);
    expectError(result, 'STATE_UNUSABLE', unusableFolder);
  });

  it('leaves nothing behind when its database cannot be reached', async () => {
    const folder = join(temporaryFolder(), 'log');
    const database = 'postgresql://someone:secret@127.0.0.1:9/log';
    const args = ['init', '--log', folder, '--origin', 'a.example', '--database', database];
    const result = await log(args);
    expect(result.exit).toBe(8);
    expect(result.stderr).toContain('nothing listens there.');
    expect(result.stderr).toContain('(LOG_UNAVAILABLE)');
    expect(result.stderr).not.toContain('secret');
    expect(filesIn(folder)).toEqual({});
  });
});

describe('show', () => {
  it('shows the log of this computer', async () => {
    const stateFolder = temporaryFolder();
    await mustLog(['init'], { stateFolder });
    const result = await log(['show'], { stateFolder });
    expect(result.exit).toBe(0);
    const screen = onOneLine(result.stdout);
    expect(screen).toMatch(/^The log local\.touchstone\.invalid\/[0-9a-f]{8}\. /);
    expect(screen).toContain(unwitnessedNote);
    expect(screen).toContain(modeTexts.writable);
    expect(screen).toContain('Published 0');
    expectNoControls(result.stdout);
  });

  it('says where there is none', async () => {
    const stateFolder = temporaryFolder();
    expectError(await log(['show'], { stateFolder }), 'LOG_UNSUITABLE', /no log on this computer/);
    const other = temporaryFolder();
    expectError(await log(['show', other]), 'LOG_UNSUITABLE', `There is no log in ${other}.`);
  });

  it('tells the sizes, as decimal strings in JSON', async () => {
    const folder = await newLog(3);
    const [line] = linesOf(await mustLog(['show', '--log', folder, '--json']));
    expect(line).toMatchObject({
      kind: 'log',
      origin: demoOrigin,
      sequenced: '3',
      integrated: '3',
      signed: '3',
      published: '3',
      witnessed: false,
      cosignatures: [],
      mode: 'writable',
      problem: null,
      exit: 0,
    });
    expect(line?.['root']).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(linesOf(await mustLog(['show', folder, '--json']))).toEqual([line]);
    const { stdout } = await mustLog(['show', folder, '--plain']);
    expect(stdout).toContain('published: 3\n');
    expect(stdout).toContain(`root: ${line?.['root']}\n`);
    expect(stdout).toContain(`note: ${unwitnessedNote}\n`);
  });

  it('changes nothing', async () => {
    const folder = await newLog(2);
    const before = filesIn(folder);
    await mustLog(['show', '--log', folder]);
    expect(filesIn(folder)).toEqual(before);
  });

  it('names the witness and when it signed', async () => {
    const folder = await newLog();
    addWitness(folder, await startWitness(folder));
    await grow(folder, 0, 1);
    const shown = await mustLog(['show', folder]);
    const screen = onOneLine(shown.stdout);
    expect(screen).toContain('Cosigned by one at 2026-11-26T11:59:00Z');
    expect(screen).not.toContain('unwitnessed');
    const [line] = linesOf(await mustLog(['show', folder, '--json']));
    expect(line).toMatchObject({
      witnessed: true,
      cosignatures: [{ name: 'one', time: '2026-11-26T11:59:00Z' }],
    });
  });

  it('shows a copy, and plain files by their policy alone', async () => {
    const folder = await newLog(2);
    const files = join(temporaryFolder(), 'files');
    await mustLog(['export', '--log', folder, files]);
    const policy = join(folder, 'policy');
    const copy = join(temporaryFolder(), 'copy');
    await mustLog(['import', files, '--log', copy, '--policy', policy]);
    const asCopy = await mustLog(['show', copy]);
    expect(onOneLine(asCopy.stdout)).toContain(placeTexts.copy.replace('{origin}', demoOrigin));
    expect(onOneLine(asCopy.stdout)).toContain(unwitnessedNote);
    expect(onOneLine(asCopy.stdout)).not.toContain(modeTexts.writable);
    expectError(await log(['show', files]), 'LOG_UNSUITABLE', /give its policy with --policy/);
    const asFiles = await mustLog(['show', files, '--policy', policy]);
    expect(asFiles.stdout).toContain(`Plain files of the log ${demoOrigin}.`);
    expect(onOneLine(asFiles.stdout)).toContain(unwitnessedNote);
    const url = await listen(servedFolder(files));
    const [line] = linesOf(await mustLog(['show', url, '--policy', policy, '--json'], { fetch }));
    expect(line).toMatchObject({ kind: 'export', published: '2', mode: 'copy' });
  });

  it('takes one place', async () => {
    const folder = await newLog();
    expectError(await log(['show', folder, '--log', folder]), 'USAGE', 'not both');
  });

  it('says what became of a folder whose rows are gone', async () => {
    const folder = await newLog(1);
    rmSync(join(folder, 'log.db'));
    expectError(await log(['show', folder]), 'LOG_UNSUITABLE', 'There is no database');
    mkdirSync(join(folder, 'log.db'));
    expectError(await log(['show', folder]), 'LOG_UNSUITABLE', 'There is no database');
  });
});

it('a policy may come from standard input; one that is not there is named', async () => {
  const folder = await newLog(1);
  const stdin = () => Readable.from([policyText(folder)]);
  const piped = await log(['show', folder, '--policy', '-'], { stdin: stdin() });
  expect(piped.exit).toBe(0);
  const foreign = await log(
    ['show', await newLog(1, 'demo.touchstone.invalid/other'), '--policy', '-'],
    { stdin: stdin() },
  );
  expectError(foreign, 'LOG_WRONG', 'the policy names no log');
  const empty = await log(
    ['show', await newLog(0, 'demo.touchstone.invalid/other'), '--policy', '-'],
    { stdin: stdin() },
  );
  expectError(empty, 'LOG_UNSUITABLE', 'The policy does not name the log of');
  expectError(await log(['show', folder, '--policy', '/nowhere']), 'FILE_UNREADABLE', '/nowhere');
});
