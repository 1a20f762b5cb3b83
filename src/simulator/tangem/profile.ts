/** What a simulated Tangem card is: product line, state, and at most one fault. */

/** tangem-sdk-android common/apdu/Apdu.kt. */
export const aidHex = 'a000000812010208';

/**
 * No historical bytes. The ones of real cards are not published; software for these cards goes by
 * the application's name instead.
 */
export const atrHex = '3b80800101';

/** The access code of a card whose owner has set none. */
export const defaultAccessCode = '000000';

/** Wallet states (tangem-sdk-ios Card.Wallet.Status). */
export const WalletStatus = {
  empty: 0x01,
  loaded: 0x02,
  purged: 0x03,
  imported: 0x42,
  backedUp: 0x82,
} as const;

export const CardStatus = { empty: 0x01, loaded: 0x02, purged: 0x03 } as const;

/** What all cards of one product line share. */
export interface TangemModel {
  /** As the card reports it: "6.33r". Also decides how the card acts. */
  readonly firmware: string;
  /** 2 bytes, hexadecimal. */
  readonly batch: string;
  /** First 4 digits of the card ID. */
  readonly series: string;
  /** Year, month, day. */
  readonly made: readonly [number, number, number];
  readonly issuerName: string;
  /** Tag 0A; the bits that allow plain and fast sessions follow from the profile. */
  readonly settings: number;
  /** Bytes of tag 0A. */
  readonly settingsSize: 2 | 4;
  /** Wallet slots; 1 before COS 4. */
  readonly slots: number;
  /** Wallet records in one answer. */
  readonly pageSize: number;
  /** Tag 86. */
  readonly signsCardId: boolean;
}

export interface WalletState {
  /** One of WalletStatus. */
  readonly status: number;
  /** How many hashes it has signed. */
  readonly signed?: number;
}

/** Place of a card in the set it was sold with. All cards of a set come from one seed. */
export type SetRole = 'primary' | 'backup-1' | 'backup-2';

export interface Backup {
  /** Tag D0: 1 linked, 2 active. */
  readonly status: 1 | 2;
  /** Tag D1: the other cards of the set. */
  readonly count: 1 | 2;
}

/** How the stand-in for the maker's server behaves. */
export type MakerMood =
  /** Knows the card, and answers 404 for any other. */
  | 'knows'
  /** Has never heard of the card: 404. */
  | 'unknown'
  | 'unavailable'
  | 'refuses'
  | 'empty'
  /** One signature is a byte short. */
  | 'malformed'
  /** The signatures of another card. */
  | 'mixed-up'
  | 'mute';

/** How a card departs from a genuine one. */
export type TangemFault =
  /** Shows one key and signs with another. */
  | { readonly kind: 'lying-key' }
  /** Has no key; plays back one recorded attestation. */
  | { readonly kind: 'replayed' }
  /** Reports no backup; an attestation carries the linked keys inside its salt. */
  | { readonly kind: 'hidden-backup' }
  /** Reports a backup, but never names the linked cards. */
  | { readonly kind: 'hidden-links' }
  /** Answers attestations with this status word. */
  | { readonly kind: 'refuses'; readonly sw: number }
  /** Asks for patience this many times before the same attestation is answered. */
  | { readonly kind: 'pause'; readonly times: number }
  /** Leaves the field when it receives an attestation. */
  | { readonly kind: 'removed' }
  /** Never answers an attestation. */
  | { readonly kind: 'mute' }
  /** Answers READ with random bytes. */
  | { readonly kind: 'garbage' }
  /** Answers READ with 60,000 bytes of unknown tags. */
  | { readonly kind: 'oversized' };

export interface TangemProfile {
  readonly model: TangemModel;
  /** Left out: the primary card, which is also the only one of a card without a set. */
  readonly role?: SetRole;
  /** Card ID, batch, date, ID signature and issuer key. Left out: the card's own. */
  readonly identity?: 'own' | 'copied' | 'published';
  /** Who signed the card's key, and its ID. Left out: the demo maker. */
  readonly issuer?: 'demo' | 'foreign';
  /** Slots from 0 up; slots beyond the list are empty. */
  readonly wallets?: readonly WalletState[];
  /** Tag 02. Left out: loaded when a wallet holds a key, empty otherwise. */
  readonly status?: number;
  readonly backup?: Backup;
  /** Set by an owner. Left out: the default code. */
  readonly accessCode?: string;
  /** The weakest session that the card accepts. Left out: none is needed. Before COS 8 only. */
  readonly demands?: SessionMode;
  /** Gives its UID in the answer to OPEN SESSION. */
  readonly showsUid?: boolean;
  /** Tag 0F; left out: 0. */
  readonly health?: number;
  readonly maker?: MakerMood;
  readonly fault?: TangemFault;
}

export type SessionMode = 'fast' | 'strong';

/** True when firmware "major.minor..." is `minimum` or later. The suffix does not count. */
export function isAtLeast(firmware: string, minimum: string): boolean {
  const [major, minor] = numbersOf(firmware);
  const [wantedMajor, wantedMinor] = numbersOf(minimum);
  return major === wantedMajor ? minor >= wantedMinor : major > wantedMajor;
}

function numbersOf(firmware: string): [number, number] {
  const match = /^(\d+)\.(\d+)/.exec(firmware);
  return [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
}

/** COS 8 brought the AES-CCM channel and dropped card ID and code from most commands. */
export function isV8(profile: TangemProfile): boolean {
  return isAtLeast(profile.model.firmware, '8.0');
}

/** True when the slot holds a key, now or in a backup. */
export function holdsKey({ status }: WalletState): boolean {
  return status !== WalletStatus.empty && status !== WalletStatus.purged;
}

/** The slot as the card knows it. */
export function walletAt(profile: TangemProfile, slot: number): WalletState {
  return profile.wallets?.[slot] ?? { status: WalletStatus.empty };
}

/** What tag 02 of the card says. */
export function cardStatus(profile: TangemProfile): number {
  const loaded = profile.wallets?.some(holdsKey) ?? false;
  return profile.status ?? (loaded ? CardStatus.loaded : CardStatus.empty);
}
