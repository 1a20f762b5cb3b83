/** `touchstone log history`: one card's entries, and what is said of those that are not there. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type encodeEntry, signEntry } from '../../../src/activation/entry.ts';
import { expectError, temporaryFolder } from '../../support/cli.ts';
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

  it('finds what the rows of a copy no longer list under the card', async () => {
    const { folder, scene } = await logOf(observed, byAlice);
    const files = join(temporaryFolder(), 'files');
    const copy = join(temporaryFolder(), 'copy');
    await mustLog(['export', files, '--log', folder], scene);
    await mustLog(['import', files, '--log', copy, '--policy', join(folder, 'policy')], scene);
    const rows = new Database(join(copy, 'log.db'));
    rows.exec('UPDATE entry SET key = NULL');
    rows.close();
    const result = await log(['history', cardKey, '--log', copy], scene);
    expect(result.exit).toBe(6);
    expect(onOneLine(result.stdout)).toContain('holds 2 entries about card');
  });

  it('denies nothing, and exports nothing, once the rows are known to be older than the log', async () => {
    const { folder, scene, history } = await logOf(observed);
    const old = join(temporaryFolder(), 'log.db');
    cpSync(join(folder, 'log.db'), old);
    await mustLog(['append', '--log', folder, entryFile(byAlice)], scene);
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `log.db${end}`), { force: true });
    cpSync(old, join(folder, 'log.db'));
    expectError(await history(cardKey), 'LOG_READ_ONLY', 'is older than its own log');
    const files = join(temporaryFolder(), 'files');
    expectError(await log(['export', files, '--log', folder], scene), 'LOG_READ_ONLY', 'is older');
    expect(existsSync(files)).toBe(false);
    const proven = await log(['prove', '0', '--log', folder], scene);
    expect(proven.exit).toBe(8);
    expect(onOneLine(proven.stderr)).toContain('READ-ONLY');
  });

  it('of a card that was only seen under a key says no more than that', async () => {
    const { history } = await logOf(signEntry(unsigned('observed', bob), { owner: bob }));
    const { exit, stdout } = await history(cardKey);
    expect(exit).toBe(6);
    expect(stdout).toMatch(/^SEEN UNDER ANOTHER OWNER'S KEY/);
  });

  it('says of a short or long key what it wants', async () => {
    const { history } = await logOf(observed);
    expectError(await history(cardKey.slice(0, 10)), 'USAGE', '64 hex digits');
    expect((await history(cardKey.toUpperCase())).exit).toBe(0);
  });
});
