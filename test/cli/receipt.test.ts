import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, test, vi } from 'vitest';
import { provenIndexKey } from '../../src/activation/card-entry.ts';
import { signEntry } from '../../src/activation/entry.ts';
import type { CardEntry } from '../../src/activation/entry-schema.ts';
import { ReaderError } from '../../src/errors/error.ts';
import {
  evidenceNotInside,
  laterEntriesNote,
  ownRecordNote,
  receiptFaultTexts,
  receiptNeverChecked,
  receiptSkippedTexts,
  receiptStepTexts,
  unsignedEntryText,
  unwitnessedNote,
} from '../../src/report/texts-log.ts';
import { checkedCard } from '../support/checked-cards.ts';
import {
  type CliResult,
  demoRegistry,
  expectError,
  expectNoControls,
  expectNoTrace,
  interruptAfter,
  runCli,
  simulated,
  temporaryFile,
  temporaryFolder,
} from '../support/cli.ts';
import { makerFetch, makerOf } from '../support/maker.ts';
import {
  alice,
  byNobody,
  entryBy,
  foreignPolicyText,
  noticeEntry,
  registryEntry,
  shop,
  smallLog,
  unsigned,
  unwitnessedPolicyText,
  witnessedPolicyText,
} from '../support/receipts.ts';

const onOneLine = (text: string) => text.replace(/\s+/g, ' ');

const entry = entryBy('activated', alice, shop);
const receipt = smallLog([noticeEntry, entry, noticeEntry]).receipt(1, entry);
const bad = receipt.replace('"state": "new"', '"state": "old"');
const bare = smallLog([entry], byNobody).receipt(0, entry);

const policyFile = (text = witnessedPolicyText) => temporaryFile(text, 'policy');
const receiptFile = (text = receipt) => temporaryFile(text, 'receipt.json');
const withPolicy = (text?: string) => ['--policy', policyFile(text)];

const verify = (args: readonly string[], scene?: Parameters<typeof runCli>[1]) =>
  runCli(['receipt', 'verify', ...args], scene);

const wordOf = ({ stdout }: CliResult) =>
  stdout.split('\n').find((line) => /^[A-Z, :]+$/.test(line) && line !== '');

/** A state folder with a log whose policy this is. */
function ownLog(text: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'log'));
  writeFileSync(join(folder, 'log', 'policy'), text);
  return folder;
}

describe('a receipt', () => {
  it('holds: words first, then what was proven, then what was not', async () => {
    const result = await verify([receiptFile(), ...withPolicy()]);
    expect(result.exit).toBe(0);
    expect(result.stderr).toBe('');
    expect(wordOf(result)).toBe('RECEIPT HOLDS');
    const screen = onOneLine(result.stdout);
    const order = [
      'RECEIPT HOLDS The log log.example.org/activations holds this entry',
      'The entry says',
      `was activated by owner ${alice.hashHex.slice(0, 10)}: GENUINE.`,
      'Firmware: 1.0.3, which the card only said.',
      'Proven',
      'The entry stands in it, at place 1 of 3, counted from 0.',
      'Witnesses',
      'Cosigned by one at 2026-11-26T11:59:00Z',
      'Not checked',
      evidenceNotInside,
      receiptNeverChecked,
      laterEntriesNote,
      'What to do',
    ].map((text) => screen.indexOf(text));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(screen).toMatch(/^DEMO: /);
    expectNoControls(result.stdout);
  });

  it('of a log without witnesses is called so, and is no full success', async () => {
    const result = await verify([receiptFile(bare), ...withPolicy(unwitnessedPolicyText)]);
    expect(result.exit).toBe(3);
    expect(wordOf(result)).toBe('RECEIPT HOLDS, UNWITNESSED');
    expect(onOneLine(result.stdout)).toContain(unwitnessedNote);
    expect(onOneLine(result.stdout)).not.toContain(ownRecordNote);
    expect(result.stdout).not.toContain('Cosigned by');
  });

  it('does not hold: that is no success, and nothing is proven', async () => {
    const result = await verify([receiptFile(bad), ...withPolicy()]);
    expect(result.exit).toBe(8);
    expect(wordOf(result)).toBe('RECEIPT DOES NOT HOLD');
    const screen = onOneLine(result.stdout);
    expect(screen).toContain(receiptFaultTexts['owner-signature']);
    expect(screen).toContain('What the entry would say');
    expect(screen).toContain(receiptSkippedTexts.inclusion);
    expect(screen).not.toMatch(/Proven|The entry says|Seen by|--tap/);
  });

  it('says what held before that', async () => {
    const lonely = smallLog([noticeEntry, entry, noticeEntry], byNobody).receipt(1, entry);
    const result = await verify([receiptFile(lonely), ...withPolicy()]);
    expect(result.exit).toBe(8);
    const screen = onOneLine(result.stdout);
    expect(screen).toContain(receiptFaultTexts['quorum-missing']);
    expect(screen).toContain(
      `Proven \u2713 ${receiptStepTexts.entry} \u2713 ${receiptStepTexts.log}`,
    );
    expect(screen).toContain(receiptSkippedTexts.inclusion);
    expect(screen).not.toContain(receiptStepTexts.quorum);
  });

  it('without signatures of its own is the word of the log alone', async () => {
    const seen = entryBy('observed');
    const result = await verify([receiptFile(smallLog([seen]).receipt(0, seen)), ...withPolicy()]);
    expect(result.exit).toBe(0);
    expect(onOneLine(result.stdout)).toContain(unsignedEntryText);
    expect(onOneLine(result.stdout)).not.toContain(receiptStepTexts.entry);
  });

  it('of another log does not hold', async () => {
    const result = await verify([receiptFile(), ...withPolicy(foreignPolicyText)]);
    expect(result.exit).toBe(8);
    expect(onOneLine(result.stdout)).toContain(receiptFaultTexts['unknown-log']);
  });

  test.each([registryEntry, noticeEntry])('may be about a $kind', async (other) => {
    const text = smallLog([other]).receipt(0, other);
    const result = await verify([receiptFile(text), ...withPolicy()]);
    expect(result.exit).toBe(0);
    const screen = onOneLine(result.stdout);
    expect(screen).toContain(other.kind === 'notice' ? other.text : 'Edition 3 of the registry');
    expect(screen).not.toContain('DEMO');
    expect(screen).not.toContain(receiptNeverChecked);
  });

  it('is shown on plain lines', async () => {
    const result = await verify([receiptFile(), ...withPolicy(), '--plain']);
    const tags = result.stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(':')[0]);
    expect([...new Set(tags)]).toEqual([
      'receipt',
      'meaning',
      'entry',
      'proven',
      'witness',
      'not checked',
      'do',
    ]);
  });

  it('is coloured on a terminal alone', async () => {
    const args = [receiptFile(), ...withPolicy()];
    expect((await verify(args, { stdoutColumns: 60 })).stdout).toContain('\u001b[32m');
    expect((await verify([...args, '--no-color'], { stdoutColumns: 60 })).stdout).not.toContain(
      '\u001b',
    );
  });

  it('comes from standard input, too', async () => {
    const result = await verify(['-', ...withPolicy()], { stdin: Readable.from([receipt]) });
    expect(result.exit).toBe(0);
  });
});

describe('--json', () => {
  it('says all of a receipt that holds', async () => {
    const path = receiptFile();
    const result = await verify([path, ...withPolicy(), '--json']);
    expect(result.exit).toBe(0);
    expect(JSON.parse(result.stdout).touchstone).toMatchObject({
      schema: 'touchstone.receipt-result/1',
      demo: true,
      file: path,
      result: 'verified',
      reason: null,
      exit: 0,
      steps: [
        { step: 'entry', result: 'held' },
        { step: 'log', result: 'held' },
        { step: 'quorum', result: 'held' },
        { step: 'inclusion', result: 'held' },
      ],
      entry: { ...entry },
      log: {
        origin: 'log.example.org/activations',
        ownRecord: false,
        index: '1',
        size: '3',
        witnessed: true,
        cosignatures: [{ name: 'one', time: '2026-11-26T11:59:00Z' }],
      },
      card: null,
    });
  });

  it('and of one that does not', async () => {
    const result = await verify([receiptFile(bad), ...withPolicy(), '--json']);
    expect(result.exit).toBe(8);
    expect(JSON.parse(result.stdout).touchstone).toMatchObject({
      result: 'refused',
      reason: 'owner-signature',
      exit: 8,
      log: null,
      card: null,
    });
  });
});

describe('several receipts', () => {
  it('each is shown by its name, and the worst counts', async () => {
    const files = [receiptFile(), receiptFile(bad)];
    const result = await verify([...files, ...withPolicy()]);
    expect(result.exit).toBe(8);
    for (const file of files) expect(result.stdout).toContain(`${file}\n`);
    expect(result.stdout).toContain('RECEIPT HOLDS\n');
    expect(result.stdout).toContain('RECEIPT DOES NOT HOLD\n');
  });

  it('an unreadable one hides no other', async () => {
    const broken = receiptFile('{}');
    const result = await verify([broken, receiptFile(), ...withPolicy(), '--json']);
    expect(result.exit).toBe(2);
    expect(JSON.parse(result.stdout).touchstone.result).toBe('verified');
    expect(result.stderr).toContain(`${broken}: This is not a readable receipt`);
    expect(result.stderr).toContain('(LOG_MALFORMED)');
    expectNoTrace(result);
  });
});

describe('the policy', () => {
  it('has to be said where there is no log on this computer', async () => {
    expectError(await verify([receiptFile()]), 'USAGE', '--policy');
    expectError(
      await verify([receiptFile()], { stateFolder: temporaryFolder() }),
      'USAGE',
      '--policy',
    );
  });

  it('is that of the log on this computer, which is called its own record', async () => {
    const stateFolder = ownLog(unwitnessedPolicyText);
    const result = await verify([receiptFile(bare)], { stateFolder });
    expect(result.exit).toBe(3);
    expect(onOneLine(result.stdout)).toContain(ownRecordNote);
    const json = await verify([receiptFile(bare), '--json'], { stateFolder });
    expect(JSON.parse(json.stdout).touchstone.log.ownRecord).toBe(true);
  });

  it('given by name, it goes before the own one', async () => {
    const stateFolder = ownLog(foreignPolicyText);
    const args = [receiptFile()];
    expect((await verify(args, { stateFolder })).exit).toBe(8);
    expect((await verify([...args, ...withPolicy()], { stateFolder })).exit).toBe(0);
  });

  it('a damaged one is an error that names it, the own one too', async () => {
    const path = policyFile('log nonsense\nquorum none\n');
    expectError(await verify([receiptFile(), '--policy', path]), 'LOG_MALFORMED', path);
    const stateFolder = ownLog('quorum none');
    expectError(await verify([receiptFile()], { stateFolder }), 'LOG_MALFORMED', stateFolder);
  });

  it('one that is not there', async () => {
    expectError(await verify([receiptFile(), '--policy', '/nowhere/policy']), 'FILE_UNREADABLE');
  });
});

describe('wrong command lines', () => {
  test.each([
    [[], 'missing required argument'],
    [['-', '-'], 'Standard input'],
    [['-', '--policy', '-'], 'Standard input'],
    [['-', '--tap', '--pin-stdin'], 'Standard input'],
    [['x', '--reader', 'ACS'], '--tap'],
    [['x', '--registry', 'r.json'], '--tap'],
    [['x', '--online'], '--tap'],
    [['x', '--timeout', '5'], '--tap'],
  ])('%j', async (args, why) => {
    expectError(await verify(args), 'USAGE', new RegExp(why, 'i'));
  });
});

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

  it.each([
    ['disputed', 6, 'Its owner says that something is wrong with this card.'],
    ['retired', 3, 'Its owner gave this card up.'],
  ] as const)('a receipt of a card that was %s is no reason to go on', async (type, exit, said) => {
    const made = signEntry(unsigned(type, alice), { owner: alice });
    const result = await verify([receiptFile(smallLog([made]).receipt(0, made)), ...withPolicy()]);
    expect(result.exit).toBe(exit);
    expect(onOneLine(result.stdout)).toContain(said);
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
