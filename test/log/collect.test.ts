/** Partial tiles that go, and those that must not. */
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collectPartials } from '../../src/log/collect.ts';
import { exportLog } from '../../src/log/export.ts';
import { growingLog, newFolder } from '../support/static-logs.ts';

const newPath = () => join(newFolder(), 'export');

describe('partial tiles', () => {
  const partials = (folder: string) =>
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('.p'))
      .sort();

  const exported = async (sizes: readonly number[], collect: number) => {
    const { store, grow } = await growingLog();
    const folder = newPath();
    const collected: number[] = [];
    for (const size of sizes) {
      await grow(size);
      collected.push((await exportLog({ store, folder, collect })).collected);
    }
    return { store, folder, collected };
  };

  test('stay while they are the right edge', async () => {
    const { folder } = await exported([10, 20, 255], 100);
    expect(readdirSync(join(folder, 'tile/0/000.p')).sort()).toEqual(['10', '20', '255']);
  });

  test('go when the full tile is published', async () => {
    const { folder, collected } = await exported([10, 255, 256], 100);
    expect(collected).toEqual([0, 0, 2]);
    expect(partials(folder)).toEqual(['tile/1/000.p']);
  });

  test('stay while the full tile is not published', async () => {
    const { store, grow, append } = await growingLog();
    await grow(255);
    await append(256);
    const folder = newPath();
    expect((await exportLog({ store, folder })).collected).toBe(0);
    expect(partials(folder)).toEqual(['tile/0/000.p', 'tile/entries/000.p']);
  });

  test('stay while the full tile that is there lies beyond the checkpoint', async () => {
    const { folder } = await exported([255, 256], 0);
    expect(await collectPartials(folder, 255n, 100)).toBe(0);
    expect(partials(folder)).toContain('tile/0/000.p');
    expect(await collectPartials(folder, 256n, 100)).toBe(2);
  });

  test('go from left to right, so many a run', async () => {
    const { store, folder, collected } = await exported([10, 300, 600, 800], 0);
    expect(collected).toEqual([0, 0, 0, 0]);
    const rest: (readonly string[])[] = [];
    for (let run = 0; run < 4; run++) {
      await exportLog({ store, folder, collect: 2 });
      rest.push(partials(folder));
    }
    const edge = ['tile/0/003.p', 'tile/1/000.p', 'tile/entries/003.p'];
    expect(rest[0]).toEqual(
      [
        'tile/0/002.p',
        ...edge,
        'tile/entries/000.p',
        'tile/entries/001.p',
        'tile/entries/002.p',
      ].sort(),
    );
    expect(rest[1]).toEqual([...edge, 'tile/entries/001.p', 'tile/entries/002.p'].sort());
    expect(rest[2]).toEqual(edge);
    expect(rest[3]).toEqual(edge);
  });

  test.each(['tile', 'tile/0'])('elsewhere stay, though %s is a link to them', async (path) => {
    const { store, folder } = await exported([10, 300], 0);
    const elsewhere = join(newFolder(), 'elsewhere');
    renameSync(join(folder, path), elsewhere);
    symlinkSync(elsewhere, join(folder, path));
    const before = readdirSync(elsewhere, { recursive: true });
    expect(before.map(String).some((name) => name.endsWith('000.p'))).toBe(true);
    await exportLog({ store, folder });
    expect(readdirSync(elsewhere, { recursive: true })).toEqual(before);
  });

  test('go with what a crash left among them', async () => {
    const { store, folder } = await exported([10, 300], 0);
    writeFileSync(join(folder, 'tile/0/000.p/10.0123456789abcdef.tmp'), 'half');
    expect((await exportLog({ store, folder })).collected).toBe(2);
    expect(partials(folder)).not.toContain('tile/0/000.p');
  });

  test('of a size that cannot be, and files in the place of folders, stay', async () => {
    const { store, folder } = await exported([10, 300], 0);
    for (const path of ['tile/0/abc.p', 'tile/7/000.p', 'tile/x/000.p']) {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, '1'), '');
    }
    writeFileSync(join(folder, 'tile/notes.txt'), 'mine');
    writeFileSync(join(folder, 'tile/0/001.p/44'), '');
    writeFileSync(join(folder, 'tile/0/003.p'), '');
    truncateSync(join(folder, 'tile/0/003.p'), 3);
    expect((await exportLog({ store, folder })).collected).toBe(2);
    expect(partials(folder)).toEqual(
      expect.arrayContaining(['tile/0/003.p', 'tile/0/abc.p', 'tile/7/000.p', 'tile/x/000.p']),
    );
    expect(readdirSync(join(folder, 'tile/0/001.p'))).toEqual(['44']);
  });

  test('stay where the full tile is missing, or something else lies with them', async () => {
    const { store, folder } = await exported([10, 300], 0);
    rmSync(join(folder, 'tile/0/000'));
    writeFileSync(join(folder, 'tile/entries/000.p/notes.txt'), 'mine');
    expect((await exportLog({ store, folder })).collected).toBe(0);
    expect(partials(folder)).toContain('tile/0/000.p');
    expect(readdirSync(join(folder, 'tile/entries/000.p')).sort()).toEqual(['10', 'notes.txt']);
  });
});
