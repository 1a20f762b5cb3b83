/**
 * The firmware version, tag 80, as the card writes it (tangem-sdk-ios FirmwareVersion.swift).
 *
 *   major.minor[.patch]suffix     suffix: "r" or nothing = release, "d SDK" = developer,
 *                                 anything else = special
 *
 * Nothing signs it. Read strictly, so that no look-alike passes for a release.
 */
import { EvidenceError } from '../../errors/error.ts';

export interface FirmwareVersion {
  /** As the card wrote it: what the registry is asked about. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly kind: 'release' | 'developer' | 'special';
}

/** Cards of 2017 and early 2018 do not tell a version: the oldest rules hold for them. */
export const untold: FirmwareVersion = { text: '', major: 0, minor: 0, kind: 'special' };

/** @throws EvidenceError when the text does not begin with a version */
export function parseFirmware(text: string): FirmwareVersion {
  const match = /^(\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?(.{0,24})$/.exec(text);
  if (match === null) throw new EvidenceError('tag 80: a version like 6.33r expected');
  const [, major, minor, suffix = ''] = match;
  return { text, major: Number(major), minor: Number(minor), kind: kindOf(suffix) };
}

/** True when the version is the given one or a later one; the suffix does not count. */
export function isAtLeast(
  { major, minor }: FirmwareVersion,
  [otherMajor, otherMinor]: readonly [number, number],
): boolean {
  return major > otherMajor || (major === otherMajor && minor >= otherMinor);
}

function kindOf(suffix: string): FirmwareVersion['kind'] {
  if (suffix === '' || suffix === 'r') return 'release';
  return suffix === 'd SDK' ? 'developer' : 'special';
}
