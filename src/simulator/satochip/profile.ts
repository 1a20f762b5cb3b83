/** What a simulated Satochip, SeedKeeper or Satodime card is: applets, their state, one fault. */
import { utf8 } from '../../bytes/bytes.ts';

export type Product = 'satochip' | 'seedkeeper' | 'satodime';

/** Application identifiers: the ASCII names (Toporin/pysatochip CardConnector.py @6f3aa4e). */
export const aids: Readonly<Record<Product, Uint8Array>> = {
  satochip: utf8('SatoChip'),
  seedkeeper: utf8('SeedKeeper'),
  satodime: utf8('SatoDime'),
};

/**
 * The answer to reset of an NXP JCOP 4 chip without contacts. Shop cards keep the one of the
 * chip's maker, so it says nothing about the applet.
 */
export const atrHex = '3b8580018073c821100e';

/** The PIN of every card that is set up. */
export const demoPin = '123456';

/** What a user of the maker's software gets: 5 tries (Toporin/pysatochip satochip_cli.py). */
export const pinTries = 5;

/** A release of an applet, with what its source shows it can do. */
export interface Release {
  /** Protocol major, minor; applet major, minor. */
  readonly version: readonly [number, number, number, number];
  /** Bytes of the answer to GET STATUS. */
  readonly statusSize: number;
  /** Takes everything but GET STATUS, 81 and 82 inside the secure channel. */
  readonly hasChannel: boolean;
  /** Has a key of its own from birth, which vouches for the channel. */
  readonly hasOwnKey: boolean;
  /** Knows the label, the PKI and AD: 3D, 92, 93, 94, 98, 99, 9A, AD. */
  readonly hasPki: boolean;
  /** Answers a SELECT that was meant for another applet with 9000. */
  readonly takesStraySelect: boolean;
}

const current = { statusSize: 12, hasChannel: true, hasOwnKey: true, hasPki: true } as const;

/** Satochip 0.12-0.6 (Toporin/SatochipApplet @8cbaa1d). */
export const satochip012: Release = {
  ...current,
  version: [0, 12, 0, 6],
  takesStraySelect: false,
};

/** Satochip 0.11-0.1: a channel, but no key before there is a seed (same repository, @e099c75). */
export const satochip011: Release = {
  ...current,
  version: [0, 11, 0, 1],
  hasOwnKey: false,
  hasPki: false,
  takesStraySelect: true,
};

/** Satochip 0.10-0.4: everything in clear (same repository, @07c0038). */
export const satochip010: Release = {
  version: [0, 10, 0, 4],
  statusSize: 10,
  hasChannel: false,
  hasOwnKey: false,
  hasPki: false,
  takesStraySelect: true,
};

/** SeedKeeper 0.2-0.1 (Toporin/Seedkeeper-Applet @2e59f06). */
export const seedkeeper02: Release = {
  ...current,
  version: [0, 2, 0, 1],
  statusSize: 13,
  takesStraySelect: false,
};

/** Satodime 0.1-0.2 (Toporin/Satodime-Applet @81003bd). */
export const satodime01: Release = {
  ...current,
  version: [0, 1, 0, 2],
  takesStraySelect: true,
};

/** States of a Satodime slot. */
export const Slot = { empty: 0, sealed: 1, unsealed: 2 } as const;

/** One applet on a card. */
export interface AppletProfile {
  readonly product: Product;
  readonly release: Release;
  readonly isSetUp: boolean;
  /** Satochip: holds a seed. */
  readonly isSeeded?: boolean;
  /** Anybody may still put another certificate on it. Left out: locked. */
  readonly isPkiOpen?: boolean;
  /** Left out: `pinTries`, all of them. */
  readonly triesLeft?: number;
  /** Satodime: one of Slot for each slot. Left out: three empty ones. */
  readonly slots?: readonly number[];
  /** SeedKeeper: secrets that it holds; left out: 0. */
  readonly secrets?: number;
  /** SeedKeeper: instructions of the entries in its log, oldest first. */
  readonly log?: readonly number[];
  /** UTF-8, at most 64 bytes; left out: none. */
  readonly label?: string;
}

/** Which certificate a card carries. */
export type CertificateKind =
  /** By the demo maker, for this key, this chip and this product. */
  | 'own'
  /** None: the card was never personalised. */
  | 'none'
  /** By an impostor whose authorities go by the names of the demo maker's. */
  | 'foreign'
  /** By the demo maker's authority for SeedKeeper. */
  | 'for-seedkeeper'
  /** For this key, with the name of another chip. */
  | 'other-chip'
  /** Of another card whole; this one has its chip data, but not its key. */
  | 'copied'
  /** Valid in 2021 only. */
  | 'expired'
  /** One that says it may sign certificates itself. */
  | 'authority'
  /** Padded with zeros to 65,535 bytes. */
  | 'oversized';

/** How a card departs from a genuine one in what it does. */
export type SatochipFault =
  /** Command 98 gives a key that is not the certified one. */
  | { readonly kind: 'foreign-authentikey' }
  /** Another key than the certified one vouches for the channel. */
  | { readonly kind: 'channel-liar' }
  /** Has no key; plays back one recorded answer to command 9A. */
  | { readonly kind: 'replayed' }
  /** Answers command 9A with this status word. */
  | { readonly kind: 'refuses'; readonly sw: number }
  /** Leaves the field when it receives command 9A. */
  | { readonly kind: 'removed' }
  /** Never answers command 9A. */
  | { readonly kind: 'mute' }
  /** After SELECT, random bytes and 9000. */
  | { readonly kind: 'garbage' }
  /** After SELECT, always announces more data. */
  | { readonly kind: 'endless' };

export interface SatochipProfile {
  /** One or more, of different products. */
  readonly applets: readonly AppletProfile[];
  readonly certificate?: CertificateKind;
  /** The card manager has neither CPLC nor IIN nor CIN. */
  readonly hidesChip?: boolean;
  readonly fault?: SatochipFault;
}
