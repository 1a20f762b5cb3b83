/**
 * Verifying the signatures of a note (C2SP signed-note v1.0.0).
 *
 * A line belongs to a key when name and key ID are the key's; all other lines are ignored, whatever
 * they say. Every line of a known key must verify, or the whole note is refused. At least one line
 * must be of a known key.
 *
 * Types 02 (ECDSA) and 05 (RFC 6962) are not verified: a line of such a key counts as wrong. Give no
 * such key; policies refuse them where they are read.
 */
import { equal, utf8 } from '../bytes/bytes.ts';
import { LogError } from '../errors/error.ts';
import { verifyMlDsa44 } from '../trust/ml-dsa.ts';
import { verifyEd25519 } from '../trust/signature.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { cosignatureMessage, parseCosignature, subtreeMessage } from './cosignature.ts';
import { KeyType, type NoteKey } from './key.ts';
import type { Note, NoteSignature } from './note.ts';

/** A signature that holds; `time` (POSIX seconds) when its type has one. */
export interface Verified {
  readonly time?: bigint;
}

export interface VerifiedSignature extends Verified {
  readonly key: NoteKey;
}

export type OpenedNote =
  | { readonly kind: 'verified'; readonly signatures: readonly VerifiedSignature[] }
  | {
      readonly kind: 'refused';
      readonly why: 'no-known-signature' | 'wrong-signature';
      /** Name of the key whose signature is wrong. */
      readonly name?: string;
    };

/**
 * Verifies one signature line under one key.
 *
 * @param text of the note; types 04 and 06 sign checkpoints only, under them any other text is false
 * @returns false for a wrong signature, another name or key ID, another length, and for types 02
 *   and 05. Type 06 may carry the time 0, which makes no statement about a time
 */
export function verifyNoteSignature(
  key: NoteKey,
  text: string,
  signature: NoteSignature,
): false | Verified {
  if (!belongs(signature, key)) return false;
  switch (key.type) {
    case KeyType.ed25519:
      return verifyEd25519(key.publicKey, utf8(text), signature.payload) && {};
    case KeyType.cosignature:
    case KeyType.mlDsa44:
      return verifyCosignature(key, key.type, text, signature.payload);
    case KeyType.ecdsa:
    case KeyType.rfc6962:
      return false;
  }
}

/**
 * Verifies a note against known keys. A line that repeats another one is verified once, so that
 * repeating does not multiply the work.
 *
 * @param keys in any order; of two with the same name and ID, either may have signed
 */
export function openNote(note: Note, keys: readonly NoteKey[]): OpenedNote {
  const signatures: VerifiedSignature[] = [];
  const seen: NoteSignature[] = [];
  for (const signature of note.signatures) {
    const known = keys.filter((key) => belongs(signature, key));
    if (known.length === 0 || seen.some((earlier) => same(earlier, signature))) continue;
    seen.push(signature);
    const verified = firstVerified(known, note.text, signature);
    if (verified === undefined) {
      return { kind: 'refused', why: 'wrong-signature', name: signature.name };
    }
    signatures.push(verified);
  }
  if (signatures.length === 0) return { kind: 'refused', why: 'no-known-signature' };
  return { kind: 'verified', signatures };
}

function firstVerified(
  keys: readonly NoteKey[],
  text: string,
  signature: NoteSignature,
): VerifiedSignature | undefined {
  for (const key of keys) {
    const verified = verifyNoteSignature(key, text, signature);
    if (verified !== false) return { ...verified, key };
  }
  return undefined;
}

function verifyCosignature(
  key: NoteKey,
  type: typeof KeyType.cosignature | typeof KeyType.mlDsa44,
  text: string,
  payload: Uint8Array,
): false | Verified {
  const cosignature = parseCosignature(type, payload);
  const checkpoint = readCheckpoint(text);
  if (cosignature === undefined || checkpoint === undefined) return false;
  const { time, signature } = cosignature;
  const holds =
    type === KeyType.cosignature
      ? verifyEd25519(key.publicKey, cosignatureMessage(text, time), signature)
      : verifyMlDsa44(key.publicKey, subtreeMessage(key.name, time, checkpoint), signature);
  return holds && { time };
}

function readCheckpoint(text: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(text);
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}

function belongs(signature: NoteSignature, key: NoteKey): boolean {
  return signature.name === key.name && signature.keyId === key.keyId;
}

function same(a: NoteSignature, b: NoteSignature): boolean {
  return a.name === b.name && a.keyId === b.keyId && equal(a.payload, b.payload);
}
