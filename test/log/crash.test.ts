/**
 * Processes that are killed at any moment while they append. Nothing that was acknowledged may be missing
 * afterwards, and nothing that was signed may be contradicted.
 *
 * TOUCHSTONE_TORTURE is the number of kills for each store, TOUCHSTONE_SEED repeats a run.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogFolder, openLogFolder } from '../../src/log/folder.ts';
import { seeded, startWriter, Witnessed, type Writer } from '../support/crashing.ts';
import { postgresMissing, startPostgres } from '../support/postgres.ts';
import { describeWith } from '../support/requirements.ts';
import { temporaryFolder } from '../support/running-logs.ts';
import { testSeed } from '../support/witnessing.ts';

const kills = Number(process.env['TOUCHSTONE_TORTURE'] ?? 50);
const seed = Number(process.env['TOUCHSTONE_SEED'] ?? randomBytes(4).readUInt32BE());
const timeout = 60_000 + kills * 5000;
/** The log is read whole this often: it grows with every round. */
const checkEvery = Math.max(1, Math.floor(kills / 25));

interface Crash {
  /** Kills the server below the log as well; left out where there is none. */
  readonly killServer?: (() => Promise<void>) | undefined;
  readonly restartServer?: (() => Promise<void>) | undefined;
}

async function torture(title: string, folder: string, crash: Crash = {}): Promise<void> {
  console.info(`${title}: TOUCHSTONE_SEED=${seed}`);
  const random = seeded(seed);
  const told = new Witnessed();
  let [done, early, servers, opened] = [0, 0, 0, 0];
  for (let round = 1; done < kills; round++) {
    // At times two at once, on the same rows and the same file of what was signed.
    const count = random() < 0.25 ? 2 : 1;
    const writers = Array.from({ length: count }, (_, n) => startWriter(folder, `${round}/${n}`));
    onTestFinished(() => {
      for (const writer of writers) writer.kill();
    });
    const isEarly = random() < 0.15;
    if (isEarly) {
      // While it starts, or takes up what the last one left.
      await sleep(random() * 200);
      early += 1;
    } else {
      await Promise.all(writers.map((writer) => writer.said('opened')));
      await sleep(random() * 150);
    }
    const withServer = crash.killServer !== undefined && round % 10 === 0;
    if (withServer) {
      await crash.killServer?.();
      servers += 1;
      await sleep(random() * 50);
    }
    for (const writer of writers) writer.kill();
    await Promise.all(writers.map(({ ended }) => ended));
    if (withServer) await crash.restartServer?.();
    done += count;
    const came = writers.filter((writer) => noted(told, writer)).length;
    if (!isEarly) expect(came).toBe(count);
    opened += came;
    if (round % checkEvery === 0) await told.check(folder);
  }
  const log = await openLogFolder(folder, {
    now: Date.now,
    post: async () => ({ kind: 'failed', why: 'unreachable' }),
    settings: { checkpointMillis: 5 },
  });
  const { index } = await log.append({ bytes: new TextEncoder().encode('the last') });
  await log.published(index);
  const { sequenced, published } = await log.status();
  expect(published?.size).toBe(sequenced);
  await log.close();
  await told.check(folder);
  expect(told.acknowledged).toBeGreaterThan(kills);
  expect(told.checkpoints).toBeGreaterThan(kills / 5);
  console.info(
    `${title}: ${done} kills (${early} rounds while opening), ${servers} servers killed, ` +
      `${opened} restarts that opened, ${told.acknowledged} acknowledged entries of ${sequenced}, ` +
      `${told.checkpoints} checkpoints seen, all kept`,
  );
}

/** @returns whether it got as far as opening the log */
function noted(told: Witnessed, writer: Writer): boolean {
  told.note(writer.lines());
  if (writer.complaint() !== '') throw new Error(writer.complaint());
  return writer.lines().includes('opened');
}

const origin = 'log.example.org/crash';

describe('a log in SQLite that is killed', () => {
  it(
    'loses nothing that was acknowledged or signed',
    async () => {
      const folder = join(await temporaryFolder(), 'log');
      await createLogFolder({ folder, origin, seed: testSeed(origin) });
      await torture('SQLite', folder);
    },
    timeout,
  );
});

await describeWith('postgres', postgresMissing, 'a log in PostgreSQL that is killed', () => {
  it(
    'loses nothing that was acknowledged or signed, with its server or without',
    async () => {
      const server = await startPostgres();
      onTestFinished(() => server.stop());
      const folder = join(await temporaryFolder(), 'log');
      await createLogFolder({ folder, origin, seed: testSeed(origin), database: server.url });
      await torture('PostgreSQL', folder, {
        killServer: () => server.kill(),
        restartServer: () => server.restart(),
      });
    },
    timeout,
  );
});
