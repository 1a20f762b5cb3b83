/** What stands between the key and the tree. */
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openGuard, type SignGuard } from '../../src/log/guard.ts';
import { Integrator } from '../../src/log/integrator.ts';
import { createReader } from '../../src/log/reader.ts';
import { requireRemembered, type SignerParts, signHead } from '../../src/log/signer.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import { leafHash, type TreeHead } from '../../src/tlog/merkle.ts';
import { parseNote } from '../../src/tlog/note.ts';
import { openNote } from '../../src/tlog/verify.ts';
import {
  type Desk,
  deskAt,
  entry,
  hooked,
  listenedGuard,
  newDesk,
  origin,
  signer,
  temporaryFolder,
} from '../support/running-logs.ts';

/** What signing needs, on a log that can be made larger. */
async function signing(desk: Desk, guard?: SignGuard) {
  const store = await desk.store();
  const parts: SignerParts = {
    store,
    reader: createReader(store),
    origin,
    signer,
    guard: guard ?? (await openGuard(desk.guard)),
    witnessed: false,
  };
  const grow = async (from: number, to: number, salt = ''): Promise<TreeHead> => {
    const entries = Array.from({ length: to - from }, (_, at) => entry(`${salt}${from + at}`));
    await store.sequence(entries.map((bytes) => ({ leaf: leafHash(bytes), bytes, quotas: [] })));
    const integrator = await Integrator.open(store);
    return (await integrator.run()).head;
  };
  return { parts, grow, store };
}

const remembered = (desk: Desk) => readFile(desk.guard, 'utf8').then((text) => text.split('\n')[0]);

describe('signing a head', () => {
  it('gives a note of the log, kept and remembered before it is given', async () => {
    const desk = await newDesk();
    const { parts, grow, store } = await signing(desk);
    const head = await grow(0, 3);
    const signed = await signHead(head, parts);
    expect(signed).toMatchObject(head);
    expect(await store.latestSigned()).toEqual(signed);
    expect(await remembered(desk)).toBe('3');
    const note = parseNote(signed?.note ?? '');
    expect(openNote(note, [signer.key])).toMatchObject({ kind: 'verified' });
    expect(note.text).toBe(`${origin}\n3\n${Buffer.from(head.root).toString('base64')}\n`);
    expect(await signHead(head, parts)).toEqual(signed);
  });

  it('finds that another process was faster', async () => {
    const desk = await newDesk();
    const [a, b] = [await signing(desk), await signing(desk)];
    const old = await a.grow(0, 3);
    const larger = await b.grow(3, 5);
    await signHead(larger, b.parts);
    expect(await signHead(old, a.parts)).toBeUndefined();
    expect((await a.store.latestSigned())?.size).toBe(5n);
    expect(await a.store.signedAt(3n)).toBeUndefined();
  });

  it('of a tree that does not contain the last signed one is refused', async () => {
    const { parts, grow, store } = await signing(await newDesk());
    await signHead(await grow(0, 3), parts);
    const head = await grow(3, 5);
    const other = Frontier.empty.extend([0, 1, 2, 3, 4].map((n) => leafHash(entry(`other ${n}`))))
      .frontier.head;
    await expect(signHead(other, parts)).rejects.toMatchObject({ code: 'LOG_WRONG' });
    const same = { size: 3n, root: other.root };
    await expect(signHead(same, parts)).rejects.toMatchObject({ code: 'LOG_WRONG' });
    expect((await store.latestSigned())?.size).toBe(3n);
    expect((await signHead(head, parts))?.size).toBe(5n);
  });

  it('that is not integrated, or not any more the one in the rows, is refused by the rows', async () => {
    const { parts, grow, store } = await signing(await newDesk());
    await grow(0, 3);
    expect(await store.sign({ size: 4n, root: new Uint8Array(32), note: 'x' })).toBe(false);
    const refusing = hooked(store, async (call, real) => (call === 'sign' ? false : real()));
    const head = await grow(3, 4);
    expect(await signHead(head, { ...parts, store: refusing })).toBeUndefined();
    expect((await parts.guard.last())?.size).toBe(0n);
  });

  it('writes the file after a crash between the row and the file, before it is given', async () => {
    const desk = await newDesk();
    const { parts, grow } = await signing(desk);
    const head = await grow(0, 3);
    const failing = listenedGuard(parts.guard, () => {
      throw new Error('killed');
    });
    await expect(signHead(head, { ...parts, guard: failing })).rejects.toThrow();
    expect(await parts.store.latestSigned()).toMatchObject({ size: 3n });
    expect(await signHead(head, parts)).toMatchObject({ size: 3n });
    expect(await remembered(desk)).toBe('3');
  });
});

describe('rows that are older than what was signed', () => {
  it('are refused, and the message says what is known', async () => {
    const desk = await newDesk();
    const old = await temporaryFolder();
    const before = await signing(desk);
    await signHead(await before.grow(0, 3), before.parts);
    await before.store.close();
    await copyFile(desk.database, join(old, 'log.db'));
    const after = await signing(desk);
    await signHead(await after.grow(3, 5), after.parts);
    const back = await signing(deskAt(old), await openGuard(desk.guard));
    await expect(requireRemembered(back.store, back.parts.guard, false)).rejects.toMatchObject({
      code: 'LOG_READ_ONLY',
      message: expect.stringMatching(/5 entries was signed, and it knows 3/),
    });
    // Another tree, as large as the one that was signed and larger.
    for (const [from, to] of [
      [3, 5],
      [5, 9],
    ] as const) {
      const head = await back.grow(from, to, 'other ');
      await expect(signHead(head, back.parts)).rejects.toMatchObject({ code: 'LOG_READ_ONLY' });
    }
    expect((await back.store.latestSigned())?.size).toBe(3n);
    await requireRemembered(after.store, after.parts.guard, false);
  });

  it('of which nobody knows whether they are the newest are refused, where no witness could tell', async () => {
    const desk = await newDesk();
    const { parts, grow, store } = await signing(desk);
    await signHead(await grow(0, 3), parts);
    await rm(desk.guard);
    const guard = await openGuard(desk.guard);
    await expect(requireRemembered(store, guard, false)).rejects.toMatchObject({
      code: 'LOG_READ_ONLY',
      message: expect.stringContaining('"signed"'),
    });
    await expect(signHead(await grow(3, 5), { ...parts, guard })).rejects.toMatchObject({
      code: 'LOG_READ_ONLY',
    });
    await requireRemembered(store, guard, true);
    // With what the newest checkpoint says, written by hand, it goes on.
    const { root } = (await store.latestSigned()) ?? { root: new Uint8Array() };
    await writeFile(desk.guard, `3\n${Buffer.from(root).toString('base64')}\n`);
    await requireRemembered(store, await openGuard(desk.guard), false);
  });

  it('with another root of the same size are refused', async () => {
    const desk = await newDesk();
    const { parts, grow, store } = await signing(desk);
    await signHead(await grow(0, 3), parts);
    const other = new Database(desk.database);
    other.exec('UPDATE signed SET root = zeroblob(32) WHERE size = 3');
    other.close();
    await expect(requireRemembered(store, parts.guard, false)).rejects.toMatchObject({
      code: 'LOG_READ_ONLY',
      message: expect.stringContaining('another tree of 3 entries'),
    });
  });
});
