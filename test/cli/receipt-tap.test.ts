/** `receipt verify --tap`: a receipt held against the card in your hand. */
import { describe, expect, it, test, vi } from 'vitest';
import { provenIndexKey } from '../../src/activation/card-entry.ts';
import { signEntry } from '../../src/activation/entry.ts';
import type { CardEntry } from '../../src/activation/entry-schema.ts';
import { ReaderError } from '../../src/errors/error.ts';
import { unwitnessedNote } from '../../src/report/texts-log.ts';
import { checkedCard } from '../support/checked-cards.ts';
import {
  demoRegistry,
  expectError,
  interruptAfter,
  simulated,
  temporaryFolder,
} from '../support/cli.ts';
import { makerFetch, makerOf } from '../support/maker.ts';
import {
  bad,
  onOneLine,
  receiptFile,
  verify,
  withPolicy,
  wordOf,
} from '../support/receipt-files.ts';
import {
  alice,
  byNobody,
  entryBy,
  noticeEntry,
  smallLog,
  unsigned,
  unwitnessedPolicyText,
} from '../support/receipts.ts';

/** A receipt of an entry about the virtual card of this family, case and unit. */
async function receiptOf(family: string, caseId: string, unit: string): Promise<string> {
  const { verdict } = await checkedCard(family, caseId, { unit });
  const proven = provenIndexKey(verdict);
  if (proven.kind === 'none') throw new Error(proven.why);
  const base = unsigned('activated', alice, proven.keyHex);
  if (!('word' in base)) throw new Error('an entry without evidence');
  const { product: _product, firmware, usage, ...rest } = base;
  const made: CardEntry = signEntry(
    {
      ...rest,
      card: { family, key: proven.keyHex },
      ...(verdict.firmware &&
        firmware && { firmware: { ...firmware, id: verdict.firmware.value } }),
      ...(verdict.usage && usage && { usage: { ...usage, state: verdict.usage.value } }),
    },
    { owner: alice },
  );
  return receiptFile(smallLog([made]).receipt(0, made));
}

describe('--tap', () => {
  const tap = ['--tap', ...demoRegistry] as const;

  test.each(['coinkite-tap', 'keycard', 'satochip', 'tangem'])(
    'the same %s card',
    async (family) => {
      const file = await receiptOf(family, 'genuine', 'mine');
      const card = simulated('genuine', 'mine', family);
      const { fetch } = makerFetch(makerOf(card));
      const scene = { card, fetch, stateFolder: temporaryFolder() };
      const result = await verify([file, ...withPolicy(), ...tap, '--online'], scene);
      expect(wordOf(result)).toBe('THE SAME CARD');
      expect(result.exit).toBe(0);
      expect(onOneLine(result.stdout)).toContain('Its check just now: GENUINE.');
      expect(result.leftOpen).toBe(0);
      expect(card.forbiddenCommands).toBe(0);
    },
  );

  it('the same card, and it was used since: that is said, and is no full success', async () => {
    const file = await receiptOf('coinkite-tap', 'genuine', 'mine');
    const card = simulated('used', 'mine');
    const result = await verify([file, ...withPolicy(), ...tap], { card });
    expect(wordOf(result)).toBe('THE SAME CARD');
    expect(result.exit).toBe(3);
    expect(onOneLine(result.stdout)).toMatch(/Its use changed: new in the entry, \S+ now\./);
    const json = await verify([file, ...withPolicy(), ...tap, '--json'], { card });
    expect(JSON.parse(json.stdout).touchstone.card.changes).toMatchObject([
      { what: 'usage', before: 'new' },
    ]);
  });

  it('another card of the kind: stop', async () => {
    const file = await receiptOf('keycard', 'genuine', 'mine');
    const card = simulated('genuine', 'another', 'keycard');
    const result = await verify([file, ...withPolicy(), ...tap], { card });
    expect(result.exit).toBe(6);
    expect(wordOf(result)).toBe('ANOTHER CARD: STOP');
    expect(onOneLine(result.stdout)).toContain('the card in your hand was exchanged');
    const json = await verify([file, ...withPolicy(), ...tap, '--json'], { card });
    const { touchstone } = JSON.parse(json.stdout);
    expect(touchstone).toMatchObject({
      exit: 6,
      result: 'verified',
      card: { result: 'other', verdict: 'genuine' },
    });
    expect(touchstone.card.key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a card of another kind: stop', async () => {
    const file = await receiptOf('keycard', 'genuine', 'mine');
    const result = await verify([file, ...withPolicy(), ...tap], { card: simulated('genuine') });
    expect(result.exit).toBe(6);
  });

  it('a card that cannot be decided is neither the same nor another', async () => {
    const file = await receiptOf('keycard', 'genuine', 'mine');
    const card = simulated('refuses', 'mine', 'keycard');
    const result = await verify([file, ...withPolicy(), ...tap], { card });
    expect(result.exit).toBe(4);
    expect(wordOf(result)).toBe('CARD NOT COMPARED');
    expect(onOneLine(result.stdout)).toContain('could not be compared: NOT DECIDED.');
  });

  it('the same card under a registry that does not know its root is not decided', async () => {
    const file = await receiptOf('keycard', 'genuine', 'mine');
    const card = simulated('genuine', 'mine', 'keycard');
    expect((await verify([file, ...withPolicy(), '--tap'], { card })).exit).toBe(4);
  });

  it('a card that shows the key and cannot sign with it is not genuine', async () => {
    const file = await receiptOf('keycard', 'genuine', 'mine');
    const card = simulated('clone', 'mine', 'keycard');
    const result = await verify([file, ...withPolicy(), ...tap], { card });
    expect(result.exit).toBe(5);
    expect(wordOf(result)).toBe('CARD NOT COMPARED: STOP');
    expect(onOneLine(result.stdout)).toContain('NOT GENUINE');
  });

  it('the same card, whose own check says stop', async () => {
    const file = await receiptOf('coinkite-tap', 'tampered', 'mine');
    const card = simulated('tampered', 'mine');
    const result = await verify([file, ...withPolicy(), ...tap], { card });
    expect(result.exit).toBe(6);
    expect(wordOf(result)).toBe('THE SAME CARD: STOP');
  });

  it('the same card, in a log without witnesses', async () => {
    const { verdict } = await checkedCard('keycard', 'genuine', { unit: 'mine' });
    const proven = provenIndexKey(verdict);
    const key = proven.kind === 'key' ? proven.keyHex : '';
    const made = entryBy('activated', alice, undefined, key);
    const file = receiptFile(smallLog([made], byNobody).receipt(0, made));
    const card = simulated('genuine', 'mine', 'keycard');
    const result = await verify([file, ...withPolicy(unwitnessedPolicyText), ...tap], { card });
    expect(result.exit).toBe(3);
    expect(wordOf(result)).toBe('THE SAME CARD');
    expect(onOneLine(result.stdout)).toContain(unwitnessedNote);
  });

  it('no card in time, no reader: the receipt is told, and the exit code is 7', async () => {
    const file = await receiptOf('keycard', 'genuine', 'mine');
    const args = [file, ...withPolicy(), ...tap];
    const inVain = await verify(args);
    expect(inVain.exit).toBe(7);
    expect(wordOf(inVain)).toBe('RECEIPT HOLDS');
    expect(inVain.stderr).toContain('(READER_NO_CARD)');
    const pcscFailure = new ReaderError('READER_NO_SERVICE', 'No PC/SC service runs here.');
    const without = await verify(args, { pcscFailure });
    expect(without.exit).toBe(7);
    expect(without.stderr).toContain('(READER_NO_SERVICE)');
  });

  it('a bad receipt is worse than a missing card', async () => {
    const files = [receiptFile(bad), receiptFile()];
    expect((await verify([...files, ...withPolicy(), ...tap])).exit).toBe(8);
  });

  it('a receipt that does not hold is compared with no card', async () => {
    const files = [receiptFile(bad), await receiptOf('keycard', 'genuine', 'mine')];
    const card = simulated('genuine', 'mine', 'keycard');
    const result = await verify([...files, ...withPolicy(), ...tap, '--json'], { card });
    const lines = result.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).touchstone.card?.result ?? null)).toEqual([
      null,
      'same',
    ]);
    expect(result.exit).toBe(8);
  });

  it('a demo card makes it a demo, whatever the entry says', async () => {
    const { demo: _, ...real } = unsigned('activated', alice);
    const made = signEntry(real, { owner: alice });
    const file = receiptFile(smallLog([made]).receipt(0, made));
    expect((await verify([file, ...withPolicy()])).stdout).not.toContain('DEMO');
    const card = simulated('genuine');
    expect((await verify([file, ...withPolicy(), ...tap], { card })).stdout).toContain('DEMO');
  });

  it('no card is asked for where no receipt holds', async () => {
    const card = simulated('genuine');
    const result = await verify([receiptFile(bad), ...withPolicy(), ...tap], { card });
    expect(result.exit).toBe(8);
    expect(result.requests).toEqual([]);
    expect(result.stdout).not.toContain('THE SAME CARD');
  });

  it('a receipt about no card is not compared, and that is no success', async () => {
    const text = smallLog([noticeEntry]).receipt(0, noticeEntry);
    const result = await verify([receiptFile(text), ...withPolicy(), ...tap], {
      card: simulated('genuine'),
    });
    expect(result.exit).toBe(4);
    expect(wordOf(result)).toBe('CARD NOT COMPARED');
    expect(result.requests).toEqual([]);
  });

  it('one card is held against all receipts', async () => {
    const files = [
      await receiptOf('keycard', 'genuine', 'mine'),
      await receiptOf('keycard', 'genuine', 'yours'),
    ];
    const card = simulated('genuine', 'mine', 'keycard');
    const result = await verify([...files, ...withPolicy(), ...tap], { card });
    expect(result.exit).toBe(6);
    expect(result.stdout).toContain('THE SAME CARD\n');
    expect(result.stdout).toContain('ANOTHER CARD: STOP\n');
    expect(result.requests).toHaveLength(1);
  });

  it('uses the reader that is named', async () => {
    const file = await receiptOf('keycard', 'genuine', 'mine');
    const card = simulated('genuine', 'mine', 'keycard');
    const readers = [{ name: 'First 00 00' }, { name: 'Second 00 00', card }];
    const args = [file, ...withPolicy(), ...tap, '--reader', 'Second', '--timeout', '5'];
    const result = await verify(args, { readers });
    expect(result.exit).toBe(0);
    expect(result.requests).toMatchObject([{ reader: 'Second', timeoutMs: 5000 }]);
  });

  it('Ctrl-C ends it', async () => {
    vi.useRealTimers();
    const file = await receiptOf('keycard', 'genuine', 'mine');
    const result = await verify([file, ...withPolicy(), ...tap], { signal: interruptAfter(50) });
    expectError(
      { ...result, stderr: result.stderr.split('\n').slice(-3).join('\n') },
      'INTERRUPTED',
    );
    expect(result.leftOpen).toBe(0);
  });
});
