import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { errorTable } from '../../src/errors/codes.ts';
import {
  demoRegistry,
  expectNoControls,
  expectNoTrace,
  interruptAfter,
  repositoryFile,
  runCli,
  savedEvidence,
  temporaryFile,
} from '../support/cli.ts';

const missing = '/not-there/card.json';
const judge = (...paths: string[]) => runCli(['verify', ...demoRegistry, '--evidence', ...paths]);

describe('verify --evidence', () => {
  test('judges a saved file as recorded, without a reader', async () => {
    const { exit, stdout, stderr, requests } = await judge(await savedEvidence());
    expect(exit).toBe(3);
    expect(stdout).toContain('\nGENUINE WITH WARNINGS\n');
    expect([stderr, requests]).toEqual(['', []]);
  });

  test('does not trust the demo keys unless it is told to', async () => {
    const { exit, stdout } = await runCli(['verify', '--evidence', await savedEvidence()]);
    expect(exit).toBe(5);
    expect(stdout).toMatch(/^NOT GENUINE: STOP\n/);
  });

  test('does not believe a file that calls itself fresher than it is', async () => {
    const evidence = JSON.parse(readFileSync(await savedEvidence(), 'utf8'));
    expect(evidence.freshness).toBe('verifier');
    expect((await judge(temporaryFile({ ...evidence, freshness: 'beacon' }))).exit).toBe(3);
  });

  test('does not decide on answers to another challenge', async () => {
    const evidence = JSON.parse(readFileSync(await savedEvidence(), 'utf8'));
    const { exit, stdout } = await judge(temporaryFile({ ...evidence, nonce: '00'.repeat(32) }));
    expect(exit).toBe(4);
    expect(stdout).toContain('\nNOT DECIDED\n');
  });

  test('rejects a file in which one bit of the signature was turned', async () => {
    const evidence = JSON.parse(readFileSync(await savedEvidence(), 'utf8'));
    const check = evidence.transcript.find(({ command }: { command: string }) =>
      command.includes(Buffer.from('check').toString('hex')),
    );
    const at = check.response.indexOf(Buffer.from('auth_sig').toString('hex')) + 30;
    const turned = (Number.parseInt(check.response[at], 16) ^ 1).toString(16);
    check.response = check.response.slice(0, at) + turned + check.response.slice(at + 1);
    expect((await judge(temporaryFile(evidence))).exit).toBe(5);
  });

  test('reads standard input for "-"', async () => {
    const text = readFileSync(await savedEvidence(), 'utf8');
    const half = text.length / 2;
    const stdin = Readable.from([text.slice(0, half), text.slice(half)]);
    const args = ['verify', ...demoRegistry, '--evidence', '-'];
    expect((await runCli(args, { stdin })).exit).toBe(3);
  });

  test('stops waiting for standard input on Ctrl-C', async () => {
    const stdin = new Readable({ read: () => undefined });
    const args = ['verify', '--evidence', '-'];
    const result = await runCli(args, { stdin, signal: interruptAfter(20) });
    expect([result.exit, result.stdout]).toEqual([130, '']);
    expect(result.stderr).toContain('(INTERRUPTED)');
    expectNoTrace(result);
  });

  test('refuses a standard input without end', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536, 0x20);
      })(),
    );
    const result = await runCli(['verify', '--evidence', '-'], { stdin: endless });
    expect([result.exit, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toContain('standard input cannot be used: it is larger than 4096 KiB.');
  });
});

describe('several files', () => {
  test('are judged each by itself; the worst one decides how it exits', async () => {
    const genuine = await savedEvidence();
    const fake = await savedEvidence('fake-root');
    const { exit, stdout } = await judge(genuine, fake, genuine);
    expect(exit).toBe(5);
    const names = [genuine, fake, genuine].map((path) => stdout.indexOf(path));
    expect(names.every((at) => at >= 0)).toBe(true);
    expect(stdout.match(/^(NOT GENUINE|GENUINE WITH WARNINGS)(?=: STOP$|$)/gm)).toEqual([
      'GENUINE WITH WARNINGS',
      'NOT GENUINE',
      'GENUINE WITH WARNINGS',
    ]);
  });

  test.each([
    [['genuine', 'used'], 3],
    [['genuine', 'refuses'], 4],
    [['refuses', 'tampered'], 6],
    [['tampered', 'fake-root'], 5],
  ])('%j exit with %i, in whatever order', async (ids, exit) => {
    const paths = await Promise.all(ids.map((id) => savedEvidence(id)));
    expect((await judge(...paths)).exit).toBe(exit);
    expect((await judge(...paths.reverse())).exit).toBe(exit);
  });

  test('do not hide each other when one cannot be read', async () => {
    const fake = await savedEvidence('fake-root');
    const { exit, stdout, stderr } = await judge(missing, fake);
    expect(exit).toBe(2);
    expect(stdout).toContain('NOT GENUINE');
    const { remedy } = errorTable.FILE_UNREADABLE;
    expect(stderr).toBe(
      `${missing}: ${missing} cannot be read: there is no such file.\n${remedy} (FILE_UNREADABLE)\n`,
    );
  });

  test('give one line of JSON each, and one fact a line with --plain', async () => {
    const paths = [await savedEvidence(), await savedEvidence('fake-root')];
    const args = ['verify', ...demoRegistry, '--evidence', ...paths];
    const json = await runCli([...args, '--json']);
    const lines = json.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).touchstone.exit)).toEqual([3, 5]);
    const plain = (await runCli([...args, '--plain'])).stdout.trimEnd().split('\n');
    for (const line of plain) expect(line).toMatch(/^(DEMO|[a-z][a-z ]*): \S/);
    expect(plain.filter((line) => line.startsWith('file: '))).toEqual(
      paths.map((path) => `file: ${path}`),
    );
  });
});

describe('evidence show', () => {
  const commands = (text: string) => text.match(/^ {3}> [0-9a-f]+$/gm) ?? [];

  test('explains every exchange and gives no opinion', async () => {
    const path = await savedEvidence();
    const { transcript } = JSON.parse(readFileSync(path, 'utf8'));
    const { exit, stdout, stderr } = await runCli(['evidence', 'show', path]);
    expect([exit, stderr]).toEqual([0, '']);
    expect(commands(stdout)).toHaveLength(transcript.length);
    expect(stdout).toMatch(/^Evidence TS-[0-9a-f]{10}\n/);
    expect(stdout).not.toMatch(/genuine/i);
    expectNoControls(stdout);
  });

  test('shows a fake in the same way: showing is not judging', async () => {
    const { exit } = await runCli(['evidence', 'show', await savedEvidence('fake-root')]);
    expect(exit).toBe(0);
  });

  test('tells the same id as the verdict', async () => {
    const path = await savedEvidence();
    const shown = JSON.parse((await runCli(['evidence', 'show', '--json', path])).stdout);
    const judged = JSON.parse((await runCli(['verify', '--json', '--evidence', path])).stdout);
    expect(shown.id).toBe(judged.touchstone.id);
    const [chip, byName, application] = shown.exchanges;
    expect(chip).toMatchObject({
      words: 'We asked for the card manager; it answered 6A82.',
      command: '00a4040000',
    });
    expect(byName.command).toBe('00a4040008a00000015100000000');
    expect(application).toEqual({
      words: expect.stringContaining('TAPSIGNER'),
      command: expect.stringMatching(/^00a404/),
      response: expect.stringMatching(/9000$/),
      micros: expect.any(Number),
    });
  });

  test('prints one exchange a line with --plain', async () => {
    const path = await savedEvidence();
    const { stdout } = await runCli(['evidence', 'show', '--plain', path]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^6\. .* \| [0-9a-f]+ \| [0-9a-f]+$/);
    expect(stdout).not.toContain('\n\n');
  });

  test('says that a private exchange is withheld', async () => {
    const evidence = JSON.parse(readFileSync(await savedEvidence(), 'utf8'));
    const withheld = { command: '00200000', response: '9000', micros: 1, disclosure: 'private' };
    const path = temporaryFile({ ...evidence, transcript: [...evidence.transcript, withheld] });
    const { stdout } = await runCli(['evidence', 'show', path]);
    expect(stdout).toContain('Kept private');
  });

  test('shows what answers of no family it holds', async () => {
    const evidence = JSON.parse(readFileSync(await savedEvidence(), 'utf8'));
    const path = temporaryFile({ ...evidence, family: 'no-such-family' });
    const { exit, stdout } = await runCli(['evidence', 'show', path]);
    expect(exit).toBe(0);
    expect(stdout).toContain('Touchstone does not know this kind of card.');
  });
});

test('links from real cards can be kept as evidence', async () => {
  const vectors = readFileSync(repositoryFile('test/vectors/coinkite-tap/urls.json'), 'utf8');
  const { url } = JSON.parse(vectors).urls[0];
  const head = { schema: 'touchstone.evidence/1', kind: 'url', family: 'coinkite-tap' };
  const path = temporaryFile({ ...head, collectedAt: '2026-11-26T12:00:00Z', url });
  expect((await judge(path)).exit).toBe(4);
  expect((await runCli(['evidence', 'show', path])).stdout).toContain(url);
});
