/** Files named on the command line: read with a limit, written once and never over another. */
import { open, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { utf8 } from '../src/bytes/bytes.ts';
import { codeOf } from '../src/errors/cause.ts';
import { UsageError } from '../src/errors/error.ts';
import type { Deps } from './deps.ts';

/**
 * The text of a file, or of standard input for "-".
 *
 * @param maxBytes a longer file is refused without reading it whole
 * @throws UsageError FILE_UNREADABLE, FILE_UNSUITABLE
 */
export async function readTextFile(
  path: string,
  maxBytes: number,
  deps: Pick<Deps, 'stdin' | 'stderr'>,
): Promise<string> {
  const bytes = await readBinaryFile(path, maxBytes, deps);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unsuitable(path, 'it is not text (UTF-8)', cause);
  }
}

/**
 * The bytes of a file, or of standard input for "-".
 *
 * @param maxBytes a longer file is refused without reading it whole
 * @throws UsageError FILE_UNREADABLE, FILE_UNSUITABLE
 */
export async function readBinaryFile(
  path: string,
  maxBytes: number,
  { stdin, stderr }: Pick<Deps, 'stdin' | 'stderr'>,
): Promise<Uint8Array> {
  // On a terminal nothing would show that it waits for somebody to type.
  if (path === '-' && 'isTTY' in stdin && stdin.isTTY) stderr.write('Reading standard input ...\n');
  return path === '-' ? readStream(stdin, maxBytes) : readFile(path, maxBytes);
}

async function readFile(path: string, maxBytes: number): Promise<Uint8Array> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    // Opening a FIFO would wait for its writer: only regular files are opened.
    const kind = await stat(path);
    if (kind.isDirectory()) throw unreadable(path, 'it is a folder');
    if (!kind.isFile()) throw unreadable(path, 'it is not a regular file');
    if (kind.size > maxBytes) throw tooLarge(path, maxBytes);
    handle = await open(path, 'r');
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw unreadable(path, reason(cause), cause);
  }
  try {
    // One byte more than allowed: a file that grew since it was looked at is noticed.
    const buffer = new Uint8Array(maxBytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (length > maxBytes) throw tooLarge(path, maxBytes);
      if (bytesRead === 0) return buffer.subarray(0, length);
    }
  } finally {
    await handle.close();
  }
}

async function readStream(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBytes) throw tooLarge('standard input', maxBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/**
 * A code: typed unseen at a terminal, else the first line of standard input. It must stand in no
 * command line and no environment, where others can read it.
 *
 * @throws UsageError USAGE when there is none, or one that is no code
 */
export async function readSecret(
  question: string,
  { stdin, stderr, secret }: Pick<Deps, 'stdin' | 'stderr' | 'secret'>,
): Promise<string> {
  const isTerminal = 'isTTY' in stdin && stdin.isTTY === true && stderr.isTTY === true;
  const code = isTerminal ? utf8(await secret(question)) : await readLine(stdin);
  const text = secretIn(code);
  if (text !== undefined) return text;
  throw new UsageError('USAGE', '--pin-stdin: a code of 1 to 64 characters expected on one line.');
}

async function readLine(stdin: Readable): Promise<Uint8Array> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stdin) {
    bytes = Buffer.concat([bytes, Buffer.from(chunk)]);
    if (bytes.includes(lineFeed) || bytes.length > maxSecretBytes) break;
  }
  const end = bytes.indexOf(lineFeed);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

const lineFeed = 0x0a;
const maxSecretChars = 64;
/** UTF-8 takes at most 3 bytes for each of what a string counts as its length. */
const maxSecretBytes = 3 * maxSecretChars + 2;

/** A half character would be another code, and a wrong one counts. */
function secretIn(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r$/, '');
    return text === '' || text.length > maxSecretChars ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * Finds out before a card is asked for whether a new file can be written.
 *
 * @throws UsageError FILE_EXISTS, FILE_UNWRITABLE
 */
export async function requireNewFile(path: string): Promise<void> {
  if (path === '') throw unwritable(path, 'it needs one');
  const existing = await stat(path).catch(() => undefined);
  if (existing !== undefined) throw alreadyThere(path);
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw unwritable(path, 'there is no such folder');
  }
}

/** @throws UsageError FILE_EXISTS, FILE_UNWRITABLE */
export async function writeNewFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw alreadyThere(path, cause);
    throw unwritable(path, reason(cause), cause);
  }
}

function tooLarge(path: string, maxBytes: number): UsageError {
  const size = maxBytes % 1024 === 0 ? `${maxBytes / 1024} KiB` : `${maxBytes} bytes`;
  return unsuitable(path, `it is larger than ${size}`);
}

function unreadable(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError('FILE_UNREADABLE', `${called(path)} cannot be read: ${why}.`, { cause });
}

export function unsuitable(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError('FILE_UNSUITABLE', `${called(path)} cannot be used: ${why}.`, { cause });
}

function unwritable(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError('FILE_UNWRITABLE', `${called(path)} cannot be written: ${why}.`, { cause });
}

function alreadyThere(path: string, cause?: unknown): UsageError {
  return new UsageError('FILE_EXISTS', `${path} exists already.`, { cause });
}

/** A name that a sentence can begin with, also when a script has lost it. */
function called(path: string): string {
  return path === '' ? 'A file without a name' : path;
}

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'ENAMETOOLONG':
      return 'its name is too long';
    case 'ELOOP':
      return 'its symbolic links lead in a circle';
    case 'EACCES':
    case 'EPERM':
      return 'you may not';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return codeOf(error) ?? 'the system refused';
  }
}
