/** Where a log is: the folder of a running log or of a copy, plain files of an export, a web server. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LogError, TouchstoneError, UsageError } from '../../src/errors/error.ts';
import { openRows, readPolicy } from '../../src/log/folder.ts';
import { openGuard } from '../../src/log/guard.ts';
import { hasKey } from '../../src/log/mirror.ts';
import { requireRemembered } from '../../src/log/signer.ts';
import { type LogSource, rowsSource } from '../../src/log/source.ts';
import { openStaticFolder } from '../../src/log/static-folder.ts';
import { openStaticUrl } from '../../src/log/static-url.ts';
import { createHttpGet, createHttpPost, type HttpPost } from '../../src/net/http.ts';
import { fill } from '../../src/report/texts.ts';
import { modeTexts } from '../../src/report/texts-log-screen.ts';
import type { LogStore } from '../../src/store/log-store.ts';
import { isWitnessed, type Policy } from '../../src/tlog/policy.ts';
import { maxBundleBytes } from '../../src/tlog/tile.ts';
import type { Deps } from '../deps.ts';
import { ownLog, readPolicyFile } from '../policy.ts';

export interface PlaceOptions {
  /** Folder of a log; left out: this computer's own. */
  readonly log?: string;
  /** A policy file, in place of that in the folder. */
  readonly policy?: string;
}

/** What a log is, by where it lies. */
export type Place =
  | {
      readonly kind: 'log' | 'copy';
      readonly source: LogSource;
      readonly store: LogStore;
      readonly policy: Policy;
      readonly folder: string;
    }
  | {
      readonly kind: 'export';
      readonly source: LogSource;
      /** Undefined where none was given: then nothing can be said about it. */
      readonly policy: Policy | undefined;
    };

const readMillis = 30_000;
const postMillis = 15_000;
const maxAnswerBytes = 1024 * 1024;

/** The folder that is meant by --log. */
export function logFolder({ log }: PlaceOptions, deps: Deps): string {
  return log === undefined ? join(deps.stateFolder(), ownLog) : resolve(log);
}

/**
 * Opens a log for reading and lets go of it afterwards.
 *
 * @param where a folder or a URL, as it was typed; left out: --log
 * @throws UsageError for two places; LogError LOG_UNSUITABLE when there is no log; as the parts do
 */
export async function withPlace<T>(
  where: string | undefined,
  options: PlaceOptions,
  deps: Deps,
  act: (place: Place) => Promise<T>,
): Promise<T> {
  if (where !== undefined && options.log !== undefined) {
    throw new UsageError('USAGE', 'Give a place or --log, not both.');
  }
  const chosen =
    options.policy === undefined ? undefined : await readPolicyFile(options.policy, deps);
  if (where !== undefined && isUrl(where)) {
    const source = openUrl(where, deps);
    return inWords(source.place, () => act({ kind: 'export', source, policy: chosen }));
  }
  const folder = where === undefined ? logFolder(options, deps) : resolve(where);
  if (!(await isThere(join(folder, 'policy')))) {
    if (await isThere(join(folder, 'checkpoint'))) {
      const source = await openStaticFolder(folder);
      return inWords(folder, () => act({ kind: 'export', source, policy: chosen }));
    }
    throw noLog(folder, where === undefined && options.log === undefined);
  }
  const policy = chosen ?? (await folderPolicy(folder));
  const kind = (await hasKey(folder)) ? 'log' : 'copy';
  const store = await openRows(folder);
  try {
    await store.identity();
    const source = rowsSource(store);
    return await inWords(store.place, () => act({ kind, source, store, policy, folder }));
  } finally {
    await store.close();
  }
}

/**
 * What keeps a log from being written to, by what its folder says: the file of what was signed last knows
 * better than the rows. Undefined for a copy and for plain files, and where nothing is the matter.
 */
export async function problemOf(place: Place): Promise<TouchstoneError | undefined> {
  if (place.kind !== 'log') return undefined;
  try {
    const guard = await openGuard(join(place.folder, 'signed'));
    await requireRemembered(place.store, guard, isWitnessed(place.policy));
    return undefined;
  } catch (error) {
    if (error instanceof TouchstoneError) return error;
    throw error;
  }
}

/** What to say of a log that cannot be written to. */
export function readOnlyText({ message, entry }: TouchstoneError): string {
  return fill(modeTexts['read-only'], { problem: `${message} ${entry.remedy}` });
}

/** The policy in the folder of a log. @throws LogError LOG_UNSUITABLE, LOG_MALFORMED naming the file */
export function folderPolicy(folder: string): Promise<Policy> {
  return inWords(`The policy ${join(folder, 'policy')}`, () => readPolicy(folder));
}

/** Parsers say in a few words what is wrong; people want to read of what. */
export async function inWords<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const isFragment =
      cause instanceof LogError && cause.code === 'LOG_MALFORMED' && !/[.?]$/.test(cause.message);
    if (!isFragment) throw cause;
    throw new LogError(cause.code, `${what} cannot be used: ${cause.message}.`, { cause });
  }
}

/** The policy of a place, or the demand to give one. */
export function requirePolicy({ policy, source }: Place): Policy {
  if (policy !== undefined) return policy;
  throw new LogError(
    'LOG_UNSUITABLE',
    `${source.place} says nothing about who may sign it: give its policy with --policy.`,
  );
}

/** Plain files in a folder or on a web server. */
export async function sourceOf(where: string, deps: Deps): Promise<LogSource> {
  return isUrl(where) ? openUrl(where, deps) : openStaticFolder(resolve(where));
}

/** Calls the witnesses of a log. */
export function witnessPost(deps: Deps): HttpPost {
  const { fetch, signal } = deps;
  return createHttpPost({ fetch, signal, timeoutMs: postMillis, maxBytes: maxAnswerBytes });
}

function openUrl(url: string, deps: Deps): LogSource {
  const { fetch, signal } = deps;
  const get = createHttpGet({ fetch, signal, timeoutMs: readMillis, maxBytes: maxBundleBytes });
  const sleep = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis));
  return openStaticUrl({ url, get, sleep });
}

function noLog(folder: string, isOwn: boolean): LogError {
  return new LogError(
    'LOG_UNSUITABLE',
    isOwn ? 'There is no log on this computer yet.' : `There is no log in ${folder}.`,
  );
}

function isUrl(where: string): boolean {
  return /^https?:\/\//i.test(where);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
