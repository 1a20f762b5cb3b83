/** Where a log is: the folder of a running log or of a copy, plain files of an export, a web server. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LogError } from '../../src/errors/error.ts';
import { openRows, readPolicy } from '../../src/log/folder.ts';
import { hasKey } from '../../src/log/mirror.ts';
import { type LogSource, rowsSource } from '../../src/log/source.ts';
import { openStaticFolder } from '../../src/log/static-folder.ts';
import { openStaticUrl } from '../../src/log/static-url.ts';
import { createHttpGet, createHttpPost, type HttpPost } from '../../src/net/http.ts';
import type { LogStore } from '../../src/store/log-store.ts';
import type { Policy } from '../../src/tlog/policy.ts';
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
 * @throws LogError LOG_UNSUITABLE when there is no log; as the parts do
 */
export async function withPlace<T>(
  where: string | undefined,
  options: PlaceOptions,
  deps: Deps,
  act: (place: Place) => Promise<T>,
): Promise<T> {
  const chosen =
    options.policy === undefined ? undefined : await readPolicyFile(options.policy, deps);
  if (where !== undefined && isUrl(where)) {
    return act({ kind: 'export', source: openUrl(where, deps), policy: chosen });
  }
  const folder = where === undefined ? logFolder(options, deps) : resolve(where);
  if (!(await isThere(join(folder, 'policy')))) {
    if (await isThere(join(folder, 'checkpoint'))) {
      return act({ kind: 'export', source: await openStaticFolder(folder), policy: chosen });
    }
    throw noLog(folder, where === undefined && options.log === undefined);
  }
  const policy = chosen ?? (await readPolicy(folder));
  const kind = (await hasKey(folder)) ? 'log' : 'copy';
  const store = await openRows(folder);
  try {
    await store.identity();
    return await act({ kind, source: rowsSource(store), store, policy, folder });
  } finally {
    await store.close();
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
