import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyChannel } from '../../cli/check.ts';
import { loadDemoRegistry } from '../../cli/registry.ts';
import { families } from '../../src/families/index.ts';
import { openVirtualCard } from '../../src/reader/virtual.ts';
import { fill } from '../../src/report/texts.ts';
import { findingTexts } from '../../src/report/texts-findings.ts';
import { rowTexts } from '../../src/report/texts-rows.ts';
import { simulations } from '../../src/simulator/index.ts';
import { createEmbeddedVerifier } from '../../src/verifier/embedded.ts';
import {
  demoRegistry,
  expectError,
  repositoryFile,
  runCli,
  savedEvidence,
  simulated,
  temporaryFile,
  temporaryFolder,
} from '../support/cli.ts';
import { testNow } from '../support/registry.ts';
import { seededRandom } from '../support/tap-evidence.ts';

/** The number of the card that simulated('genuine', 'ada') makes. */
const numberOfAda = await numberOf('ada');

async function numberOf(unit: string): Promise<string> {
  const args = ['verify', '--json', ...demoRegistry];
  const { stdout } = await runCli(args, { card: simulated('genuine', unit) });
  return JSON.parse(stdout).touchstone.number.value;
}

describe('--expect', () => {
  const verify = (expected: string, unit = 'ada', more: readonly string[] = []) =>
    runCli(['verify', ...demoRegistry, ...more, '--expect', expected], {
      card: simulated('genuine', unit),
    });

  test('takes the number of the card, however it is written', async () => {
    for (const text of [numberOfAda, numberOfAda.toLowerCase(), numberOfAda.replace(/-/g, ' ')]) {
      const { exit, stdout } = await verify(text);
      expect(exit).toBe(0);
      expect(stdout).toContain(fill(findingTexts['number-matches'] ?? '', { number: numberOfAda }));
    }
  });

  test('stops a genuine card with another number, and shows both', async () => {
    const { exit, stdout } = await verify(numberOfAda, 'ben');
    expect(exit).toBe(6);
    expect(stdout).toContain(rowTexts['other-number']?.headline);
    expect(stdout).toContain(numberOfAda);
    expect(stdout).toContain(await numberOf('ben'));
  });

  test('is not satisfied by a part of the number', async () => {
    expect((await verify(numberOfAda.slice(0, -1))).exit).toBe(6);
  });

  test('does not make a fake better', async () => {
    const card = simulated('fake-root', 'ada');
    const args = ['verify', ...demoRegistry, '--expect', numberOfAda];
    expect((await runCli(args, { card })).exit).toBe(5);
  });

  test.each(['', '   ', '---', 'x'.repeat(65), 'A\nB', '\u001b[31m', '12;34', '№ 5'])(
    'refuses %j, which is no number',
    async (text) => {
      const result = await verify(text);
      expectError(result, 'USAGE', '--expect takes the number of a card');
      expect(result.requests).toEqual([]);
    },
  );
});

describe('--allow-warnings', () => {
  const verify = (id: string, more: readonly string[]) =>
    runCli(['verify', ...demoRegistry, ...more], { card: simulated(id) });

  test('turns exit code 3 into 0 and changes nothing on the screen', async () => {
    const strict = await verify('old-firmware', []);
    const lenient = await verify('old-firmware', ['--allow-warnings']);
    expect([strict.exit, lenient.exit]).toEqual([3, 0]);
    expect(lenient.stdout).toBe(strict.stdout);
  });

  test.each([
    ['fake-root', 5],
    ['tampered', 6],
    ['garbage', 4],
    ['mute', 7],
  ])('does not excuse the card "%s"', async (id, exit) => {
    expect((await verify(id, ['--allow-warnings'])).exit).toBe(exit);
  });
});

describe('--save', () => {
  test('writes a file that is judged again as recorded', async () => {
    const path = await savedEvidence();
    const again = await runCli(['verify', ...demoRegistry, '--evidence', path]);
    expect(again.exit).toBe(3);
    expect(again.stdout).toContain('\nGENUINE WITH WARNINGS\n');
    expect(again.stdout.replaceAll(/\s+/g, ' ')).toContain(findingTexts['fresh-self']);
    expect(again.stderr).toBe('');
  });

  test('names the file on standard error', async () => {
    const path = join(temporaryFolder(), 'card.json');
    const args = ['verify', ...demoRegistry, '--save', path];
    const result = await runCli(args, { card: simulated('genuine') });
    expect(result.exit).toBe(0);
    expect(result.stderr).toContain(`Evidence written to ${path}\n`);
    expect(result.stdout).not.toContain(path);
  });

  test('keeps the evidence of a fake too, and both checks have the same id', async () => {
    const path = join(temporaryFolder(), 'fake.json');
    const args = ['verify', '--json', ...demoRegistry];
    const live = await runCli([...args, '--save', path], { card: simulated('fake-root') });
    const recorded = await runCli([...args, '--evidence', path]);
    expect([live.exit, recorded.exit]).toEqual([5, 5]);
    const idOf = (text: string) => JSON.parse(text).touchstone.id;
    expect(idOf(recorded.stdout)).toBe(idOf(live.stdout));
  });

  test('never overwrites a file, and does not ask for a card first', async () => {
    const path = temporaryFile('precious');
    const result = await runCli(['verify', '--save', path], { card: simulated('genuine') });
    expectError(result, 'FILE_EXISTS', 'exists already');
    expect(result.requests).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('writes nothing when there is no verdict', async () => {
    const path = join(temporaryFolder(), 'card.json');
    const result = await runCli(['verify', '--save', path], { card: simulated('mute') });
    expectError(result, 'READER_CARD_MUTE');
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['--evidence', 'card.json'],
    ['--url', 'https://getsatscard.com/start'],
  ])('does not go together with %s', async (option, value) => {
    const path = join(temporaryFolder(), 'card.json');
    const result = await runCli(['verify', '--save', path, option, value]);
    expectError(result, 'USAGE', '--save is for a card on a reader');
    expect(existsSync(path)).toBe(false);
  });
});

describe('--url', () => {
  const { urls } = JSON.parse(
    readFileSync(repositoryFile('test/vectors/coinkite-tap/urls.json'), 'utf8'),
  ) as { urls: { id: string; url: string; expectedIdent?: string; expectedAddress?: string }[] };

  test.each(urls)('never calls the real link $id genuine', async (vector) => {
    const { exit, stdout } = await runCli(['verify', '--url', vector.url]);
    expect(exit).toBe(4);
    expect(stdout).toMatch(/^NOT DECIDED\n/);
    expect(stdout).toContain(vector.expectedIdent ?? vector.expectedAddress ?? 'sealed');
    expect(stdout).not.toContain('What is wrong');
  });

  test('calls an altered link wrong', async () => {
    const url = urls[0]?.url.replace('o=0', 'o=1') ?? '';
    const { exit, stdout } = await runCli(['verify', '--url', url]);
    // Somebody may have mistyped it: that says nothing against a card.
    expect(exit).toBe(4);
    expect(stdout).toContain('What is wrong');
  });

  test.each([
    '',
    'x',
    'https://example.com/start#u=S',
    `https://getsatscard.com/#${'a'.repeat(1e6)}`,
  ])('refuses what is no link of a card', async (url) => {
    expectError(await runCli(['verify', '--url', url]), 'USAGE', 'not a link');
  });

  test('does not go together with --evidence', async () => {
    const result = await runCli(['verify', '--url', 'x', '--evidence', 'y']);
    expectError(result, 'USAGE', 'give one of them');
  });
});

describe('--registry', () => {
  const demo = JSON.parse(readFileSync(repositoryFile('certs/demo/registry.json'), 'utf8'));

  test('given twice is refused: one of them would silently not hold', async () => {
    const args = ['verify', ...demoRegistry, ...demoRegistry];
    const result = await runCli(args, { card: simulated('genuine') });
    expectError(result, 'USAGE', 'Give it once.');
  });

  test('with a misspelt family is refused: a revocation in it would silently not hold', async () => {
    const { tangem, ...families } = demo.families;
    const path = temporaryFile(
      JSON.stringify({ ...demo, families: { ...families, tangen: tangem } }),
    );
    const result = await runCli(['verify', '--registry', path], { card: simulated('genuine') });
    expectError(result, 'REGISTRY_INVALID', 'there is no family "tangen". Known: coinkite-tap, ');
  });
});

describe('the registry of the demo', () => {
  test.each(Object.keys(simulations).filter((family) => family !== 'tangem'))(
    'leads a genuine %s card to its maker, as a pinned one would',
    async (family) => {
      const registry = loadDemoRegistry();
      const { now, random } = { now: () => testNow, random: seededRandom(family) };
      const verifier = createEmbeddedVerifier({ registry, families, random, now });
      const quiet = { begin: () => undefined, note: () => undefined, end: () => undefined };
      const channel = openVirtualCard(simulated('genuine', undefined, family));
      const check = { verifier, wish: { expectNew: true } };
      const outcome = await verifyChannel(channel, check, quiet, { now, random, micros: () => 0 });
      expect(outcome.verdict).toMatchObject({ row: 'genuine', demo: true });
    },
  );
});
