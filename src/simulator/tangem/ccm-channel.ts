/**
 * The secure channel of COS 8 (tangem-sdk-ios Common/V8/SecureChannelSession.swift,
 * Operations/SecureChannel/, Crypto/CryptoSwiftUtils.swift).
 *
 *   AUTHORIZE     23 = 10, 01 card ID   answers 1A ephemeral key, 04 signature by the card's key
 *   OPEN SESSION  P2 = 10, 01, 1B key   answers 4A access level
 *   session key   SHA-256(x coordinate of the ECDH point)
 *   body          AES-256-CCM, tag of 8 bytes at the end, P1 = 10
 *     nonce       7E command, CA answer; card ID (8); counter (3, big-endian)
 *     associated  command: CLA INS P1 P2     answer: SW1 SW2
 *   counter       1 after OPEN SESSION, one more for every protected command answered
 *   code          AUTHORIZE 23 = 21 answers 16 challenge;
 *                 23 = 22, 10 = HMAC-SHA256(challenge, "PIN" || (challenge xor SHA-256(code)))
 *
 * Bodies of 9789 and 6982 stay plain, and so do answers without data. The form of the ephemeral
 * key is open; this one is uncompressed, like the key that the maker's software sends.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal, utf8 } from '../../bytes/bytes.ts';
import { type KeyPair, keyPairFrom } from '../demo-keys.ts';
import type { Random } from '../simulation.ts';
import type { AccessCode } from './access-code.ts';
import { type Answer, bare, Ins, Status } from './apdu.ts';
import type { TangemKeys } from './keys.ts';
import { sharedX } from './legacy-channel.ts';
import { sessionMessage, sign } from './signatures.ts';
import { type Fields, field, numberField, numberIn, Tag } from './tlv.ts';

/** P1 of a protected command and P2 of OPEN SESSION. */
export const ccmMode = 0x10;

/** Tag 23 of AUTHORIZE. */
const Mode = { securityDelay: 0x10, codeChallenge: 0x21, codeProof: 0x22 } as const;

/** Tag 4A. */
const Level = { publicChannel: 0x02, user: 0x04 } as const;

const cipher = 'aes-256-ccm';
const tagBytes = 8;
/** As long as the hash of the code, with which it is mixed. */
const codeChallengeBytes = 32;
const commandNonce = 0x7e;
const answerNonce = 0xca;

/** What a card brings into its channel. */
export interface CcmChannelOwner {
  readonly keys: TangemKeys;
  readonly code: AccessCode;
  readonly random: Random;
}

interface Session {
  readonly key: Uint8Array;
  counter: number;
  /** One challenge serves one proof. */
  codeChallenge?: Uint8Array | undefined;
  level: number;
}

export class CcmChannel {
  readonly #owner: CcmChannelOwner;
  #ephemeral: KeyPair | undefined;
  #session: Session | undefined;

  constructor(owner: CcmChannelOwner) {
    this.#owner = owner;
  }

  /** Forgets the channel, as on SELECT or when the power goes. */
  close(): void {
    this.#ephemeral = undefined;
    this.#session = undefined;
  }

  /** Whoever opened the channel may do what a user may. */
  get isUser(): boolean {
    return this.#session?.level === Level.user;
  }

  /** Answers AUTHORIZE. @param isProtected it came through the channel */
  authorize(fields: Fields, isProtected: boolean): Answer {
    switch (numberIn(fields, Tag.mode)) {
      case Mode.securityDelay:
        return isProtected ? bare(Status.invalidState) : this.#offerKey(fields);
      case Mode.codeChallenge:
        return isProtected ? this.#challengeCode() : bare(Status.needsEncryption);
      case Mode.codeProof:
        return isProtected ? this.#checkCode(fields) : bare(Status.needsEncryption);
    }
    // Access tokens and owners of files are beyond this card.
    return bare(Status.invalidParameters);
  }

  /** Answers OPEN SESSION. */
  open(p2: number, fields: Fields): Answer {
    const own = this.#ephemeral;
    this.close();
    const theirs = fields.get(Tag.sessionKeyB);
    if (p2 !== ccmMode || theirs === undefined || !this.#isNamed(fields)) {
      return bare(Status.invalidParameters);
    }
    if (own === undefined) return bare(Status.invalidState);
    const secret = sharedX(own.privateKey, theirs);
    if (secret === undefined) return bare(Status.invalidParameters);
    // A card without a code of its own gives whoever opens the channel the rights of a user.
    const level = this.#owner.code.isSet ? Level.publicChannel : Level.user;
    this.#session = { key: sha256(secret), counter: 1, level };
    return { sw: Status.ok, body: numberField(Tag.accessLevel, level, 1) };
  }

  /**
   * The TLV body of a protected command; `header` is CLA INS P1 P2.
   *
   * @returns a status word when there is no channel or the body is not authentic
   */
  decrypt(header: Uint8Array, body: Uint8Array): Uint8Array | number {
    const session = this.#session;
    if (session === undefined || body.length < tagBytes) return Status.needsEncryption;
    const end = body.length - tagBytes;
    const opener = createDecipheriv(cipher, session.key, this.#nonce(commandNonce, session), {
      authTagLength: tagBytes,
    });
    opener.setAuthTag(body.subarray(end));
    opener.setAAD(header, { plaintextLength: end });
    try {
      return concat(opener.update(body.subarray(0, end)), opener.final());
    } catch {
      // Forged or out of step: the two sides have to start again.
      this.close();
      return Status.needsEncryption;
    }
  }

  /** Protects the answer to a protected command and goes on to the next counter. */
  encrypt(answer: Answer): Answer {
    const session = this.#session;
    if (session === undefined) return answer;
    const sealed = staysPlain(answer) ? answer : this.#seal(answer, session);
    session.counter += 1;
    return sealed;
  }

  #seal({ sw, body }: Answer, session: Session): Answer {
    const sealer = createCipheriv(cipher, session.key, this.#nonce(answerNonce, session), {
      authTagLength: tagBytes,
    });
    sealer.setAAD(Uint8Array.of(sw >> 8, sw & 0xff), { plaintextLength: body.length });
    const text = concat(sealer.update(body), sealer.final());
    return { sw, body: concat(text, sealer.getAuthTag()) };
  }

  #nonce(direction: number, { counter }: Session): Uint8Array {
    return concat(
      Uint8Array.of(direction),
      this.#owner.keys.cardId,
      Uint8Array.of((counter >> 16) & 0xff, (counter >> 8) & 0xff, counter & 0xff),
    );
  }

  #isNamed(fields: Fields): boolean {
    return equal(fields.get(Tag.cardId) ?? new Uint8Array(), this.#owner.keys.cardId);
  }

  #offerKey(fields: Fields): Answer {
    this.close();
    if (!this.#isNamed(fields)) return bare(Status.invalidParameters);
    const { keys, random } = this.#owner;
    this.#ephemeral = keyPairFrom(random(32));
    const shown = secp256k1.getPublicKey(this.#ephemeral.privateKey, false);
    return {
      sw: Status.ok,
      body: concat(
        field(Tag.sessionKeyA, shown),
        field(Tag.cardSignature, sign(sessionMessage(shown), keys.signingKey)),
      ),
    };
  }

  #challengeCode(): Answer {
    const challenge = this.#owner.random(codeChallengeBytes);
    if (this.#session) this.#session.codeChallenge = challenge;
    return { sw: Status.ok, body: field(Tag.challenge, challenge) };
  }

  #checkCode(fields: Fields): Answer {
    const { code } = this.#owner;
    const challenge = this.#session?.codeChallenge;
    const proof = fields.get(Tag.accessCode);
    if (this.#session === undefined || challenge === undefined) return bare(Status.invalidState);
    this.#session.codeChallenge = undefined;
    if (proof === undefined) return bare(Status.invalidParameters);
    if (!equal(proof, codeProof(challenge, code.hash))) {
      code.countWrong();
      return bare(Status.accessCodeWrong);
    }
    this.#session.level = Level.user;
    return { sw: Status.ok, body: numberField(Tag.accessLevel, Level.user, 1) };
  }
}

function codeProof(challenge: Uint8Array, codeHash: Uint8Array): Uint8Array {
  const mixed = challenge.map((byte, i) => byte ^ (codeHash[i] ?? 0));
  return hmac(sha256, challenge, concat(utf8('PIN'), mixed));
}

function staysPlain({ sw, body }: Answer): boolean {
  return body.length === 0 || sw === Status.needsPause || sw === Status.needsEncryption;
}

/** Commands that establish the channel go without it. */
export function establishesChannel(ins: number): boolean {
  return ins === Ins.openSession || ins === Ins.authorize;
}
