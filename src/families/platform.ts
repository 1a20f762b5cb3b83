/**
 * What the chip below an application says of itself, asked of the card manager before anything else
 * (GlobalPlatform Card Specification 2.3.1, 11.3 GET DATA and appendix H): plain, unsigned, the same
 * bytes on a copy made with a chip of the same kind. It identifies an honest card and shows nothing
 * about a dishonest one.
 *
 *   00 A4 04 00 00      SELECT the card manager; where that is refused, by its usual name
 *   00 A4 04 00 08 A000000151000000 00
 *   80 CA 9F 7F 00      CPLC, 42 bytes after 9F 7F 2A: who made the chip, what, when, its serial
 *   80 CA 00 42 00      issuer number          80 CA 00 45 00      card number
 *
 * A refusal is an answer: many cards have none of these, or keep them back.
 */
import { encodeCommand, parseCommand } from '../apdu/command.ts';
import { parseResponse, Sw } from '../apdu/response.ts';
import { parseDataObjects } from '../apdu/tlv.ts';
import { concat, equal } from '../bytes/bytes.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { EvidenceError } from '../errors/error.ts';
import type { Card, Exchanged, RecordedExchange } from '../reader/card.ts';
import { attempt } from './check.ts';
import type { Proof } from './family.ts';

/** SELECT without a name: the card manager (11.9). */
export const selectCardManager = encodeCommand({ cla: 0x00, ins: 0xa4, p1: 4, p2: 0, ne: 256 });

/** The same by the name that most card managers have (appendix H, GlobalPlatform's own RID). */
const selectByName = encodeCommand({
  ...{ cla: 0x00, ins: 0xa4, p1: 4, p2: 0, ne: 256 },
  data: fromHex('a000000151000000'),
});

const Tag = { cplc: 0x9f7f, issuerNumber: 0x0042, cardNumber: 0x0045 } as const;

const questions = Object.values(Tag).map((tag) =>
  encodeCommand({ cla: 0x80, ins: 0xca, p1: tag >> 8, p2: tag & 0xff, ne: 256 }),
);

const cplcLength = 42;

/** Length of the part of a CPLC that is the same for every chip of a kind. */
const kindLength = 10;

/** Data objects as they came, tag and length included; absent where the card gave none. */
export interface ChipObjects {
  readonly cplc?: Uint8Array;
  readonly issuerNumber?: Uint8Array;
  readonly cardNumber?: Uint8Array;
}

/**
 * Selects the card manager and asks it for the chip's data.
 *
 * @returns what was exchanged
 * @throws ReaderError when the link fails
 */
export async function readPlatform(card: Card): Promise<readonly RecordedExchange[]> {
  const since = card.recorded.length;
  for (const select of [selectCardManager, selectByName]) {
    const selected = await card.transmit(select, 'state');
    // Whatever is selected instead might take the questions for something else.
    if (parseResponse(selected).sw !== Sw.ok) continue;
    for (const question of questions) await card.transmit(question, 'state');
    break;
  }
  return card.recorded.slice(since);
}

/** How many exchanges at the start of a transcript are the chip's and not an application's. */
export function platformLength(transcript: readonly Exchanged[]): number {
  const own = transcript.findIndex(({ command }) => !isPlatformCommand(command));
  return own === -1 ? transcript.length : own;
}

/**
 * The chip's data objects at the start of a transcript, the private exchanges left out. An object that was asked for twice is given
 * as absent: of two answers none is better than the other.
 */
export function chipObjects(transcript: readonly RecordedExchange[]): ChipObjects {
  const own = transcript
    .slice(0, platformLength(transcript))
    .filter(({ disclosure }) => disclosure !== 'private');
  const object = (tag: number): Uint8Array | undefined => {
    const answers = own.filter(({ command }) => askedTag(command) === tag);
    if (answers.length !== 1) return undefined;
    const answer = attempt(() => parseResponse(answers[0]?.response ?? new Uint8Array()));
    return typeof answer !== 'string' && answer.sw === Sw.ok ? answer.data : undefined;
  };
  const cplc = object(Tag.cplc);
  const issuerNumber = object(Tag.issuerNumber);
  const cardNumber = object(Tag.cardNumber);
  return {
    ...(cplc && { cplc }),
    ...(issuerNumber && { issuerNumber }),
    ...(cardNumber && { cardNumber }),
  };
}

/** What every family's proof says of the chip: reported, whatever else the card proved. */
export function platformOf(transcript: readonly RecordedExchange[]): Pick<Proof, 'platform'> {
  const { cplc } = chipObjects(transcript);
  const fields = cplc && attempt(() => parseCplc(cplc));
  if (fields === undefined || typeof fields === 'string') return {};
  const value = toHex(fields.subarray(0, kindLength));
  return { platform: { value, authority: 'reported' } };
}

/**
 * An exchange with the chip as it is kept where no certificate covers the chip's data: without the
 * serials, which would only follow a card around.
 */
export function withoutSerials<T extends Exchanged>(exchange: T): T {
  const { command, response } = exchange;
  const tag = askedTag(command);
  if (tag === undefined) return exchange;
  const status = response.subarray(-2);
  // A number of 42 bytes under another tag is no CPLC: none of it would be the chip's kind.
  const fields = tag === Tag.cplc && attempt(() => parseCplc(response.subarray(0, -2)));
  if (fields === false || typeof fields === 'string') return { ...exchange, response: status };
  const head = response.subarray(0, response.length - 2 - cplcLength);
  const kind = fields.subarray(0, kindLength);
  const rest = new Uint8Array(cplcLength - kindLength);
  return { ...exchange, response: concat(head, kind, rest, status) };
}

/** One exchange with the chip in plain words; undefined where it is an application's. */
export function explainPlatform({ command, response }: Exchanged): string | undefined {
  if (!isPlatformCommand(command)) return undefined;
  const tag = askedTag(command);
  const sw = toHex(response.subarray(-2)).toUpperCase();
  const kept = response.length > 2 ? 'it gave them' : 'what it gave, if anything, is not kept';
  const given = sw === '9000' ? kept : `it answered ${sw}`;
  switch (tag) {
    case undefined:
      return `We asked for the card manager; it answered ${sw}.`;
    case Tag.cplc:
      return `We asked the chip who made it and when (CPLC); ${given}.`;
    default:
      return `We asked the chip for the numbers that its issuer gave it; ${given}.`;
  }
}

/**
 * The 42 bytes of a CPLC; some cards leave the tag out.
 *
 * @throws EvidenceError for anything else
 */
function parseCplc(body: Uint8Array): Uint8Array {
  if (body.length === cplcLength) return body;
  const [object, ...others] = parseDataObjects(body);
  if (object?.tag !== Tag.cplc || others.length > 0 || object.value.length !== cplcLength) {
    throw new EvidenceError(`CPLC: ${cplcLength} bytes in an object 9F7F expected`);
  }
  return object.value;
}

function isPlatformCommand(command: Uint8Array): boolean {
  const selects = equal(command, selectCardManager) || equal(command, selectByName);
  return selects || askedTag(command) !== undefined;
}

/** The tag that a GET DATA of ours asks for. */
function askedTag(command: Uint8Array): number | undefined {
  const parsed = attempt(() => parseCommand(command));
  if (typeof parsed === 'string' || parsed.cla !== 0x80 || parsed.ins !== 0xca) return undefined;
  const tag = (parsed.p1 << 8) | parsed.p2;
  return Object.values(Tag).find((known) => known === tag);
}
