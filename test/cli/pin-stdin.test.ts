/** The card's code, from standard input: where it goes, and where it must never be seen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { codeRisk } from '../../src/report/texts.ts';
import { stepNotes, stepTexts } from '../../src/report/texts-steps.ts';
import { hashCode } from '../../src/simulator/tangem/access-code.ts';
import { TangemCard } from '../../src/simulator/tangem/card.ts';
import { tangemCases } from '../../src/simulator/tangem/cases.ts';
import { makeKeys } from '../../src/simulator/tangem/keys.ts';
import type { TangemProfile } from '../../src/simulator/tangem/profile.ts';
import {
  demoRegistry,
  expectError,
  interruptAfter,
  runCli,
  type Scene,
  simulated,
  temporaryFolder,
} from '../support/cli.ts';
import { makerFetch, makerOf } from '../support/maker.ts';
import { seededRandom } from '../support/tap-evidence.ts';

const verify = ['verify', ...demoRegistry, '--online', '--pin-stdin'];
const onOneLine = (text: string) => text.replace(/\s+/g, ' ');
const sending = `${stepTexts['code']} ...\n`;
/** Of the cards with a code. */
const ownCode = '482915';
const cards = ['code-set', 'code-set-old', 'code-set-v8'];

function profileOf(caseId: string): TangemProfile {
  const found = tangemCases.find(({ id }) => id === caseId);
  if (found === undefined) throw new Error(caseId);
  return found.profile;
}

const makeCard = (caseId: string) => new TangemCard(profileOf(caseId), seededRandom(caseId), 'ada');

/** Standard input, in the pieces given. */
const typed = (...pieces: (string | Uint8Array)[]) =>
  Readable.from(pieces.map((piece) => Buffer.from(piece)));

async function check(
  card: TangemCard,
  input: Readable,
  more: readonly string[] = [],
  scene: Scene = {},
) {
  const { fetch, asked } = makerFetch(makerOf(card));
  const result = await runCli([...verify, ...more], { card, stdin: input, fetch, ...scene });
  return {
    ...result,
    asked,
    wrong: card.wrongCodes,
    sent: result.stderr.split(sending).length - 1,
  };
}

describe('the right code', () => {
  test.each([
    // An early card refuses even the code that every card leaves the factory with.
    { id: 'code-set', exit: 0, wrong: 0 },
    { id: 'code-set-old', exit: 3, wrong: 1 },
    { id: 'code-set-v8', exit: 3, wrong: 0 },
  ])('lets the card $id prove itself', async ({ id, exit, wrong }) => {
    const result = await check(makeCard(id), typed(`${ownCode}\n`));
    expect([result.exit, result.wrong, result.sent]).toEqual([exit, wrong, 1]);
  });

  test.each(['code-set', 'code-set-v8'])('does not make the card %s new', async (id) => {
    const { exit, stdout } = await check(makeCard(id), typed(ownCode), ['--fresh']);
    expect(exit).toBe(6);
    expect(onOneLine(stdout)).toContain('An access code was set on it.');
  });

  test.each([
    ['with a line feed', [`${ownCode}\n`]],
    ['without one', [ownCode]],
    ['as Windows ends a line', [`${ownCode}\r\n`]],
    ['in pieces', ['48', '29', '15\n']],
    ['before other lines', [`${ownCode}\n999999\n`]],
  ])('is taken %s', async (_, pieces) => {
    expect((await check(makeCard('code-set'), typed(...pieces))).exit).toBe(0);
  });

  test('is taken with letters whose bytes arrive apart', async () => {
    const card = new TangemCard(
      { ...profileOf('code-set'), accessCode: 'größe' },
      seededRandom('x'),
      'ada',
    );
    const bytes = Buffer.from('größe\n');
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
    expect(await check(card, typed(...pieces))).toMatchObject({ exit: 0, wrong: 0 });
  });
});

describe('a wrong code', () => {
  test.each([
    { id: 'code-set', wrong: 1 },
    { id: 'code-set-old', wrong: 2 },
    { id: 'code-set-v8', wrong: 1 },
  ])('is tried once on the card $id, and nothing is decided', async ({ id, wrong }) => {
    const result = await check(makeCard(id), typed('482916\n'));
    expect([result.exit, result.wrong, result.sent, result.asked]).toEqual([4, wrong, 1, []]);
  });

  test('that is the one of every new card is not sent again to a card that refused it', async () => {
    const result = await check(makeCard('code-set-old'), typed('000000\n'));
    expect([result.exit, result.wrong, result.sent]).toEqual([4, 1, 0]);
  });

  test('that was refused is said to have been given', async () => {
    const { stdout } = await check(makeCard('code-set'), typed('482916\n'));
    expect(onOneLine(stdout)).toContain('; a code was given)');
    const without = await runCli(['verify', ...demoRegistry], { card: makeCard('code-set') });
    expect(onOneLine(without.stdout)).toContain('its access code is needed)');
  });

  test.each(['genuine', 'genuine-wallet', 'genuine-v8', 'old-cos', 'used', 'set-up', 'pause'])(
    'is never sent to the card %s, which asks for none',
    async (id) => {
      const result = await check(makeCard(id), typed('482916\n'));
      expect([result.wrong, result.sent]).toEqual([0, 0]);
      expect([0, 3]).toContain(result.exit);
    },
  );

  test.each(['encryption-fast', 'encryption-strong'])(
    'keys the channel of the card %s, and counts there at most once',
    async (id) => {
      const { exit, wrong } = await check(makeCard(id), typed('482916\n'));
      expect([exit, wrong]).toEqual([4, 1]);
    },
  );
});

describe('a card of a kind that has no such code', () => {
  test('is not sent it, and that is said', async () => {
    const card = simulated('genuine');
    const result = await runCli(verify, { card, stdin: typed(`${ownCode}\n`) });
    expect([result.exit, card.forbiddenCommands]).toEqual([0, 0]);
    expect(result.stderr).toContain(`${stepNotes['code-unused']}\n`);
    expect(result.stderr).not.toContain(sending);
  });
});

describe('the risk', () => {
  test('is said before anything is read or asked', async () => {
    const stdin = new Readable({ read: () => undefined });
    const result = await runCli(verify, { stdin, signal: interruptAfter(20) });
    expect(onOneLine(result.stderr)).toContain(codeRisk);
    expect([result.exit, result.stdout, result.requests]).toEqual([130, '', []]);
  });

  test('is said before the card is looked for, with --json too', async () => {
    const { stderr } = await check(makeCard('code-set'), typed(ownCode), ['--json']);
    const said = onOneLine(stderr);
    expect(said.indexOf(codeRisk)).toBe(0);
    expect(said.indexOf('Looking for an NFC reader')).toBeGreaterThan(0);
  });

  test('is not said without the option', async () => {
    const { stderr } = await runCli(['verify', ...demoRegistry], { card: makeCard('code-set') });
    expect(onOneLine(stderr)).not.toContain(codeRisk);
  });
});

describe('no code', () => {
  test.each<[string, (string | Uint8Array)[]]>([
    ['nothing', []],
    ['an empty line', ['\n']],
    ['an empty line as Windows ends it', ['\r\n']],
    ['an empty line before another', [`\n${ownCode}\n`]],
    ['65 characters', ['1'.repeat(65), '\n']],
    ['a line without end', Array(1000).fill('1'.repeat(1000))],
    ['what is no text', [Uint8Array.of(0xff, 0xfe, 0x0a)]],
  ])('%s is refused before a card is asked for', async (_, pieces) => {
    const card = makeCard('code-set');
    const result = await runCli(verify, { card, stdin: typed(...pieces) });
    expectError(result, 'USAGE', '--pin-stdin: a code of 1 to 64 characters');
    expect([result.requests, card.wrongCodes]).toEqual([[], 0]);
  });

  test.each([[['--registry', '-', '--pin-stdin']], [['--attach', '-', '--pin-stdin']]])(
    'can be read beside another "-": %j',
    async (args) => {
      const result = await runCli(['verify', ...args], { stdin: typed(ownCode) });
      expectError(result, 'USAGE', 'Standard input can be read once');
    },
  );

  test.each([
    ['--evidence', 'card.json'],
    ['--url', 'x'],
  ])('is wanted with %s', async (...more) => {
    const result = await runCli(['verify', '--pin-stdin', ...more], { stdin: typed(ownCode) });
    expectError(result, 'USAGE', '--pin-stdin is for a card on a reader');
  });
});

describe('what nobody else may see', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

  test.each([...cards, 'used', 'used-wallet', 'set-primary', 'imported', 'encryption-strong'])(
    'is neither printed nor saved: %s',
    async (id) => {
      const { wallets, master } = makeKeys(profileOf(id), seededRandom(id), 'ada');
      const keys = [...wallets.values(), master].flatMap((key) => [key.publicKey, key.chainCode]);
      for (const code of [ownCode, '700153']) {
        for (const more of [[], ['--json'], ['--debug', '--plain']]) {
          const path = join(temporaryFolder(), 'card.json');
          const result = await check(makeCard(id), typed(code), [...more, '--save', path]);
          const shown = await runCli(['evidence', 'show', path]);
          const texts = [result.stdout, result.stderr, readFileSync(path, 'utf8'), shown.stdout];
          const all = texts.join('\n').toLowerCase();
          expect(all).not.toContain(code);
          for (const secret of [hashCode(code), Buffer.from(code), ...keys]) {
            expect(all).not.toContain(hex(secret));
            expect(all).not.toContain(Buffer.from(secret).toString('base64').toLowerCase());
          }
        }
      }
    },
  );

  test.each(cards)('the saved file of %s is judged as the card was', async (id) => {
    const path = join(temporaryFolder(), 'card.json');
    await check(makeCard(id), typed(ownCode), ['--save', path]);
    const { exit } = await runCli(['verify', ...demoRegistry, '--evidence', path]);
    expect(exit).toBe(3);
  });
});
