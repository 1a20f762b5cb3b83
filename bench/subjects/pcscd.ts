/**
 * A real pcscd with two virtual readers (vsmartcard-vpcd), for one user at a time: a row of the
 * benchmark or a test file.
 *
 * pcscd has one fixed socket, so those that need it take turns: `flock` holds the lock for as long
 * as pcscd lives, whoever kills it, and `setpriv` ends pcscd with the process that started it. A
 * pcscd that somebody else runs is never touched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../../cli/package.ts';

export const pcscdSocket = '/run/pcscd/pcscd.comm';
const pidFile = '/run/pcscd/pcscd.pid';
const lockFile = '/run/touchstone-test-pcscd.lock';
const vpcdDriver = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so';
/** Exit code of the start script when another pcscd answers. */
const foreignExit = 75;

/** The two slots of one vpcd: the second listens on the next port. */
export const firstReader = { name: 'Virtual PCD 00 00', port: 35963 } as const;
export const secondReader = { name: 'Virtual PCD 00 01', port: 35964 } as const;

/** How long one's turn may take to come: others may hold the lock for a while. */
export const pcscdTurnMs = 300_000;

const readyMs = 10_000;

export interface Pcscd {
  /** Ends it at once, as a crash would: socket and pid file stay behind. */
  kill(): Promise<void>;
  /** Ends it in good order. Never throws; may be called twice. */
  stop(): Promise<void>;
}

/** What keeps this machine from running a pcscd of our own. */
export async function pcscMissing(): Promise<string | undefined> {
  const missing = await driverMissing();
  if (missing !== undefined) return missing;
  if (process.getuid?.() !== 0) return 'pcscd must be started by root';
  if (!existsSync('/usr/sbin/pcscd')) return 'pcscd is not installed (apt-get install pcscd)';
  if (!existsSync(vpcdDriver)) {
    return 'the virtual reader is missing (apt-get install vsmartcard-vpcd)';
  }
  return (await foreignPcscdRuns()) ? 'another pcscd runs here (stop it first)' : undefined;
}

/** What keeps this machine from speaking to any pcscd. */
export async function driverMissing(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'pcscd runs on Linux only';
  const load = await run(process.execPath, ['-e', "require('nfc-pcsc')"], packageFile('.'));
  if (load === 0) return undefined;
  return 'nfc-pcsc cannot be loaded (apt-get install libpcsclite-dev, npm ci)';
}

/** True when a pcscd takes connections that none of ours has started. */
export async function foreignPcscdRuns(): Promise<boolean> {
  // 1: the lock is held, so the pcscd that runs is one of ours.
  const locked = await run('flock', ['-n', '-E', '1', lockFile, 'sh', '-c', refuseForeign]);
  if (locked === 0 || locked === 1) return false;
  // The lock may be out of reach: then this user has started no pcscd.
  return locked === foreignExit || (await run('sh', ['-c', refuseForeign])) === foreignExit;
}

const probe = `require('net').connect('${pcscdSocket}').on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))`;
const refuseForeign = `if "${process.execPath}" -e "${probe}"; then exit ${foreignExit}; fi`;
const startScript = `${refuseForeign}
mkdir -p /run/pcscd
rm -f ${pcscdSocket} ${pidFile}
exec /usr/sbin/pcscd --foreground --critical --config "$1"`;

/**
 * Starts pcscd as soon as it is our turn, and returns when both readers listen.
 *
 * @throws Error with the output of pcscd when it does not come up
 */
export async function startPcscd(): Promise<Pcscd> {
  const config = mkdtempSync(join(tmpdir(), 'touchstone-pcscd-'));
  // 0x8c7b = 35963; /dev/null stands for "listen" (vsmartcard vpcd README).
  writeFileSync(
    join(config, 'vpcd'),
    `FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH ${vpcdDriver}\nCHANNELID 0x8C7B\n`,
  );
  const child = spawn(
    'flock',
    [
      '--no-fork',
      lockFile,
      'setpriv',
      '--pdeathsig',
      'KILL',
      'sh',
      '-c',
      startScript,
      'sh',
      config,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    output += String(chunk);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await ready(child, () => output);
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    throw error;
  } finally {
    rmSync(config, { recursive: true, force: true });
  }
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 3_000);
    await exited;
    clearTimeout(late);
  };
  return { kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

/** Waits for the turn, and then no longer than pcscd may take. */
async function ready(child: ChildProcess, output: () => string): Promise<void> {
  const turnEnds = Date.now() + pcscdTurnMs - 2 * readyMs;
  while (Date.now() < turnEnds) {
    if (child.exitCode !== null) {
      throw new Error(`pcscd ended with ${child.exitCode}: ${output()}`);
    }
    if (await isOurs(child)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`pcscd did not come up: ${output()}`);
}

/** True when the pcscd that takes connections is the given child, not another one's. */
async function isOurs(child: ChildProcess): Promise<boolean> {
  if (!existsSync(pidFile)) return false;
  if (readFileSync(pidFile, 'utf8').replace(/\D/g, '') !== String(child.pid)) return false;
  return new Promise((resolve) => {
    const socket = connect(pcscdSocket);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

/** @param cwd decides where packages are looked for */
async function run(file: string, args: readonly string[], cwd?: string): Promise<number | null> {
  const child = spawn(file, args, { stdio: 'ignore', timeout: readyMs, cwd });
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.once('error', () => resolve(null));
  });
}
