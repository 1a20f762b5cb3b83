import { describe, expect, test } from 'vitest';
import { demoNote } from '../../src/report/texts.ts';
import { demoRegistry, expectNoControls, runCli, type Scene, simulated } from '../support/cli.ts';

const esc = '\u001b';
/** The codes that change colours and boldness (ECMA-48 SGR). */
const colour = new RegExp(`${esc}\\[[\\d;]*m`);

/** A check whose screen has every kind of section. */
async function verify(scene: Scene, ...more: string[]) {
  const card = simulated('first-firmware');
  return runCli(['verify', '--fresh', ...demoRegistry, ...more], { card, ...scene });
}

describe('colour', () => {
  const both = { stdoutColumns: 80, stderrColumns: 80 };

  test('is used on terminals', async () => {
    const { stdout, stderr } = await verify(both);
    expect(stdout).toMatch(colour);
    expect(stderr).toMatch(colour);
  });

  test('is judged for each stream apart', async () => {
    const toFile = await verify({ stderrColumns: 80 });
    expectNoControls(toFile.stdout);
    expect(toFile.stderr).toMatch(colour);
    const errorsToFile = await verify({ stdoutColumns: 80 });
    expect(errorsToFile.stdout).toMatch(colour);
    expectNoControls(errorsToFile.stderr);
  });

  test('is never in a file, nor is any other control character', async () => {
    const { stdout, stderr } = await verify({});
    expectNoControls(stdout);
    expectNoControls(stderr);
  });

  test.each([
    ['--no-color', {}],
    ['NO_COLOR', { NO_COLOR: '1' }],
    ['NO_COLOR against FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }],
    ['TERM=dumb', { TERM: 'dumb' }],
  ])('is turned off on terminals by %s', async (name, env) => {
    const more = name.startsWith('--') ? [name] : [];
    const { stdout, stderr } = await verify({ ...both, env }, ...more);
    expectNoControls(stdout);
    expect(stderr).not.toMatch(colour);
  });

  test('stays on when NO_COLOR is empty', async () => {
    expect((await verify({ ...both, env: { NO_COLOR: '' } })).stdout).toMatch(colour);
  });

  test('is forced into a file by FORCE_COLOR, but not by an empty one', async () => {
    expect((await verify({ env: { FORCE_COLOR: '1' } })).stdout).toMatch(colour);
    expect((await verify({ env: { FORCE_COLOR: '' } })).stdout).not.toMatch(colour);
  });

  test('changes no letter of the text', async () => {
    const coloured = await verify(both);
    const bare = await verify({});
    expect(coloured.stdout.replaceAll(new RegExp(colour, 'g'), '')).toBe(bare.stdout);
  });
});

describe('progress', () => {
  test('goes to standard error, a line a step, when that is no terminal', async () => {
    const { stderr } = await verify({ stdoutColumns: 80 });
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      'Looking for an NFC reader ...',
      'Waiting for a card, up to 60 s: lay it flat on the reader ...',
      'Finding out what kind of card this is ...',
    ]);
  });

  test('redraws one line on a terminal and clears it at the end', async () => {
    const { stderr } = await verify({ stderrColumns: 80 });
    expect(stderr).not.toContain('\n');
    expect(stderr.endsWith(`\r${esc}[2K`)).toBe(true);
  });

  test('redraws nothing on a dumb terminal, nor with --plain or --json', async () => {
    for (const more of [[], ['--plain'], ['--json']]) {
      const env = more.length === 0 ? { TERM: 'dumb' } : {};
      expectNoControls((await verify({ stderrColumns: 80, env }, ...more)).stderr);
    }
  });
});

describe('--plain', () => {
  test('prints one fact a line, each with its name, without symbols', async () => {
    const { stdout } = await verify({ stdoutColumns: 40, env: { FORCE_COLOR: '1' } }, '--plain');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual([demoNote, 'verdict: GENUINE WITH WARNINGS: STOP']);
    for (const line of lines.slice(1)) expect(line).toMatch(/^[a-z][a-z ]*: \S/);
    expect(stdout).not.toMatch(/[✓✗–]/);
    expectNoControls(stdout);
  });

  test('says the same as the screen', async () => {
    const { touchstone } = JSON.parse((await verify({}, '--json')).stdout);
    const texts = touchstone.findings.map(({ text }: { text: string }) => text);
    const screen = (await verify({})).stdout.replaceAll(/\s+/g, ' ');
    const plain = (await verify({}, '--plain')).stdout;
    for (const text of [...texts, touchstone.headline, touchstone.todo, touchstone.id]) {
      expect(plain).toContain(`: ${text}`);
      expect(screen).toContain(text);
    }
  });

  test('keeps its words apart from those of the screen', async () => {
    expect((await verify({})).stdout).not.toContain('verdict: ');
  });
});

describe('--json', () => {
  test('is one line without escape codes, on a terminal too', async () => {
    const scene = { stdoutColumns: 80, env: { FORCE_COLOR: '1' } };
    const { stdout } = await verify(scene, '--json');
    expectNoControls(stdout);
    expect(stdout.split('\n')).toHaveLength(2);
  });

  test('has the fields that scripts rely on', async () => {
    const { stdout } = await verify({}, '--json');
    const whole = JSON.parse(stdout);
    expect(whole).toMatchObject({
      eat_profile: expect.stringMatching(/^tag:/),
      iat: Date.parse('2026-11-26T12:00:00Z') / 1000,
      ear_verifier_id: { developer: 'Touchstone', build: expect.stringMatching(/^touchstone \d/) },
    });
    expect(whole.submods.card.ear_status).toBe('contraindicated');
    const { touchstone } = whole;
    expect(touchstone).toMatchObject({
      schema: 'touchstone.verdict/1',
      demo: true,
      verdict: 'genuine with warnings',
      exit: 6,
      advice: 'stop',
      headline: expect.any(String),
      todo: expect.any(String),
      id: expect.stringMatching(/^TS-[0-9a-f]{10}$/),
      family: 'coinkite-tap',
      product: { value: 'satscard', authority: 'reported' },
      number: { value: expect.stringMatching(/^([A-Z2-7]{5}-){3}[A-Z2-7]{5}$/), authority: 'live' },
      firmware: { value: '0.9.0', authority: 'reported' },
      freshness: 'verifier',
    });
    for (const finding of touchstone.findings) {
      expect(finding).toMatchObject({
        subject: expect.any(String),
        status: expect.stringMatching(/^(affirmed|warned|failed|skipped)$/),
        code: expect.any(String),
        text: expect.stringMatching(/\S/),
      });
      expect(finding.text).not.toMatch(/[{}]/);
    }
  });
});

describe('without UTF-8', () => {
  const c = { env: { LC_ALL: 'C', LANG: 'en_US.UTF-8' } };

  test('only ASCII is printed', async () => {
    const { stdout, stderr } = await verify(c);
    expect(`${stdout}${stderr}`).toMatch(/^[\n\x20-\x7e]+$/);
    expect(stdout).toContain('  + Product');
  });

  test('an unset or empty locale is no reason to doubt, a UTF-8 one neither', async () => {
    for (const env of [
      {},
      { LC_ALL: '', LANG: 'de_DE.utf8' },
      { LC_CTYPE: 'C.UTF-8', LANG: 'C' },
    ]) {
      expect((await verify({ env })).stdout).toContain('✓');
    }
  });
});

describe('width', () => {
  // An address is never broken: somebody will copy it.
  const lengths = (text: string) =>
    text
      .split('\n')
      .filter((line) => !/^ *bc1q\w{38}$/.test(line))
      .map((line) => line.length);

  test.each([40, 57, 80])('is that of a terminal with %i columns', async (columns) => {
    const { stdout } = await verify({ stdoutColumns: columns }, '--no-color');
    expect(Math.max(...lengths(stdout))).toBeLessThanOrEqual(columns);
    expect(Math.max(...lengths(stdout))).toBeGreaterThan(columns - 12);
  });

  test('is never more than 80, nor less than 40', async () => {
    expect(Math.max(...lengths((await verify({ stdoutColumns: 300 }, '--no-color')).stdout))).toBe(
      80,
    );
    const unknown = await verify({ stdoutColumns: 0 }, '--no-color');
    expect(Math.max(...lengths(unknown.stdout))).toBe(80);
    const narrow = await verify({ stdoutColumns: 5 }, '--no-color');
    expect(narrow.stdout).toBe((await verify({ stdoutColumns: 40 }, '--no-color')).stdout);
  });
});
