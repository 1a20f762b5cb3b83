/**
 * Where Touchstone keeps what it must remember between two runs. Environment, platform and home are
 * parameters, so that a test needs no other computer; env-paths and its kin read them when they are
 * imported, and take a relative XDG_DATA_HOME, which the specification forbids.
 */
import { mkdir, realpath, stat } from 'node:fs/promises';
import { join, posix, win32 } from 'node:path';
import { codeOf } from '../errors/cause.ts';
import { TouchstoneError } from '../errors/error.ts';

const folderName = 'touchstone';

/**
 * The path of the state folder: TOUCHSTONE_STATE where that is an absolute path, else
 *
 *   Linux and others  $XDG_DATA_HOME/touchstone, or ~/.local/share/touchstone where that is not set,
 *                     empty or relative (XDG Base Directory Specification 0.8)
 *   macOS             ~/Library/Application Support/touchstone (Apple, File System Programming
 *                     Guide, "The Library Directory Stores App-Specific Files")
 *   Windows           %LOCALAPPDATA%\touchstone, or ~\AppData\Local\touchstone (Microsoft,
 *                     KNOWNFOLDERID, FOLDERID_LocalAppData: not the one that roams to other computers)
 *
 * Nothing is read or made.
 *
 * @param env such as process.env
 * @param platform such as process.platform
 * @param home such as os.homedir()
 * @throws TouchstoneError STATE_UNUSABLE when a home is needed and is not an absolute path
 */
export function stateFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): string {
  const path = platform === 'win32' ? win32 : posix;
  const absolute = (name: string): string | undefined => {
    const value = env[name];
    return value !== undefined && path.isAbsolute(value) ? value : undefined;
  };
  const atHome = (...names: string[]): string => {
    if (path.isAbsolute(home)) return path.join(home, ...names);
    throw new TouchstoneError(
      'STATE_UNUSABLE',
      'This user has no home folder, so there is no place for what Touchstone keeps.',
    );
  };
  const chosen = absolute('TOUCHSTONE_STATE');
  if (chosen !== undefined) return path.normalize(chosen);
  switch (platform) {
    case 'win32':
      return path.join(absolute('LOCALAPPDATA') ?? atHome('AppData', 'Local'), folderName);
    case 'darwin':
      return atHome('Library', 'Application Support', folderName);
    default:
      return path.join(absolute('XDG_DATA_HOME') ?? atHome('.local', 'share'), folderName);
  }
}

/**
 * Makes the state folder, and what is missing above it, for this user alone (0700). One that is
 * there keeps its permissions: somebody chose them, and it may hold other things.
 *
 * @param path absolute
 * @throws TouchstoneError STATE_UNUSABLE when it cannot be made, is no folder, or every user of this
 *   computer may write to it and so could plant or swap what is kept there
 */
export async function makeStateFolder(path: string): Promise<void> {
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    found = await stat(path);
  } catch (cause) {
    throw stateUnusable(path, cause);
  }
  // Windows has no such bits: there a profile's folders are its user's own.
  if (process.platform !== 'win32' && (found.mode & 0o002) !== 0) {
    throw stateUnusable(path, undefined, 'every user of this computer may write to it');
  }
}

/**
 * Makes a folder (0700) in another that is there, and answers its real path.
 *
 * @param parent as `realpath` gives it
 * @param name one name, without separators
 * @throws Error of the system; Error with code ENOTDIR when something else is in its place, such as
 *   a symbolic link, through which a write would land outside
 */
export async function makeFolderInside(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  if ((await realpath(path)) !== path || !(await stat(path)).isDirectory()) {
    throw Object.assign(new Error(`${path} is not a folder`), { code: 'ENOTDIR' });
  }
  return path;
}

/** The error for a state folder that cannot be used. The reason is taken from `cause` if not given. */
export function stateUnusable(path: string, cause?: unknown, why?: string): TouchstoneError {
  return new TouchstoneError(
    'STATE_UNUSABLE',
    `The folder ${path}, where Touchstone keeps its files, cannot be used: ${why ?? reason(cause)}.`,
    { cause },
  );
}

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'you may not write to it';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'EEXIST':
    case 'ENOTDIR':
    case 'EISDIR':
      return 'something else is in its place or in the place of a file in it';
    case 'ENOENT':
      return 'it cannot be made there';
    default:
      return codeOf(error) ?? 'the system refused';
  }
}
