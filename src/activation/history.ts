/**
 * What a log knows about one card: its entries, each verified, and how much their number is worth.
 *
 * That an entry is there, a proof shows. That no other is there, it does not: `absence` says who vouches for
 * that, and nobody may say "first" on less.
 *
 *   reported  whoever runs the log says so
 *   scanned   this client read every entry of this checkpoint, and witnesses saw the same log
 *
 * Any entry can stand in a log, and the operator alone decides which do. So entries that are included and
 * mean nothing are set aside with the reason, and do not spoil the others: one whose signature is wrong; a
 * retirement or dispute by somebody who had never taken the card over, which rests on no evidence and could
 * be written by whoever has read the index key in the log.
 */
import type { LogKnowledge } from '../appraisal/facts.ts';
import { toHex } from '../bytes/hex.ts';
import { LogError } from '../errors/error.ts';
import { leafHash, sameHead, type TreeHead, verifyInclusion } from '../tlog/merkle.ts';
import type { Policy } from '../tlog/policy.ts';
import {
  type CheckpointRefusal,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from '../tlog/witnessed.ts';
import { type EntryFault, parseEntry, verifyEntry } from './entry.ts';
import type { CardEntry, Entry } from './entry-schema.ts';

/** An entry as a log gives it: not believed. */
export interface LoggedEntry {
  readonly index: bigint;
  /** The leaf. */
  readonly entry: Uint8Array;
  /** Inclusion proof in the checkpoint's tree, from the leaf upwards. */
  readonly hashes: readonly Uint8Array[];
}

export interface HistoryInput {
  /** Card index key, 32 bytes. */
  readonly indexKey: Uint8Array;
  /** In any order; at most `maxHistory`. */
  readonly entries: readonly LoggedEntry[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
  /**
   * Where this client read every entry of the log by itself: size and root that it computed of them. Left
   * out: the entries are those that the log gave.
   */
  readonly scanned?: TreeHead | undefined;
  readonly policy: Policy;
  /** Now, seconds since 1970. */
  readonly at: bigint;
}

/** No honest card is seen so often; a server may send what it likes. */
export const maxHistory = 10_000;

export interface HistoryItem {
  readonly index: bigint;
  readonly entry: CardEntry;
}

export interface SetAside {
  readonly index: bigint;
  readonly why: EntryFault | 'not-the-owner';
}

export type Absence = 'reported' | 'scanned';

export interface CardHistory
  extends Pick<VerifiedCheckpoint, 'checkpoint' | 'log' | 'cosignatures' | 'witnessed'> {
  readonly kind: 'verified';
  /** Sorted by index. */
  readonly items: readonly HistoryItem[];
  /** Included, and worth nothing. Sorted by index. */
  readonly setAside: readonly SetAside[];
  /** What may be said about entries that are not here. */
  readonly absence: Absence;
}

export type HistoryFault =
  | CheckpointRefusal
  | 'too-many'
  /** What was scanned is not the tree of this checkpoint. */
  | 'other-tree'
  /** One of them is no entry, or about another card. */
  | 'other-card'
  | 'not-included'
  /** The same index is given twice. */
  | 'twice';

export type HistoryResult =
  | CardHistory
  | {
      readonly kind: 'refused';
      readonly why: HistoryFault;
      /** For experts. */
      readonly detail: string;
    };

/** Verifies what a log gave about a card. */
export function cardHistory(input: HistoryInput): HistoryResult {
  const { indexKey, entries, policy, at, scanned } = input;
  const refused = (why: HistoryFault, detail: string) =>
    ({ kind: 'refused', why, detail }) as const;
  if (entries.length > maxHistory) {
    return refused('too-many', `entries: ${entries.length}; expected: at most ${maxHistory}`);
  }
  const held = verifyCheckpoint(input.checkpoint, policy, at);
  if (held.kind === 'refused') return refused(held.why, held.detail);
  const { checkpoint, log, cosignatures, witnessed } = held;
  if (scanned !== undefined && !sameHead(scanned, checkpoint)) {
    return refused(
      'other-tree',
      `size scanned: ${scanned.size}; of the checkpoint: ${checkpoint.size}`,
    );
  }
  const keyHex = toHex(indexKey);
  const found: HistoryItem[] = [];
  for (const { index, entry: bytes, hashes } of entries) {
    const { size, root } = checkpoint;
    if (!verifyInclusion({ index, size, leaf: leafHash(bytes), root, proof: hashes })) {
      return refused('not-included', `entry ${index}: not in the tree of size ${size}`);
    }
    const entry = readEntry(bytes);
    if (entry?.kind !== 'card' || entry.card.key !== keyHex) {
      return refused('other-card', `entry ${index}: not about this card`);
    }
    found.push({ index, entry });
  }
  found.sort((a, b) => (a.index < b.index ? -1 : 1));
  const twice = found.find(({ index }, position) => found[position + 1]?.index === index);
  if (twice !== undefined) return refused('twice', `entry ${twice.index}: given twice`);
  return {
    kind: 'verified',
    ...sift(found),
    checkpoint,
    log,
    cosignatures,
    witnessed,
    absence: scanned !== undefined && witnessed ? 'scanned' : 'reported',
  };
}

/** Another owner of a card, as the log knows it. */
export interface OtherOwner {
  /** SHA-256 of the owner's public key. */
  readonly ownerHex: string;
  /** Where the owner first comes up. */
  readonly first: HistoryItem;
  /** True when the owner gave the card up, and did not take it back later. */
  readonly retired: boolean;
  /** True when the owner says that something is wrong. */
  readonly disputed: boolean;
}

/**
 * Everybody else under whose key the card was seen, in the order of their first entry.
 *
 * @param ownerHex the asker's own; undefined: nobody is the asker
 */
export function otherOwners(
  { items }: Pick<CardHistory, 'items'>,
  ownerHex: string | undefined,
): readonly OtherOwner[] {
  const others = new Map<string, OtherOwner>();
  for (const item of items) {
    const { owner, type } = item.entry;
    if (owner === undefined || owner === ownerHex) continue;
    const known = others.get(owner) ?? {
      ownerHex: owner,
      first: item,
      retired: false,
      disputed: false,
    };
    others.set(owner, {
      ...known,
      retired: type === 'retired' || (known.retired && type === 'disputed'),
      disputed: known.disputed || type === 'disputed',
    });
  }
  return [...others.values()];
}

/**
 * The fact for the verdict table. An owner who gave the card up is another owner all the same: nobody can
 * tell what was done to the card meanwhile. What the absence of others rests on, the fact does not say.
 */
export function logKnowledge(
  history: Pick<CardHistory, 'items'>,
  ownerHex: string | undefined,
): Exclude<LogKnowledge, 'not-consulted'> {
  return otherOwners(history, ownerHex).length > 0 ? 'other-owner' : 'no-other-owner';
}

/**
 * True when this owner may retire or dispute the card: it was activated or reverified under the owner's key
 * before. A log asks this before it takes such an entry, a reader before it believes one.
 */
export function hasTakenOver(earlier: readonly HistoryItem[], ownerHex: string): boolean {
  return earlier.some(
    ({ entry }) =>
      entry.owner === ownerHex && (entry.type === 'activated' || entry.type === 'reverified'),
  );
}

/** What counts, and what does not. @param found sorted by index */
function sift(found: readonly HistoryItem[]): Pick<CardHistory, 'items' | 'setAside'> {
  const items: HistoryItem[] = [];
  const setAside: SetAside[] = [];
  const takenOver = new Set<string>();
  for (const item of found) {
    const { index, entry } = item;
    const check = verifyEntry(entry);
    if (!check.ok) {
      setAside.push({ index, why: check.why });
      continue;
    }
    switch (entry.type) {
      case 'observed':
        break;
      case 'activated':
      case 'reverified':
        takenOver.add(entry.owner);
        break;
      case 'retired':
      case 'disputed':
        if (takenOver.has(entry.owner)) break;
        setAside.push({ index, why: 'not-the-owner' });
        continue;
    }
    items.push(item);
  }
  return { items, setAside };
}

function readEntry(bytes: Uint8Array): Entry | undefined {
  try {
    return parseEntry(bytes);
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}
