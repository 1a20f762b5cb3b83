/**
 * A witness (C2SP tlog-witness): cosigns checkpoints of the logs it knows, as long as each is the
 * continuation of the one before. Requests and status codes are in src/log/add-checkpoint.ts.
 *
 *   POST /add-checkpoint                         200, 400, 403, 404, 409, 413 above 64 KiB, 415 packed, 422
 *   GET  /<hex SHA-256 of origin>/checkpoint     the latest one, with the log's signature and ours, or 404
 *
 * Other methods of the two 405, everything else 404; 5xx for faults of ours. A reason is one short line
 * and repeats nothing of the request.
 *
 * What must never happen is a cosignature over a second history, so
 *   - between looking at the latest checkpoint and storing the next one nothing else of this process
 *     runs (all of it is synchronous), and the store compares again for other processes
 *   - the cosignature is made, stored, and only then given away
 *   - the first checkpoint of a log is believed (old is 0, no proof): a witness begins somewhere
 *
 * The time of a cosignature says "as of then, this was the largest tree that I had seen". Were the clock
 * set back, a larger tree with an earlier time would make the statement before it false. So no time is
 * below the one before, for one log. A clock that is behind by at most 5 minutes, which is what those who
 * verify forgive, is lifted to that time. One that is further behind is wrong now or was wrong then, and
 * nobody can say which: 503 until it has caught up, since a time in the future is an untrue statement,
 * too. (A witness that cannot wait begins again under a new key.)
 */
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from 'express';
import { concat, equal, utf8 } from '../src/bytes/bytes.ts';
import { toHex } from '../src/bytes/hex.ts';
import { sha256 } from '../src/bytes/sha256.ts';
import { LogError } from '../src/errors/error.ts';
import { addCheckpointLimits, parseAddCheckpoint, sizeType } from '../src/log/add-checkpoint.ts';
import type { StoredCheckpoint } from '../src/store/log-store.ts';
import type { WitnessStore } from '../src/store/witness-store.ts';
import { type Checkpoint, parseCheckpoint } from '../src/tlog/checkpoint.ts';
import type { NoteKey } from '../src/tlog/key.ts';
import { emptyRoot, type TreeHead, verifyConsistency } from '../src/tlog/merkle.ts';
import {
  encodeNote,
  encodeSignatures,
  type Note,
  type NoteSignature,
  parseNote,
} from '../src/tlog/note.ts';
import type { Policy } from '../src/tlog/policy.ts';
import type { Cosigner } from '../src/tlog/signer.ts';
import { openNote, verifyNoteSignature } from '../src/tlog/verify.ts';
import { clockTolerance } from '../src/tlog/witnessed.ts';

export interface WitnessOptions {
  readonly cosigner: Cosigner;
  /** Those that are cosigned; an origin may stand there with several keys. */
  readonly logs: Policy['logs'];
  readonly store: WitnessStore;
  /** POSIX seconds. */
  readonly now: () => bigint;
}

/** What is answered: signature lines, a size, or a reason. */
type Reply =
  | { readonly status: 200; readonly lines: string }
  | { readonly status: 409; readonly size: bigint }
  | { readonly status: 400 | 403 | 404 | 422 | 503; readonly reason: string };

/** The application, without a listener. */
export function createWitness(options: WitnessOptions): Express {
  const origins = new Map(options.logs.map(({ origin }) => [hashOf(origin), origin]));
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('strict routing').enable('case sensitive routing');

  app
    .route('/add-checkpoint')
    .post(async (request, response) => {
      // A small packed body could unpack to a large one.
      if (request.headers['content-encoding'] !== undefined) {
        sayNo(response, 415, 'a packed request');
        return;
      }
      const body = await readBody(request);
      if (body !== undefined) send(response, addCheckpoint(body, options));
      else sayNo(response.set('connection', 'close'), 413, 'the request is too long');
    })
    .all((_request, response) => notAllowed(response, 'POST'));

  app
    .route('/:hash/checkpoint')
    .get((request, response) => {
      const origin = origins.get(request.params.hash);
      const latest = origin === undefined ? undefined : options.store.latest(origin);
      if (latest === undefined) sayNo(response, 404, 'no checkpoint of such a log');
      else sendText(response.set('cache-control', 'no-cache'), 200, latest.note);
    })
    .all((_request, response) => notAllowed(response, 'GET, HEAD'));

  app.use((_request, response) => sayNo(response, 404, 'nothing here'));
  app.use(onError);
  return app;
}

/** The checks, in the order of the specification. Synchronous from the first to the last. */
function addCheckpoint(body: Uint8Array, options: WitnessOptions): Reply {
  const request = readRequest(body);
  if ('reason' in request) return request;
  const { oldSize, proof, note, checkpoint } = request;

  const keys = options.logs.filter(({ origin }) => origin === checkpoint.origin);
  if (keys.length === 0) return { status: 404, reason: 'unknown log' };
  const trusted = keys.map(({ key }) => key);
  const opened = openNote(note, trusted);
  if (opened.kind === 'refused') return { status: 403, reason: refusals[opened.why] };

  if (oldSize > checkpoint.size) return { status: 400, reason: 'old is above the size' };
  const latest = options.store.latest(checkpoint.origin);
  const latestSize = latest?.size ?? 0n;
  if (oldSize !== latestSize) return { status: 409, size: latestSize };
  const reason = inconsistency(latest, checkpoint, proof);
  if (reason !== undefined) return { status: 422, reason };

  const time = nextTime(latest, options);
  if (time === undefined) return { status: 503, reason: 'the clock of this witness is behind' };
  const cosignature = options.cosigner.cosign(note.text, time);
  // Only lines that were verified: others could hold anything, and would be handed out.
  const verified = note.signatures.filter((line) => trusted.some((key) => isOf(key, line)));
  const kept = encodeNote({ text: note.text, signatures: [...distinct(verified), cosignature] });
  const { origin, size, root } = checkpoint;
  if (!options.store.advance(origin, latest, { size, root, note: kept })) {
    // Another process was faster.
    return { status: 409, size: options.store.latest(origin)?.size ?? 0n };
  }
  return { status: 200, lines: encodeSignatures([cosignature]) };
}

const refusals = {
  'no-known-signature': 'no signature of a known key of this log',
  'wrong-signature': 'invalid signature',
} as const;

interface ReadRequest {
  readonly oldSize: bigint;
  readonly proof: readonly Uint8Array[];
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

function readRequest(body: Uint8Array): ReadRequest | Extract<Reply, { reason: string }> {
  try {
    const { oldSize, proof, note: text } = parseAddCheckpoint(body);
    const note = parseNote(text);
    return { oldSize, proof, note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return { status: 400, reason: error.message };
  }
}

/** Why the checkpoint does not continue the latest one; undefined when it does. */
function inconsistency(
  latest: TreeHead | undefined,
  { size, root }: Checkpoint,
  proof: readonly Uint8Array[],
): string | undefined {
  if (size === 0n && !equal(root, emptyRoot)) return 'not the root of an empty tree';
  if (latest === undefined || latest.size === 0n) {
    return proof.length === 0 ? undefined : 'a consistency proof from nothing';
  }
  if (size === latest.size && !equal(root, latest.root)) return 'another root at this size';
  return verifyConsistency({ from: latest, to: { size, root }, proof })
    ? undefined
    : 'the consistency proof does not hold';
}

/** See the head of this file. Undefined while the clock is too far behind. */
function nextTime(
  latest: StoredCheckpoint | undefined,
  { cosigner, now }: WitnessOptions,
): bigint | undefined {
  const clock = now();
  const last = latest === undefined ? 0n : timeOf(latest.note, cosigner.key);
  if (clock >= last) return clock;
  return last - clock <= clockTolerance ? last : undefined;
}

/** When the stored checkpoint was cosigned by this key; 0 after a change of the key. */
function timeOf(text: string, key: NoteKey): bigint {
  const note = parseNote(text);
  for (const signature of note.signatures) {
    const verified = verifyNoteSignature(key, note.text, signature);
    if (verified !== false && verified.time !== undefined) return verified.time;
  }
  return 0n;
}

/** Anybody can repeat a line of the log until no further one fits. */
function distinct(signatures: readonly NoteSignature[]): NoteSignature[] {
  return [...new Map(signatures.map((line) => [encodeSignatures([line]), line])).values()];
}

function isOf(key: NoteKey, line: NoteSignature): boolean {
  return key.name === line.name && key.keyId === line.keyId;
}

function hashOf(origin: string): string {
  return toHex(sha256(utf8(origin)));
}

function send(response: Response, reply: Reply): void {
  switch (reply.status) {
    case 200:
      sendText(response, 200, reply.lines);
      return;
    case 409:
      // Express would add a charset to a text; the specification names the bare type.
      response.status(409).setHeader('content-type', sizeType);
      response.end(`${reply.size}\n`);
      return;
    case 400:
    case 403:
    case 404:
    case 422:
    case 503:
      sayNo(response, reply.status, reply.reason);
      return;
  }
}

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain; charset=utf-8').send(text);
}

function sayNo(response: Response, status: number, reason: string): void {
  sendText(response.set('x-content-type-options', 'nosniff'), status, `${reason}\n`);
}

function notAllowed(response: Response, methods: string): void {
  sayNo(response.set('allow', methods), 405, 'not this method');
}

/**
 * The body, or undefined when it is too long or breaks off. One that is a little too long is read to its
 * end, so that who sends it hears why; express.raw would read on for ever.
 */
function readBody(request: Request): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    request.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length <= addCheckpointLimits.bodyBytes) chunks.push(chunk);
      else if (length > maxReadBytes) resolve(undefined);
    });
    request.on('end', () => {
      resolve(length > addCheckpointLimits.bodyBytes ? undefined : concat(...chunks));
    });
    request.on('close', () => resolve(undefined));
  });
}

const maxReadBytes = 4 * addCheckpointLimits.bodyBytes;

/** Of Express, whose errors have a status, and of the store: what is left is ours. */
const onError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  // Whatever the store says of itself is no fault of who asks.
  if (error instanceof LogError) {
    return sayNo(response, 503, 'the state of this witness cannot be used');
  }
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 400) return sayNo(response, 400, 'a bad request');
  sayNo(response, 500, 'a fault of ours');
};
