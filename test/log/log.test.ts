/** A running log: what it promises of order, of what is acknowledged, and of several on one store. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { LogError } from '../../src/errors/error.ts';
import { openGuard } from '../../src/log/guard.ts';
import {
  audited,
  code,
  entry,
  expectProven,
  fill,
  hooked,
  listenedGuard,
  newDesk,
  quick,
} from '../support/running-logs.ts';

describe('the way of an entry', () => {
  it('is sequenced, integrated, signed, remembered and published, in this order', async () => {
    const desk = await newDesk();
    const steps: string[] = [];
    const store = hooked(await desk.store(), async (call, real) => {
      const result = await real();
      const isStep = ['sequence', 'integrate', 'sign', 'publish'].includes(call);
      if (isStep && result !== false) steps.push(call);
      return result;
    });
    const guard = listenedGuard(await openGuard(desk.guard), () => steps.push('remember'));
    const log = await desk.log({ store, guard });
    await vi.waitFor(async () => expect((await log.status()).published?.size).toBe(0n));
    steps.length = 0;
    await fill(log, 0, 3);
    expect(steps).toEqual(['sequence', 'integrate', 'sign', 'remember', 'publish']);
    expect(await readFile(desk.guard, 'utf8')).toMatch(/^3\n/);
  });

  it('gives proofs that verify, and none before the entry is published', async () => {
    const desk = await newDesk();
    const log = await desk.log({ settings: { ...quick, checkpointMillis: 100_000 } });
    await vi.waitFor(async () => expect((await log.status()).published?.size).toBe(0n));
    const { index } = await log.append({ bytes: entry(0) });
    expect(await log.prove(index)).toBeUndefined();
    await log.close();
    const again = await desk.log();
    await fill(again, 1, 700);
    for (const n of [0, 1, 255, 256, 699])
      await expectProven(again, await indexOf(again, n), entry(n));
  });

  it('merges what is the same, in one batch and over batches', async () => {
    const log = await (await newDesk()).log();
    const results = await Promise.all([1, 2, 1, 1].map((n) => log.append({ bytes: entry(n) })));
    expect(results).toEqual([
      { index: 0n, known: false },
      { index: 1n, known: false },
      { index: 0n, known: true },
      { index: 0n, known: true },
    ]);
    expect(await log.append({ bytes: entry(2) })).toEqual({ index: 1n, known: true });
  });

  it('keeps what it was handed, whatever becomes of the buffer', async () => {
    const desk = await newDesk();
    const log = await desk.log();
    const bytes = entry('first');
    const key = new Uint8Array(32).fill(1);
    const done = log.append({ bytes, key });
    bytes.fill(0);
    key.fill(2);
    const { index } = await done;
    await log.published(index);
    expect(await log.reader.entry(index)).toEqual(entry('first'));
    const store = await desk.store();
    expect(await store.byKey(new Uint8Array(32).fill(1), 0n, 9)).toEqual([0n]);
    await store.close();
  });

  it('turns away an entry that is too long, and takes the longest', async () => {
    const log = await (await newDesk()).log();
    await expect(log.append({ bytes: new Uint8Array(65_536) })).rejects.toBeInstanceOf(RangeError);
    expect(await log.append({ bytes: new Uint8Array(65_535) })).toMatchObject({ index: 0n });
    expect(await log.append({ bytes: new Uint8Array() })).toMatchObject({ index: 1n });
  });
});

async function indexOf(
  log: Awaited<ReturnType<Awaited<ReturnType<typeof newDesk>>['log']>>,
  n: number,
) {
  const { index, known } = await log.append({ bytes: entry(n) });
  expect(known).toBe(true);
  return index;
}

describe('a key', () => {
  it.each([0, 65])('of %i bytes is turned away', async (length) => {
    const desk = await newDesk();
    const log = await desk.log();
    const refused = log.append({ bytes: entry(0), key: new Uint8Array(length) });
    await expect(refused).rejects.toBeInstanceOf(RangeError);
    await log.append({ bytes: entry(1), key: new Uint8Array(64) });
    expect((await audited(desk)).entries).toEqual([entry(1)]);
  });
});

describe('quotas', () => {
  const quota = { key: new Uint8Array(32).fill(7), window: '2026-11-25', limit: 2 };

  it('turn away what is over them, and what is known uses none up', async () => {
    const log = await (await newDesk()).log();
    const append = (n: number) => log.append({ bytes: entry(n), quotas: [quota] });
    const results = await Promise.allSettled([1, 1, 2, 3].map(append));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    expect(results[3]).toMatchObject({ reason: code('LOG_QUOTA') });
    expect(await append(1)).toMatchObject({ known: true });
    await expect(append(4)).rejects.toEqual(code('LOG_QUOTA'));
    expect(await log.append({ bytes: entry(4) })).toMatchObject({ index: 2n });
  });

  it('with a limit that is none spoil no other entry', async () => {
    const log = await (await newDesk()).log();
    const [good, bad] = await Promise.allSettled([
      log.append({ bytes: entry(1) }),
      log.append({ bytes: entry(2), quotas: [{ ...quota, limit: Number.NaN }] }),
    ]);
    expect(bad.status).toBe('rejected');
    expect(good.status).toBe('fulfilled');
  });
});

describe('more than the log keeps up with', () => {
  it('is turned away as LOG_BUSY, and taken again afterwards', async () => {
    const desk = await newDesk();
    const log = await desk.log({ settings: { ...quick, maxQueue: 10, maxBatch: 4 } });
    const all = await Promise.allSettled(
      Array.from({ length: 25 }, (_, n) => log.append({ bytes: entry(n) })),
    );
    const refused = all.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(15);
    for (const result of refused) expect(result).toMatchObject({ reason: code('LOG_BUSY') });
    await fill(log, 10, 20);
    expect((await audited(desk)).entries).toEqual(Array.from({ length: 20 }, (_, n) => entry(n)));
  });

  it('is turned away while the tree lags behind, and taken when it has caught up', async () => {
    const desk = await newDesk();
    let held = true;
    const store = hooked(await desk.store(), async (call, real) => {
      while (call === 'integrate' && held) await sleep(1);
      return real();
    });
    const log = await desk.log({ store, settings: { ...quick, maxBacklog: 4 } });
    for (let n = 0; n < 5; n++) await log.append({ bytes: entry(n) });
    await expect(log.append({ bytes: entry(5) })).rejects.toEqual(code('LOG_BUSY'));
    held = false;
    await log.published(4n);
    expect(await log.append({ bytes: entry(5) })).toMatchObject({ index: 5n });
  });
});

describe('what was published once', () => {
  it('stays published here, although the rows say less for a while', async () => {
    const desk = await newDesk();
    const rows = await desk.store();
    const before = await rows.latestSigned();
    let looks = 0;
    let isStale = false;
    const store = hooked(rows, async (call, real) => {
      if (!isStale) return real();
      if (call === 'publish') throw new LogError('LOG_UNAVAILABLE', 'no disk');
      if (call !== 'published') return real();
      looks++;
      return before;
    });
    const log = await desk.log({ store });
    await fill(log, 0, 3);
    isStale = true;
    await log.append({ bytes: entry(3) });
    await vi.waitFor(() => expect(looks).toBeGreaterThan(1), { timeout: 10_000 });
    const seen = await Promise.race([log.published(2n), sleep(100)]);
    expect(seen).toMatchObject({ size: 3n });
    isStale = false;
    expect((await log.published(3n)).size).toBe(4n);
  });
});

describe('a closed log', () => {
  it('has published what it acknowledged, and refuses the rest', async () => {
    const desk = await newDesk();
    const store = hooked(await desk.store(), async (call, real) => {
      if (call === 'integrate') await sleep(150);
      return real();
    });
    const settings = { ...quick, checkpointMillis: 100_000, maxBatch: 7 };
    const log = await desk.log({ store, settings });
    const waiting = Array.from({ length: 60 }, (_, n) => log.append({ bytes: entry(n) }));
    const seen = log.published(59n);
    await log.close();
    const acknowledged = await Promise.all(waiting);
    expect((await seen).size).toBe(60n);
    await expect(log.append({ bytes: entry(60) })).rejects.toEqual(code('LOG_UNAVAILABLE'));
    const { entries } = await audited(desk);
    for (const [n, { index }] of acknowledged.entries()) {
      expect(entries[Number(index)]).toEqual(entry(n));
    }
    const rows = await desk.store();
    expect((await rows.published())?.size).toBe(60n);
    await rows.close();
  });

  it('may be closed twice at once: the second waits for the first', async () => {
    const desk = await newDesk();
    const log = await desk.log();
    const waiting = Array.from({ length: 60 }, (_, n) => log.append({ bytes: entry(n) }));
    const ends = Promise.all([log.close(), log.close()]);
    await expect(Promise.all(waiting)).resolves.toHaveLength(60);
    await ends;
    await log.close();
    const store = await desk.store();
    expect((await store.published())?.size).toBe(60n);
    await store.close();
  });

  it('tells those who wait for an entry that was not published', async () => {
    const desk = await newDesk();
    const store = hooked(await desk.store(), async (call, real) => {
      if (call === 'publish') throw new LogError('LOG_UNAVAILABLE', 'no disk');
      return real();
    });
    const log = await desk.log({ store });
    const { index } = await log.append({ bytes: entry(0) });
    const waiting = log.published(index);
    waiting.catch(() => undefined);
    await log.close();
    await expect(waiting).rejects.toEqual(code('LOG_UNAVAILABLE'));
  });

  it('lets nobody wait for an entry that there is not', async () => {
    const log = await (await newDesk()).log();
    await expect(log.published(10n ** 15n)).rejects.toThrow(RangeError);
  });

  it('leaves entries to the next one that opens it', async () => {
    const desk = await newDesk();
    const store = hooked(await desk.store(), async (call, real) => {
      if (call === 'integrate') throw new LogError('LOG_UNAVAILABLE', 'no disk');
      return real();
    });
    const log = await desk.log({ store });
    await log.append({ bytes: entry(0) });
    await log.close();
    const next = await desk.log();
    expect((await next.published(0n)).size).toBe(1n);
    await expectProven(next, 0n, entry(0));
  });
});

describe('two logs on one store', () => {
  it('are one log without a gap or a fork, and both see what is published', async () => {
    const desk = await newDesk();
    const [a, b] = [await desk.log(), await desk.log()];
    const waiting = Array.from({ length: 300 }, async (_, n) => {
      const log = n % 2 === 0 ? a : b;
      if (n % 10 === 0) await sleep(n / 10);
      const { index } = await log.append({ bytes: entry(n) });
      await (n % 3 === 0 ? a : b).published(index);
      return index;
    });
    const indexes = await Promise.all(waiting);
    expect(new Set(indexes).size).toBe(300);
    for (const log of [a, b]) {
      await log.published(299n);
      await expectProven(log, indexes[17] ?? -1n, entry(17));
    }
    expect((await a.status()).mode).toBe('open');
    expect((await b.status()).mode).toBe('open');
    const { entries, checkpoints } = await audited(desk);
    console.info(`two logs: ${entries.length} entries, ${checkpoints} checkpoints`);
    expect(entries).toHaveLength(300);
  });

  it('goes on in two processes whose store takes its time for every call', async () => {
    const desk = await newDesk();
    const slow = async () =>
      hooked(await desk.store(), async (_call, real) => {
        await sleep(Math.random() * 3);
        return real();
      });
    const logs = [await desk.log({ store: await slow() }), await desk.log({ store: await slow() })];
    let next = 0;
    for (let round = 0; round < 40; round++) {
      await Promise.all(
        logs.flatMap((log) => [0, 1].map(() => log.append({ bytes: entry(next++) }))),
      );
    }
    for (const log of logs) expect((await log.status()).mode).toBe('open');
    expect((await logs[0]?.published(159n))?.size).toBe(160n);
  });
});
