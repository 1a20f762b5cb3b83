/**
 * Cards of further families over the whole way: `touchstone simulate`, a virtual reader, pcscd, the
 * PC/SC driver and `touchstone verify`, which has to find out the family by itself.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runBuilt } from '../support/built-cli.ts';
import { demoRegistry, expectNoTrace } from '../support/cli.ts';
import { casesOf } from '../support/cli-cases.ts';
import { caseMs, laidCards } from '../support/laid-cards.ts';
import { type Pcscd, pcscdTurnMs, pcscMissing, startPcscd } from '../support/pcscd.ts';
import { describeWith } from '../support/requirements.ts';

const verify = ['verify', '--json', ...demoRegistry, '--timeout', '10', '--fresh'];

await describeWith('pcsc', pcscMissing, 'Keycards and Satochips on a real PC/SC stack', () => {
  let pcscd: Pcscd;
  const cards = laidCards();

  beforeAll(async () => {
    pcscd = await startPcscd();
  }, pcscdTurnMs);

  afterEach(() => cards.clear());

  afterAll(async () => {
    await pcscd?.stop();
  });

  test.each([...casesOf('keycard'), ...casesOf('satochip')])(
    'the $family card $id is judged as it must',
    { timeout: caseMs },
    async ({ family, id, usual, fresh, stranger }) => {
      const expected = fresh ?? usual;
      await cards.layDown(family, '--case', id);
      const result = await runBuilt(verify, { timeoutMs: caseMs });
      expect(result.exit).toBe(expected.exit);
      expectNoTrace(result);
      if (expected.exit === 7) {
        expect(result.stdout).toBe('');
        expect(result.stderr).toContain(`(${expected.code})`);
        return;
      }
      const { touchstone } = JSON.parse(result.stdout);
      expect(touchstone.family).toBe(stranger ? 'unknown' : family);
      expect(touchstone.verdict).toBe(expected.word);
      expect(touchstone.findings).toContainEqual(
        expect.objectContaining({ code: expected.finding }),
      );
    },
  );

  test('a set-up Satochip proves itself to whoever has its PIN', { timeout: caseMs }, async () => {
    await cards.layDown('satochip', '--case', 'set-up-satochip');
    const args = [...verify, '--pin-stdin'];
    const result = await runBuilt(args, { timeoutMs: caseMs, input: '123456\n' });
    expect(result.exit).toBe(3);
    expect(result.stderr).not.toContain('123456');
    expect(JSON.parse(result.stdout).touchstone).toMatchObject({
      verdict: 'genuine with warnings',
      reason: 'set-up-by-whom',
      product: { value: 'satochip', authority: 'reported' },
    });
  });
});
