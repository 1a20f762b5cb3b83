/**
 * What PostgreSQL and its driver say went wrong, in our words. Codes: PostgreSQL 17 documentation,
 * appendix A (SQLSTATE), and those of Node's sockets.
 *
 *   no such table, column or database; rows that contradict each other or cannot be read  LOG_UNSUITABLE
 *   a statement or a value that PostgreSQL or the driver does not understand               as it came: a bug
 *   everything else, also what is not known here                                           LOG_UNAVAILABLE
 *
 * The message never holds what PostgreSQL said: it may quote a row. The cause does.
 */
import { codeOf } from '../errors/cause.ts';
import { LogError } from '../errors/error.ts';

const unsuitable = new Map([
  ['3D000', 'there is no such database'],
  ['3F000', 'there is no log in it'],
  ['42P01', 'there is no log in it, or a table is missing'],
  ['42703', 'its log has another format'],
  ['XX001', 'it is damaged'],
  ['XX002', 'it is damaged'],
]);

const unavailable = new Map([
  ['25006', 'it can only be read'],
  ['28000', 'it does not let this user in'],
  ['28P01', 'it does not let this user in with this password'],
  ['42501', 'this user may not do that'],
  ['53100', 'its disk is full'],
  ['53200', 'its memory is full'],
  ['53300', 'it has too many connections'],
  ['55P03', 'another program keeps it locked'],
  ['57014', 'it took too long'],
  ['57P03', 'it is starting or ending'],
  ['58030', 'its disk failed to read or write'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host'],
]);

/** Integrity constraints (class 23): under our locks only rows that were altered can break them. */
const contradictory = /^23/;
/** Data exceptions (22) and errors of syntax or of rights to a name (42): not the database's fault. */
const ours = /^(?:22|42)/;

/**
 * @param place for the message; without a password
 * @param cause what the driver threw
 */
export function asLogError(place: string, cause: unknown): unknown {
  // What is not of the driver: it throws plain errors.
  if (cause instanceof LogError || cause instanceof RangeError || cause instanceof TypeError) {
    return cause;
  }
  const code = codeOf(cause) ?? '';
  const why = unsuitable.get(code);
  if (why !== undefined || contradictory.test(code)) {
    const reason = why ?? 'its rows contradict each other';
    return new LogError('LOG_UNSUITABLE', `${place} cannot be used as a log: ${reason}.`, {
      cause,
    });
  }
  const known = unavailable.get(code);
  if (known === undefined && ours.test(code)) return cause;
  const reason = known ?? `the connection was lost${code === '' ? '' : ` (${code})`}`;
  return new LogError('LOG_UNAVAILABLE', `${place} cannot be used: ${reason}.`, { cause });
}
