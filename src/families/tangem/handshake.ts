import type { Tlv } from './tlv.ts';

/** What setting up a channel needs of the line. Its exchanges are private: keys are made of them. */
export interface Handshake {
  /** @throws EvidenceError when the card refuses or cannot be read */
  ask(command: Uint8Array): Promise<Tlv>;
  /** The same for a command that carries a code: that it was sent is written down, without the code. */
  askWithCode(command: Uint8Array): Promise<Tlv>;
  /** An exchange with the reader, not the card. */
  askReader(command: Uint8Array): Promise<Uint8Array>;
}
