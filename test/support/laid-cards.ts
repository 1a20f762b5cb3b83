/** Virtual cards on the first virtual reader, each served by a process of its own. */
import { expect } from 'vitest';
import { startPcsc } from '../../src/reader/pcsc/pcsc.ts';
import { type Running, startBuilt } from './built-cli.ts';
import { firstReader } from './pcscd.ts';

/** A mute card is given 15 seconds for its answer. */
export const caseMs = 40_000;

export interface LaidCards {
  /** Runs `touchstone simulate` with these words, and returns when the card lies there. */
  layDown(...args: string[]): Promise<Running>;
  /** Takes away every card that lies there. */
  clear(): Promise<void>;
  /** Leaves the cards to whoever has taken the reader away. */
  forget(): void;
}

export function laidCards(): LaidCards {
  const cards: Running[] = [];
  return {
    async layDown(...args) {
      const address = `127.0.0.1:${firstReader.port}`;
      const card = startBuilt(['simulate', ...args, '--vpcd', address], { timeoutMs: caseMs });
      cards.push(card);
      await card.said('lies on the reader');
      return card;
    },
    async clear() {
      for (const card of cards.splice(0)) await takeAway(card);
    },
    forget: () => void cards.splice(0),
  };
}

/** pcscd notices a removal by polling; the next card must not be taken for this one. */
async function takeAway(card: Running): Promise<void> {
  card.kill('SIGINT');
  await card.ended;
  await nothingLeft();
}

/** Returns when no card lies on the first reader. */
export async function nothingLeft(): Promise<void> {
  const pcsc = await startPcsc();
  try {
    expect(await pcsc.waitForRemoval(firstReader.name, 5_000)).toBe(true);
  } finally {
    await pcsc.close();
  }
}
