/**
 * A virtual Coinkite tap card: ISO 7816-4 on the outside, CBOR maps inside
 * (coinkite/coinkite-tap-proto docs/protocol.md).
 *
 *   SELECT   00 A4 04 00 Lc AID [Le]      answers with the map of `status`
 *   command  00 CB 00 00 Lc map [Le]      answers with a map; Lc 1..255
 *
 * Errors of the protocol are maps too, with status 9000. Other status words come from the layer
 * around it: 6A82 no such applet, 6D00 unknown instruction or nothing selected, 6700 length.
 */
import { decode, encode } from 'cborg';
import { concat, equal } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import type { VirtualReply } from '../../reader/virtual.ts';
import type { Random, SimulatedCard } from '../simulation.ts';
import { answerCommand, answerStatus, type TapAnswer, type TapRequest } from './commands.ts';
import { TapError } from './errors.ts';
import { aidHex, atrHex, slotCount, type TapProfile } from './profile.ts';
import { TapSession } from './session.ts';

const aid = fromHex(aidHex);

const insSelect = 0xa4;
const insCommand = 0xcb;

/** Commands that change a card, or hand out what only its owner may have. */
const ownersCommands = new Set(['new', 'unseal', 'sign', 'change', 'backup', 'xpub']);

export class TapCard implements SimulatedCard {
  readonly atr = fromHex(atrHex);
  readonly #session: TapSession;
  #selected = false;
  #gone = false;
  /** How often `check` was received since power-up. */
  #checks = 0;
  #forbidden = 0;

  /**
   * @param unit name of one physical card; left out, its keys come from `random`
   * @throws RangeError when the slots of a SATSCARD profile contradict each other
   */
  constructor(profile: TapProfile, random: Random, unit?: string) {
    if (profile.product === 'satscard') requirePossibleSlots(profile.activeSlot, profile.sealed);
    this.#session = new TapSession(profile, random, unit);
  }

  get forbiddenCommands(): number {
    return this.#forbidden;
  }

  reset(): void {
    this.#selected = false;
    this.#gone = false;
    this.#checks = 0;
    this.#session.reset();
  }

  respond(command: Uint8Array): VirtualReply {
    if (this.#gone) return { kind: 'removed' };
    const [cla, ins, p1] = command;
    if (cla === 0x00 && ins === insSelect && p1 === 0x04) return this.#select(command);
    if (!this.#selected) return status(0x6d00);
    const fault = this.#session.profile.fault?.kind;
    if (fault === 'garbage') return answer(this.#session.random(48), 0x9000);
    if (fault === 'endless') return answer(this.#session.random(256), 0x6100);
    if (cla !== 0x00 || ins !== insCommand) return status(0x6d00);
    const data = dataField(command);
    return data === undefined ? status(0x6700) : this.#execute(data);
  }

  /** Selecting anything else, the card manager (no AID) included, ends the selection. */
  #select(command: Uint8Array): VirtualReply {
    const name = dataField(command) ?? new Uint8Array();
    this.#selected = equal(name, aid);
    return this.#selected ? encoded(answerStatus(this.#session)) : status(0x6a82);
  }

  #execute(data: Uint8Array): VirtualReply {
    try {
      const request = parseRequest(data);
      const name = request['cmd'];
      if (typeof name !== 'string') throw new TapError(404, 'no cmd in msg');
      this.#refuseOwnersCommands(name, request);
      return (
        (name === 'check' ? this.#disturbCheck() : undefined) ??
        encoded(answerCommand(name, request, this.#session))
      );
    } catch (error) {
      if (!(error instanceof TapError)) throw error;
      return encoded({ error: error.message, code: error.code });
    }
  }

  /** A genuine card would obey whoever knows its CVC; this one only counts and refuses. */
  #refuseOwnersCommands(name: string, request: TapRequest): void {
    if (!ownersCommands.has(name) && !('xcvc' in request) && !('epubkey' in request)) return;
    this.#forbidden += 1;
    throw new TapError(403, 'needs auth');
  }

  #disturbCheck(): VirtualReply | undefined {
    this.#checks += 1;
    const { fault } = this.#session.profile;
    switch (fault?.kind) {
      case 'removed':
        this.#gone = true;
        return { kind: 'removed' };
      case 'mute':
        return { kind: 'silence' };
      case 'refuses':
        if (this.#checks <= fault.times) throw new TapError(fault.code, fault.text);
    }
    return undefined;
  }
}

function requirePossibleSlots(active: number, sealed: boolean): void {
  const last = sealed ? slotCount - 1 : slotCount;
  if (!Number.isInteger(active) || active < 0 || active > last) {
    throw new RangeError(`active slot: ${active}, allowed 0 to ${last}`);
  }
}

/** The data of a short command with or without Le; undefined when the lengths disagree. */
function dataField(command: Uint8Array): Uint8Array | undefined {
  const length = command[4] ?? 0;
  const rest = command.length - 5 - length;
  return length > 0 && (rest === 0 || rest === 1) ? command.subarray(5, 5 + length) : undefined;
}

function parseRequest(data: Uint8Array): TapRequest {
  let value: unknown;
  try {
    value = decode(data, { allowIndefinite: false, rejectDuplicateMapKeys: true });
  } catch {
    // The card says no more than this about what was wrong.
    throw new TapError(422, 'bad cbor');
  }
  if (!isMap(value)) throw new TapError(422, 'bad cbor');
  return value;
}

function isMap(value: unknown): value is TapRequest {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}

function encoded(map: TapAnswer): VirtualReply {
  return answer(encode(map), 0x9000);
}

function status(sw: number): VirtualReply {
  return answer(new Uint8Array(), sw);
}

function answer(data: Uint8Array, sw: number): VirtualReply {
  return { kind: 'answer', bytes: concat(data, Uint8Array.of(sw >> 8, sw & 0xff)) };
}
