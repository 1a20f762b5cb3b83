/** A small reader of virtual Satochip cards, for tests only; its formulas are its own. */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  createPublicKey,
  type ECDH,
  verify,
} from 'node:crypto';
import { satochip } from '../../src/simulator/satochip/index.ts';
import type { SimulatedCard } from '../../src/simulator/simulation.ts';
import { exchange, seeded, statusWord } from './tap-client.ts';

export const aidOf = {
  satochip: '5361746f43686970',
  seedkeeper: '536565644b6565706572',
  satodime: '5361746f44696d65',
} as const;

export type Product = keyof typeof aidOf;

export const challenge = Buffer.from('00112233445566778899aabbccddeeff'.repeat(2), 'hex');

export interface Response {
  /** Four hexadecimal digits. */
  readonly sw: string;
  readonly body: Buffer;
}

export function make(caseId: string, unit?: string, seed = caseId): SimulatedCard {
  const card = satochip.create(caseId, seeded(seed), unit);
  card.reset();
  return card;
}

/** Sends a command given in hexadecimal digits. */
export function send(card: SimulatedCard, hex: string): Response {
  const bytes = exchange(card, Buffer.from(hex, 'hex'));
  return { sw: statusWord(bytes), body: Buffer.from(bytes.subarray(0, -2)) };
}

export function select(card: SimulatedCard, product: Product): Response {
  const aid = aidOf[product];
  return send(card, `00a40400${byte(aid.length / 2)}${aid}`);
}

export function pinsOf(card: SimulatedCard): unknown {
  return 'pinsPresented' in card ? card.pinsPresented : undefined;
}

/** A command without CLA B0 and, when there is data, with its length. */
export function command(head: string, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const length = data.length === 0 ? Buffer.alloc(0) : Buffer.of(data.length);
  return Buffer.concat([Buffer.from(`b0${head}`, 'hex'), length, data]);
}

export const challengeCommand = command('9a0000', challenge);
export const pinCommand = (pin = '123456') => command('420000', Buffer.from(pin));

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

export interface Opening {
  /** X of the card's ephemeral key. */
  readonly x: Buffer;
  readonly sig1: Buffer;
  /** Empty when nobody vouches. */
  readonly sig2: Buffer;
  /** X of the authentikey, when it is told. */
  readonly owner: Buffer | undefined;
}

/** Parses an answer to INIT and insists that nothing is left over. */
export function parseOpening(body: Buffer): Opening {
  const fields: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = body.readUInt16BE(at);
    fields.push(body.subarray(at + 2, at + 2 + size));
    at += 2 + size;
    if (at > body.length) throw new Error('field cut short');
  }
  const [x, sig1, sig2, owner] = fields;
  if (!x || !sig1 || !sig2 || fields.length > 4) throw new Error(`${fields.length} fields`);
  return { x, sig1, sig2, owner };
}

/** What sig2 is over: length, X, length, sig1. */
export function vouchedBytes({ x, sig1 }: Opening): Buffer {
  return Buffer.concat([prefixed(x), prefixed(sig1)]);
}

export function prefixed(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** How a test may spoil a WRAP. */
export interface Spoiling {
  readonly counter?: number;
  readonly mac?: (mac: Buffer) => Buffer;
}

export class Channel {
  readonly opening: Opening;
  readonly #card: SimulatedCard;
  readonly #key: Buffer;
  readonly #macKey: Buffer;
  #counter = -1;

  constructor(card: SimulatedCard) {
    this.#card = card;
    const own = createECDH('secp256k1');
    own.setPrivateKey(createHash('sha256').update('host').digest());
    const { sw, body } = send(card, `b081000041${own.getPublicKey('hex', 'uncompressed')}`);
    if (sw !== '9000') throw new Error(`INIT: ${sw}`);
    this.opening = parseOpening(body);
    // Both points with this X give the same S.
    const secret = sharedX(own, this.opening.x);
    this.#key = mac(secret, Buffer.from('sc_key')).subarray(0, 16);
    this.#macKey = mac(secret, Buffer.from('sc_mac'));
  }

  /** Sends a command through the channel; the answer comes back in clear. */
  ask(plain: Uint8Array, spoiling: Spoiling = {}): Response {
    const { sw, body } = send(this.#card, this.wrap(plain, spoiling).toString('hex'));
    if (body.length === 0) return { sw, body };
    const size = body.readUInt16BE(16);
    if (body.length !== 18 + size) throw new Error('answer of a wrong length');
    if (body.readUInt32BE(12) !== this.#counter + 1) throw new Error('answer out of step');
    const opener = createDecipheriv('aes-128-cbc', this.#key, body.subarray(0, 16));
    return { sw, body: Buffer.concat([opener.update(body.subarray(18)), opener.final()]) };
  }

  wrap(plain: Uint8Array, { counter, mac: spoil = (same) => same }: Spoiling = {}): Buffer {
    this.#counter = counter ?? this.#counter + 2;
    const iv = Buffer.alloc(16, 0x5a);
    iv.writeUInt32BE(this.#counter, 12);
    const sealer = createCipheriv('aes-128-cbc', this.#key, iv);
    const text = Buffer.concat([sealer.update(plain), sealer.final()]);
    const covered = Buffer.concat([iv, prefixed(text)]);
    const data = Buffer.concat([covered, prefixed(spoil(mac(this.#macKey, covered)))]);
    return Buffer.concat([Buffer.from('b0820000', 'hex'), Buffer.of(data.length), data]);
  }
}

function sharedX(own: ECDH, x: Buffer): Buffer {
  return own.computeSecret(Buffer.concat([Buffer.of(2), x]));
}

function mac(key: Buffer, message: Buffer): Buffer {
  return createHmac('sha1', key).update(message).digest();
}

/** A card with one applet selected and its channel open. */
export function open(caseId: string, product: Product, unit?: string) {
  const card = make(caseId, unit);
  const selected = select(card, product);
  if (selected.sw !== '9000') throw new Error(`SELECT: ${selected.sw}`);
  return { card, channel: new Channel(card) };
}

/** The whole certificate, in pieces of 128 bytes; empty when there is none. */
export function readCertificate(channel: Channel): Buffer {
  const size = channel.ask(command('930001')).body.readUInt16BE(0);
  const pieces: Buffer[] = [];
  for (let at = 0; at < size; at += 128) {
    const data = Buffer.alloc(4);
    data.writeUInt16BE(at, 0);
    data.writeUInt16BE(Math.min(128, size - at), 2);
    const { sw, body } = channel.ask(command('930002', data));
    if (sw !== '9000') throw new Error(`certificate: ${sw}`);
    pieces.push(body);
  }
  return Buffer.concat(pieces);
}

export interface Proof {
  readonly cardChallenge: Buffer;
  readonly signature: Buffer;
}

export function parseProof(body: Buffer): Proof {
  const size = body.readUInt16BE(32);
  if (body.length !== 34 + size) throw new Error('proof of a wrong length');
  return { cardChallenge: body.subarray(0, 32), signature: body.subarray(34) };
}

/** True when the proof answers the challenge of these tests under a 65-byte key. */
export function answers({ cardChallenge, signature }: Proof, key: Buffer): boolean {
  const message = Buffer.concat([Buffer.from('Challenge:'), cardChallenge, challenge]);
  return isSigned(message, signature, key);
}

/** ECDSA with SHA-256 on secp256k1, DER, by node:crypto. */
export function isSigned(message: Buffer, signature: Buffer, key: Buffer): boolean {
  const head = '3056301006072a8648ce3d020106052b8104000a034200';
  const spki = Buffer.concat([Buffer.from(head, 'hex'), key]);
  return verify(
    'sha256',
    message,
    createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    signature,
  );
}

/** CPLC, IIN and CIN, whole, while the card manager is selected. */
export function chipNumbers(card: SimulatedCard): Buffer {
  send(card, '00a4040000');
  const answersOf = ['80ca9f7f00', '80ca004200', '80ca004500'].map((get) => send(card, get));
  return Buffer.concat(answersOf.map(({ body }) => body));
}

export function sha1Hex(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}
