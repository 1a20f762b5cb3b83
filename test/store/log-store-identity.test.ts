/** Whose log it is, and what is refused as one, on each form of the rows. */
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqliteLog } from '../../src/store/log-sqlite.ts';
import { describeBoth, emptyLog, entriesOf, fill, testLog } from '../support/log-stores.ts';

/** Of SQLite; a page that is cut within is not missed before it is read. */
const page = 4096;
const unsuitable = { name: 'LogError', code: 'LOG_UNSUITABLE' };

await describeBoth('whose log it is', (form) => {
  test('is what it was made as', async () => {
    const { place, store } = await emptyLog(form);
    expect(await store.identity()).toEqual(testLog);
    expect(await (await place.open()).identity()).toEqual(testLog);
  });

  test('is not changed by making it again', async () => {
    const { place, store } = await emptyLog(form);
    await fill(store, 5);
    const other = await place.open();
    for (const handle of [store, other]) {
      await expect(handle.create({ origin: 'another', key: 'key' })).rejects.toMatchObject(
        unsuitable,
      );
    }
    expect(await other.identity()).toEqual(testLog);
    expect(await other.sequenced()).toBe(5n);
  });

  test('is nobody’s before it is made', async () => {
    const place = await form.place();
    const store = await place.open();
    await expect(store.identity()).rejects.toMatchObject(unsuitable);
    await store.create(testLog);
    expect(await store.identity()).toEqual(testLog);
  });

  test('is refused where the rows have another format', async () => {
    const { place, store } = await emptyLog(form);
    await place.alter('UPDATE @.log SET format = 2');
    await expect(store.identity()).rejects.toMatchObject(unsuitable);
  });

  test('is refused where a row is missing', async () => {
    const { place, store } = await emptyLog(form);
    await place.alter('DELETE FROM @.log');
    await expect(store.identity()).rejects.toMatchObject(unsuitable);
    await expect(store.sequenced()).rejects.toMatchObject(unsuitable);
    await expect(store.sequence(entriesOf(0, 1))).rejects.toMatchObject(unsuitable);
    await place.alter('DELETE FROM @.tree');
    await expect(store.head()).rejects.toMatchObject(unsuitable);
  });

  test.each(['tree', 'entry', 'tile', 'signed', 'published', 'quota'])(
    'is refused where the table %s is missing',
    async (table) => {
      const { place, store } = await emptyLog(form);
      await place.alter(`DROP TABLE @.${table}`);
      await expect(store.identity()).rejects.toMatchObject(unsuitable);
    },
  );

  test.each([
    ['the tree goes further than the entries', 'UPDATE @.tree SET size = 6'],
    ['an entry stands beyond the last', 'UPDATE @.log SET next = 4'],
    ['there is no head', 'DELETE FROM @.tree'],
  ])('is refused where %s', async (_, sql) => {
    const { place, store } = await emptyLog(form);
    await store.sequence(entriesOf(0, 5));
    expect(await store.identity()).toEqual(testLog);
    await place.alter(sql);
    await expect(store.identity()).rejects.toMatchObject(unsuitable);
  });
});

describe('a file that is no log', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'touchstone-log-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Whatever the file is, nothing of it is changed. */
  async function identify(path: string) {
    const store = await openSqliteLog(path, 'existing');
    try {
      return await store.identity();
    } finally {
      await store.close();
    }
  }

  test('there is none, and none is made', async () => {
    const path = join(folder, 'none.db');
    await expect(identify(path)).rejects.toMatchObject(unsuitable);
    expect(await readdir(folder)).not.toContain('none.db');
  });

  test('an empty one', async () => {
    const path = join(folder, 'empty.db');
    await writeFile(path, '');
    await expect(identify(path)).rejects.toMatchObject(unsuitable);
    expect((await stat(path)).size).toBe(0);
  });

  test('a text, and a folder', async () => {
    const path = join(folder, 'text.db');
    await writeFile(path, 'no database\n'.repeat(1000));
    await expect(identify(path)).rejects.toMatchObject(unsuitable);
    await expect(identify(folder)).rejects.toMatchObject(unsuitable);
  });

  test('another program’s database', async () => {
    const path = join(folder, 'other.db');
    const database = new Database(path);
    database.exec('CREATE TABLE people (name TEXT)');
    database.close();
    await expect(identify(path)).rejects.toMatchObject(unsuitable);
    const store = await openSqliteLog(path, 'create');
    await expect(store.create(testLog)).rejects.toMatchObject(unsuitable);
    await store.close();
  });

  test.each([0.02, 0.5, 0.99])('one that was cut to %f of its length', async (part) => {
    const path = join(folder, `cut-${part}.db`);
    const store = await openSqliteLog(path, 'create');
    await store.create(testLog);
    await fill(store, 1000);
    await store.close();
    expect(await identify(path)).toEqual(testLog);
    const { size } = await stat(path);
    await truncate(path, Math.floor((size * part) / page) * page);
    await expect(identify(path)).rejects.toMatchObject(unsuitable);
  });
});
