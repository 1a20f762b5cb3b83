/**
 * The raw link to one card: bytes out, bytes back. Implementations: PC/SC (pcsc/), a virtual card
 * in this process (virtual.ts). Nobody but openCard (card.ts) calls `exchange`.
 */
export interface CardChannel {
  /** As the system names the reader, e.g. "ACS ACR1252 Dual Reader 00 00". */
  readonly readerName: string;
  /** Answer to reset, at most 33 bytes. A hint only: some readers build wrong ones. */
  readonly atr: Uint8Array;
  /**
   * Sends one command APDU and gives the answer as it came, status bytes included.
   *
   * @throws ReaderError READER_CARD_REMOVED, READER_CARD_MUTE, READER_STOPPED, READER_TRANSPORT
   */
  exchange(command: Uint8Array): Promise<Uint8Array>;
  /** Ends the connection. Never throws; may be called twice. */
  close(): Promise<void>;
}
