/**
 * Logs, witnesses and servers for tests of witnessing. The tree is the recursion of RFC 6962 section 2.1,
 * hashed over and over: slow, and made without the code that is tested.
 */
import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import { createHttpPost, type HttpPost } from '../../src/net/http.ts';
import type { StoredCheckpoint } from '../../src/store/log-store.ts';
import type { WitnessStore } from '../../src/store/witness-store.ts';
import { encodeNote, type Note, parseNote } from '../../src/tlog/note.ts';
import { type Cosigner, createCosigner, createSigner } from '../../src/tlog/signer.ts';

const sha256 = (...parts: (Uint8Array | string)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** RFC 6962 section 2.1, MTH. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), first);
  const k = splitOf(leaves.length);
  return sha256(Uint8Array.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** RFC 6962 section 2.1.2, SUBPROOF. */
function proofOf(m: number, leaves: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [rootOf(leaves)];
  const k = splitOf(leaves.length);
  return m <= k
    ? [...proofOf(m, leaves.slice(0, k), whole), rootOf(leaves.slice(k))]
    : [...proofOf(m - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
}

const splitOf = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);

/** A log whose entries are the texts "<history> 0", "<history> 1" and so on. */
export function testLog(origin = 'log.example.org/test', history = 'entry') {
  const signer = createSigner(origin, testSeed(origin));
  const leaves = (size: number) =>
    Array.from({ length: size }, (_, n) => Buffer.from(`${history} ${n}`));
  const root = (size: number) => rootOf(leaves(size));
  const proof = (from: number, to: number) => (from === 0 ? [] : proofOf(from, leaves(to), true));
  return {
    origin,
    key: signer.key,
    signer,
    root,
    proof,
    /** What a client calls for a proof to a size. */
    proofTo: (to: number) => async (from: bigint) => proof(Number(from), to),
    text: (size: number | bigint, rootBytes = root(Number(size))) =>
      `${origin}\n${size}\n${Buffer.from(rootBytes).toString('base64')}\n`,
    /** A signed checkpoint; of this tree, or of the given root. */
    note(size: number | bigint, rootBytes?: Uint8Array): string {
      const text = this.text(size, rootBytes);
      return encodeNote({ text, signatures: [signer.sign(text)] });
    },
  };
}

export type TestLog = ReturnType<typeof testLog>;

export const testSeed = (name: string) => sha256(`seed of ${name}`);

export function testCosigner(name = 'witness.example.org/w1'): Cosigner {
  return createCosigner(name, testSeed(name));
}

/** The body of a request, written by hand. */
export function requestBody(
  old: number | bigint | string,
  proof: readonly Uint8Array[],
  note: string,
) {
  const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
  return `old ${old}\n${lines}\n${note}`;
}

/** The note with a signature whose last byte is another. */
export function spoilt(note: string, line = 0): string {
  const { text, signatures } = parseNote(note);
  const altered = signatures.map(({ name, keyId, payload }, index) => {
    const bytes = payload.slice();
    if (index === line) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    return { name, keyId, payload: bytes };
  });
  return encodeNote({ text, signatures: altered } satisfies Note);
}

/** Serves on this computer until the test ends; gives the URL. */
export async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** A port where nobody listens. */
export const deadUrl = 'http://127.0.0.1:9';

/** The real way out, over loopback. */
export function realPost(timeoutMs = 20_000): HttpPost {
  return createHttpPost({ fetch, timeoutMs, maxBytes: 65_536 });
}

/** The contract of a witness's store, kept in memory. */
export function memoryStore(): WitnessStore {
  const rows = new Map<string, StoredCheckpoint>();
  return {
    latest: (origin) => rows.get(origin),
    advance: (origin, from, to) => {
      const now = rows.get(origin);
      if (now?.size !== from?.size) return false;
      if (now && from && Buffer.compare(now.root, from.root) !== 0) return false;
      rows.set(origin, to);
      return true;
    },
    close: () => undefined,
  };
}
