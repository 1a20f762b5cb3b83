/** Several processes on one log, on each form of its rows: each has a handle of its own, and none leads. */
import { expect, test } from 'vitest';
import type { LogStore } from '../../src/store/log-store.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
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
  testLog,
} from '../support/log-stores.ts';

/** Numbers below `below` that look random and are the same in every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

await describeBoth('one log and several processes', (form) => {
  test('what is written stays after all are gone', async () => {
    const { place, store } = await emptyLog(form);
    const { head } = await fill(store, 300);
    const checkpoint = checkpointOf(head);
    await store.sign(checkpoint);
    await store.publish(checkpoint);
    await store.sequence([
      entryOf('keyed', { key: hashOf('k'), quotas: [{ key: hashOf('q'), window: 'w', limit: 1 }] }),
    ]);

    const later = await place.open();
    expect(await later.identity()).toEqual(testLog);
    expect(await later.sequenced()).toBe(301n);
    expect(await later.head()).toEqual(head);
    expect(await later.latestSigned()).toEqual(checkpoint);
    expect(await later.published()).toEqual(checkpoint);
    expect(await later.tile({ level: 0, index: 0n, width: 256 })).toHaveLength(8192);
    expect(await later.byKey(hashOf('k'), 0n, 10)).toEqual([300n]);
    expect(await later.entries(0n, 1000)).toHaveLength(301);
    const more = entryOf('more', { quotas: [{ key: hashOf('q'), window: 'w', limit: 1 }] });
    expect(await later.sequence([entryOf('keyed'), more, entryOf('free')])).toEqual([
      { kind: 'known', index: 300n },
      { kind: 'over-quota' },
      { kind: 'new', index: 301n },
    ]);
  });

  test('indexes have neither gap nor double, whoever gives them', async () => {
    const { place, store } = await emptyLog(form);
    const handles = [store, await place.open(), await place.open()];
    const told = new Map<string, bigint>();
    const indexes: bigint[] = [];
    const work = async (handle: LogStore, seed: number) => {
      const roll = dice(seed);
      for (let sent = 0; sent < 1000; ) {
        // Half of what each sends, others may send too.
        const batch = Array.from({ length: 1 + roll(60) }, () =>
          roll(2) === 0 ? entryOf(`shared ${roll(900)}`) : entryOf(`own ${seed} ${roll(1e9)}`),
        );
        sent += batch.length;
        const results = await handle.sequence(batch);
        expect(results).toHaveLength(batch.length);
        for (const [at, result] of results.entries()) {
          if (result.kind === 'over-quota') throw new Error('there is no quota');
          const name = String.fromCharCode(...(batch[at]?.bytes ?? []));
          // Everybody is told the same of an entry.
          expect(told.get(name) ?? result.index).toBe(result.index);
          told.set(name, result.index);
          if (result.kind === 'new') indexes.push(result.index);
        }
      }
    };
    await Promise.all(handles.map((handle, at) => work(handle, at + 1)));
    indexes.sort((a, b) => Number(a - b));
    expect(indexes).toEqual(Array.from({ length: indexes.length }, (_, at) => BigInt(at)));
    expect(indexes.length).toBe(told.size);
    expect(indexes.length).toBeGreaterThan(1500);
    expect(await store.sequenced()).toBe(BigInt(told.size));
    const stored = await store.entries(0n, 10_000);
    expect(
      new Map(stored.map(({ bytes, index }) => [String.fromCharCode(...bytes), index])),
    ).toEqual(told);
  });

  test('of several that make the log, one does', async () => {
    const place = await form.place();
    const handles = [await place.open(), await place.open(), await place.open()];
    const made = await Promise.allSettled(
      handles.map((handle, at) => handle.create({ ...testLog, origin: `origin ${at}` })),
    );
    const won = made.findIndex(({ status }) => status === 'fulfilled');
    for (const [at, result] of made.entries()) {
      if (at === won) continue;
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'LOG_UNSUITABLE' } });
    }
    for (const handle of handles) {
      expect((await handle.identity()).origin).toBe(`origin ${won}`);
    }
  });

  test('of several that integrate at once, one does', async () => {
    const { place, store } = await emptyLog(form);
    const handles = [store, await place.open(), await place.open()];
    await store.sequence(entriesOf(0, 600));
    // Each takes another number of entries: only one of the heads may come to be.
    const steps = [300, 400, 500].map((count) => grownBy(Frontier.empty, count));
    const done = await Promise.all(
      steps.map(({ frontier, tiles }, at) =>
        handles[at]?.integrate(Frontier.empty.head, frontier.head, tiles),
      ),
    );
    expect(done.filter((grown) => grown === true)).toHaveLength(1);
    const won = steps[done.indexOf(true)]?.frontier;
    expect(await store.head()).toEqual(won?.head);
    const second = await store.tile({ level: 0, index: 1n, width: 1 });
    expect(second).toHaveLength((Number(won?.size) - 256) * 32);
  });

  test('of two roots for one size that are signed at once, one is', async () => {
    const { place, store } = await emptyLog(form);
    const other = await place.open();
    await fill(store, 60);
    for (let size = 1; size <= 60; size++) {
      const mine = checkpointOf(headOf(size));
      const fork = checkpointOf({ size: BigInt(size), root: hashOf(`fork ${size}`) });
      const [a, b] = await Promise.all(
        size % 2 === 0
          ? [store.sign(mine), other.sign(fork)]
          : [other.sign(mine), store.sign(fork)],
      );
      expect([a, b].filter((signed) => signed)).toHaveLength(1);
      expect(await store.signedAt(BigInt(size))).toEqual(a ? mine : fork);
    }
    expect(await store.signedAfter(0n, 100)).toHaveLength(60);
  });

  test('of two sizes that are signed at once, no smaller one comes after the larger', async () => {
    const { place, store } = await emptyLog(form);
    const other = await place.open();
    await fill(store, 40);
    for (let size = 1; size < 40; size += 2) {
      const [small, large] = [checkpointOf(headOf(size)), checkpointOf(headOf(size + 1))];
      const [, wonLarge] = await Promise.all([store.sign(small), other.sign(large)]);
      expect(wonLarge).toBe(true);
      expect(await store.latestSigned()).toEqual(large);
      expect(await other.sign(small)).toBe(false);
    }
  });

  test('what is published only grows, whoever publishes', async () => {
    const { place, store } = await emptyLog(form);
    const other = await place.open();
    await fill(store, 40);
    const checkpoints = Array.from({ length: 40 }, (_, at) => checkpointOf(headOf(at + 1)));
    for (const checkpoint of checkpoints) await store.sign(checkpoint);
    await Promise.all(
      [...checkpoints.entries()].map(([at, checkpoint]) =>
        (at % 2 === 0 ? store : other).publish(checkpoint),
      ),
    );
    expect(await store.published()).toEqual(checkpoints[39]);
    expect(await other.publish(checkpoints[38] ?? checkpointOf(headOf(1)))).toBe(false);
  });
});
