/** The bounded queue of entries that wait for their index. */
import { describe, expect, it } from 'vitest';
import { Queue } from '../../src/log/queue.ts';
import type { NewEntry } from '../../src/store/log-store.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { entry } from '../support/running-logs.ts';

const newEntry = (n: number): NewEntry => ({
  leaf: leafHash(entry(n)),
  bytes: entry(n),
  quotas: [],
});

describe('a queue', () => {
  it('gives out what came first, in parts', async () => {
    const queue = new Queue(10);
    const waiting = [0, 1, 2].map((n) => queue.add(newEntry(n)));
    const first = queue.take(2);
    expect(first.map(({ entry: { bytes } }) => bytes)).toEqual([entry(0), entry(1)]);
    expect(queue.length).toBe(1);
    first[1]?.resolve({ kind: 'new', index: 7n });
    await expect(waiting[1]).resolves.toEqual({ kind: 'new', index: 7n });
    expect(queue.take(5).map(({ entry: { bytes } }) => bytes)).toEqual([entry(2)]);
    expect(queue.take(5)).toEqual([]);
  });

  it('turns away what is over its limit, and takes more when there is room', async () => {
    const queue = new Queue(2);
    const kept = [queue.add(newEntry(0)), queue.add(newEntry(1))];
    await expect(queue.add(newEntry(2))).rejects.toMatchObject({ code: 'LOG_BUSY' });
    expect(queue.length).toBe(2);
    queue.take(1)[0]?.resolve({ kind: 'known', index: 0n });
    const last = queue.add(newEntry(3));
    expect(queue.length).toBe(2);
    queue.refuse(new Error('over'));
    await expect(kept[0]).resolves.toEqual({ kind: 'known', index: 0n });
    await expect(kept[1]).rejects.toThrow('over');
    await expect(last).rejects.toThrow('over');
    expect(queue.length).toBe(0);
  });
});
