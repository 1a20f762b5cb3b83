/**
 * The version of the applet package: two bytes, major and minor, without the patch level. Nothing
 * signs it.
 *
 *   2.x, 3.0   no identity key
 *   3.1, 3.2   IDENTIFY signs a challenge
 *   4.0        the certificate is in the answer to SELECT, and opening the channel signs
 */

export interface Version {
  readonly major: number;
  readonly minor: number;
}

/** As people write it: "3.1". */
export function formatVersion({ major, minor }: Version): string {
  return `${major}.${minor}`;
}

/** What an applet of this version proves itself with. */
export function identityOf({ major, minor }: Version): 'none' | 'identify' | 'channel' {
  if (major >= 4) return 'channel';
  return major === 3 && minor >= 1 ? 'identify' : 'none';
}

/**
 * Pairing slots of a build when none is taken, as far as free ones tell the build: 5 up to 3.1.0, 100
 * in 3.1.1 and 3.1.2, 10 in 3.2 (SecureChannel.java at these tags). Undefined for a build that is not
 * known.
 */
export function pairingSlots({ major, minor }: Version, free: number): number | undefined {
  const known = major < 3 || (major === 3 && minor === 0) ? [5] : slotsOfThree(major, minor);
  return known.find((slots) => free <= slots);
}

function slotsOfThree(major: number, minor: number): readonly number[] {
  if (major !== 3) return [];
  if (minor === 1) return [5, 100];
  return minor === 2 ? [10] : [];
}
