/** The PIN of a Satochip or SeedKeeper: when it is used, when it is spared, and where it is never seen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { stepNotes, stepTexts } from '../../src/report/texts-steps.ts';
import { satochip } from '../../src/simulator/satochip/index.ts';
import { demoRegistry, runCli, temporaryFolder } from '../support/cli.ts';
import { seededRandom } from '../support/tap-evidence.ts';

const pin = '123456';
const sending = `${stepTexts['code']} ...\n`;
const onOneLine = (text: string) => text.replace(/\s+/g, ' ');

/** Checks a card with a PIN typed, and counts how often the card was given one. */
async function check(caseId: string, typed: string, more: readonly string[] = []) {
  const card = satochip.create(caseId, seededRandom(caseId), 'ada');
  const args = ['verify', ...demoRegistry, '--pin-stdin', ...more];
  const result = await runCli(args, { card, stdin: Readable.from([`${typed}\n`]) });
  if (!('pinsPresented' in card)) throw new Error('this card does not count');
  return { ...result, presented: card.pinsPresented, forbidden: card.forbiddenCommands };
}

describe('the right PIN', () => {
  test.each(['set-up-satochip', 'set-up-seedkeeper'])('lets %s prove itself', async (id) => {
    const { exit, presented, forbidden } = await check(id, pin, ['--fresh']);
    expect([exit, presented, forbidden]).toEqual([3, 1, 0]);
  });

  test('does not make a seeded card new', async () => {
    const { exit, presented } = await check('seeded-satochip', pin, ['--fresh']);
    expect([exit, presented]).toEqual([6, 1]);
  });

  test('is sent after the tries that are left were told', async () => {
    const { stderr } = await check('set-up-satochip', pin);
    const told = 'Tries left of the PIN of this Satochip, by its own word: 5.\n';
    const tries = stderr.indexOf(told);
    expect(tries).toBeGreaterThan(0);
    expect(stderr.indexOf(sending)).toBeGreaterThan(tries);
  });

  test('stands neither on a screen nor in the evidence', async () => {
    const path = join(temporaryFolder(), 'card.json');
    const { exit, stdout, stderr } = await check('set-up-satochip', pin, ['--save', path]);
    expect(exit).toBe(0);
    const file = readFileSync(path, 'utf8');
    for (const text of [stdout, stderr, file]) {
      expect(text).not.toContain(pin);
      expect(text).not.toContain(Buffer.from(pin).toString('hex'));
    }
    const shown = await runCli(['evidence', 'show', path], {});
    expect(onOneLine(shown.stdout)).toMatch(/PIN/);
    const judged = await runCli(['verify', ...demoRegistry, '--evidence', path], {});
    expect(judged.exit).toBe(3);
  });
});

test('on a terminal, what it says about the PIN stays to be read', async () => {
  const args = ['verify', ...demoRegistry, '--pin-stdin'];
  const card = satochip.create('last-try', seededRandom('terminal'), 'ada');
  const stdin = Readable.from([`${pin}\n`]);
  const { stderr } = await runCli(args, { card, stdin, stderrColumns: 80 });
  // A step is drawn over by the next one; a line that ended is not.
  const lasting = stderr.split('\n').map((line) => line.split('\u001b[2K').at(-1));
  expect(lasting).toContain('Tries left of the PIN of this Satochip, by its own word: 1.');
  expect(lasting).toContain(stepNotes['code-last-try']);
});

describe('a wrong PIN', () => {
  test('is tried once, and nothing is decided', async () => {
    const { exit, presented, stdout } = await check('set-up-satochip', '999999');
    expect([exit, presented]).toEqual([4, 1]);
    expect(onOneLine(stdout)).toContain('did not accept the code');
  });
});

describe('no PIN is sent', () => {
  test.each([
    ['on the last try', 'last-try', 4],
    ['to a card that blocks it', 'blocked-pin', 4],
    ['to a card that is not set up', 'new-satochip', 4],
    ['to a card that proves itself without', 'genuine', 0],
    ['to a card without a certificate that needs none', 'unpersonalised', 4],
  ])('%s', async (_, id, expected) => {
    const { exit, presented, forbidden, stderr } = await check(id, pin);
    expect([exit, presented, forbidden]).toEqual([expected, 0, 0]);
    expect(stderr).not.toContain(sending);
  });

  test('unless it was given', async () => {
    const card = satochip.create('set-up-satochip', seededRandom('x'), 'ada');
    const { exit } = await runCli(['verify', ...demoRegistry], { card });
    expect(exit).toBe(4);
    expect('pinsPresented' in card && card.pinsPresented).toBe(0);
  });
});
