/**
 * The signed URL that a phone sees when it taps the card
 * (coinkite/coinkite-tap-proto docs/nfc-spec.md).
 *
 *   SATSCARD   u=S|U|E & o=slot & r=last 8 of the address & n=8 bytes hex & s=64 bytes hex
 *   TAPSIGNER  t=1 & u=S|U|E & c=first 8 bytes of SHA-256(card key) & n=... & s=...
 *
 * Signed: the text after "#" up to and including "s=". Signer: the slot's key on a SATSCARD, the
 * card's key elsewhere.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import type { Random } from '../simulation.ts';
import type { TapKeys } from './keys.ts';
import type { SatscardProfile, SignerProfile, TapProfile } from './profile.ts';
import { sign } from './signatures.ts';

const hosts = {
  satscard: 'https://getsatscard.com/start#',
  tapsigner: 'https://tapsigner.com/start#',
  satschip: 'https://satschip.com/start#',
} as const;

/** The URL with a new nonce of the card's own choice. */
export function nfcUrl(profile: TapProfile, keys: TapKeys, random: Random): string {
  const host = hosts[profile.product];
  const fields =
    profile.product === 'satscard' ? slotFields(profile, keys) : cardFields(profile, keys);
  // A SATSCARD that never held a key has nothing to sign with and shows its bare prefix.
  if (fields === undefined) return host;
  const text = `${fields.text}&n=${toHex(random(8))}&s=`;
  return `${host}${text}${toHex(sign(utf8(text), fields.key))}`;
}

interface UrlFields {
  readonly text: string;
  readonly key: Uint8Array;
}

/** An unused active slot gives way to the one before it, which is unsealed. */
function slotFields(profile: SatscardProfile, keys: TapKeys): UrlFields | undefined {
  const number = profile.tampered ? 0 : keys.slots.length - 1;
  const slot = keys.slots[number];
  if (slot === undefined) return undefined;
  const state = profile.tampered ? 'E' : profile.sealed ? 'S' : 'U';
  return {
    text: `u=${state}&o=${number}&r=${slot.address.slice(-8)}`,
    key: slot.payment.privateKey,
  };
}

function cardFields(profile: SignerProfile, keys: TapKeys): UrlFields {
  const state = profile.tampered ? 'E' : profile.path ? 'S' : 'U';
  const ident = toHex(sha256(keys.shownPublicKey).subarray(0, 8));
  return { text: `t=1&u=${state}&c=${ident}`, key: keys.signingKey };
}
