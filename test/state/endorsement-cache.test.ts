import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { sha256 } from '../../src/bytes/sha256.ts';
import { encodeEndorsements, parseEndorsements } from '../../src/evidence/endorsements.ts';
import type { Attachment } from '../../src/evidence/evidence.ts';
import { createEndorsementCache, createMemoryCache } from '../../src/state/endorsement-cache.ts';
import { temporaryFolder } from '../support/cli.ts';

const family = 'some-family';
const cardKey = Uint8Array.of(2, ...new Uint8Array(32));
const otherKey = Uint8Array.of(3, ...new Uint8Array(32));
const nameOf = (key: Uint8Array) => `${toHex(sha256(key))}.json`;

const attachment: Attachment = {
  kind: 'maker/signature',
  source: 'https://maker.example/cards',
  fetchedAt: '2026-11-22T10:00:00Z',
  data: Uint8Array.of(1, 2, 3),
};
const attachments = [attachment];

/** A cache with one card in it, and where that stands. */
async function filled() {
  const folder = join(temporaryFolder(), 'state');
  const cache = createEndorsementCache(folder);
  await cache.keep(family, cardKey, attachments);
  return { folder, cache, path: join(folder, 'endorsements', family, nameOf(cardKey)) };
}

const hostileFamilies = [
  '',
  '.',
  '..',
  '../x',
  '/etc',
  'a/b',
  'a\\b',
  'A',
  'a\n',
  'a\0',
  'a b',
  '\u00e4',
  'x'.repeat(33),
];

describe.each([
  ['on disk', () => createEndorsementCache(join(temporaryFolder(), 'state'))],
  ['in memory', () => createMemoryCache()],
])('an endorsement cache %s', (_, create) => {
  it('finds what was kept', async () => {
    const cache = create();
    await cache.keep(family, cardKey, attachments);
    expect(await cache.find(family, cardKey)).toEqual(attachments);
  });

  it('finds nothing about another card or in another family', async () => {
    const cache = create();
    expect(await cache.find(family, cardKey)).toBeUndefined();
    await cache.keep(family, cardKey, attachments);
    expect(await cache.find(family, otherKey)).toBeUndefined();
    expect(await cache.find('other-family', cardKey)).toBeUndefined();
  });

  it('keeps the latest', async () => {
    const cache = create();
    const later = [{ ...attachment, data: Uint8Array.of(4) }, attachment];
    await cache.keep(family, cardKey, attachments);
    await cache.keep(family, cardKey, later);
    expect(await cache.find(family, cardKey)).toEqual(later);
  });

  it('holds copies: what a caller does to its own changes nothing', async () => {
    const cache = create();
    const data = Uint8Array.of(1);
    await cache.keep(family, cardKey, [{ ...attachment, data }]);
    data[0] = 9;
    const [found] = (await cache.find(family, cardKey)) ?? [];
    expect(found?.data).toEqual(Uint8Array.of(1));
  });

  it.each(hostileFamilies)('takes %j for no family', async (name) => {
    const cache = create();
    await expect(cache.find(name, cardKey)).rejects.toThrow(RangeError);
    await expect(cache.keep(name, cardKey, attachments)).rejects.toThrow(RangeError);
  });

  it.each<[string, readonly Attachment[]]>([
    ['no attachments', []],
    ['seventeen', Array(17).fill(attachment)],
    ['a time that is none', [{ ...attachment, fetchedAt: 'yesterday' }]],
    ['a large one', [{ ...attachment, data: new Uint8Array(65_537) }]],
    ['more than 1 MiB', Array(16).fill({ ...attachment, data: new Uint8Array(65_536) })],
  ])('does not keep %s', async (__, wrong) => {
    const cache = create();
    await expect(cache.keep(family, cardKey, wrong)).rejects.toThrow(RangeError);
    expect(await cache.find(family, cardKey)).toBeUndefined();
  });
});

describe('the files of the cache', () => {
  it('are endorsements files of one card, for this user alone', async () => {
    const { folder, path } = await filled();
    expect(parseEndorsements(readFileSync(path, 'utf8'), path)).toEqual({
      family,
      cards: [{ cardKeyHash: toHex(sha256(cardKey)), attachments }],
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const part of ['', 'endorsements', join('endorsements', family)]) {
      expect(statSync(join(folder, part)).mode & 0o777).toBe(0o700);
    }
    expect(readdirSync(join(folder, 'endorsements', family))).toEqual([nameOf(cardKey)]);
  });

  it('are made when something is kept, not when something is looked for', async () => {
    const folder = join(temporaryFolder(), 'state');
    expect(await createEndorsementCache(folder).find(family, cardKey)).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
  });

  it('are found by the next run, and through a link to the state folder', async () => {
    const { folder } = await filled();
    const link = join(temporaryFolder(), 'link');
    symlinkSync(folder, link);
    for (const place of [folder, link]) {
      const cache = createEndorsementCache(place);
      expect(await cache.find(family, cardKey)).toEqual(attachments);
      await cache.keep(family, otherKey, attachments);
    }
  });
});

describe('a file that counts as not there', () => {
  const good = encodeEndorsements({
    family,
    cards: [{ cardKeyHash: toHex(sha256(cardKey)), attachments }],
  });

  it.each<[string, string | Uint8Array]>([
    ['empty', ''],
    ['half', good.slice(0, good.length / 2)],
    ['no text', Uint8Array.of(0xff, 0xfe)],
    ['of another schema', good.replace('endorsements/1', 'endorsements/2')],
    ['with a field more', good.replace('{', '{"extra": 1,')],
    ['of another family', good.replace(family, 'other-family')],
    ['of another card', good.replace(toHex(sha256(cardKey)), toHex(sha256(otherKey)))],
  ])('is one that is %s', async (_, content) => {
    const { cache, path } = await filled();
    writeFileSync(path, good);
    expect(await cache.find(family, cardKey)).toEqual(attachments);
    writeFileSync(path, content);
    expect(await cache.find(family, cardKey)).toBeUndefined();
    await cache.keep(family, cardKey, attachments);
    expect(await cache.find(family, cardKey)).toEqual(attachments);
  });

  it('is one that was renamed to another card', async () => {
    const { cache, path } = await filled();
    renameSync(path, join(path, '..', nameOf(otherKey)));
    expect(await cache.find(family, otherKey)).toBeUndefined();
  });

  it('is one above 1 MiB, and a huge one that is not read', async () => {
    const { cache, path } = await filled();
    const limit = 1024 * 1024;
    writeFileSync(path, good.padEnd(limit));
    expect(await cache.find(family, cardKey)).toEqual(attachments);
    writeFileSync(path, good.padEnd(limit + 1));
    expect(await cache.find(family, cardKey)).toBeUndefined();
    // Sparse, 1 TiB: to read it would never end.
    truncateSync(path, 2 ** 40);
    expect(await cache.find(family, cardKey)).toBeUndefined();
  });

  it('is a folder or a FIFO in its place', async () => {
    const { cache, path } = await filled();
    rmSync(path);
    mkdirSync(path);
    expect(await cache.find(family, cardKey)).toBeUndefined();
    rmSync(path, { recursive: true });
    execFileSync('mkfifo', [path]);
    expect(await cache.find(family, cardKey)).toBeUndefined();
  });

  it.each([
    ['the file', (folder: string) => join(folder, 'endorsements', family, nameOf(cardKey))],
    ['the folder of its family', (folder: string) => join(folder, 'endorsements', family)],
    ['the folder of all', (folder: string) => join(folder, 'endorsements')],
  ])('is one behind a symbolic link in place of %s', async (_, pathIn) => {
    const { folder, cache } = await filled();
    const outside = join(temporaryFolder(), 'moved');
    renameSync(pathIn(folder), outside);
    symlinkSync(outside, pathIn(folder));
    expect(await cache.find(family, cardKey)).toBeUndefined();
  });

  it('is one that may not be read', async () => {
    const { folder, cache, path } = await filled();
    await asOrdinaryUser(folder, async () => {
      expect(await cache.find(family, cardKey)).toEqual(attachments);
      chmodSync(path, 0);
      expect(await cache.find(family, cardKey)).toBeUndefined();
    });
  });
});

describe('keeping', () => {
  it('replaces a link in place of the file and leaves what it points to', async () => {
    const { cache, path } = await filled();
    const victim = join(temporaryFolder(), 'victim');
    writeFileSync(victim, 'untouched');
    rmSync(path);
    symlinkSync(victim, path);
    await cache.keep(family, cardKey, attachments);
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(await cache.find(family, cardKey)).toEqual(attachments);
  });

  it.each([
    ['all', (folder: string) => join(folder, 'endorsements')],
    ['its family', (folder: string) => join(folder, 'endorsements', family)],
  ])('writes nothing through a link in place of the folder of %s', async (_, pathIn) => {
    const { folder, cache } = await filled();
    const outside = temporaryFolder();
    rmSync(pathIn(folder), { recursive: true });
    symlinkSync(outside, pathIn(folder));
    await expect(cache.keep(family, cardKey, attachments)).rejects.toMatchObject({
      code: 'STATE_UNUSABLE',
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  it.each<[string, (folder: string) => void]>([
    ['a folder has the name of the file', (f) => mkdirSync(f, { recursive: true })],
    ['a file has the name of its folder', (f) => writeInstead(join(f, '..'))],
    ['a file has the name of the folder of all', (f) => writeInstead(join(f, '..', '..'))],
    ['a file has the name of the state folder', (f) => writeInstead(join(f, '..', '..', '..'))],
    ['every user may write to the state folder', (f) => openToAll(join(f, '..', '..', '..'))],
  ])('fails with a remedy when %s', async (_, prepare) => {
    const folder = join(temporaryFolder(), 'state');
    prepare(join(folder, 'endorsements', family, nameOf(cardKey)));
    const failure = await createEndorsementCache(folder)
      .keep(family, cardKey, attachments)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'STATE_UNUSABLE',
      message: expect.stringContaining(folder),
      entry: { exit: 1, http: 500, remedy: expect.stringContaining('TOUCHSTONE_STATE') },
    });
  });

  it('fails where one may not write', async () => {
    const { folder, cache } = await filled();
    const ours = join(folder, 'endorsements', family);
    const failure = await asOrdinaryUser(folder, async () => {
      chmodSync(ours, 0o500);
      return cache.keep(family, cardKey, attachments).catch((error: unknown) => error);
    });
    chmodSync(ours, 0o700);
    expect(failure).toMatchObject({ message: expect.stringContaining('you may not write') });
  });
});

/** Permissions mean nothing to root, as which the automatic run goes. */
async function asOrdinaryUser<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const { getuid, seteuid } = process;
  if (getuid === undefined || seteuid === undefined || getuid() !== 0) return act();
  const nobody = 65_534;
  // The temporary folder around it is its maker's alone.
  const around = join(folder, '..');
  const entries = readdirSync(around, { recursive: true, encoding: 'utf8' });
  for (const path of ['', ...entries]) chownSync(join(around, path), nobody, nobody);
  seteuid(nobody);
  try {
    return await act();
  } finally {
    seteuid(0);
  }
}

function writeInstead(path: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '');
}

function openToAll(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o777);
}
