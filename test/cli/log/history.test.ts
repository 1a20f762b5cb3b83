/** `touchstone log history`: one card's entries, and what is said of those that are not there. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type encodeEntry, signEntry } from '../../../src/activation/entry.ts';
import { temporaryFolder } from '../../support/cli.ts';
import { alice, bob, cardKey, hex, unsigned } from '../../support/receipts.ts';
import {
  addWitness,
  entryFile,
  linesOf,
  log,
  mustLog,
  newLog,
  onOneLine,
  startWitness,
} from './logs.ts';

const observed = signEntry(unsigned('observed'), {});
const byAlice = signEntry(unsigned('activated', alice), { owner: alice });
const gaveUp = signEntry(unsigned('retired', alice), { owner: alice });
const otherCard = signEntry(unsigned('activated', bob, hex('other card')), { owner: bob });

/** A log with these entries; everything is asked on a computer with its own state. */
async function logOf(...entries: Parameters<typeof encodeEntry>[0][]) {
  const folder = await newLog();
  const scene = { stateFolder: join(temporaryFolder(), 'state') };
  if (entries.length > 0) {
    await mustLog(['append', '--log', folder, ...entries.map(entryFile)], scene);
  }
  const history = (card: string, ...more: readonly string[]) =>
    log(['history', card, '--log', folder, ...more], scene);
  return { folder, scene, history };
}

describe('log history', () => {
  it('lists the entries of the card and of no other, in their order', async () => {
    const { history } = await logOf(observed, otherCard, byAlice, gaveUp);
    const { exit, stdout } = await history(cardKey);
    expect(exit).toBe(6);
    const text = onOneLine(stdout);
    expect(text).toMatch(/^ACTIVATED BY ANOTHER OWNER\..*holds 3 entries about card/);
    expect(text).toMatch(/Entry 0,.*was seen.*Entry 2,.*was activated.*Entry 3,.*was given up/);
    expect(text).not.toContain('Entry 1,');
    const [json] = linesOf(await history(cardKey, '--json'));
    expect(json).toMatchObject({ card: cardKey, otherOwners: 1, absence: 'reported', exit: 6 });
  });

  it('says what silence is worth: this computer knows what was checked here', async () => {
    const { history } = await logOf(observed);
    const seen = await history(cardKey);
    expect(seen.exit).toBe(0);
    expect(onOneLine(seen.stdout)).toContain('holds 1 entry about card');
    expect(onOneLine(seen.stdout)).toContain('It knows only what was checked here.');
    const unseen = await history(hex('never seen'));
    expect(unseen.exit).toBe(0);
    expect(onOneLine(unseen.stdout)).toContain('holds no entry about card');
    expect(`${seen.stdout}${unseen.stdout}`).not.toMatch(/first/i);
    expect(onOneLine(unseen.stdout)).toContain('The log is unwitnessed');
  });

  it('of a copy says that all of it was read only where witnesses signed it, too', async () => {
    const { folder, scene } = await logOf(observed);
    const copyOf = async () => {
      const files = join(temporaryFolder(), 'files');
      const copy = join(temporaryFolder(), 'copy');
      await mustLog(['export', files, '--log', folder], scene);
      const policy = ['--policy', join(folder, 'policy')];
      await mustLog(['import', files, '--log', copy, ...policy], scene);
      return log(['history', cardKey, '--log', copy], scene);
    };
    expect(onOneLine((await copyOf()).stdout)).toContain('nobody here read all of it');
    addWitness(folder, await startWitness(folder));
    await mustLog(['append', '--log', folder, entryFile(otherCard)], { ...scene, fetch });
    expect(onOneLine((await copyOf()).stdout)).toContain('every entry of the log was read');
  });

  it('takes a receipt for the card', async () => {
    const { folder, scene, history } = await logOf();
    const receipt = join(temporaryFolder(), 'receipt.json');
    const made = ['append', '--log', folder, entryFile(observed), '--receipt', receipt];
    await mustLog(made, scene);
    expect((await history(receipt)).exit).toBe(0);
    const notice = join(temporaryFolder(), 'notice.json');
    await mustLog(['append', '--log', folder, '--notice', 'x', '--receipt', notice], scene);
    expect(await history(notice)).toMatchObject({ exit: 2 });
    expect(await history('no-such-file')).toMatchObject({ exit: 2 });
  });
});
