/**
 * The link that a card shows to any phone: https://host/start#key=value&...&s=signature
 *
 *   t  "1" on TAPSIGNER and SATSCHIP      u  S sealed / key picked, U not, E error or tampering
 *   o  SATSCARD: slot shown               r  SATSCARD: last 8 characters of the slot's address
 *   c  others: first 8 bytes of SHA-256(card key), hex
 *   n  8 bytes chosen by the card, hex    s  r and s of the signature, 64 bytes, hex, always last
 *
 * Signed: SHA-256 of the ASCII from after "#" up to and including the "=" of "s=". The signer is
 * the slot's key on a SATSCARD, the card's key on the others. Nothing of ours is in it: whoever has
 * read a link once can show it again, and nothing chains to the maker. It is a hint, not a proof.
 * Source: coinkite-tap-proto docs/nfc-spec.md.
 */
import { utf8 } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/sha256.ts';
import { EvidenceError } from '../../errors/error.ts';
import { recoverSecp256k1, verifySecp256k1 } from '../../trust/signature.ts';
import { tap } from './constants.ts';
import { matchesLinkHash, witnessAddress } from './identity.ts';

export interface TapLink {
  readonly kind: 'satscard' | 'tapsigner';
  readonly state: 'S' | 'U' | 'E';
  /** SATSCARD only. */
  readonly slot?: number | undefined;
  /** SATSCARD: end of the address. Others: start of the key's hash, hex. */
  readonly keyHint: string;
  readonly cardNonce: string;
  readonly signature: Uint8Array;
  /** The signed bytes. */
  readonly message: Uint8Array;
}

/** @throws EvidenceError with the part that is wrong */
export function parseLink(url: string): TapLink {
  // What stands before "#" is the factory's choice, unsigned, and nobody here opens it.
  const match = /^[^#]{1,200}#([\x21-\x7e]{1,200}&s=)([0-9a-fA-F]{128})$/.exec(url);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new EvidenceError('link: "#", fields and a signature "s" at the end expected');
  }
  const fields = parseFields(match[1].slice(0, -'&s='.length));
  const kind = fields.get('t') === '1' ? 'tapsigner' : 'satscard';
  const slot = kind === 'satscard' ? Number(field(fields, 'o', /^\d{1,2}$/)) : undefined;
  if (slot !== undefined && slot > tap.maxSlots)
    throw new EvidenceError('link: field "o" too high');
  return {
    kind,
    state: field(fields, 'u', /^[SUE]$/) as TapLink['state'],
    slot,
    keyHint:
      kind === 'satscard'
        ? field(fields, 'r', /^[a-z0-9]{8}$/)
        : field(fields, 'c', /^[0-9a-fA-F]{16}$/),
    cardNonce: field(fields, 'n', /^[0-9a-fA-F]{16}$/),
    signature: fromHex(match[2]),
    message: utf8(match[1]),
  };
}

function parseFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const pair of text.split('&')) {
    const [name = '', value, ...rest] = pair.split('=');
    if (value === undefined || rest.length > 0) throw new EvidenceError(`link: field "${name}"`);
    if (fields.has(name)) throw new EvidenceError(`link: field "${name}" stands twice`);
    fields.set(name, value);
  }
  return fields;
}

function field(fields: ReadonlyMap<string, string>, name: string, form: RegExp): string {
  const value = fields.get(name);
  if (value === undefined || !form.test(value)) throw new EvidenceError(`link: field "${name}"`);
  return value;
}

/** True when this key is the one that the link's hint names. */
export function linkNames(link: TapLink, publicKey: Uint8Array): boolean {
  return link.kind === 'satscard'
    ? ['bc' as const, 'tb' as const].some((network) =>
        witnessAddress(publicKey, network).endsWith(link.keyHint),
      )
    : matchesLinkHash(publicKey, link.keyHint);
}

/** True when this key signed the link. */
export function linkSignedBy(link: TapLink, publicKey: Uint8Array): boolean {
  return verifySecp256k1(publicKey, link.message, link.signature);
}

/** The key that signed the link and that its hint names; undefined when there is none. */
export function linkSigner(link: TapLink): Uint8Array | undefined {
  const digest = sha256(link.message);
  for (const recovery of [0, 1, 2, 3]) {
    const key = recoverSecp256k1(digest, link.signature, recovery);
    if (key !== undefined && linkNames(link, key)) return key;
  }
  return undefined;
}
