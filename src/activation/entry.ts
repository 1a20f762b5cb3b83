/**
 * Entries to bytes and back, and the signatures inside of them.
 *
 * The bytes of an entry are the RFC 8785 form of its JSON: whoever reads it can make the same leaf of the
 * log's tree again. A text that says the same in another form (spaces, another order, a key twice, an
 * escaped letter) is refused, or one event could stand in a log under two hashes.
 *
 *   signed = "touchstone/entry/v1" 00 canonical JSON of the entry without "signatures"
 *
 * Ed25519 (RFC 8032), keys and signatures raw, in hex. `owner` has to sign wherever an owner is named:
 * otherwise anybody could write an entry in the name of an owner and make a substitute look "seen by
 * you". `actor` is a reseller, by a key that may change from quarter to quarter. The owner signs last,
 * and over the actor's signature: nobody can add or take one away and have the entry count once more.
 *
 * Entries of kind `registry` and `notice` carry none: a registry is signed itself, and of notices the
 * log's own signature says that they are the operator's. A log takes them from its operator alone.
 */
import { concat, equal, utf8 } from '../bytes/bytes.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { canonicalJson, parseJson } from '../bytes/json.ts';
import { sha256 } from '../bytes/sha256.ts';
import { LogError } from '../errors/error.ts';
import { firstIssue } from '../errors/issue.ts';
import { verifyEd25519 } from '../trust/signature.ts';
import {
  type CardEntry,
  type Entry,
  type EntrySignature,
  entrySchema,
  maxEntryBytes,
  type UnsignedCardEntry,
} from './entry-schema.ts';
import type { OwnerKey } from './owner.ts';

/** Why an entry's signatures do not hold. */
export type EntryFault =
  /** An owner is named, and no signature is there. Only an entry that was never parsed can be so. */
  | 'owner-unsigned'
  /** The key that signed is not the owner's. */
  | 'owner-key'
  | 'owner-signature'
  | 'actor-signature';

export type EntryCheck = { readonly ok: true } | { readonly ok: false; readonly why: EntryFault };

/**
 * Reads an entry. Its signatures are not verified.
 *
 * @param bytes at most 65,535
 * @throws LogError ENTRY_INVALID for anything else than an entry in canonical form
 */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes.length > maxEntryBytes) throw invalid(`it is longer than ${maxEntryBytes} bytes`);
  let json: unknown;
  try {
    json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid('it is not one whole JSON value', cause);
  }
  const entry = parseEntryJson(json);
  if (!equal(canonicalJson(entry), bytes)) throw invalid('it is not in canonical form (RFC 8785)');
  return entry;
}

/**
 * Reads an entry that stands inside of other JSON. Its signatures are not verified, and nothing is said
 * about the form in which it was written: `encodeEntry` gives the one that counts.
 *
 * @throws LogError ENTRY_INVALID with the first field that is wrong
 */
export function parseEntryJson(json: unknown): Entry {
  const result = entrySchema.safeParse(json);
  if (!result.success) throw invalid(firstIssue(result.error), result.error);
  if (canonicalJson(result.data).length > maxEntryBytes) {
    throw invalid(`it is longer than ${maxEntryBytes} bytes`);
  }
  return result.data;
}

/**
 * The bytes of an entry: the leaf of the log.
 *
 * @returns at most 65,535 bytes, which `parseEntry` reads
 * @throws LogError ENTRY_INVALID for a value that is none
 */
export function encodeEntry(entry: Entry): Uint8Array {
  return canonicalJson(parseEntryJson(entry));
}

/**
 * What actor and owner sign.
 *
 * @param actor for the owner, who signs last: the actor's signature, where there is one. Else anybody could
 *   add one of a key of their own, and the owner's entry would count once more
 */
export function entryMessage(
  entry: CardEntry | UnsignedCardEntry,
  actor?: EntrySignature | undefined,
): Uint8Array {
  const body = Object.fromEntries(Object.entries(entry).filter(([name]) => name !== 'signatures'));
  const signed = actor === undefined ? body : { ...body, signatures: { actor } };
  return concat(utf8('touchstone/entry/v1\0'), canonicalJson(signed));
}

/**
 * Signs an entry about a card.
 *
 * @param signers.owner required, and the very one, where the entry names an owner; left out elsewhere
 * @throws LogError ENTRY_INVALID where that is not so, or the entry is not as the schema says
 */
export function signEntry(
  entry: UnsignedCardEntry,
  signers: { readonly owner?: OwnerKey | undefined; readonly actor?: OwnerKey | undefined },
): CardEntry {
  const actor = signers.actor && signatureBy(signers.actor, entryMessage(entry));
  const owner = signers.owner && signatureBy(signers.owner, entryMessage(entry, actor));
  const signatures = { ...(actor && { actor }), ...(owner && { owner }) };
  const signed = parseEntryJson({ ...entry, signatures });
  if (signed.kind !== 'card') throw invalid('it is not about a card');
  const check = verifyEntry(signed);
  if (!check.ok) throw invalid('another key signs than that of the owner whom it names');
  return signed;
}

/**
 * Verifies the signatures inside of an entry. An entry without any holds: then it is nobody's word but
 * that of the log which took it.
 */
export function verifyEntry(entry: Entry): EntryCheck {
  if (entry.kind !== 'card') return { ok: true };
  const { owner, signatures } = entry;
  const { actor } = signatures;
  if (owner !== undefined) {
    if (signatures.owner === undefined) return { ok: false, why: 'owner-unsigned' };
    const keyHash = toHex(sha256(fromHex(signatures.owner.key)));
    if (keyHash !== owner) return { ok: false, why: 'owner-key' };
  }
  if (signatures.owner !== undefined) {
    // A signature for an owner whom the entry does not name would be read as if it did.
    if (owner === undefined) return { ok: false, why: 'owner-key' };
    const message = entryMessage(entry, actor);
    if (!holds(signatures.owner, message)) return { ok: false, why: 'owner-signature' };
  }
  if (actor !== undefined && !holds(actor, entryMessage(entry))) {
    return { ok: false, why: 'actor-signature' };
  }
  return { ok: true };
}

function holds({ key, signature }: EntrySignature, message: Uint8Array): boolean {
  return verifyEd25519(fromHex(key), message, fromHex(signature));
}

function signatureBy(signer: OwnerKey, message: Uint8Array): EntrySignature {
  return { key: toHex(signer.publicKey), signature: toHex(signer.sign(message)) };
}

function invalid(why: string, cause?: unknown): LogError {
  return new LogError('ENTRY_INVALID', `This is not an entry of an activation log: ${why}.`, {
    cause,
  });
}
