/** Folders of logs that are not as they must be: one sentence, what to do, and nothing is overwritten. */
import {
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test, vi } from 'vitest';
import type { ErrorCode } from '../../../src/errors/codes.ts';
import { errorTable } from '../../../src/errors/codes.ts';
import { encodeKey, KeyType } from '../../../src/tlog/key.ts';
import { createSigner, encodeSecret } from '../../../src/tlog/signer.ts';
import {
  expectError,
  expectNoControls,
  temporaryFile,
  temporaryFolder,
} from '../../support/cli.ts';
import { testSeed } from '../../support/witnessing.ts';
import {
  addWitness,
  demoOrigin,
  filesIn,
  grow,
  hurried,
  hurry,
  linesOf,
  log,
  mustLog,
  newLog,
  onOneLine,
} from './logs.ts';

const other = 'demo.touchstone.invalid/other';

/** What lies in the folder; a database that was opened for reading may have left its journal there. */
const held = (folder: string) =>
  Object.entries(filesIn(folder)).filter(([name]) => !/-(?:wal|shm)$/.test(name));

type Expected = readonly [code: ErrorCode, message: RegExp] | 'works';

/** What is done to a log of two entries, and what its commands say then. */
const table: readonly (readonly [
  name: string,
  spoil: (folder: string) => void | Promise<void>,
  show: Expected,
  append: Expected,
])[] = [
  [
    'a database cut in half',
    (folder) => truncateSync(join(folder, 'log.db'), statSync(join(folder, 'log.db')).size / 2),
    ['LOG_UNSUITABLE', /log\.db is no database, or a damaged one\./],
    ['LOG_UNSUITABLE', /log\.db is no database, or a damaged one\./],
  ],
  [
    'a text in place of the database',
    (folder) => writeFileSync(join(folder, 'log.db'), 'Dear diary, '.repeat(1000)),
    ['LOG_UNSUITABLE', /log\.db is no database, or a damaged one\./],
    ['LOG_UNSUITABLE', /log\.db is no database, or a damaged one\./],
  ],
  [
    'an empty database',
    (folder) => writeFileSync(join(folder, 'log.db'), ''),
    ['LOG_UNSUITABLE', /There is no database at .*log\.db\./],
    ['LOG_UNSUITABLE', /There is no database at .*log\.db\./],
  ],
  [
    'no database',
    (folder) => rmSync(join(folder, 'log.db')),
    ['LOG_UNSUITABLE', /There is no database at .*log\.db\./],
    ['LOG_UNSUITABLE', /There is no database at .*log\.db\./],
  ],
  [
    'a key that is none',
    (folder) => writeFileSync(join(folder, 'key'), 'PRIVATE+KEY+x'),
    'works',
    ['LOG_MALFORMED', /\/log cannot be used: the secret key /],
  ],
  [
    'a key with a letter altered',
    (folder) => {
      const key = readFileSync(join(folder, 'key'), 'utf8');
      writeFileSync(
        join(folder, 'key'),
        key.replace(/(.)(?==*\n$)/, (c) => (c === 'A' ? 'E' : 'A')),
      );
    },
    'works',
    ['LOG_MALFORMED', /\/log cannot be used: /],
  ],
  [
    'the key of another log',
    async (folder) => cpSync(join(await newLog(0, other), 'key'), join(folder, 'key')),
    'works',
    ['LOG_UNSUITABLE', /^The key does not belong to .*log\.db: it is that of demo\.touchstone/],
  ],
  [
    'another key of the same name',
    (folder) => {
      const secret = encodeSecret(demoOrigin, KeyType.ed25519, testSeed('another'));
      writeFileSync(join(folder, 'key'), `${secret}\n`);
    },
    'works',
    ['LOG_UNSUITABLE', /^The key does not belong to /],
  ],
  [
    'the key of a witness',
    (folder) => {
      const secret = encodeSecret(demoOrigin, KeyType.cosignature, testSeed('w'));
      writeFileSync(join(folder, 'key'), `${secret}\n`);
    },
    'works',
    ['LOG_UNSUITABLE', /key is the key of a witness\./],
  ],
  [
    'the policy of another log',
    async (folder) => cpSync(join(await newLog(0, other), 'policy'), join(folder, 'policy')),
    ['LOG_WRONG', /the policy names no log "demo\.touchstone\.invalid\/test"\./],
    ['LOG_UNSUITABLE', /^The policy does not name the log of /],
  ],
  [
    'the policy of another key',
    (folder) => {
      const { key } = createSigner(demoOrigin, testSeed('another'));
      writeFileSync(join(folder, 'policy'), `log ${encodeKey(key)}\nquorum none\n`);
    },
    ['LOG_WRONG', /no key of the log "demo\.touchstone\.invalid\/test" signed\./],
    ['LOG_UNSUITABLE', /^The policy does not name the log of /],
  ],
  [
    'no policy',
    (folder) => rmSync(join(folder, 'policy')),
    ['LOG_UNSUITABLE', /^There is no log in /],
    ['LOG_UNSUITABLE', /is not the folder of a log: it has no policy\./],
  ],
  [
    'a policy that is none',
    (folder) => writeFileSync(join(folder, 'policy'), 'Trust everybody.\n'),
    ['LOG_MALFORMED', /^The policy .*policy cannot be used: line 1 of the policy begins with/],
    ['LOG_MALFORMED', /^The policy .*policy cannot be used: line 1 of the policy begins with/],
  ],
  [
    'a policy that is too large',
    (folder) => writeFileSync(join(folder, 'policy'), '#'.repeat(2 ** 20 + 1)),
    ['LOG_UNSUITABLE', /policy cannot be used: it is too large\./],
    ['LOG_UNSUITABLE', /policy cannot be used: it is too large\./],
  ],
  [
    'a policy that is a folder',
    (folder) => {
      rmSync(join(folder, 'policy'));
      mkdirSync(join(folder, 'policy'));
    },
    ['LOG_UNSUITABLE', /policy cannot be used: it is no regular file\./],
    ['LOG_UNSUITABLE', /policy cannot be used: it is no regular file\./],
  ],
  [
    'a checkpoint without its quorum',
    (folder) => addWitness(folder, 'http://127.0.0.1:9'),
    ['LOG_UNWITNESSED', /the quorum "one" needs more cosignatures than those of: nobody\./],
    'works',
  ],
];

const addOne = (folder: string) => ['append', '--log', folder, '--raw', temporaryFile('one more')];

describe('a log with', () => {
  test.each(table)('%s', async (_name, spoil, show, append) => {
    const folder = await newLog(2);
    await spoil(folder);
    const before = held(folder);
    const shown = await log(['show', folder]);
    if (show === 'works') expect(shown.exit).toBe(0);
    else {
      expectError(shown, ...show);
      expectNoControls(shown.stderr);
      const checked = await log(['check', folder]);
      hurry();
      const proven = await hurried(log(['prove', '0', '--log', folder]));
      vi.useRealTimers();
      for (const result of [checked, proven]) {
        expect(result.exit).toBe(errorTable[show[0]].exit);
        expectNoControls(`${result.stdout}${result.stderr}`);
      }
    }
    if (append !== 'works') expectError(await log(addOne(folder)), ...append);
    expect(held(folder)).toEqual(before);
  });
});

describe('what says what was signed last', () => {
  test.each(['', 'x', '3\n', '-1\nAAAA\n', `2\n${'A'.repeat(43)}=`])(
    'is %j: nothing is signed',
    async (text) => {
      const folder = await newLog(2);
      writeFileSync(join(folder, 'signed'), text);
      const before = held(folder);
      const shown = await log(['show', folder]);
      expect(shown.exit).toBe(8);
      expect(onOneLine(shown.stdout)).toMatch(
        /READ-ONLY: .*signed, which says what .* is damaged: write the size and the root/,
      );
      expectError(await log(addOne(folder)), 'LOG_UNSUITABLE', /is damaged: write the size/);
      expect(held(folder)).toEqual(before);
    },
  );

  it('is of another tree', async () => {
    const folder = await newLog(2);
    writeFileSync(join(folder, 'signed'), `2\n${'A'.repeat(43)}=\n`);
    const before = held(folder);
    expect(onOneLine((await log(['show', folder])).stdout)).toContain('holds another tree of 2');
    expectError(await log(addOne(folder)), 'LOG_READ_ONLY', 'holds another tree of 2 entries');
    expect(held(folder)).toEqual(before);
  });

  it('is newer than a database that was restored: READ-ONLY, and what to do', async () => {
    const folder = await newLog(2);
    const older = join(temporaryFolder(), 'log.db');
    cpSync(join(folder, 'log.db'), older);
    await grow(folder, 2, 4);
    cpSync(older, join(folder, 'log.db'));
    const before = held(folder);
    const shown = await log(['show', folder]);
    expect(shown.exit).toBe(8);
    const screen = onOneLine(shown.stdout);
    expect(screen).toContain('READ-ONLY: ');
    expect(screen).toContain('a checkpoint of 4 entries was signed, and it knows 2.');
    expect(screen).toContain(errorTable.LOG_READ_ONLY.remedy);
    expect(screen).not.toContain('Entries can be added.');
    expect(linesOf(await log(['show', folder, '--json']))).toMatchObject([
      { mode: 'read-only', exit: 8, problem: expect.stringContaining('restored from a backup') },
    ]);
    expect((await log(['show', folder, '--plain'])).stdout).toContain('note: READ-ONLY: ');
    expectError(await log(addOne(folder)), 'LOG_READ_ONLY', 'restored from a backup');
    expect(held(folder)).toEqual(before);
  });
});

describe('a folder that is no log', () => {
  test.each<[string, (folder: string) => void]>([
    ['empty', () => undefined],
    ['with pictures', (folder) => writeFileSync(join(folder, 'cat.jpg'), 'meow')],
    ['with a database alone', (folder) => writeFileSync(join(folder, 'log.db'), 'x')],
  ])('%s', async (_name, fill) => {
    const folder = temporaryFolder();
    fill(folder);
    const before = filesIn(folder);
    for (const command of ['show', 'check']) {
      expectError(await log([command, folder]), 'LOG_UNSUITABLE', `There is no log in ${folder}.`);
    }
    for (const args of [
      ['prove', '0'],
      ['export', join(folder, 'x')],
    ]) {
      expectError(await log([...args, '--log', folder]), 'LOG_UNSUITABLE', 'There is no log in');
    }
    expectError(await log(addOne(folder)), 'LOG_UNSUITABLE', 'not the folder of a log');
    expect(filesIn(folder)).toEqual(before);
  });

  it('a file, and nothing at all', async () => {
    for (const place of [temporaryFile('x'), '/nowhere/log']) {
      expectError(await log(['show', place]), 'LOG_UNSUITABLE', `There is no log in ${place}.`);
      expectError(await log(addOne(place)), 'LOG_UNSUITABLE', 'not the folder of a log');
    }
  });

  it('tiles of another log beside the checkpoint of this one', async () => {
    const [mine, theirs] = [await newLog(2), await newLog(2, other)];
    const [files, foreign] = [join(temporaryFolder(), 'a'), join(temporaryFolder(), 'b')];
    await grow(theirs, 2, 3);
    await grow(mine, 9, 10);
    await mustLog(['export', '--log', mine, files]);
    await mustLog(['export', '--log', theirs, foreign]);
    rmSync(join(files, 'tile'), { recursive: true });
    cpSync(join(foreign, 'tile'), join(files, 'tile'), { recursive: true });
    const before = filesIn(files);
    const args = [files, '--policy', join(mine, 'policy')];
    expect((await log(['check', ...args])).exit).toBe(8);
    const copy = join(temporaryFolder(), 'copy');
    expectError(await log(['import', ...args, '--log', copy]), 'LOG_WRONG');
    expect(filesIn(files)).toEqual(before);
    rmSync(join(files, 'checkpoint'));
    const tiles = filesIn(files);
    expectError(await log(['export', '--log', mine, files]), 'LOG_WRONG', 'is there already');
    expect(filesIn(files)).toEqual(tiles);
  });
});
