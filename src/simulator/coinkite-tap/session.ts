/** What the commands of a simulated card work on. */
import type { Random } from '../simulation.ts';
import { makeKeys, type TapKeys } from './keys.ts';
import { nfcUrl } from './nfc-url.ts';
import type { TapProfile } from './profile.ts';
import { challengeMessage, sign } from './signatures.ts';

/** Answers overheard from a genuine card, played back by one that has no key. */
export interface Recording {
  /** Announced in `status`, because the recorded signature covers it. */
  readonly cardNonce: Uint8Array;
  /** Answer to `check` with an app nonce of long ago. */
  readonly authSig: Uint8Array;
  readonly url: string;
}

export class TapSession {
  readonly profile: TapProfile;
  readonly keys: TapKeys;
  readonly random: Random;
  readonly recording: Recording | undefined;
  #cardNonce: Uint8Array;

  constructor(profile: TapProfile, random: Random, unit?: string) {
    this.profile = profile;
    this.random = random;
    this.keys = makeKeys(profile, random, unit);
    this.recording =
      profile.fault?.kind === 'replayed' ? record(profile, this.keys, random) : undefined;
    this.#cardNonce = this.recording?.cardNonce ?? random(16);
  }

  /** 16 bytes; covered by the next signature. */
  get cardNonce(): Uint8Array {
    return this.#cardNonce;
  }

  /** Picks the nonce for the next command and returns it. */
  renewNonce(): Uint8Array {
    this.#cardNonce = this.random(16);
    return this.#cardNonce;
  }

  /** Power-up: the nonce lives in volatile memory. */
  reset(): void {
    this.#cardNonce = this.recording?.cardNonce ?? this.random(16);
  }
}

function record(profile: TapProfile, keys: TapKeys, random: Random): Recording {
  const cardNonce = random(16);
  const olderAppNonce = random(16);
  return {
    cardNonce,
    authSig: sign(challengeMessage(cardNonce, olderAppNonce), keys.signingKey),
    url: nfcUrl(profile, keys, random),
  };
}
