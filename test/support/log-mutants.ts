/** Ways to spoil the plain files of a log of 600 entries, or of Tessera's of 15, and what each is. */
import {
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import type { LogFault } from '../../src/log/check.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { encodeBundle, parseBundle } from '../../src/tlog/tile.ts';
import { alter, flipped, newFolder } from './static-logs.ts';

export interface FolderMutant {
  readonly name: string;
  readonly why: LogFault;
  readonly spoil: (folder: string) => void;
}

const inNote = (from: string | RegExp, to: string) => (folder: string) => {
  const path = join(folder, 'checkpoint');
  const text = readFileSync(path, 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error('nothing was changed');
  writeFileSync(path, changed);
};

const entriesOf = (change: (entries: Uint8Array[]) => Uint8Array[]) => (bytes: Uint8Array) =>
  encodeBundle(change(parseBundle(bytes, 1).length > 0 ? all(bytes) : []));

function all(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
    entries.push(bytes.slice(offset + 2, offset + 2 + length));
    offset += 2 + length;
  }
  return entries;
}

const more = (count: number) => (bytes: Uint8Array) => concat(bytes, new Uint8Array(count));
const less = (count: number) => (bytes: Uint8Array) => bytes.subarray(0, bytes.length - count);

/** Of every log's checkpoint. */
export const checkpointMutants: readonly FolderMutant[] = [
  {
    name: 'one entry more in the size line',
    why: 'wrong-signature',
    spoil: inNote(/^\d+$/m, '16'),
  },
  { name: 'another origin', why: 'unknown-log', spoil: inNote(/^/, 'x') },
  {
    name: 'a root of zeros',
    why: 'wrong-signature',
    spoil: inNote(/^.{43}=$/m, `${'A'.repeat(43)}=`),
  },
  { name: 'no signature', why: 'malformed', spoil: inNote(/— .*\n/g, '') },
  {
    name: 'the signature of nobody',
    why: 'wrong-signature',
    spoil: inNote(/— \S+/g, '— x.example'),
  },
  {
    name: 'a checkpoint of no bytes',
    why: 'malformed',
    spoil: (folder) => writeFileSync(join(folder, 'checkpoint'), ''),
  },
  {
    name: 'a checkpoint that is no text',
    why: 'malformed',
    spoil: (folder) => writeFileSync(join(folder, 'checkpoint'), Buffer.alloc(99, 0xff)),
  },
];

/** Of a log of 600 entries "entry 0" and so on: tiles 0/000, 0/001, 0/002.p/88, 1/000.p/2. */
export const tileMutants: readonly FolderMutant[] = [
  {
    name: 'a leaf hash in a full tile',
    why: 'altered',
    spoil: (folder) => alter(folder, 'tile/0/001', flipped(999)),
  },
  {
    name: 'a leaf hash in the last tile',
    why: 'altered',
    spoil: (folder) => alter(folder, 'tile/0/002.p/88', flipped(9)),
  },
  {
    name: 'the upper tile',
    why: 'altered',
    spoil: (folder) => alter(folder, 'tile/1/000.p/2', flipped(40)),
  },
  {
    name: 'a byte of an entry',
    why: 'altered',
    spoil: (folder) => alter(folder, 'tile/entries/001', flipped(-1)),
  },
  {
    name: 'a byte of the very last entry',
    why: 'altered',
    spoil: (folder) => alter(folder, 'tile/entries/002.p/88', flipped(-1)),
  },
  {
    name: 'two full tiles exchanged',
    why: 'altered',
    spoil: (folder) => swap(folder, 'tile/0/000', 'tile/0/001'),
  },
  {
    name: 'two bundles exchanged',
    why: 'altered',
    spoil: (folder) => swap(folder, 'tile/entries/000', 'tile/entries/001'),
  },
  {
    name: 'two entries exchanged',
    why: 'altered',
    spoil: (folder) =>
      alter(
        folder,
        'tile/entries/000',
        entriesOf(([a, b, ...rest]) => (a && b ? [b, a, ...rest] : [])),
      ),
  },
  {
    name: 'an entry and its leaf exchanged for others',
    why: 'altered',
    spoil: (folder) => {
      alter(
        folder,
        'tile/entries/000',
        entriesOf(([, ...rest]) => [utf8('mine'), ...rest]),
      );
      alter(folder, 'tile/0/000', (bytes) => concat(leafHash(utf8('mine')), bytes.subarray(32)));
    },
  },
  {
    name: 'no last tile',
    why: 'missing',
    spoil: (folder) => rmSync(join(folder, 'tile/0/002.p/88')),
  },
  {
    name: 'no last bundle',
    why: 'missing',
    spoil: (folder) => rmSync(join(folder, 'tile/entries/002.p/88')),
  },
  { name: 'no full tile', why: 'missing', spoil: (folder) => rmSync(join(folder, 'tile/0/000')) },
  {
    name: 'no full bundle',
    why: 'missing',
    spoil: (folder) => rmSync(join(folder, 'tile/entries/001')),
  },
  {
    name: 'no upper tile',
    why: 'missing',
    spoil: (folder) => rmSync(join(folder, 'tile/1/000.p/2')),
  },
  {
    name: 'no tiles at all',
    why: 'missing',
    spoil: (folder) => rmSync(join(folder, 'tile'), { recursive: true }),
  },
  {
    name: 'a byte behind a full tile',
    why: 'malformed',
    spoil: (folder) => alter(folder, 'tile/0/000', more(1)),
  },
  {
    name: 'a hash behind the last tile',
    why: 'malformed',
    spoil: (folder) => alter(folder, 'tile/0/002.p/88', more(32)),
  },
  {
    name: 'a byte behind the upper tile',
    why: 'malformed',
    spoil: (folder) => alter(folder, 'tile/1/000.p/2', more(1)),
  },
  {
    name: 'a hash less in a full tile',
    why: 'malformed',
    spoil: (folder) => alter(folder, 'tile/0/001', less(32)),
  },
  {
    name: 'an entry less in a full bundle',
    why: 'malformed',
    spoil: (folder) =>
      alter(
        folder,
        'tile/entries/000',
        entriesOf((entries) => entries.slice(0, -1)),
      ),
  },
  {
    name: 'an entry less in the last bundle',
    why: 'malformed',
    spoil: (folder) =>
      alter(
        folder,
        'tile/entries/002.p/88',
        entriesOf((entries) => entries.slice(1)),
      ),
  },
  {
    name: 'an empty entry behind a bundle',
    why: 'malformed',
    spoil: (folder) => alter(folder, 'tile/entries/002.p/88', more(2)),
  },
  {
    name: 'half a length behind a bundle',
    why: 'malformed',
    spoil: (folder) => alter(folder, 'tile/entries/002.p/88', more(1)),
  },
  {
    name: 'a bundle cut within an entry',
    why: 'malformed',
    spoil: (folder) => alter(folder, 'tile/entries/001', less(3)),
  },
  {
    name: 'a tile that is a link out of the folder',
    why: 'missing',
    spoil: (folder) => moveOut(folder, 'tile/0/001'),
  },
  {
    name: 'bundles in a folder that is a link out of it',
    why: 'missing',
    spoil: (folder) => moveOut(folder, 'tile/entries'),
  },
  {
    name: 'a tile of a terabyte',
    why: 'malformed',
    spoil: (folder) => truncateSync(join(folder, 'tile/0/001'), 2 ** 40),
  },
  {
    name: 'a bundle of a terabyte',
    why: 'malformed',
    spoil: (folder) => truncateSync(join(folder, 'tile/entries/001'), 2 ** 40),
  },
  {
    name: 'a bundle of no bytes',
    why: 'malformed',
    spoil: (folder) => alter(folder, 'tile/entries/001', () => new Uint8Array()),
  },
];

function moveOut(folder: string, path: string): void {
  const outside = join(newFolder(), 'outside');
  renameSync(join(folder, path), outside);
  symlinkSync(outside, join(folder, path));
}

function swap(folder: string, a: string, b: string): void {
  const kept = join(folder, 'kept');
  cpSync(join(folder, a), kept);
  cpSync(join(folder, b), join(folder, a));
  cpSync(kept, join(folder, b));
  rmSync(kept);
  if (!existsSync(join(folder, a))) throw new Error('nothing was exchanged');
}
