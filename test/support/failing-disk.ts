/** Compiles failing-fsync.c: the environment of a process whose disk fails. Linux with a C compiler. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryFile } from './cli.ts';

const run = promisify(execFile);

/** What keeps this machine from having failing disks. */
export async function failingDiskMissing(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'it needs LD_PRELOAD and /proc of Linux';
  try {
    await run('cc', ['--version']);
    return undefined;
  } catch {
    return 'there is no C compiler (on Debian: apt-get install gcc libc6-dev)';
  }
}

export interface FailingDisk {
  /** @param rule as the head of failing-fsync.c says */
  environment(rule: Readonly<Record<string, string>>): Record<string, string>;
  remove(): Promise<void>;
}

export async function compileFailingDisk(): Promise<FailingDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'touchstone-disk-'));
  const library = join(folder, 'failing.so');
  const source = repositoryFile('test/support/failing-fsync.c');
  await run('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, source, '-ldl']);
  return {
    environment: (rule) => ({ LD_PRELOAD: library, ...rule }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
