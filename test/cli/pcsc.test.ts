/**
 * The whole way: `touchstone simulate`, a virtual reader, pcscd, the PC/SC driver and `touchstone
 * verify`, each a process of its own.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startPcsc } from '../../src/reader/pcsc/pcsc.ts';
import { type Running, runBuilt, startBuilt } from '../support/built-cli.ts';
import { demoRegistry, expectNoTrace } from '../support/cli.ts';
import { cliCases } from '../support/cli-cases.ts';
import {
  firstReader,
  type Pcscd,
  pcscdTurnMs,
  pcscMissing,
  secondReader,
  startPcscd,
} from '../support/pcscd.ts';
import { describeWith } from '../support/requirements.ts';

/** A mute card is given 15 seconds for its answer. */
const caseMs = 40_000;
const verify = ['verify', '--json', ...demoRegistry, '--timeout', '10'];

await describeWith('pcsc', pcscMissing, 'touchstone on a real PC/SC stack', () => {
  let pcscd: Pcscd;
  const cards: Running[] = [];

  beforeAll(async () => {
    pcscd = await startPcscd();
  }, pcscdTurnMs);

  afterEach(async () => {
    for (const card of cards.splice(0)) await takeAway(card);
  });

  afterAll(async () => {
    await pcscd?.stop();
  });

  async function layDown(caseId: string): Promise<Running> {
    const address = `127.0.0.1:${firstReader.port}`;
    const args = ['simulate', 'coinkite-tap', '--case', caseId, '--vpcd', address];
    const card = startBuilt(args, { timeoutMs: caseMs });
    cards.push(card);
    await card.said('lies on the reader');
    return card;
  }

  /** pcscd notices a removal by polling; the next card must not be taken for this one. */
  async function takeAway(card: Running): Promise<void> {
    card.kill('SIGINT');
    await card.ended;
    const pcsc = await startPcsc();
    try {
      expect(await pcsc.waitForRemoval(firstReader.name, 5_000)).toBe(true);
    } finally {
      await pcsc.close();
    }
  }

  test.each(cliCases)('the card $id is judged as it must', { timeout: caseMs }, async (row) => {
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
  });

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
    cards.splice(0);
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
