/**
 * Signed notes (C2SP signed-note v1.0.0; the same as golang.org/x/mod/sumdb/note).
 *
 *   text                      ends in LF, may hold empty lines
 *   LF                        the last empty line of the note parts text and signatures
 *   — <name> <base64> LF      once or more: U+2014, space, name of the key, space, then
 *                             base64 of key ID (4 bytes, big-endian) and signature
 *
 * Limits: 1,000,000 bytes and 100 signatures, as in x/mod; the specification asks for at least 16,
 * and one of ML-DSA-44 has 3.3 kB. Stricter than x/mod: base64 is canonical in every line, also in
 * those of unknown keys, and names have at most 255 bytes.
 *
 * A parsed note is not a verified one: see verify.ts.
 */

import { encodeBase64 } from '../bytes/base64.ts';
import { concat } from '../bytes/bytes.ts';
import { checkText, isName, malformed, parseBase64, readUtf8 } from './text.ts';

/** Longest note, in bytes of UTF-8. */
export const maxNoteBytes = 1_000_000;
/** Most signature lines of a note. */
export const maxSignatures = 100;

const linePrefix = '— ';

export interface NoteSignature {
  /** Name of the key. */
  readonly name: string;
  /** First four bytes of a hash, 0 to 2^32-1: an identifier, not a proof of which key it is. */
  readonly keyId: number;
  /** What follows the key ID; not empty. */
  readonly payload: Uint8Array;
}

export interface Note {
  /** What is signed; ends in LF. */
  readonly text: string;
  /** 1 to 100, in the order of the lines. */
  readonly signatures: readonly NoteSignature[];
}

/**
 * Reads a signed note.
 *
 * @throws LogError LOG_MALFORMED for anything else than one note within the limits
 */
export function parseNote(note: Uint8Array | string): Note {
  const whole = typeof note === 'string' ? note : readUtf8(note, 'the note', maxNoteBytes);
  checkText(whole, 'the note', maxNoteBytes);
  const split = whole.lastIndexOf('\n\n');
  if (split === -1) throw malformed('the note has no empty line before its signatures');
  return { text: whole.slice(0, split + 1), signatures: parseSignatures(whole.slice(split + 2)) };
}

/**
 * Reads signature lines, as they end a note and as a witness answers them.
 *
 * @param lines 1 to 100, each ended by LF
 * @throws LogError LOG_MALFORMED
 */
export function parseSignatures(lines: string): readonly NoteSignature[] {
  checkText(lines, 'the signatures', maxNoteBytes);
  if (!lines.endsWith('\n')) throw malformed('the last signature line does not end');
  const parts = lines.slice(0, -1).split('\n', maxSignatures + 1);
  if (parts.length > maxSignatures) throw malformed(`more than ${maxSignatures} signatures`);
  return parts.map(parseSignature);
}

/**
 * Writes a signed note.
 *
 * @throws LogError LOG_MALFORMED when it could not be read back
 */
export function encodeNote(note: Note): string {
  if (!note.text.endsWith('\n')) throw malformed('the last line of the note does not end');
  return appendSignatures(`${note.text}\n`, encodeSignatures(note.signatures));
}

/**
 * Writes signature lines, each ended by LF.
 *
 * @throws LogError LOG_MALFORMED for a name, a key ID or an empty payload that cannot be
 */
export function encodeSignatures(signatures: readonly NoteSignature[]): string {
  return signatures
    .map(({ name, keyId, payload }) => {
      if (!isName(name) || keyId !== keyId >>> 0 || payload.length === 0) {
        throw malformed('a signature names no key or is empty');
      }
      const id = new Uint8Array(4);
      new DataView(id.buffer).setUint32(0, keyId);
      return `${linePrefix}${name} ${encodeBase64(concat(id, payload))}\n`;
    })
    .join('');
}

/**
 * Appends signature lines to a note, whose bytes stay as they are. A line that stands there already
 * is not repeated.
 *
 * @param noteText a whole note, signatures included
 * @param lines signature lines, each ended by LF
 * @throws LogError LOG_MALFORMED when either is malformed or the note outgrows the limits
 */
export function appendSignatures(noteText: string, lines: string): string {
  parseSignatures(lines);
  const present = new Set(noteText.slice(noteText.lastIndexOf('\n\n') + 2).split('\n'));
  const added = lines
    .slice(0, -1)
    .split('\n')
    .filter((line) => !present.has(line))
    .map((line) => `${line}\n`);
  const appended = noteText + added.join('');
  parseNote(appended);
  return appended;
}

function parseSignature(line: string): NoteSignature {
  if (!line.startsWith(linePrefix)) throw malformed('a signature line does not begin with "— "');
  const space = line.indexOf(' ', linePrefix.length);
  const name = line.slice(linePrefix.length, space);
  if (space === -1 || !isName(name)) throw malformed('a signature line names no key');
  const bytes = parseBase64(line.slice(space + 1), 'a signature');
  if (bytes.length < 5) throw malformed('a signature is too short');
  const keyId = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { name, keyId, payload: bytes.slice(4) };
}
