/** From the integrated tree to the published checkpoint, with real witnesses and false ones. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createWitness } from '../../server/witness.ts';
import { openGuard } from '../../src/log/guard.ts';
import { Integrator } from '../../src/log/integrator.ts';
import { Publisher } from '../../src/log/publisher.ts';
import { createReader } from '../../src/log/reader.ts';
import type { WitnessSeen } from '../../src/log/witness-client.ts';
import { createWitnesses, type Witnesses } from '../../src/log/witnesses.ts';
import { encodeKey } from '../../src/tlog/key.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { type Policy, parsePolicy } from '../../src/tlog/policy.ts';
import { verifyCheckpoint } from '../../src/tlog/witnessed.ts';
import {
  type Desk,
  entry,
  fakeWitnesses,
  newDesk,
  origin,
  plainPolicy,
  signer,
} from '../support/running-logs.ts';
import { listen, memoryStore, realPost, testCosigner } from '../support/witnessing.ts';

async function publishing(desk: Desk, policy: Policy, witnesses: Witnesses | undefined) {
  const store = await desk.store();
  const publisher = new Publisher({
    store,
    reader: createReader(store),
    origin,
    signer,
    guard: await openGuard(desk.guard),
    policy,
    witnesses,
  });
  const grow = async (from: number, to: number) => {
    const entries = Array.from({ length: to - from }, (_, at) => entry(from + at));
    await store.sequence(entries.map((bytes) => ({ leaf: leafHash(bytes), bytes, quotas: [] })));
    return (await (await Integrator.open(store)).run()).head;
  };
  return { store, publisher, grow };
}

/** Real witnesses over real HTTP. */
async function realWitnesses(names: readonly string[], quorum: number) {
  const now = () => BigInt(Math.floor(Date.now() / 1000));
  const logs = plainPolicy.logs;
  const lines: string[] = [];
  for (const name of names) {
    const cosigner = testCosigner(name);
    const url = await listen(createWitness({ cosigner, logs, store: memoryStore(), now }));
    lines.push(`witness ${name} ${encodeKey(cosigner.key)} ${url}\n`);
  }
  const group = `group g ${quorum} ${names.join(' ')}\nquorum g\n`;
  const policy = parsePolicy(`log ${encodeKey(signer.key)}\n${lines.join('')}${group}`);
  const create = () =>
    createWitnesses({
      policy,
      post: realPost(),
      sleep: (millis, signal) => sleep(millis, undefined, signal && { signal }),
      now,
      timeoutMs: 10_000,
    });
  return { policy, create, now };
}

describe('publishing', () => {
  it('without witnesses takes away nobody’s cosignatures', async () => {
    const desk = await newDesk();
    const fake = fakeWitnesses(['a'], 1);
    const witnessed = await publishing(desk, fake.policy, fake.witnesses);
    const published = await witnessed.publisher.publish(await witnessed.grow(0, 3));
    expect(published?.note).toContain('a');
    const bare = await publishing(desk, plainPolicy, undefined);
    expect(await bare.publisher.publish(await bare.store.head())).toEqual(published);
    expect(await bare.store.published()).toEqual(published);
  });

  it('without witnesses publishes what it signed', async () => {
    const { store, publisher, grow } = await publishing(await newDesk(), plainPolicy, undefined);
    const published = await publisher.publish(await grow(0, 3));
    expect(published).toEqual(await store.published());
    expect(published).toEqual(await store.latestSigned());
  });

  it('with real witnesses publishes a note that the policy verifies, size by size', async () => {
    const { policy, create, now } = await realWitnesses(['a', 'b', 'c'], 2);
    const desk = await newDesk();
    const { store, publisher, grow } = await publishing(desk, policy, create());
    for (const [from, to] of [
      [0, 0],
      [0, 3],
      [3, 4],
      [4, 700],
    ] as const) {
      const published = await publisher.publish(await grow(from, to));
      expect(published?.size).toBe(BigInt(to));
      const verified = verifyCheckpoint(published?.note ?? '', policy, now());
      expect(verified).toMatchObject({ kind: 'verified', witnessed: true });
      const unsigned = published?.note.split('\n').slice(0, 5).join('\n');
      expect(verifyCheckpoint(`${unsigned}\n`, policy, now())).toMatchObject({ kind: 'refused' });
    }
    // Another process, which knows no sizes yet.
    const next = await publishing(desk, policy, create());
    expect((await next.publisher.publish(await next.grow(700, 800)))?.size).toBe(800n);
    expect((await store.published())?.size).toBe(800n);
  });

  it('again gives fresher cosignatures of the same checkpoint', async () => {
    const { policy, witnesses } = fakeWitnesses(['a'], 1);
    const { store, publisher, grow } = await publishing(await newDesk(), policy, witnesses);
    const head = await grow(0, 3);
    await publisher.publish(head);
    const [first] = [await store.published()];
    await sleep(1100);
    await publisher.publish(head);
    expect((await store.published())?.note).not.toBe(first?.note);
    expect(await store.signedAfter(0n, 9)).toHaveLength(1);
  });

  it('signs nothing before a quorum has been asked, each time anew', async () => {
    const fake = fakeWitnesses(['a', 'b', 'c'], 2);
    const { store, publisher, grow } = await publishing(
      await newDesk(),
      fake.policy,
      fake.witnesses,
    );
    for (const name of ['b', 'c']) fake.witness(name).mode = 'dead';
    const head = await grow(0, 3);
    expect(await publisher.publish(head)).toBeUndefined();
    expect(await publisher.publish(head)).toBeUndefined();
    expect((await store.latestSigned())?.size).toBe(0n);
    expect(fake.asked).toEqual(['seen', 'seen']);
    fake.witness('b').mode = 'honest';
    expect((await publisher.publish(head))?.size).toBe(3n);
    await publisher.publish(await grow(3, 4));
    expect(fake.asked).toEqual(['seen', 'seen', 'seen', 'gather', 'seen', 'gather']);
  });

  it('signs nothing once a witness has seen more, also when it asked before', async () => {
    const fake = fakeWitnesses(['a'], 1);
    const { store, publisher, grow } = await publishing(
      await newDesk(),
      fake.policy,
      fake.witnesses,
    );
    expect((await publisher.publish(await grow(0, 3)))?.size).toBe(3n);
    // Another machine signed up to 9, and the database was set back to 3 under this process.
    fake.witness('a').claims = 9n;
    await expect(publisher.publish(await grow(3, 4))).rejects.toMatchObject({
      code: 'LOG_READ_ONLY',
      message: expect.stringContaining('witness a has seen 9 entries'),
    });
    expect((await store.latestSigned())?.size).toBe(3n);
  });

  it('signs nothing where a witness holds another tree, whatever the others say', async () => {
    const fake = fakeWitnesses(['a', 'b'], 1);
    let says: WitnessSeen | undefined = { kind: 'conflict', size: 3n, detail: 'another root' };
    const witnesses: Witnesses = {
      ...fake.witnesses,
      async latestSeen(note, until) {
        const seen = await fake.witnesses.latestSeen(note, until);
        return seen.map(({ name, result }) => ({ name, result: (name === 'b' && says) || result }));
      },
    };
    const { store, publisher, grow } = await publishing(await newDesk(), fake.policy, witnesses);
    const head = await grow(0, 3);
    await expect(publisher.publish(head)).rejects.toMatchObject({
      code: 'LOG_READ_ONLY',
      message: expect.stringContaining('witness b has seen 3 entries'),
    });
    expect((await store.latestSigned())?.size).toBe(0n);
    says = undefined;
    expect((await publisher.publish(head))?.size).toBe(3n);
  });

  it('asks also when the rows know nothing that was signed', async () => {
    const fake = fakeWitnesses(['a'], 1);
    fake.witness('a').claims = 10n;
    const desk = await newDesk();
    const { store, publisher, grow } = await publishing(desk, fake.policy, fake.witnesses);
    const head = await grow(0, 3);
    const { default: Database } = await import('better-sqlite3');
    const other = new Database(desk.database);
    other.exec('DELETE FROM signed');
    other.close();
    await publisher.publish(head).catch(() => undefined);
    expect(await store.latestSigned()).toBeUndefined();
  });

  it.each([1n, 2n, 2n ** 63n - 1n])('ends when a witness has seen %i more', async (more) => {
    const fake = fakeWitnesses(['a', 'b'], 1);
    const { store, publisher, grow } = await publishing(
      await newDesk(),
      fake.policy,
      fake.witnesses,
    );
    fake.witness('b').claims = more;
    await expect(publisher.publish(await grow(0, 9))).rejects.toMatchObject({
      code: 'LOG_READ_ONLY',
      message: expect.stringMatching(`witness b has seen ${more} entries`),
    });
    expect((await store.latestSigned())?.size).toBe(0n);
  });

  it('publishes nothing smaller than what is published', async () => {
    const desk = await newDesk();
    const fake = fakeWitnesses(['a'], 1);
    const { store, publisher, grow } = await publishing(desk, fake.policy, fake.witnesses);
    const old = await grow(0, 3);
    const gather = fake.witnesses.gather;
    const overtaken: Witnesses = {
      ...fake.witnesses,
      async gather(note, proofFrom) {
        const gathered = await gather(note, proofFrom);
        await publisher.publish(await grow(3, 5));
        return gathered;
      },
    };
    const slow = await publishing(desk, fake.policy, overtaken);
    expect(await slow.publisher.publish(old)).toBeUndefined();
    expect((await store.published())?.size).toBe(5n);
  });
});
