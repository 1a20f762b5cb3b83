/** Which log and which witnesses a command trusts: a file that was named, or that of this computer's own log. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LogError, TouchstoneError, UsageError } from '../src/errors/error.ts';
import { maxPolicyBytes, type Policy, parsePolicy } from '../src/tlog/policy.ts';
import type { Deps } from './deps.ts';
import { readTextFile } from './files.ts';

export interface TrustedPolicy {
  readonly policy: Policy;
  /** True for that of the log on this computer. */
  readonly ownRecord: boolean;
}

/** Folder of the log on this computer, in the state folder. */
export const ownLog = 'log';

/**
 * @param path of a C2SP tlog-policy file, - for standard input; left out: that of this computer's own log
 * @throws UsageError where there is neither; LogError LOG_MALFORMED naming the file
 */
export async function loadPolicy(path: string | undefined, deps: Deps): Promise<TrustedPolicy> {
  const own = path === undefined ? await findOwnPolicy(deps) : undefined;
  const chosen = path ?? own;
  if (chosen === undefined) {
    throw new UsageError(
      'USAGE',
      'There is no log on this computer, so it must be said which one is trusted: give its policy with --policy.',
    );
  }
  return { policy: await readPolicyFile(chosen, deps), ownRecord: own !== undefined };
}

/** @throws UsageError for a file that cannot be read; LogError LOG_MALFORMED naming the file */
export async function readPolicyFile(path: string, deps: Deps): Promise<Policy> {
  const text = await readTextFile(path, maxPolicyBytes, deps);
  try {
    return parsePolicy(text);
  } catch (cause) {
    if (!(cause instanceof LogError)) throw cause;
    const message = `The policy ${path} cannot be used: ${cause.message}.`;
    throw new LogError('LOG_MALFORMED', message, { cause });
  }
}

async function findOwnPolicy(deps: Deps): Promise<string | undefined> {
  let folder: string;
  try {
    folder = deps.stateFolder();
  } catch (error) {
    if (error instanceof TouchstoneError) return undefined;
    throw error;
  }
  const path = join(folder, ownLog, 'policy');
  const found = await stat(path).catch(() => undefined);
  return found && path;
}
