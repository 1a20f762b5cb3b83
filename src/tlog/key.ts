/**
 * Keys of signed notes (C2SP signed-note v1.0.0).
 *
 *   vkey    <name>+<key ID, 8 digits of lower-case hex>+<base64 of type byte and public key>
 *   key ID  first 4 bytes of SHA-256(name ‖ 0A ‖ type ‖ public key)
 *
 *   type              public key        its signatures
 *   01 Ed25519        32 bytes          over the text of the note
 *   02 ECDSA          SPKI in DER       not verified here; key ID is SHA-256(SPKI) alone
 *   04 cosignature    32 bytes          Ed25519 with a time (C2SP tlog-cosignature)
 *   05 RFC 6962       SPKI in DER       not verified here; in its key ID the SHA-256 of the SPKI stands
 *                                       for the public key (C2SP static-ct-api; the vkey form is that
 *                                       of transparency-dev/formats note/note_rfc6962.go)
 *   06 ML-DSA-44      1312 bytes        with a time (C2SP tlog-cosignature v1.1.0-rc.1)
 *
 * Worked example (C2SP signed-note):
 *   example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
 */
import { encodeBase64 } from '../bytes/base64.ts';
import { concat, utf8 } from '../bytes/bytes.ts';
import { sha256 } from '../bytes/sha256.ts';
import { mlDsa44KeyLength } from '../trust/ml-dsa.ts';
import { isName, malformed, parseBase64, shown } from './text.ts';

/** Signature types by their byte. */
export const KeyType = {
  ed25519: 1,
  ecdsa: 2,
  cosignature: 4,
  rfc6962: 5,
  mlDsa44: 6,
} as const;
export type KeyType = (typeof KeyType)[keyof typeof KeyType];

export interface NoteKey {
  /** 1 to 255 bytes of UTF-8, no Unicode space, no `+`. */
  readonly name: string;
  /** 0 to 2^32-1. */
  readonly keyId: number;
  readonly type: KeyType;
  /** Without the type byte. */
  readonly publicKey: Uint8Array;
}

/** Longest SPKI; RSA of 8192 bits needs 1062 bytes. */
const maxSpkiBytes = 2048;
/** Name, ID, and the base64 of the longest key. */
const maxVkeyLength = 4096;

/**
 * Reads a vkey and checks its key ID.
 *
 * @throws LogError LOG_MALFORMED, also for a type that is not in the table above
 */
export function parseKey(vkey: string): NoteKey {
  const [name, idHex, keyText] = splitKey(vkey, 'the key');
  const bytes = parseBase64(keyText, 'the key');
  const type = parseType(bytes[0]);
  const key = noteKey(name, type, bytes.slice(1));
  if (keyIdHex(key.keyId) !== idHex) {
    throw malformed(
      `the key ID of ${shown(name)} is ${keyIdHex(key.keyId)}, the key says ${idHex}`,
    );
  }
  return key;
}

/**
 * Writes a vkey.
 *
 * @throws LogError LOG_MALFORMED when the parts do not make a key, or its ID is another
 */
export function encodeKey(key: NoteKey): string {
  const { keyId } = noteKey(key.name, key.type, key.publicKey);
  if (keyId !== key.keyId) throw malformed(`the key ID of ${shown(key.name)} is wrong`);
  const body = encodeBase64(concat(Uint8Array.of(key.type), key.publicKey));
  return `${key.name}+${keyIdHex(keyId)}+${body}`;
}

/**
 * Makes a key from its parts.
 *
 * @param publicKey as the table above says
 * @throws LogError LOG_MALFORMED for a name or a length that cannot be
 */
export function noteKey(name: string, type: KeyType, publicKey: Uint8Array): NoteKey {
  if (!isName(name)) throw malformed('the name of the key is not one');
  if (!lengthFits(type, publicKey.length)) {
    throw malformed(`a key of type ${type} has not ${publicKey.length} bytes`);
  }
  return { name, type, publicKey, keyId: keyIdOf(name, type, publicKey) };
}

/** The key ID as keys write it: 8 digits of lower-case hex. */
export function keyIdHex(keyId: number): string {
  return keyId.toString(16).padStart(8, '0');
}

/**
 * Cuts `name+id+base64` at the first two `+`; base64 holds more of them.
 *
 * @throws LogError LOG_MALFORMED, never with the text itself, which may be a secret
 */
export function splitKey(text: string, what: string): readonly [string, string, string] {
  if (text.length > maxVkeyLength) throw malformed(`${what} is too long`);
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  if (first === -1 || second === -1) throw malformed(`${what} is not of the form name+id+base64`);
  const id = text.slice(first + 1, second);
  if (!/^[0-9a-f]{8}$/.test(id)) throw malformed(`the ID of ${what} is not 8 digits of hex`);
  return [text.slice(0, first), id, text.slice(second + 1)];
}

/**
 * The type of a type byte.
 *
 * @throws LogError LOG_MALFORMED for any other byte
 */
export function parseType(byte: number | undefined): KeyType {
  const type = Object.values(KeyType).find((known) => known === byte);
  if (type === undefined) throw malformed('the type of the key is not known');
  return type;
}

function lengthFits(type: KeyType, length: number): boolean {
  switch (type) {
    case KeyType.ed25519:
    case KeyType.cosignature:
      return length === 32;
    case KeyType.mlDsa44:
      return length === mlDsa44KeyLength;
    case KeyType.ecdsa:
    case KeyType.rfc6962:
      return length > 0 && length <= maxSpkiBytes;
  }
}

function keyIdOf(name: string, type: KeyType, publicKey: Uint8Array): number {
  return new DataView(hashOf(name, type, publicKey).buffer).getUint32(0);
}

function hashOf(name: string, type: KeyType, publicKey: Uint8Array): Uint8Array {
  const head = concat(utf8(`${name}\n`), Uint8Array.of(type));
  switch (type) {
    case KeyType.ecdsa:
      return sha256(publicKey);
    case KeyType.rfc6962:
      return sha256(head, sha256(publicKey));
    case KeyType.ed25519:
    case KeyType.cosignature:
    case KeyType.mlDsa44:
      return sha256(head, publicKey);
  }
}
