/** A running log in trouble: old databases put back, witnesses, stores that fail, clocks that are wrong. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { LogError } from '../../src/errors/error.ts';
import { openGuard } from '../../src/log/guard.ts';
import {
  audited,
  code,
  deskAt,
  entry,
  expectProven,
  fakeWitnesses,
  fill,
  hooked,
  newDesk,
  temporaryFolder,
} from '../support/running-logs.ts';

/** A log of 5 entries, its database as it was at 2, and the guard file as it was then. */
async function restored(options: Parameters<ReturnType<typeof deskAt>['log']>[0] = {}) {
  const desk = await newDesk();
  const old = await temporaryFolder();
  const first = await desk.log(options);
  await fill(first, 0, 2);
  await first.close();
  await copyFile(desk.database, join(old, 'log.db'));
  await copyFile(desk.guard, join(old, 'signed'));
  const second = await desk.log(options);
  await fill(second, 2, 5);
  await second.close();
  return { desk, old };
}

describe('an old database that was put back', () => {
  it('is noticed by the file of what was signed: read-only, and it can be read', async () => {
    const { desk, old } = await restored();
    await copyFile(join(old, 'log.db'), desk.database);
    const log = await desk.log();
    const status = await log.status();
    expect(status).toMatchObject({ mode: 'read-only', signed: 2n });
    expect(status.problem?.message).toMatch(/5 entries.*knows 2.*backup/);
    await expect(log.append({ bytes: entry(9) })).rejects.toEqual(code('LOG_READ_ONLY'));
    await expectProven(log, 1n, entry(1));
    expect((await log.published(1n)).size).toBe(2n);
    await expect(log.published(2n)).rejects.toEqual(code('LOG_READ_ONLY'));
    expect((await audited(desk)).entries).toHaveLength(2);
  });

  it('is noticed while it is in use: a stale writer signs nothing', async () => {
    const desk = await newDesk();
    const old = await temporaryFolder();
    const first = await desk.log();
    await fill(first, 0, 2);
    await first.close();
    await copyFile(desk.database, join(old, 'log.db'));
    // It looks at the old rows, but at the file of what was signed that all share.
    const stale = await deskAt(old).log({ guard: await openGuard(desk.guard) });
    await fill(await desk.log(), 2, 5);
    const refused = stale
      .append({ bytes: entry('other') })
      .then(({ index }) => stale.published(index));
    await expect(refused).rejects.toEqual(code('LOG_READ_ONLY'));
    const store = await deskAt(old).store();
    expect((await store.latestSigned())?.size).toBe(2n);
    await store.close();
    expect(await readFile(desk.guard, 'utf8')).toMatch(/^5\n/);
  });

  it('is noticed by a witness when the file went back with it, before anything is signed', async () => {
    const { witnesses, policy, asked } = fakeWitnesses(['w1', 'w2'], 1);
    const { desk, old } = await restored({ witnesses, policy });
    for (const name of ['log.db', 'signed']) {
      await copyFile(join(old, name), join(desk.folder, name));
    }
    asked.length = 0;
    const log = await desk.log({ witnesses, policy });
    await vi.waitFor(async () => expect((await log.status()).mode).toBe('read-only'));
    expect(asked).toEqual(['seen']);
    expect((await log.status()).problem?.message).toMatch(/witness w1 has seen 5 entries/);
    await expect(log.append({ bytes: entry(9) })).rejects.toEqual(code('LOG_READ_ONLY'));
    expect((await log.status()).signed).toBe(2n);
    await expectProven(log, 1n, entry(1), policy);
  });
});

describe('witnesses', () => {
  it('that are dead hold up signing and publishing, and not the indexes', async () => {
    const fake = fakeWitnesses(['w1', 'w2', 'w3'], 2);
    for (const name of ['w1', 'w2', 'w3']) fake.witness(name).mode = 'dead';
    const desk = await newDesk();
    const log = await desk.log(fake);
    const { index } = await log.append({ bytes: entry(0) });
    const published = log.published(index);
    const early = await Promise.race([published, sleep(100)]);
    expect(early).toBeUndefined();
    expect(await log.status()).toMatchObject({ mode: 'open', signed: 0n, published: undefined });
    expect(fake.asked).not.toContain('gather');
    fake.witness('w1').mode = 'honest';
    await sleep(50);
    expect((await log.status()).signed).toBe(0n);
    fake.witness('w2').mode = 'honest';
    expect((await published).size).toBe(1n);
    await expectProven(log, 0n, entry(0), fake.policy);
  });

  it('that do not answer at the start are told in the status', async () => {
    const fake = fakeWitnesses(['w1', 'w2'], 2);
    fake.witness('w2').mode = 'dead';
    const log = await (await newDesk()).log(fake);
    await log.append({ bytes: entry(0) });
    await vi.waitFor(async () => {
      const { witnesses } = await log.status();
      expect(witnesses.map(({ name, result }) => [name, result.kind])).toContainEqual([
        'w2',
        'pending',
      ]);
    });
  });

  it('that die later hold up publishing, and nothing without a quorum is proven', async () => {
    const fake = fakeWitnesses(['w1', 'w2'], 2);
    const log = await (await newDesk()).log(fake);
    await fill(log, 0, 1);
    fake.witness('w1').mode = 'dead';
    const { index } = await log.append({ bytes: entry(1) });
    const kinds = async () => (await log.status()).witnesses.map(({ result }) => result.kind);
    await vi.waitFor(async () => expect(await kinds()).toEqual(['pending', 'at']));
    expect(await log.status()).toMatchObject({ integrated: 2n, signed: 1n });
    expect((await log.status()).published?.size).toBe(1n);
    expect(await log.prove(index)).toBeUndefined();
    fake.witness('w1').mode = 'honest';
    expect((await log.published(index)).size).toBe(2n);
  });

  it('one of which claims to have seen more end the writing, and the message names it', async () => {
    const fake = fakeWitnesses(['w1', 'w2'], 1);
    const log = await (await newDesk()).log(fake);
    await fill(log, 0, 2);
    fake.witness('w1').mode = 'dead';
    fake.witness('w2').claims = 1000n;
    const { index } = await log.append({ bytes: entry(2) });
    await expect(log.published(index)).rejects.toThrow(/witness w2 has seen 1000 entries/);
    await expectProven(log, 1n, entry(1), fake.policy);
  });

  it('are asked again after a while, though nothing was added', async () => {
    const fake = fakeWitnesses(['w1'], 1);
    const log = await (await newDesk()).log({
      ...fake,
      settings: { checkpointMillis: 5, refreshMillis: 30 },
    });
    await fill(log, 0, 1);
    fake.asked.length = 0;
    await vi.waitFor(() => expect(fake.asked.length).toBeGreaterThan(2));
    expect((await log.status()).signed).toBe(1n);
  });
});

describe('trouble', () => {
  it('of the store in passing is tried again, and what was refused may be handed in again', async () => {
    const desk = await newDesk();
    let broken = true;
    const store = hooked(await desk.store(), async (call, real) => {
      const result = await real();
      if (call === 'sequence' && broken)
        throw new LogError('LOG_UNAVAILABLE', 'the answer was lost');
      return result;
    });
    const log = await desk.log({ store });
    await expect(log.append({ bytes: entry(0) })).rejects.toEqual(code('LOG_UNAVAILABLE'));
    broken = false;
    expect(await log.append({ bytes: entry(0) })).toEqual({ index: 0n, known: true });
    expect((await log.published(0n)).size).toBe(1n);
    await vi.waitFor(async () => expect((await log.status()).problem).toBeUndefined());
  });

  it('that is over is not told any more, also when nothing is new', async () => {
    const desk = await newDesk();
    let broken = false;
    const store = hooked(await desk.store(), async (call, real) => {
      if (call === 'sequence' && broken) throw new LogError('LOG_UNAVAILABLE', 'no disk');
      return real();
    });
    const log = await desk.log({ store });
    await fill(log, 0, 1);
    broken = true;
    await expect(log.append({ bytes: entry(1) })).rejects.toEqual(code('LOG_UNAVAILABLE'));
    expect((await log.status()).problem?.code).toBe('LOG_UNAVAILABLE');
    broken = false;
    expect(await log.append({ bytes: entry(0) })).toMatchObject({ known: true });
    await vi.waitFor(async () => expect((await log.status()).problem).toBeUndefined(), 3000);
  });

  it('of the store leaves the status, which tells it', async () => {
    const desk = await newDesk();
    let broken = false;
    const store = hooked(await desk.store(), async (_, real) => {
      if (broken) throw new LogError('LOG_UNAVAILABLE', 'no disk');
      return real();
    });
    const log = await desk.log({ store });
    await fill(log, 0, 1);
    broken = true;
    await expect(log.append({ bytes: entry(1) })).rejects.toEqual(code('LOG_UNAVAILABLE'));
    expect(await log.status()).toMatchObject({ mode: 'open', problem: code('LOG_UNAVAILABLE') });
    broken = false;
  });

  it('that ends the writing is still told when a checkpoint under way is published', async () => {
    const fake = fakeWitnesses(['w1'], 1);
    const desk = await newDesk();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isHeld = false;
    const witnesses = {
      ...fake.witnesses,
      gather: async (...values: Parameters<typeof fake.witnesses.gather>) => {
        const gathered = await fake.witnesses.gather(...values);
        if (isHeld) await held;
        return gathered;
      },
    };
    const log = await desk.log({ witnesses, policy: fake.policy });
    await fill(log, 0, 1);
    isHeld = true;
    await log.append({ bytes: entry(1) });
    await vi.waitFor(async () => expect((await log.status()).signed).toBe(2n));
    const other = new Database(desk.database);
    other.exec("UPDATE tree SET root = x'00'; UPDATE tree SET size = 1");
    other.close();
    await log.append({ bytes: entry(2) });
    await vi.waitFor(async () => expect((await log.status()).mode).toBe('read-only'));
    const told = (await log.status()).problem?.code;
    release();
    await vi.waitFor(async () => expect((await log.status()).published?.size).toBe(2n));
    await sleep(20);
    expect((await log.status()).problem?.code).toBe(told);
    await expect(log.append({ bytes: entry(3) })).rejects.toEqual(code(String(told)));
  });
});
