/** What every simulated card family offers, whatever its protocol. */
import { UsageError } from '../errors/error.ts';
import type { VirtualCard } from '../reader/virtual.ts';

/** Gives `length` bytes. Seeded in demos that must repeat, the system's generator otherwise. */
export type Random = (length: number) => Uint8Array;

/** What the stand-in for a maker's server does with a request. */
export type MakerReply =
  | { readonly kind: 'reply'; readonly status: number; readonly body: string }
  /** No answer ever comes. */
  | { readonly kind: 'silence' };

/** A virtual card that also counts what a check must never ask of it. */
export interface SimulatedCard extends VirtualCard {
  /**
   * How many commands it has received since it was made that would change a card, or that carry
   * a PIN. Every one was refused. A correct check leaves this at 0.
   */
  readonly forbiddenCommands: number;

  /**
   * What the stand-in for the maker's server answers about this card; absent where the maker keeps
   * no server.
   *
   * @param headers request headers, names in lower case
   */
  askMaker?(headers: Readonly<Record<string, string | undefined>>): MakerReply;
}

/** One card to try: genuine, fake or broken in one particular way. */
export interface SimulationCase {
  /** Lower case, words joined by "-"; unique within its family. */
  readonly id: string;
  /** One sentence for a person: what this card is. */
  readonly description: string;
  /** One phrase: what Touchstone should say about it. */
  readonly expected: string;
}

/** The simulated cards of one family. */
export interface Simulation {
  readonly cases: readonly SimulationCase[];
  /**
   * Makes a card.
   *
   * @param unit names one physical card: the same unit has the same keys in every process. Left
   *   out, the keys come from `random`, so that each card made is another one
   * @throws UsageError (USAGE) listing the cases when there is none of that id
   */
  create(caseId: string, random: Random, unit?: string): SimulatedCard;
}

/** A case together with what its family needs to build it. */
export interface BuildableCase<Profile> extends SimulationCase {
  readonly profile: Profile;
}

/** Makes a simulation from a table of cases and the function that turns one into a card. */
export function defineSimulation<Profile>(
  family: string,
  table: readonly BuildableCase<Profile>[],
  build: (profile: Profile, random: Random, unit: string | undefined) => SimulatedCard,
): Simulation {
  return {
    cases: table.map(({ id, description, expected }) => ({ id, description, expected })),
    create(caseId, random, unit) {
      const found = table.find(({ id }) => id === caseId);
      if (found === undefined) {
        throw unknownName(
          `simulated ${family} card`,
          caseId,
          table.map(({ id }) => id),
        );
      }
      return build(found.profile, random, unit);
    },
  };
}

/** The error for a name that is not in a list, with the list. */
export function unknownName(what: string, name: string, known: readonly string[]): UsageError {
  return new UsageError(
    'USAGE',
    `There is no ${what} named "${name}". Known: ${known.join(', ')}.`,
  );
}
