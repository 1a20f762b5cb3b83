/**
 * Trust policies: which logs are believed, and whose cosignatures a checkpoint needs (C2SP
 * tlog-policy, draft without a version).
 *
 *   log <vkey> [<url>]
 *   witness <name> <vkey> [<url>]
 *   group <name> all|any|<k> <member>...
 *   quorum <name>|none                      exactly once
 *
 * Lines end in LF; items are parted by spaces and tabs; empty lines and lines that begin with `#` say
 * nothing. Groups and quorum name what stands above them. Witnesses and groups share one space of
 * names, `none` is taken. A name is a member of at most one group, so that no witness counts twice.
 * Names are compared byte for byte; that of a witness is its name in this file, not that of its key.
 *
 * Keys: of a log type 01, and its name is the origin of the log; of a witness type 04 or 06. A key of
 * a type that we cannot verify is refused here, not skipped: a quorum over it would never hold, and
 * nobody would know why. The same public key twice is refused, also as a log and as a witness: a log
 * that cosigns itself is no witness.
 *
 * Limits: 1 MiB; 256 logs, 256 witnesses, 256 groups; names 255 bytes, URLs 2048. The draft allows
 * any bytes above 7F; this reads UTF-8.
 */
import { toHex } from '../bytes/hex.ts';
import { encodeKey, KeyType, type NoteKey, parseKey } from './key.ts';
import { checkText, malformed, maxNameBytes } from './text.ts';

/** Room for every witness there is; a policy of today has a dozen lines. */
export const maxPolicyBytes = 2 ** 20;
const maxOfAKind = 256;
const maxUrlBytes = 2048;

/** The quorum that asks for no witness. */
export const noQuorum = 'none';

export interface PolicyLog {
  /** Name of the key as well. */
  readonly origin: string;
  /** Type 01. */
  readonly key: NoteKey;
  /** As written; what it serves for is up to the application. */
  readonly url?: string;
}

export interface PolicyWitness {
  /** In this policy; the key has a name of its own. */
  readonly name: string;
  /** Type 04 or 06. */
  readonly key: NoteKey;
  readonly url?: string;
}

export interface PolicyGroup {
  readonly name: string;
  /** So many members at least, 1 to all. */
  readonly threshold: number;
  /** Names of witnesses and of groups before this one. */
  readonly members: readonly string[];
}

/** What `parsePolicy` made: made by hand, it may break the rules above. */
export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** In an order in which every group follows its members. */
  readonly groups: readonly PolicyGroup[];
  /** Name of a witness or of a group, or `none`. */
  readonly quorum: string;
}

/**
 * Reads a policy.
 *
 * @throws LogError LOG_MALFORMED, with the number of the line
 */
export function parsePolicy(text: string): Policy {
  checkText(text, 'the policy', maxPolicyBytes, '\t\n');
  if (text.includes('\x7f')) throw malformed('the policy holds a control character');
  if (!text.endsWith('\n')) throw malformed('the last line of the policy does not end');
  const draft = new Draft();
  for (const [index, line] of text.slice(0, -1).split('\n').entries()) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    const [keyword = '#', ...rest] = items;
    if (!keyword.startsWith('#')) draft.add(`line ${index + 1} of the policy`, keyword, rest);
  }
  return draft.finish();
}

/**
 * Writes a policy: logs, witnesses, groups, quorum.
 *
 * @throws LogError LOG_MALFORMED when it could not be read back
 */
export function encodePolicy(policy: Policy): string {
  const lines = [
    ...policy.logs.map(({ key, url }) => ['log', encodeKey(key), ...present(url)]),
    ...policy.witnesses.map(({ name, key, url }) => [
      'witness',
      name,
      encodeKey(key),
      ...present(url),
    ]),
    ...policy.groups.map(({ name, threshold, members }) => [
      'group',
      name,
      thresholdWord(threshold, members.length),
      ...members,
    ]),
    ['quorum', policy.quorum],
  ];
  // One item that holds a space or a line could say something else than the policy does.
  if (lines.flat().some((item) => item === '' || /[ \t\n]/.test(item))) {
    throw malformed('a name or URL of the policy is empty or holds a space');
  }
  if (policy.logs.some(({ origin, key }) => origin !== key.name)) {
    throw malformed('the origin of a log is not the name of its key');
  }
  const text = lines.map((items) => `${items.join(' ')}\n`).join('');
  parsePolicy(text);
  return text;
}

/**
 * True when these witnesses are enough.
 *
 * @param names of witnesses in the policy; any other name, a group's included, counts for nothing
 */
export function quorumHolds(policy: Policy, names: ReadonlySet<string>): boolean {
  if (policy.quorum === noQuorum) return true;
  const held = new Set(policy.witnesses.map(({ name }) => name).filter((name) => names.has(name)));
  for (const { name, threshold, members } of policy.groups) {
    const count = new Set(members.filter((member) => held.has(member))).size;
    if (count >= Math.max(threshold, 1)) held.add(name);
  }
  return held.has(policy.quorum);
}

/** True when the policy asks for witnesses at all. */
export function isWitnessed(policy: Policy): boolean {
  return policy.quorum !== noQuorum;
}

/** A policy while its lines are read. */
class Draft {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #groups: PolicyGroup[] = [];
  readonly #names = new Set<string>();
  readonly #members = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #lineIds = new Set<string>();
  #quorum: string | undefined;

  add(where: string, keyword: string, items: readonly string[]): void {
    switch (keyword) {
      case 'log':
        this.#addLog(where, items);
        break;
      case 'witness':
        this.#addWitness(where, items);
        break;
      case 'group':
        this.#addGroup(where, items);
        break;
      case 'quorum':
        this.#setQuorum(where, items);
        break;
      default:
        throw malformed(`${where} begins with a word that is not known`);
    }
  }

  finish(): Policy {
    if (this.#quorum === undefined) throw malformed('the policy names no quorum');
    return {
      logs: this.#logs,
      witnesses: this.#witnesses,
      groups: this.#groups,
      quorum: this.#quorum,
    };
  }

  #addLog(where: string, [vkey, url, ...more]: readonly string[]): void {
    if (vkey === undefined || more.length > 0) throw malformed(`${where}: log <vkey> [<url>]`);
    const key = this.#key(where, vkey, [KeyType.ed25519]);
    full(where, this.#logs);
    this.#logs.push({ origin: key.name, key, ...optionalUrl(where, url) });
  }

  #addWitness(where: string, [name, vkey, url, ...more]: readonly string[]): void {
    if (name === undefined || vkey === undefined || more.length > 0) {
      throw malformed(`${where}: witness <name> <vkey> [<url>]`);
    }
    this.#define(where, name);
    const key = this.#key(where, vkey, [KeyType.cosignature, KeyType.mlDsa44]);
    full(where, this.#witnesses);
    this.#witnesses.push({ name, key, ...optionalUrl(where, url) });
  }

  #addGroup(where: string, [name, word, ...members]: readonly string[]): void {
    if (name === undefined || word === undefined || members.length === 0) {
      throw malformed(`${where}: group <name> all|any|<k> <member>...`);
    }
    const threshold = parseThreshold(where, word, members.length);
    for (const member of members) {
      if (!this.#names.has(member)) throw malformed(`${where} names a member that is not above it`);
      if (this.#members.has(member)) throw malformed(`${where} names a member for the second time`);
      this.#members.add(member);
    }
    this.#define(where, name);
    full(where, this.#groups);
    this.#groups.push({ name, threshold, members });
  }

  #setQuorum(where: string, [name, ...more]: readonly string[]): void {
    if (name === undefined || more.length > 0) throw malformed(`${where}: quorum <name>|none`);
    if (this.#quorum !== undefined) throw malformed(`${where} is a second quorum`);
    if (name !== noQuorum && !this.#names.has(name)) {
      throw malformed(`${where} names a quorum that is not above it`);
    }
    this.#quorum = name;
  }

  #define(where: string, name: string): void {
    checkText(name, `the name in ${where}`, maxNameBytes);
    if (name === noQuorum) throw malformed(`${where} defines the name "${noQuorum}"`);
    if (this.#names.has(name)) throw malformed(`${where} defines a name for the second time`);
    this.#names.add(name);
  }

  #key(where: string, vkey: string, types: readonly KeyType[]): NoteKey {
    const key = parseVkey(where, vkey);
    if (!types.includes(key.type)) {
      throw malformed(`${where}: a key of type ${key.type} cannot stand here, only ${types}`);
    }
    const bytes = toHex(key.publicKey);
    if (this.#keys.has(bytes)) throw malformed(`${where} repeats a public key`);
    this.#keys.add(bytes);
    // Key IDs have four bytes: two keys made to share one could not be told apart in a note.
    const lineId = `${key.name}+${key.keyId}`;
    if (this.#lineIds.has(lineId)) throw malformed(`${where} repeats a name and key ID`);
    this.#lineIds.add(lineId);
    return key;
  }
}

function parseVkey(where: string, vkey: string): NoteKey {
  try {
    return parseKey(vkey);
  } catch (cause) {
    throw malformed(`${where} holds a key that cannot be read`, cause);
  }
}

function parseThreshold(where: string, word: string, count: number): number {
  if (word === 'all') return count;
  if (word === 'any') return 1;
  const threshold = /^[1-9][0-9]{0,3}$/.test(word) ? Number(word) : 0;
  if (threshold < 1 || threshold > count) {
    throw malformed(`${where} asks for a number that is not between 1 and ${count}`);
  }
  return threshold;
}

function thresholdWord(threshold: number, count: number): string {
  if (threshold === count) return 'all';
  return threshold === 1 ? 'any' : String(threshold);
}

function optionalUrl(where: string, url: string | undefined): { readonly url?: string } {
  if (url === undefined) return {};
  checkText(url, `the URL in ${where}`, maxUrlBytes);
  return { url };
}

function present(url: string | undefined): readonly string[] {
  return url === undefined ? [] : [url];
}

function full(where: string, items: readonly unknown[]): void {
  if (items.length >= maxOfAKind) throw malformed(`${where} is one more than ${maxOfAKind}`);
}
