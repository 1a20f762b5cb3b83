/**
 * What a transcript must not hold: an access code (tag 10 is an unsalted hash of a few digits, so as
 * good as the code), and the keys of wallets, which show what their owner has.
 *
 * Of an answer to READ only the values that are known to be harmless are kept, so that no tag of a
 * newer card carries a key along. The values of all others are emptied and their tags stay: a reader
 * sees that they were there. The hash over all wallets (tag 42) says no more than whether there is one.
 *
 * No salted hash stands in for a wallet key: whoever has the file could try every key that was ever
 * seen on a chain against it.
 */
import { encodeCommand, parseCommand } from '../../apdu/command.ts';
import { concat, equal } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { Exchanged } from '../../reader/card.ts';
import { attempt } from '../check.ts';
import { defaultCodeHash, Tag } from './constants.ts';
import { encodeElements, parseElements, type TlvElement } from './tlv.ts';

/** Values that are kept: what `prove` reads, and settings that say nothing of the owner's money. */
const harmless: ReadonlySet<number> = new Set<number>([
  Tag.cardId,
  Tag.status,
  Tag.cardPublicKey,
  Tag.curve,
  Tag.maxSignatures,
  0x09, // security delay
  0x0a, // settings mask
  Tag.health,
  0x20, // manufacturer's name
  0x2f, // user settings mask
  Tag.issuerDataPublicKey,
  Tag.needsActivation,
  Tag.passcodeIsDefault,
  Tag.accessCodeIsDefault,
  Tag.remainingSignatures,
  Tag.signedHashes,
  Tag.walletIndex,
  Tag.walletsCount,
  Tag.firmware,
  Tag.backupStatus,
  Tag.backupCount,
]);

/** The same inside of tag 0C. */
const harmlessOfMaking: ReadonlySet<number> = new Set<number>([
  Tag.batch,
  Tag.manufactureDate,
  Tag.issuerName,
  Tag.manufacturerPublicKey,
  Tag.cardIdSignature,
  0x8a, // product mask
]);

const nothing = new Uint8Array();

/** A READ: without the code in its command and without the wallets' keys in its answer. */
export function redactRead({ command, response }: Exchanged): Exchanged {
  const status = response.subarray(-2);
  try {
    const body = rewrite(response.subarray(0, -2), ofCard);
    return { command: withoutCode(command), response: concat(body, status) };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    // What cannot be read cannot be cleared of keys either.
    return { command: withoutCode(command), response: status };
  }
}

/** Any other command of ours: without the code. */
export function redactCode({ command, response }: Exchanged): Exchanged {
  return { command: withoutCode(command), response };
}

function withoutCode(command: Uint8Array): Uint8Array {
  const { data = nothing, ...header } = parseCommand(command);
  const body = rewrite(data, ([tag, value]) =>
    tag === Tag.pin && !equal(value, defaultCodeHash) ? nothing : value,
  );
  return encodeCommand({ ...header, data: body, extended: true });
}

/** Nothing in it is nested deeper: followed into each other, a hostile card's records would never end. */
function ofCard([tag, value]: TlvElement): Uint8Array {
  switch (tag) {
    case Tag.wallet:
      return rewrite(value, only(harmless));
    case Tag.cardData:
      return ofMaking(value);
    case Tag.backupHash:
      return new Uint8Array(value.length).fill(value.some((byte) => byte !== 0) ? 0xff : 0);
    // Time that is left: it stands in the answer of a card that pauses.
    case Tag.pause:
      return value;
    default:
      return only(harmless)([tag, value]);
  }
}

/** What is no TLV stays none, and the rest of the answer is kept: `prove` shall see which part was odd. */
function ofMaking(value: Uint8Array): Uint8Array {
  const kept = attempt(() => rewrite(value, only(harmlessOfMaking)));
  return typeof kept === 'string' ? Uint8Array.of(0) : kept;
}

function only(kept: ReadonlySet<number>): (element: TlvElement) => Uint8Array {
  return ([tag, value]) => (kept.has(tag) ? value : nothing);
}

function rewrite(bytes: Uint8Array, change: (element: TlvElement) => Uint8Array): Uint8Array {
  return encodeElements(parseElements(bytes).map((element) => [element[0], change(element)]));
}
