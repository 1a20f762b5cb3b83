/**
 * What a transcript must not hold: an access code (tag 10 is an unsalted hash of a few digits, so as
 * good as the code), and the keys of wallets, which show what their owner has. Their values are
 * emptied, their tags stay: a reader sees that they were there.
 *
 * No salted hash stands in for a wallet key: whoever has the file could try every key that was ever
 * seen on a chain against it.
 */
import { encodeCommand, parseCommand } from '../../apdu/command.ts';
import { concat, equal } from '../../bytes/bytes.ts';
import { EvidenceError } from '../../errors/error.ts';
import type { Exchanged } from '../../reader/card.ts';
import { defaultCodeHash, Tag } from './constants.ts';
import { encodeElements, parseElements, type TlvElement } from './tlv.ts';

/** Keys, and signatures from which keys could be computed. */
const ofWallets: ReadonlySet<number> = new Set([
  Tag.walletPublicKey,
  Tag.walletSignature,
  Tag.challenge,
  Tag.salt,
  Tag.chainCode,
  Tag.walletProof,
]);

const nothing = new Uint8Array();

/** A READ: without the code in its command and the wallets' keys in its answer. */
export function redactRead({ command, response }: Exchanged): Exchanged {
  const status = response.subarray(-2);
  try {
    const body = rewrite(response.subarray(0, -2), emptyKeys);
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

function emptyKeys([tag, value]: TlvElement): Uint8Array {
  return tag === Tag.wallet ? rewrite(value, emptyRecord) : emptyValue(tag, value);
}

/** No record holds another one. Followed into each other, a hostile card's would never end. */
function emptyRecord([tag, value]: TlvElement): Uint8Array {
  return tag === Tag.wallet ? nothing : emptyValue(tag, value);
}

function emptyValue(tag: number, value: Uint8Array): Uint8Array {
  return ofWallets.has(tag) ? nothing : value;
}

function rewrite(bytes: Uint8Array, change: (element: TlvElement) => Uint8Array): Uint8Array {
  return encodeElements(parseElements(bytes).map((element) => [element[0], change(element)]));
}
