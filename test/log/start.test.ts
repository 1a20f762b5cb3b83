/** Making a log, and whose log it is when it is opened. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openGuard } from '../../src/log/guard.ts';
import { createLog } from '../../src/log/start.ts';
import { openSqliteLog } from '../../src/store/log-sqlite.ts';
import { encodeKey } from '../../src/tlog/key.ts';
import { emptyRoot } from '../../src/tlog/merkle.ts';
import { parseNote } from '../../src/tlog/note.ts';
import { parsePolicy } from '../../src/tlog/policy.ts';
import { createSigner } from '../../src/tlog/signer.ts';
import { openNote } from '../../src/tlog/verify.ts';
import { fill, newDesk, origin, signer } from '../support/running-logs.ts';
import { testSeed } from '../support/witnessing.ts';

/** A log of 3 and then 300 entries, closed, whose rows are altered. */
async function altered(sql: string) {
  const desk = await newDesk();
  const log = await desk.log();
  await fill(log, 0, 3);
  await fill(log, 3, 300);
  await log.close();
  const database = new Database(desk.database);
  database.exec(sql);
  database.close();
  return desk;
}

describe('a new log', () => {
  it('has signed the empty tree', async () => {
    const desk = await newDesk();
    const [store, guard] = [await desk.store(), await openGuard(desk.guard)];
    expect(await guard.last()).toEqual({ size: 0n, root: emptyRoot });
    const signed = await store.latestSigned();
    expect(signed).toMatchObject({ size: 0n, root: emptyRoot });
    expect(openNote(parseNote(signed?.note ?? ''), [signer.key])).toMatchObject({
      kind: 'verified',
    });
    await expect(createLog(store, signer, guard)).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
  });

  it('whose making was cut off can be opened', async () => {
    const desk = await newDesk();
    const database = new Database(desk.database);
    database.exec('DELETE FROM signed');
    database.close();
    const log = await desk.log();
    await fill(log, 0, 2);
    expect((await log.status()).signed).toBe(2n);
  });
});

describe('opening', () => {
  it('refuses another key, and says which is which', async () => {
    const desk = await newDesk();
    const other = createSigner(origin, testSeed('another'));
    const refused = desk.log({ signer: other });
    await expect(refused).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
    await expect(refused).rejects.toThrow(encodeKey(signer.key));
    await expect(refused).rejects.toThrow(encodeKey(other.key));
  });

  it('refuses the key under another origin', async () => {
    const desk = await newDesk();
    const other = createSigner('log.example.org/other', testSeed(origin));
    await expect(desk.log({ signer: other })).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
  });

  it('refuses the policy of another log', async () => {
    const desk = await newDesk();
    const other = createSigner('log.example.org/other', testSeed('other'));
    const policy = parsePolicy(`log ${encodeKey(other.key)}\nquorum none\n`);
    await expect(desk.log({ policy })).rejects.toMatchObject({
      code: 'LOG_UNSUITABLE',
      message: expect.stringContaining(origin),
    });
  });

  it('refuses a database in which there is no log', async () => {
    const desk = await newDesk();
    const path = `${desk.database}.other`;
    const empty = await openSqliteLog(path, 'create');
    await expect(desk.log({ store: empty })).rejects.toMatchObject({
      code: 'LOG_UNSUITABLE',
      message: expect.stringContaining(path),
    });
  });

  it.each([
    ['a signed root that is another', 'UPDATE signed SET root = zeroblob(32) WHERE size = 300'],
    [
      'a note that is another',
      "UPDATE signed SET note = replace(note, '300', '299') WHERE size = 300",
    ],
    [
      'a note of another size',
      'UPDATE signed SET note = (SELECT note FROM signed WHERE size = 0) WHERE size = 300',
    ],
    ['a note that is none', "UPDATE signed SET note = 'x' WHERE size = 300"],
    [
      'a tree that is smaller than what was signed',
      `UPDATE tree SET size = 0, root = x'${Buffer.from(emptyRoot).toString('hex')}'`,
    ],
    [
      'a damaged tile at the edge',
      'UPDATE tile SET bytes = zeroblob(44 * 32) WHERE level = 0 AND idx = 1',
    ],
    ['a missing tile at the edge', 'DELETE FROM tile WHERE level = 1'],
    ['a tree without signed checkpoints', 'DELETE FROM signed'],
    ['more published than signed', 'DELETE FROM signed WHERE size = 300'],
  ])('refuses %s, or opens it for reading only', async (_, sql) => {
    const desk = await altered(sql);
    // Without the file of what was signed, which would notice some of it.
    await rm(desk.guard);
    const outcome = await desk.log().then(
      async (log) => (await log.status()).mode,
      (error: unknown) => error,
    );
    if (outcome !== 'read-only') {
      expect(outcome).toMatchObject({
        code: expect.stringMatching(/^LOG_(WRONG|MALFORMED|UNSUITABLE|READ_ONLY)$/),
      });
    }
    const store = await desk.store();
    expect((await store.signedAfter(300n, 9)).length).toBe(0);
    await store.close();
  });

  it('refuses rows that have published more than was signed, although the file agrees', async () => {
    const desk = await newDesk();
    const log = await desk.log();
    await fill(log, 0, 3);
    const signedThen = await readFile(desk.guard);
    await fill(log, 3, 300);
    await log.close();
    const database = new Database(desk.database);
    database.exec('DELETE FROM signed WHERE size > 3');
    database.close();
    await writeFile(desk.guard, signedThen);
    await expect(desk.log()).rejects.toMatchObject({
      code: 'LOG_WRONG',
      message: expect.stringContaining('published more than was signed'),
    });
  });

  it.each([
    ['log', 'DELETE FROM log'],
    ['tree', 'DELETE FROM tree'],
    ['the table entry', 'DROP TABLE entry'],
    ['another format', 'UPDATE log SET format = 2'],
  ])('refuses rows without %s', async (_, sql) => {
    const desk = await altered(sql);
    await expect(desk.log()).rejects.toMatchObject({
      code: 'LOG_UNSUITABLE',
      message: expect.stringContaining(desk.database),
    });
  });
});
