import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ReaderError } from '../../src/errors/error.ts';
import { demoNote, notDecidedNote, wordTexts } from '../../src/report/texts.ts';
import { findingTexts } from '../../src/report/texts-findings.ts';
import { simulations } from '../../src/simulator/index.ts';
import {
  demoRegistry,
  expectError,
  expectNoTrace,
  interruptAfter,
  runCli,
  simulated,
  temporaryFolder,
} from '../support/cli.ts';
import { type CliCase, casesOf, cliCases } from '../support/cli-cases.ts';
import { makerFetch, makerOf } from '../support/maker.ts';

const onOneLine = (text: string) => text.replace(/\s+/g, ' ');

test.each(Object.keys(simulations))(
  'every simulated card of %s has its expected verdict here',
  (family) => {
    const ids = simulations[family]?.cases.map(({ id }) => id);
    expect(casesOf(family).map(({ id }) => id)).toEqual(ids);
  },
);

/** Checks the card of a case, with its maker at hand. Where the maker is mute, no time passes. */
async function check({ family, id }: CliCase, more: readonly string[]) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const card = simulated(id, undefined, family);
  const { fetch } = makerFetch(makerOf(card));
  const args = ['verify', ...demoRegistry, '--online', ...more];
  return { card, result: await runCli(args, { card, fetch, stateFolder: temporaryFolder() }) };
}

describe.each([
  ['verify', []],
  ['verify --fresh', ['--fresh']],
])('%s', (_title, fresh) => {
  const rows = cliCases.map((row) => ({
    ...row,
    expected: fresh.length > 0 ? (row.fresh ?? row.usual) : row.usual,
  }));

  test.each(rows)('judges the $family card $id as it must', async ({ expected, ...row }) => {
    const { card, result } = await check(row, fresh);
    expect(card.forbiddenCommands).toBe(0);
    expect(result.leftOpen).toBe(0);
    if (expected.exit === 7) return expectError(result, expected.code);
    const [first, second, word] = result.stdout.split('\n');
    const stop = expected.exit === 5 || expected.exit === 6 ? ': STOP' : '';
    expect([first, second, word]).toEqual([demoNote, '', `${wordTexts[expected.word]}${stop}`]);
    expect(result.exit).toBe(expected.exit);
    expectNoTrace(result);
  });

  test.each(rows)('--json says the same of the $family card $id', async ({ expected, ...row }) => {
    const { result } = await check(row, [...fresh, '--json']);
    expect(result.exit).toBe(expected.exit);
    if (expected.exit === 7) return expectError(result, expected.code);
    expect(result.stdout.indexOf('\n')).toBe(result.stdout.length - 1);
    const { touchstone } = JSON.parse(result.stdout);
    expect(touchstone).toMatchObject({
      family: row.stranger ? 'unknown' : row.family,
      verdict: expected.word,
      exit: expected.exit,
    });
    const { text } = touchstone.findings.find(
      ({ code }: { code: string }) => code === expected.finding,
    );
    const screen = await check(row, fresh);
    for (const said of [text, touchstone.headline, touchstone.todo]) {
      expect(onOneLine(screen.result.stdout)).toContain(said);
    }
  });
});

describe('a card that did not sign for this check', () => {
  const claim = findingTexts['fresh-verifier'] ?? '';

  test.each(['refuses', 'garbage', 'oversized', 'replayed', 'lying-firmware'])(
    'is not said to have done so: %s',
    async (id) => {
      const { stdout } = await runCli(['verify', ...demoRegistry], { card: simulated(id) });
      expect(onOneLine(stdout)).not.toContain(claim);
    },
  );

  test('differs from one that did, of which it is said', async () => {
    const { stdout } = await runCli(['verify', ...demoRegistry], { card: simulated('genuine') });
    expect(onOneLine(stdout)).toContain(claim);
  });
});

describe('a card that the built-in registry does not know', () => {
  test('is not genuine, and the screen does not say DEMO', async () => {
    const { exit, stdout } = await runCli(['verify'], { card: simulated('genuine') });
    expect(exit).toBe(5);
    expect(stdout.split('\n')[0]).toBe('NOT GENUINE: STOP');
    expect(stdout).not.toContain('DEMO');
  });

  test('does not use the words of a proof for what it shows', async () => {
    const { stdout } = await runCli(['verify'], { card: simulated('genuine') });
    expect(stdout).toContain('What it shows, vouched for by nobody');
    expect(stdout).not.toContain('The card proved');
    expect(stdout).not.toContain('The maker signed');
  });
});

describe('a card of a kind that Touchstone does not know', () => {
  const stranger = {
    atr: Uint8Array.of(0x3b, 0x80, 0x80, 0x01, 0x01),
    reset: () => undefined,
    respond: () => ({ kind: 'answer', bytes: Uint8Array.of(0x6a, 0x82) }) as const,
  };

  test('is not decided, which does not mean that it is fake', async () => {
    const result = await runCli(['verify'], { card: stranger });
    expect(result.exit).toBe(4);
    expect(result.stdout).toMatch(/^NOT DECIDED\n/);
    expect(onOneLine(result.stdout)).toContain(notDecidedNote);
  });

  test('is not made known by --family', async () => {
    const args = ['verify', '--family', 'coinkite-tap'];
    const result = await runCli(args, { card: stranger });
    expect(result.exit).toBe(4);
  });
});

describe('the reader', () => {
  const genuine = () => ({ name: 'Left Reader 00', card: simulated('genuine') });

  test('is waited for as long as --timeout says, 60 seconds without it', async () => {
    const { requests } = await runCli(['verify', '--timeout', '2.5']);
    expect(requests[0]?.timeoutMs).toBe(2_500);
    const usual = await runCli(['verify']);
    expect(usual.requests[0]?.timeoutMs).toBe(60_000);
    expect(usual.stderr).toContain('up to 60 s:');
  });

  test('is chosen by a part of its name', async () => {
    const readers = [genuine(), { name: 'Right Reader 00', card: simulated('fake-root') }];
    const args = ['verify', ...demoRegistry, '--reader'];
    expect((await runCli([...args, 'left'], { readers })).exit).toBe(0);
    expect((await runCli([...args, 'right'], { readers })).exit).toBe(5);
  });

  test('is never guessed when cards lie on two of them', async () => {
    const readers = [genuine(), { name: 'Right Reader 00', card: simulated('genuine') }];
    expectError(
      await runCli(['verify'], { readers }),
      'READER_AMBIGUOUS',
      'Cards lie on several readers',
    );
  });

  test('of an unknown name is an error that lists the known ones', async () => {
    const result = await runCli(['verify', '--reader', 'Middle'], { readers: [genuine()] });
    expectError(result, 'READER_UNKNOWN', '"Left Reader 00"');
  });

  test('that is missing gives no verdict', async () => {
    expectError(await runCli(['verify'], { readers: [] }), 'READER_NONE');
  });

  test('without a card gives no verdict', async () => {
    expectError(await runCli(['verify', '--timeout', '1']), 'READER_NO_CARD');
  });

  test.each(['READER_NO_SERVICE', 'READER_NO_DRIVER', 'READER_STOPPED'] as const)(
    'behind a service that fails with %s gives no verdict',
    async (code) => {
      const pcscFailure = new ReaderError(code, 'The PC/SC service is not there.');
      expectError(await runCli(['verify'], { pcscFailure }), code);
    },
  );
});

describe('Ctrl-C', () => {
  test('while waiting for a card ends with 130 and lets go of the reader', async () => {
    const result = await runCli(['verify'], { signal: interruptAfter(20) });
    expectError(result, 'INTERRUPTED', 'Interrupted. Nothing was recorded.');
    expect(result.exit).toBe(130);
    expect(result.leftOpen).toBe(0);
  });

  test('before the wait ends it as well', async () => {
    const result = await runCli(['verify'], { signal: AbortSignal.abort() });
    expect(result.exit).toBe(130);
  });
});

describe('a fault of ours', () => {
  const broken = { pcscFailure: new RangeError('kaputt') };

  test('ends with 1, asks for a report, and keeps the trace back', async () => {
    const result = await runCli(['verify'], broken);
    expectError(result, 'INTERNAL', 'Something went wrong inside Touchstone.');
    expect(result.stderr).not.toContain('kaputt');
  });

  test('shows its trace with --debug', async () => {
    const { exit, stderr } = await runCli(['verify', '--debug'], broken);
    expect(exit).toBe(1);
    expect(stderr).toMatch(/RangeError: kaputt\n\s+at /);
  });
});
