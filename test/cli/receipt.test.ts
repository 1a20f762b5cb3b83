/** `receipt verify` without a card. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, test } from 'vitest';
import { signEntry } from '../../src/activation/entry.ts';
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
import { expectError, expectNoControls, expectNoTrace, temporaryFolder } from '../support/cli.ts';
import {
  bad,
  entry,
  onOneLine,
  policyFile,
  receipt,
  receiptFile,
  verify,
  withPolicy,
  wordOf,
} from '../support/receipt-files.ts';
import {
  alice,
  byNobody,
  entryBy,
  foreignPolicyText,
  noticeEntry,
  registryEntry,
  smallLog,
  unsigned,
  unwitnessedPolicyText,
} from '../support/receipts.ts';

const bare = smallLog([entry], byNobody).receipt(0, entry);

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

  it.each([
    ['disputed', 6, 'Its owner says that something is wrong with this card.'],
    ['retired', 3, 'Its owner gave this card up.'],
  ] as const)('of a card that was %s is no reason to go on', async (type, exit, said) => {
    const made = signEntry(unsigned(type, alice), { owner: alice });
    const result = await verify([receiptFile(smallLog([made]).receipt(0, made)), ...withPolicy()]);
    expect(result.exit).toBe(exit);
    expect(onOneLine(result.stdout)).toContain(said);
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
