/**
 * A virtual Keycard: four applications, of which one is selected (keycard-tech/status-keycard).
 *
 *   SELECT   00 A4 04 00 [00]          the card manager, which is also selected at power-up
 *   SELECT   00 A4 04 00 09 AID [00]   6A82 for any other name, which leaves the selection
 *   command  xx INS P1 P2 [Lc data]    the applets do not look at CLA
 *
 *   application     answers                                             and otherwise
 *   card manager    GET DATA                                            6D00
 *   Keycard to 3.2  IDENTIFY (from 3.1); GET STATUS 6985 (blank: 6D00)  6985 or 6D00
 *   Keycard 4.0     OPEN SECURE CHANNEL                                 6985 or 6982
 *   cash            IDENTIFY (3.1 to 3.2)                               6D00
 *   identification  -                                                   6D00, STORE DATA 6985
 *
 * A genuine card would obey INIT on a blank card, FACTORY RESET on any other, PAIR, VERIFY PIN and
 * so on. This one refuses and counts whatever is not known to be harmless.
 */
import { equal } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { VirtualReply } from '../../reader/virtual.ts';
import { answerCardManager, type ChipData, chipData, selectsCardManager } from '../card-manager.ts';
import type { Random, SimulatedCard } from '../simulation.ts';
import { type Answer, bare, dataOf, Ins, Status, toBytes } from './apdu.ts';
import { type KeycardKeys, makeKeys } from './keys.ts';
import { aidHex, atrHex, type KeycardProfile } from './profile.ts';
import { identify, identifyAtLength, openChannel, signByIdentify } from './proof.ts';
import { answerCash, answerIdent, answerKeycard } from './select.ts';
import { signDigest } from './signatures.ts';

type Application = 'manager' | 'keycard' | 'cash' | 'ident';

/** STORE DATA of the factory, once in a card's life. */
const insStoreData = 0xe2;
/** A command inside the channel of 4.0; what it is does not show. */
const insSecured = 0x18;

/** These read, and change nothing. OPEN SECURE CHANNEL is one of them from 4.0 on. */
const harmless = new Set<number>([
  Ins.select,
  Ins.readBinary,
  Ins.getData,
  Ins.getChallenge,
  Ins.identify,
  Ins.getStatus,
]);

export class KeycardCard implements SimulatedCard {
  readonly atr = fromHex(atrHex);
  readonly #profile: KeycardProfile;
  readonly #keys: KeycardKeys;
  readonly #chip: ChipData;
  readonly #random: Random;
  /** The one answer to IDENTIFY of a card without a key. */
  readonly #recording: Answer | undefined;
  #selected: Application = 'manager';
  #gone = false;
  #forbidden = 0;

  /**
   * @param unit name of one physical card; left out, its keys come from `random`
   * @throws RangeError when the profile has more pairings than slots
   */
  constructor(profile: KeycardProfile, random: Random, unit?: string) {
    requirePossiblePairings(profile);
    this.#profile = profile;
    this.#random = random;
    this.#keys = makeKeys(profile, random, unit);
    this.#chip = chipData('keycard', unit ?? toHex(random(8)));
    this.#recording =
      profile.fault?.kind === 'replayed' ? identify(random(32), this.#keys) : undefined;
  }

  get forbiddenCommands(): number {
    return this.#forbidden;
  }

  reset(): void {
    this.#selected = 'manager';
    this.#gone = false;
  }

  respond(command: Uint8Array): VirtualReply {
    if (this.#gone) return { kind: 'removed' };
    const [cla = 0, ins = 0, p1 = 0] = command;
    if (command.length < 4) return reply(bare(Status.wrongLength));
    // Class FF is a reader's own and reaches no card.
    if (cla === 0xff) return reply(bare(Status.unknownInstruction));
    if (cla === 0x00 && ins === Ins.select && p1 === 0x04) return reply(this.#select(command));
    const isForbidden = this.#isForbidden(ins, command.length > 5);
    if (isForbidden) this.#forbidden += 1;
    if (this.#selected === 'manager') {
      return { kind: 'answer', bytes: answerCardManager(this.#chip, command) };
    }
    return this.#babble() ?? this.#answer(this.#selected, command, isForbidden);
  }

  #isForbidden(ins: number, hasData: boolean): boolean {
    if (ins === Ins.openSecureChannel) return this.#profile.applet.proof !== 'handshake';
    if (ins === Ins.getResponseOrSign) return hasData;
    return !harmless.has(ins);
  }

  #select(command: Uint8Array): Answer {
    if (selectsCardManager(command)) {
      this.#selected = 'manager';
      return bare(Status.ok);
    }
    const name = dataOf(command);
    if (name === undefined) return bare(Status.wrongLength);
    const found = this.#installed().find((each) => equal(name, fromHex(aidHex[each])));
    if (found === undefined) return bare(Status.notFound);
    this.#selected = found;
    switch (found) {
      case 'keycard':
        return answerKeycard(this.#profile, this.#keys);
      case 'cash':
        return answerCash(this.#profile, this.#keys);
      case 'ident':
        return answerIdent(this.#keys);
    }
  }

  /** The identification applet came with the identity, in 3.1. */
  #installed(): readonly Exclude<Application, 'manager'>[] {
    const { applet, hasCash = true } = this.#profile;
    return [
      'keycard',
      ...(hasCash ? (['cash'] as const) : []),
      ...(applet.proof === 'none' ? [] : (['ident'] as const)),
    ];
  }

  #babble(): VirtualReply | undefined {
    switch (this.#profile.fault?.kind) {
      case 'garbage':
        return reply({ sw: Status.ok, data: this.#random(48) });
      case 'endless':
        return reply({ sw: 0x6100, data: this.#random(256) });
    }
    return undefined;
  }

  #answer(
    application: Exclude<Application, 'manager'>,
    command: Uint8Array,
    isForbidden: boolean,
  ): VirtualReply {
    const data = dataOf(command);
    if (data === undefined) return reply(bare(Status.wrongLength));
    const [, ins = 0] = command;
    switch (application) {
      case 'keycard':
        return this.#profile.applet.proof === 'handshake'
          ? this.#answerV4(command, data)
          : this.#answerV3(ins, data, isForbidden);
      case 'cash':
        return ins === Ins.identify ? this.#identify(data) : reply(bare(Status.unknownInstruction));
      case 'ident':
        return reply(
          bare(ins === insStoreData ? Status.conditionsNotMet : Status.unknownInstruction),
        );
    }
  }

  #answerV3(ins: number, data: Uint8Array, isForbidden: boolean): VirtualReply {
    if (ins === Ins.identify) return this.#identify(data);
    const needsChannel =
      this.#profile.state === 'blank' ? ins === Ins.init : isForbidden || ins === Ins.getStatus;
    return reply(bare(needsChannel ? Status.conditionsNotMet : Status.unknownInstruction));
  }

  #identify(data: Uint8Array): VirtualReply {
    const { applet, fault } = this.#profile;
    if (applet.proof !== 'identify' || fault?.kind === 'no-identify') {
      return reply(bare(Status.unknownInstruction));
    }
    return this.#disturb() ?? reply(this.#recording ?? identify(data, this.#keys));
  }

  #answerV4(command: Uint8Array, data: Uint8Array): VirtualReply {
    const [, ins = 0, p1 = 0, p2 = 0] = command;
    if (this.#keys.certificate === undefined) return reply(bare(Status.conditionsNotMet));
    if (ins === insSecured) return reply(bare(Status.channelNeeded));
    if (ins !== Ins.openSecureChannel) return reply(bare(Status.conditionsNotMet));
    const sign = (digest: Uint8Array) =>
      this.#profile.fault?.kind === 'posing'
        ? signByIdentify(digest, this.#keys)
        : signDigest(digest, this.#keys.signingKey);
    return this.#disturb() ?? reply(openChannel((p1 << 8) | p2, data, this.#random, sign));
  }

  #disturb(): VirtualReply | undefined {
    const { fault } = this.#profile;
    switch (fault?.kind) {
      case 'removed':
        this.#gone = true;
        return { kind: 'removed' };
      case 'mute':
        return { kind: 'silence' };
      case 'refuses':
        return reply(bare(fault.sw));
      case 'oversized':
        return reply(identifyAtLength(this.#keys));
    }
    return undefined;
  }
}

function requirePossiblePairings({ applet, pairings = 0 }: KeycardProfile): void {
  if (!Number.isInteger(pairings) || pairings < 0 || pairings > applet.slots) {
    throw new RangeError(`pairings: ${pairings}, allowed 0 to ${applet.slots}`);
  }
}

function reply(answer: Answer): VirtualReply {
  return { kind: 'answer', bytes: toBytes(answer) };
}
