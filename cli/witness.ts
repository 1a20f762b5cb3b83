/**
 * `touchstone witness`: cosigns the checkpoints of logs, for as long as it runs.
 *
 * On standard output it prints one line, as it can stand in a policy (C2SP tlog-policy):
 *
 *   witness <name> <verifier key> <URL>
 */
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join, resolve } from 'node:path';
import { createWitness } from '../server/witness.ts';
import { equal, utf8 } from '../src/bytes/bytes.ts';
import { codeOf } from '../src/errors/cause.ts';
import { LogError, UsageError } from '../src/errors/error.ts';
import { Exit } from '../src/errors/exit.ts';
import { writeDurably, writeOnceFiles } from '../src/state/durable.ts';
import { makeStateFolder } from '../src/state/folder.ts';
import { openWitnessStore, type WitnessStore } from '../src/store/witness-store.ts';
import { encodeKey, KeyType } from '../src/tlog/key.ts';
import { maxPolicyBytes, type Policy, parsePolicy } from '../src/tlog/policy.ts';
import { type Cosigner, createCosigner, encodeSecret, parseSecret } from '../src/tlog/signer.ts';
import type { Deps } from './deps.ts';
import { readTextFile, unsuitable } from './files.ts';
import { printable } from './ui/printable.ts';

export interface WitnessOptions {
  /** Verifier keys of logs. */
  readonly log?: readonly string[];
  /** A policy file; its logs count. */
  readonly policy?: string;
  /** Needed for a new key. */
  readonly name?: string;
  /** Left out: `witness.key` in the data folder. */
  readonly key?: string;
  /** Left out: `witness` in the state folder. */
  readonly data?: string;
  readonly listen: string;
}

const maxKeyBytes = 4096;

/** A request is small; who sends it slower than this only holds a connection. */
const requestMillis = 20_000;
/** For requests that are under way when it ends. */
const graceMillis = 3_000;

/**
 * Serves until Ctrl-C or SIGTERM.
 *
 * @throws UsageError; TouchstoneError STATE_UNUSABLE; LogError when the data cannot be used
 */
export async function witness(options: WitnessOptions, deps: Deps): Promise<Exit> {
  const logs = await loadLogs(options, deps);
  const address = parseAddress(options.listen);
  const data = resolve(options.data ?? join(deps.stateFolder(), 'witness'));
  await makeStateFolder(data);
  const keyPath = options.key === undefined ? join(data, 'witness.key') : resolve(options.key);
  const { cosigner, newSecret } =
    (await loadCosigner(keyPath, options.name, deps)) ?? makeCosigner(keyPath, options.name, deps);
  if (logs.some(({ key }) => equal(key.publicKey, cosigner.key.publicKey))) {
    throw unsuitable(keyPath, 'it is the key of one of the logs, and a log cannot witness itself');
  }
  const path = join(data, 'witness.db');
  // In this order: a crash between the two must not leave a key without its memory.
  const store = await (newSecret === undefined
    ? openMemory(path, keyPath)
    : openWitnessStore(path, 'create'));
  try {
    if (newSecret === undefined) await requireMemoryOf(cosigner, data);
    else {
      await claimMemory(cosigner, data);
      await keepKey(keyPath, newSecret, deps);
    }
    const now = () => BigInt(Math.floor(deps.now() / 1000));
    const app = createWitness({ cosigner, logs, store, now });
    const server = createServer({ requestTimeout: requestMillis }, app);
    await serve(server, address, deps, (url) => {
      deps.stdout.write(`witness ${cosigner.key.name} ${encodeKey(cosigner.key)} ${url}\n`);
      const names = logs.map(({ origin }) => printable(origin)).join(', ');
      deps.stderr.write(`Cosigning for ${names}. Ctrl-C ends it.\n`);
      if (!isLoopback(address.host)) {
        deps.stderr.write('Logs elsewhere reach a witness by https only: put a proxy before it.\n');
      }
    });
  } finally {
    store.close();
  }
  deps.stderr.write('The witness has ended.\n');
  return Exit.genuine;
}

/** Says whose memory a data folder is. */
const ofKey = 'witness.vkey';

/** Of two that begin at once, one makes the key: the other would serve with one that is on no disk. */
async function claimMemory({ key }: Cosigner, data: string): Promise<void> {
  try {
    const text = utf8(`${encodeKey(key)}\n`);
    await writeDurably(join(data, ofKey), text, { mode: 0o600, files: writeOnceFiles });
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause;
    const why = `a key was made for it before, or is being made. Where that key is lost, remove ${ofKey}`;
    throw unsuitable(data, why, cause);
  }
}

/** With the memory of another key, this one would sign what it refused before. */
async function requireMemoryOf({ key }: Cosigner, data: string): Promise<void> {
  const vkey = await readFile(join(data, ofKey), 'utf8').catch(() => '');
  if (vkey !== `${encodeKey(key)}\n`) {
    throw unsuitable(
      data,
      'it is not the memory of this key, which may have signed what it does not know',
    );
  }
}

async function loadLogs({ log, policy }: WitnessOptions, deps: Deps): Promise<Policy['logs']> {
  if ((log === undefined) === (policy === undefined)) {
    throw new UsageError('USAGE', 'Which logs? Give their keys with --log, or a file by --policy.');
  }
  if (policy !== undefined) {
    const { logs } = readPolicy(await readTextFile(policy, maxPolicyBytes, deps), (cause) =>
      unsuitable(policy, cause.message, cause),
    );
    if (logs.length === 0) throw unsuitable(policy, 'it names no log');
    return logs;
  }
  const lines = (log ?? []).map((vkey) => {
    // Also keeps a line break in it from being read as another line.
    if (/[\s]/.test(vkey)) throw notAKey(vkey);
    readPolicy(`log ${vkey}\nquorum none\n`, (cause) => notAKey(vkey, cause));
    return `log ${vkey}\n`;
  });
  const { logs } = readPolicy(
    `${lines.join('')}quorum none\n`,
    (cause) => new UsageError('USAGE', '--log: the same key is given twice.', { cause }),
  );
  return logs;
}

function readPolicy(text: string, asShown: (cause: LogError) => UsageError): Policy {
  try {
    return parsePolicy(text);
  } catch (error) {
    throw error instanceof LogError ? asShown(error) : error;
  }
}

function notAKey(vkey: string, cause?: LogError): UsageError {
  const message = `--log ${vkey}: the verifier key of a log expected, name+id+base64 (Ed25519).`;
  return new UsageError('USAGE', message, { cause });
}

/** The key of this witness. */
interface Key {
  readonly cosigner: Cosigner;
  /** What must be written before it is used. */
  readonly newSecret?: string;
}

/** Undefined when there is none yet. */
async function loadCosigner(
  path: string,
  name: string | undefined,
  deps: Deps,
): Promise<Key | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unsuitable(path, error.code ?? 'the system refused', error);
  });
  if (found === undefined) return undefined;
  // Windows has no such bits: there a profile's folders are its user's own.
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw unsuitable(path, 'others may read or write it; `chmod 600` keeps a key secret');
  }
  const text = await readTextFile(path, maxKeyBytes, deps);
  const cosigner = readSecret(text.replace(/\n$/, ''), path);
  if (name !== undefined && name !== cosigner.key.name) {
    throw unsuitable(path, `it is the key of ${cosigner.key.name}, not of ${name}`);
  }
  return { cosigner };
}

function readSecret(text: string, path: string): Cosigner {
  try {
    const { name, type, seed } = parseSecret(text);
    // A log's key that cosigns could be made to sign a checkpoint, and the other way round.
    if (type !== KeyType.cosignature) throw unsuitable(path, 'it is not the key of a witness');
    return createCosigner(name, seed);
  } catch (error) {
    throw error instanceof LogError ? unsuitable(path, 'it holds no secret key', error) : error;
  }
}

function makeCosigner(path: string, name: string | undefined, deps: Deps): Key {
  if (name === undefined) {
    throw new UsageError(
      'USAGE',
      `There is no key at ${path}. To make one, give the witness a name: --name example.org/w1.`,
    );
  }
  const seed = deps.random(32);
  try {
    const cosigner = createCosigner(name, seed);
    return { cosigner, newSecret: `${encodeSecret(name, KeyType.cosignature, seed)}\n` };
  } catch (cause) {
    if (!(cause instanceof LogError)) throw cause;
    const message = '--name: 1 to 255 bytes without a space or "+" expected, like example.org/w1.';
    throw new UsageError('USAGE', message, { cause });
  }
}

async function keepKey(path: string, secret: string, deps: Deps): Promise<void> {
  await writeDurably(path, utf8(secret), { mode: 0o600 }).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code ?? 'the system refused';
    throw new UsageError('FILE_UNWRITABLE', `${path} cannot be written: ${why}.`, { cause });
  });
  deps.stderr.write(`A new key was made: ${printable(path)}. Whoever has it can witness as you.\n`);
}

/** What this key cosigned before. */
async function openMemory(path: string, keyPath: string): Promise<WitnessStore> {
  try {
    return await openWitnessStore(path, 'existing');
  } catch (cause) {
    if (!(cause instanceof LogError) || cause.code !== 'LOG_UNSUITABLE') throw cause;
    const why = `what it cosigned before is not at ${path}, and without that it could cosign a second history. Bring it back, or begin with a new key`;
    throw unsuitable(keyPath, why, cause);
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Listens until it is told to end; requests that are under way are answered. */
async function serve(
  server: Server,
  { host, port }: Address,
  { signal }: Pick<Deps, 'signal'>,
  onListen: (url: string) => void,
): Promise<void> {
  if (signal.aborted) return;
  const over = new AbortController();
  const end = () => over.abort();
  signal.addEventListener('abort', end);
  process.once('SIGTERM', end);
  try {
    server.listen({ host, port });
    await once(server, 'listening').catch((cause: unknown) => {
      const message = `Nothing can listen at ${shown({ host, port })}. Is the port taken?`;
      throw new UsageError('USAGE', message, { cause });
    });
    onListen(`http://${shown({ host, port: portOf(server) })}`);
    if (!over.signal.aborted) await once(over.signal, 'abort');
    const force = setTimeout(() => server.closeAllConnections(), graceMillis);
    await new Promise((resolve) => server.close(resolve));
    clearTimeout(force);
  } finally {
    signal.removeEventListener('abort', end);
    process.removeListener('SIGTERM', end);
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function shown({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Port 0 takes a free one. */
function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) {
    throw new UsageError(
      'USAGE',
      `--listen ${text}: a host and a port like 127.0.0.1:8377 expected.`,
    );
  }
  return { host, port };
}
