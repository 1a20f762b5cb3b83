/** A virtual card in this process, behind the same channel as a card on a reader. */
import { ReaderError } from '../errors/error.ts';
import type { CardChannel } from './channel.ts';

/** What a virtual card does with a command. */
export type VirtualReply =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  /** No answer ever comes. */
  | { readonly kind: 'silence' }
  /** The card leaves the field before it answers. */
  | { readonly kind: 'removed' };

/** A simulated card. The simulator room holds them; vpcd and this channel serve them. */
export interface VirtualCard {
  readonly atr: Uint8Array;
  /** Power-up: volatile state (selected applet, card nonce) is lost. */
  reset(): void;
  respond(command: Uint8Array): VirtualReply;
}

/** Puts a virtual card on a reader of the given name. Silence ends at once, as a time-out would. */
export function openVirtualCard(card: VirtualCard, readerName = 'In-process reader'): CardChannel {
  let present = true;
  card.reset();
  return {
    readerName,
    atr: card.atr,
    async exchange(command) {
      const reply: VirtualReply = present ? card.respond(command) : { kind: 'removed' };
      switch (reply.kind) {
        case 'answer':
          return reply.bytes;
        case 'silence':
          throw cardMute();
        case 'removed':
          present = false;
          return new Uint8Array();
      }
    },
    async close() {
      present = false;
    },
  };
}

/** The error for a card that does not answer in time. */
export function cardMute(): ReaderError {
  return new ReaderError(
    'READER_CARD_MUTE',
    'The card stopped answering. Nothing was proven and nothing was recorded.',
  );
}
