/** The witness's memory: no rollback, no second winner, nothing lost with the process. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { openWitnessStore } from '../../src/store/witness-store.ts';
import { maxSize } from '../../src/tlog/merkle.ts';
import { repositoryFile, temporaryFolder } from '../support/cli.ts';

const origin = 'log.example.org/test';

function checkpoint(size: bigint | number, fill = Number(BigInt(size) % 251n)) {
  const root = new Uint8Array(32).fill(fill);
  return { size: BigInt(size), root, note: `note of ${size}, ${fill}\n` };
}

async function open(path = join(temporaryFolder(), 'witness.db')) {
  const store = await openWitnessStore(path, 'create');
  onTestFinished(() => store.close());
  return { store, path };
}

describe('the latest checkpoint', () => {
  it('is none, then the last one that was stored, by log', async () => {
    const { store } = await open();
    expect(store.latest(origin)).toBeUndefined();
    expect(store.advance(origin, undefined, checkpoint(3))).toBe(true);
    expect(store.advance(origin, checkpoint(3), checkpoint(7))).toBe(true);
    expect(store.advance('other', undefined, checkpoint(0))).toBe(true);
    expect(store.latest(origin)).toEqual(checkpoint(7));
    expect(store.latest('other')).toEqual(checkpoint(0));
    expect(store.latest(`${origin} `)).toBeUndefined();
    expect(store.latest(origin.toUpperCase())).toBeUndefined();
  });

  it('may be as large as sizes are', async () => {
    const { store } = await open();
    store.advance(origin, undefined, checkpoint(2n ** 53n + 1n));
    expect(store.latest(origin)?.size).toBe(2n ** 53n + 1n);
    expect(store.advance(origin, checkpoint(2n ** 53n + 1n), checkpoint(maxSize))).toBe(true);
    expect(store.latest(origin)?.size).toBe(maxSize);
  });

  it('may get another note at the same size', async () => {
    const { store } = await open();
    store.advance(origin, undefined, checkpoint(3));
    const fresh = { ...checkpoint(3), note: 'fresh\n' };
    expect(store.advance(origin, checkpoint(3), fresh)).toBe(true);
    expect(store.latest(origin)).toEqual(fresh);
  });

  it('is there after closing and opening', async () => {
    const path = join(temporaryFolder(), 'witness.db');
    const first = await openWitnessStore(path, 'create');
    first.advance(origin, undefined, checkpoint(3));
    first.close();
    const store = await openWitnessStore(path, 'existing');
    onTestFinished(() => store.close());
    expect(store.latest(origin)).toEqual(checkpoint(3));
  });
});

describe('an advance that does not fit', () => {
  it.each([
    ['there is one already', undefined],
    ['from another size', checkpoint(4)],
    ['from an older size', checkpoint(1)],
    ['from another root', checkpoint(3, 9)],
  ])('%s: changes nothing', async (_what, from) => {
    const { store } = await open();
    store.advance(origin, undefined, checkpoint(3));
    expect(store.advance(origin, from, checkpoint(7))).toBe(false);
    expect(store.latest(origin)).toEqual(checkpoint(3));
  });

  it('from something, where there is nothing, makes nothing', async () => {
    const { store } = await open();
    expect(store.advance(origin, checkpoint(3), checkpoint(7))).toBe(false);
    expect(store.latest(origin)).toBeUndefined();
  });

  it.each([
    ['backwards', checkpoint(3), checkpoint(2)],
    ['to another root at the same size', checkpoint(3), checkpoint(3, 9)],
    ['below nothing', undefined, checkpoint(-1, 0)],
    ['above all sizes', undefined, checkpoint(maxSize + 1n)],
    ['to half a root', undefined, { ...checkpoint(3), root: new Uint8Array(16) }],
  ])('%s is a fault of the caller', async (_what, from, to) => {
    const { store } = await open();
    if (from !== undefined) store.advance(origin, undefined, from);
    expect(() => store.advance(origin, from, to)).toThrow(RangeError);
    expect(store.latest(origin)).toEqual(from);
  });
});

describe('two handles on one file', () => {
  it('cannot both advance from the same size', async () => {
    const { store: a, path } = await open();
    const { store: b } = await open(path);
    const winners = (...results: boolean[]) => results.filter((won) => won).length;
    const first = winners(
      a.advance(origin, undefined, checkpoint(3)),
      b.advance(origin, undefined, checkpoint(4)),
    );
    expect(first).toBe(1);
    const [seenByA, seenByB] = [a.latest(origin), b.latest(origin)];
    expect(seenByA).toEqual(seenByB);
    const second = winners(
      b.advance(origin, seenByB, checkpoint(9)),
      a.advance(origin, seenByA, checkpoint(7)),
    );
    expect(second).toBe(1);
    expect(a.latest(origin)).toEqual(checkpoint(9));
  });
});

describe('the file', () => {
  it('is in WAL mode, and says whose it is', async () => {
    const path = join(temporaryFolder(), 'witness.db');
    const store = await openWitnessStore(path, 'create');
    store.advance(origin, undefined, checkpoint(3));
    expect(existsSync(`${path}-wal`)).toBe(true);
    store.close();
    const header = readFileSync(path).subarray(0, 100);
    // SQLite file format 1.3: read and write version 2 is WAL; the application ID stands at 68.
    expect([header[18], header[19]]).toEqual([2, 2]);
    expect(header.subarray(68, 72).toString()).toBe('TsWi');
  });

  it('that is not there, cut to nothing or without our table is not begun anew', async () => {
    const path = join(temporaryFolder(), 'witness.db');
    const unsuitable = { name: 'LogError', code: 'LOG_UNSUITABLE' };
    await expect(openWitnessStore(path, 'existing')).rejects.toMatchObject(unsuitable);
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, '');
    await expect(openWitnessStore(path, 'existing')).rejects.toMatchObject(unsuitable);
    new Database(path).exec('CREATE TABLE t (x); DROP TABLE t').close();
    await expect(openWitnessStore(path, 'existing')).rejects.toMatchObject(unsuitable);
    (await openWitnessStore(path, 'create')).close();
    (await openWitnessStore(path, 'existing')).close();
  });

  it.each([
    ['something else', 'x'.repeat(5000)],
    ['the head of a database and nothing behind', `SQLite format 3\0${'\u0001'.repeat(2000)}`],
  ])('that is %s is left alone', async (_what, content) => {
    const path = join(temporaryFolder(), 'witness.db');
    writeFileSync(path, content);
    await expect(openWitnessStore(path, 'create')).rejects.toMatchObject({
      code: 'LOG_UNSUITABLE',
    });
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  it.each([
    ['another program', 'CREATE TABLE t (x); PRAGMA application_id = 1'],
    ['a program that says nothing', 'CREATE TABLE t (x)'],
    ['a later version', 'PRAGMA application_id = 0x54735769; PRAGMA user_version = 2'],
  ])('of %s is left alone', async (_what, sql) => {
    const path = join(temporaryFolder(), 'witness.db');
    const database = new Database(path);
    database.exec(sql);
    const tables = () => database.prepare('SELECT name FROM sqlite_master').all();
    const before = tables();
    await expect(openWitnessStore(path, 'create')).rejects.toMatchObject({
      code: 'LOG_UNSUITABLE',
    });
    expect(tables()).toEqual(before);
    database.close();
  });

  it('with a damaged row is told', async () => {
    const { store, path } = await open();
    store.advance(origin, undefined, checkpoint(3));
    const database = new Database(path);
    database.exec('DROP TABLE latest');
    database.close();
    expect(() => store.latest(origin)).toThrow(
      expect.objectContaining({ name: 'LogError', code: 'LOG_UNAVAILABLE' }),
    );
  });
});

test('what was answered is there after the process was killed', async () => {
  const built = repositoryFile('dist/src/store/witness-store.js');
  if (!existsSync(built)) throw new Error('Build first: node scripts/setup.mjs');
  const path = join(temporaryFolder(), 'witness.db');
  const script = `
    const { openWitnessStore } = await import(${JSON.stringify(pathToFileURL(built).href)});
    const store = await openWitnessStore(${JSON.stringify(path)}, 'create');
    let from;
    for (let size = 1n; ; size += 1n) {
      const to = { size, root: new Uint8Array(32).fill(Number(size % 251n)), note: 'note\\n' };
      if (!store.advance(${JSON.stringify(origin)}, from, to)) process.exit(1);
      from = to;
      process.stdout.write(size + '\\n');
      await new Promise((resolve) => setImmediate(resolve));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let heard = '';
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject).on('close', () => resolve());
    child.stdout.setEncoding('utf8').on('data', (data) => {
      heard += data;
      if (heard.split('\n').length > 30) child.kill('SIGKILL');
    });
  });
  expect(child.signalCode).toBe('SIGKILL');
  const told = BigInt(heard.slice(0, heard.lastIndexOf('\n')).split('\n').at(-1) ?? '');
  expect(told).toBeGreaterThanOrEqual(30n);
  const { store } = await open(path);
  const latest = store.latest(origin);
  // One more may have been stored and not told.
  expect([told, told + 1n]).toContain(latest?.size);
  expect(latest?.root).toEqual(new Uint8Array(32).fill(Number((latest?.size ?? 0n) % 251n)));
  expect(store.advance(origin, latest, checkpoint(10_000))).toBe(true);
});
