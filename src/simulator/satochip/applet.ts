/**
 * One applet: who may ask what, and when. What a command meets, in this order:
 *
 *   class        6E00 unless B0
 *   channel      only 3C, 81 and 82 in clear, else 9C20
 *   setup        Satochip and SeedKeeper before it: 9C04; while the PKI is open 42, 92, 94, 98 and
 *                99 pass; after it, SETUP: 9C07
 *   forbidden    9C03, and counted; counted wherever it is refused
 *   instruction  6D00
 *   PIN          Satochip 3D, 93, 98, 9A, AD; SeedKeeper 3D, 93, 9A, A7: 9C06 without
 *
 * A Satodime has neither gate nor PIN. The channel carries the answer back, but not a status word
 * alone, and not GET STATUS (sources: profile.ts, at the releases).
 */
import { concat, utf8 } from '../../bytes/bytes.ts';
import type { Random } from '../simulation.ts';
import {
  bare,
  type Command,
  cla,
  Ins,
  isAnswered,
  isForbidden,
  type Outcome,
  ok,
  parseCommand,
  Status,
} from './apdu.ts';
import { SecureChannel } from './channel.ts';
import type { AppletKeys } from './keys.ts';
import { Pin } from './pin.ts';
import { Pki } from './pki.ts';
import { type AppletProfile, type Product, pinTries, type SatochipFault } from './profile.ts';
import { cardStatus, SecretLog, slotStatus, slotsStatus } from './status.ts';

/** What releases without a PKI do not know. */
const pkiCommands = new Set<number>([
  ...[Ins.label, Ins.exportCertificate, Ins.exportKey, Ins.challenge, Ins.authentikey],
]);

/** What passes before setup as long as the PKI is open. */
const openCommands = new Set<number>([
  ...[Ins.verifyPin, Ins.importCertificate, Ins.signRequest, Ins.exportKey, Ins.lockPki],
]);

const needsPin: Readonly<Record<Product, ReadonlySet<number>>> = {
  satochip: new Set([
    ...[Ins.label, Ins.exportCertificate, Ins.exportKey, Ins.challenge, Ins.authentikey],
  ]),
  // This applet gives its key to anybody: the channel shows it anyway.
  seedkeeper: new Set([...[Ins.label, Ins.exportCertificate, Ins.challenge, Ins.seedkeeperStatus]]),
  satodime: new Set(),
};

export class Applet {
  readonly profile: AppletProfile;
  readonly #keys: AppletKeys;
  readonly #pin: Pin;
  readonly #pki: Pki;
  readonly #log: SecretLog;
  readonly #channel: SecureChannel;
  #forbidden = 0;
  #pinsPresented = 0;

  constructor(
    profile: AppletProfile,
    keys: AppletKeys,
    fault: SatochipFault | undefined,
    random: Random,
  ) {
    this.profile = profile;
    this.#keys = keys;
    const { product, release, isSeeded = false } = profile;
    this.#pin = new Pin(profile.triesLeft ?? pinTries);
    this.#pki = new Pki(keys, fault, random);
    this.#log = new SecretLog(profile.log ?? []);
    const form = {
      isVouchedFor: release.hasOwnKey || isSeeded,
      namesKey: product === 'seedkeeper',
    };
    this.#channel = new SecureChannel(keys, form, random);
  }

  get forbiddenCommands(): number {
    return this.#forbidden;
  }

  /** How many VERIFY PIN it has received, in whatever form. */
  get pinsPresented(): number {
    return this.#pinsPresented;
  }

  /** Channel and PIN end with every selection, and when the power goes. */
  close(): void {
    this.#channel.close();
    this.#pin.logOut();
  }

  /** Answers SELECT of this applet. */
  select(): Outcome {
    this.close();
    return this.profile.product === 'seedkeeper' ? ok(this.#status()) : bare(Status.ok);
  }

  /** Answers SELECT of an applet that the card does not have, while this one is selected. */
  refuseSelect(): Outcome {
    return bare(this.profile.release.takesStraySelect ? Status.ok : Status.notFound);
  }

  /** Answers any command but SELECT. */
  answer(bytes: Uint8Array): Outcome {
    if ((bytes[0] ?? 0) !== cla) return bare(Status.unknownClass);
    const command = parseCommand(bytes);
    if (command === undefined) return bare(Status.wrongLength);
    const { hasChannel } = this.profile.release;
    if (!hasChannel) return this.#execute(command, false);
    switch (command.ins) {
      case Ins.status:
        return this.#answerStatus(command);
      case Ins.openChannel:
        return this.#channel.open(command.data);
      case Ins.wrapped:
        return this.#answerWrapped(command.data);
    }
    this.#countForbidden(command, false);
    return bare(Status.channelRequired);
  }

  #answerWrapped(data: Uint8Array): Outcome {
    const inner = this.#channel.unwrap(data);
    if (typeof inner === 'number') return bare(inner);
    // The applets look at the instruction only; a sender that gets the class wrong should notice.
    if (inner[0] !== cla) return bare(Status.unknownClass);
    const command = parseCommand(inner);
    if (command === undefined) return bare(Status.wrongLength);
    const outcome = this.#execute(command, true);
    const staysPlain = outcome.kind !== 'answer' || command.ins === Ins.status;
    return staysPlain ? outcome : this.#channel.wrap(outcome);
  }

  #execute(command: Command, isProtected: boolean): Outcome {
    const isForbiddenHere = this.#countForbidden(command, isProtected);
    const refusal = this.#refuse(command.ins, isForbiddenHere);
    return refusal === undefined ? this.#perform(command) : bare(refusal);
  }

  /** Counts also a PIN that comes in clear or to a card without one. */
  #countForbidden(command: Command, isProtected: boolean): boolean {
    if (command.ins === Ins.verifyPin) this.#pinsPresented += 1;
    const { product, isSetUp } = this.profile;
    const hasPin = product !== 'satodime' && isSetUp;
    const forbidden = isForbidden(command, hasPin && isProtected);
    if (forbidden) this.#forbidden += 1;
    return forbidden;
  }

  /** The status word for a command that may not be asked now. */
  #refuse(ins: number, isForbiddenHere: boolean): number | undefined {
    const { product, release, isSetUp, isPkiOpen = false } = this.profile;
    if (product !== 'satodime') {
      const passes = ins === Ins.setup || (isPkiOpen && openCommands.has(ins));
      if (!isSetUp && !passes) return Status.notSetUp;
      if (isSetUp && ins === Ins.setup) return Status.alreadySetUp;
    }
    if (isForbiddenHere) return Status.notAllowed;
    const isUnknown = !release.hasPki && pkiCommands.has(ins);
    if (isUnknown || !isAnswered(product, ins)) return Status.unknownInstruction;
    const mayAsk = this.#pin.isVerified || !needsPin[product].has(ins);
    return mayAsk ? undefined : Status.unauthorized;
  }

  #perform(command: Command): Outcome {
    switch (command.ins) {
      case Ins.status:
        return this.#answerStatus(command);
      case Ins.verifyPin:
        return bare(this.#verifyPin(command));
      case Ins.logOut:
        this.#pin.logOut();
        return bare(Status.ok);
      case Ins.label:
        return ok(this.#label());
      case Ins.slotsStatus:
        return ok(slotsStatus(this.profile, this.#keys.unlockCounter));
      case Ins.slotStatus:
        return this.#answerSlot(command.p1);
      case Ins.seedkeeperStatus:
        return ok(this.#log.status(this.profile));
    }
    return this.#pki.answer(command) ?? bare(Status.unknownInstruction);
  }

  #status(): Uint8Array {
    return cardStatus(this.profile, this.#pin.triesLeft);
  }

  /** SeedKeeper alone does not look at P1 and P2. */
  #answerStatus({ p1, p2 }: Command): Outcome {
    if (this.profile.product !== 'seedkeeper') {
      if (p1 !== 0) return bare(Status.wrongP1);
      if (p2 !== 0) return bare(Status.wrongP2);
    }
    return ok(this.#status());
  }

  #verifyPin({ p1, p2, data }: Command): number {
    if (p1 !== 0) return Status.wrongP1;
    if (p2 !== 0) return Status.wrongP2;
    const sw = this.#pin.verify(data);
    if (sw >> 4 === Status.wrongPin >> 4) this.#log.addWrongPin(sw);
    return sw;
  }

  #label(): Uint8Array {
    const text = utf8(this.profile.label ?? '');
    return concat(Uint8Array.of(text.length), text);
  }

  #answerSlot(slot: number): Outcome {
    const status = slotStatus(this.profile, slot);
    return status === undefined ? bare(Status.wrongP1) : ok(status);
  }
}
