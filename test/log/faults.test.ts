/** Disks that are full or fail, and servers that go: what was acknowledged is there afterwards. */
import { execFile } from 'node:child_process';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLogFolder, openLogFolder, openRows } from '../../src/log/folder.ts';
import { openGuard } from '../../src/log/guard.ts';
import { startWriter, Witnessed } from '../support/crashing.ts';
import {
  compileFailingDisk,
  type FailingDisk,
  failingDiskMissing,
} from '../support/failing-disk.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../support/postgres.ts';
import { describeWith } from '../support/requirements.ts';
import { entry, fill, listenedGuard, newDesk, temporaryFolder } from '../support/running-logs.ts';
import { testSeed } from '../support/witnessing.ts';

const origin = 'log.example.org/faults';
const world = {
  now: Date.now,
  post: async () => ({ kind: 'failed', why: 'unreachable' }) as const,
  settings: { checkpointMillis: 5 },
};

async function newFolder(database?: string): Promise<string> {
  const folder = join(await temporaryFolder(), 'log');
  await createLogFolder({ folder, origin, seed: testSeed(origin), database });
  return folder;
}

/** Runs a writer to its end, holds the rows against what it was told, and goes on with a healthy one. */
async function runWith(folder: string, options: Parameters<typeof startWriter>[2]) {
  const told = new Witnessed();
  const writer = startWriter(folder, 'ill', { millis: 1500, ...options });
  onTestFinished(() => writer.kill());
  await writer.ended;
  expect(writer.complaint()).toBe('');
  const lines = writer.lines();
  told.note(lines);
  await told.check(folder);
  await requirePublishedRemembered(folder);
  const next = startWriter(folder, 'well', { millis: 200 });
  onTestFinished(() => next.kill());
  await next.ended;
  told.note(next.lines());
  await told.check(folder);
  const refused = lines.filter((line) => line.startsWith('refused'));
  const acks = lines.filter((line) => line.startsWith('ack')).length;
  console.info(
    `${expect.getState().currentTestName}: ${acks} acknowledged, ${refused.length} refused, ` +
      `${lines.find((line) => line.startsWith('status'))}`,
  );
  expect(next.lines().some((line) => line.startsWith('ack'))).toBe(true);
  expect(next.lines().some((line) => line.startsWith('refused'))).toBe(false);
  return { lines, refused: new Set(refused) };
}

/** A checkpoint leaves only when the file says that it was signed. */
async function requirePublishedRemembered(folder: string): Promise<void> {
  const rows = await openRows(folder);
  const published = await rows.published();
  await rows.close();
  const text = await readFile(join(folder, 'signed'), 'utf8').catch(() => '0');
  const remembered = BigInt(text.split('\n')[0] ?? '');
  expect(remembered).toBeGreaterThanOrEqual(published?.size ?? 0n);
}

const after = (lines: readonly string[], beginning: string) =>
  lines.slice(lines.findIndex((line) => line.startsWith(beginning)) + 1);
const some = (lines: readonly string[], beginning: string) =>
  lines.some((line) => line.startsWith(beginning));

await describeWith('cc', failingDiskMissing, 'a disk that fails', () => {
  let disk: FailingDisk;
  beforeAll(async () => {
    disk = await compileFailingDisk();
  });
  afterAll(() => disk.remove());

  it.each([5, 20, 101])(
    'to write through the journal from fsync %i on ends the process’s work',
    async (from) => {
      const env = disk.environment({ FAILING_NAME: 'log.db-wal', FSYNC_FROM: `${from}` });
      const { lines, refused } = await runWith(await newFolder(), { env });
      expect(refused).toEqual(new Set(['refused LOG_UNAVAILABLE']));
      // A second fsync would say that all is well.
      expect(some(after(lines, 'refused'), 'ack')).toBe(false);
      expect(lines).toContain('status open LOG_UNAVAILABLE');
    },
  );

  it('once is not believed when it says afterwards that all is well', async () => {
    const rule = { FAILING_NAME: 'log.db-wal', FSYNC_FROM: '20', FSYNC_UNTIL: '21' };
    const { lines } = await runWith(await newFolder(), { env: disk.environment(rule) });
    expect(some(lines, 'refused LOG_UNAVAILABLE')).toBe(true);
    expect(some(after(lines, 'refused'), 'ack')).toBe(false);
  });

  it('to write through the database file loses nothing: it is all in the journal', async () => {
    const env = disk.environment({ FAILING_NAME: 'log.db\n', FSYNC_FROM: '2' });
    const { lines } = await runWith(await newFolder(), { env });
    expect(some(lines, 'ack')).toBe(true);
  });

  it('because it is full for a while refuses, and the log goes on by itself', async () => {
    const env = disk.environment({
      FAILING_NAME: 'log.db-wal',
      WRITE_FROM: '400',
      WRITE_UNTIL: '430',
    });
    const { lines, refused } = await runWith(await newFolder(), { env, millis: 4000 });
    expect(refused).toEqual(new Set(['refused LOG_UNAVAILABLE']));
    expect(some(after(lines, 'refused'), 'ack')).toBe(true);
    expect(lines).toContain('status open -');
  });

  it('because it stays full refuses until it is opened on one with room', async () => {
    const env = disk.environment({ FAILING_NAME: 'log.db-wal', WRITE_FROM: '400' });
    const { lines } = await runWith(await newFolder(), { env });
    // What is known already is found without writing anything.
    const given = (said: readonly string[]) =>
      said.flatMap((line) => (line.startsWith('ack') ? [Number(line.split(' ')[1])] : []));
    expect(lines).toContain('refused LOG_UNAVAILABLE');
    const before = given(lines.slice(0, lines.indexOf('refused LOG_UNAVAILABLE')));
    const later = given(after(lines, 'refused LOG_UNAVAILABLE'));
    expect(Math.max(-1, ...later)).toBeLessThanOrEqual(Math.max(...before));
  });

  it('for the file of what was signed holds up publishing, and nothing leaves without it', async () => {
    const folder = await newFolder();
    const env = disk.environment({ FAILING_NAME: '/signed.', FSYNC_FROM: '4' });
    const { lines } = await runWith(folder, { env });
    expect(some(lines, 'refused')).toBe(false);
    expect(lines).toContain('status open LOG_UNAVAILABLE');
  });
});

/** Ours knock while it starts; that it says so to them (57P03) is no failure of its start. */
async function comeBack(server: PostgresServer): Promise<void> {
  await server.restart().catch((error: unknown) => {
    if (!`${error}`.includes('the database system is starting up')) throw error;
  });
  await vi.waitFor(() => server.query('SELECT 1'), { timeout: 20_000, interval: 50 });
}

const run = promisify(execFile);

async function limitsMissing(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'it is a command of Linux';
  return run('prlimit', ['--version']).then(
    () => undefined,
    () => 'prlimit is not there (on Debian: apt-get install util-linux)',
  );
}

await describeWith('prlimit', limitsMissing, 'a limit on the size of files', () => {
  it('refuses what does not fit any more', async () => {
    const under = ['prlimit', `--fsize=${300 * 1024}`];
    const { lines, refused } = await runWith(await newFolder(), { under });
    expect(refused).toEqual(new Set(['refused LOG_UNAVAILABLE']));
    expect(some(lines, 'ack')).toBe(true);
  });
});

describe('a file of what was signed that cannot be written', () => {
  it('holds up publishing until it can, and what was signed meanwhile is remembered', async () => {
    const desk = await newDesk();
    let broken = false;
    const guard = listenedGuard(await openGuard(desk.guard), () => {
      if (broken) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    });
    const log = await desk.log({ guard });
    await fill(log, 0, 1);
    broken = true;
    const { index } = await log.append({ bytes: entry(1) });
    await vi.waitFor(async () =>
      expect((await log.status()).problem?.code).toBe('LOG_UNAVAILABLE'),
    );
    await sleep(1500);
    expect((await log.status()).published?.size).toBe(1n);
    broken = false;
    expect((await log.published(index)).size).toBe(2n);
    expect(await readFile(desk.guard, 'utf8')).toMatch(/^2\n/);
  });
});

describe('a folder that goes away', () => {
  it('is told, and nothing acknowledged is lost when it is back', async () => {
    const folder = await newFolder();
    const log = await openLogFolder(folder, world);
    onTestFinished(() => log.close().catch(() => undefined));
    await fill(log, 0, 3);
    await rename(folder, `${folder}-away`);
    const { index } = await log.append({ bytes: entry(3) });
    await expect(
      vi.waitFor(async () => {
        const { problem } = await log.status();
        expect(problem?.code).toBe('LOG_UNAVAILABLE');
        expect(problem?.message).toMatch(/signed/);
      }),
    ).resolves.toBeUndefined();
    await rename(`${folder}-away`, folder);
    expect((await log.published(index)).size).toBe(4n);
  });
});

await describeWith('postgres', postgresMissing, 'a PostgreSQL server', () => {
  it('that is killed and comes back is used again, without opening the log anew', async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    const folder = await newFolder(server.url);
    const log = await openLogFolder(folder, world);
    onTestFinished(() => log.close().catch(() => undefined));
    const acknowledged = new Map<bigint, number>();
    let [refused, n, over] = [0, 0, false];
    const lanes = Array.from({ length: 4 }, async () => {
      while (!over) {
        const mine = n++;
        try {
          acknowledged.set((await log.append({ bytes: entry(mine) })).index, mine);
        } catch (error) {
          expect(error).toMatchObject({ code: 'LOG_UNAVAILABLE' });
          refused += 1;
          await sleep(20);
        }
      }
    });
    for (let round = 0; round < 3; round++) {
      await sleep(200);
      const before = acknowledged.size;
      // Once the connections only, then all of the server.
      if (round === 0) {
        await server.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'touchstone'`,
        );
      } else {
        await server.kill();
        await sleep(100);
        await comeBack(server);
      }
      await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(before + 4), 20_000);
    }
    over = true;
    await Promise.all(lanes);
    const last = [...acknowledged.keys()].reduce((a, b) => (a > b ? a : b));
    expect((await log.published(last)).size).toBeGreaterThan(last);
    for (const [index, mine] of acknowledged) {
      expect(await log.reader.entry(index)).toEqual(entry(mine));
    }
    expect(refused).toBeGreaterThan(0);
    console.info(
      `PostgreSQL that goes and comes: ${acknowledged.size} acknowledged, ${refused} refused, all there`,
    );
  });
});
