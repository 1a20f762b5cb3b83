/**
 * Every error that a user can meet: its exit code, the HTTP status a server answers with, and what
 * to do about it. docs/errors.md is generated from this table.
 *
 * Evidence that is merely bad (a wrong signature, an unknown root) is not here: that is a verdict.
 */
import { Exit } from './exit.ts';

export interface ErrorEntry {
  readonly exit: Exit;
  readonly http: number;
  /** One sentence in the imperative: what the user can do now. */
  readonly remedy: string;
}

export const errorTable = {
  USAGE: {
    exit: Exit.usage,
    http: 400,
    remedy: 'See the command with --help.',
  },
  FILE_UNREADABLE: {
    exit: Exit.usage,
    http: 400,
    remedy: 'Give the path of an existing file that you may read.',
  },
  FILE_UNSUITABLE: {
    exit: Exit.usage,
    http: 422,
    remedy: 'Give a file that Touchstone wrote, or a registry as certs/README.md describes it.',
  },
  FILE_EXISTS: {
    exit: Exit.usage,
    http: 409,
    remedy: 'Choose a new file name; nothing is ever overwritten.',
  },
  FILE_UNWRITABLE: {
    exit: Exit.usage,
    http: 400,
    remedy: 'Choose a folder that exists and that you may write to.',
  },
  EVIDENCE_INVALID: {
    exit: Exit.usage,
    http: 422,
    remedy: 'Give an evidence file written by `touchstone verify --save`, unaltered and complete.',
  },
  EVIDENCE_MALFORMED: {
    exit: Exit.usage,
    http: 422,
    remedy:
      'Check the card again; if it happens twice, ask the seller or the maker about this card.',
  },
  ENDORSEMENTS_INVALID: {
    exit: Exit.usage,
    http: 422,
    remedy: 'Give an endorsements file of this card family, unaltered and complete.',
  },
  REGISTRY_INVALID: {
    exit: Exit.usage,
    http: 500,
    remedy: 'Correct the registry file; certs/README.md explains each field.',
  },
  SESSION_UNKNOWN: {
    exit: Exit.usage,
    http: 404,
    remedy: 'Start a new check: a challenge can be answered once and only for a short time.',
  },
  READER_NO_DRIVER: {
    exit: Exit.noVerdict,
    http: 503,
    remedy:
      'Debian or Ubuntu: `sudo apt-get install pcscd libpcsclite-dev build-essential`. macOS: `xcode-select --install`. Windows: Visual Studio Build Tools. Then install Touchstone again; where npm holds back install scripts, add `--allow-scripts=@pokusew/pcsclite`.',
  },
  READER_NO_SERVICE: {
    exit: Exit.noVerdict,
    http: 503,
    remedy:
      'Debian or Ubuntu: `sudo apt-get install pcscd libpcsclite-dev build-essential`, then `sudo systemctl start pcscd`. Fedora: `sudo dnf install pcsc-lite ccid`, then the same start.',
  },
  READER_FORBIDDEN: {
    exit: Exit.noVerdict,
    http: 503,
    remedy:
      'Allow this user to use PC/SC (polkit action org.debian.pcsc-lite.access_pcsc), or log in at the computer itself.',
  },
  READER_STOPPED: {
    exit: Exit.noVerdict,
    http: 503,
    remedy: 'Start the PC/SC service again (`sudo systemctl restart pcscd`) and repeat the check.',
  },
  READER_NONE: {
    exit: Exit.noVerdict,
    http: 503,
    remedy: 'Plug in an NFC reader that speaks PC/SC; `touchstone readers` shows what is found.',
  },
  READER_AMBIGUOUS: {
    exit: Exit.usage,
    http: 400,
    remedy: 'Choose one with --reader, or leave one card only; `touchstone readers` lists them.',
  },
  READER_UNPLUGGED: {
    exit: Exit.noVerdict,
    http: 503,
    remedy: 'Plug the reader in again and repeat the check.',
  },
  READER_UNKNOWN: {
    exit: Exit.usage,
    http: 400,
    remedy: 'Use a name, or a part of one, that `touchstone readers` lists.',
  },
  READER_NO_CARD: {
    exit: Exit.noVerdict,
    http: 503,
    remedy: 'Lay one card flat on the reader and repeat; --timeout gives more time.',
  },
  READER_CARD_REMOVED: {
    exit: Exit.noVerdict,
    http: 503,
    remedy: 'Put it back flat on the reader and keep it there until you see the verdict.',
  },
  READER_CARD_MUTE: {
    exit: Exit.noVerdict,
    http: 503,
    remedy:
      'Take the card off, lay it on again and repeat, then try another reader. If it stays silent there, do not use it and ask the seller.',
  },
  READER_TRANSPORT: {
    exit: Exit.noVerdict,
    http: 503,
    remedy:
      'Lay one card alone on the reader and repeat, then try another reader. If it stays so, do not use it and ask the seller.',
  },
  STATE_UNUSABLE: {
    exit: Exit.internal,
    http: 500,
    remedy:
      'Make room, or set TOUCHSTONE_STATE to the absolute path of a folder that only you may write to.',
  },
  LOG_MALFORMED: {
    exit: Exit.usage,
    http: 422,
    remedy:
      'Correct a policy that was written by hand; give other files as they were written, unaltered and complete.',
  },
  LOG_UNSUITABLE: {
    exit: Exit.usage,
    http: 400,
    remedy:
      'See docs/log.md for how a log is kept, and `touchstone log --help` for what can be done with one.',
  },
  LOG_WRONG: {
    exit: Exit.remote,
    http: 502,
    remedy:
      'Do not rely on this log. Keep what you have of it, and show both to whoever runs it and to its witnesses.',
  },
  LOG_READ_ONLY: {
    exit: Exit.remote,
    http: 503,
    remedy:
      'Sign nothing with this key until the newest database is back; docs/log.md tells how to go on.',
  },
  LOG_BUSY: {
    exit: Exit.remote,
    http: 503,
    remedy: 'Wait a moment and send the same entry again: it is recorded once.',
  },
  LOG_QUOTA: {
    exit: Exit.remote,
    http: 429,
    remedy: 'Wait until tomorrow; the entries of today are recorded and stay.',
  },
  LOG_UNAVAILABLE: {
    exit: Exit.remote,
    http: 503,
    remedy:
      'See that the disk has room and the database runs, then send the same entry again: it is recorded once.',
  },
  LOG_UNWITNESSED: {
    exit: Exit.remote,
    http: 503,
    remedy:
      'See that the witnesses of its policy run and can be reached, then ask again: what was recorded stays.',
  },
  LOG_UNREACHABLE: {
    exit: Exit.remote,
    http: 502,
    remedy: 'Check the address and the network, and try again later.',
  },
  LOG_NO_DRIVER: {
    exit: Exit.internal,
    http: 500,
    remedy:
      'Install a C++ toolchain (Debian or Ubuntu: `sudo apt-get install build-essential python3`), then install Touchstone again; where npm holds back install scripts, add `--allow-scripts=better-sqlite3`.',
  },
  ENTRY_INVALID: {
    exit: Exit.usage,
    http: 422,
    remedy: 'Give an entry as docs/log.md describes it, in canonical JSON.',
  },
  INTERRUPTED: {
    exit: Exit.interrupted,
    http: 499,
    remedy: 'Repeat the command when you are ready.',
  },
  INTERNAL: {
    exit: Exit.internal,
    http: 500,
    remedy: 'This is a fault of Touchstone: please report it with the output of --debug.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;
