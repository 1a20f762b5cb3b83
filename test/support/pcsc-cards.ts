/** Small cards and helpers for the PC/SC tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { fromHex } from '../../src/bytes/hex.ts';
import type { ReaderError } from '../../src/errors/error.ts';
import type { VirtualCard, VirtualReply } from '../../src/reader/virtual.ts';
import { serveVpcd, type VpcdEnd } from '../../src/simulator/vpcd.ts';

/** Contactless, no historical bytes (PC/SC part 3 section 3.1.3.2.3). */
export const plainAtr = fromHex('3b80800101');

export interface StubCard extends VirtualCard {
  readonly received: Uint8Array[];
  resets: number;
}

/** A card with one behaviour for every command; it records what reaches it. */
export function stubCard(
  respond: (command: Uint8Array, card: StubCard) => VirtualReply,
  atr = plainAtr,
): StubCard {
  const card: StubCard = {
    atr,
    received: [],
    resets: 0,
    reset() {
      card.resets += 1;
    },
    respond(command) {
      card.received.push(command);
      return respond(command, card);
    },
  };
  return card;
}

/** A reply in hex. */
export function answer(hex: string): VirtualReply {
  return { kind: 'answer', bytes: fromHex(hex) };
}

export interface Inserted {
  readonly ended: Promise<VpcdEnd>;
  /** Takes the card away; returns when the connection is closed. */
  remove(): Promise<VpcdEnd>;
}

const inserted = new Set<Inserted>();

/** Lays a card on the virtual reader at this port; returns once the reader has taken it. */
export async function insert(card: VirtualCard, port: number): Promise<Inserted> {
  const control = new AbortController();
  let ended: Promise<VpcdEnd> = Promise.resolve('aborted');
  await new Promise<void>((resolve, reject) => {
    ended = serveVpcd(card, { port, signal: control.signal, onConnect: resolve });
    ended.catch(reject);
  });
  const here: Inserted = {
    ended,
    remove: () => {
      control.abort();
      inserted.delete(here);
      return ended;
    },
  };
  inserted.add(here);
  return here;
}

/** Takes all cards away: a card left silent would block the next test's pcscd. */
export async function removeAll(): Promise<void> {
  await Promise.allSettled([...inserted].map((here) => here.remove()));
}

/** Process numbers of the PC/SC child processes that this process has started. */
export function pcscChildren(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const parent = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return parent === process.pid && command.includes('pcsc/child.js');
      } catch {
        return false;
      }
    });
}

/** The error that a call ends with, for a look at its code and message. */
export async function failureOf(call: Promise<unknown>): Promise<ReaderError> {
  return call.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: ReaderError) => error,
  );
}
