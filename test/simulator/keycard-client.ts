/** A small reader of virtual Keycards and of recorded answers, for tests only. */
import { createECDH } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SimulatedCard } from '../../src/simulator/index.ts';
import { keycard } from '../../src/simulator/keycard/index.ts';
import {
  handshakeDigest,
  hash,
  inside,
  isSignedBy,
  parseTlv,
  type Tlv,
} from './keycard-formulas.ts';
import { exchange, seeded } from './tap-client.ts';

export const challenge = hash(Buffer.from('challenge'));
export const otherChallenge = hash(Buffer.from('another challenge'));

export const selectApdus = {
  manager: Buffer.from('00a4040000', 'hex'),
  keycard: Buffer.from('00a4040009a00000080400010101', 'hex'),
  cash: Buffer.from('00a4040009a00000080400010301', 'hex'),
  ident: Buffer.from('00a4040009a00000080400010401', 'hex'),
} as const;

export type Application = keyof typeof selectApdus;

export interface Response {
  /** Four hexadecimal digits. */
  readonly sw: string;
  readonly data: Buffer;
}

export function toResponse(bytes: Uint8Array): Response {
  const all = Buffer.from(bytes);
  return { sw: all.subarray(-2).toString('hex'), data: all.subarray(0, -2) };
}

export function make(caseId: string, unit?: string, seed = caseId): SimulatedCard {
  const card = keycard.create(caseId, seeded(seed), unit);
  card.reset();
  return card;
}

export function send(card: SimulatedCard, command: Uint8Array): Response {
  return toResponse(exchange(card, command));
}

export function sendHex(card: SimulatedCard, commandHex: string): Response {
  return send(card, Buffer.from(commandHex, 'hex'));
}

export function select(card: SimulatedCard, application: Application): Response {
  return send(card, selectApdus[application]);
}

export function apdu(ins: number, data: Uint8Array = Buffer.alloc(0), p1 = 0, p2 = 0): Buffer {
  const lc = data.length === 0 ? Buffer.alloc(0) : Buffer.of(data.length);
  return Buffer.concat([Buffer.of(0x80, ins, p1, p2), lc, data]);
}

export interface Identity {
  readonly certificate: Buffer;
  /** The first 33 bytes of the certificate. */
  readonly key: Buffer;
  /** DER. */
  readonly signature: Buffer;
}

/** @throws Error when the data is not of the form of an answer to IDENTIFY */
export function parseIdentity(data: Buffer): Identity {
  const [outer, ...more] = parseTlv(data);
  if (outer?.[0] !== 0xa0 || more.length > 0) throw new Error('no A0');
  const [first, second, ...others] = parseTlv(outer[1]);
  if (first?.[0] !== 0x8a || second?.[0] !== 0x30 || others.length > 0) throw new Error('parts');
  const certificate = first[1];
  return {
    certificate,
    key: certificate.subarray(0, 33),
    signature: outer[1].subarray(2 + certificate.length),
  };
}

export function identify(card: SimulatedCard, asked: Uint8Array = challenge): Response {
  return send(card, apdu(0x14, asked));
}

export function identityOf(card: SimulatedCard, asked: Uint8Array = challenge): Identity {
  select(card, 'keycard');
  return parseIdentity(identify(card, asked).data);
}

/** 65 bytes of a key that nobody needs to know. */
export const clientKey: Buffer = createECDH('secp256k1').generateKeys();

export interface Handshake {
  readonly sw: string;
  /** Salt and client key, as sent. */
  readonly sent: Buffer;
  readonly cardKey: Buffer;
  /** DER. */
  readonly signature: Buffer;
}

export function openChannel(card: SimulatedCard, salt: Uint8Array = challenge): Handshake {
  const sent = Buffer.concat([salt, clientKey]);
  const { sw, data } = send(card, apdu(0x10, sent));
  return { sw, sent, cardKey: data.subarray(0, 65), signature: data.subarray(65) };
}

/** The fields of a 4.0 card's SELECT answer, and of any cash applet's. */
export function fieldsOf({ data }: Response): Tlv {
  return inside(data, 0xa4);
}

/** The `nth` field of a tag. @throws Error when it is missing */
export function value(tlv: Tlv, tag: number, nth = 0): Buffer {
  const found = tlv.filter(([other]) => other === tag)[nth]?.[1];
  if (found === undefined) throw new Error(`no tag ${tag.toString(16)}`);
  return found;
}

/** Tag and length of each field, in order. */
export function shapeOf(tlv: Tlv): string {
  return tlv.map(([tag, { length }]) => `${tag.toString(16)}:${length}`).join(' ');
}

export interface Recording {
  readonly testCaPublicKey: string;
  readonly identPublicKey: string;
  readonly certificate: string;
  readonly steps: readonly {
    readonly label: string;
    readonly commandApdu: string;
    readonly responseApdu: string;
  }[];
}

export interface Synthetic {
  readonly testCaPublicKey: string;
  readonly exchanges: readonly {
    readonly id: string;
    readonly commandApdu: string;
    readonly responseApdu: string;
    readonly expect: { readonly genuineUnderTestCa?: boolean };
  }[];
}

export interface GoVector {
  readonly challenge: string;
  readonly responseData: string;
  readonly certificate: string;
  readonly recoveredCaPublicKey: string;
}

export function readVector<Vector>(name: string): Vector {
  const url = new URL(`../vectors/keycard/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

/** All that a card tells about itself, and one proof, which is the same for the same challenge. */
export function portrait(card: SimulatedCard): string {
  const shown = (['ident', 'cash', 'keycard'] as const).map((application) => {
    const { sw, data } = select(card, application);
    return `${application} ${sw} ${data.toString('hex')}`;
  });
  const proof = identify(card);
  return [...shown, proof.sw, proof.data.toString('hex')].join('\n');
}

/** True when the card's signature over the challenge is by the key of its own certificate. */
export function provesIdentity(card: SimulatedCard, asked: Uint8Array = challenge): boolean {
  const { key, signature } = identityOf(card, asked);
  return isSignedBy(signature, asked, key);
}

/** The same for the handshake of 4.0; @returns the certificate as well */
export function handshake(card: SimulatedCard, salt: Uint8Array = challenge) {
  const certificate = value(fieldsOf(select(card, 'keycard')), 0x8a);
  const { sw, sent, cardKey, signature } = openChannel(card, salt);
  if (sw !== '9000') throw new Error(`OPEN SECURE CHANNEL: ${sw}`);
  const digest = handshakeDigest(sent, cardKey);
  return {
    certificate,
    signature,
    holds: isSignedBy(signature, digest, certificate.subarray(0, 33)),
    // The hash covers what was sent and what was answered.
    holdsForOther: isSignedBy(
      signature,
      handshakeDigest(Buffer.concat([otherChallenge, sent.subarray(32)]), cardKey),
      certificate.subarray(0, 33),
    ),
  };
}
