/**
 * Opens the log of a folder and appends to it, several entries at a time, until it is killed or the time
 * is over. Plain JavaScript on the built program, since a process of its own has no TypeScript.
 *
 *   node crash-child.mjs <folder> <name> [<milliseconds>]
 *
 * Lines on standard output, each written before anything else happens:
 *
 *   opened                          it may append from now on
 *   unavailable                     it could not be opened, since its store cannot be used
 *   ack <index> <leaf hex>          acknowledged
 *   refused <code>                  not acknowledged
 *   signed <size> <root hex>        stands among the rows
 *   published <size> <root hex>
 *   status <mode> <code or ->       when the time is over
 *   closed
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [folder = '', name = '', millis = '0'] = process.argv.slice(2);
const dist = process.env.TOUCHSTONE_DIST || fileURLToPath(new URL('../../dist', import.meta.url));
const load = (path) => import(pathToFileURL(join(dist, path)).href);
const { openLogFolder, openRows } = await load('src/log/folder.js');
const { leafHash } = await load('src/tlog/merkle.js');

const say = (line) => writeSync(1, `${line}\n`);
const hex = (bytes) => Buffer.from(bytes).toString('hex');
/** Entries that every process hands in, so that some are known already. */
const common = 50;
const lanes = 8;
let made = 0;
let over = false;

const unavailable = (error) => {
  if (error.code !== 'LOG_UNAVAILABLE') throw error;
  say('unavailable');
  process.exit();
};
const log = await openLogFolder(folder, {
  now: Date.now,
  post: async () => ({ kind: 'failed', why: 'unreachable' }),
  settings: { checkpointMillis: 3, maxBatch: 64 },
}).catch(unavailable);
const rows = await openRows(folder).catch(unavailable);
say('opened');

async function lane() {
  while (!over) {
    made += 1;
    const text = made % 10 === 0 ? `common ${made % common}` : `${name} ${made}`;
    const bytes = Buffer.from(text.padEnd(made % 7 === 0 ? 3000 : 0, '.'));
    try {
      const { index } = await log.append({ bytes });
      say(`ack ${index} ${hex(leafHash(bytes))}`);
    } catch (error) {
      say(`refused ${error.code ?? error}`);
      await sleep(20);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function watch() {
  let seen = '';
  while (!over) {
    try {
      const signed = await rows.latestSigned();
      const published = await rows.published();
      let said = '';
      if (signed !== undefined) said += `signed ${signed.size} ${hex(signed.root)}\n`;
      if (published !== undefined) said += `published ${published.size} ${hex(published.root)}\n`;
      if (said !== seen) writeSync(1, said);
      seen = said;
    } catch {
      // The store is gone at the moment; what was seen of it stays true.
    }
    await sleep(2);
  }
}

const working = [...Array.from({ length: lanes }, lane), watch()];
if (millis !== '0') {
  await sleep(Number(millis));
  over = true;
  await Promise.all(working);
  const { mode, problem } = await log.status().catch(() => ({ mode: 'unknown' }));
  say(`status ${mode} ${problem?.code ?? '-'}`);
  await log.close().catch(() => undefined);
  await rows.close().catch(() => undefined);
  say('closed');
}
