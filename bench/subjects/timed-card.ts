/** The time that a virtual card takes for itself, so that it can be taken off: no host can help it. */
import type { SimulatedCard } from '../../src/simulator/index.ts';

export interface TimedCard extends SimulatedCard {
  /** Time spent inside the card, and in the stand-in for its maker's server; milliseconds. */
  readonly millis: number;
  /** Commands that have reached it. */
  readonly commands: number;
}

/** The same card, its time and its commands counted. */
export function timeCard(card: SimulatedCard): TimedCard {
  let millis = 0;
  let commands = 0;
  const timed = <T>(work: () => T): T => {
    const start = performance.now();
    const result = work();
    millis += performance.now() - start;
    return result;
  };
  const { askMaker } = card;
  return {
    atr: card.atr,
    get millis() {
      return millis;
    },
    get commands() {
      return commands;
    },
    get forbiddenCommands() {
      return card.forbiddenCommands;
    },
    reset: () => card.reset(),
    respond(command) {
      commands += 1;
      return timed(() => card.respond(command));
    },
    ...(askMaker && { askMaker: (headers) => timed(() => askMaker.call(card, headers)) }),
  };
}
