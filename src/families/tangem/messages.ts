/**
 * Commands and answers of the Tangem protocol.
 *
 *   command   00 INS P1 P2 00 LcHi LcLo body     body = TLV; no Le, as the maker's SDKs send none
 *   answer    body SW1 SW2
 *
 * P1 names the encryption of the body, 00 = none. Worked example, READ of the card with the default
 * code: 00F20000000025 1020<SHA-256("000000")> 230101.
 * Sources: tangem-sdk-ios Common/APDU/CommandApdu.swift, Operations/Read/ReadCommand.swift,
 * Operations/Attestation/AttestCardKeyCommand.swift.
 */
import { encodeCommand, parseCommand } from '../../apdu/command.ts';
import { formatSw, parseResponse, Sw } from '../../apdu/response.ts';
import { equal } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import { Ins, Status, Tag, tangem } from './constants.ts';
import { encodeElements, Tlv, type TlvElement } from './tlv.ts';

/** A pause tells the time that is left, and little else. */
const maxPauseBytes = 64;

export type Answer =
  | { readonly kind: 'fields'; readonly fields: Tlv }
  /** Not yet: `hundredths` of a second remain, as far as the card says. */
  | { readonly kind: 'pause'; readonly hundredths: number | undefined }
  | { readonly kind: 'refusal'; readonly sw: number };

/** A command read back from a transcript. */
export type RecordedCommand =
  | { readonly name: 'select' }
  | { readonly name: 'read' | 'attest'; readonly fields: Tlv }
  | { readonly name: 'authorize'; readonly fields: Tlv }
  /** Something that Touchstone does not send; it proves nothing. */
  | { readonly name: 'other'; readonly ins: number };

/** SELECT by name, without Le as the Android SDK sends it (Common/apdu/Apdu.kt). */
export function encodeSelect(): Uint8Array {
  return encodeCommand({ cla: 0x00, ins: Ins.select, p1: 0x04, p2: 0x00, data: tangem.aid });
}

/** @param p2 only of OPEN SESSION: the kind of channel */
export function encodeTangemCommand(
  ins: number,
  elements: readonly TlvElement[],
  p2 = 0,
): Uint8Array {
  const data = encodeElements(elements);
  return encodeCommand({ cla: tangem.cla, ins, p1: 0, p2, data, extended: true });
}

/** @param index where the wallet list goes on; 0 at its beginning */
export function encodeRead(
  mode: number,
  codeHash: Uint8Array,
  cardId?: Uint8Array,
  index = 0,
): Uint8Array {
  return encodeTangemCommand(Ins.read, [
    [Tag.pin, codeHash],
    ...(cardId === undefined ? [] : [[Tag.cardId, cardId] as const]),
    [Tag.interactionMode, Uint8Array.of(mode)],
    ...(index === 0 ? [] : [[Tag.walletIndex, Uint8Array.of(index)] as const]),
  ]);
}

export function encodeAttest(input: {
  readonly challenge: Uint8Array;
  /** Left out from COS 8 on. */
  readonly cardId?: Uint8Array | undefined;
  readonly codeHash?: Uint8Array | undefined;
  /** Asks for the other cards of the set, too. */
  readonly full: boolean;
}): Uint8Array {
  const { challenge, cardId, codeHash, full } = input;
  return encodeTangemCommand(Ins.attestCardKey, [
    ...(codeHash === undefined ? [] : [[Tag.pin, codeHash] as const]),
    ...(cardId === undefined ? [] : [[Tag.cardId, cardId] as const]),
    [Tag.challenge, challenge],
    ...(full ? [[Tag.interactionMode, Uint8Array.of(1)] as const] : []),
  ]);
}

/** @throws EvidenceError when the lengths inside do not fit, or a body is no TLV */
export function parseTangemCommand(bytes: Uint8Array): RecordedCommand {
  const { cla, ins, p1, p2, data = new Uint8Array() } = parseCommand(bytes);
  if (cla === 0x00 && ins === Ins.select && p1 === 0x04 && p2 === 0x00 && equal(data, tangem.aid)) {
    return { name: 'select' };
  }
  const plain = cla === tangem.cla && p1 === 0 && p2 === 0;
  if (plain && ins === Ins.read) return { name: 'read', fields: new Tlv(data) };
  if (plain && ins === Ins.attestCardKey) return { name: 'attest', fields: new Tlv(data) };
  if (plain && ins === Ins.authorize) return { name: 'authorize', fields: new Tlv(data) };
  return { name: 'other', ins };
}

/** @throws EvidenceError when an answer to a command of ours is no TLV */
export function parseTangemResponse(bytes: Uint8Array): Answer {
  const { data, sw } = parseResponse(bytes);
  if (isOk(sw)) return { kind: 'fields', fields: new Tlv(data) };
  if (sw !== Status.pause) return { kind: 'refusal', sw };
  if (data.length > maxPauseBytes)
    throw new EvidenceError('pause: an answer of far too many bytes');
  return { kind: 'pause', hundredths: new Tlv(data).integer(Tag.pause) };
}

/** 9000, and 9001 to 9007: done, with word of codes that were changed. */
export function isOk(sw: number): boolean {
  return sw >= Sw.ok && sw <= Status.lastOk;
}

/** A status word in the words of this protocol. */
export function explainSw(sw: number): string {
  switch (sw) {
    case Status.encryptionNeeded:
      return `${formatSw(sw)}, it demands an encrypted channel`;
    case Status.accessCodeNeeded:
      return `${formatSw(sw)}, its access code is needed`;
    case Status.accessDenied:
      return `${formatSw(sw)}, it allows this to its owner only`;
    default:
      return `status ${formatSw(sw)}`;
  }
}

/** @throws EvidenceError unless the answer holds fields */
export function fieldsOf(answer: Answer): Tlv {
  if (answer.kind === 'fields') return answer.fields;
  throw new EvidenceError(
    answer.kind === 'pause' ? 'the card still pauses' : `refused: ${explainSw(answer.sw)}`,
  );
}
