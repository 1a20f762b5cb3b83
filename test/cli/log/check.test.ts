/** `touchstone log check`: of a log, an export, a copy and a web server, sound and altered. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, test } from 'vitest';
import { unwitnessedNote } from '../../../src/report/texts-log.ts';
import { checkTexts, faultTexts } from '../../../src/report/texts-log-screen.ts';
import {
  expectError,
  expectNoControls,
  temporaryFile,
  temporaryFolder,
} from '../../support/cli.ts';
import { alter, filesIn, flipped } from '../../support/static-logs.ts';
import { deadUrl, listen } from '../../support/witnessing.ts';
import { grow, linesOf, log, mustLog, newLog, onOneLine, policyText } from './logs.ts';
import { servedFolder } from './served.ts';

/** A log of 3 entries in every form, and its policy. */
async function inEveryForm() {
  const folder = await newLog(3);
  const files = join(temporaryFolder(), 'files');
  const copy = join(temporaryFolder(), 'copy');
  const policy = ['--policy', join(folder, 'policy')];
  await mustLog(['export', '--log', folder, files]);
  await mustLog(['import', files, '--log', copy, ...policy]);
  return { folder, files, copy, policy };
}

const exported = async () => {
  const { files, policy, folder } = await inEveryForm();
  return { files, policy, folder, args: ['check', files, ...policy] };
};

/** Alters a row of a log's database. */
function sql(folder: string, statement: string): void {
  const database = new Database(join(folder, 'log.db'));
  database.exec(statement);
  database.close();
}

describe('a sound log', () => {
  it('is told, in every form, and changed in none', async () => {
    const { folder, files, copy, policy } = await inEveryForm();
    const url = await listen(servedFolder(files));
    for (const [args, place, checkpoints] of [
      [['--log', folder], folder, 2],
      [[folder], folder, 2],
      [[copy], copy, 1],
      [[files, ...policy], files, 1],
      [[url, ...policy], url, 1],
    ] as const) {
      const before = filesIn(folder);
      const result = await log(['check', ...args], { fetch });
      expect(result.exit).toBe(0);
      expect(onOneLine(result.stdout)).toBe(
        `The log adds up. Entries: 3, published: 3, tiles: 1, checkpoints: ${checkpoints}. ${unwitnessedNote} `,
      );
      expect(result.stderr).toContain(`Reading ${place}`);
      expectNoControls(result.stdout);
      expect(filesIn(folder)).toEqual(before);
    }
  });

  it('is told in JSON and on plain lines', async () => {
    const { args } = await exported();
    expect(linesOf(await mustLog([...args, '--json']))).toEqual([
      {
        result: 'sound',
        origin: 'demo.touchstone.invalid/test',
        size: '3',
        witnessed: false,
        counts: { entries: '3', tiles: 1, checkpoints: 1 },
        problem: null,
        exit: 0,
      },
    ]);
    expect((await mustLog([...args, '--plain'])).stdout).toBe(
      `result: The log adds up. Entries: 3, published: 3, tiles: 1, checkpoints: 1.\nnote: ${unwitnessedNote}\n`,
    );
  });

  it('of this computer, which is empty', async () => {
    const scene = { stateFolder: temporaryFolder() };
    await mustLog(['init'], scene);
    const result = await mustLog(['check'], scene);
    expect(onOneLine(result.stdout)).toBe(`${checkTexts.empty} ${unwitnessedNote} `);
    expect(linesOf(await mustLog(['check', '--json'], scene))).toMatchObject([
      { result: 'sound', origin: null, size: '0', witnessed: false },
    ]);
  });
});

describe('plain files that were altered', () => {
  test.each<[string, string, (bytes: Uint8Array) => Uint8Array, keyof typeof faultTexts]>([
    ['an entry', 'tile/entries/000.p/3', flipped(-1), 'altered'],
    ['the length of an entry', 'tile/entries/000.p/3', flipped(1), 'malformed'],
    ['an entry cut short', 'tile/entries/000.p/3', (bytes) => bytes.subarray(0, -1), 'malformed'],
    ['a hash', 'tile/0/000.p/3', flipped(0), 'altered'],
    ['a hash too few', 'tile/0/000.p/3', (bytes) => bytes.subarray(32), 'malformed'],
    ['the signature', 'checkpoint', flipped(-6), 'wrong-signature'],
    ['the size', 'checkpoint', text('\n3\n', '\n4\n'), 'wrong-signature'],
    ['the origin', 'checkpoint', text('/test\n', '/tesd\n'), 'unknown-log'],
    ['no checkpoint at all', 'checkpoint', () => new Uint8Array(40), 'malformed'],
  ])('%s', async (_name, path, change, why) => {
    const { files, args } = await exported();
    alter(files, path, change);
    const before = filesIn(files);
    const result = await log(args);
    expect(result.exit).toBe(8);
    const screen = onOneLine(result.stdout);
    expect(screen).toMatch(/^The log does NOT add up\. [A-Z/].*\. Why: /);
    expect(screen).toContain(`Why: ${faultTexts[why]}.`);
    expect(screen).toContain(checkTexts.todo);
    expect(screen).not.toContain('The log adds up');
    expectNoControls(result.stdout);
    const [line] = linesOf(await log([...args, '--json']));
    expect(line).toMatchObject({ result: 'wrong', why, exit: 8 });
    expect(filesIn(files)).toEqual(before);
  });

  it('a missing tile', async () => {
    const { files, args } = await exported();
    rmSync(join(files, 'tile/0/000.p'), { recursive: true });
    const result = await log([...args, '--plain']);
    expect(result.exit).toBe(8);
    expect(result.stdout).toContain(`note: Why: ${faultTexts.missing}.\n`);
  });

  it('an earlier checkpoint of another history', async () => {
    const { files, args, folder } = await exported();
    const other = join(temporaryFolder(), 'other');
    cpSync(folder, other, { recursive: true });
    // Rows and guard of its beginning, as from a backup of all of the folder.
    const beginning = await newLog();
    for (const name of ['log.db', 'signed']) cpSync(join(beginning, name), join(other, name));
    await grow(other, 0, 2, 'another');
    const fork = join(temporaryFolder(), 'fork');
    await mustLog(['export', '--log', other, fork]);
    cpSync(join(fork, 'checkpoint'), join(files, 'checkpoint.2'));
    const result = await log(args);
    expect(result.exit).toBe(8);
    expect(onOneLine(result.stdout)).toContain(faultTexts.forked);
  });
});

function text(from: string, to: string) {
  return (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString().replace(from, to));
}

describe('rows that were altered', () => {
  test.each([
    ["UPDATE entry SET bytes = x'00' WHERE idx = 1", 'altered'],
    ['DELETE FROM entry WHERE idx = 2', 'missing'],
    ["UPDATE signed SET note = 'x' WHERE size = 3", 'malformed'],
    ['DELETE FROM tile', 'missing'],
  ])('%s', async (statement, why) => {
    const { folder, copy } = await inEveryForm();
    for (const place of [folder, copy]) {
      sql(place, statement);
      const result = await log(['check', place, '--json']);
      expect(result.exit).toBe(8);
      expect(linesOf(result)).toMatchObject([{ result: 'wrong', why, exit: 8 }]);
    }
  });

  it('an older database adds up, and is not the newest all the same', async () => {
    const folder = await newLog(1);
    const older = join(temporaryFolder(), 'log.db');
    cpSync(join(folder, 'log.db'), older);
    await grow(folder, 1, 3);
    cpSync(older, join(folder, 'log.db'));
    const result = await log(['check', folder]);
    expect(result.exit).toBe(8);
    expect(onOneLine(result.stdout)).toContain('READ-ONLY: ');
    const [line] = linesOf(await log(['check', folder, '--json']));
    expect(line).toMatchObject({ result: 'sound', exit: 8 });
    expect(line?.['problem']).toContain('restored from a backup');
  });
});

describe('what cannot be checked', () => {
  it('a server that does not answer, an address that is not called', async () => {
    const folder = await newLog();
    const policy = ['--policy', join(folder, 'policy')];
    const dead = await log(['check', deadUrl, ...policy], { fetch });
    expect(dead.exit).toBe(8);
    expect(dead.stderr).toMatch(/ cannot be read: unreachable\.\n.* \(LOG_UN[A-Z]+ABLE\)\n$/);
    const open = await log(['check', 'http://log.example.org/x', ...policy], { fetch });
    expect(open.exit).toBe(2);
    expect(open.stderr).toContain('https is needed');
  });

  it('plain files without a policy, two places', async () => {
    const { files, folder } = await exported();
    expectError(await log(['check', files]), 'LOG_UNSUITABLE', 'give its policy with --policy');
    expectError(await log(['check', files, '--log', folder]), 'USAGE', 'not both');
  });

  it('a policy that is none', async () => {
    const { files, folder } = await exported();
    const path = temporaryFile(policyText(folder).replace('quorum none\n', ''));
    expectError(await log(['check', files, '--policy', path]), 'LOG_MALFORMED', path);
    writeFileSync(path, '');
    expectError(await log(['check', files, '--policy', path]), 'LOG_MALFORMED', path);
  });
});
