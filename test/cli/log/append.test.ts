/** `touchstone log append`: what is taken, what is written, and what is refused before anything is. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, test } from 'vitest';
import { encodeEntry, parseEntry } from '../../../src/activation/entry.ts';
import { parseReceipt } from '../../../src/activation/receipt.ts';
import { unwitnessedNote } from '../../../src/report/texts-log.ts';
import { parseProof, verifyProof } from '../../../src/tlog/proof.ts';
import {
  expectError,
  expectNoControls,
  runCli,
  temporaryFile,
  temporaryFolder,
  testClock,
} from '../../support/cli.ts';
import { alice, bob, entryBy, noticeEntry, unsigned } from '../../support/receipts.ts';
import {
  at,
  entryFile,
  filesIn,
  linesOf,
  log,
  mustLog,
  newLog,
  onOneLine,
  policyOf,
} from './logs.ts';

const activated = entryBy('activated', alice);
const day = 86_400_000;

const sizeOf = async (folder: string) =>
  linesOf(await mustLog(['show', folder, '--json']))[0]?.['sequenced'];

/** Appends and gives the folder, to look into it. */
async function appended(args: readonly string[], scene = {}) {
  const folder = await newLog();
  return { folder, result: await log(['append', '--log', folder, ...args], scene) };
}

describe('append', () => {
  it.each(['', '\n'])('takes no activation entry as raw bytes (ending %j)', async (end) => {
    const file = temporaryFile(`${new TextDecoder().decode(encodeEntry(activated))}${end}`, 'e');
    const { folder, result } = await appended(['--raw', file]);
    expectError(result, 'USAGE', 'is an activation entry: leave out --raw');
    expect(await sizeOf(folder)).toBe('0');
  });

  it('records an entry, and says that nobody witnesses it', async () => {
    const { folder, result } = await appended([entryFile(activated)]);
    expect(result.exit).toBe(0);
    expect(result.stderr).toBe('');
    const screen = onOneLine(result.stdout);
    expect(screen).toBe(`Recorded as entry 0, and published. ${unwitnessedNote} `);
    expectNoControls(result.stdout);
    expect(await sizeOf(folder)).toBe('1');
  });

  it('takes the same bytes once', async () => {
    const folder = await newLog();
    const args = ['append', '--log', folder, entryFile(activated)];
    expect(linesOf(await mustLog([...args, '--json']))).toEqual([
      { index: '0', known: false, witnessed: false },
    ]);
    expect(linesOf(await mustLog([...args, '--json']))).toEqual([
      { index: '0', known: true, witnessed: false },
    ]);
    const again = await mustLog([...args, args.at(-1) ?? '', '--plain']);
    const known =
      'result: Recorded before as entry 0, and published: the same bytes are one entry.';
    expect(again.stdout).toBe(`${known}\n${known}\nnote: ${unwitnessedNote}\n`);
    expect(await sizeOf(folder)).toBe('1');
  });

  it('takes several files and a notice, in order, under one checkpoint', async () => {
    const files = [activated, entryBy('reverified', alice), entryBy('observed')].map(entryFile);
    const { folder, result } = await appended([
      ...files,
      '--notice',
      'Closed on Sunday.',
      '--json',
    ]);
    expect(linesOf(result).map(({ index }) => index)).toEqual(['0', '1', '2', '3']);
    const shown = linesOf(await mustLog(['show', folder, '--json']));
    expect(shown).toMatchObject([{ published: '4' }]);
  });

  it('takes an entry with the line feed of an editor, from standard input, too', async () => {
    const bytes = encodeEntry(activated);
    const folder = await newLog();
    const args = ['append', '--log', folder, '--json'];
    const file = temporaryFile(`${Buffer.from(bytes).toString()}\n`);
    await mustLog([...args, file]);
    const scene = { stdin: Readable.from([bytes]) };
    expect(linesOf(await mustLog([...args, '-'], scene))).toMatchObject([{ known: true }]);
  });

  it('takes any bytes with --raw, as they are', async () => {
    const bytes = Uint8Array.of(0, 0xff, 0x0a);
    const proof = join(temporaryFolder(), 'x.tlog-proof');
    const { folder, result } = await appended(['--raw', temporaryFile(bytes), '--proof', proof]);
    expect(result.exit).toBe(0);
    const given = parseProof(readFileSync(proof, 'utf8'));
    const policy = policyOf(folder);
    expect(verifyProof({ proof: given, entry: bytes, policy, at })).toMatchObject({
      kind: 'verified',
      index: 0n,
      witnessed: false,
    });
    const other = bytes.subarray(0, 2);
    expect(verifyProof({ proof: given, entry: other, policy, at })).toMatchObject({
      kind: 'refused',
      why: 'not-included',
    });
    expect(linesOf(await mustLog(['append', '--log', folder, '--raw', '-', '--json']))).toEqual([
      { index: '1', known: false, witnessed: false },
    ]);
  });

  it('writes a receipt that holds', async () => {
    const path = join(temporaryFolder(), 'receipt.json');
    const { folder, result } = await appended([entryFile(activated), '--receipt', path]);
    expect(result.exit).toBe(0);
    expect(parseReceipt(readFileSync(path, 'utf8')).entry).toEqual(activated);
    const args = ['receipt', 'verify', '--policy', join(folder, 'policy')];
    const verified = await runCli([...args, path]);
    expect(verified.exit).toBe(3);
    expect(verified.stdout).toContain('RECEIPT HOLDS, UNWITNESSED');
    const altered = readFileSync(path, 'utf8').replace('"state": "new"', '"state": "old"');
    expect((await runCli([...args, temporaryFile(altered)])).exit).toBe(8);
  });

  it('writes into the log of this computer, whose receipts need no policy', async () => {
    const scene = { stateFolder: temporaryFolder() };
    await mustLog(['init'], scene);
    const path = join(scene.stateFolder, 'receipt.json');
    const notice = await mustLog(['append', '--notice', 'First words.', '--receipt', path], scene);
    expect(onOneLine(notice.stdout)).toContain(unwitnessedNote);
    expect(parseReceipt(readFileSync(path, 'utf8')).entry).toEqual({
      schema: 'touchstone.entry/1',
      kind: 'notice',
      text: 'First words.',
      hour: '2026-11-26T12Z',
    });
    expect((await runCli(['receipt', 'verify', path], scene)).exit).toBe(3);
  });

  it('takes a retirement by who activated the card', async () => {
    const folder = await newLog();
    const files = [activated, entryBy('retired', alice)].map(entryFile);
    expect(linesOf(await mustLog(['append', '--log', folder, ...files, '--json']))).toHaveLength(2);
    const byBob = await log(['append', '--log', folder, entryFile(entryBy('retired', bob))]);
    expectError(byBob, 'ENTRY_INVALID', 'its owner never activated this card in this log');
  });
});

/** The bytes of the entry with a text replaced. */
const changed = (from: string, to: string) =>
  temporaryFile(Buffer.from(encodeEntry(activated)).toString().replace(from, to));

const { demo: _, ...real } = activated;

describe('what is not taken is not recorded', () => {
  test.each<[string, () => string, string]>([
    ['altered', () => changed('"state":"new"', '"state":"old"'), 'owner-signature'],
    ['of another owner', () => changed(alice.hashHex, bob.hashHex), 'owner-key'],
    ['with a space', () => changed('"new"', ' "new"'), 'canonical form'],
    [
      'of another format',
      () => changed('touchstone.entry/1', 'touchstone.entry/2'),
      'not an entry',
    ],
    [
      'without signatures',
      () => temporaryFile(JSON.stringify(unsigned('activated', alice))),
      'not',
    ],
    ['empty', () => temporaryFile(''), 'not one whole JSON value'],
    ['no text', () => temporaryFile(Uint8Array.of(0xff, 0xfe)), 'not one whole JSON value'],
    ['retired by a stranger', () => entryFile(entryBy('retired', alice)), 'never activated'],
    ['disputed by a stranger', () => entryFile(entryBy('disputed', bob)), 'never activated'],
    ['about no demo card', () => entryFile(noticeEntry), 'this is a demo log'],
    ['about no demo card and so not as signed', () => temporaryFile(JSON.stringify(real)), 'not'],
  ])('%s', async (_name, file, why) => {
    const { folder, result } = await appended([file()]);
    expectError(result, 'ENTRY_INVALID', why);
    expect(await sizeOf(folder)).toBe('0');
  });

  test.each([
    [-2 * 3_600_000, false],
    [-3_600_000, true],
    [3_600_000, true],
    [2 * 3_600_000, false],
    [day, false],
  ])('an entry of the hour of now, when it is %i ms later', async (later, isTaken) => {
    const { result } = await appended([entryFile(activated)], { now: testClock + later });
    if (isTaken) expect(result.exit).toBe(0);
    else expectError(result, 'ENTRY_INVALID', 'it is of the hour 2026-11-26T12Z');
  });

  it('a demo card in a log for all', async () => {
    const folder = await newLog(0, 'log.example.org/cards');
    const result = await log(['append', '--log', folder, entryFile(activated)]);
    expectError(result, 'ENTRY_INVALID', 'this is no demo log');
  });

  it('too many of one card on one day; the others are recorded, and told', async () => {
    const files = Array.from({ length: 13 }, (_, n) => {
      const entry = unsigned('observed');
      if (entry.type !== 'observed') throw new Error('another type');
      const proof = n.toString(16).padStart(64, '0');
      return temporaryFile(
        encodeEntry({ ...entry, hashes: { ...entry.hashes, proof }, signatures: {} }),
      );
    });
    const { folder, result } = await appended([...files, '--json']);
    expect(result.exit).toBe(8);
    expect(result.stderr).toMatch(/too many entries .*\nWait until tomorrow.* \(LOG_QUOTA\)\n$/);
    expect(linesOf(result)).toHaveLength(12);
    expect(await sizeOf(folder)).toBe('12');
    expect(linesOf(await mustLog(['append', '--log', folder, files[0] ?? '', '--json']))).toEqual([
      { index: '0', known: true, witnessed: false },
    ]);
  });

  it('what is too large, raw or not', async () => {
    const file = temporaryFile(new Uint8Array(65_536));
    expectError((await appended([file])).result, 'FILE_UNSUITABLE', file);
    expectError((await appended(['--raw', file])).result, 'FILE_UNSUITABLE', file);
    const largest = temporaryFile(new Uint8Array(65_535));
    expect((await appended(['--raw', largest])).result.exit).toBe(0);
  });

  test.each(['', ' two', 'a\nb', 'caf\u00e9', '\u001b[2J', 'x'.repeat(2001)])(
    'the notice %j',
    async (text) => {
      const { folder, result } = await appended(['--notice', text]);
      expectError(result, 'ENTRY_INVALID');
      expect(await sizeOf(folder)).toBe('0');
    },
  );
});

describe('wrong command lines', () => {
  test.each([
    [[], 'Give the file of an entry'],
    [['a', 'b', '--receipt', 'r'], 'one at a time'],
    [['a', '--notice', 'b', '--proof', 'r'], 'one at a time'],
    [['a', '--raw', '--receipt', 'r'], 'give --proof'],
    [['--raw', '--notice', 'x'], 'leave out --raw'],
    [['-', '-'], 'Standard input'],
    [['a', '--receipt', 'r', '--proof', './r'], 'two files'],
  ])('%j', async (args, why) => {
    expectError((await appended(args)).result, 'USAGE', why);
  });

  test.each(['--receipt', '--proof'])('a file that is there is kept: %s', async (option) => {
    const path = temporaryFile('mine');
    const { folder, result } = await appended([entryFile(activated), option, path]);
    expectError(result, 'FILE_EXISTS', path);
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(await sizeOf(folder)).toBe('0');
    const nowhere = await appended([entryFile(activated), option, join(path, 'nowhere')]);
    expectError(nowhere.result, 'FILE_UNWRITABLE');
    expect(await sizeOf(nowhere.folder)).toBe('0');
  });

  it('a file that is not there, and no log', async () => {
    const { folder, result } = await appended(['/nowhere/entry.json']);
    expectError(result, 'FILE_UNREADABLE', '/nowhere');
    expect(await sizeOf(folder)).toBe('0');
    const scene = { stateFolder: temporaryFolder() };
    expectError(await log(['append', entryFile(activated)], scene), 'LOG_UNSUITABLE');
    expect(filesIn(scene.stateFolder)).toEqual({});
    expect(existsSync(join(scene.stateFolder, 'log'))).toBe(false);
  });

  it('a copy', async () => {
    const folder = await newLog(1);
    const files = join(temporaryFolder(), 'files');
    const copy = join(temporaryFolder(), 'copy');
    await mustLog(['export', '--log', folder, files]);
    await mustLog(['import', files, '--log', copy, '--policy', join(folder, 'policy')]);
    const before = filesIn(copy);
    const result = await log(['append', '--log', copy, '--notice', 'Hello.']);
    expectError(result, 'LOG_UNSUITABLE', 'nothing can be added to it');
    expect(filesIn(copy)).toEqual(before);
  });
});

it('gives the bytes of what it recorded', async () => {
  const { folder } = await appended([entryFile(activated)]);
  const files = join(temporaryFolder(), 'files');
  await mustLog(['export', '--log', folder, files]);
  const bundle = readFileSync(join(files, 'tile/entries/000.p/1'));
  expect(parseEntry(bundle.subarray(2))).toEqual(activated);
});
