/** A moment as the screens about logs write it. */

/** @param time POSIX seconds, as a verified cosignature has it */
export function isoOf(time: bigint): string {
  return new Date(Number(time) * 1000).toISOString().replace('.000Z', 'Z');
}
