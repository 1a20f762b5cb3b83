/** Keycard answers for tests, put together by hand from the layout and signed with throwaway keys. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concat } from '../../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import type { CardEvidence } from '../../../src/evidence/evidence.ts';
import type { Proof } from '../../../src/families/family.ts';
import type { RecordedExchange } from '../../../src/reader/card.ts';

export const bytes = (...values: number[]) => Uint8Array.from(values);
export const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'ascii'));
export const hash = (...parts: Uint8Array[]) =>
  new Uint8Array(
    createHash('sha256')
      .update(concat(...parts))
      .digest(),
  );
export const ok = bytes(0x90, 0x00);
export const sw = (word: number) => bytes(word >> 8, word & 0xff);

export interface KeyPair {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly point: Uint8Array;
}

export function keyPair(name: string): KeyPair {
  const secret = hash(ascii(`keycard test key ${name}`));
  return {
    secret,
    publicKey: secp256k1.getPublicKey(secret, true),
    point: secp256k1.getPublicKey(secret, false),
  };
}

export const ca = keyPair('ca');
export const otherCa = keyPair('another ca');
export const identity = keyPair('identity');
export const stranger = keyPair('stranger');
export const channelKey = keyPair('channel');
export const client = keyPair('client');
export const challenge = hash(ascii('challenge'));

/** Tag, length, value; `short` writes a length that counts so much less. */
export function tlv(tag: number, value: Uint8Array, short = 0): Uint8Array {
  const length = value.length - short;
  const head = length < 0x80 ? bytes(tag, length) : bytes(tag, 0x81, length);
  return concat(head, value);
}

export function certificate(key: Uint8Array, issuer: KeyPair): Uint8Array {
  const options = { prehash: false, format: 'recovered' } as const;
  const signature = secp256k1.sign(hash(key), issuer.secret, options);
  return concat(key, signature.subarray(1), signature.subarray(0, 1));
}

export const ownCertificate = certificate(identity.publicKey, ca);

/** DER of a signature over a digest. */
export function signDigest(digest: Uint8Array, by: KeyPair): Uint8Array {
  return secp256k1.sign(digest, by.secret, { prehash: false, format: 'der' });
}

export const blank = () => concat(tlv(0x80, channelKey.point), ok);

export interface Three {
  readonly version?: readonly [number, number];
  readonly slots?: number;
  readonly keyUid?: Uint8Array;
  readonly capabilities?: Uint8Array | undefined;
  readonly instance?: Uint8Array;
}

export function three(fields: Three = {}): Uint8Array {
  const { version = [3, 1], slots = 5, keyUid = bytes(), instance = new Uint8Array(16) } = fields;
  const capabilities = 'capabilities' in fields ? fields.capabilities : bytes(0x1f);
  const content = concat(
    tlv(0x8f, instance),
    tlv(0x80, channelKey.point),
    tlv(0x02, bytes(...version)),
    tlv(0x02, bytes(slots)),
    tlv(0x8e, keyUid),
    ...(capabilities === undefined ? [] : [tlv(0x8d, capabilities)]),
  );
  return concat(tlv(0xa4, content), ok);
}

export interface Four {
  readonly version?: readonly [number, number];
  readonly status?: number;
  readonly keyUid?: Uint8Array;
  readonly capabilities?: Uint8Array;
  readonly certificate?: Uint8Array | undefined;
  readonly short?: number;
}

export function four(fields: Four = {}): Uint8Array {
  const { version = [4, 0], status = 0, keyUid = bytes(), short = 1 } = fields;
  const { capabilities = bytes(0x1f) } = fields;
  const shown = 'certificate' in fields ? fields.certificate : ownCertificate;
  const content = concat(
    tlv(0x02, bytes(...version)),
    tlv(0x8c, bytes(status)),
    tlv(0x8e, keyUid),
    tlv(0x8d, capabilities),
    ...(shown === undefined ? [] : [tlv(0x8a, shown)]),
  );
  return concat(tlv(0xa4, content, short), ok);
}

export function cash(version: readonly [number, number] = [3, 1], data = bytes(0xc9, 0)) {
  const point = tlv(0x80, channelKey.point);
  return concat(tlv(0xa4, concat(point, tlv(0x02, bytes(...version)), tlv(0x82, data))), ok);
}

export const ident = (shown: Uint8Array = ownCertificate) => concat(shown, ok);

export function identified(
  asked: Uint8Array = challenge,
  by: KeyPair = identity,
  shown: Uint8Array = ownCertificate,
): Uint8Array {
  return concat(tlv(0xa0, concat(tlv(0x8a, shown), signDigest(asked, by))), ok);
}

export function channelDigest(salt: Uint8Array, clientPoint = client.point): Uint8Array {
  return hash(ascii('sc_v2_ccm'), salt, clientPoint, channelKey.point);
}

export function opened(
  salt: Uint8Array = challenge,
  by: KeyPair = identity,
  clientPoint: Uint8Array = client.point,
): Uint8Array {
  return concat(channelKey.point, signDigest(channelDigest(salt, clientPoint), by), ok);
}

export const command = {
  keycard: fromHex('00a4040009a00000080400010101'),
  cash: fromHex('00a4040009a00000080400010301'),
  ident: fromHex('00a4040009a00000080400010401'),
  identify: (asked: Uint8Array = challenge) => concat(bytes(0x80, 0x14, 0, 0, asked.length), asked),
  open: (salt: Uint8Array = challenge, point: Uint8Array = client.point) =>
    concat(bytes(0x80, 0x10, 0, 0, salt.length + point.length), salt, point),
} as const;

export function exchange(sent: Uint8Array, response: Uint8Array): RecordedExchange {
  return { command: sent, response, micros: 0, disclosure: 'proof' };
}

export const select = (response: Uint8Array) => exchange(command.keycard, response);
export const identify = (response: Uint8Array = identified(), asked?: Uint8Array) =>
  exchange(command.identify(asked), response);
export const open = (response: Uint8Array = opened(), salt?: Uint8Array, point?: Uint8Array) =>
  exchange(command.open(salt, point), response);
export const askCash = (response: Uint8Array = cash()) => exchange(command.cash, response);
export const askIdent = (response: Uint8Array = ident()) => exchange(command.ident, response);

/** Evidence whose challenges are named, as in a recording. */
export function evidence(
  transcript: readonly RecordedExchange[],
  challenges: Readonly<Record<string, Uint8Array>> = { identify: challenge, channel: challenge },
): CardEvidence {
  return {
    kind: 'card',
    family: 'keycard',
    nonce: new Uint8Array(32),
    context: { origin: 'imported', purpose: 'verify' },
    freshness: 'imported',
    collectedAt: '2026-11-22T07:53:57Z',
    readerName: 'recording',
    atr: new Uint8Array(),
    transcript,
    attachments: [],
    challenges,
  };
}

/** One line a check: "signature live held". */
export const lines = (proof: Proof) =>
  proof.checks.map(({ id, role, result }) => `${id} ${role} ${result}`);

export const detailsOf = (proof: Proof) => proof.checks.map(({ detail }) => detail);

/** True when the card proved a key that the given authority signed. */
export function isGenuineUnder(proof: Proof, authorityHex: string): boolean {
  const issuers = (proof.issuers ?? []).map(toHex);
  return proof.key !== undefined && issuers.length === 1 && issuers[0] === authorityHex;
}

export interface Step {
  readonly label: string;
  readonly commandApdu: string;
  readonly responseApdu: string;
}

export interface Recording {
  readonly testCaPublicKey: string;
  readonly identPublicKey: string;
  readonly certificate: string;
  readonly challenge: string;
  readonly steps: readonly Step[];
}

export const recordings = ['applet-3.1.0', 'applet-3.2', 'applet-4.0-a61616a'] as const;

export function load<T>(name: string): T {
  const url = new URL(`../../vectors/keycard/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

/** The steps of a recording with these labels, in this order. */
export function steps(recording: Recording, labels: readonly string[]): RecordedExchange[] {
  return labels.map((label) => {
    const found = recording.steps.find((step) => step.label === label);
    if (found === undefined) throw new Error(`no step "${label}"`);
    return exchange(fromHex(found.commandApdu), fromHex(found.responseApdu));
  });
}
