/**
 * When a card wants the access code, tag 10 = SHA-256 of its text (tangem-sdk-ios
 * Operations/Command.swift, Common/APDU/StatusWord.swift). From COS 8 on the code is proven inside
 * the secure channel instead.
 *
 *                 READ                        other commands
 *   COS < 4.34    10 must be right: 6A86      10 must be right: 6A86, from 4.33 on 6AF1
 *   COS < 4.39    10 must be right: 6A86      10 may be left out where the code is the default
 *   COS < 8       answers whatever 10 says    the same; else 6AF1
 *
 * How real cards count wrong codes is not documented. Here a code that is sent and wrong counts, a
 * code that is left out does not.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { equal, utf8 } from '../../bytes/bytes.ts';
import { Status } from './apdu.ts';
import { defaultAccessCode, isAtLeast, type TangemProfile } from './profile.ts';
import { type Fields, Tag } from './tlv.ts';

/** SHA-256 of the text of the code. */
export function hashCode(code: string): Uint8Array {
  return sha256(utf8(code));
}

/** The code of one card, and how often somebody got it wrong. */
export class AccessCode {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  readonly #profile: TangemProfile;
  #wrong = 0;

  constructor(profile: TangemProfile) {
    this.#profile = profile;
    this.hash = hashCode(profile.accessCode ?? defaultAccessCode);
  }

  /** True when the owner has set a code. */
  get isSet(): boolean {
    return this.#profile.accessCode !== undefined;
  }

  get wrongCodes(): number {
    return this.#wrong;
  }

  countWrong(): void {
    this.#wrong += 1;
  }

  /** The status word that refuses READ, or undefined. Before COS 8. */
  refuseRead(fields: Fields): number | undefined {
    if (isAtLeast(this.#profile.model.firmware, '4.39')) return undefined;
    return this.#isRight(fields.get(Tag.accessCode)) ? undefined : Status.invalidParameters;
  }

  /** The status word that refuses any other command, or undefined. Before COS 8. */
  refuseOther(fields: Fields): number | undefined {
    const { firmware } = this.#profile.model;
    const sent = fields.get(Tag.accessCode);
    const mayBeLeftOut = isAtLeast(firmware, '4.34') && !this.isSet;
    if ((sent === undefined && mayBeLeftOut) || this.#isRight(sent)) return undefined;
    return isAtLeast(firmware, '4.33') ? Status.accessCodeWrong : Status.invalidParameters;
  }

  #isRight(sent: Uint8Array | undefined): boolean {
    if (sent === undefined) return false;
    const right = equal(sent, this.hash);
    if (!right) this.countWrong();
    return right;
  }
}
