/** What SQLite alone can bring about: a file from elsewhere whose tables are something else. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteLog } from '../../src/store/log-sqlite.ts';

const endless = `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)`;

async function altered(sql: string) {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-sqlite-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'log.db');
  const made = await openSqliteLog(path, 'create');
  await made.create({ origin: 'log.example.org/x', key: 'k' });
  await made.close();
  const database = new Database(path);
  database.exec(sql);
  database.close();
  const store = await openSqliteLog(path, 'existing');
  onTestFinished(() => store.close());
  return store;
}

it('is opened as it was made', async () => {
  const store = await altered('SELECT 1');
  expect(await store.identity()).toEqual({ origin: 'log.example.org/x', key: 'k' });
});

it.each([
  [
    'a view that never ends in the place of a table',
    `DROP TABLE published; CREATE VIEW published AS ${endless} SELECT 1 one, count(*) size, x root, x note FROM c`,
  ],
  [
    'a view in the place of the first table',
    `DROP TABLE log; CREATE VIEW log AS ${endless} SELECT x one, 1 format, 'o' origin, 'k' key, x next FROM c`,
  ],
  ['a trigger', 'CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM signed; END'],
  ['a table of other types', 'DROP TABLE tree; CREATE TABLE tree (one, size, root)'],
  ['a further table', 'CREATE TABLE more (x)'],
  ['a missing index', 'DROP INDEX entry_key'],
])('is refused with %s', async (_what, sql) => {
  const store = await altered(sql);
  await expect(store.identity()).rejects.toMatchObject({ code: 'LOG_UNSUITABLE' });
});
