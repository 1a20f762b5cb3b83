/**
 * The PIN of a card that is set up (Toporin/SatochipApplet CardEdge.java @8cbaa1d, VerifyPIN, and
 * javacard.framework.OwnerPIN).
 *
 *   right   9000, all tries back
 *   wrong   63Cn, n tries left
 *   none    9C0C, nothing compared
 *   4 to 16 bytes, else 9C0F and no try lost
 */
import { equal, utf8 } from '../../bytes/bytes.ts';
import { Status } from './apdu.ts';
import { demoPin, pinTries } from './profile.ts';

const shortest = 4;
const longest = 16;
const code = utf8(demoPin);

export class Pin {
  #triesLeft: number;
  #isVerified = false;

  constructor(triesLeft: number) {
    this.#triesLeft = triesLeft;
  }

  /** What a blocked PIN costs survives everything; unblocking is not simulated. */
  get triesLeft(): number {
    return this.#triesLeft;
  }

  get isVerified(): boolean {
    return this.#isVerified;
  }

  /** The status word for a PIN that was presented. */
  verify(presented: Uint8Array): number {
    if (presented.length < shortest || presented.length > longest) return Status.invalidParameter;
    if (this.#triesLeft === 0) return Status.pinBlocked;
    this.#isVerified = equal(presented, code);
    this.#triesLeft = this.#isVerified ? pinTries : this.#triesLeft - 1;
    return this.#isVerified ? Status.ok : Status.wrongPin + this.#triesLeft;
  }

  /** Forgets that it was verified, as on SELECT or when the power goes. */
  logOut(): void {
    this.#isVerified = false;
  }
}
