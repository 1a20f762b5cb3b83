/** All witnesses of a policy at once: good, behind, ahead, slow, dead and lying ones, over real HTTP. */
import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createWitness } from '../../server/witness.ts';
import { createWitnesses, type Gathered, type Witnesses } from '../../src/log/witnesses.ts';
import type { HttpPost } from '../../src/net/http.ts';
import { encodeKey } from '../../src/tlog/key.ts';
import { encodeSignatures } from '../../src/tlog/note.ts';
import { type Policy, parsePolicy } from '../../src/tlog/policy.ts';
import { verifyCheckpoint } from '../../src/tlog/witnessed.ts';
import {
  deadUrl,
  listen,
  memoryStore,
  realPost,
  testCosigner,
  testLog,
} from '../support/witnessing.ts';

const log = testLog();
const now = 1_767_225_600n;
const keyOf = (name: string) => testCosigner(`${name}.example.org`);

/** A policy with these witnesses; undefined is one without a URL. */
function policyOf(urls: Readonly<Record<string, string | undefined>>, quorum: string): Policy {
  const witnesses = Object.entries(urls).map(
    ([name, url]) => `witness ${name} ${encodeKey(keyOf(name).key)} ${url ?? ''}\n`,
  );
  const members = Object.keys(urls).join(' ');
  const end = quorum === 'none' ? 'quorum none\n' : `group g ${quorum} ${members}\nquorum g\n`;
  return parsePolicy(`log ${encodeKey(log.key)}\n${witnesses.join('')}${end}`);
}

/** One of our witnesses, behind a server that waits before it answers. */
async function honest(name: string, delay = () => Promise.resolve()) {
  const store = memoryStore();
  const app = createWitness({ cosigner: keyOf(name), logs: [log], store, now: () => now });
  const url = await listen(async (request, response) => {
    await delay();
    app(request, response);
  });
  return { url, store };
}

/** Nothing to wait for but the answers. */
const patient = 20_000;

function create(policy: Policy, options: { post?: HttpPost; timeoutMs?: number } = {}): Witnesses {
  return createWitnesses({
    policy,
    post: options.post ?? realPost(),
    sleep: (millis, signal) => sleep(millis, undefined, signal && { signal }),
    now: () => now,
    timeoutMs: options.timeoutMs ?? patient,
  });
}

const gather = (witnesses: Witnesses, size: number) =>
  witnesses.gather(log.note(size), log.proofTo(size));

const kinds = ({ results }: Gathered) =>
  Object.fromEntries(results.map(({ name, result }) => [name, result.kind]));

const lineOf = (name: string, size: number) =>
  encodeSignatures([keyOf(name).cosign(log.text(size), now)]);

describe('a quorum', () => {
  it('gives a note that the policy verifies, its lines in the order of the policy', async () => {
    const slow = await honest('a', () => sleep(100));
    const [b, c] = [await honest('b'), await honest('c')];
    const policy = policyOf({ a: slow.url, b: b.url, c: c.url }, 'all');
    const gathered = await gather(create(policy), 7);
    expect(kinds(gathered)).toEqual({ a: 'cosigned', b: 'cosigned', c: 'cosigned' });
    expect(gathered.quorum).toBe(true);
    expect(gathered.note).toBe(`${log.note(7)}${lineOf('a', 7)}${lineOf('b', 7)}${lineOf('c', 7)}`);
    expect(verifyCheckpoint(gathered.note, policy, now)).toMatchObject({
      kind: 'verified',
      witnessed: true,
    });
  });

  it('ends the waiting: a mute witness holds nobody up', async () => {
    const [a, b] = [await honest('a'), await honest('b')];
    const mute = await listen(() => undefined);
    const policy = policyOf({ m: mute, a: a.url, b: b.url }, '2');
    const gathered = await gather(create(policy), 7);
    expect(gathered.quorum).toBe(true);
    expect(kinds(gathered)).toEqual({ m: 'pending', a: 'cosigned', b: 'cosigned' });
    expect(gathered.note).toBe(`${log.note(7)}${lineOf('a', 7)}${lineOf('b', 7)}`);
  });

  it('is missing when too few cosign: their lines are there, the policy refuses', async () => {
    const a = await honest('a');
    const policy = policyOf({ a: a.url, b: deadUrl, c: undefined }, '2');
    const gathered = await gather(create(policy), 7);
    expect(gathered.quorum).toBe(false);
    expect(kinds(gathered)).toEqual({ a: 'cosigned', b: 'unreachable', c: 'no-url' });
    expect(gathered.note).toBe(`${log.note(7)}${lineOf('a', 7)}`);
    expect(verifyCheckpoint(gathered.note, policy, now)).toMatchObject({ why: 'quorum-missing' });
  });

  it('of none is there at once, and still all are asked', async () => {
    const [a, b] = [await honest('a', () => sleep(100)), await honest('b')];
    const gathered = await gather(create(policyOf({ a: a.url, b: b.url }, 'none')), 7);
    const lines = lineOf('a', 7) + lineOf('b', 7);
    expect(gathered).toMatchObject({ quorum: true, note: `${log.note(7)}${lines}` });
    const nobody = await gather(create(policyOf({}, 'none')), 7);
    expect(nobody).toEqual({ note: log.note(7), quorum: true, results: [] });
  });

  it('that cannot be reached ends with the time', async () => {
    const mute = await listen(() => undefined);
    const a = await honest('a');
    const policy = policyOf({ m: mute, a: a.url }, 'all');
    const gathered = await gather(create(policy, { timeoutMs: 300 }), 7);
    expect([gathered.quorum, kinds(gathered)]).toEqual([false, { m: 'pending', a: 'cosigned' }]);
  });
});

describe('a witness that misbehaves spoils no other', () => {
  const text = log.text(7);
  const cosignature = encodeSignatures([keyOf('bad').cosign(text, now)]);
  let named = 0;
  const answers: Readonly<Record<string, RequestListener>> = {
    'gives a line of another key': (_, response) =>
      response.end(encodeSignatures([keyOf('other').cosign(text, now)])),
    'gives a line of another witness of the policy': (_, response) =>
      response.end(encodeSignatures([keyOf('b').cosign(log.text(8), now)])),
    'gives a line over another note': (_, response) =>
      response.end(encodeSignatures([keyOf('bad').cosign(log.text(8), now)])),
    'gives a line and a text of its own': (_, response) => response.end(`x\n\n${cosignature}`),
    'gives garbage': (_, response) => response.end('garbage'),
    'names no size': (_, response) =>
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('seven\n'),
    'names another size each time': (_, response) => {
      named = (named % 5) + 1;
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${named}\n`);
    },
    'never ends': (_, response) => {
      const pour = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => clearInterval(pour));
    },
    'hangs up': (_, response) => response.destroy(),
    'is out of order': (_, response) => response.writeHead(500).end(),
  };

  it.each(Object.entries(answers))('one that %s', async (_what, answer) => {
    const [bad, a, b] = [await listen(answer), await honest('a'), await honest('b')];
    const policy = policyOf({ bad, a: a.url, b: b.url }, '2');
    const gathered = await gather(create(policy), 7);
    expect(gathered.quorum).toBe(true);
    expect(gathered.note).toBe(`${log.note(7)}${lineOf('a', 7)}${lineOf('b', 7)}`);
    const alone = await gather(create(policyOf({ bad, b: b.url }, 'all')), 7);
    expect(alone.quorum).toBe(false);
    expect(['lying', 'refused', 'unreachable']).toContain(kinds(alone)['bad']);
    expect(alone.note).toBe(`${log.note(7)}${lineOf('b', 7)}`);
  });

  it('one from whose size no proof can be made', async () => {
    const [bad, a] = [await honest('bad'), await honest('a')];
    await gather(create(policyOf({ bad: bad.url }, 'all')), 3);
    const witnesses = create(policyOf({ bad: bad.url, a: a.url }, 'all'));
    const gathered = await witnesses.gather(log.note(7), () =>
      Promise.reject(new Error('no tile')),
    );
    expect(kinds(gathered)).toEqual({ bad: 'unproven', a: 'cosigned' });
  });
});

describe('sizes', () => {
  it('are remembered: one request each, from the second time on', async () => {
    const [a, b] = [await honest('a'), await honest('b')];
    await gather(create(policyOf({ a: a.url }, 'all')), 2);
    const post = vi.fn(realPost());
    const witnesses = create(policyOf({ a: a.url, b: b.url }, 'all'), { post });
    expect((await gather(witnesses, 5)).quorum).toBe(true);
    // One of them had to tell its size.
    expect(post).toHaveBeenCalledTimes(3);
    expect((await gather(witnesses, 9)).quorum).toBe(true);
    expect((await gather(witnesses, 9)).quorum).toBe(true);
    expect(post).toHaveBeenCalledTimes(7);
  });

  it('are learned from a late answer, too', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const [late, a] = [await honest('late', () => gate), await honest('a')];
    const post = vi.fn(realPost());
    const policy = policyOf({ late: late.url, a: a.url }, 'any');
    const witnesses = create(policy, { post });
    const first = await gather(witnesses, 5);
    expect(kinds(first)).toEqual({ late: 'pending', a: 'cosigned' });
    release();
    await vi.waitFor(() => expect(late.store.latest(log.origin)?.size).toBe(5n));
    await Promise.all(post.mock.results.map(({ value }) => value));
    await sleep(10);
    post.mockClear();
    await witnesses.gather(log.note(8), log.proofTo(8));
    await vi.waitFor(() => expect(late.store.latest(log.origin)?.size).toBe(8n));
    expect(post).toHaveBeenCalledTimes(2);
    // What came late has not changed what was told.
    expect(kinds(first)).toEqual({ late: 'pending', a: 'cosigned' });
  });

  it('that are above ours are told, and remembered', async () => {
    const [a, b] = [await honest('a'), await honest('b')];
    await gather(create(policyOf({ a: a.url }, 'all')), 9);
    const post = vi.fn(realPost());
    const witnesses = create(policyOf({ a: a.url, b: b.url }, 'all'), { post });
    const gathered = await gather(witnesses, 7);
    expect(gathered.quorum).toBe(false);
    expect(gathered.results[0]).toEqual({ name: 'a', result: { kind: 'ahead', size: 9n } });
    expect(post).toHaveBeenCalledTimes(2);
    expect((await gather(witnesses, 12)).quorum).toBe(true);
    expect(post).toHaveBeenCalledTimes(4);
  });

  it('grow while gatherings overlap: nothing is rolled back', async () => {
    const a = await honest('a', () => sleep(Math.random() * 20));
    const witnesses = create(policyOf({ a: a.url }, 'all'));
    const all = await Promise.all([3, 5, 9, 7].map((size) => gather(witnesses, size)));
    expect(all.some(({ quorum }) => quorum)).toBe(true);
    expect((await gather(witnesses, 12)).quorum).toBe(true);
    expect(a.store.latest(log.origin)?.size).toBe(12n);
  });
});

describe('what the witnesses saw last', () => {
  it('shows a database that was restored: ahead, forked, and those that say nothing', async () => {
    const names = ['behind', 'same', 'ahead', 'new'] as const;
    const urls: Record<string, string> = {};
    for (const name of names) urls[name] = (await honest(name)).url;
    const cosigned = { behind: 3, same: 7, ahead: 9 };
    for (const [name, size] of Object.entries(cosigned)) {
      await gather(create(policyOf({ [name]: urls[name] }, 'all')), size);
    }
    const liar = await listen((_, response) => response.end('garbage'));
    const policy = policyOf({ ...urls, liar, dead: deadUrl, silent: undefined }, 'all');
    const seen = await create(policy).latestSeen(log.note(7), 'all');
    expect(Object.fromEntries(seen.map(({ name, result }) => [name, result]))).toEqual({
      behind: { kind: 'at', size: 3n },
      same: { kind: 'at', size: 7n },
      ahead: { kind: 'at', size: 9n },
      new: { kind: 'at', size: 0n },
      liar: expect.objectContaining({ kind: 'lying' }),
      dead: { kind: 'unreachable', why: 'unreachable' },
      silent: { kind: 'no-url' },
    });
    const fork = testLog(log.origin, 'fork');
    const forked = await create(policyOf({ same: urls['same'] }, 'all')).latestSeen(
      fork.note(7),
      'all',
    );
    expect(forked).toEqual([
      { name: 'same', result: expect.objectContaining({ kind: 'conflict', size: 7n }) },
    ]);
  });

  it('waits for all, but not for ever, and is remembered', async () => {
    const slow = await honest('slow', () => sleep(100));
    await gather(create(policyOf({ slow: slow.url }, 'all')), 3);
    const mute = await listen(() => undefined);
    const post = vi.fn(realPost());
    const witnesses = create(policyOf({ slow: slow.url, mute }, 'any'), { post, timeoutMs: 1000 });
    expect(await witnesses.latestSeen(log.note(7), 'all')).toEqual([
      { name: 'slow', result: { kind: 'at', size: 3n } },
      { name: 'mute', result: { kind: 'pending' } },
    ]);
    post.mockClear();
    expect((await gather(witnesses, 7)).quorum).toBe(true);
    expect(post).toHaveBeenCalledTimes(2);
  });
});

describe('what ends it otherwise', () => {
  it('is a note that is no checkpoint, and an abort', async () => {
    const a = await honest('a');
    const policy = policyOf({ a: a.url }, 'all');
    const malformed = expect.objectContaining({ code: 'LOG_MALFORMED' });
    await expect(create(policy).gather(log.text(7), log.proofTo(7))).rejects.toEqual(malformed);
    await expect(create(policy).latestSeen(log.text(7), 'all')).rejects.toEqual(malformed);
    const reason = new Error('enough');
    const post = () => Promise.reject(reason);
    await expect(gather(create(policy, { post }), 7)).rejects.toBe(reason);
  });

  it('leaves no timer behind', async () => {
    const a = await honest('a');
    const signals: (AbortSignal | undefined)[] = [];
    const witnesses = createWitnesses({
      policy: policyOf({ a: a.url }, 'all'),
      post: realPost(),
      sleep: (_millis, signal) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
      now: () => now,
      timeoutMs: patient,
    });
    await gather(witnesses, 7);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });
});
