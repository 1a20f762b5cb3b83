/** The contract of the rows below a log, on each of its forms: entries, quotas, tiles, checkpoints. */
import { describe, expect, test } from 'vitest';
import { concat } from '../../src/bytes/bytes.ts';
import type { Sequenced } from '../../src/store/log-store.ts';
import { emptyRoot } from '../../src/tlog/merkle.ts';
import {
  checkpointOf,
  describeBoth,
  emptyLog,
  entriesOf,
  entryOf,
  fill,
  grownBy,
  hashOf,
  headOf,
  quotaOf,
  treeOf,
} from '../support/log-stores.ts';

const fresh = (index: bigint): Sequenced => ({ kind: 'new', index });
const known = (index: bigint): Sequenced => ({ kind: 'known', index });
const over: Sequenced = { kind: 'over-quota' };
const twoTo32 = 2n ** 32n;
const twoTo53 = 2n ** 53n;

await describeBoth('the rows of a log', (form) => {
  describe('an empty log', () => {
    test('has nothing in it', async () => {
      const { store } = await emptyLog(form);
      expect(await store.sequenced()).toBe(0n);
      expect(await store.head()).toEqual({ size: 0n, root: emptyRoot });
      expect(await store.latestSigned()).toBeUndefined();
      expect(await store.signedAt(0n)).toBeUndefined();
      expect(await store.signedAfter(0n, 10)).toEqual([]);
      expect(await store.published()).toBeUndefined();
      expect(await store.entries(0n, 10)).toEqual([]);
      expect(await store.find(hashOf('a'))).toBeUndefined();
      expect(await store.byKey(hashOf('a'), 0n, 10)).toEqual([]);
      expect(await store.tile({ level: 0, index: 0n, width: 1 })).toBeUndefined();
    });

    test('takes an empty batch', async () => {
      const { store } = await emptyLog(form);
      expect(await store.sequence([])).toEqual([]);
      expect(await store.sequenced()).toBe(0n);
    });

    test('is signed and published at size 0', async () => {
      const { store } = await emptyLog(form);
      const checkpoint = checkpointOf({ size: 0n, root: emptyRoot });
      expect(await store.publish(checkpoint)).toBe(false);
      expect(await store.sign(checkpoint)).toBe(true);
      expect(await store.publish(checkpoint)).toBe(true);
      expect(await store.signedAt(0n)).toEqual(checkpoint);
      expect(await store.published()).toEqual(checkpoint);
    });
  });

  describe('sequencing', () => {
    test('counts from 0 in the order handed in, and on from there', async () => {
      const { store } = await emptyLog(form);
      const batch = ['c', 'a', 'b'].map((content) => entryOf(content));
      expect(await store.sequence(batch)).toEqual([fresh(0n), fresh(1n), fresh(2n)]);
      expect(await store.sequence([entryOf('0'), entryOf('z')])).toEqual([fresh(3n), fresh(4n)]);
      expect(await store.sequenced()).toBe(5n);
      expect(
        (await store.entries(0n, 10)).map(({ bytes }) => String.fromCharCode(...bytes)),
      ).toEqual(['c', 'a', 'b', '0', 'z']);
    });

    test('gives an entry the index that it has, also within a batch', async () => {
      const { store } = await emptyLog(form);
      const [a, b, c] = [entryOf('a'), entryOf('b', { key: hashOf('k') }), entryOf('c')];
      expect(await store.sequence([a, b, a, b])).toEqual([
        fresh(0n),
        fresh(1n),
        known(0n),
        known(1n),
      ]);
      expect(await store.sequence([b, c, a, c])).toEqual([
        known(1n),
        fresh(2n),
        known(0n),
        known(2n),
      ]);
      // Another key does not make it another entry.
      expect(await store.sequence([entryOf('b', { key: hashOf('l') })])).toEqual([known(1n)]);
      expect(await store.byKey(hashOf('l'), 0n, 10)).toEqual([]);
      expect(await store.sequenced()).toBe(3n);
    });

    test('keeps the smallest and the largest entry, with the longest key', async () => {
      const { store } = await emptyLog(form);
      const large = new Uint8Array(65_535).map((_, at) => (at * 7) % 256);
      const key = new Uint8Array(64).fill(255);
      const batch = [entryOf(new Uint8Array(), { key: Uint8Array.of(0) }), entryOf(large, { key })];
      expect(await store.sequence(batch)).toEqual([fresh(0n), fresh(1n)]);
      expect(await store.entries(0n, 10)).toEqual(
        batch.map(({ leaf, bytes }, at) => ({ index: BigInt(at), leaf, bytes })),
      );
      expect(await store.byKey(Uint8Array.of(0), 0n, 10)).toEqual([0n]);
      expect(await store.byKey(key, 0n, 10)).toEqual([1n]);
    });

    test('takes a batch of many large entries in its order', async () => {
      const { store } = await emptyLog(form);
      const batch = Array.from({ length: 300 }, (_, at) =>
        entryOf(new Uint8Array(65_535).fill(at % 256).fill(at >> 8, 0, 1)),
      );
      const results = await store.sequence(batch);
      expect(results).toEqual(batch.map((_, at) => fresh(BigInt(at))));
      const [last] = await store.entries(299n, 1);
      expect(last).toEqual({ index: 299n, leaf: batch[299]?.leaf, bytes: batch[299]?.bytes });
      expect(await store.find(batch[128]?.leaf ?? emptyRoot)).toBe(128n);
    });

    test('goes on beyond 2^32 and 2^53', async () => {
      const { place, store } = await emptyLog(form);
      for (const start of [twoTo32 - 1n, twoTo53 - 1n]) {
        await place.alter(`UPDATE @.log SET next = ${start}`);
        const batch = [1, 2, 3].map((at) => entryOf(`${start} ${at}`, { key: hashOf(`${start}`) }));
        const indexes = [start, start + 1n, start + 2n];
        expect(await store.sequence(batch)).toEqual(indexes.map(fresh));
        expect(await store.sequence(batch)).toEqual(indexes.map(known));
        expect(await store.sequenced()).toBe(start + 3n);
        expect((await store.entries(start + 1n, 1)).map(({ index }) => index)).toEqual([
          start + 1n,
        ]);
        expect(await store.byKey(hashOf(`${start}`), start + 1n, 5)).toEqual(indexes.slice(1));
        expect(await store.find(batch[2]?.leaf ?? emptyRoot)).toBe(start + 2n);
      }
    });
  });

  describe('quotas', () => {
    test('are counted in order within a batch and across batches', async () => {
      const { store } = await emptyLog(form);
      const quotas = [quotaOf('owner', 3)];
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((content) => entryOf(content, { quotas }));
      const free = entryOf('free');
      if (!a || !b || !c || !d) throw new Error('four entries');
      expect(await store.sequence([a, b])).toEqual([fresh(0n), fresh(1n)]);
      expect(await store.sequence([c, d, free, d])).toEqual([fresh(2n), over, fresh(3n), over]);
      expect(await store.find(d.leaf)).toBeUndefined();
      expect(await store.sequence([d])).toEqual([over]);
      expect(await store.sequenced()).toBe(4n);
    });

    test('are not used up by known entries', async () => {
      const { store } = await emptyLog(form);
      const quotas = [quotaOf('owner', 2)];
      const [a, b, c] = ['a', 'b', 'c'].map((content) => entryOf(content, { quotas }));
      if (!a || !b || !c) throw new Error('three entries');
      expect(await store.sequence([a, a, a])).toEqual([fresh(0n), known(0n), known(0n)]);
      expect(await store.sequence([a, b, a, b, c])).toEqual([
        known(0n),
        fresh(1n),
        known(0n),
        known(1n),
        over,
      ]);
      // Known stays known when the quota is used up.
      expect(await store.sequence([a, c])).toEqual([known(0n), over]);
    });

    test('count together: one that is used up spends none of the others', async () => {
      const { store } = await emptyLog(form);
      const both = [quotaOf('card', 1), quotaOf('owner', 2)];
      const owner = [quotaOf('owner', 2)];
      const batch = [
        entryOf('a', { quotas: both }),
        entryOf('b', { quotas: both }),
        entryOf('c', { quotas: owner }),
        entryOf('d', { quotas: owner }),
      ];
      expect(await store.sequence(batch)).toEqual([fresh(0n), over, fresh(1n), over]);
    });

    test('of other keys and windows are other quotas, and the limit is that of the entry', async () => {
      const { store } = await emptyLog(form);
      const at = (content: string, limit: number, name = 'owner', window = '2026-11-25') =>
        entryOf(content, { quotas: [quotaOf(name, limit, window)] });
      expect(await store.sequence([at('a', 1), at('b', 1)])).toEqual([fresh(0n), over]);
      expect(await store.sequence([at('c', 1, 'other')])).toEqual([fresh(1n)]);
      expect(await store.sequence([at('d', 1, 'owner', '2026-11-26')])).toEqual([fresh(2n)]);
      expect(await store.sequence([at('e', 2), at('f', 2)])).toEqual([fresh(3n), over]);
    });

    test('are forgotten before a window, compared as text', async () => {
      const { store } = await emptyLog(form);
      const windows = ['2026-11-24', '2026-11-25', '2026-11-26', 'Z', 'a'];
      const batch = (round: string) =>
        windows.map((window) =>
          entryOf(`${round} ${window}`, { quotas: [quotaOf('owner', 1, window)] }),
        );
      await store.sequence(batch('first'));
      await store.forgetQuotas('2026-11-25');
      expect((await store.sequence(batch('second'))).map(({ kind }) => kind)).toEqual([
        'new',
        ...Array.from({ length: 4 }, () => 'over-quota'),
      ]);
      await store.forgetQuotas('a');
      expect((await store.sequence(batch('third'))).map(({ kind }) => kind)).toEqual([
        ...Array.from({ length: 4 }, () => 'new'),
        'over-quota',
      ]);
    });

    test('are exact when two batches come at once', async () => {
      const { place, store } = await emptyLog(form);
      const other = await place.open();
      const quotas = [quotaOf('owner', 25)];
      const batches = Array.from({ length: 10 }, (_, batch) =>
        Array.from({ length: 7 }, (_, at) => entryOf(`${batch}/${at}`, { quotas })),
      );
      const results = await Promise.all(
        batches.map((batch, at) => (at % 2 === 0 ? store : other).sequence(batch)),
      );
      expect(results.flat().filter(({ kind }) => kind === 'new')).toHaveLength(25);
      expect(await store.sequenced()).toBe(25n);
    });
  });

  describe('entries', () => {
    test('are read from an index on, up to a number', async () => {
      const { store } = await emptyLog(form);
      const batch = entriesOf(0, 20);
      await store.sequence(batch);
      const stored = batch.map(({ leaf, bytes }, at) => ({ index: BigInt(at), leaf, bytes }));
      expect(await store.entries(0n, 20)).toEqual(stored);
      expect(await store.entries(5n, 3)).toEqual(stored.slice(5, 8));
      expect(await store.entries(18n, 10)).toEqual(stored.slice(18));
      expect(await store.entries(20n, 10)).toEqual([]);
      expect(await store.entries(0n, 0)).toEqual([]);
    });

    test('are read up to a number of bytes, but one at least', async () => {
      const { store } = await emptyLog(form);
      const lengths = [10, 20, 30, 0, 40, 0, 0, 100];
      await store.sequence(lengths.map((length, at) => entryOf(new Uint8Array(length).fill(at))));
      // The empty ones have the same bytes: they are one entry, the fourth.
      const read = async (from: bigint, limit: number, maxBytes: number) =>
        (await store.entries(from, limit, maxBytes)).map(({ bytes }) => bytes.length);
      expect(await read(0n, 10, 60)).toEqual([10, 20, 30, 0]);
      expect(await read(0n, 10, 59)).toEqual([10, 20]);
      expect(await read(0n, 10, 99)).toEqual([10, 20, 30, 0]);
      expect(await read(0n, 10, 100)).toEqual([10, 20, 30, 0, 40]);
      expect(await read(0n, 10, 0)).toEqual([10]);
      expect(await read(3n, 10, 0)).toEqual([0]);
      expect(await read(3n, 10, 100)).toEqual([0, 40]);
      expect(await read(0n, 2, 1000)).toEqual([10, 20]);
      expect(await read(0n, 10, Number.POSITIVE_INFINITY)).toEqual([10, 20, 30, 0, 40, 100]);
    });

    test('are found by leaf hash and by key', async () => {
      const { store } = await emptyLog(form);
      const [card, other] = [hashOf('card'), hashOf('other')];
      const keys = [card, other, undefined, card, card, card.subarray(0, 31)];
      const batch = keys.map((key, at) => entryOf(`${at}`, key === undefined ? {} : { key }));
      await store.sequence(batch);
      expect(await Promise.all(batch.map(({ leaf }) => store.find(leaf)))).toEqual([
        ...[0n, 1n, 2n, 3n, 4n, 5n],
      ]);
      expect(await store.find(hashOf('0'))).toBeUndefined();
      expect(await store.byKey(card, 0n, 10)).toEqual([0n, 3n, 4n]);
      expect(await store.byKey(card, 1n, 10)).toEqual([3n, 4n]);
      expect(await store.byKey(card, 3n, 1)).toEqual([3n]);
      expect(await store.byKey(card, 5n, 10)).toEqual([]);
      expect(await store.byKey(other, 0n, 10)).toEqual([1n]);
      expect(await store.byKey(hashOf('none'), 0n, 10)).toEqual([]);
    });
  });

  describe('integrating', () => {
    test('grows the tree and its tiles from what it was', async () => {
      const { store } = await emptyLog(form);
      const first = await fill(store, 200);
      expect(await store.head()).toEqual(first.head);
      await store.sequence(entriesOf(200, 600));
      const { frontier, tiles } = grownBy(first, 400);
      expect(await store.integrate(first.head, frontier.head, tiles)).toBe(true);
      expect(await store.head()).toEqual(frontier.head);
      const all = concat(...entriesOf(0, 600).map(({ leaf }) => leaf));
      const level0 = [0, 1, 2].map((at) => all.subarray(at * 8192, (at + 1) * 8192));
      for (const [at, bytes] of level0.entries()) {
        const width = bytes.length / 32;
        expect(await store.tile({ level: 0, index: BigInt(at), width })).toEqual(bytes);
      }
      expect(await store.tile({ level: 1, index: 0n, width: 2 })).toHaveLength(64);
      expect(await store.tile({ level: 2, index: 0n, width: 1 })).toBeUndefined();
    });

    test('is refused from another size or another root, and changes nothing', async () => {
      const { store } = await emptyLog(form);
      const had = await fill(store, 10);
      await store.sequence(entriesOf(10, 300));
      const { frontier, tiles } = grownBy(had, 290);
      const tile = await store.tile({ level: 0, index: 0n, width: 1 });
      const others = [
        { size: 9n, root: had.root() },
        { size: 10n, root: treeOf(10, 'other ').root() },
        { size: 0n, root: emptyRoot },
        frontier.head,
      ];
      for (const from of others) {
        expect(await store.integrate(from, frontier.head, tiles)).toBe(false);
      }
      expect(await store.head()).toEqual(had.head);
      expect(await store.tile({ level: 0, index: 0n, width: 1 })).toEqual(tile);
      expect(await store.tile({ level: 0, index: 1n, width: 1 })).toBeUndefined();
      expect(await store.integrate(had.head, frontier.head, tiles)).toBe(true);
      expect(await store.integrate(had.head, frontier.head, tiles)).toBe(false);
    });

    test('is refused beyond what is sequenced, and changes nothing', async () => {
      const { store } = await emptyLog(form);
      const had = await fill(store, 10);
      const { frontier, tiles } = grownBy(had, 1);
      await expect(store.integrate(had.head, frontier.head, tiles)).rejects.toThrow(RangeError);
      expect(await store.head()).toEqual(had.head);
      expect(await store.tile({ level: 0, index: 0n, width: 11 })).toBeUndefined();
      await store.sequence(entriesOf(10, 11));
      expect(await store.integrate(had.head, frontier.head, tiles)).toBe(true);
    });

    test('stops at a full tile with other bytes, and changes nothing', async () => {
      const { place, store } = await emptyLog(form);
      await fill(store, 300);
      const full = await store.tile({ level: 0, index: 0n, width: 256 });
      await store.sequence(entriesOf(300, 600));
      // The head is put back, as an old copy of the rows would have it, and other entries come after it.
      const back = treeOf(200);
      const root = Buffer.from(back.root()).toString('hex');
      await place.alter(`UPDATE @.tree SET size = 200, root = hex(${root})`);
      const fork = grownBy(back, 400, 'other ');
      await expect(
        store.integrate(back.head, fork.frontier.head, fork.tiles),
      ).rejects.toMatchObject({ code: 'LOG_WRONG' });
      expect(await store.head()).toEqual(back.head);
      expect(await store.tile({ level: 0, index: 0n, width: 256 })).toEqual(full);
      expect(await store.tile({ level: 0, index: 2n, width: 1 })).toBeUndefined();
      // A narrower tile in its place is another one too.
      const short = grownBy(back, 10);
      await expect(
        store.integrate(back.head, short.frontier.head, short.tiles),
      ).rejects.toMatchObject({ code: 'LOG_WRONG' });
      // The same bytes are not.
      const same = grownBy(back, 400);
      expect(await store.integrate(back.head, same.frontier.head, same.tiles)).toBe(true);
      expect(await store.head()).toEqual(treeOf(600).head);
    });
  });

  describe('tiles', () => {
    test('are given whole, and not where they are narrower or missing', async () => {
      const { store } = await emptyLog(form);
      await fill(store, 300);
      const widths = async (index: bigint, width: number, level = 0) =>
        (await store.tile({ level, index, width }))?.length;
      expect(await widths(0n, 1)).toBe(8192);
      expect(await widths(0n, 256)).toBe(8192);
      expect(await widths(1n, 1)).toBe(44 * 32);
      expect(await widths(1n, 44)).toBe(44 * 32);
      expect(await widths(1n, 45)).toBeUndefined();
      expect(await widths(1n, 256)).toBeUndefined();
      expect(await widths(2n, 1)).toBeUndefined();
      expect(await widths(0n, 1, 1)).toBe(32);
      expect(await widths(0n, 2, 1)).toBeUndefined();
      expect(await widths(0n, 1, 63)).toBeUndefined();
      await expect(store.tile({ level: 'entries', index: 0n, width: 1 })).rejects.toThrow(
        RangeError,
      );
    });

    test('and the head go beyond 2^32 and 2^53', async () => {
      const { place, store } = await emptyLog(form);
      for (const size of [twoTo32 * 256n, twoTo53 * 256n]) {
        const from = { size, root: hashOf(`root ${size}`) };
        await place.alter(`UPDATE @.log SET next = ${size + 300n}`);
        await place.alter(
          `UPDATE @.tree SET size = ${size}, root = hex(${Buffer.from(from.root).toString('hex')})`,
        );
        const bytes = new Uint8Array(8192).fill(1);
        const to = { size: size + 256n, root: hashOf('next') };
        const tile = { level: 0, index: size / 256n, width: 256, bytes };
        expect(await store.integrate({ ...from, size: size + 1n }, to, [tile])).toBe(false);
        expect(await store.integrate(from, to, [tile])).toBe(true);
        expect(await store.head()).toEqual(to);
        expect(await store.tile(tile)).toEqual(bytes);
        expect(await store.tile({ ...tile, index: tile.index + 1n })).toBeUndefined();
        const checkpoint = checkpointOf(to);
        expect(await store.sign(checkpointOf({ ...to, size: to.size + 1n }))).toBe(false);
        expect(await store.sign(checkpoint)).toBe(true);
        expect(await store.publish(checkpoint)).toBe(true);
        expect(await store.signedAt(to.size)).toEqual(checkpoint);
        expect(await store.signedAt(to.size + 1n)).toBeUndefined();
        expect(await store.published()).toEqual(checkpoint);
      }
    });
  });

  describe('signing', () => {
    test('only grows', async () => {
      const { store } = await emptyLog(form);
      await fill(store, 10);
      const [five, ten] = [checkpointOf(headOf(5)), checkpointOf(headOf(10))];
      expect(await store.sign(five)).toBe(true);
      expect(await store.sign(ten)).toBe(true);
      // A smaller one after it, also one that was signed before.
      expect(await store.sign(checkpointOf(headOf(7)))).toBe(false);
      expect(await store.sign(five)).toBe(false);
      expect(await store.signedAt(7n)).toBeUndefined();
      expect(await store.latestSigned()).toEqual(ten);
      expect(await store.signedAfter(0n, 10)).toEqual([five, ten]);
    });

    test('the same again is no change, another root for a size is refused', async () => {
      const { store } = await emptyLog(form);
      const { head } = await fill(store, 10);
      const first = checkpointOf(head, 'first');
      expect(await store.sign(first)).toBe(true);
      expect(await store.sign(first)).toBe(true);
      expect(await store.sign(checkpointOf(head, 'second'))).toBe(true);
      expect(await store.sign(checkpointOf({ size: 10n, root: hashOf('fork') }))).toBe(false);
      expect(await store.signedAfter(0n, 10)).toEqual([first]);
    });

    test('does not go beyond the integrated tree', async () => {
      const { store } = await emptyLog(form);
      const had = await fill(store, 10);
      await store.sequence(entriesOf(10, 20));
      const eleven = checkpointOf(headOf(11));
      expect(await store.sign(eleven)).toBe(false);
      expect(await store.latestSigned()).toBeUndefined();
      const { frontier, tiles } = grownBy(had, 1);
      expect(await store.integrate(had.head, frontier.head, tiles)).toBe(true);
      expect(await store.sign(eleven)).toBe(true);
    });

    test('is looked up by size, smallest first', async () => {
      const { store } = await emptyLog(form);
      await fill(store, 300);
      // Sizes whose order as text is another one.
      const checkpoints = [2, 10, 100, 255, 256].map((size) => checkpointOf(headOf(size)));
      for (const checkpoint of checkpoints) expect(await store.sign(checkpoint)).toBe(true);
      expect(await store.signedAfter(0n, 10)).toEqual(checkpoints);
      expect(await store.signedAfter(2n, 10)).toEqual(checkpoints.slice(1));
      expect(await store.signedAfter(9n, 2)).toEqual(checkpoints.slice(1, 3));
      expect(await store.signedAfter(256n, 10)).toEqual([]);
      expect(await store.signedAt(100n)).toEqual(checkpoints[2]);
      expect(await store.signedAt(99n)).toBeUndefined();
      expect(await store.latestSigned()).toEqual(checkpoints[4]);
    });
  });

  describe('publishing', () => {
    test('takes what was signed, and the same again with fresher cosignatures', async () => {
      const { store } = await emptyLog(form);
      await fill(store, 10);
      const [five, ten] = [headOf(5), headOf(10)];
      await store.sign(checkpointOf(five));
      await store.sign(checkpointOf(ten));
      expect(await store.publish(checkpointOf(five, 'w1'))).toBe(true);
      expect(await store.publish(checkpointOf(five, 'w1 w2'))).toBe(true);
      expect(await store.published()).toEqual(checkpointOf(five, 'w1 w2'));
      expect(await store.publish(checkpointOf(ten, 'w1'))).toBe(true);
      expect(await store.publish(checkpointOf(five, 'w1 w2 w3'))).toBe(false);
      expect(await store.published()).toEqual(checkpointOf(ten, 'w1'));
      // What is published is not what was signed.
      expect(await store.signedAt(10n)).toEqual(checkpointOf(ten));
    });

    test('is refused for what was not signed', async () => {
      const { store } = await emptyLog(form);
      const { head } = await fill(store, 10);
      expect(await store.publish(checkpointOf(head))).toBe(false);
      await store.sign(checkpointOf(head));
      expect(await store.publish(checkpointOf(headOf(5)))).toBe(false);
      expect(await store.publish(checkpointOf({ size: 10n, root: hashOf('fork') }))).toBe(false);
      expect(await store.publish(checkpointOf({ size: 11n, root: head.root }))).toBe(false);
      expect(await store.published()).toBeUndefined();
      expect(await store.publish(checkpointOf(head))).toBe(true);
      expect(await store.publish(checkpointOf({ size: 10n, root: hashOf('fork') }))).toBe(false);
      expect(await store.published()).toEqual(checkpointOf(head));
    });
  });
});
