/** What a maker keeps apart from its cards: fetched, attached, asked about, kept. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { fill, mayAskMaker, mayAskOther } from '../../src/report/texts.ts';
import {
  demoRegistry,
  expectError,
  expectNoControls,
  expectNoTrace,
  interruptAfter,
  runCli,
  type Scene,
  simulated,
  temporaryFolder,
  unusableFolder,
} from '../support/cli.ts';
import { always, makerFetch, makerOf } from '../support/maker.ts';

const verify = ['verify', ...demoRegistry];
const onOneLine = (text: string) => text.replace(/\s+/g, ' ');
const tangem = (id = 'genuine', unit = 'ada') => simulated(id, unit, 'tangem');

/** A terminal with somebody at it. */
function person(...answers: boolean[]): Scene {
  const stdin = Object.assign(Readable.from([]), { isTTY: true });
  return { stdin, stderrColumns: 80, answers };
}

/** A card, its maker, and a folder for what is kept. */
function world(id = 'genuine', unit = 'ada') {
  const card = tangem(id, unit);
  const { fetch, asked } = makerFetch(makerOf(card));
  const stateFolder = temporaryFolder();
  return { card, fetch, asked, stateFolder };
}

function kept(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

const reason = (text: string) =>
  JSON.parse(text).touchstone.findings.find(
    ({ subject }: { subject: string }) => subject === 'model',
  )?.text;

describe('without any option', () => {
  test('nobody is asked, and the verdict says how to go on', async () => {
    const { card, fetch, asked, stateFolder } = world();
    const result = await runCli(verify, { card, fetch, stateFolder });
    expect([result.exit, asked, result.questions, kept(stateFolder)]).toEqual([4, [], [], []]);
    expect(onOneLine(result.stdout)).toContain('Check it again with --online');
    expect(result.stdout).toContain('--attach');
  });
});

describe('--online', () => {
  test('asks the server that the registry names, without a question, and says so', async () => {
    const { card, fetch, asked, stateFolder } = world();
    const result = await runCli([...verify, '--online'], { card, fetch, stateFolder });
    expect(result.exit).toBe(0);
    expect(asked.map(({ url }) => url)).toEqual(['http://127.0.0.1:35980/card']);
    expect(Object.keys(asked[0]?.headers ?? {}).sort()).toEqual([
      'card_id',
      'card_public_key',
      'content-type',
    ]);
    expect(result.questions).toEqual([]);
    expect(result.stderr).toContain("Asking the maker's server for its signatures ...\n");
  });

  test('asks when the card has been let go', async () => {
    const { card, stateFolder } = world();
    let open = true;
    const watched = { ...card, atr: card.atr, reset: () => card.reset() };
    const { fetch } = makerFetch((headers) => {
      open = false;
      return makerOf(card)(headers);
    });
    const respond: typeof card.respond = (command) => {
      if (!open) throw new Error('the card was asked after its maker');
      return card.respond(command);
    };
    const result = await runCli([...verify, '--online'], {
      card: { ...watched, respond },
      fetch,
      stateFolder,
    });
    expect(result.exit).toBe(0);
  });

  test('keeps the answer: the next run asks nobody, also without the option', async () => {
    const { card, fetch, asked, stateFolder } = world();
    await runCli([...verify, '--online'], { card, fetch, stateFolder });
    expect(kept(stateFolder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.json$/)]);
    for (const more of [[], ['--online'], ['--fresh', '--json', '--no-input']]) {
      const again = await runCli([...verify, ...more], { card: tangem(), fetch, stateFolder });
      expect(again.exit).toBe(0);
    }
    expect(asked).toHaveLength(1);
  });

  test('does not use what is kept for another card', async () => {
    const { card, fetch, stateFolder } = world();
    await runCli([...verify, '--online'], { card, fetch, stateFolder });
    const other = await runCli(verify, { card: tangem('genuine', 'ben'), fetch, stateFolder });
    expect(other.exit).toBe(4);
  });

  test.each([
    [403, 'it refuses to say'],
    [404, 'it does not know this card'],
    [503, 'answered 503'],
    [200, 'an empty answer'],
  ])('is not decided where the server answers %i, and keeps nothing', async (status, words) => {
    const stateFolder = temporaryFolder();
    const { fetch } = makerFetch(always(status));
    const args = [...verify, '--online', '--json'];
    const { exit, stdout } = await runCli(args, { card: tangem(), fetch, stateFolder });
    expect([exit, kept(stateFolder)]).toEqual([4, []]);
    expect(reason(stdout)).toContain(words);
  });

  test('is not decided where there is no network', async () => {
    const result = await runCli([...verify, '--online'], { card: tangem() });
    expect(result.exit).toBe(4);
    expect(onOneLine(result.stdout)).toContain("the maker's server could not be reached");
    expectNoTrace(result);
  });

  test('asks nobody about a card whose maker keeps no server', async () => {
    const { fetch, asked } = makerFetch(always(200));
    const card = simulated('genuine');
    const result = await runCli([...verify, '--online'], { card, fetch });
    expect([result.exit, asked]).toEqual([0, []]);
  });

  test('asks nobody about a card that proved no key', async () => {
    const { fetch, asked } = makerFetch(always(200));
    const card = tangem('lying-key');
    const result = await runCli([...verify, '--online'], { card, fetch });
    expect([result.exit, asked]).toEqual([5, []]);
  });

  test('does not go together with --url', async () => {
    const result = await runCli(['verify', '--online', '--url', 'x']);
    expect([result.exit, result.stderr]).toEqual([
      2,
      expect.stringContaining('--online is for a card'),
    ]);
  });
});

describe('Ctrl-C while the server does not answer', () => {
  test('ends the check of a card with 130, without verdict or file', async () => {
    const { card, fetch } = world('endpoint-mute');
    const path = join(temporaryFolder(), 'card.json');
    const args = [...verify, '--online', '--save', path];
    const result = await runCli(args, { card, fetch, signal: interruptAfter(100) });
    expectError(result, 'INTERRUPTED', 'Interrupted. Nothing was recorded.');
    expect([result.exit, result.leftOpen, existsSync(path)]).toEqual([130, 0, false]);
  });

  test('ends the completion of files, also of those that would come after', async () => {
    const { card, fetch, asked } = world('endpoint-mute');
    const path = join(temporaryFolder(), 'card.json');
    await runCli([...verify, '--save', path], { card });
    const args = [...verify, '--online', '--evidence', path, path];
    const result = await runCli(args, { fetch, signal: interruptAfter(100) });
    expectError(result, 'INTERRUPTED');
    expect(asked).toHaveLength(1);
  });
});

describe('a state folder that cannot be used', () => {
  test('costs no verdict, and it is said', async () => {
    const { card, fetch, asked } = world();
    const args = [...verify, '--online'];
    const result = await runCli(args, { card, fetch, stateFolder: unusableFolder });
    expect([result.exit, asked.length]).toEqual([0, 1]);
    expect(result.stderr).toContain(
      'The answer could not be kept: the state folder cannot be used',
    );
    expectNoTrace(result);
  });

  test('is not even looked at where nothing is kept', async () => {
    const result = await runCli(verify, { card: tangem(), stateFolder: unusableFolder });
    expect(result.exit).toBe(4);
    expect(result.stderr).not.toContain('kept');
  });
});

describe('the question', () => {
  const expected = fill(mayAskOther, { maker: 'Tangem', host: '127.0.0.1:35980' });

  test('is put once to a person, and names maker, host and what is sent', async () => {
    const { card, fetch, asked, stateFolder } = world();
    const result = await runCli(verify, { card, fetch, stateFolder, ...person(true) });
    expect(result.questions).toEqual([expected]);
    expect(expected).toMatch(/Ask 127\.0\.0\.1:35980, which your local registry names/);
    expect(fill(mayAskMaker, { maker: 'M', host: 'h' })).toMatch(/number and public key go to h/);
    expect(expected).toMatch(/network address/);
    expect([result.exit, asked.length]).toEqual([0, 1]);
    const next = await runCli(verify, { card: tangem(), fetch, stateFolder, ...person(true) });
    expect([next.exit, next.questions, asked.length]).toEqual([0, [], 1]);
  });

  test('answered with no sends nothing, and is put again the next time', async () => {
    const { card, fetch, asked, stateFolder } = world();
    for (const _ of [1, 2]) {
      const result = await runCli(verify, { card, fetch, stateFolder, ...person(false) });
      expect([result.exit, result.questions.length]).toEqual([4, 1]);
    }
    expect([asked, kept(stateFolder)]).toEqual([[], []]);
  });

  test('names the server of the packaged registry for a card of its maker', async () => {
    const { card, fetch, asked } = world();
    const result = await runCli(['verify'], { card, fetch, ...person(false) });
    expect(result.questions).toEqual([
      fill(mayAskMaker, { maker: 'Tangem', host: 'api.tangem.org' }),
    ]);
    expect(asked).toEqual([]);
  });

  test.each<[string, readonly string[], Scene]>([
    ['with --json', ['--json'], person(true)],
    ['with --no-input', ['--no-input'], person(true)],
    ['with --online', ['--online'], person(true)],
    ['where nobody can type', [], { stderrColumns: 80, answers: [true] }],
    [
      'where nobody can read it',
      [],
      { stdin: person().stdin ?? Readable.from([]), answers: [true] },
    ],
  ])('is not put %s', async (_, more, scene) => {
    const { card, fetch, stateFolder } = world();
    const result = await runCli([...verify, ...more], { card, fetch, stateFolder, ...scene });
    expect(result.questions).toEqual([]);
    expect(result.exit).toBe(more.includes('--online') ? 0 : 4);
  });

  test.each(['lying-key', 'refuses', 'garbage', 'code-set'])(
    'is not put about the card %s, which proved no key',
    async (id) => {
      const { questions } = await runCli(verify, { card: tangem(id), ...person(true) });
      expect(questions).toEqual([]);
    },
  );

  test('is not put about a card that needs nothing', async () => {
    const { questions } = await runCli(verify, { card: simulated('genuine'), ...person(true) });
    expect(questions).toEqual([]);
  });

  test('is put with --plain too, and shows no control characters', async () => {
    const result = await runCli([...verify, '--plain'], { card: tangem(), ...person(false) });
    expect(result.questions).toHaveLength(1);
    expectNoControls(result.questions.join(''));
  });
});

test('what is kept holds signatures, and nothing about the person or the check', async () => {
  const { card, fetch, stateFolder } = world('used');
  await runCli([...verify, '--online'], { card, fetch, stateFolder });
  const [name = ''] = kept(stateFolder);
  const text = readFileSync(join(stateFolder, 'endorsements', 'tangem', name), 'utf8');
  const { cards, ...head } = JSON.parse(text);
  expect(head).toEqual({ schema: 'touchstone.endorsements/1', family: 'tangem' });
  expect(Object.keys(cards[0])).toEqual(['cardKeyHash', 'attachments']);
  expect(cards[0].attachments).toHaveLength(2);
});
