/**
 * A virtual card with Satochip, SeedKeeper or Satodime on it.
 *
 *   SELECT   00 A4 04 00 [00]          the card manager, as after power-up
 *   SELECT   00 A4 04 00 Lc AID [Le]   an applet
 *   others   go to what is selected
 *
 * A name that the card does not know: 6A82 from the card manager. From an applet it depends, since
 * the card hands such a SELECT to the applet that is selected: some releases say 9000 and stay as
 * they are (Toporin/SatochipApplet issue 11).
 */
import { concat, equal } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import type { VirtualReply } from '../../reader/virtual.ts';
import { answerCardManager, type ChipData, selectsCardManager } from '../card-manager.ts';
import type { Random, SimulatedCard } from '../simulation.ts';
import { bare, type Outcome, ok, parseCommand, Status } from './apdu.ts';
import { Applet } from './applet.ts';
import { makeIdentity } from './keys.ts';
import { aids, atrHex, type SatochipFault, type SatochipProfile } from './profile.ts';

/** What a GlobalPlatform card manager tells of itself: its AID, 255 bytes in a command. */
const managerInformation = fromHex('6f108408a000000151000000a5049f6501ff');

/**
 * What would change a card through its card manager, or count as a wrong key there: INITIALIZE
 * UPDATE, EXTERNAL AUTHENTICATE, PUT KEY, STORE DATA, DELETE, INSTALL, LOAD, SET STATUS
 * (GlobalPlatform Card Specification 2.3.1, chapter 11 and appendix E).
 */
const managersCommands = new Set([0x50, 0x82, 0xd8, 0xe2, 0xe4, 0xe6, 0xe8, 0xf0]);

const garbageBytes = 48;
const endlessBytes = 256;

export class SatochipCard implements SimulatedCard {
  readonly atr = fromHex(atrHex);
  readonly #chip: ChipData;
  readonly #fault: SatochipFault | undefined;
  readonly #random: Random;
  readonly #applets: readonly Applet[];
  /** Undefined: the card manager. */
  #selected: Applet | undefined;
  #gone = false;
  #forbidden = 0;

  /** @param unit name of one physical card; left out, its keys come from `random` */
  constructor(profile: SatochipProfile, random: Random, unit?: string) {
    const { chip, applets } = makeIdentity(profile, random, unit);
    this.#chip = chip;
    this.#fault = profile.fault;
    this.#random = random;
    this.#applets = profile.applets.flatMap((applet) => {
      const keys = applets.get(applet.product);
      return keys === undefined ? [] : [new Applet(applet, keys, profile.fault, random)];
    });
  }

  get forbiddenCommands(): number {
    return this.#applets.reduce((sum, applet) => sum + applet.forbiddenCommands, this.#forbidden);
  }

  /** How many VERIFY PIN it has received since it was made, in whatever form. */
  get pinsPresented(): number {
    return this.#applets.reduce((sum, applet) => sum + applet.pinsPresented, 0);
  }

  reset(): void {
    this.#gone = false;
    this.#leave(undefined);
  }

  respond(command: Uint8Array): VirtualReply {
    if (this.#gone) return { kind: 'removed' };
    const outcome = this.#answer(command);
    if (outcome.kind === 'removed') this.#gone = true;
    return outcome.kind === 'answer' ? reply(outcome.body, outcome.sw) : outcome;
  }

  #answer(command: Uint8Array): Outcome {
    if (selectsCardManager(command)) {
      this.#leave(undefined);
      return ok(managerInformation);
    }
    if (command[0] === 0x00 && command[1] === 0xa4) return this.#select(command);
    if (this.#selected === undefined) return this.#askManager(command);
    switch (this.#fault?.kind) {
      case 'garbage':
        return ok(this.#random(garbageBytes));
      case 'endless':
        return { kind: 'answer', sw: 0x6100, body: this.#random(endlessBytes) };
    }
    return this.#selected.answer(command);
  }

  #select(command: Uint8Array): Outcome {
    const parsed = parseCommand(command);
    if (parsed === undefined) return bare(Status.wrongLength);
    const { p1, data } = parsed;
    const found = this.#applets.find(({ profile }) => equal(data, aids[profile.product]));
    if (p1 === 0x04 && found !== undefined) {
      this.#leave(found);
      return found.select();
    }
    return this.#selected?.refuseSelect() ?? bare(Status.notFound);
  }

  /** Ends the selection of one applet and starts that of another, or of the card manager. */
  #leave(next: Applet | undefined): void {
    for (const applet of this.#applets) applet.close();
    this.#selected = next;
  }

  #askManager(command: Uint8Array): Outcome {
    const [cla = 0, ins = 0] = command;
    if (cla !== 0xb0 && managersCommands.has(ins)) this.#forbidden += 1;
    const answer = answerCardManager(this.#chip, command);
    const [high = 0, low = 0] = answer.subarray(-2);
    return { kind: 'answer', sw: (high << 8) | low, body: answer.subarray(0, -2) };
  }
}

function reply(body: Uint8Array, sw: number): VirtualReply {
  return { kind: 'answer', bytes: concat(body, Uint8Array.of(sw >> 8, sw & 0xff)) };
}
