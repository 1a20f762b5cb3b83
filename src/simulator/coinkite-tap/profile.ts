/** What a simulated Coinkite tap card is: product, firmware, state, and at most one fault. */

/** The AID, 0xF0 then "CoinkiteCARDv1" (coinkite/coinkite-tap-proto docs/protocol.md). */
export const aidHex = 'f0436f696e6b697465434152447631';

/**
 * Answer to reset with the historical bytes "Coinkite" (coinkite/coinkite-tap-proto
 * cktap/constants.py). TCK, the last byte, makes all but the first XOR to 0.
 */
export const atrHex = '3b888001436f696e6b69746531';

/** Key slots of a SATSCARD. */
export const slotCount = 10;

/** How a card departs from a genuine one. */
export type TapFault =
  /** The chain holds the batch signature only. */
  | { readonly kind: 'cut-chain' }
  /** Shows one key and signs with another. */
  | { readonly kind: 'wrong-key' }
  /** Has no key; plays back one recorded answer to `check` and one recorded URL. */
  | { readonly kind: 'replayed' }
  /** Acts as this firmware, whatever `ver` says. */
  | { readonly kind: 'behaves-as'; readonly ver: string }
  /** Leaves the field when it receives `check`. */
  | { readonly kind: 'removed' }
  /** Never answers `check`. */
  | { readonly kind: 'mute' }
  /** Answers `check` with an error, the first `times` times after each power-up. */
  | {
      readonly kind: 'refuses';
      readonly code: number;
      readonly text: string;
      readonly times: number;
    }
  /** After SELECT, random bytes and 9000. */
  | { readonly kind: 'garbage' }
  /** After SELECT, always announces more data. */
  | { readonly kind: 'endless' }
  /** A certificate chain of hundreds of signatures, about 60 kB. */
  | { readonly kind: 'oversized' };

interface CommonProfile {
  /** Firmware version as the card reports it, "major.minor.patch". */
  readonly ver: string;
  /** Height of the newest Bitcoin block when the card was made; greater than 700000. */
  readonly birth: number;
  /** Who signed the card's key. Left out: the demo maker. */
  readonly issuer?: 'demo' | 'foreign';
  /** The card noticed an inconsistent state. */
  readonly tampered?: boolean;
  readonly fault?: TapFault;
}

export interface SatscardProfile extends CommonProfile {
  readonly product: 'satscard';
  /** 0..10; every slot below is unsealed, 10 means that the card is used up. */
  readonly activeSlot: number;
  /** The active slot holds a key. Must be false when activeSlot is 10. */
  readonly sealed: boolean;
}

export interface SignerProfile extends CommonProfile {
  readonly product: 'tapsigner' | 'satschip';
  /** BIP-32 path of uint32 with the top bit set; left out until a key was picked. */
  readonly path?: readonly number[];
  /** 0..127, TAPSIGNER only; left out: 0. */
  readonly numBackups?: number;
}

export type TapProfile = SatscardProfile | SignerProfile;

/** True when firmware `ver` is `minimum` or later; both "major.minor.patch". */
export function isAtLeast(ver: string, minimum: string): boolean {
  const wanted = minimum.split('.').map(Number);
  for (const [i, part] of ver.split('.').map(Number).entries()) {
    const other = wanted[i] ?? 0;
    if (part !== other) return part > other;
  }
  return true;
}

/** The firmware that decides how the card acts; not always the one that it reports. */
export function actualFirmware(profile: TapProfile): string {
  return profile.fault?.kind === 'behaves-as' ? profile.fault.ver : profile.ver;
}
