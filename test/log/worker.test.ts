/** The worker: a step that is done when there is something to do, and never twice at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Worker } from '../../src/log/worker.ts';

function counting(step: (count: number) => Promise<void> = async () => undefined) {
  const seen = { steps: 0, atOnce: 0, most: 0, errors: [] as unknown[] };
  const worker = new Worker(
    async () => {
      seen.steps += 1;
      seen.atOnce += 1;
      seen.most = Math.max(seen.most, seen.atOnce);
      try {
        await step(seen.steps);
      } finally {
        seen.atOnce -= 1;
      }
    },
    (error) => seen.errors.push(error),
  );
  return { worker, seen };
}

describe('a worker', () => {
  it('does one step for all that is handed in during one turn', async () => {
    const { worker, seen } = counting();
    for (let n = 0; n < 5; n++) worker.wake();
    await worker.idle();
    expect(seen.steps).toBe(1);
  });

  it('does one more step for what comes during a step, never two at once', async () => {
    const { worker, seen } = counting(() => sleep(20));
    worker.wake();
    await sleep(10);
    for (let n = 0; n < 3; n++) worker.wake();
    await worker.idle();
    expect(seen).toMatchObject({ steps: 2, most: 1 });
  });

  it('tells an error, and goes on when it is woken', async () => {
    const { worker, seen } = counting(async (count) => {
      if (count === 1) throw new Error('first');
    });
    worker.wake();
    await worker.idle();
    expect(seen.errors).toEqual([new Error('first')]);
    worker.wake();
    await worker.idle();
    expect(seen).toMatchObject({ steps: 2, errors: [new Error('first')] });
  });

  it('wakes after a while, once, and at once when it is woken before', async () => {
    const { worker, seen } = counting();
    worker.wakeIn(30);
    worker.wakeIn(1);
    await sleep(15);
    expect(seen.steps).toBe(0);
    await sleep(40);
    expect(seen.steps).toBe(1);
    worker.wakeIn(30);
    worker.wake();
    await sleep(60);
    expect(seen.steps).toBe(2);
  });

  it('begins no step after it was stopped, and ends the one under way', async () => {
    let ended = false;
    const { worker, seen } = counting(async () => {
      await sleep(20);
      ended = true;
    });
    worker.wake();
    await sleep(5);
    worker.wake();
    worker.stop();
    worker.wake();
    worker.wakeIn(1);
    await worker.idle();
    expect(ended).toBe(true);
    await sleep(10);
    expect(seen.steps).toBe(1);
  });
});
