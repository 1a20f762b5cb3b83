/**
 * Commands and the signed answers.
 *
 *   SELECT                00 A4 04 00 09 aid          answers: select.ts
 *   IDENTIFY              80 14 00 00 20 challenge    A0 L { 8A 62 certificate, 30 L { 02 r, 02 s } }
 *   OPEN SECURE CHANNEL   80 10 00 00 61 salt(32) client key(65)
 *                                                     card key(65), then 30 L { 02 r, 02 s }
 *
 * What is signed, ECDSA over secp256k1 by the key of the certificate:
 *
 *   IDENTIFY              the challenge itself as the digest: no hash, nothing of the card's
 *   OPEN SECURE CHANNEL   SHA-256("sc_v2_ccm" salt client key card key)
 *
 * These are all the commands that exist here. None of them changes a card or needs a PIN; INIT, PAIR,
 * VERIFY PIN and FACTORY RESET cannot be written down.
 * Source: keycard-tech/status-keycard KeycardApplet.java and SecureChannelV2.java at 3.2 and a61616a.
 */
import { encodeCommand, parseCommand } from '../../apdu/command.ts';
import { parseResponse, Sw } from '../../apdu/response.ts';
import { parseDataObject } from '../../apdu/tlv.ts';
import { concat, equal } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import { compressSecp256k1, parseEcdsaDer } from '../../trust/signature.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { keycard, Tag } from './constants.ts';

export type Applet = keyof typeof keycard.aids;

export type KeycardCommand =
  | { readonly name: 'select'; readonly applet: Applet }
  | { readonly name: 'identify'; readonly challenge: Uint8Array }
  | { readonly name: 'open-channel'; readonly salt: Uint8Array; readonly clientKey: Uint8Array };

/** A question that the card declined. */
export interface Refusal {
  readonly sw: number;
}

export interface IdentifyAnswer {
  readonly certificate: Certificate;
  /** r and s, 64 bytes; s may be high. */
  readonly signature: Uint8Array;
}

export interface ChannelAnswer {
  /** Of this one channel, uncompressed, 65 bytes. */
  readonly cardKey: Uint8Array;
  /** DER. */
  readonly signature: Uint8Array;
}

const instruction = { select: 0xa4, identify: 0x14, openChannel: 0x10 } as const;

export function encodeKeycardCommand(command: KeycardCommand): Uint8Array {
  const own = { cla: 0x80, p1: 0, p2: 0 };
  switch (command.name) {
    case 'select': {
      const data = keycard.aids[command.applet];
      return encodeCommand({ cla: 0x00, ins: instruction.select, p1: 0x04, p2: 0x00, data });
    }
    case 'identify':
      return encodeCommand({ ...own, ins: instruction.identify, data: command.challenge });
    case 'open-channel': {
      const data = concat(command.salt, command.clientKey);
      return encodeCommand({ ...own, ins: instruction.openChannel, data });
    }
  }
}

/**
 * Reads a recorded command back.
 *
 * @throws EvidenceError for any command but the three
 */
export function parseKeycardCommand(bytes: Uint8Array): KeycardCommand {
  const { cla, ins, p1, p2, data = new Uint8Array() } = parseCommand(bytes);
  if (cla === 0x00 && ins === instruction.select && p1 === 0x04 && p2 === 0x00) {
    const applet = applets.find((name) => equal(keycard.aids[name], data));
    if (applet === undefined) throw new EvidenceError('SELECT: none of the Keycard applets');
    return { name: 'select', applet };
  }
  // The applet takes either class byte; other software writes 00 here and there.
  if ((cla === 0x80 || cla === 0x00) && p1 === 0 && p2 === 0) {
    if (ins === instruction.identify) return { name: 'identify', challenge: data };
    if (ins === instruction.openChannel) return parseOpenChannel(data);
  }
  throw new EvidenceError('command: none of those that a check asks');
}

const applets = ['keycard', 'cash', 'ident'] as const satisfies readonly Applet[];

function parseOpenChannel(data: Uint8Array): KeycardCommand {
  const salt = data.subarray(0, keycard.challengeLength);
  const clientKey = data.subarray(keycard.challengeLength);
  if (compressPoint(clientKey) === undefined) {
    throw new EvidenceError('OPEN SECURE CHANNEL: 32 bytes of salt and a key expected');
  }
  return { name: 'open-channel', salt, clientKey };
}

/** @throws EvidenceError for an answer of another form */
export function parseIdentify(response: Uint8Array): IdentifyAnswer | Refusal {
  const data = answered(response);
  if (!(data instanceof Uint8Array)) return data;
  const [outer, after] = parseDataObject(data);
  if (outer.tag !== Tag.identity || after.length > 0) {
    throw new EvidenceError('IDENTIFY: one object A0 expected');
  }
  const [inner, der] = parseDataObject(outer.value);
  if (inner.tag !== Tag.certificate) throw new EvidenceError('IDENTIFY: object 8A expected');
  const signature = parseEcdsaDer(der, 32);
  if (signature === undefined) throw new EvidenceError('IDENTIFY: no signature after object 8A');
  return { certificate: parseCertificate(inner.value), signature };
}

/** @throws EvidenceError for an answer of another form */
export function parseChannel(response: Uint8Array): ChannelAnswer | Refusal {
  const data = answered(response);
  if (!(data instanceof Uint8Array)) return data;
  const cardKey = data.subarray(0, keycard.pointLength);
  const signature = data.subarray(keycard.pointLength);
  if (compressPoint(cardKey) === undefined) {
    throw new EvidenceError('OPEN SECURE CHANNEL: an answer that begins with a key expected');
  }
  if (parseEcdsaDer(signature, 32) === undefined) {
    throw new EvidenceError('OPEN SECURE CHANNEL: no signature after the key');
  }
  return { cardKey, signature };
}

export function isRefusal(answer: IdentifyAnswer | ChannelAnswer | Refusal): answer is Refusal {
  return 'sw' in answer;
}

/** What a 4.0 applet signs with SHA-256: 171 bytes, each part of a fixed length. */
export function channelMessage(
  salt: Uint8Array,
  clientKey: Uint8Array,
  cardKey: Uint8Array,
): Uint8Array {
  return concat(keycard.channelLabel, salt, clientKey, cardKey);
}

function answered(response: Uint8Array): Uint8Array | Refusal {
  const { data, sw } = parseResponse(response);
  if (sw === Sw.ok) return data;
  if (data.length > 0) throw new EvidenceError('data beside a refusal');
  return { sw };
}

/** Uncompressed points alone: a signed message whose parts have one length each has one reading. */
function compressPoint(point: Uint8Array): Uint8Array | undefined {
  return point.length === keycard.pointLength ? compressSecp256k1(point) : undefined;
}
