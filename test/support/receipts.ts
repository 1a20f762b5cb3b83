/** Entries, owners and small logs for tests: the tree is computed by recursion over the definition. */
import { createHash } from 'node:crypto';
import { encodeEntry, signEntry } from '../../src/activation/entry.ts';
import type { CardEntry, Entry, UnsignedCardEntry } from '../../src/activation/entry-schema.ts';
import { createOwner, type OwnerKey } from '../../src/activation/owner.ts';
import { encodeReceipt } from '../../src/activation/receipt.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { encodeCheckpoint } from '../../src/tlog/checkpoint.ts';
import { encodeKey } from '../../src/tlog/key.ts';
import { encodeNote } from '../../src/tlog/note.ts';
import { type Policy, parsePolicy } from '../../src/tlog/policy.ts';
import type { TlogProof } from '../../src/tlog/proof.ts';
import { createCosigner, createSigner } from '../../src/tlog/signer.ts';

const sha = (...parts: readonly (string | Uint8Array)[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

export const hex = (name: string): string => Buffer.from(sha(name)).toString('hex');

/** The same owner for the same name. */
export const ownerNamed = (name: string): OwnerKey => createOwner(sha(`owner ${name}`));

export const alice = ownerNamed('alice');
export const bob = ownerNamed('bob');
export const shop = ownerNamed('shop');

export const cardKey = hex('card');

/** An entry about a card as a check gives it, of any type; with fields replaced. */
export function unsigned(
  type: CardEntry['type'],
  owner?: OwnerKey,
  key: string = cardKey,
): UnsignedCardEntry {
  const head = {
    schema: 'touchstone.entry/1',
    kind: 'card',
    card: { family: 'coinkite-tap', key },
    hour: '2026-11-26T12Z',
    demo: true,
  } as const;
  const evidence = {
    product: 'tapsigner',
    firmware: { id: '1.0.3', authority: 'reported' },
    usage: { state: 'new', authority: 'reported' },
    word: 'genuine',
    freshness: 'verifier',
    registry: { serial: 3, hash: hex('registry'), overlays: [hex('overlay')] },
    hashes: { proof: hex('proof'), challenge: hex('challenge'), attachments: hex('attachments') },
  } as const;
  const ownerHex = owner?.hashHex ?? '';
  switch (type) {
    case 'observed':
      return {
        ...head,
        ...evidence,
        registry: { ...evidence.registry, overlays: [...evidence.registry.overlays] },
        type,
        ...(owner && { owner: ownerHex }),
      };
    case 'activated':
    case 'reverified':
      return {
        ...head,
        ...evidence,
        registry: { ...evidence.registry, overlays: [...evidence.registry.overlays] },
        type,
        owner: ownerHex,
      };
    case 'retired':
    case 'disputed':
      return { ...head, type, owner: ownerHex };
  }
}

/** The same, signed. */
export function entryBy(
  type: CardEntry['type'],
  owner?: OwnerKey,
  actor?: OwnerKey,
  key?: string,
): CardEntry {
  return signEntry(unsigned(type, owner, key), { owner, actor });
}

export const registryEntry: Entry = {
  schema: 'touchstone.entry/1',
  kind: 'registry',
  registry: { serial: 3, hash: hex('registry') },
  hour: '2026-11-26T12Z',
};

export const noticeEntry: Entry = {
  schema: 'touchstone.entry/1',
  kind: 'notice',
  text: 'The log moves to a new key on Monday.',
  hour: '2026-11-26T12Z',
};

/** POSIX seconds of the clock of tests: 2026-11-26T12:00:00Z. */
export const at = 1_795_694_400n;

export const origin = 'log.example.org/activations';
const signer = createSigner(origin, sha('log'));
const witness = createCosigner('witness.example.org/w1', sha('witness 1'));
const otherWitness = createCosigner('witness.example.org/w2', sha('witness 2'));

const logLine = `log ${encodeKey(signer.key)}\n`;
const witnessLines = `witness one ${encodeKey(witness.key)}\nwitness two ${encodeKey(otherWitness.key)}\n`;

/** The log, and one of two witnesses. */
export const witnessedPolicyText = `${logLine}${witnessLines}group any-of any one two\nquorum any-of\n`;
export const unwitnessedPolicyText = `${logLine}quorum none\n`;
export const strictPolicyText = `${logLine}${witnessLines}group both all one two\nquorum both\n`;
export const foreignPolicyText = `log ${encodeKey(createSigner('other.example.org', sha('other')).key)}\nquorum none\n`;

export const witnessedPolicy: Policy = parsePolicy(witnessedPolicyText);
export const unwitnessedPolicy: Policy = parsePolicy(unwitnessedPolicyText);

const leafOf = (bytes: Uint8Array) => sha(Uint8Array.of(0), bytes);
const nodeOf = (left: Uint8Array, right: Uint8Array) => sha(Uint8Array.of(1), left, right);

function split(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** RFC 6962 section 2.1. */
export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha();
  if (leaves.length === 1) return leafOf(first);
  const at = split(leaves.length);
  return nodeOf(rootOf(leaves.slice(0, at)), rootOf(leaves.slice(at)));
}

/** RFC 6962 section 2.1.1. */
function pathOf(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const at = split(leaves.length);
  return index < at
    ? [...pathOf(index, leaves.slice(0, at)), rootOf(leaves.slice(at))]
    : [...pathOf(index - at, leaves.slice(at)), rootOf(leaves.slice(0, at))];
}

export interface SmallLog {
  readonly size: bigint;
  readonly root: Uint8Array;
  /** The signed note. */
  readonly checkpoint: string;
  logged(index: number): { index: bigint; entry: Uint8Array; hashes: Uint8Array[] };
  proof(index: number): TlogProof;
  /** The text of a receipt. */
  receipt(index: number, entry: Entry): string;
}

/** A log that holds these leaves, cosigned by the first witness at `cosignedAt`, or by nobody. */
export function smallLog(
  leaves: readonly (Entry | Uint8Array)[],
  cosignedAt: bigint | undefined = at - 60n,
): SmallLog {
  const bytes = leaves.map((leaf) => (leaf instanceof Uint8Array ? leaf : encodeEntry(leaf)));
  const size = BigInt(bytes.length);
  const root = rootOf(bytes);
  const text = encodeCheckpoint({ origin, size, root });
  const signatures = [
    signer.sign(text),
    ...(cosignedAt === undefined || cosignedAt === 0n ? [] : [witness.cosign(text, cosignedAt)]),
  ];
  const checkpoint = encodeNote({ text, signatures });
  const proof = (index: number): TlogProof => ({
    index: BigInt(index),
    hashes: pathOf(index, bytes),
    checkpoint,
  });
  return {
    size,
    root,
    checkpoint,
    logged: (index) => ({
      index: BigInt(index),
      entry: bytes[index] ?? utf8('none'),
      hashes: pathOf(index, bytes),
    }),
    proof,
    receipt: (index, entry) => encodeReceipt({ entry, proof: proof(index) }),
  };
}

/** Without a cosignature: as `cosignedAt`. */
export const byNobody = 0n;
