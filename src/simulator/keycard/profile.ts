/** What a simulated Keycard is: applet release, state, and at most one fault. */

/** First instance of each applet (keycard-tech/status-keycard @a61616a, build.gradle). */
export const aidHex = {
  keycard: 'a00000080400010101',
  cash: 'a00000080400010301',
  ident: 'a00000080400010401',
} as const;

/** No historical bytes. The ones of sold cards are not published. */
export const atrHex = '3b80800101';

/** One release of the applet package (keycard-tech/status-keycard, tags 3.0 to 3.2 and @a61616a). */
export interface AppletRelease {
  /** Major in the high byte, minor in the low one; there is no patch level. */
  readonly version: number;
  /** Pairings that it can hold; 0 where there is no pairing. */
  readonly slots: number;
  /** Bits: 01 secure channel, 02 keys, 04 credentials, 08 NDEF, 10 factory reset. */
  readonly capabilities: number;
  /** How a card shows that it holds the key of its certificate. */
  readonly proof: 'none' | 'identify' | 'handshake';
}

export const applet30: AppletRelease = {
  version: 0x0300,
  slots: 5,
  capabilities: 0x0f,
  proof: 'none',
};

export const applet310: AppletRelease = {
  version: 0x0301,
  slots: 5,
  capabilities: 0x1f,
  proof: 'identify',
};

/** 3.1.1 as well; both report 3.1. */
export const applet312: AppletRelease = { ...applet310, slots: 100 };

export const applet32: AppletRelease = { ...applet310, version: 0x0302, slots: 10 };

export const applet40: AppletRelease = {
  version: 0x0400,
  slots: 0,
  capabilities: 0x1f,
  proof: 'handshake',
};

/** How a card departs from a genuine one. "Proof" is IDENTIFY, or the 4.0 handshake. */
export type KeycardFault =
  /** Shows the certificate of one key and signs with another. */
  | { readonly kind: 'wrong-key' }
  /** One bit of the CA's signature is wrong. */
  | { readonly kind: 'bad-certificate' }
  /** Has no key; plays back one recorded answer to IDENTIFY. */
  | { readonly kind: 'replayed' }
  /** Does not know IDENTIFY, whatever version it reports. */
  | { readonly kind: 'no-identify' }
  /** A 4.0 front; behind it a used 3.2 card signs the handshake, taking it for a challenge. */
  | { readonly kind: 'posing' }
  /** The identification applet shows the certificate of another card. */
  | { readonly kind: 'two-certificates' }
  /** Answers a proof with this status word. */
  | { readonly kind: 'refuses'; readonly sw: number }
  /** Leaves the field when asked for a proof. */
  | { readonly kind: 'removed' }
  /** Never answers when asked for a proof. */
  | { readonly kind: 'mute' }
  /** After SELECT, random bytes and 9000. */
  | { readonly kind: 'garbage' }
  /** After SELECT, always announces more data. */
  | { readonly kind: 'endless' }
  /** A proof with hundreds of certificates, about 60 kB. */
  | { readonly kind: 'oversized' };

export interface KeycardProfile {
  readonly applet: AppletRelease;
  /** `blank`: never initialised, or reset. `set-up`: PIN and PUK, no key. `loaded`: with a key. */
  readonly state: 'blank' | 'set-up' | 'loaded';
  /** Pairing slots in use, 0..slots; left out: 0. */
  readonly pairings?: number;
  /** Who certified the card; `none`: no certificate was loaded. Left out: the demo maker. */
  readonly issuer?: 'demo' | 'foreign' | 'test-suite' | 'none';
  /** The cash applet is optional. Left out: true. */
  readonly hasCash?: boolean;
  readonly fault?: KeycardFault;
}
