/**
 * Making signatures of notes, and the secret keys for it.
 *
 *   secret  PRIVATE+KEY+<name>+<key ID>+<base64 of type byte and seed of 32 bytes>
 *
 * The form is that of golang.org/x/mod/sumdb/note; the type is 01 (log) or 04 (cosigner). The key ID
 * is that of the public key. Errors never repeat a secret.
 *
 * A log's key and a cosigner's are two keys: one key for both, or for two cosigners, lets a signature
 * made for one pass for the other.
 */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { encodeBase64 } from '../bytes/base64.ts';
import { concat, utf8 } from '../bytes/bytes.ts';
import { fromHex } from '../bytes/hex.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { cosignatureMessage, encodeCosignature } from './cosignature.ts';
import { KeyType, keyIdHex, type NoteKey, noteKey, parseType, splitKey } from './key.ts';
import { maxNoteBytes, type NoteSignature } from './note.ts';
import { checkText, malformed, parseBase64 } from './text.ts';

/** PrivateKeyInfo header for an Ed25519 seed (RFC 8410 section 7). */
const ed25519Header = fromHex('302e020100300506032b657004220420');
const seedLength = 32;
const secretPrefix = 'PRIVATE+KEY+';

/** Types of keys that are made here. */
export type SecretType = typeof KeyType.ed25519 | typeof KeyType.cosignature;

export interface Secret {
  readonly name: string;
  readonly type: SecretType;
  /** 32 bytes (RFC 8032 section 5.1.5). */
  readonly seed: Uint8Array;
}

export interface NoteSigner {
  readonly key: NoteKey;
  /**
   * Signs the text of a note.
   *
   * @throws LogError LOG_MALFORMED when the text does not end in LF, or no note could hold it
   */
  sign(text: string): NoteSignature;
}

export interface Cosigner {
  readonly key: NoteKey;
  /**
   * Cosigns the text of a checkpoint.
   *
   * @param time POSIX seconds, 1 to 2^63-1
   * @throws LogError LOG_MALFORMED when the text is no checkpoint; RangeError for the time
   */
  cosign(text: string, time: bigint): NoteSignature;
}

/**
 * A signer of notes, type 01.
 *
 * @param seed 32 bytes
 * @throws LogError LOG_MALFORMED for a wrong name or length
 */
export function createSigner(name: string, seed: Uint8Array): NoteSigner {
  const { secret, key } = importSeed(name, KeyType.ed25519, seed);
  return {
    key,
    sign(text) {
      checkText(text, 'the note', maxNoteBytes);
      if (!text.endsWith('\n')) throw malformed('the last line of the note does not end');
      return line(key, sign(null, utf8(text), secret));
    },
  };
}

/**
 * An Ed25519 cosigner of checkpoints, type 04.
 *
 * @param seed 32 bytes
 * @throws LogError LOG_MALFORMED for a wrong name or length
 */
export function createCosigner(name: string, seed: Uint8Array): Cosigner {
  const { secret, key } = importSeed(name, KeyType.cosignature, seed);
  return {
    key,
    cosign(text, time) {
      parseCheckpoint(text);
      if (time === 0n) throw new RangeError('time is not between 1 and 2^63-1');
      const signature = new Uint8Array(sign(null, cosignatureMessage(text, time), secret));
      return line(key, encodeCosignature({ time, signature }));
    },
  };
}

/**
 * Writes a secret key.
 *
 * @throws LogError LOG_MALFORMED for a wrong name or length
 */
export function encodeSecret(name: string, type: SecretType, seed: Uint8Array): string {
  const { key } = importSeed(name, type, seed);
  const body = encodeBase64(concat(Uint8Array.of(type), seed));
  return `${secretPrefix}${name}+${keyIdHex(key.keyId)}+${body}`;
}

/**
 * Reads a secret key and checks its key ID.
 *
 * @throws LogError LOG_MALFORMED
 */
export function parseSecret(text: string): Secret {
  if (!text.startsWith(secretPrefix)) throw malformed('the secret key does not begin as one');
  const [name, idHex, body] = splitKey(text.slice(secretPrefix.length), 'the secret key');
  const bytes = parseBase64(body, 'the secret key');
  const type = parseType(bytes[0]);
  if (type !== KeyType.ed25519 && type !== KeyType.cosignature) {
    throw malformed('the secret key is of a type that is not made here');
  }
  const seed = bytes.slice(1);
  const { key } = importSeed(name, type, seed);
  if (keyIdHex(key.keyId) !== idHex) throw malformed('the ID of the secret key is wrong');
  return { name, type, seed };
}

function importSeed(
  name: string,
  type: SecretType,
  seed: Uint8Array,
): { readonly secret: KeyObject; readonly key: NoteKey } {
  if (seed.length !== seedLength) throw malformed(`a seed has ${seedLength} bytes`);
  const der = Buffer.from(concat(ed25519Header, seed));
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x } = secret.export({ format: 'jwk' });
  return { secret, key: noteKey(name, type, new Uint8Array(Buffer.from(x ?? '', 'base64url'))) };
}

function line(key: NoteKey, payload: Uint8Array): NoteSignature {
  return { name: key.name, keyId: key.keyId, payload: new Uint8Array(payload) };
}
