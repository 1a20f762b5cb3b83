/**
 * The commands by which a card proves itself (Toporin/SatochipApplet CardEdge.java @8cbaa1d; the
 * other two applets have the same).
 *
 *   98        public key (65)
 *   93 P2=1   size of the certificate (2), 0 when there is none
 *   93 P2=2   offset (2), size (2): that part of it
 *   9A        host's challenge (32): card's challenge (32), length (2), signature
 *   AD        0020 X of the authentikey (32), length (2), signature by it over what stands before
 */
import { concat } from '../../bytes/bytes.ts';
import type { Random } from '../simulation.ts';
import { type Answer, bare, type Command, Ins, type Outcome, ok, Status } from './apdu.ts';
import type { AppletKeys } from './keys.ts';
import type { SatochipFault } from './profile.ts';
import { challengeMessage, sign, sized } from './signatures.ts';

const challengeBytes = 32;

export class Pki {
  readonly #keys: AppletKeys;
  readonly #fault: SatochipFault | undefined;
  readonly #random: Random;
  /** The answer that a card without a key plays back. */
  readonly #recording: Answer | undefined;

  constructor(keys: AppletKeys, fault: SatochipFault | undefined, random: Random) {
    this.#keys = keys;
    this.#fault = fault;
    this.#random = random;
    this.#recording =
      fault?.kind === 'replayed'
        ? this.#prove(random(challengeBytes), keys.certifiedKey)
        : undefined;
  }

  /** Answers one of the commands above; undefined for any other. */
  answer({ ins, p2, data }: Command): Outcome | undefined {
    switch (ins) {
      case Ins.exportKey:
        return ok(this.#keys.exportedKey);
      case Ins.exportCertificate:
        return this.#exportCertificate(p2, data);
      case Ins.challenge:
        return this.#disturb() ?? this.#answerChallenge(data);
      case Ins.authentikey:
        return ok(this.#showAuthentikey());
    }
    return undefined;
  }

  #exportCertificate(p2: number, data: Uint8Array): Answer {
    const { certificate } = this.#keys;
    if (p2 === 1) return ok(Uint8Array.of(certificate.length >> 8, certificate.length & 0xff));
    if (p2 !== 2) return bare(Status.wrongP2);
    const [high = 0, low = 0, sizeHigh = 0, sizeLow = 0] = data;
    const offset = (high << 8) | low;
    const end = offset + ((sizeHigh << 8) | sizeLow);
    const isInside = data.length >= 4 && offset < certificate.length && end <= certificate.length;
    return isInside ? ok(certificate.subarray(offset, end)) : bare(Status.wrongLength);
  }

  #answerChallenge(data: Uint8Array): Answer {
    if (data.length < challengeBytes) return bare(Status.wrongLength);
    const challenge = data.subarray(0, challengeBytes);
    return this.#recording ?? this.#prove(challenge, this.#keys.signingKey);
  }

  #prove(hostChallenge: Uint8Array, privateKey: Uint8Array): Answer {
    const cardChallenge = this.#random(challengeBytes);
    const signature = sign(challengeMessage(cardChallenge, hostChallenge), privateKey);
    return ok(concat(cardChallenge, sized(signature)));
  }

  #showAuthentikey(): Uint8Array {
    const named = sized(this.#keys.shownKey.subarray(1, 33));
    return concat(named, sized(sign(named, this.#keys.signingKey)));
  }

  #disturb(): Outcome | undefined {
    switch (this.#fault?.kind) {
      case 'removed':
        return { kind: 'removed' };
      case 'mute':
        return { kind: 'silence' };
      case 'refuses':
        return bare(this.#fault.sw);
    }
    return undefined;
  }
}
