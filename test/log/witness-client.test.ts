/** The client against our own witness, and against witnesses that lie, over real HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { createWitness } from '../../server/witness.ts';
import {
  probeWitness,
  type Submission,
  submitCheckpoint,
  type WitnessResult,
} from '../../src/log/witness-client.ts';
import {
  encodeNote,
  encodeSignatures,
  type NoteSignature,
  parseSignatures,
} from '../../src/tlog/note.ts';
import { createSigner } from '../../src/tlog/signer.ts';
import { verifyNoteSignature } from '../../src/tlog/verify.ts';
import {
  deadUrl,
  listen,
  memoryStore,
  realPost,
  spoilt,
  testCosigner,
  testLog,
  testSeed,
} from '../support/witnessing.ts';

const log = testLog();
const cosigner = testCosigner();
const now = 1_767_225_600n;

/** A witness of ours, that has cosigned these sizes. */
async function honest(sizes: readonly number[] = [], from = log, logs = [log]) {
  const store = memoryStore();
  const url = await listen(createWitness({ cosigner, logs, store, now: () => now }));
  let old = 0;
  for (const size of sizes) {
    const result = await submit(url, size, { oldSize: BigInt(old) }, from);
    expect(result.kind).toBe('cosigned');
    old = size;
  }
  return { url, store };
}

/** A witness that answers by a list of scripted answers, the last one for ever; counts requests. */
async function scripted(...answers: ((response: ServerResponse, body: string) => void)[]) {
  const bodies: string[] = [];
  const url = await listen(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    bodies.push(body);
    answers[Math.min(bodies.length, answers.length) - 1]?.(response, body);
  });
  return { url, bodies };
}

const conflict =
  (text: string, type = 'text/x.tlog.size') =>
  (response: ServerResponse) =>
    void response.writeHead(409, { 'content-type': type }).end(text);
const ok = (text: string | Uint8Array) => (response: ServerResponse) =>
  void response.writeHead(200).end(text);
const lines = (...signatures: NoteSignature[]) => ok(encodeSignatures(signatures));

function submit(
  url: string,
  size: number,
  changes: Partial<Submission> = {},
  from = log,
): Promise<WitnessResult> {
  return submitCheckpoint({
    witness: { key: cosigner.key, url },
    note: from.note(size),
    oldSize: 0n,
    proofFrom: from.proofTo(size),
    now: () => now,
    post: realPost(),
    sleep: async () => undefined,
    ...changes,
  });
}

const oldOf = (body: string) => body.slice(0, body.indexOf('\n'));

describe('a cosignature', () => {
  it('is given for the first checkpoint and for later ones, and holds', async () => {
    const { url } = await honest();
    for (const [old, size] of [
      [0, 3],
      [3, 7],
      [7, 7],
      [7, 64],
    ]) {
      const result = await submit(`${url}/`, size ?? 0, { oldSize: BigInt(old ?? 0) });
      if (result.kind !== 'cosigned') throw new Error(JSON.stringify(result));
      expect(result.time).toBe(now);
      expect(verifyNoteSignature(cosigner.key, log.text(size ?? 0), result.signature)).toEqual({
        time: now,
      });
    }
  });

  it('is asked for with the bytes of the specification', async () => {
    const line = cosigner.cosign(log.text(7), now);
    const { url, bodies } = await scripted(lines(line));
    expect(await submit(url, 7, { oldSize: 4n })).toEqual({
      kind: 'cosigned',
      signature: line,
      time: now,
    });
    const [hash, ...none] = log.proof(4, 7);
    expect(none).toEqual([]);
    expect(bodies).toEqual([
      `old 4\n${Buffer.from(hash ?? []).toString('base64')}\n\n${log.note(7)}`,
    ]);
  });

  it('is taken from among lines of unknown keys; of several, the newest', async () => {
    const text = log.text(7);
    const other = testCosigner('witness.example.org/w2').cosign(text, now);
    const namesake = { ...other, name: cosigner.key.name };
    const newest = cosigner.cosign(text, now - 1n);
    const renamed = { ...newest, name: 'x' };
    const [older, oldest] = [cosigner.cosign(text, now - 5n), cosigner.cosign(text, now - 9n)];
    const { url } = await scripted(lines(other, oldest, newest, older, namesake, renamed));
    expect(await submit(url, 7)).toEqual({
      kind: 'cosigned',
      signature: newest,
      time: now - 1n,
    });
  });

  it('may be 5 minutes ahead, and no second more', async () => {
    const text = log.text(7);
    const { url } = await scripted(
      lines(cosigner.cosign(text, now + 300n)),
      lines(cosigner.cosign(text, now + 301n)),
    );
    expect((await submit(url, 7)).kind).toBe('cosigned');
    expect(await submit(url, 7)).toEqual({
      kind: 'lying',
      detail: 'its signature is from the future',
    });
  });
});

describe('a size that is not the one that was thought', () => {
  it.each([
    ['nothing known, the witness behind', [2], 7, 0n],
    ['the witness lost its memory', [], 7, 5n],
    ['a size above ours known', [2], 7, 9n],
    ['the same size already', [7], 7, 0n],
  ])('%s: one request more', async (_what, sizes, size, oldSize) => {
    const { url } = await honest(sizes);
    const post = vi.fn(realPost());
    const sleep = vi.fn(async () => undefined);
    const result = await submit(url, size, { oldSize, post, sleep });
    expect(result.kind).toBe('cosigned');
    expect(post).toHaveBeenCalledTimes(2);
    expect(sleep.mock.calls).toEqual([[10]]);
  });

  it('may change once more, not twice', async () => {
    const line = cosigner.cosign(log.text(7), now);
    const twice = await scripted(conflict('2\n'), conflict('5\n'), lines(line));
    const sleep = vi.fn(async () => undefined);
    expect((await submit(twice.url, 7, { sleep })).kind).toBe('cosigned');
    expect(twice.bodies.map(oldOf)).toEqual(['old 0', 'old 2', 'old 5']);
    expect(sleep.mock.calls).toEqual([[10], [50]]);

    const thrice = await scripted(conflict('2\n'), conflict('5\n'), conflict('6\n'), lines(line));
    expect(await submit(thrice.url, 7)).toEqual({
      kind: 'refused',
      status: 409,
      detail: 'its size was another one with every request',
    });
    expect(thrice.bodies).toHaveLength(3);
  });

  it('may come with a parameter to its type', async () => {
    const line = cosigner.cosign(log.text(7), now);
    const { url } = await scripted(conflict('2\n', 'Text/X.tlog.size; charset=utf-8'), lines(line));
    expect((await submit(url, 7)).kind).toBe('cosigned');
  });

  it('above ours is told, and nothing further is sent', async () => {
    const { url, store } = await honest([9]);
    const post = vi.fn(realPost());
    expect(await submit(url, 7, { post })).toEqual({ kind: 'ahead', size: 9n });
    expect(post).toHaveBeenCalledOnce();
    expect(store.latest(log.origin)?.size).toBe(9n);
  });

  it('that no proof of ours can begin from is a fault of ours', async () => {
    const { url } = await honest([2]);
    const cause = new Error('no tile');
    expect(await submit(url, 7, { proofFrom: () => Promise.reject(cause) })).toEqual({
      kind: 'unproven',
      from: 2n,
      cause,
    });
    const tooLong = async () => Array(64).fill(new Uint8Array(32));
    expect(await submit(url, 7, { proofFrom: tooLong })).toMatchObject({ kind: 'unproven' });
  });
});

describe('a refusal', () => {
  it('of a log that the witness does not know: 404, 403 with older ones', async () => {
    const { url } = await honest([], log, [testLog('log.example.org/other')]);
    expect(await submit(url, 7)).toEqual({ kind: 'refused', status: 404, detail: 'unknown log' });
    const older = await scripted((response) => void response.writeHead(403).end('unknown log\n'));
    expect(await submit(older.url, 7)).toEqual({
      kind: 'refused',
      status: 403,
      detail: 'unknown log',
    });
  });

  it('of a wrong signature, of a wrong proof, and of a second history', async () => {
    const { url } = await honest([3]);
    const note = spoilt(log.note(7));
    expect(await submit(url, 7, { note })).toMatchObject({ kind: 'refused', status: 403 });
    const proofFrom = async () => log.proof(2, 7);
    expect(await submit(url, 7, { proofFrom })).toMatchObject({ kind: 'refused', status: 422 });
    const fork = testLog(log.origin, 'fork');
    expect(await submit(url, 7, {}, fork)).toMatchObject({ kind: 'refused', status: 422 });
    expect(await submit(url, 3, { oldSize: 3n }, fork)).toMatchObject({ status: 422 });
  });

  it.each([
    ['with our size', conflict('7\n')],
    ['without a size', conflict('conflict\n', 'text/plain')],
  ])('of another root by 409 %s', async (_what, answer) => {
    const { url, bodies } = await scripted(answer);
    expect(await submit(url, 7, { oldSize: 7n })).toMatchObject({ kind: 'refused', status: 409 });
    expect(bodies).toHaveLength(1);
  });

  it.each([400, 429, 500, 503])('by status %d ends it', async (status) => {
    const { url, bodies } = await scripted((response) => void response.writeHead(status).end());
    expect(await submit(url, 7)).toEqual({ kind: 'refused', status, detail: '' });
    expect(bodies).toHaveLength(1);
  });

  it('is told in one short line without what a screen would obey', async () => {
    const text = `\u001b[2Jbad\u0000\u00e9${'x'.repeat(1000)}\nsecond line`;
    const { url } = await scripted((response) => void response.writeHead(400).end(text));
    const result = await submit(url, 7);
    if (result.kind !== 'refused') throw new Error(result.kind);
    expect(result.detail).toMatch(/^\?\[2Jbad\?\?\?x+$/);
    expect(result.detail).toHaveLength(200);
  });
});

describe('a lie', () => {
  const text = log.text(7);
  const line = cosigner.cosign(text, now);
  const other = testCosigner('witness.example.org/w2');
  const plain = createSigner(cosigner.key.name, new Uint8Array(32).fill(1));
  // The message of a cosignature, signed by hand: no cosigner of ours signs the time 0.
  const { payload } = createSigner(cosigner.key.name, testSeed(cosigner.key.name)).sign(
    `cosignature/v1\ntime 0\n${text}`,
  );
  const undated = { ...line, payload: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, ...payload) };
  const [broken] = parseSignatures(
    spoilt(encodeNote({ text, signatures: [line] })).slice(text.length + 1),
  );
  if (broken === undefined) throw new Error('no line');
  const good = encodeSignatures([line]);

  it.each([
    ['another key', lines(other.cosign(text, now))],
    ['another key under its name', lines({ ...other.cosign(text, now), name: line.name })],
    ['its key ID under another name', lines({ ...line, name: 'x' })],
    [
      'a signature of another key under its ID',
      lines({ ...other.cosign(text, now), name: line.name, keyId: line.keyId }),
    ],
    ['another size', lines(cosigner.cosign(log.text(8), now))],
    ['another root', lines(cosigner.cosign(testLog(log.origin, 'fork').text(7), now))],
    ['another log', lines(cosigner.cosign(testLog('log.example.org/other').text(7), now))],
    ['our text with more in it', lines(cosigner.cosign(`${text}extension\n`, now))],
    ['a spoilt line', lines(broken)],
    ['a spoilt line beside a good one', lines(line, broken)],
    ['a good line beside a spoilt one', lines(broken, line)],
    ['a signature without a time', lines({ ...plain.sign(text), keyId: line.keyId })],
    ['the time 0', lines(undated)],
    ['a time far ahead', lines(cosigner.cosign(text, 2n ** 63n - 1n))],
    ['nothing', ok('')],
    ['a line feed', ok('\n')],
    ['garbage', ok('<html>hello</html>')],
    ['bytes that are no text', ok(Uint8Array.of(0xff, 0xfe, 0x00))],
    ['a line that does not end', ok(good.slice(0, -1))],
    ['an empty line before', ok(`\n${good}`)],
    ['an empty line behind', ok(`${good}\n`)],
    ['a text of its own before an empty line', ok(`forged\n\n${good}`)],
    ['a whole note', ok(`${log.note(7)}${good}`)],
    ['a byte order mark', ok(`\ufeff${good}`)],
    ['CR LF', ok(good.replace('\n', '\r\n'))],
    ['a hyphen for the dash', ok(good.replace('—', '-'))],
    ['101 lines', ok(good.repeat(101))],
  ])('with status 200: %s', async (_what, answer) => {
    const { url, bodies } = await scripted(answer);
    expect(await submit(url, 7)).toMatchObject({ kind: 'lying' });
    expect(bodies).toHaveLength(1);
  });

  it('is not what is only undated: that signature holds', () => {
    expect(verifyNoteSignature(cosigner.key, text, undated)).toEqual({ time: 0n });
  });

  it.each([
    ['its type', conflict('2\n', 'text/plain')],
    ['a size', conflict('\n')],
    ['a line feed', conflict('2')],
    ['a decimal', conflict('0x2\n')],
    ['a canonical decimal', conflict('02\n')],
    ['a size that can be', conflict(`${2n ** 63n}\n`)],
    ['an end', conflict(`2\n${'x'.repeat(100)}\n`)],
    ['the size that was submitted', conflict('0\n')],
  ])('with status 409 and not %s', async (_what, answer) => {
    const { url, bodies } = await scripted(answer);
    expect(await submit(url, 7)).toMatchObject({ kind: 'lying' });
    expect(bodies).toHaveLength(1);
  });
});

describe('no answer', () => {
  it('of a dead witness, a mute one, an endless one, one that points elsewhere', async () => {
    expect(await submit(deadUrl, 7)).toEqual({ kind: 'unreachable', why: 'unreachable' });
    const mute = await scripted(() => undefined);
    expect(await submit(mute.url, 7, { post: realPost(150) })).toEqual({
      kind: 'unreachable',
      why: 'timeout',
    });
    const endless = await scripted((response) => {
      response.writeHead(200);
      const pour = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => clearInterval(pour));
    });
    expect(await submit(endless.url, 7)).toEqual({ kind: 'unreachable', why: 'too-large' });
    const elsewhere = await scripted(
      (response) => void response.writeHead(307, { location: deadUrl }).end(),
    );
    expect(await submit(elsewhere.url, 7)).toEqual({ kind: 'unreachable', why: 'redirected' });
    expect(await submit('http://witness.example', 7)).toEqual({
      kind: 'unreachable',
      why: 'refused-address',
    });
  });

  it('is asked for with a note that is no checkpoint: a fault of the caller', async () => {
    const { url, bodies } = await scripted(ok(''));
    const malformed = expect.objectContaining({ code: 'LOG_MALFORMED' });
    await expect(submit(url, 7, { note: log.text(7) })).rejects.toEqual(malformed);
    await expect(submit(url, 7, { note: log.note(7).replace('\n7\n', '\n07\n') })).rejects.toEqual(
      malformed,
    );
    expect(bodies).toEqual([]);
  });
});

describe('a probe', () => {
  const probe = (url: string, size: number, from = log) =>
    probeWitness({
      witness: { key: cosigner.key, url },
      note: from.note(size),
      now: () => now,
      post: realPost(),
    });

  it.each([
    [[], 7, 0n],
    [[3], 7, 3n],
    [[7], 7, 7n],
    [[3, 9], 7, 9n],
  ])('of a witness at %j by size %d finds its size', async (sizes, size, expected) => {
    const { url, store } = await honest(sizes);
    const before = store.latest(log.origin)?.size;
    expect(await probe(url, size)).toEqual({ kind: 'at', size: expected });
    expect(store.latest(log.origin)?.size).toBe(before);
  });

  it('finds another tree of the same size', async () => {
    const { url } = await honest([7]);
    expect(await probe(url, 7, testLog(log.origin, 'fork'))).toEqual({
      kind: 'conflict',
      size: 7n,
      detail: 'another root at this size',
    });
    const older = await scripted(conflict('7\n'));
    expect(await probe(older.url, 7)).toMatchObject({ kind: 'conflict', size: 7n });
    const oldest = await scripted(conflict('conflict\n', 'text/plain'));
    expect(await probe(oldest.url, 7)).toMatchObject({ kind: 'conflict', size: 7n });
  });

  it('of a witness that lies, refuses or is gone finds just that', async () => {
    const liar = await scripted(lines(testCosigner('x').cosign(log.text(7), now)));
    expect(await probe(liar.url, 7)).toMatchObject({ kind: 'lying' });
    const nonsense = await scripted(conflict('-1\n'));
    expect(await probe(nonsense.url, 7)).toMatchObject({ kind: 'lying' });
    const { url } = await honest([], log, [testLog('log.example.org/other')]);
    expect(await probe(url, 7)).toMatchObject({ kind: 'refused', status: 404 });
    expect(await probe(deadUrl, 7)).toEqual({ kind: 'unreachable', why: 'unreachable' });
  });
});
