/**
 * A virtual Tangem card: ISO 7816-4 on the outside, TLV inside (tangem-sdk-ios Common/APDU,
 * Common/TLV).
 *
 *   SELECT   00 A4 04 00 08 A000000812010208     answers 9000
 *   UID      FF CA 00 00 00                      answered by readers; here too, at any time
 *   command  00 INS P1 P2 00 LcHi LcLo TLV [Le]  P1: 00 plain, 01 fast, 02 strong, 10 CCM
 *
 * Before SELECT everything is 6D00. What follows is decided layer by layer: instruction, lengths,
 * channel, TLV, access code, fault, answer.
 */
import { concat, equal } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { VirtualReply } from '../../reader/virtual.ts';
import type { MakerReply, Random, SimulatedCard } from '../simulation.ts';
import { AccessCode } from './access-code.ts';
import { type Answer, bare, bodyOf, Ins, Status } from './apdu.ts';
import { Attester } from './attest.ts';
import { CcmChannel, ccmMode, establishesChannel } from './ccm-channel.ts';
import { makeKeys, type TangemKeys } from './keys.ts';
import { LegacyChannel } from './legacy-channel.ts';
import { answerMaker } from './maker.ts';
import { aidHex, atrHex, isV8, type TangemProfile } from './profile.ts';
import { answerRead } from './read.ts';
import { type Fields, field, flagField, numberField, readFields, Tag } from './tlv.ts';

const aid = fromHex(aidHex);

/** Anything else changes a card, spends a signature or hands out what only its owner may have. */
const harmless = new Set<number>(Object.values(Ins));

/** Unknown to every version; 235 fields of 255 bytes. */
const unknownTag = 0xc1;
const oversizedFields = 235;
const oversizedField = field(unknownTag, new Uint8Array(253));

/** How much sooner the next request may come, in hundredths of a second. */
const pauseStep = 250;

export class TangemCard implements SimulatedCard {
  readonly atr = fromHex(atrHex);
  readonly #profile: TangemProfile;
  readonly #keys: TangemKeys;
  readonly #random: Random;
  readonly #code: AccessCode;
  readonly #attester: Attester;
  readonly #legacy: LegacyChannel;
  readonly #ccm: CcmChannel;
  #selected = false;
  #gone = false;
  #forbidden = 0;
  /** The attestation that is being delayed, and how often it came. */
  #delayed = { body: '', times: 0 };

  /** @param unit name of one physical card, or of one set; left out, keys come from `random` */
  constructor(profile: TangemProfile, random: Random, unit?: string) {
    this.#profile = profile;
    this.#random = random;
    const keys = makeKeys(profile, random, unit);
    const code = new AccessCode(profile);
    this.#keys = keys;
    this.#code = code;
    this.#attester = new Attester(profile, keys, random);
    this.#ccm = new CcmChannel({ keys, code, random });
    this.#legacy = new LegacyChannel({
      uid: keys.uid,
      codeHash: code.hash,
      weakest: profile.demands ?? 'fast',
      showsUid: profile.showsUid ?? false,
      random,
    });
  }

  get forbiddenCommands(): number {
    return this.#forbidden;
  }

  /** How often a wrong access code was tried since the card was made, in whatever form. */
  get wrongCodes(): number {
    return this.#code.wrongCodes;
  }

  askMaker(headers: Readonly<Record<string, string | undefined>>): MakerReply {
    return answerMaker(headers, this.#profile, this.#keys);
  }

  /** The delay of an attestation survives: the card announces that it keeps it in its memory. */
  reset(): void {
    this.#selected = false;
    this.#gone = false;
    this.#closeChannels();
  }

  respond(command: Uint8Array): VirtualReply {
    if (this.#gone) return { kind: 'removed' };
    if (isUidRequest(command)) return reply({ sw: Status.ok, body: this.#keys.uid });
    const [cla = 0, ins = 0, p1 = 0] = command;
    if (cla === 0x00 && ins === Ins.select) return reply(this.#select(p1, command));
    if (!this.#selected) return reply(bare(Status.unknownInstruction));
    if (cla !== 0x00 || !harmless.has(ins) || ins === Ins.attestWalletKey) {
      // A reader's own commands (class FF) and the attestation of a wallet change nothing.
      if (cla !== 0xff && !harmless.has(ins)) this.#forbidden += 1;
      return reply(bare(Status.unknownInstruction));
    }
    const body = bodyOf(command);
    if (body === undefined) return reply(bare(Status.wrongLength));
    return p1 === 0x00
      ? this.#answerPlain(command, body)
      : this.#answerProtected(command, body, p1);
  }

  /** Selecting anything else, the card manager (no name) included, ends the selection. */
  #select(p1: number, command: Uint8Array): Answer {
    const name = bodyOf(command) ?? new Uint8Array();
    this.#selected = p1 === 0x04 && equal(name, aid);
    this.#closeChannels();
    return bare(this.#selected ? Status.ok : Status.notFound);
  }

  #closeChannels(): void {
    this.#legacy.close();
    this.#ccm.close();
  }

  #answerPlain(command: Uint8Array, body: Uint8Array): VirtualReply {
    const [, ins = 0, , p2 = 0] = command;
    if (this.#needsChannel(ins)) return reply(bare(Status.needsEncryption));
    return this.#answer(ins, p2, body, false, (answer) => answer);
  }

  /** COS 8 leaves READ and the way into the channel open; before, the profile decides. */
  #needsChannel(ins: number): boolean {
    if (establishesChannel(ins)) return false;
    return isV8(this.#profile) ? ins !== Ins.read : this.#profile.demands !== undefined;
  }

  #answerProtected(command: Uint8Array, sealed: Uint8Array, p1: number): VirtualReply {
    const [, ins = 0, , p2 = 0] = command;
    const v8 = isV8(this.#profile);
    if (v8 !== (p1 === ccmMode)) return reply(bare(Status.needsEncryption));
    const body = v8
      ? this.#ccm.decrypt(command.subarray(0, 4), sealed)
      : this.#legacy.decrypt(p1, sealed);
    if (typeof body === 'number') {
      // The access code is part of the key: a wrong one shows as a body that does not decipher.
      if (body === Status.processingError) this.#code.countWrong();
      return reply(bare(body));
    }
    const channel = v8 ? this.#ccm : this.#legacy;
    return this.#answer(ins, p2, body, true, (answer) => channel.encrypt(answer));
  }

  #answer(
    ins: number,
    p2: number,
    body: Uint8Array,
    isProtected: boolean,
    seal: (answer: Answer) => Answer,
  ): VirtualReply {
    const fields = readFields(body);
    if (fields === undefined) return reply(seal(bare(Status.invalidParameters)));
    switch (ins) {
      case Ins.read:
        return reply(seal(this.#read(fields)));
      case Ins.attestCardKey: {
        const answer = this.#attest(fields, body);
        return 'kind' in answer ? answer : reply(seal(answer));
      }
      case Ins.openSession:
        return reply(this.#openSession(p2, fields));
    }
    return reply(seal(this.#authorize(fields, isProtected)));
  }

  #read(fields: Fields): Answer {
    const refusal = this.#refuse(fields, Ins.read);
    if (refusal !== undefined) return bare(refusal);
    switch (this.#profile.fault?.kind) {
      case 'garbage':
        return { sw: Status.ok, body: this.#random(40) };
      case 'oversized':
        return { sw: Status.ok, body: concat(...Array(oversizedFields).fill(oversizedField)) };
    }
    return answerRead(fields, { profile: this.#profile, keys: this.#keys });
  }

  #attest(fields: Fields, body: Uint8Array): Answer | VirtualReply {
    const refusal = this.#refuse(fields, Ins.attestCardKey);
    if (refusal !== undefined) return bare(refusal);
    return this.#disturb(body) ?? this.#attester.answer(fields);
  }

  /** The status word for a missing right or a card ID that is not this card's. */
  #refuse(fields: Fields, ins: number): number | undefined {
    const isRead = ins === Ins.read;
    if (isV8(this.#profile)) {
      return isRead || this.#ccm.isUser ? undefined : Status.accessDenied;
    }
    const named = fields.get(Tag.cardId);
    // READ may do without the ID: it is how the ID is learnt. How real cards refuse a wrong one
    // is not documented.
    const isOther = named === undefined ? !isRead : !equal(named, this.#keys.cardId);
    if (isOther) return Status.invalidParameters;
    return isRead ? this.#code.refuseRead(fields) : this.#code.refuseOther(fields);
  }

  #disturb(body: Uint8Array): Answer | VirtualReply | undefined {
    const { fault } = this.#profile;
    switch (fault?.kind) {
      case 'removed':
        this.#gone = true;
        return { kind: 'removed' };
      case 'mute':
        return { kind: 'silence' };
      case 'refuses':
        return bare(fault.sw);
      case 'pause':
        return this.#delay(body, fault.times);
    }
    return undefined;
  }

  /** Tag 1C is what remains in hundredths of a second; 28 says once that the delay is kept. */
  #delay(body: Uint8Array, times: number): Answer | undefined {
    const asked = toHex(body);
    if (this.#delayed.body !== asked) this.#delayed = { body: asked, times: 0 };
    if (this.#delayed.times === times) {
      this.#delayed = { body: '', times: 0 };
      return undefined;
    }
    const isFirst = this.#delayed.times === 0;
    // A card that never ends does not promise to.
    const remaining = Number.isFinite(times) ? times - this.#delayed.times : 1;
    this.#delayed = { body: asked, times: this.#delayed.times + 1 };
    return {
      sw: Status.needsPause,
      // The lengths of both fields are open; the maker's software takes any.
      body: concat(numberField(Tag.pause, remaining * pauseStep, 2), flagField(Tag.flash, isFirst)),
    };
  }

  #openSession(p2: number, fields: Fields): Answer {
    return isV8(this.#profile) ? this.#ccm.open(p2, fields) : this.#legacy.open(p2, fields);
  }

  #authorize(fields: Fields, isProtected: boolean): Answer {
    return isV8(this.#profile)
      ? this.#ccm.authorize(fields, isProtected)
      : bare(Status.unknownInstruction);
  }
}

/** PC/SC part 3, Get Data for the UID. */
function isUidRequest(command: Uint8Array): boolean {
  return command.length === 5 && toHex(command.subarray(0, 4)) === 'ffca0000';
}

function reply({ sw, body }: Answer): VirtualReply {
  return { kind: 'answer', bytes: concat(body, Uint8Array.of(sw >> 8, sw & 0xff)) };
}
