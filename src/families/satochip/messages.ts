/**
 * Commands and answers of the three applets.
 *
 *   SELECT        00 A4 04 00 [00]          the card manager, before each name: some of these applets
 *                                           answer 9000 to any, and stay as they are
 *                 00 A4 04 00 Lc name       bare; SeedKeeper 0.2 answers with its status
 *   status        B0 3C 00 00               see status.ts
 *   channel       B0 81 00 00 41 point      see handshake.ts; everything below goes through it
 *   PIN           B0 42 00 00 Lc pin        recorded as these four bytes only
 *   certificate   B0 93 00 01               size(2); 0 where the maker never wrote one
 *                 B0 93 00 02 04 offset(2) size(2)     that piece of it
 *   public key    B0 98 00 00               point(65)
 *   challenge     B0 9A 00 00 20 ours(32)   the card's(32) length(2) signature(DER)
 *   slots         B0 50 00 00               counter(4) count(1) a state each: 0 empty, 1 sealed, 2 unsealed
 *   label         B0 3D 00 01               length(1) text; recorded without the text
 *   secrets       B0 A7 00 00               secrets(2) memory(2) free(2) logged(2) places(2) last entry(7)
 *
 * The commands below are all that exist here: no set-up, reset, import or change of a PIN. Sources:
 * SatochipApplet CardEdge.java (8cbaa1d), Seedkeeper-Applet SeedKeeper.java (2e59f06),
 * Satodime-Applet Satodime.java (81003bd): the methods of those names.
 */
import { encodeCommand, parseCommand } from '../../apdu/command.ts';
import { formatSw } from '../../apdu/response.ts';
import { equal } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import { selectCardManager } from '../platform.ts';
import { aids, Ins, type Product, products, satochip } from './constants.ts';

export type SatochipCommand =
  | { readonly name: 'manager' }
  | { readonly name: 'select'; readonly product: Product }
  | { readonly name: 'status' }
  | { readonly name: 'channel'; readonly point: Uint8Array }
  | { readonly name: 'certificate-size' }
  | { readonly name: 'certificate-piece'; readonly offset: number; readonly size: number }
  | { readonly name: 'public-key' }
  | { readonly name: 'challenge'; readonly challenge: Uint8Array }
  | { readonly name: 'slots' }
  | { readonly name: 'label' }
  | { readonly name: 'secrets' };

/** A recorded command: of the PIN's nothing is left but that it was sent. */
export type RecordedCommand = SatochipCommand | { readonly name: 'pin' };

const nothing = new Uint8Array();

export function encodeSatochipCommand(command: SatochipCommand): Uint8Array {
  switch (command.name) {
    case 'manager':
      return selectCardManager;
    case 'select':
      return encodeCommand({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: aids[command.product] });
    case 'status':
      return encode(Ins.status);
    case 'channel':
      return encode(Ins.initChannel, command.point);
    case 'certificate-size':
      return encode(Ins.certificate, nothing, 1);
    case 'certificate-piece':
      return encode(Ins.certificate, uint16s(command.offset, command.size), 2);
    case 'public-key':
      return encode(Ins.publicKey);
    case 'challenge':
      return encode(Ins.challenge, command.challenge);
    case 'slots':
      return encode(Ins.slots);
    case 'label':
      return encode(Ins.label, nothing, 1);
    case 'secrets':
      return encode(Ins.secrets);
  }
}

/** @param pin 4 to 16 bytes. The only command that costs a try; see redaction.ts for its record */
export function encodeVerifyPin(pin: Uint8Array): Uint8Array {
  return encode(Ins.verifyPin, pin);
}

/** @throws EvidenceError when the bytes are none of the commands above */
export function parseSatochipCommand(bytes: Uint8Array): RecordedCommand {
  const found = recognise(bytes);
  const whole =
    found?.name === 'pin' ? encode(Ins.verifyPin) : found && encodeSatochipCommand(found);
  // Nothing is left over, no other form of the same: what was recorded is what would be sent.
  if (found === undefined || whole === undefined || !equal(whole, bytes)) {
    throw new EvidenceError('command: none that is asked of these cards');
  }
  return found;
}

function recognise(bytes: Uint8Array): RecordedCommand | undefined {
  const { cla, ins, p2, data = nothing } = parseCommand(bytes);
  if (cla === 0x00) {
    if (data.length === 0) return { name: 'manager' };
    const product = products.find((each) => equal(data, aids[each]));
    return product && { name: 'select', product };
  }
  switch (ins) {
    case Ins.status:
      return { name: 'status' };
    case Ins.verifyPin:
      return { name: 'pin' };
    case Ins.initChannel:
      return data.length === satochip.pointLength ? { name: 'channel', point: data } : undefined;
    case Ins.certificate:
      if (p2 === 1) return { name: 'certificate-size' };
      return data.length !== 4
        ? undefined
        : { name: 'certificate-piece', offset: uint16(data, 0), size: uint16(data, 2) };
    case Ins.publicKey:
      return { name: 'public-key' };
    case Ins.challenge:
      return data.length === satochip.challengeLength
        ? { name: 'challenge', challenge: data }
        : undefined;
    case Ins.slots:
      return { name: 'slots' };
    case Ins.label:
      return { name: 'label' };
    case Ins.secrets:
      return { name: 'secrets' };
    default:
      return undefined;
  }
}

/** @throws EvidenceError when it is no size, or greater than any certificate */
export function parseCertificateSize(data: Uint8Array): number {
  const size = uint16(expect('certificate size', data, 2), 0);
  if (size > satochip.maxCertificateLength) {
    const most = `at most ${satochip.maxCertificateLength} expected`;
    throw new EvidenceError(`certificate size: ${size}, ${most}`);
  }
  return size;
}

/** The piece of a certificate that comes next; undefined where all of it is there. */
export function nextPiece(
  size: number,
  received: number,
): { readonly offset: number; readonly size: number } | undefined {
  if (received >= size) return undefined;
  return { offset: received, size: Math.min(satochip.chunkLength, size - received) };
}

/** @throws EvidenceError when the piece has not the size that was asked for */
export function parsePiece(data: Uint8Array, size: number): Uint8Array {
  return expect('piece of the certificate', data, size);
}

/** @throws EvidenceError for anything but 65 bytes beginning with 04 */
export function parsePoint(data: Uint8Array): Uint8Array {
  const point = expect('public key', data, satochip.pointLength);
  if (point[0] !== 4) throw new EvidenceError('public key: an uncompressed point expected');
  return point;
}

export interface ChallengeAnswer {
  /** The card's own challenge, 32 bytes. */
  readonly cardChallenge: Uint8Array;
  /** As it came; said to be DER. */
  readonly signature: Uint8Array;
}

/** @throws EvidenceError when the lengths do not account for every byte */
export function parseChallengeAnswer(data: Uint8Array): ChallengeAnswer {
  const cardChallenge = data.subarray(0, satochip.challengeLength);
  const { field, rest } = takeField('signature', data.subarray(satochip.challengeLength));
  if (rest.length > 0) throw new EvidenceError(`challenge: ${rest.length} bytes after its end`);
  return { cardChallenge, signature: checkSignatureLength(field) };
}

export type SlotState = 'empty' | 'sealed' | 'unsealed';

const slotStates: readonly SlotState[] = ['empty', 'sealed', 'unsealed'];

/** @throws EvidenceError for a state that is not known, or lengths that do not fit */
export function parseSlots(data: Uint8Array): readonly SlotState[] {
  const count = data[4] ?? 0;
  if (count === 0 || count > satochip.maxSlots) {
    throw new EvidenceError(`slots: ${count}, 1 to ${satochip.maxSlots} expected`);
  }
  const states = expect('slots', data, 5 + count).subarray(5);
  return Array.from(states, (byte) => {
    const state = slotStates[byte];
    if (state === undefined) throw new EvidenceError(`slots: state ${byte}, 0 to 2 expected`);
    return state;
  });
}

/**
 * How long the label is that an owner gave the card, of an answer without its text (redaction.ts).
 *
 * @throws EvidenceError for anything but one byte up to 64
 */
export function parseLabelLength(data: Uint8Array): number {
  const [length = 0] = expect('label', data, 1);
  if (length <= satochip.maxLabelLength) return length;
  throw new EvidenceError(`label: ${length} bytes, at most ${satochip.maxLabelLength} expected`);
}

/** What a SeedKeeper holds. */
export interface Secrets {
  readonly count: number;
  /**
   * Entries that it ever wrote to its log: for secrets, wrong PINs and factory resets, which do not
   * clear it; not for its set-up, and not for a right PIN (createLog in SeedKeeper.java at 2e59f06).
   */
  readonly logged: number;
  /** Instruction of the last entry; 0 where there is none. */
  readonly lastLogged: number;
}

/** @throws EvidenceError for anything but 17 bytes */
export function parseSecrets(data: Uint8Array): Secrets {
  const whole = expect('secrets', data, 17);
  return { count: uint16(whole, 0), logged: uint16(whole, 6), lastLogged: whole[10] ?? 0 };
}

/** A field behind its length of two bytes, and what follows it. */
export function takeField(
  name: string,
  bytes: Uint8Array,
): { readonly field: Uint8Array; readonly rest: Uint8Array } {
  const length = uint16(bytes, 0);
  const field = bytes.subarray(2, 2 + length);
  if (bytes.length < 2 || field.length !== length) {
    throw new EvidenceError(`${name}: cut short`);
  }
  return { field, rest: bytes.subarray(2 + length) };
}

/** @throws EvidenceError for a length that no DER signature over secp256k1 has */
export function checkSignatureLength(signature: Uint8Array): Uint8Array {
  const { minSignatureLength: min, maxSignatureLength: max } = satochip;
  if (signature.length < min || signature.length > max) {
    const got = `${signature.length} bytes`;
    throw new EvidenceError(`signature: ${got}, ${min} to ${max} expected`);
  }
  return signature;
}

/** A status word for the detail of a check, with its meaning where it is known. */
export function describeSw(sw: number): string {
  const meanings: Readonly<Record<number, string>> = {
    39940: 'not set up',
    39942: 'a PIN is needed',
    39948: 'PIN blocked',
    39968: 'a channel is needed',
    39969: 'no channel was opened',
    39970: 'wrong counter in the channel',
    39971: 'wrong check value in the channel',
    27904: 'it does not know this command',
  };
  const isWrongPin = sw >> 4 === 0x63c;
  const meaning = isWrongPin ? `wrong PIN, tries left: ${sw & 0xf}` : meanings[sw];
  return meaning === undefined ? formatSw(sw) : `${formatSw(sw)}, ${meaning}`;
}

function encode(ins: number, data: Uint8Array = nothing, p2 = 0): Uint8Array {
  return encodeCommand({ cla: satochip.cla, ins, p1: 0, p2, data });
}

function expect(name: string, data: Uint8Array, length: number): Uint8Array {
  if (data.length === length) return data;
  throw new EvidenceError(`${name}: ${data.length} bytes, ${length} expected`);
}

function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

function uint16s(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}
