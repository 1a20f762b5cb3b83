/**
 * Commands and answers of Tangem cards (tangem-sdk-ios Common/APDU/CommandApdu.swift,
 * Instruction.swift, StatusWord.swift).
 *
 *   00 INS P1 P2 00 LcHi LcLo body [Le Le]     what the maker's software sends
 *   00 INS P1 P2 Lc body [Le]                  taken as well
 *   00 INS P1 P2 [Le]                          no body
 */

export const Ins = {
  select: 0xa4,
  read: 0xf2,
  attestCardKey: 0xf3,
  attestWalletKey: 0xf9,
  openSession: 0xff,
  authorize: 0xd3,
} as const;

export const Status = {
  ok: 0x9000,
  wrongLength: 0x6700,
  invalidParameters: 0x6a86,
  processingError: 0x6286,
  invalidState: 0x6985,
  unknownInstruction: 0x6d00,
  needsEncryption: 0x6982,
  needsPause: 0x9789,
  notFound: 0x6a82,
  accessCodeWrong: 0x6af1,
  accessDenied: 0x6af3,
} as const;

/** An answer before it is sealed for a channel and turned into bytes. */
export interface Answer {
  readonly sw: number;
  readonly body: Uint8Array;
}

const nothing = new Uint8Array();

/** A status word without data. */
export function bare(sw: number): Answer {
  return { sw, body: nothing };
}

/** The body of a command, empty when it has none; undefined when the lengths disagree. */
export function bodyOf(command: Uint8Array): Uint8Array | undefined {
  if (command.length < 4) return undefined;
  if (command.length <= 5) return nothing;
  const short = command[4] ?? 0;
  if (short !== 0) return cut(command, 5, short, 1);
  if (command.length < 7) return undefined;
  const extended = ((command[5] ?? 0) << 8) | (command[6] ?? 0);
  if (command.length === 7) return nothing;
  return extended === 0 ? undefined : cut(command, 7, extended, 2);
}

/** @param leSize bytes of Le, which may be there or not */
function cut(
  command: Uint8Array,
  start: number,
  length: number,
  leSize: number,
): Uint8Array | undefined {
  const rest = command.length - start - length;
  return rest === 0 || rest === leSize ? command.subarray(start, start + length) : undefined;
}
