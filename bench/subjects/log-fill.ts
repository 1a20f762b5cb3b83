/**
 * Logs of many entries, each filled by a process of its own (log-filler.ts). A large one takes minutes, so
 * the rows share it; it is removed when this process ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../cli/package.ts';
import { removeFolder, temporaryFolder } from './log-room.ts';

export interface FilledLog {
  /** A log folder; the log in it is closed. */
  readonly folder: string;
  /** The largest resident set of the process that filled it; 10^6 bytes. */
  readonly peakMegabytes: number;
}

/** What is left to end and to remove. */
const children = new Set<ChildProcess>();
const folders = new Set<string>();
const shared = new Map<number, Promise<FilledLog>>();

/** A log of that many entries, filled at the first call. Whoever appends to it alters it for all. */
export function sharedLog(count: number): Promise<FilledLog> {
  const known = shared.get(count);
  if (known !== undefined) return known;
  const filled = fillLog(count);
  shared.set(count, filled);
  filled.catch(() => shared.delete(count));
  return filled;
}

/**
 * Fills a log that is the caller's own.
 *
 * @throws Error with what the process says when it fails
 */
export async function fillLog(count: number): Promise<FilledLog> {
  removeAtEnd();
  const folder = temporaryFolder();
  folders.add(folder);
  const output = await run([program(), folder, String(count)]).catch((error) => {
    dropLog({ folder });
    throw error;
  });
  const { peakBytes } = JSON.parse(output);
  return { folder, peakMegabytes: peakBytes / 1e6 };
}

/** Removes a log that `fillLog` gave. */
export function dropLog({ folder }: Pick<FilledLog, 'folder'>): void {
  removeFolder(folder);
  folders.delete(folder);
}

/** Node.js runs what is built; from the sources, that is the build below them. */
function program(): string {
  const here = fileURLToPath(new URL('./log-filler.js', import.meta.url));
  return import.meta.url.endsWith('.ts') ? packageFile('dist/bench/subjects/log-filler.js') : here;
}

function run(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      children.delete(child);
      if (code === 0) resolve(output.stdout);
      else reject(new Error(`node ${args.join(' ')} failed: ${output.stderr}`));
    });
  });
}

let hooked = false;

function removeAtEnd(): void {
  if (hooked) return;
  hooked = true;
  const remove = () => {
    for (const child of children) child.kill('SIGKILL');
    for (const folder of folders) removeFolder(folder);
  };
  process.once('exit', remove);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      remove();
      process.kill(process.pid, signal);
    });
  }
}
