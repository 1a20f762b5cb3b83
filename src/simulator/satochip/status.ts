/**
 * What the applets tell of their state (Toporin/SatochipApplet CardEdge.java @8cbaa1d,
 * Toporin/Seedkeeper-Applet SeedKeeper.java and Logger.java @2e59f06, Toporin/Satodime-Applet
 * Satodime.java @81003bd).
 *
 *   3C GET STATUS   version (4), tries left of PIN0 PUK0 PIN1 PUK1 (4), 2FA, seeded, set up,
 *                   channel needed, NFC policy; a release sends the first 10, 12 or 13 bytes
 *   50 SLOTS        unlock counter (4), number of slots, state of each
 *   51 SLOT         state, type, asset, SLIP-44 (4), contract (34), token (34), data (66)
 *   A7 SEEDKEEPER   secrets, memory, free memory, log entries ever, log capacity (2 each), last
 *                   entry (7): instruction, two secret numbers (2 each), status word
 *
 * Before setup all tries are 0; after it a Satodime, which has no PIN, says 1 four times. A
 * SeedKeeper always says seeded, a Satodime never.
 */
import { concat } from '../../bytes/bytes.ts';
import { Ins, Status } from './apdu.ts';
import { type AppletProfile, Slot } from './profile.ts';

/** Tries left of PUK0, PIN1 and PUK1, of which owners use none. */
const otherTries = {
  satochip: [1, 1, 1],
  seedkeeper: [1, 0, 0],
  satodime: [1, 1, 1],
} as const;

const emptySlots: readonly number[] = [Slot.empty, Slot.empty, Slot.empty];
const slotMetadataBytes = 4 + 34 + 34 + 66;

const memoryBytes = 4095;
/** Every free block keeps its length. */
const blockOverhead = 2;
/** What a secret takes; the real size depends on its kind. */
const secretBytes = 100;
const logCapacity = 100;
const nobody = 0xffff;

/** The answer to GET STATUS. @param triesLeft of PIN0, 0 or more */
export function cardStatus(profile: AppletProfile, triesLeft: number): Uint8Array {
  const { product, release, isSetUp, isSeeded = false } = profile;
  // Releases before the byte for "set up" answer with 9C04 instead, so it is not asked here.
  const pinTries = product === 'satodime' ? 1 : triesLeft;
  const tries = isSetUp ? [pinTries, ...otherTries[product]] : [0, 0, 0, 0];
  const seeded = product === 'seedkeeper' || isSeeded;
  return Uint8Array.of(
    ...release.version,
    ...tries,
    0,
    Number(seeded),
    Number(isSetUp),
    Number(release.hasChannel),
    0,
  ).subarray(0, release.statusSize);
}

/** The answer to command 50. */
export function slotsStatus(profile: AppletProfile, unlockCounter: Uint8Array): Uint8Array {
  const states = profile.slots ?? emptySlots;
  return concat(unlockCounter, Uint8Array.of(states.length, ...states));
}

/** The answer to command 51; undefined when there is no such slot. */
export function slotStatus(profile: AppletProfile, slot: number): Uint8Array | undefined {
  const state = (profile.slots ?? emptySlots)[slot];
  if (state === undefined) return undefined;
  return concat(Uint8Array.of(state, 0, 0), new Uint8Array(slotMetadataBytes));
}

/** The log of a SeedKeeper, of which only the last entry is told. */
export class SecretLog {
  #entries: number;
  #last: Uint8Array;

  constructor(instructions: readonly number[]) {
    this.#entries = instructions.length;
    const last = instructions.at(-1);
    this.#last = last === undefined ? new Uint8Array(7) : entry(last, Status.ok);
  }

  addWrongPin(sw: number): void {
    this.#entries += 1;
    this.#last = entry(Ins.verifyPin, sw);
  }

  /** The answer to command A7. */
  status({ secrets = 0 }: AppletProfile): Uint8Array {
    const free = memoryBytes - blockOverhead - secrets * secretBytes;
    const numbers = [secrets, memoryBytes, free, this.#entries, logCapacity];
    return concat(...numbers.map(short), this.#last);
  }
}

function entry(ins: number, sw: number): Uint8Array {
  return concat(Uint8Array.of(ins), short(nobody), short(nobody), short(sw));
}

function short(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
