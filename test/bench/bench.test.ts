/** The benchmark's own arithmetic and command line, and that every real row can be run. */
import { describe, expect, it, test } from 'vitest';
import {
  isMet,
  measureRow,
  median,
  millisecondsOf,
  millisecondsOfAsync,
  perSecond,
} from '../../bench/harness/measure.ts';
import { formatJson, formatNumber, formatTable, formatTarget } from '../../bench/harness/report.ts';
import type { Row, Target } from '../../bench/harness/row.ts';
import { run } from '../../bench/harness/run.ts';
import { rows } from '../../bench/rows/index.ts';
import { bareSignaturesOf, checkBareSignatures } from '../../bench/subjects/bare.ts';
import { createCheckRoom } from '../../bench/subjects/check-room.ts';
import { logItems } from '../../bench/subjects/log-items.ts';
import {
  appendAll,
  requirePublished,
  sqliteMissing,
  sqliteRows,
  startLog,
} from '../../bench/subjects/log-room.ts';
import { readerStackMissing } from '../../bench/subjects/reader-stack.ts';
import { timeCard } from '../../bench/subjects/timed-card.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { pcscdTurnMs } from '../support/pcscd.ts';
import { postgresMissing } from '../support/postgres.ts';
import { describeWith } from '../support/requirements.ts';

/** A row that gives these figures instead of timing anything, and notes who was asked when. */
function fakeRow(parts: Partial<Row>, values: readonly number[], baselines: readonly number[]) {
  const asked: string[] = [];
  const next = (side: string, figures: readonly number[]) => {
    const before = asked.filter((name) => name === side).length;
    asked.push(side);
    return figures[before % figures.length] ?? 0;
  };
  const row: Row = {
    name: 'fake.row',
    unit: 'ms',
    measures: 'a thing',
    against: 'another',
    target: { direction: 'at most', of: 'ratio', number: 2 },
    effort: { warmUps: 0, rounds: values.length, items: 1 },
    prepare: () => ({
      measured: () => next('A', values),
      baseline: () => next('B', baselines),
    }),
    ...parts,
  };
  return { row, asked };
}

async function runBench(args: readonly string[], list: readonly Row[]) {
  let stdout = '';
  let stderr = '';
  const exit = await run(args, list, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { exit, stdout, stderr };
}

describe('median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 2, 4, 100], 7],
    [[100, 20, 3], 20],
  ])('of %j is %d', (numbers, expected) => {
    expect(median(numbers)).toBe(expected);
  });

  it('leaves its list alone and refuses an empty one', () => {
    const numbers = [3, 1, 2];
    median(numbers);
    expect(numbers).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('target', () => {
  const target = (direction: Target['direction'], of: Target['of'], number: number) => ({
    direction,
    of,
    number,
  });

  it.each([
    [target('at most', 'value', 30), 29.9, 9, true],
    [target('at most', 'value', 30), 30, 9, true],
    [target('at most', 'value', 30), 30.1, 0.1, false],
    [target('at least', 'value', 30), 29.9, 99, false],
    [target('at most', 'ratio', 2.5), 99, 2.5, true],
    [target('at most', 'ratio', 2.5), 1, 2.51, false],
    [target('at least', 'ratio', 0.7), 0.1, 0.7, true],
    [target('at least', 'ratio', 0.7), 99, 0.69, false],
  ])('%j with value %d and ratio %d: met is %s', (wanted, value, ratio, met) => {
    expect(isMet(wanted, value, ratio)).toBe(met);
  });

  it('is shown in words, with the unit where it is about the value', () => {
    expect(formatTarget(target('at most', 'value', 30), 'ms')).toBe('value at most 30 ms');
    expect(formatTarget(target('at least', 'ratio', 0.7), 'ms')).toBe('ratio at least 0.7');
  });
});

describe('measuring a row', () => {
  it('compares the medians of the rounds', async () => {
    const { row } = fakeRow({}, [9, 3, 6], [2, 1, 30]);
    expect(await measureRow(row)).toEqual({
      name: 'fake.row',
      value: 6,
      unit: 'ms',
      baseline: 2,
      ratio: 3,
      target: row.target,
      met: false,
    });
  });

  it('takes turns, and does not count the warm-up', async () => {
    const effort = { warmUps: 2, rounds: 2, items: 1 };
    const { row, asked } = fakeRow({ effort }, [1000, 1000, 4, 6], [1, 1, 5, 5]);
    expect(await measureRow(row)).toMatchObject({ value: 5, baseline: 5, ratio: 1, met: true });
    expect(asked.join('')).toBe('ABABABAB');
  });

  it('tells the row how many things a round works through', async () => {
    const { row } = fakeRow({}, [1], [1]);
    const sizes: number[] = [];
    const noting: Row = {
      ...row,
      prepare(items) {
        sizes.push(items);
        return row.prepare(items);
      },
    };
    await measureRow(noting, { warmUps: 0, rounds: 1, items: 7 });
    expect(sizes).toEqual([7]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the figure %d', async (bad) => {
    await expect(measureRow(fakeRow({}, [bad], [1]).row)).rejects.toThrow('measured side');
    await expect(measureRow(fakeRow({}, [1], [bad]).row)).rejects.toThrow('baseline');
  });

  it('tells its note before the first round', async () => {
    const { row, asked } = fakeRow({}, [1], [1]);
    const noting: Row = {
      ...row,
      prepare: async (items) => ({ ...(await row.prepare(items)), note: 'seven commands' }),
    };
    const told: string[] = [];
    await measureRow(noting, row.effort, (note) => told.push(note, `${asked.length} rounds`));
    expect(told).toEqual(['seven commands', '0 rounds']);
  });

  it.each([
    ['the rounds are over', 1, 'A B close'],
    ['a round fails', Number.NaN, 'A close'],
  ])('lets go of what it holds once %s', async (_, figure, expected) => {
    const { row, asked } = fakeRow({}, [figure], [1]);
    const closing: Row = {
      ...row,
      prepare: async (items) => ({
        ...(await row.prepare(items)),
        close: async () => void asked.push('close'),
      }),
    };
    await measureRow(closing).catch(() => undefined);
    expect(asked.join(' ')).toBe(expected);
  });

  it('times work by the clock', async () => {
    const wait = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    expect(millisecondsOf(wait)).toBeGreaterThan(15);
    expect(await millisecondsOfAsync(async () => wait())).toBeGreaterThan(15);
    expect(perSecond(10, wait)).toBeLessThan(10 / 0.015);
  });
});

describe('the command line', () => {
  const first = fakeRow({ name: 'first' }, [8], [5]).row;
  const second = fakeRow({ name: 'second.longer', unit: 'files/s' }, [3000], [1000]).row;

  it('prints an aligned table, and what is under way on standard error', async () => {
    const { exit, stdout, stderr } = await runBench([], [first, second]);
    expect(exit).toBe(0);
    expect(stdout).toBe(
      [
        'name                  value      baseline  ratio  target           met',
        'first               8.00 ms       5.00 ms   1.60  ratio at most 2  yes',
        'second.longer  3000 files/s  1000 files/s   3.00  ratio at most 2  no',
        '',
      ].join('\n'),
    );
    expect(stderr).toMatch(/first: a thing, against another .*\n.*second\.longer: /s);
  });

  it('prints one JSON object a line', async () => {
    const { exit, stdout } = await runBench(['--json'], [first, second]);
    expect(exit).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        name: 'first',
        value: 8,
        unit: 'ms',
        baseline: 5,
        ratio: 1.6,
        target: { direction: 'at most', of: 'ratio', number: 2 },
        met: true,
      },
      expect.objectContaining({ name: 'second.longer', unit: 'files/s', ratio: 3, met: false }),
    ]);
    expect(lines[0]).toMatch(
      /^\{"name".*"value".*"unit".*"baseline".*"ratio".*"target".*"met":true\}$/,
    );
  });

  it('runs one row with --only', async () => {
    const { exit, stdout, stderr } = await runBench(['--json', '--only', 'first'], [first, second]);
    expect(exit).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toContain('"first"');
    expect(stderr).not.toContain('second.longer');
  });

  it('names the rows when asked for one that there is not', async () => {
    const { exit, stdout, stderr } = await runBench(['--only', 'nothing'], [first, second]);
    expect(exit).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe('There is no row named "nothing". Known: first, second.longer.\n');
  });

  it.each([[['--fast']], [['--only']], [['first']], [['--json=yes']]])(
    'refuses %j',
    async (args) => {
      const { exit, stdout, stderr } = await runBench(args, [first]);
      expect(exit).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).not.toBe('');
    },
  );

  it('lists options and rows with --help', async () => {
    const { exit, stdout } = await runBench(['--help'], [first]);
    expect(exit).toBe(0);
    expect(stdout).toContain('--only NAME');
    expect(stdout).toContain('first (ms): a thing, against another');
  });

  describe('where a row cannot be run', () => {
    const absent: Row = {
      ...first,
      name: 'absent',
      missing: async () => 'no reader is installed (install one)',
      prepare: () => Promise.reject(new Error('must not be prepared')),
    };

    it('says why on standard error and goes on', async () => {
      const { exit, stdout, stderr } = await runBench([], [absent, second]);
      expect(exit).toBe(0);
      expect(stderr).toContain('absent: skipped: no reader is installed (install one)\n');
      expect(stdout).toMatch(/^absent +skipped$/m);
      expect(stdout).toMatch(/^second\.longer +3000 files\/s/m);
    });

    it('says why in JSON', async () => {
      const { exit, stdout, stderr } = await runBench(['--json'], [absent, second]);
      expect(exit).toBe(0);
      expect(stderr).toContain('absent: skipped: ');
      const [line, next] = stdout.split('\n').map((text) => text && JSON.parse(text));
      expect(line).toEqual({ name: 'absent', skipped: 'no reader is installed (install one)' });
      expect(next).toMatchObject({ name: 'second.longer', ratio: 3 });
    });

    it('runs it where nothing is missing', async () => {
      const there: Row = { ...first, missing: async () => undefined };
      const { stdout, stderr } = await runBench(['--json'], [there]);
      expect(stdout).toBe(formatJson(await measureRow(first)));
      expect(stderr).not.toContain('skipped');
    });
  });

  it('prints the note of a row on standard error', async () => {
    const noting: Row = {
      ...first,
      prepare: async (items) => ({ ...(await first.prepare(items)), note: 'seven commands' }),
    };
    const { stderr } = await runBench([], [noting]);
    expect(stderr).toContain('first: seven commands\n');
  });

  it('hands on what a row throws', async () => {
    const broken: Row = { ...first, prepare: () => Promise.reject(new Error('no data')) };
    await expect(runBench([], [broken])).rejects.toThrow('no data');
  });
});

describe('the table', () => {
  it.each([
    [0.12345, '0.123'],
    [2, '2.00'],
    [85.84, '85.8'],
    [999.96, '1000'],
    [12_345.6, '12346'],
  ])('shows %d as %s', (number, text) => {
    expect(formatNumber(number)).toBe(text);
  });

  it('is its headings alone when there is no row', () => {
    expect(formatTable([])).toBe('name  value  baseline  ratio  target  met\n');
  });
});

describe('the rows', () => {
  it('have names of their own and enough rounds', () => {
    expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
    for (const { name, effort } of rows) {
      expect(name).toMatch(/^[a-z]+(\.[a-z][a-z0-9]*)+$/);
      expect(effort.warmUps, name).toBeGreaterThan(0);
      expect(effort.rounds, name).toBeGreaterThan(2);
    }
  });

  it.each(rows.filter((row) => row.missing === undefined))('$name gives a figure', givesFigure);
});

/** The shape alone: how fast anything is, on a machine that runs tests, says nothing. */
async function givesFigure(row: Row): Promise<void> {
  const notes: string[] = [];
  const effort = { warmUps: 0, rounds: 2, items: 2 };
  const figure = await measureRow(row, effort, (note) => notes.push(note));
  expect(figure).toEqual({
    name: row.name,
    value: expect.any(Number),
    unit: row.unit,
    baseline: expect.any(Number),
    ratio: figure.value / figure.baseline,
    target: row.target,
    met: isMet(row.target, figure.value, figure.ratio),
  });
  if (row.name.startsWith('interview.')) expect(notes).toEqual([expect.stringMatching(/^\d+ c/)]);
}

const needs = [
  ['pcsc', 'a virtual reader', readerStackMissing],
  ['sqlite', 'SQLite', sqliteMissing],
  ['postgres', 'PostgreSQL', postgresMissing],
] as const;

test('every row that needs something is run where it is there', () => {
  const known = new Set<Row['missing']>([undefined, ...needs.map(([, , missing]) => missing)]);
  expect(rows.filter((row) => !known.has(row.missing))).toEqual([]);
});

for (const [need, what, missing] of needs) {
  await describeWith(need, missing, `the rows that need ${what}`, () => {
    const needy = rows.filter((row) => row.missing === missing);
    test('are there', () => expect(needy).not.toEqual([]));
    test.each(needy)(
      '$name gives a figure',
      givesFigure,
      need === 'pcsc' ? pcscdTurnMs : undefined,
    );
  });
}

describe.each([
  ['coinkite-tap', 3],
  ['tangem', 3],
  ['keycard', 2],
  ['satochip', 4],
] as const)('what is timed for %s', (family, signatures) => {
  it('is of another card under each name', async () => {
    const room = await createCheckRoom(family);
    const [one, two] = [await room.check('one'), await room.check('two')];
    const keys = [one, two].map(({ evidence }) => bareSignaturesOf(evidence).cardKeyDer);
    expect(keys[0]).not.toEqual(keys[1]);
  });

  it('are signatures that hold, and it notices where one does not', async () => {
    const { evidence } = await (await createCheckRoom(family)).check('one');
    const bare = bareSignaturesOf(evidence);
    const lists = ['byCard', 'byMaker', 'certificates', 'digests', 'byPassingKeys'] as const;
    expect(() => checkBareSignatures(bare)).not.toThrow();
    expect(lists.reduce((sum, list) => sum + bare[list].length, 0)).toBe(signatures);
    const other = new Uint8Array(32).fill(7);
    for (const list of lists) {
      if (bare[list].length === 0) continue;
      const spoilt = { ...bare, [list]: bare[list].map((item) => ({ ...item, message: other })) };
      expect(() => checkBareSignatures(spoilt), list).toThrow('does not hold');
    }
  });

  it('needs every signature', async () => {
    const { evidence } = await (await createCheckRoom(family)).check('one');
    // The last exchange that carries a signature, and what comes after it.
    const last = { keycard: 3, satochip: 3 }[family as string] ?? 1;
    const cut = evidence.transcript.slice(0, -last);
    expect(() => bareSignaturesOf({ ...evidence, transcript: cut })).toThrow('lacks a signature');
  });
});

await describeWith('sqlite', sqliteMissing, 'what is timed for a log', () => {
  it('are entries of a card, each another, with a key and two counters', () => {
    const items = [...logItems('one', 3), ...logItems('other', 3)];
    expect(new Set(items.map(({ bytes }) => toHex(bytes))).size).toBe(6);
    for (const { bytes, key, quotas } of items) {
      expect(bytes.length).toBe(450);
      expect([key?.length, quotas?.length]).toEqual([32, 2]);
    }
  });

  it('is an append of entries that are new, and all of them', async () => {
    const rows = sqliteRows();
    try {
      const room = await startLog(rows);
      await appendAll(room.log, logItems('bench', 500));
      expect(room.batches).toBeGreaterThan(0);
      await expect(appendAll(room.log, logItems('bench', 1))).rejects.toThrow('before');
      await room.log.close();
      const store = await rows.open();
      expect(await requirePublished(store, 500)).toMatchObject({ size: 500n });
      await expect(requirePublished(store, 501)).rejects.toThrow('500 entries of 501');
      await store.close();
    } finally {
      await rows.remove();
    }
  });
});

describe('the time inside a card', () => {
  it('counts its answers and those of its maker, and nothing else', () => {
    const wait = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    const card = timeCard({
      atr: new Uint8Array(),
      forbiddenCommands: 3,
      reset: () => undefined,
      respond: () => {
        wait();
        return { kind: 'silence' };
      },
      askMaker: () => {
        wait();
        return { kind: 'silence' };
      },
    });
    wait();
    card.reset();
    expect([card.millis, card.commands, card.forbiddenCommands]).toEqual([0, 0, 3]);
    card.respond(new Uint8Array(4));
    expect(card.commands).toBe(1);
    const { millis } = card;
    expect(millis).toBeGreaterThan(4);
    card.askMaker?.({});
    expect(card.commands).toBe(1);
    expect(card.millis).toBeGreaterThan(millis + 4);
  });
});
