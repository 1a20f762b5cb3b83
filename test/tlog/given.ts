/** Vectors of logs, and altered copies of good texts. */
import { readFileSync } from 'node:fs';
import { utf8 } from '../../src/bytes/bytes.ts';
import { sha256 } from '../../src/bytes/sha256.ts';

const folder = new URL('../vectors/tlog/', import.meta.url);

/** The text of a file under test/vectors/tlog. */
export function vectorText(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8');
}

export function vectorJson<T>(path: string): T {
  return JSON.parse(vectorText(path)) as T;
}

export interface NoteVector {
  readonly name: string;
  readonly note: string;
  readonly vkeys: readonly string[];
  readonly skey?: string;
  readonly expect_signatures: number;
}
export const notes = vectorJson<readonly NoteVector[]>('notes.json');
export const vkeys =
  vectorJson<readonly { name: string; vkey: string; type: number }[]>('vkeys.json');

/** `worked-example-log7`. */
export const log7 = {
  ...vectorJson<{ vkey: string; skey: string; wvkey: string; origin: string }>(
    'worked-example-log7/keys.json',
  ),
  seed: sha256(utf8('touchstone example log seed')),
  witnessSeed: sha256(utf8('touchstone example witness seed')),
  witnessName: 'witness.example.org/w1',
  time: 1_767_225_600n,
  checkpoint: vectorText('worked-example-log7/checkpoint'),
  proof: vectorText('worked-example-log7/proof.tlog-proof'),
};

export const mlDsa = vectorJson<{
  seed: string;
  name: string;
  vkey: string;
  timestamp: string;
  message_hex: string;
  signature_line: string;
  checkpoint: string;
}>('worked-example-mldsa44-cosignature.json');

/** A checkpoint signed by a log with ML-DSA-44, from another implementation. */
export const mlDsaLog = vectorJson<{ vkey: string; note: string }>('mldsa44-log.json');

/** Checkpoints of the sizes 0 to 15, and the key that is published beside them. */
export const tessera = {
  vkey: 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
  // A published test key: transparency-dev/tessera testdata/build_log.sh.
  skey: 'PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg',
  checkpoints: Array.from({ length: 16 }, (_, size) => ({
    size,
    note: vectorText(`tessera-log/checkpoint.${size}`),
  })),
};

export interface TextMutant {
  readonly name: string;
  readonly text: string;
}

/** One character changed, each in turn. */
export function* changedCharacters(text: string): Generator<TextMutant> {
  for (let at = 0; at < text.length; at++) {
    const changed = String.fromCharCode(text.charCodeAt(at) ^ 1);
    yield { name: `character ${at}`, text: text.slice(0, at) + changed + text.slice(at + 1) };
  }
}

/** Cut at every place, lines left out, something before and behind. */
export function* reshaped(text: string): Generator<TextMutant> {
  for (let end = 0; end < text.length; end++) {
    yield { name: `cut at ${end}`, text: text.slice(0, end) };
  }
  const lines = text.split('\n').slice(0, -1);
  for (const index of lines.keys()) {
    const rest = lines.filter((_, other) => other !== index);
    yield { name: `without line ${index}`, text: rest.map((line) => `${line}\n`).join('') };
  }
  for (const byte of ['\n', ' ', 'x', '\0']) {
    yield { name: `${JSON.stringify(byte)} behind`, text: text + byte };
    yield { name: `${JSON.stringify(byte)} before`, text: byte + text };
  }
  yield { name: 'byte order mark before', text: `\ufeff${text}` };
  yield { name: 'CRLF', text: text.replaceAll('\n', '\r\n') };
  yield { name: 'last line with CR', text: `${text.slice(0, -1)}\r\n` };
}
