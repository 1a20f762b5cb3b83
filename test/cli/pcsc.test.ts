/**
 * The whole way: `touchstone simulate`, a virtual reader, pcscd, the PC/SC driver and `touchstone
 * verify`, each a process of its own.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runBuilt, startBuilt } from '../support/built-cli.ts';
import { demoRegistry, expectNoTrace } from '../support/cli.ts';
import { casesOf } from '../support/cli-cases.ts';
import { caseMs, laidCards } from '../support/laid-cards.ts';
import {
  firstReader,
  type Pcscd,
  pcscdTurnMs,
  pcscMissing,
  secondReader,
  startPcscd,
} from '../support/pcscd.ts';
import { describeWith } from '../support/requirements.ts';

const verify = ['verify', '--json', ...demoRegistry, '--timeout', '10'];

await describeWith('pcsc', pcscMissing, 'touchstone on a real PC/SC stack', () => {
  let pcscd: Pcscd;
  const cards = laidCards();
  const layDown = (caseId: string) => cards.layDown('coinkite-tap', '--case', caseId);

  beforeAll(async () => {
    pcscd = await startPcscd();
  }, pcscdTurnMs);

  afterEach(() => cards.clear());

  afterAll(async () => {
    await pcscd?.stop();
  });

  test.each(casesOf('coinkite-tap'))(
    'the card $id is judged as it must',
    { timeout: caseMs },
    async (row) => {
      const expected = row.fresh ?? row.usual;
      await layDown(row.id);
      const result = await runBuilt([...verify, '--fresh'], { timeoutMs: caseMs });
      expect(result.exit).toBe(expected.exit);
      expectNoTrace(result);
      if (expected.exit === 7) {
        expect(result.stdout).toBe('');
        expect(result.stderr).toContain(`(${expected.code})`);
      } else {
        const { touchstone } = JSON.parse(result.stdout);
        expect(touchstone.verdict).toBe(expected.word);
        expect(touchstone.findings).toContainEqual(
          expect.objectContaining({ code: expected.finding }),
        );
      }
    },
  );

  test('readers lists the reader and the card on it', async () => {
    await layDown('genuine');
    // pcscd notices a new card by polling.
    await expect
      .poll(async () => (await runBuilt(['readers'])).stdout, { timeout: 10_000 })
      .toBe(
        `${firstReader.name}: a card lies on it (ATR 3b888001436f696e6b69746531)\n` +
          `${secondReader.name}: no card\n`,
      );
  });

  test('a card that is laid down late is waited for', async () => {
    const running = startBuilt(verify);
    await running.said('Waiting for a card');
    await layDown('genuine');
    expect((await running.ended).exit).toBe(0);
  });

  test('no card ends with 7 when the time is over', async () => {
    const result = await runBuilt(['verify', '--timeout', '0.5']);
    expect([result.exit, result.stdout]).toEqual([7, '']);
    expect(result.stderr).toContain('(READER_NO_CARD)');
  });

  test('Ctrl-C ends a wait for a card with 130', async () => {
    const running = startBuilt(['verify']);
    await running.said('Waiting for a card');
    running.kill('SIGINT');
    const result = await running.ended;
    expect([result.exit, result.stdout]).toEqual([130, '']);
    expect(result.stderr).toContain('(INTERRUPTED)');
    expectNoTrace(result);
  });

  test('Ctrl-C in the middle of a check ends it with 130, without a verdict', async () => {
    await layDown('genuine');
    const running = startBuilt(verify);
    await running.said('Reading what the card says');
    running.kill('SIGINT');
    const result = await running.ended;
    expect([result.exit, result.stdout]).toEqual([130, '']);
    expectNoTrace(result);
  });

  test('a card that is pulled out in the middle ends with 7, without a trace', async () => {
    const card = await layDown('genuine');
    const running = startBuilt(verify);
    await running.said('Reading what the card says');
    card.kill('SIGKILL');
    const result = await running.ended;
    expect([result.exit, result.stdout]).toEqual([7, '']);
    expect(result.stderr).toMatch(/\(READER_(CARD_REMOVED|CARD_MUTE|TRANSPORT)\)/);
    expectNoTrace(result);
  });

  test('a service that dies in the middle ends with 7, without a trace', async () => {
    const card = await layDown('genuine');
    cards.forget();
    const running = startBuilt(verify);
    await running.said('Reading what the card says');
    await pcscd.kill();
    const result = await running.ended;
    expect([result.exit, result.stdout]).toEqual([7, '']);
    expect(result.stderr).toMatch(/\(READER_(STOPPED|TRANSPORT|CARD_REMOVED)\)/);
    expectNoTrace(result);
    expect((await card.ended).exit).toBe(0);
  });
});
