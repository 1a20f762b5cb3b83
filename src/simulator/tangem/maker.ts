/**
 * The stand-in for the maker's server (tangem-sdk-ios TangemEndpoint.swift, tangem-sdk-android
 * TangemTechApi.kt).
 *
 *   GET /card   headers card_id, card_public_key (hexadecimal)
 *   200         {"manufacturer_signature": hex, "issuer_signature": hex}   64 bytes each
 *   404         a card that it does not know
 *
 * The issuer signs the card's key as the card returns it, the manufacturer the compressed key of
 * the issuer. Both signatures of a card are the same for ever.
 */
import { equal } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { demoSeed, keyPairFrom, tangemDemo } from '../demo-keys.ts';
import type { MakerReply } from '../simulation.ts';
import { encoderFor, type TangemKeys } from './keys.ts';
import type { TangemProfile } from './profile.ts';
import { signWithS } from './signatures.ts';

/** Answers a question about one card. */
export function answerMaker(
  headers: Readonly<Record<string, string | undefined>>,
  profile: TangemProfile,
  keys: TangemKeys,
): MakerReply {
  switch (profile.maker ?? 'knows') {
    case 'knows':
      return asksAbout(headers, keys) ? signatures(profile, keys, keys.shownKey) : reply(404);
    case 'unknown':
      return reply(404);
    case 'unavailable':
      return reply(503);
    case 'refuses':
      return reply(403);
    case 'empty':
      return reply(200);
    case 'malformed':
      return signatures(profile, keys, keys.shownKey, 63);
    case 'mixed-up':
      return signatures(profile, keys, keyOfAnotherCard(profile));
    case 'mute':
      return { kind: 'silence' };
  }
}

function reply(status: number, body = ''): MakerReply {
  return { kind: 'reply', status, body };
}

function asksAbout(
  headers: Readonly<Record<string, string | undefined>>,
  { cardId, shownKey }: TangemKeys,
): boolean {
  const id = bytesIn(headers['card_id']);
  const key = bytesIn(headers['card_public_key']);
  return id !== undefined && key !== undefined && equal(id, cardId) && isSameKey(key, shownKey);
}

function bytesIn(text: string | undefined): Uint8Array | undefined {
  try {
    return text === undefined ? undefined : fromHex(text);
  } catch {
    // Not hexadecimal: no card has such a name.
    return undefined;
  }
}

/** Whatever the encoding: 02 or 03 with x, 04 with x and y. The last bit of y is the parity. */
function isSameKey(key: Uint8Array, shown: Uint8Array): boolean {
  return key.length === shown.length
    ? equal(key, shown)
    : (key.length === 33 || key.length === 65) && equal(compressed(key), compressed(shown));
}

function compressed(key: Uint8Array): Uint8Array {
  if (key.length === 33) return key;
  const short = key.slice(0, 33);
  // Another first byte than 04 stays what it is and matches nothing.
  if (key[0] === 0x04) short[0] = 0x02 + ((key[64] ?? 0) & 1);
  return short;
}

function signatures(
  profile: TangemProfile,
  { makersS }: TangemKeys,
  signedKey: Uint8Array,
  manufacturerBytes = 64,
): MakerReply {
  const { manufacturer, issuer, foreignManufacturer, foreignIssuer } = tangemDemo;
  const [top, middle] =
    profile.issuer === 'foreign' ? [foreignManufacturer, foreignIssuer] : [manufacturer, issuer];
  const byManufacturer = signWithS(middle.publicKey, top.privateKey, makersS);
  const byIssuer = signWithS(signedKey, middle.privateKey, makersS);
  return reply(
    200,
    JSON.stringify({
      manufacturer_signature: hexOf(byManufacturer.subarray(0, manufacturerBytes)),
      issuer_signature: hexOf(byIssuer),
    }),
  );
}

function keyOfAnotherCard(profile: TangemProfile): Uint8Array {
  return encoderFor(profile)(keyPairFrom(demoSeed('tangem', 'card/another')).publicKey);
}

function hexOf(bytes: Uint8Array): string {
  return toHex(bytes).toUpperCase();
}
