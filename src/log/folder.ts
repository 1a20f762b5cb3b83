/**
 * The folder of a log.
 *
 *   key        the signing key (0600), in the form of golang.org/x/mod: PRIVATE+KEY+<origin>+...
 *   policy     C2SP tlog-policy: this log, its witnesses, how many are needed. What a reader is given
 *   signed     what was signed last (guard.ts); not to be restored from a backup
 *   log.db     the rows, in SQLite; or
 *   database   the URL of a PostgreSQL database (0600), where the rows are there
 *
 * Whoever restores an old database, knowingly or not, is stopped by `signed` and by the witnesses.
 */
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '../bytes/bytes.ts';
import { codeOf } from '../errors/cause.ts';
import { LogError } from '../errors/error.ts';
import type { HttpPost } from '../net/http.ts';
import { writeDurably } from '../state/durable.ts';
import { readSmallFile } from '../state/small-file.ts';
import { openPostgresLog } from '../store/log-postgres.ts';
import { openSqliteLog } from '../store/log-sqlite.ts';
import type { LogStore } from '../store/log-store.ts';
import { KeyType } from '../tlog/key.ts';
import { encodePolicy, isWitnessed, type Policy, parsePolicy } from '../tlog/policy.ts';
import { createSigner, encodeSecret, type NoteSigner, parseSecret } from '../tlog/signer.ts';
import { openGuard } from './guard.ts';
import { Log } from './log.ts';
import type { LogSettings } from './settings.ts';
import { createLog } from './start.ts';
import { createWitnesses } from './witnesses.ts';

/** Files of a log folder are small; a large one is something else. */
const maxFileBytes = 1024 * 1024;

/** What nobody else may read: the key, and a URL that may hold a password. */
const secrets: ReadonlySet<string> = new Set(['key', 'database']);

/** For all witnesses together; then the quorum is there or the next attempt tries again. */
const witnessMillis = 5000;

/** What a log needs of the world besides its folder. */
export interface LogWorld {
  /** Milliseconds since 1970, UTC. */
  readonly now: () => number;
  readonly post: HttpPost;
  readonly settings?: Partial<LogSettings> | undefined;
}

/**
 * Makes a log and its folder.
 *
 * @param options.origin its name for ever: visible, without spaces or "+", at most 255 bytes
 * @param options.seed 32 random bytes, its key
 * @param options.database URL of a PostgreSQL database for the rows; left out: a file in the folder
 * @throws LogError LOG_UNSUITABLE when the folder holds anything already: nothing is overwritten
 */
export async function createLogFolder(options: {
  readonly folder: string;
  readonly origin: string;
  readonly seed: Uint8Array;
  readonly database?: string | undefined;
}): Promise<void> {
  const { folder, origin, seed, database } = options;
  const signer = createSigner(origin, seed);
  const secret = encodeSecret(origin, KeyType.ed25519, seed);
  const policy = encodePolicy({
    logs: [{ origin, key: signer.key }],
    witnesses: [],
    groups: [],
    quorum: 'none',
  });
  await claim(folder);
  try {
    // The key first: a log without its key is lost, a key without a log is not.
    await writeDurably(join(folder, 'key'), utf8(`${secret}\n`), { mode: 0o600 });
    await writeDurably(join(folder, 'policy'), utf8(policy), { mode: 0o644 });
    if (database !== undefined) {
      await writeDurably(join(folder, 'database'), utf8(`${database}\n`), { mode: 0o600 });
    }
    const store = await openRows(folder, 'create');
    try {
      await createLog(store, signer, await openGuard(join(folder, 'signed')));
    } finally {
      await store.close();
    }
  } catch (error) {
    // It was empty before, and nothing was signed: so that it can be tried again.
    for (const name of await readdir(folder)) await rm(join(folder, name));
    throw error;
  }
}

/**
 * Opens the log of a folder for writing.
 *
 * @throws LogError as `Log.open`; LOG_UNSUITABLE when the folder is not that of a log
 */
export async function openLogFolder(folder: string, world: LogWorld): Promise<Log> {
  const { now, post, settings } = world;
  const policy = await readPolicy(folder);
  const signer = await readSigner(folder);
  const guard = await openGuard(join(folder, 'signed'));
  const witnesses = isWitnessed(policy)
    ? createWitnesses({
        policy,
        post,
        sleep,
        now: () => BigInt(Math.floor(now() / 1000)),
        timeoutMs: witnessMillis,
      })
    : undefined;
  const store = await openRows(folder, 'existing');
  try {
    return await Log.open({ store, signer, guard, policy, witnesses, settings });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Opens the rows of a folder for reading; nothing is signed, and the key is not read.
 *
 * @throws LogError LOG_UNSUITABLE when the folder is not that of a log
 */
export async function openRows(
  folder: string,
  mode: 'create' | 'existing' = 'existing',
): Promise<LogStore> {
  const database = await readSmall(folder, 'database');
  return database === undefined
    ? openSqliteLog(join(folder, 'log.db'), mode)
    : openPostgresLog(database.trimEnd());
}

/** The policy of a folder. @throws LogError LOG_UNSUITABLE, LOG_MALFORMED */
export async function readPolicy(folder: string): Promise<Policy> {
  return parsePolicy(await requireSmall(folder, 'policy'));
}

async function readSigner(folder: string): Promise<NoteSigner> {
  const secret = await readSmall(folder, 'key');
  if (secret === undefined) {
    throw new LogError(
      'LOG_UNSUITABLE',
      `${folder} is a copy of a log: it has no key, and nothing can be added to it.`,
    );
  }
  const { name, type, seed } = parseSecret(secret.trimEnd());
  if (type !== KeyType.ed25519) {
    throw new LogError('LOG_UNSUITABLE', `${join(folder, 'key')} is the key of a witness.`);
  }
  return createSigner(name, seed);
}

/**
 * Takes an empty folder for a new log. Its file `key` is made before anything else, and by one process alone:
 * of two that begin at once, the second finds it there and touches nothing.
 */
async function claim(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await readdir(folder)).length === 0 && (await makeNew(join(folder, 'key')))) {
      return await chmod(folder, 0o700);
    }
  } catch (cause) {
    throw new LogError('LOG_UNSUITABLE', `${folder} cannot be made or read.`, { cause });
  }
  throw new LogError('LOG_UNSUITABLE', `${folder} holds something already.`);
}

/** @returns false when it is there */
async function makeNew(path: string): Promise<boolean> {
  try {
    await writeFile(path, '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}

async function requireSmall(folder: string, name: string): Promise<string> {
  const text = await readSmall(folder, name);
  if (text !== undefined) return text;
  throw new LogError('LOG_UNSUITABLE', `${folder} is not the folder of a log: it has no ${name}.`);
}

async function readSmall(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name);
  // A key may lie on a medium that is kept apart.
  const found = await readSmallFile(path, maxFileBytes, { follow: true });
  if (found.kind === 'missing') return undefined;
  if (found.kind === 'unfit') {
    const { cause } = found;
    throw new LogError('LOG_UNSUITABLE', `${path} cannot be used: ${found.why}.`, { cause });
  }
  if (found.isPrivate || !secrets.has(name)) return found.text;
  throw new LogError(
    'LOG_UNSUITABLE',
    `${path} cannot be used: others than you may read or write it. Take that from them (chmod 600).`,
  );
}

function sleep(millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
