/** Turns PC/SC result codes into the errors a user meets. Code names: winscard, pcsclite.h. */
import { ReaderError } from '../../errors/error.ts';
import { cardMute } from '../virtual.ts';

/** The card left the field. */
export function cardRemoved(reader: string): ReaderError {
  return new ReaderError(
    'READER_CARD_REMOVED',
    `The card was removed from "${reader}" before the check ended. Nothing was recorded.`,
  );
}

/** The reader itself went away. */
export function readerUnplugged(reader: string): ReaderError {
  return new ReaderError(
    'READER_UNPLUGGED',
    `The reader "${reader}" was unplugged before the check ended. Nothing was recorded.`,
  );
}

/** The service, or the process that talks to it, ended. */
export function stopped(detail: string, cause?: unknown): ReaderError {
  return new ReaderError('READER_STOPPED', detail, { cause });
}

/**
 * The error for a failed request on a reader.
 *
 * @param code PC/SC result code, null when the failure had none
 * @param detail the text of the failure; becomes the cause, never part of the message
 */
export function faultError(reader: string, code: number | null, detail: string): ReaderError {
  const cause = new Error(detail);
  switch (code) {
    case 0x8010000c: // SCARD_E_NO_SMARTCARD
    case 0x80100069: // SCARD_W_REMOVED_CARD
      return cardRemoved(reader);
    case 0x80100066: // SCARD_W_UNRESPONSIVE_CARD
    case 0x80100067: // SCARD_W_UNPOWERED_CARD
      return cardMute();
    case 0x80100009: // SCARD_E_UNKNOWN_READER
    case 0x80100017: // SCARD_E_READER_UNAVAILABLE
      return readerUnplugged(reader);
    case 0x8010001d: // SCARD_E_NO_SERVICE
    case 0x8010001e: // SCARD_E_SERVICE_STOPPED
    case 0x80100013: // SCARD_F_COMM_ERROR: the connection to the service broke
      return stopped('The PC/SC service stopped in the middle of the check.', cause);
    case 0x8010000b: // SCARD_E_SHARING_VIOLATION
      return transport(`Another program holds the card on "${reader}".`, cause);
    case 0x80100068: // SCARD_W_RESET_CARD
      return transport(`Another program reset the card on "${reader}".`, cause);
    default:
      return transport(`The exchange with the card on "${reader}" failed.`, cause);
  }
}

function transport(message: string, cause: Error): ReaderError {
  return new ReaderError('READER_TRANSPORT', `${message} Nothing was recorded.`, { cause });
}
