/** From sequenced entries to the tree. */
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { Integrator } from '../../src/log/integrator.ts';
import type { LogStore } from '../../src/store/log-store.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { entry, hooked, newDesk } from '../support/running-logs.ts';

async function sequence(store: LogStore, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, at) => from + at);
  await store.sequence(
    numbers.map((n) => ({ leaf: leafHash(entry(n)), bytes: entry(n), quotas: [] })),
  );
}

const treeOf = (size: number) =>
  Frontier.empty.extend(Array.from({ length: size }, (_, n) => leafHash(entry(n)))).frontier.head;

async function altered(path: string, sql: string): Promise<void> {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

/** A store with so many sequenced entries, the first of them integrated. */
async function prepared(sequenced: number, integrated = 0) {
  const desk = await newDesk();
  const store = await desk.store();
  await sequence(store, 0, integrated);
  await (await Integrator.open(store)).run();
  await sequence(store, integrated, sequenced);
  return { desk, store };
}

describe('integrating', () => {
  it('brings in all that has an index, over steps and openings', async () => {
    const { store } = await prepared(5000, 300);
    const integrator = await Integrator.open(store);
    expect(integrator.frontier.size).toBe(300n);
    await integrator.run();
    expect(await store.head()).toEqual(treeOf(5000));
    expect((await Integrator.open(store)).frontier.head).toEqual(treeOf(5000));
  });

  it('is shared: the one that comes second goes on from what the first did', async () => {
    const { desk, store } = await prepared(600);
    const [a, b] = [await Integrator.open(store), await Integrator.open(await desk.store())];
    await a.run();
    await sequence(store, 600, 700);
    await Promise.all([a.run(), b.run()]);
    expect(a.frontier.head).toEqual(treeOf(700));
    expect(b.frontier.head).toEqual(treeOf(700));
  });

  it('does not take a slow look at the tree for one that went back', async () => {
    const { store } = await prepared(10);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let armed = true;
    const slow = hooked(store, async (call, real) => {
      const result = await real();
      if (call === 'tile' && armed) {
        armed = false;
        await held;
      }
      return result;
    });
    const integrator = await Integrator.open(slow);
    await (await Integrator.open(store)).run();
    const looking = integrator.refresh();
    await vi.waitFor(() => expect(armed).toBe(false));
    await sequence(store, 10, 20);
    await integrator.run();
    release();
    expect((await looking).head).toEqual(treeOf(20));
    expect(integrator.frontier.head).toEqual(treeOf(20));
  });

  it('stops where the tree is another of the same size', async () => {
    const { desk, store } = await prepared(10, 10);
    const integrator = await Integrator.open(store);
    const other = await prepared(0);
    await other.store.sequence([{ leaf: leafHash(entry(99)), bytes: entry(99), quotas: [] }]);
    await sequence(other.store, 0, 9);
    await (await Integrator.open(other.store)).run();
    const [tile] = [await other.store.tile({ level: 0, index: 0n, width: 10 })];
    const { root } = await other.store.head();
    const database = new Database(desk.database);
    database.prepare('UPDATE tree SET root = ?').run(root);
    database.prepare('UPDATE tile SET bytes = ? WHERE level = 0').run(tile);
    database.close();
    await sequence(store, 10, 12);
    await expect(integrator.run()).rejects.toMatchObject({
      code: 'LOG_READ_ONLY',
      message: expect.stringContaining('another tree of 10 entries'),
    });
  });

  it('does again what it did not hear the end of', async () => {
    const { store } = await prepared(10);
    const deaf = hooked(store, async (call, real) => {
      await real();
      if (call === 'integrate') throw new Error('the connection was lost');
      return real();
    });
    const integrator = await Integrator.open(deaf);
    await expect(integrator.run()).rejects.toThrow('lost');
    const again = await Integrator.open(store);
    await again.run();
    expect(await store.head()).toEqual(treeOf(10));
  });

  it.each([
    ['a missing entry', 'DELETE FROM entry WHERE idx = 302', /Entry 302/],
    ['a missing first entry', 'DELETE FROM entry WHERE idx = 300', /Entry 300/],
    ['missing last entries', 'DELETE FROM entry WHERE idx >= 300', /Entry 300/],
    ['altered bytes', "UPDATE entry SET bytes = x'00' WHERE idx = 301", /Entry 301/],
    ['an altered leaf', 'UPDATE entry SET leaf = zeroblob(32) WHERE idx = 301', /Entry 301/],
  ])('stops at %s', async (_, sql, about) => {
    const { desk, store } = await prepared(305, 300);
    const integrator = await Integrator.open(store);
    await altered(desk.database, sql);
    await expect(integrator.run()).rejects.toMatchObject({
      code: 'LOG_WRONG',
      message: expect.stringMatching(about),
    });
    expect(await store.head()).toEqual(treeOf(300));
  });

  it.each([
    ['an altered root', 'UPDATE tree SET root = zeroblob(32)'],
    ['an altered size', 'UPDATE tree SET size = 299'],
    [
      'an altered last tile',
      'UPDATE tile SET bytes = zeroblob(44 * 32) WHERE level = 0 AND idx = 1',
    ],
    [
      'a last tile that is too short',
      'UPDATE tile SET bytes = zeroblob(32) WHERE level = 0 AND idx = 1',
    ],
    ['a missing last tile', 'DELETE FROM tile WHERE level = 0 AND idx = 1'],
    ['an altered tile of the level above', 'UPDATE tile SET bytes = zeroblob(32) WHERE level = 1'],
    ['a negative size', 'UPDATE tree SET size = -1'],
    ['a root of another length', "UPDATE tree SET root = x'00'"],
  ])('does not open on %s', async (_, sql) => {
    const { desk, store } = await prepared(300, 300);
    await altered(desk.database, sql);
    await expect(Integrator.open(store)).rejects.toMatchObject({
      code: 'LOG_WRONG',
      message: expect.stringContaining(desk.database),
    });
  });

  it('looks at a damaged tree once: only one that grows meanwhile is read again', async () => {
    const { desk, store } = await prepared(300, 300);
    await altered(desk.database, 'UPDATE tree SET root = zeroblob(32)');
    const calls: string[] = [];
    const listened = hooked(store, (call, real) => {
      calls.push(call);
      return real();
    });
    await expect(Integrator.open(listened)).rejects.toMatchObject({ code: 'LOG_WRONG' });
    expect(calls).toEqual(['head', 'tile', 'tile', 'head']);
  });

  it('refuses a tree that became smaller under it', async () => {
    const { desk, store } = await prepared(300, 300);
    const integrator = await Integrator.open(store);
    const { root } = treeOf(256);
    await altered(
      desk.database,
      `UPDATE tree SET size = 256, root = x'${Buffer.from(root).toString('hex')}'`,
    );
    await expect(integrator.refresh()).rejects.toMatchObject({ code: 'LOG_READ_ONLY' });
    await expect(integrator.refresh()).rejects.toMatchObject({ code: 'LOG_READ_ONLY' });
  });

  it('overwrites no full tile with another', async () => {
    const { desk, store } = await prepared(300, 200);
    await altered(desk.database, 'INSERT OR REPLACE INTO tile VALUES (1, 0, zeroblob(8192))');
    await expect((await Integrator.open(store)).run()).rejects.toMatchObject({ code: 'LOG_WRONG' });
    expect((await store.head()).size).toBe(200n);
  });
});
