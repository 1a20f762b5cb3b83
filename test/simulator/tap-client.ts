/** A small reader of virtual Coinkite cards and of recorded transcripts, for tests only. */
import { readFileSync } from 'node:fs';
import { decode, encode } from 'cborg';
import { fromHex } from '../../src/bytes/hex.ts';
import type { VirtualCard } from '../../src/reader/virtual.ts';
import type { Random } from '../../src/simulator/index.ts';
import { hash } from './tap-formulas.ts';

export type TapMap = Record<string, unknown>;

export const selectApdu = fromHex('00a404000ff0436f696e6b697465434152447631');

/** Reproducible bytes: SHA-256 of the seed and a counter. */
export function seeded(seed: string): Random {
  let counter = 0;
  return (length) => {
    const blocks: Uint8Array[] = [];
    for (let have = 0; have < length; have += 32) {
      counter += 1;
      blocks.push(hash(Buffer.from(`${seed}/${counter}`)));
    }
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  };
}

/** The whole answer, or the reason why there is none. */
export function exchange(card: VirtualCard, command: Uint8Array): Uint8Array {
  const reply = card.respond(command);
  if (reply.kind !== 'answer') throw new Error(`no answer: ${reply.kind}`);
  return reply.bytes;
}

export function statusWord(response: Uint8Array): string {
  return Buffer.from(response.subarray(-2)).toString('hex');
}

/** The decoded map of an answer with status 9000. */
export function decodeAnswer(response: Uint8Array): TapMap {
  if (statusWord(response) !== '9000') throw new Error(`status ${statusWord(response)}`);
  return decode(response.subarray(0, -2)) as TapMap;
}

export function select(card: VirtualCard): TapMap {
  return decodeAnswer(exchange(card, selectApdu));
}

export function commandApdu(request: TapMap): Uint8Array {
  const data = encode(request);
  return Uint8Array.of(0x00, 0xcb, 0x00, 0x00, data.length, ...data);
}

export function ask(card: VirtualCard, request: TapMap): TapMap {
  return decodeAnswer(exchange(card, commandApdu(request)));
}

export function bytesOf(map: TapMap, key: string): Uint8Array {
  const value = map[key];
  if (!(value instanceof Uint8Array)) throw new Error(`${key} is not a byte string`);
  return value;
}

export function textOf(map: TapMap, key: string): string {
  const value = map[key];
  if (typeof value !== 'string') throw new Error(`${key} is not a text`);
  return value;
}

export function chainOf(map: TapMap): Uint8Array[] {
  const value = map['cert_chain'];
  if (!Array.isArray(value)) throw new Error('cert_chain is not an array');
  return value.map((_, i) => bytesOf(value as unknown as TapMap, String(i)));
}

export interface TranscriptStep {
  readonly label: string;
  readonly commandApdu: string;
  readonly responseApdu: string;
}

export interface Transcript {
  readonly testRootPublicKey: string;
  readonly authentications: readonly {
    readonly cardNonceBeforeCheck: string;
    readonly appNonce: string;
    readonly authSig: string;
    readonly slotPubkeyAppended: string | null;
    readonly referenceResult: string;
  }[];
  readonly cardPublicKey: string;
  readonly steps: readonly TranscriptStep[];
}

export function readVector(name: string): unknown {
  const url = new URL(`../vectors/coinkite-tap/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

export function readTranscript(name: string): Transcript {
  return readVector(name) as Transcript;
}

/** The command name inside a recorded APDU; "select" for SELECT. */
export function commandName(apdu: Uint8Array): string {
  return apdu[1] === 0xa4 ? 'select' : textOf(decode(apdu.subarray(5)) as TapMap, 'cmd');
}
