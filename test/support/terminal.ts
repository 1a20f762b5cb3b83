/** Runs the built program in a terminal of its own, as a person meets it. */
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { repositoryFile } from './cli.ts';

export interface Terminal {
  /** All that was shown so far, control sequences included. */
  screen(): string;
  /** Returns as soon as the screen has shown this text, or at the end. */
  shown(text: string): Promise<void>;
  type(keys: string): void;
  kill(signal: NodeJS.Signals): void;
  /** The exit code. */
  readonly ended: Promise<number>;
}

/** What keeps this machine from having terminals. */
export async function terminalMissing(): Promise<string | undefined> {
  try {
    await import('@lydell/node-pty');
    return undefined;
  } catch {
    return '@lydell/node-pty cannot be loaded (npm ci)';
  }
}

const endMs = 30_000;
const columns = 100;

/** Starts the built program; it is killed when its time is over. */
export async function inTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Terminal> {
  const { spawn } = await import('@lydell/node-pty');
  const { PATH = '', HOME = '' } = process.env;
  const clock = pathToFileURL(repositoryFile('test/support/fixed-clock.mjs')).href;
  const child = spawn(process.execPath, [repositoryFile('dist/cli/touchstone.js'), ...args], {
    name: 'xterm-256color',
    cols: columns,
    rows: 40,
    cwd: tmpdir(),
    env: { PATH, HOME, TERM: 'xterm-256color', NODE_OPTIONS: `--import=${clock}`, ...env },
  });
  let screen = '';
  const listeners = new Set<() => void>();
  child.onData((text) => {
    screen += text;
    for (const listener of listeners) listener();
  });
  const late = setTimeout(() => child.kill('SIGKILL'), endMs);
  const ended = new Promise<number>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      clearTimeout(late);
      resolve(signal ? 128 + signal : exitCode);
    });
  });
  const shown = (text: string) =>
    new Promise<void>((resolve) => {
      const check = () => plainText(screen).includes(text) && resolve();
      listeners.add(check);
      check();
    });
  return {
    screen: () => screen,
    shown: (text) => Promise.race([shown(text), ended.then(() => undefined)]),
    type: (keys) => child.write(keys),
    kill: (name) => child.kill(name),
    ended,
  };
}

/** Without control sequences, each run of white space as one space. */
export function plainText(screen: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return screen.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/\s+/g, ' ');
}
