/**
 * Takes partial tiles out of an export that nobody needs any more. A partial tile stays in the folder from
 * every size that was exported; readers of an older checkpoint get on with the full tile as well.
 *
 * `.p/` of a tile goes only when the full tile is there and lies below the published size. So never those
 * of the right edge, and never any while only an unpublished tree has the full one.
 */

import type { Dirent } from 'node:fs';
import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors/cause.ts';
import { hashesAt, parseTilePath, type TileId, tileWidth } from '../tlog/tile.ts';
import { isLeftover } from './export-files.ts';

/** Deepest path below tile/<L>/: seven groups of three digits, as 2^63 entries need. */
const maxDepth = 7;

/**
 * Deletes them from left to right, level by level.
 *
 * @param root of the export, as `realpath` gives it
 * @param size of the checkpoint that is in the folder
 * @param limit of folders in one run; the next run goes on
 * @returns how many folders were deleted
 * @throws Error of the system
 */
export async function collectPartials(root: string, size: bigint, limit: number): Promise<number> {
  let collected = 0;
  for (const level of await levelsIn(root)) {
    const found: { readonly path: string; readonly full: TileId }[] = [];
    for await (const path of partialFolders(root, `tile/${level}`, maxDepth)) {
      const full = parseTilePath(path.slice(0, -'.p'.length));
      if (full !== undefined && (await isCovered(root, path, full, size))) {
        found.push({ path, full });
      }
    }
    found.sort((a, b) => (a.full.index < b.full.index ? -1 : 1));
    for (const { path } of found) {
      if (collected >= limit) return collected;
      if (await remove(join(root, path))) collected++;
    }
  }
  return collected;
}

/** Through a link in the place of a folder somebody else's files would be deleted. */
async function levelsIn(root: string): Promise<readonly string[]> {
  const tile = (await namesIn(root)).find(({ name }) => name === 'tile');
  if (tile?.isDirectory() !== true) return [];
  const levels = await namesIn(join(root, 'tile'));
  return levels.filter((level) => level.isDirectory()).map(({ name }) => name);
}

/** Paths of the folders that end in `.p`, without following a link. */
async function* partialFolders(root: string, path: string, depth: number): AsyncGenerator<string> {
  for (const entry of await namesIn(join(root, path))) {
    if (!entry.isDirectory()) continue;
    const below = `${path}/${entry.name}`;
    if (entry.name.endsWith('.p')) yield below;
    else if (depth > 0) yield* partialFolders(root, below, depth - 1);
  }
}

async function isCovered(root: string, path: string, full: TileId, size: bigint): Promise<boolean> {
  const level = full.level === 'entries' ? 0 : full.level;
  const end = (full.index + 1n) * BigInt(tileWidth);
  if (end > hashesAt(size, level)) return false;
  const found = await lstat(join(root, path.slice(0, -'.p'.length))).catch(() => undefined);
  return found?.isFile() === true;
}

/** @returns false when something lies in it that is no partial tile: then all of it stays */
async function remove(folder: string): Promise<boolean> {
  const entries = await namesIn(folder);
  const isOurs = ({ name }: Dirent) => /^[1-9]\d{0,2}$/.test(name) || isLeftover(name);
  if (!entries.every((entry) => entry.isFile() && isOurs(entry))) return false;
  for (const { name } of entries) await unlink(join(folder, name));
  await rmdir(folder);
  return true;
}

async function namesIn(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw cause;
  }
}
