import { chmodSync, mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolderInside, makeStateFolder, stateFolder } from '../../src/state/folder.ts';
import { temporaryFolder } from '../support/cli.ts';

const unusable = { code: 'STATE_UNUSABLE' };
const permissions = (path: string) => statSync(path).mode & 0o777;

describe('the path of the state folder', () => {
  const linuxHome = '/home/ann/.local/share/touchstone';
  const macHome = '/Users/ann/Library/Application Support/touchstone';
  const windowsHome = 'C:\\Users\\Ann\\AppData\\Local\\touchstone';

  it.each<[string, NodeJS.Platform, string, Record<string, string | undefined>, string]>([
    ['home', 'linux', '/home/ann', {}, linuxHome],
    ['home', 'freebsd', '/home/ann', {}, linuxHome],
    ['XDG_DATA_HOME', 'linux', '/home/ann', { XDG_DATA_HOME: '/data' }, '/data/touchstone'],
    ['no empty XDG_DATA_HOME', 'linux', '/home/ann', { XDG_DATA_HOME: '' }, linuxHome],
    ['no relative XDG_DATA_HOME', 'linux', '/home/ann', { XDG_DATA_HOME: 'data' }, linuxHome],
    ['an unset variable', 'linux', '/home/ann', { TOUCHSTONE_STATE: undefined }, linuxHome],
    ['home', 'darwin', '/Users/ann', {}, macHome],
    ['no XDG_DATA_HOME', 'darwin', '/Users/ann', { XDG_DATA_HOME: '/data' }, macHome],
    ['home', 'win32', 'C:\\Users\\Ann', {}, windowsHome],
    ['LOCALAPPDATA', 'win32', 'C:\\Users\\Ann', { LOCALAPPDATA: 'D:\\L' }, 'D:\\L\\touchstone'],
    ['no relative LOCALAPPDATA', 'win32', 'C:\\Users\\Ann', { LOCALAPPDATA: 'L' }, windowsHome],
    ['TOUCHSTONE_STATE', 'linux', '/home/ann', { TOUCHSTONE_STATE: '/srv/a' }, '/srv/a'],
    ['TOUCHSTONE_STATE', 'darwin', '/Users/ann', { TOUCHSTONE_STATE: '/srv/a' }, '/srv/a'],
    ['TOUCHSTONE_STATE', 'win32', 'C:\\Users\\Ann', { TOUCHSTONE_STATE: 'E:\\a' }, 'E:\\a'],
    ['TOUCHSTONE_STATE', 'linux', '', { TOUCHSTONE_STATE: '/srv/x/../a' }, '/srv/a'],
    [
      'TOUCHSTONE_STATE before XDG_DATA_HOME',
      'linux',
      '/home/ann',
      { TOUCHSTONE_STATE: '/srv/a', XDG_DATA_HOME: '/data' },
      '/srv/a',
    ],
    ['no relative TOUCHSTONE_STATE', 'linux', '/home/ann', { TOUCHSTONE_STATE: 'a' }, linuxHome],
    ['no empty TOUCHSTONE_STATE', 'linux', '/home/ann', { TOUCHSTONE_STATE: '' }, linuxHome],
  ])('comes from %s on %s (%s, %j)', (_, platform, home, env, expected) => {
    expect(stateFolder(env, platform, home)).toBe(expected);
  });

  it.each<[NodeJS.Platform, string]>([
    ['linux', ''],
    ['linux', 'ann'],
    ['darwin', ''],
    ['win32', ''],
  ])('is not to be had on %s with the home %j', (platform, home) => {
    expect(() => stateFolder({}, platform, home)).toThrow(expect.objectContaining(unusable));
  });
});

describe('making the state folder', () => {
  it('makes it, and what is above it, for this user alone', async () => {
    const path = join(temporaryFolder(), 'share', 'touchstone');
    await makeStateFolder(path);
    expect([permissions(path), permissions(join(path, '..'))]).toEqual([0o700, 0o700]);
    await makeStateFolder(path);
  });

  it('leaves the permissions of one that is there', async () => {
    const path = temporaryFolder();
    chmodSync(path, 0o755);
    await makeStateFolder(path);
    expect(permissions(path)).toBe(0o755);
  });

  it('may be a symbolic link: the user has put it there', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await makeStateFolder(join(folder, 'link'));
  });

  it('refuses one that every user may write to', async () => {
    const path = temporaryFolder();
    chmodSync(path, 0o1777);
    await expect(makeStateFolder(path)).rejects.toMatchObject(unusable);
    await expect(makeStateFolder(path)).rejects.toThrow('every user of this computer');
  });

  it('refuses a file in its place or above it, and tells so', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(makeStateFolder(file)).rejects.toMatchObject(unusable);
    await expect(makeStateFolder(join(file, 'x'))).rejects.toMatchObject(unusable);
    await expect(makeStateFolder(file)).rejects.toThrow('something else is in its place');
  });
});

describe('making a folder inside', () => {
  it('makes it for this user alone, once', async () => {
    const parent = realpathSync(temporaryFolder());
    expect(await makeFolderInside(parent, 'a')).toBe(join(parent, 'a'));
    expect(await makeFolderInside(parent, 'a')).toBe(join(parent, 'a'));
    expect(permissions(join(parent, 'a'))).toBe(0o700);
  });

  it('refuses a link to another folder, a link to nothing, and a file', async () => {
    const parent = realpathSync(temporaryFolder());
    symlinkSync(temporaryFolder(), join(parent, 'link'));
    symlinkSync(join(parent, 'nothing'), join(parent, 'dangling'));
    writeFileSync(join(parent, 'file'), '');
    for (const name of ['link', 'dangling', 'file']) {
      await expect(makeFolderInside(parent, name)).rejects.toThrow();
    }
  });
});
