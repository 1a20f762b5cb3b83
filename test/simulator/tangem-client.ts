/** A small reader of virtual Tangem cards, for tests only. */
import { createECDH, createHmac } from 'node:crypto';
import { createSimulatedCard, type SimulatedCard } from '../../src/simulator/index.ts';
import {
  buildTlv,
  ccmOpen,
  ccmSeal,
  hash,
  isSignedBy,
  legacyKey,
  legacyOpen,
  legacySeal,
  parseTlv,
  type Tlv,
} from './tangem-formulas.ts';
import { exchange, seeded } from './tap-client.ts';

export const selectApdu = Buffer.from('00a4040008a000000812010208', 'hex');
export const uidApdu = Buffer.from('ffca000000', 'hex');
export const challenge = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
export const ownCode = '482915';
const defaultCode = '000000';

export interface Response {
  /** Four hexadecimal digits. */
  readonly sw: string;
  readonly body: Buffer;
  readonly tlv: Tlv;
}

/** A card that is already selected. */
export function make(caseId: string, unit?: string, seed = caseId): SimulatedCard {
  const card = createSimulatedCard('tangem', caseId, seeded(seed), unit);
  card.reset();
  exchange(card, selectApdu);
  return card;
}

export function wrongCodesOf(card: SimulatedCard): unknown {
  return 'wrongCodes' in card ? card.wrongCodes : undefined;
}

export function apdu(ins: number, body: Uint8Array, p1 = 0, p2 = 0): Buffer {
  const lc = Buffer.of(0, body.length >> 8, body.length & 0xff);
  return Buffer.concat([Buffer.of(0, ins, p1, p2), ...(body.length === 0 ? [] : [lc, body])]);
}

/** Sends one command; the body of the answer is parsed when it is TLV. */
export function send(card: SimulatedCard, ins: number, body: Uint8Array, p1 = 0, p2 = 0): Response {
  return toResponse(exchange(card, apdu(ins, body, p1, p2)));
}

function toResponse(bytes: Uint8Array): Response {
  const body = Buffer.from(bytes.subarray(0, -2));
  return { sw: Buffer.from(bytes.subarray(-2)).toString('hex'), body, tlv: tryParse(body) };
}

function tryParse(body: Uint8Array): Tlv {
  try {
    return parseTlv(body);
  } catch {
    // Garbage and ciphertext have no fields.
    return [];
  }
}

export const codeField = (code = defaultCode) => [0x10, hash(Buffer.from(code))] as const;
export const number = (tag: number, value: number) => [tag, Buffer.of(value)] as const;

export function readBody(mode = 1, index?: number, code = defaultCode): Buffer {
  return buildTlv(
    codeField(code),
    number(0x23, mode),
    ...(index === undefined ? [] : [number(0x65, index)]),
  );
}

export function readCard(card: SimulatedCard, code = defaultCode): Response {
  return send(card, 0xf2, readBody(1, undefined, code));
}

/** @param code null leaves the field out */
export function attestBody(
  id: Uint8Array | undefined,
  { full = false, code = defaultCode as string | null, nonce = challenge as Uint8Array } = {},
): Buffer {
  return buildTlv(
    [0x16, nonce],
    ...(id ? [[0x01, id] as const] : []),
    ...(code === null ? [] : [codeField(code)]),
    ...(full ? [number(0x23, 1)] : []),
  );
}

/** @throws Error when the field is missing */
export function value(tlv: Tlv, tag: number): Buffer {
  const found = find(tlv, tag);
  if (found === undefined) throw new Error(`no tag ${tag.toString(16)}`);
  return found;
}

export function find(tlv: Tlv, tag: number): Buffer | undefined {
  return tlv.find(([other]) => other === tag)?.[1];
}

export function all(tlv: Tlv, tag: number): Buffer[] {
  return tlv.filter(([other]) => other === tag).map(([, each]) => each);
}

/** The card ID from READ, asked with the right code. */
export function idOf(card: SimulatedCard, code = defaultCode): Buffer {
  return value(readCard(card, code).tlv, 0x01);
}

/** All wallet records, page by page, and how many pages that took. */
export function readWallets(card: SimulatedCard): { records: Tlv[]; pages: number } {
  const records: Tlv[] = [];
  for (let pages = 0; ; pages += 1) {
    const { sw, tlv } = send(
      card,
      0xf2,
      readBody(3, records.length === 0 ? undefined : records.length),
    );
    if (sw !== '9000') return { records, pages };
    records.push(...all(tlv, 0x68).map(parseTlv));
  }
}

/** Speaks through a session of the old kind. */
export class LegacySession {
  readonly #card: SimulatedCard;
  readonly #p1: number;
  readonly #key: Uint8Array;
  /** UID that the card gave in its answer. */
  readonly shownUid: Buffer | undefined;

  constructor(card: SimulatedCard, mode: 'fast' | 'strong', code = defaultCode) {
    this.#card = card;
    this.#p1 = mode === 'fast' ? 1 : 2;
    const own = createECDH('secp256k1');
    const keyA = mode === 'fast' ? challenge : own.generateKeys();
    const { sw, tlv } = send(card, 0xff, buildTlv([0x1a, keyA]), 0, this.#p1);
    if (sw !== '9000') throw new Error(`OPEN SESSION: ${sw}`);
    const keyB = value(tlv, 0x1b);
    this.shownUid = find(tlv, 0x0b);
    const uid = this.shownUid ?? Buffer.from(exchange(card, uidApdu).subarray(0, -2));
    const secret = mode === 'fast' ? Buffer.concat([keyA, keyB]) : own.computeSecret(keyB);
    this.#key = legacyKey(secret, code, uid);
  }

  send(ins: number, body: Uint8Array): Response {
    const sealed = send(this.#card, ins, legacySeal(body, this.#key), this.#p1);
    if (sealed.body.length < 16) return sealed;
    const opened = legacyOpen(sealed.body, this.#key);
    return { ...sealed, body: opened, tlv: tryParse(opened) };
  }
}

/** Speaks through the channel of COS 8. */
export class CcmSession {
  readonly #card: SimulatedCard;
  readonly #id: Buffer;
  readonly #key: Buffer;
  readonly level: number;
  counter = 1;

  constructor(card: SimulatedCard) {
    this.#card = card;
    const read = readCard(card).tlv;
    this.#id = value(read, 0x01);
    const offer = send(card, 0xd3, buildTlv(number(0x23, 0x10), [0x01, this.#id])).tlv;
    const keyA = value(offer, 0x1a);
    const vouched = Buffer.concat([Buffer.from('SESSION.CARD'), keyA]);
    if (!isSignedBy(value(offer, 0x04), vouched, value(read, 0x03))) throw new Error('session key');
    const own = createECDH('secp256k1');
    const keyB = own.generateKeys();
    const opened = send(card, 0xff, buildTlv([0x01, this.#id], [0x1b, keyB]), 0, 0x10);
    if (opened.sw !== '9000') throw new Error(`OPEN SESSION: ${opened.sw}`);
    this.level = value(opened.tlv, 0x4a).readUInt8(0);
    this.#key = hash(own.computeSecret(keyA));
  }

  send(ins: number, body: Uint8Array): Response {
    const header = Buffer.of(0, ins, 0x10, 0);
    const sealed = send(this.#card, ins, ccmSeal(this.#key, this.#nonce(0x7e), header, body), 0x10);
    const nonce = this.#nonce(0xca);
    this.counter += 1;
    if (sealed.body.length === 0 || sealed.sw === '9789') return sealed;
    const opened = ccmOpen(this.#key, nonce, Buffer.from(sealed.sw, 'hex'), sealed.body);
    return { ...sealed, body: opened, tlv: tryParse(opened) };
  }

  /** Proves the access code. @returns the status word */
  prove(code: string): Response {
    const given = value(this.send(0xd3, buildTlv(number(0x23, 0x21))).tlv, 0x16);
    const codeHash = hash(Buffer.from(code));
    const mixed = Buffer.from(given.map((byte, i) => byte ^ (codeHash[i] ?? 0)));
    const proof = createHmac('sha256', given).update('PIN').update(mixed).digest();
    return this.send(0xd3, buildTlv(number(0x23, 0x22), [0x10, proof]));
  }

  #nonce(direction: number): Buffer {
    const counter = Buffer.of(
      (this.counter >> 16) & 0xff,
      (this.counter >> 8) & 0xff,
      this.counter & 0xff,
    );
    return Buffer.concat([Buffer.of(direction), this.#id, counter]);
  }
}
