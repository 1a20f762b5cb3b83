/** The maker's signatures from a file, and saved evidence that is completed later. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { encodeEndorsements } from '../../src/evidence/endorsements.ts';
import {
  demoRegistry,
  expectError,
  runCli,
  type Scene,
  simulated,
  temporaryFile,
  temporaryFolder,
} from '../support/cli.ts';
import { bareEvidence, endorsementsOf, signaturesOf } from '../support/endorsing.ts';
import { always, makerFetch, makerOf } from '../support/maker.ts';

const verify = ['verify', ...demoRegistry];
const tangem = (id = 'genuine', unit = 'ada') => simulated(id, unit, 'tangem');

/** The text of a file that holds the signatures over these cards. */
async function fileOf(...units: readonly string[]): Promise<string> {
  const files = await Promise.all(
    units.map(async (unit) => {
      const card = tangem('genuine', unit);
      return endorsementsOf(await bareEvidence(card), await signaturesOf(card));
    }),
  );
  return encodeEndorsements({ family: 'tangem', cards: files.flatMap(({ cards }) => cards) });
}

const good = await fileOf('ada', 'ben');

/** Checks a card and saves its evidence, as it is without its maker. */
async function saved(
  id = 'genuine',
  unit = 'ada',
  more: readonly string[] = [],
  scene: Scene = {},
) {
  const path = join(temporaryFolder(), `${unit}.json`);
  await runCli([...verify, ...more, '--save', path], { card: tangem(id, unit), ...scene });
  return path;
}

const recorded = (...paths: string[]) => [...verify, '--evidence', ...paths];
const contents = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const detail = (text: string) =>
  JSON.parse(text).touchstone.findings.find(
    ({ subject }: { subject: string }) => subject === 'model',
  )?.text;

describe('--attach', () => {
  test('takes the signatures from a file, asks nobody, and keeps nothing', async () => {
    const { fetch, asked } = makerFetch(always(404));
    const stdin = Object.assign(Readable.from([]), { isTTY: true });
    const scene = { fetch, stdin, stderrColumns: 80, answers: [true] };
    const args = [...verify, '--attach', temporaryFile(good)];
    const result = await runCli(args, { card: tangem(), ...scene });
    expect([result.exit, result.questions, asked]).toEqual([0, [], []]);
    expect(result.stderr).not.toContain('maker');
  });

  test('takes them from standard input', async () => {
    const args = [...verify, '--attach', '-'];
    const result = await runCli(args, { card: tangem(), stdin: Readable.from([good]) });
    expect(result.exit).toBe(0);
  });

  test.each([
    ['lacks this card', async () => await fileOf('ben')],
    ['is about another family', async () => good.replace('"tangem"', '"coinkite-tap"')],
    ['is empty', async () => encodeEndorsements({ family: 'tangem', cards: [] })],
  ])('is not decided where the file %s', async (_, text) => {
    const { fetch, asked } = makerFetch(makerOf(tangem()));
    const stdin = Object.assign(Readable.from([]), { isTTY: true });
    const args = [...verify, '--attach', temporaryFile(await text())];
    const result = await runCli(args, { card: tangem(), fetch, stdin, stderrColumns: 80 });
    expect([result.exit, asked, result.questions]).toEqual([4, [], []]);
    expect(result.stdout.replace(/\s+/g, ' ')).toContain(
      'the attached file holds nothing about this card',
    );
  });

  test('goes on to the server where that was asked for too', async () => {
    const { fetch, asked } = makerFetch(makerOf(tangem()));
    const args = [...verify, '--online', '--attach', temporaryFile(await fileOf('ben'))];
    expect((await runCli(args, { card: tangem(), fetch })).exit).toBe(0);
    expect(asked).toHaveLength(1);
  });

  test('does not make a card better that its maker did not sign', async () => {
    const swapped = JSON.parse(good);
    [swapped.cards[0].attachments, swapped.cards[1].attachments] = [
      swapped.cards[1].attachments,
      swapped.cards[0].attachments,
    ];
    const args = [...verify, '--attach', temporaryFile(swapped)];
    expect((await runCli(args, { card: tangem() })).exit).toBe(5);
  });

  test('is looked at before a card is asked for', async () => {
    const result = await runCli([...verify, '--attach', temporaryFile('no')], { card: tangem() });
    expectError(result, 'ENDORSEMENTS_INVALID', 'not one whole JSON value');
    expect(result.requests).toEqual([]);
  });

  const card = () => JSON.parse(good).cards[0];
  test.each<[string, unknown, RegExp]>([
    ['of another schema', { schema: 'touchstone.evidence/1' }, /"schema"/],
    ['without cards', { schema: 'touchstone.endorsements/1', family: 'tangem' }, /"cards"/],
    ['with a field too many', { ...JSON.parse(good), note: 1 }, /"note"/],
    ['with a card twice', { ...JSON.parse(good), cards: [card(), card()] }, /listed twice/],
    ['with a short hash', { ...JSON.parse(good), cards: [{ ...card(), cardKeyHash: 'ab' }] }, /64/],
    ['with __proto__', good.replace('{', '{"__proto__": 1,'), /JSON/],
    ['cut short', good.slice(0, -10), /JSON/],
    ['that is empty', '', /JSON/],
    ['that is a list', [], /"schema"/],
  ])('refuses a file %s', async (_, content, words) => {
    const path = temporaryFile(content);
    for (const args of [verify, recorded('/not-there')]) {
      const result = await runCli([...args, '--attach', path], { card: tangem() });
      expectError(result, 'ENDORSEMENTS_INVALID', words);
      expect(result.exit).toBe(2);
    }
  });

  test('refuses a file that is not there, and one that is no text', async () => {
    const attach = async (path: string) =>
      runCli([...verify, '--attach', path], { card: tangem() });
    expectError(await attach('/not-there'), 'FILE_UNREADABLE');
    expectError(await attach(temporaryFile(Uint8Array.of(0xff, 0xfe))), 'FILE_UNSUITABLE');
  });

  test.each([
    [['--attach', '-', '--registry', '-']],
    [['--attach', '-', '--evidence', '-']],
    [['--attach', '-', '--pin-stdin']],
  ])('refuses %j: standard input can be read once', async (args) => {
    expectError(await runCli(['verify', ...args]), 'USAGE', 'Standard input can be read once');
  });

  test('does not go together with --url', async () => {
    const result = await runCli(['verify', '--attach', 'x', '--url', 'y']);
    expectError(result, 'USAGE', '--attach is for a card or its evidence');
  });
});

describe('saved evidence', () => {
  test('holds what was fetched, and is judged from that without network or state', async () => {
    const { fetch } = makerFetch(makerOf(tangem()));
    const path = await saved('genuine', 'ada', ['--online'], { fetch });
    const { attachments } = contents(path);
    expect(attachments).toEqual(
      ['tangem-issuer-signature', 'tangem-manufacturer-signature'].map((kind) => ({
        kind,
        source: 'http://127.0.0.1:35980/card',
        fetchedAt: '2026-11-26T12:00:00.000Z',
        data: expect.stringMatching(/^[0-9a-f]{128}$/),
      })),
    );
    expect((await runCli(recorded(path))).exit).toBe(3);
  });

  test('holds a refusal and its reason', async () => {
    const { fetch } = makerFetch(always(404));
    const path = await saved('genuine', 'ada', ['--online'], { fetch });
    expect(contents(path).attachments).toMatchObject([
      { kind: 'tangem-refusal', data: Buffer.from('http-404').toString('hex') },
    ]);
    const { exit, stdout } = await runCli([...recorded(path), '--json']);
    expect(exit).toBe(4);
    expect(detail(stdout)).toContain('404: it does not know this card');
  });

  test('holds what was attached', async () => {
    const path = await saved('genuine', 'ada', ['--attach', temporaryFile(good)]);
    expect(contents(path).attachments).toHaveLength(2);
  });

  test('is completed with --attach, and no person and no server is asked', async () => {
    const path = await saved();
    expect((await runCli(recorded(path))).exit).toBe(4);
    const { fetch, asked } = makerFetch(makerOf(tangem()));
    const args = [...recorded(path), '--attach', temporaryFile(good)];
    const result = await runCli(args, { fetch });
    expect([result.exit, asked, result.questions]).toEqual([3, [], []]);
  });

  test('is completed with --online, once, and the file stays as it was', async () => {
    const path = await saved();
    const before = readFileSync(path, 'utf8');
    const { fetch, asked } = makerFetch(makerOf(tangem()));
    const scene = { fetch, stateFolder: temporaryFolder() };
    expect((await runCli([...recorded(path), '--online'], scene)).exit).toBe(3);
    expect((await runCli([...recorded(path), '--online'], scene)).exit).toBe(3);
    expect(asked).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('is never asked about without an option, not even at a terminal', async () => {
    const path = await saved();
    const { fetch, asked } = makerFetch(makerOf(tangem()));
    const stdin = Object.assign(Readable.from([]), { isTTY: true });
    const result = await runCli(recorded(path), { fetch, stdin, stderrColumns: 80 });
    expect([result.exit, result.questions, asked]).toEqual([4, [], []]);
  });

  test('gives the verdict of the card itself, whatever was refused before', async () => {
    const { fetch } = makerFetch(always(503));
    const path = await saved('genuine', 'ada', ['--online'], { fetch });
    const args = [...recorded(path), '--attach', temporaryFile(good)];
    expect((await runCli(args)).exit).toBe(3);
  });

  test('has the same id with and without what the maker signed', async () => {
    const path = await saved();
    const id = (text: string) => JSON.parse(text).touchstone.id;
    const bare = await runCli([...recorded(path), '--json']);
    const args = [...recorded(path), '--json', '--attach', temporaryFile(good)];
    expect(id((await runCli(args)).stdout)).toBe(id(bare.stdout));
  });
});

describe('several files', () => {
  test('are each completed from one file; the worst decides', async () => {
    const paths = [await saved(), await saved('genuine', 'ben'), await saved('genuine', 'eve')];
    const args = [...recorded(...paths), '--json', '--attach', temporaryFile(good)];
    const { exit, stdout } = await runCli(args);
    const exits = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).touchstone.exit);
    expect([exit, exits]).toEqual([4, [3, 3, 4]]);
  });

  test('are each asked about once, those of other families not at all', async () => {
    const coinkite = join(temporaryFolder(), 'coinkite.json');
    await runCli([...verify, '--save', coinkite], { card: simulated('genuine') });
    const paths = [await saved(), coinkite, await saved(), await saved('genuine', 'ben')];
    const makers = [tangem(), tangem('genuine', 'ben')].map((card) => makerOf(card));
    const { fetch, asked } = makerFetch((headers) => {
      const replies = makers.map((ask) => ask(headers));
      const known = replies.find((reply) => reply.kind === 'reply' && reply.status === 200);
      return known ?? { kind: 'reply', status: 404, body: '' };
    });
    const scene = { fetch, stateFolder: temporaryFolder() };
    const { exit } = await runCli([...recorded(...paths), '--online'], scene);
    expect(exit).toBe(3);
    expect(asked).toHaveLength(2);
  });

  test('are not hidden by one that cannot be read', async () => {
    const args = [...recorded('/not-there', await saved()), '--attach', temporaryFile(good)];
    const { exit, stdout } = await runCli([...args, '--json']);
    expect(exit).toBe(2);
    expect(JSON.parse(stdout).touchstone.exit).toBe(3);
  });
});
