/** Reading a log's rows as its readers on the web do. */
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createReader } from '../../src/log/reader.ts';
import { leafHash, sameHead, verifyConsistency, verifyInclusion } from '../../src/tlog/merkle.ts';
import { encodeBundle, readTile } from '../../src/tlog/tile.ts';
import { fill, newDesk } from '../support/running-logs.ts';

/** A log of 600 entries; `sql` is done to its rows before they are read. */
async function reading(sql = '') {
  const desk = await newDesk();
  const log = await desk.log();
  for (const [from, to] of [
    [0, 100],
    [100, 300],
    [300, 600],
  ] as const) {
    await fill(log, from, to);
  }
  await log.close();
  const other = new Database(desk.database);
  other.exec(sql);
  other.close();
  const store = await desk.store();
  const head = await store.head();
  const entries = (await store.entries(0n, 600)).map(({ bytes }) => bytes);
  const signed = await store.signedAfter(0n, 100);
  return { reader: createReader(store), store, head, entries, signed };
}

const wrong = (code: string, about: RegExp) => ({ code, message: expect.stringMatching(about) });

describe('a reader', () => {
  it('gives tiles, bundles and entries, whole and in part', async () => {
    const { reader, entries } = await reading();
    const full = await reader.tile({ level: 0, index: 0n, width: 256 });
    expect(full).toHaveLength(256 * 32);
    const narrow = await reader.tile({ level: 0, index: 0n, width: 3 });
    expect(readTile(narrow, 3)).toEqual(full.subarray(0, 96));
    expect(await reader.tile({ level: 0, index: 2n, width: 88 })).toHaveLength(88 * 32);
    expect(await reader.tile({ level: 1, index: 0n, width: 2 })).toHaveLength(64);
    expect(await reader.bundle({ level: 'entries', index: 2n, width: 88 })).toEqual(
      encodeBundle(entries.slice(512, 600)),
    );
    expect(await reader.entry(599n)).toEqual(entries[599]);
  });

  it('keeps a tile that still grows, and reads it again once it has to be wider', async () => {
    const desk = await newDesk();
    const log = await desk.log();
    await fill(log, 0, 10);
    const tile = (width: number) => log.reader.tile({ level: 0, index: 0n, width });
    const ten = await tile(10);
    expect(await tile(7)).toBe(ten);
    await fill(log, 10, 20);
    const twenty = await tile(20);
    expect(twenty).toHaveLength(20 * 32);
    expect(readTile(twenty, 10)).toEqual(readTile(ten, 10));
  });

  it('says what is not there', async () => {
    const { reader } = await reading();
    const none = { code: 'LOG_UNSUITABLE' };
    await expect(reader.tile({ level: 0, index: 2n, width: 89 })).rejects.toMatchObject(none);
    await expect(reader.tile({ level: 0, index: 3n, width: 1 })).rejects.toMatchObject(none);
    await expect(reader.entry(600n)).rejects.toMatchObject(none);
    const wide = reader.bundle({ level: 'entries', index: 2n, width: 89 });
    await expect(wide).rejects.toMatchObject(none);
  });

  it('proves every entry, and every checkpoint to the newest', async () => {
    const { reader, head, entries, signed } = await reading();
    for (const index of [0, 1, 99, 255, 256, 511, 512, 599]) {
      const proof = await reader.inclusion(BigInt(index), head);
      const leaf = leafHash(entries[index] ?? new Uint8Array());
      const { size, root } = head;
      expect(verifyInclusion({ index: BigInt(index), size, leaf, root, proof })).toBe(true);
    }
    for (const from of signed) {
      const proof = await reader.consistency(from, head);
      expect(verifyConsistency({ from, to: head, proof })).toBe(true);
      expect(await reader.consistencyFrom(from.size, head)).toEqual(proof);
    }
    await expect(reader.inclusion(600n, head)).rejects.toBeInstanceOf(RangeError);
  });

  it('hands out no proof that does not hold', async () => {
    const { reader, head, signed } = await reading();
    const root = head.root.slice().fill(1, 0, 1);
    const [first] = signed;
    if (first === undefined) throw new Error('nothing is signed');
    const other = { ...head, root };
    await expect(reader.inclusion(5n, other)).rejects.toMatchObject(
      wrong('LOG_WRONG', /entry 5 is not in its tree of 600/),
    );
    await expect(reader.consistency(first, other)).rejects.toMatchObject(
      wrong('LOG_WRONG', /does not contain/),
    );
    const forked = { ...first, root };
    await expect(reader.consistency(forked, head)).rejects.toMatchObject({ code: 'LOG_WRONG' });
  });

  it('notices rows that were altered or taken away', async () => {
    const altered = await reading("UPDATE entry SET bytes = x'00' WHERE idx = 7");
    await expect(altered.reader.inclusion(7n, altered.head)).rejects.toMatchObject({
      code: 'LOG_WRONG',
    });
    await altered.reader.inclusion(8n, altered.head);
    const tile = await reading(
      'UPDATE tile SET bytes = zeroblob(8192) WHERE level = 0 AND idx = 1',
    );
    await expect(tile.reader.inclusion(300n, tile.head)).rejects.toMatchObject({
      code: 'LOG_WRONG',
    });
    const gone = await reading('DELETE FROM tile WHERE level = 0 AND idx = 0');
    await expect(gone.reader.inclusion(3n, gone.head)).rejects.toMatchObject(
      wrong('LOG_UNSUITABLE', /no tile 0\/0/),
    );
    const hole = await reading('DELETE FROM entry WHERE idx = 300');
    const bundle = hole.reader.bundle({ level: 'entries', index: 1n, width: 256 });
    await expect(bundle).rejects.toMatchObject(wrong('LOG_UNSUITABLE', /entry/));
  });

  it('tells heads apart by size and root', () => {
    const head = { size: 1n, root: new Uint8Array(32) };
    expect(sameHead(head, { ...head })).toBe(true);
    expect(sameHead(head, { ...head, size: 2n })).toBe(false);
    expect(sameHead(head, { ...head, root: new Uint8Array(32).fill(1) })).toBe(false);
  });
});
