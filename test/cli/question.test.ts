/** The question whether the maker may be asked, put to a person at a terminal. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeQuestion, fill, mayAskOther } from '../../src/report/texts.ts';
import { demoRegistry, expectNoTrace, temporaryFolder } from '../support/cli.ts';
import { caseMs, laidCards } from '../support/laid-cards.ts';
import { type Pcscd, pcscdTurnMs, pcscMissing, startPcscd } from '../support/pcscd.ts';
import { describeWith } from '../support/requirements.ts';
import { inTerminal, plainText, type Terminal, terminalMissing } from '../support/terminal.ts';

const missing = async () => (await pcscMissing()) ?? (await terminalMissing());

/** The one that the demo registry names. */
const maker = '127.0.0.1:35980';
const question = fill(mayAskOther, { maker: 'Tangem', host: maker });
const showCursor = '\u001b[?25h';
const hideCursor = '\u001b[?25l';

await describeWith('pcsc', missing, 'the question in a terminal', () => {
  const cards = laidCards();
  let pcscd: Pcscd;

  beforeAll(async () => {
    pcscd = await startPcscd();
    await cards.layDown('tangem', '--unit', 'ada', '--maker', maker);
  }, pcscdTurnMs);

  afterAll(async () => {
    await cards.clear();
    await pcscd?.stop();
  });

  async function verify(more: readonly string[] = []) {
    const state = temporaryFolder();
    const args = ['verify', ...demoRegistry, '--timeout', '10', ...more];
    const terminal = await inTerminal(args, { TOUCHSTONE_STATE: state });
    return { terminal, kept: () => existsSync(join(state, 'endorsements')) };
  }

  /** Answers once the question stands there. */
  async function answer(act: (terminal: Terminal) => void, more?: readonly string[]) {
    const { terminal, kept } = await verify(more);
    await terminal.shown('Yes / ● No');
    const asked = plainText(terminal.screen());
    act(terminal);
    const exit = await terminal.ended;
    const raw = terminal.screen();
    // Whatever happens, the cursor is there again.
    expect(raw.lastIndexOf(showCursor)).toBeGreaterThan(raw.lastIndexOf(hideCursor));
    return { exit, asked, after: plainText(raw).slice(asked.length), raw, kept: kept() };
  }

  test('stands on a line of its own, and names maker, host and what is sent', async () => {
    const { asked, raw } = await answer((terminal) => terminal.type('n'));
    expect(asked).toContain(`◆ ${question} ○ Yes / ● No`);
    const before = raw.slice(0, raw.indexOf('◆')).split('\r').at(-1) ?? '';
    expect(plainText(before)).toBe('');
  });

  test.each([
    ['y', 'y'],
    ['the arrow and Enter', '\u001b[D\r'],
  ])('%s is yes', { timeout: caseMs }, async (_, keys) => {
    const { exit, after, kept } = await answer((terminal) => terminal.type(keys));
    expect([exit, kept]).toEqual([0, true]);
    expect(after).toContain("Asking the maker's server");
    expect(after).toContain(' GENUINE ');
  });

  test.each([
    ['n', 'n'],
    ['Enter', '\r'],
  ])('%s is no', async (_, keys) => {
    const { exit, after, kept } = await answer((terminal) => terminal.type(keys));
    expect([exit, kept]).toEqual([4, false]);
    expect(after).not.toContain("Asking the maker's server");
    expect(after).toContain(' NOT DECIDED ');
  });

  test.each<[string, (terminal: Terminal) => void]>([
    ['Ctrl-C', (terminal) => terminal.type('\u0003')],
    ['Escape', (terminal) => terminal.type('\u001b')],
    ['a signal', (terminal) => terminal.kill('SIGINT')],
  ])('%s ends it with 130, and leaves no trace', async (_, act) => {
    const { exit, after, kept } = await answer(act);
    expect([exit, kept]).toEqual([130, false]);
    expect(after).toContain('Interrupted. Nothing was recorded.');
    expect(after).not.toMatch(/NOT DECIDED|GENUINE|Asking the maker/);
    expectNoTrace({ stdout: after, stderr: '' });
  });

  test.each([[['--no-input']], [['--json']]])('is not put with %j', async (more) => {
    const { terminal } = await verify(more);
    expect(await terminal.ended).toBe(4);
    expect(plainText(terminal.screen())).not.toContain('signatures over this card?');
  });

  describe('a code typed at the terminal', () => {
    test('comes before the card and is never shown; the question can still be answered', async () => {
      const { terminal } = await verify(['--pin-stdin']);
      await terminal.shown(codeQuestion);
      terminal.type('482915\r');
      await terminal.shown('Yes / ● No');
      terminal.type('y');
      expect(await terminal.ended).toBe(0);
      const screen = plainText(terminal.screen());
      expect(screen).toContain(' GENUINE ');
      expect(screen).not.toContain('482915');
    });

    test('can be refused with Ctrl-C', async () => {
      const { terminal } = await verify(['--pin-stdin']);
      await terminal.shown(codeQuestion);
      terminal.type('\u0003');
      expect(await terminal.ended).toBe(130);
      expect(plainText(terminal.screen())).toContain('(INTERRUPTED)');
    });
  });
});
