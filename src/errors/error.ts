import { type ErrorCode, type ErrorEntry, errorTable } from './codes.ts';

/**
 * Base of all errors that are shown to a user: a closed code, a sentence that says what happened,
 * and the cause untouched. Subclasses exist per audience, not per code.
 */
export class TouchstoneError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }

  /** The row of the error table: exit code, HTTP status, remedy. */
  get entry(): ErrorEntry {
    return errorTable[this.code];
  }
}

/** The command line, or a file named on it, is wrong. */
export class UsageError extends TouchstoneError {}

/**
 * What a card answered, or what an evidence file holds, does not have the form it must have.
 * Raised by parsers. A family's `prove` turns it into a failed finding: bad evidence is a result.
 */
export class EvidenceError extends TouchstoneError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('EVIDENCE_MALFORMED', message, options);
  }
}

/** A registry file cannot be trusted as it is. */
export class RegistryError extends TouchstoneError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('REGISTRY_INVALID', message, options);
  }
}

/** The reader, the service behind it, or the radio link failed: no statement about the card. */
export class ReaderError extends TouchstoneError {}

/** A log, a proof of one, or the store below it is not as it must be, or does not answer. */
export class LogError extends TouchstoneError {}
