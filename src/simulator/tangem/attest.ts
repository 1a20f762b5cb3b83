/**
 * Answers to ATTEST CARD KEY (tangem-sdk-ios Operations/Attestation/AttestCardKeyCommand.swift).
 *
 *   asked     16 challenge (16 bytes), 23 = 01 for full mode
 *   answered  01 card ID (before COS 8), 17 salt (16), 04 signature, D6 linked key ... (full mode)
 *
 * The full mode needs COS 6.21 and an active backup. Without them its flag has no effect.
 */
import { concat } from '../../bytes/bytes.ts';
import type { Random } from '../simulation.ts';
import { type Answer, bare, Status } from './apdu.ts';
import type { TangemKeys } from './keys.ts';
import { isAtLeast, isV8, type TangemProfile } from './profile.ts';
import { linkedCardsPart, sign } from './signatures.ts';
import { type Fields, field, numberIn, Tag } from './tlv.ts';

/** Of challenge and of salt. */
const nonceBytes = 16;

const fullMode = 0x01;

/** An attestation to an older challenge, as somebody overheard it. */
export interface Recording {
  readonly salt: Uint8Array;
  readonly signature: Uint8Array;
}

export class Attester {
  readonly #profile: TangemProfile;
  readonly #keys: TangemKeys;
  readonly #random: Random;
  readonly #recording: Recording | undefined;

  constructor(profile: TangemProfile, keys: TangemKeys, random: Random) {
    this.#profile = profile;
    this.#keys = keys;
    this.#random = random;
    this.#recording = profile.fault?.kind === 'replayed' ? this.#record() : undefined;
  }

  /** Answers ATTEST CARD KEY with these fields; a challenge of another length is refused. */
  answer(fields: Fields): Answer {
    const challenge = fields.get(Tag.challenge);
    if (challenge?.length !== nonceBytes) return bare(Status.invalidParameters);
    if (this.#recording) return this.#encode(this.#recording, []);
    const salt = this.#random(nonceBytes);
    if (this.#profile.fault?.kind === 'hidden-backup') return this.#hide(challenge, salt);
    const linked = this.#linkedKeysFor(fields);
    const message =
      linked.length === 0
        ? concat(challenge, salt)
        : concat(challenge, salt, linkedCardsPart(linked));
    return this.#encode({ salt, signature: this.#sign(message) }, linked);
  }

  #linkedKeysFor(fields: Fields): readonly Uint8Array[] {
    const { model, backup, fault } = this.#profile;
    const asked = numberIn(fields, Tag.mode) === fullMode;
    const able = isAtLeast(model.firmware, '6.21') && backup?.status === 2;
    return asked && able && fault?.kind !== 'hidden-links' ? this.#keys.linkedKeys : [];
  }

  /**
   * The message is a plain concatenation, so the signature of the full mode also fits a plain
   * answer whose salt swallows the rest. This is the attack, not a real card's way.
   */
  #hide(challenge: Uint8Array, salt: Uint8Array): Answer {
    const longSalt = concat(salt, linkedCardsPart(this.#keys.linkedKeys));
    return this.#encode({ salt: longSalt, signature: this.#sign(concat(challenge, longSalt)) }, []);
  }

  #record(): Recording {
    const salt = this.#random(nonceBytes);
    const olderChallenge = this.#random(nonceBytes);
    return { salt, signature: this.#sign(concat(olderChallenge, salt)) };
  }

  #sign(message: Uint8Array): Uint8Array {
    return sign(message, this.#keys.signingKey);
  }

  #encode({ salt, signature }: Recording, linked: readonly Uint8Array[]): Answer {
    return {
      sw: Status.ok,
      body: concat(
        ...(isV8(this.#profile) ? [] : [field(Tag.cardId, this.#keys.cardId)]),
        field(Tag.salt, salt),
        field(Tag.cardSignature, signature),
        ...linked.map((key) => field(Tag.linkedCardKey, key)),
      ),
    };
  }
}
